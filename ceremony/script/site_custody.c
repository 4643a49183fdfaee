/* SPDX-License-Identifier: Apache-2.0
 *
 * custody.yaml, confidential: custodians, share plans, holders, places, bags. (R12, R23, R74, R85) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

struct holder_lines {
    char *person;
    char *place;
};
static const struct yaml_row holder_rows[] = {
    YAML_ROW(struct holder_lines, person, "person", YAML_TEXT, YAML_REQUIRED,
             "a name of the roster"),
    YAML_ROW(struct holder_lines, place, "place", YAML_TEXT, 0, "where the share is kept"),
};
static const struct yaml_schema holder_schema = YAML_SCHEMA("a holder", holder_rows);

static struct error *
read_holder(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct share_group *group = self;
    if (group->count == SHARE_MEMBERS_MAX)
        return yaml_fault(file, item, "a group has at most %d holders", SHARE_MEMBERS_MAX);
    struct holder_lines lines = {0};
    struct error *error = yaml_record(file, item, &holder_schema, &lines);
    if (error == NULL) {
        group->holders[group->count++] = (struct share_holder){lines.person, lines.place};
        return NULL;
    }
    yaml_record_clear(&holder_schema, &lines);
    return error;
}

struct group_lines {
    char *name;
    unsigned threshold;
    struct share_group *group;
};

static struct error *
read_holders(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct share_group **group = target;
    return yaml_items(file, node, "'holders'", read_holder, *group);
}

static const struct yaml_row group_rows[] = {
    YAML_ROW(struct group_lines, name, "name", YAML_TEXT, YAML_REQUIRED, "the group's name"),
    YAML_ROW_NUMBER(struct group_lines, threshold, "threshold", YAML_REQUIRED,
                    "how many of its shares stand for the group", 1, SHARE_MEMBERS_MAX),
    YAML_ROW_WITH(struct group_lines, group, "holders", YAML_OWN, YAML_REQUIRED,
                  "who holds a share, and where", .read = read_holders),
};
static const struct yaml_schema group_schema = YAML_SCHEMA("a group", group_rows);

static struct error *
read_group(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct share_plan *plan = self;
    if (plan->group_count == SHARE_GROUPS_MAX)
        return yaml_fault(file, item, "a plan has at most %d groups", SHARE_GROUPS_MAX);
    struct share_group *group = &plan->groups[plan->group_count++];
    struct group_lines lines = {.group = group};
    struct error *error = yaml_record(file, item, &group_schema, &lines);
    group->name = lines.name;
    group->threshold = lines.threshold;
    return error;
}

struct plan_lines {
    unsigned group_threshold;
    struct share_plan *plan;
};

static struct error *
read_groups(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct share_plan **plan = target;
    return yaml_items(file, node, "'groups'", read_group, *plan);
}

static const struct yaml_row plan_rows[] = {
    YAML_ROW_NUMBER(struct plan_lines, group_threshold, "group-threshold", YAML_REQUIRED,
                    "how many groups recover the key", 1, SHARE_GROUPS_MAX),
    YAML_ROW_WITH(struct plan_lines, plan, "groups", YAML_OWN, YAML_REQUIRED, "the groups",
                  .read = read_groups),
};
static const struct yaml_schema plan_schema = YAML_SCHEMA("a share plan", plan_rows);

static struct error *
read_plan(struct yaml_file *file, const char *name, struct yaml_node at, struct yaml_node value,
          void *self)
{
    struct site *site = self;
    if (site->plan_count == SITE_PLANS_MAX)
        return yaml_fault(file, at, "more than %d share plans", SITE_PLANS_MAX);
    struct share_plan *plan = yaml_grow(&site->plans, &site->plan_count, sizeof *plan);
    if (plan == NULL)
        return error_memory();
    char *id = NULL;
    TRY(yaml_take_name(file, name, at, &id));
    plan->name = id;
    struct plan_lines lines = {.plan = plan};
    struct error *error = yaml_record(file, value, &plan_schema, &lines);
    plan->group_threshold = lines.group_threshold;
    return error;
}

struct custody_lines {
    char *salt;
    struct site *site;
    struct pki_texts bags;
};

static struct error *
read_plans(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return yaml_pairs(file, node, "'plans'", read_plan, *site);
}

static const struct yaml_row custody_rows[] = {
    {.key = "schema",
     .type = YAML_OWN,
     .flags = YAML_REQUIRED,
     .about = "the version of this format: 1",
     .read = yaml_read_schema_version},
    YAML_ROW(struct custody_lines, salt, "salt", YAML_SHA256, 0,
             "32 random bytes in hexadecimal, written by 'ceremony approve'"),
    YAML_ROW_WITH(struct custody_lines, site, "custodians", YAML_OWN, 0,
                  "the people who hold shares", .read = site_read_custodians),
    YAML_ROW_WITH(struct custody_lines, site, "plans", YAML_OWN, YAML_REQUIRED,
                  "a plan for each share set of the script", .read = read_plans),
    YAML_ROW(struct custody_lines, bags, "bags", YAML_TEXTS, 0,
             "the numbers of the bags at hand"),
};
static const struct yaml_schema custody_schema = YAML_SCHEMA("custody.yaml", custody_rows);

struct error *
site_read_custody(struct yaml_file *file, struct site *site)
{
    struct custody_lines lines = {.site = site};
    struct error *error = yaml_record(file, yaml_root(file), &custody_schema, &lines);
    site->bags = lines.bags;
    if (lines.salt != NULL && strlen(lines.salt) < sizeof site->custody_salt)
        memcpy(site->custody_salt, lines.salt, strlen(lines.salt) + 1);
    free(lines.salt);
    return error;
}

static void
clear_group(struct share_group *group)
{
    site_free_text(group->name);
    for (size_t i = 0; i < group->count; i++) {
        site_free_text(group->holders[i].person);
        site_free_text(group->holders[i].place);
    }
}

void
site_clear_custody(struct site *site)
{
    for (size_t i = 0; i < site->plan_count; i++) {
        site_free_text(site->plans[i].name);
        for (size_t g = 0; g < site->plans[i].group_count; g++)
            clear_group(&site->plans[i].groups[g]);
    }
    free(site->plans);
    for (size_t i = 0; i < site->bags.count; i++)
        free(site->bags.items[i]);
    free(site->bags.items);
}
