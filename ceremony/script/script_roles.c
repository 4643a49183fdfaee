/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/script_read.h"

/* A role as it stands in the file. */
struct role_lines {
    char *people;
    char *duty;
    struct pki_texts apart_from;
};

static const struct yaml_row role_rows[] = {
    YAML_ROW(struct role_lines, people, "people", YAML_TEXT, YAML_REQUIRED,
             "how many: '2', '2..' (two or more) or '1..3'"),
    YAML_ROW(struct role_lines, duty, "duty", YAML_TEXT, YAML_REQUIRED,
             "what people with this role do"),
    YAML_ROW(struct role_lines, apart_from, "apart-from", YAML_TEXTS, 0,
             "roles that the same person must not have"),
};
static const struct yaml_schema role_schema = YAML_SCHEMA("a role", role_rows);

/* "2", "2..", "1..3"; false if it is none of these. */
static bool
parse_people(const char *text, unsigned *ret_min, unsigned *ret_max)
{
    static const char digits[] = "0123456789";
    size_t first = strspn(text, digits);
    if (first == 0 || first > 2)
        return false;
    unsigned min = (unsigned)strtoul(text, NULL, 10);
    unsigned max = min;
    const char *rest = text + first;
    if (text_starts_with(rest, "..")) {
        rest += 2;
        size_t second = strspn(rest, digits);
        max = second == 0 ? 0 : (unsigned)strtoul(rest, NULL, 10);
        if (second > 2 || (second > 0 && max < min))
            return false;
        rest += second;
    }
    if (*rest != '\0' || (max == 0 && rest == text + first) || max > ROSTER_PEOPLE_MAX
        || min > ROSTER_PEOPLE_MAX)
        return false;
    *ret_min = min;
    *ret_max = max;
    return true;
}

static struct error *
keep_role(struct yaml_file *file, struct yaml_node value, const struct script *script,
          struct role_lines *lines, struct role *role)
{
    if (lines->people[0] != '\0'
        && !parse_people(lines->people, &role->people_min, &role->people_max))
        TRY(places_fault(script->places, yaml_faults(file), yaml_name(file), lines->people,
                         "'%s' is no number of people: write '2', '2..' or '1..3'",
                         lines->people));
    if (lines->apart_from.count > ROSTER_ROLES_MAX)
        return yaml_fault(file, value, "'apart-from' names more than %d roles",
                          ROSTER_ROLES_MAX);
    for (size_t i = 0; i < lines->apart_from.count; i++)
        role->apart_from[role->apart_count++] = TAKE(lines->apart_from.items[i]);
    role->duty = TAKE(lines->duty);
    return NULL;
}

static struct error *
read_role(struct yaml_file *file, const char *key, struct yaml_node at, struct yaml_node value,
          void *self)
{
    struct script *script = self;
    for (size_t i = 0; i < script->role_count; i++)
        if (strcmp(script->roles[i].id, key) == 0)
            return NULL; /* a duplicate, refused already */
    if (script->role_count == ROSTER_ROLES_MAX)
        return yaml_fault(file, at, "more than %d roles", ROSTER_ROLES_MAX);
    char *id = NULL;
    TRY(yaml_take_name(file, key, at, &id));
    struct role *role = &script->roles[script->role_count++];
    *role = (struct role){.id = id};
    struct role_lines lines = {0};
    struct error *error = yaml_record(file, value, &role_schema, &lines);
    if (error == NULL)
        error = keep_role(file, value, script, &lines, role);
    yaml_record_clear(&role_schema, &lines);
    return error;
}

struct error *
script_read_roles(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'roles'", read_role, target);
}

/* The header lends the texts as const; here they were made. */
static void
free_owned(const char *text)
{
    char *owned = NULL;
    memcpy(&owned, &text, sizeof owned);
    free(owned);
}

void
script_clear_roles(struct script *script)
{
    for (size_t i = 0; i < script->role_count; i++) {
        struct role *role = &script->roles[i];
        free_owned(role->id);
        free_owned(role->duty);
        for (size_t j = 0; j < role->apart_count; j++)
            free_owned(role->apart_from[j]);
    }
    script->role_count = 0;
}
