/* SPDX-License-Identifier: Apache-2.0
 *
 * roster.yaml: the people, their roles, and how they sign off. (R11) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

/* A person as it stands in the file. */
struct person_lines {
    char *name;
    char *organisation;
    char *document;
    struct pki_texts roles;
    char *sign_off;
    char *certificate;
    char *key;
    char *token;
};

static const char *const sign_offs[] = {"wet-ink", "certificate", NULL};

static const struct yaml_row person_rows[] = {
    YAML_ROW(struct person_lines, name, "name", YAML_TEXT, YAML_REQUIRED, "the person's name"),
    YAML_ROW(struct person_lines, organisation, "organisation", YAML_TEXT, YAML_REQUIRED,
             "whom the person stands for"),
    YAML_ROW(struct person_lines, document, "document", YAML_TEXT, YAML_REQUIRED,
             "the kind of document that proves who it is, never its number"),
    YAML_ROW(struct person_lines, roles, "roles", YAML_TEXTS, YAML_REQUIRED,
             "the person's roles"),
    YAML_ROW_WITH(struct person_lines, sign_off, "sign-off", YAML_TEXT, YAML_REQUIRED,
                  "wet-ink or certificate", .allowed = sign_offs),
    YAML_ROW(struct person_lines, certificate, "sign-off-certificate", YAML_TEXT, 0,
             "a file beside this one"),
    YAML_ROW(struct person_lines, key, "sign-off-key", YAML_TEXT, 0,
             "a file beside this one (rehearsal only)"),
    YAML_ROW(struct person_lines, token, "sign-off-token", YAML_TEXT, 0,
             "the person's own token, as environment.yaml names it"),
};
static const struct yaml_schema person_schema = YAML_SCHEMA("a person", person_rows);

void
site_free_text(const char *text)
{
    char *owned = NULL;
    memcpy(&owned, &text, sizeof owned);
    free(owned);
}

static struct error *
check_sign_off(struct yaml_file *file, struct yaml_node item, const struct person_lines *lines)
{
    bool certificate = strcmp(lines->sign_off, "certificate") == 0;
    if (certificate && lines->certificate[0] == '\0')
        TRY(yaml_fault(file, item,
                       "%s signs off by certificate, but has no 'sign-off-certificate'",
                       lines->name));
    if (certificate && (lines->key[0] == '\0') == (lines->token[0] == '\0'))
        TRY(yaml_fault(
            file, item,
            "%s signs off by certificate, and needs either a 'sign-off-token' or, in a "
            "rehearsal, a 'sign-off-key'",
            lines->name));
    if (!certificate
        && (lines->certificate[0] != '\0' || lines->key[0] != '\0' || lines->token[0] != '\0'))
        TRY(yaml_fault(file, item, "%s signs off in wet ink, and needs no certificate or key",
                       lines->name));
    if ((lines->certificate[0] != '\0' && !yaml_is_inner_path(lines->certificate))
        || (lines->key[0] != '\0' && !yaml_is_inner_path(lines->key)))
        TRY(yaml_fault(file, item, "the files of %s must lie in the site folder", lines->name));
    return NULL;
}

#define NAME_MAX_BYTES 90

static struct error *
keep_person(struct yaml_file *file, struct yaml_node item, struct person_lines *lines,
            struct person *person)
{
    TRY(check_sign_off(file, item, lines));
    if (strlen(lines->name) > NAME_MAX_BYTES)
        return yaml_fault(
            file, item,
            "the name \"%s\" has %zu bytes, and at most %d are shown and recorded whole; letters "
            "with accents and of other scripts have two or three",
            lines->name, strlen(lines->name), NAME_MAX_BYTES);
    if (lines->roles.count > ROSTER_ROLES_MAX)
        return yaml_fault(file, item, "%s has more than %d roles", lines->name,
                          ROSTER_ROLES_MAX);
    person->wet_ink = strcmp(lines->sign_off, "wet-ink") == 0;
    person->name = TAKE(lines->name);
    person->organisation = TAKE(lines->organisation);
    person->document = TAKE(lines->document);
    person->sign_off_certificate = TAKE(lines->certificate);
    person->sign_off_key = TAKE(lines->key);
    person->sign_off_token = TAKE(lines->token);
    for (size_t i = 0; i < lines->roles.count; i++)
        person->roles[person->role_count++] = TAKE(lines->roles.items[i]);
    return NULL;
}

/* Custodians' names are confidential (R85), so they stand in custody.yaml, and only they do. */
static struct error *
check_where(struct yaml_file *file, struct yaml_node item, const struct person *person,
            bool in_custody)
{
    bool custodian = person_has_role(person, "custodian");
    if (custodian && !in_custody)
        return yaml_fault(file, item,
                          "%s is a custodian: custodians are confidential, and stand under "
                          "'custodians' in custody.yaml",
                          person->name);
    if (!custodian && in_custody)
        return yaml_fault(file, item, "%s is no custodian, and belongs into roster.yaml",
                          person->name);
    return NULL;
}

static struct error *
add_person(struct yaml_file *file, struct yaml_node item, struct site *site, bool in_custody)
{
    if (site->roster.people_count == ROSTER_PEOPLE_MAX)
        return yaml_fault(file, item, "more than %d people", ROSTER_PEOPLE_MAX);
    struct person_lines lines = {0};
    struct error *error = yaml_record(file, item, &person_schema, &lines);
    struct person person = {0};
    if (error == NULL)
        error = keep_person(file, item, &lines, &person);
    yaml_record_clear(&person_schema, &lines);
    if (error == NULL && person.name != NULL) {
        site->roster.people[site->roster.people_count++] = person;
        error = check_where(file, item, &person, in_custody);
    }
    return error;
}

static struct error *
read_person(struct yaml_file *file, struct yaml_node item, void *self)
{
    return add_person(file, item, self, false);
}

static struct error *
read_custodian(struct yaml_file *file, struct yaml_node item, void *self)
{
    return add_person(file, item, self, true);
}

struct error *
site_read_custodians(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return yaml_items(file, node, "'custodians'", read_custodian, *site);
}

static struct error *
read_people(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return yaml_items(file, node, "'people'", read_person, *site);
}

struct roster_lines {
    struct site *site;
};

static const struct yaml_row roster_rows[] = {
    {.key = "schema",
     .type = YAML_OWN,
     .flags = YAML_REQUIRED,
     .about = "the version of this format: 1",
     .read = yaml_read_schema_version},
    YAML_ROW_WITH(struct roster_lines, site, "people", YAML_OWN, YAML_REQUIRED,
                  "who takes part", .read = read_people),
};
static const struct yaml_schema roster_schema = YAML_SCHEMA("roster.yaml", roster_rows);

struct error *
site_read_roster(struct yaml_file *file, struct site *site)
{
    struct roster_lines lines = {site};
    return yaml_record(file, yaml_root(file), &roster_schema, &lines);
}

static struct error *
copy_lent(const char *text, const char **ret_text)
{
    char *copy = NULL;
    TRY(text_copy(text, &copy));
    *ret_text = copy;
    return NULL;
}

struct error *
site_copy_roles(struct site *site, const struct script *script)
{
    for (size_t i = 0; i < script->role_count; i++) {
        const struct role *from = &script->roles[i];
        struct role *to = &site->roster.roles[site->roster.role_count++];
        *to = (struct role){.people_min = from->people_min, .people_max = from->people_max};
        TRY(copy_lent(from->id, &to->id));
        TRY(copy_lent(from->duty, &to->duty));
        for (size_t j = 0; j < from->apart_count; j++) {
            TRY(copy_lent(from->apart_from[j], &to->apart_from[j]));
            to->apart_count++;
        }
    }
    return NULL;
}

void
site_clear_roster(struct site *site)
{
    for (size_t i = 0; i < site->roster.people_count; i++) {
        struct person *person = &site->roster.people[i];
        site_free_text(person->name);
        site_free_text(person->organisation);
        site_free_text(person->document);
        site_free_text(person->sign_off_certificate);
        site_free_text(person->sign_off_key);
        site_free_text(person->sign_off_token);
        for (size_t r = 0; r < person->role_count; r++)
            site_free_text(person->roles[r]);
    }
    for (size_t i = 0; i < site->roster.role_count; i++) {
        struct role *role = &site->roster.roles[i];
        site_free_text(role->id);
        site_free_text(role->duty);
        for (size_t j = 0; j < role->apart_count; j++)
            site_free_text(role->apart_from[j]);
    }
}
