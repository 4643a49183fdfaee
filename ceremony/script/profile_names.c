/* SPDX-License-Identifier: Apache-2.0
 *
 * Names in profiles: a subject, and general names; each a list of "- type: value". */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/profile_read.h"

/* What the encoder knows; short names of RFC 4514 and X.520. */
static const char *const attribute_types[] = {
    "C",         "O",           "OU",     "CN",          "serialNumber",
    "L",         "ST",          "street", "postalCode",  "surname",
    "givenName", "title",       "DC",     "dnQualifier", "organizationIdentifier",
    "UID",       "emailAddress"};
static const char *const general_types[] = {"dns", "uri", "email", "ip", "dir-name"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool
is_listed(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static struct error *
check_type(struct yaml_file *file, struct yaml_node at, const char *type, const char *what,
           const char *const *known, size_t count)
{
    if (is_listed(type, known, count))
        return NULL;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(type, known, count, &advice));
    return yaml_fault(file, at, "unknown kind of %s '%s'%s", what, type, advice);
}

static struct error *
read_part(struct yaml_file *file, const char *key, struct yaml_node at, struct yaml_node value,
          void *self)
{
    struct pki_name *name = self;
    struct pki_name_part *part = yaml_grow(&name->parts, &name->count, sizeof *part);
    if (part == NULL)
        return error_memory();
    TRY(text_copy(key, &part->type));
    TRY(check_type(file, at, key, "name attribute", attribute_types, COUNT(attribute_types)));
    TRY(yaml_take_text(file, value, key, YAML_TEXT_MAX, false, &part->value));
    if (part->value == NULL)
        return text_copy("", &part->value);
    if (part->value[0] == '\0')
        return yaml_fault(file, value, "'%s' is empty", key);
    return NULL;
}

static struct error *
read_name_item(struct yaml_file *file, struct yaml_node item, void *self)
{
    return yaml_pairs(file, item, "a part of a subject", read_part, self);
}

struct error *
profile_read_name(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_items(file, node, "'subject'", read_name_item, target);
}

static struct error *
read_general(struct yaml_file *file, const char *key, struct yaml_node at,
             struct yaml_node value, void *self)
{
    struct pki_general_names *names = self;
    struct pki_general_name *name = yaml_grow(&names->items, &names->count, sizeof *name);
    if (name == NULL)
        return error_memory();
    TRY(text_copy(key, &name->type));
    if (!text_starts_with(key, "other:"))
        TRY(check_type(file, at, key, "alternative name", general_types, COUNT(general_types)));
    TRY(yaml_take_text(file, value, key, YAML_TEXT_MAX, false, &name->value));
    return name->value == NULL ? text_copy("", &name->value) : NULL;
}

static struct error *
read_general_item(struct yaml_file *file, struct yaml_node item, void *self)
{
    return yaml_pairs(file, item, "a name in such a list", read_general, self);
}

struct error *
profile_read_general_names(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_items(file, node, "a list of names", read_general_item, target);
}
