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
static const char *const general_types[] = {"dns",         "uri",      "email",          "ip",
                                            "mac-address", "dir-name", "hardware-module"};
#define REQUEST_TYPES 4 /* of these, from the first */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool
is_listed(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

bool
profile_is_attribute(const char *type)
{
    return is_listed(type, attribute_types, COUNT(attribute_types));
}

bool
profile_is_request_name(const char *type)
{
    return is_listed(type, general_types, REQUEST_TYPES);
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
    TRY(profile_read_value(file, value, key, &part->value, &part->field));
    if (part->value != NULL && part->value[0] == '\0' && yaml_is_scalar(value))
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

/* One of `serial` and `text` is the serial number: octets in hexadecimal, or a text's octets. */
struct hardware_lines {
    struct pki_general_name *name;
    char *type;
    bool has_serial;
    bool has_text;
};

static struct error *
read_serial(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct hardware_lines *lines = target;
    if (lines->has_serial || lines->has_text)
        return NULL; /* one of both: told below */
    return profile_read_value(file, node, "'serial'", &lines->name->value, &lines->name->field);
}

static struct error *
read_hardware_serial(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct hardware_lines *lines = target;
    TRY(read_serial(file, node, target));
    lines->has_serial = true;
    return NULL;
}

static struct error *
read_hardware_text(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct hardware_lines *lines = target;
    TRY(read_serial(file, node, target));
    lines->has_text = true;
    return NULL;
}

static const struct yaml_row hardware_rows[] = {
    YAML_ROW(struct hardware_lines, type, "type", YAML_TEXT, YAML_REQUIRED,
             "hwType, an object identifier"),
    {.key = "serial",
       .type = YAML_OWN,
       .about = "hwSerialNum, in hexadecimal",
       .read = read_hardware_serial},
    {.key = "text",
       .type = YAML_OWN,
       .about = "hwSerialNum, as text",
       .read = read_hardware_text  },
};
static const struct yaml_schema hardware_schema =
    YAML_SCHEMA("'hardware-module'", hardware_rows);

static struct error *
read_hardware(struct yaml_file *file, struct yaml_node value, struct pki_general_name *name)
{
    struct hardware_lines lines = {.name = name};
    struct error *error = yaml_record(file, value, &hardware_schema, &lines);
    name->hardware_type = TAKE(lines.type);
    name->serial_is_text = lines.has_text;
    yaml_record_clear(&hardware_schema, &lines);
    if (error == NULL && yaml_is_mapping(value) && lines.has_serial == lines.has_text)
        error = yaml_fault(file, value,
                           "'hardware-module' needs exactly one of 'serial' and 'text'");
    if (error == NULL && name->value == NULL && name->field == NULL)
        error = text_copy("", &name->value);
    return error;
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
    if (strcmp(key, "hardware-module") == 0)
        return read_hardware(file, value, name);
    return profile_read_value(file, value, key, &name->value, &name->field);
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
