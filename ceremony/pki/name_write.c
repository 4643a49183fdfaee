/* SPDX-License-Identifier: Apache-2.0
 *
 * Names from profiles (R48). */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/name.h"

struct attribute_rule {
    enum oid id;
    unsigned char tag;
    size_t bound; /* RFC 5280 appendix A; 0: none */
};

static const struct attribute_rule rules[] = {
    {OID_C,                       DER_PRINTABLE_STRING, 2    },
    {OID_O,                       DER_UTF8_STRING,      64   },
    {OID_OU,                      DER_UTF8_STRING,      64   },
    {OID_CN,                      DER_UTF8_STRING,      64   },
    {OID_SERIAL_NUMBER,           DER_PRINTABLE_STRING, 64   },
    {OID_L,                       DER_UTF8_STRING,      128  },
    {OID_ST,                      DER_UTF8_STRING,      128  },
    {OID_STREET,                  DER_UTF8_STRING,      128  },
    {OID_POSTAL_CODE,             DER_UTF8_STRING,      40   },
    {OID_SURNAME,                 DER_UTF8_STRING,      32768},
    {OID_GIVEN_NAME,              DER_UTF8_STRING,      32768},
    {OID_TITLE,                   DER_UTF8_STRING,      64   },
    {OID_DN_QUALIFIER,            DER_PRINTABLE_STRING, 0    },
    {OID_PSEUDONYM,               DER_UTF8_STRING,      128  },
    {OID_ORGANIZATION_IDENTIFIER, DER_UTF8_STRING,      0    },
    {OID_DC,                      DER_IA5_STRING,       0    },
    {OID_UID,                     DER_UTF8_STRING,      256  },
    {OID_EMAIL_ADDRESS,           DER_IA5_STRING,       255  },
};

static const struct attribute_rule *
find_rule(enum oid id)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].id == id)
            return &rules[i];
    return NULL;
}

size_t
name_upper_bound(enum oid id)
{
    const struct attribute_rule *rule = find_rule(id);
    return rule == NULL ? 0 : rule->bound;
}

static size_t
count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        if ((*text & 0xc0) != 0x80)
            count++;
    return count;
}

/* "C" wants two capital letters; lower case would be another country's nonsense. */
static bool
is_country(const char *value)
{
    return strlen(value) == 2 && value[0] >= 'A' && value[0] <= 'Z' && value[1] >= 'A'
           && value[1] <= 'Z';
}

static struct error *
put_attribute(struct bytes *out, const char *type, const char *value)
{
    enum oid id = oid_find(type);
    const struct attribute_rule *rule = find_rule(id);
    if (rule == NULL)
        return ERROR(ERROR_INPUT, "the name attribute \"%s\" is not known", type);
    if (value[0] == '\0')
        return ERROR(ERROR_INPUT, "the name attribute \"%s\" is empty", type);
    const char *fault = der_check_string(rule->tag, der_view(value, strlen(value)));
    if (fault == NULL && rule->tag == DER_UTF8_STRING)
        for (const char *p = value; *p != '\0'; p++)
            if ((unsigned char)*p < 0x20 || *p == 0x7f)
                fault = "control character";
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the name attribute \"%s\" cannot be encoded: %s", type,
                     fault);
    if (id == OID_C && !is_country(value))
        return ERROR(ERROR_INPUT, "the country must be two capital letters");
    if (rule->bound > 0 && count_characters(value) > rule->bound)
        return ERROR(ERROR_INPUT, "the name attribute \"%s\" is longer than %zu characters",
                     type, rule->bound);
    size_t set = out->len;
    TRY(oid_put(out, id));
    TRY(der_put_text(out, rule->tag, value));
    TRY(der_close(out, set, DER_SEQUENCE));
    return der_close(out, set, DER_SET);
}

#define NAME_UNMARKED                                                                          \
    "the name has neither a common name (CN) nor an organisation (O), so it cannot be marked " \
    "as practice"

/* The type that carries the mark, or NULL. */
static const char *
marked_type(const struct pki_name *name)
{
    static const char *const types[] = {"CN", "O"};

    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < name->count; i++)
            if (strcmp(name->parts[i].type, types[t]) == 0)
                return types[t];
    return NULL;
}

bool
name_can_be_marked(const struct pki_name *name)
{
    return marked_type(name) != NULL;
}

bool
name_is_marked(struct der name)
{
    struct der_item outer;
    struct name_attribute attribute;
    bool more = false;
    if (der_only(name, DER_SEQUENCE, &outer) != NULL)
        return false;
    struct name_iterator names = {.rdns = outer.body};
    while (name_next(&names, &attribute, &more) == NULL && more)
        if ((attribute.id == OID_CN || attribute.id == OID_O)
            && attribute.value.body.len > strlen(NAME_PRACTICE_MARK)
            && memcmp(attribute.value.body.p, NAME_PRACTICE_MARK, strlen(NAME_PRACTICE_MARK))
                   == 0)
            return true;
    return false;
}

struct error *
name_put(struct bytes *out, const struct pki_name *name, bool practice)
{
    size_t start = out->len;
    const char *type = practice ? marked_type(name) : NULL;
    if (practice && type == NULL)
        return ERROR(ERROR_REFUSED, NAME_UNMARKED);
    for (size_t i = 0; i < name->count; i++) {
        const struct pki_name_part *part = &name->parts[i];
        bool mark = type != NULL && strcmp(part->type, type) == 0;
        AUTO_FREE char *value = NULL;
        if (part->value == NULL)
            return ERROR(ERROR_INPUT, "the name attribute \"%s\" has no value yet", part->type);
        TRY(text_format(&value, "%s%s", mark ? NAME_PRACTICE_MARK : "", part->value));
        TRY(put_attribute(out, part->type, value));
        type = mark ? NULL : type;
    }
    return der_close(out, start, DER_SEQUENCE);
}

/* The next part of such a text: its type, with the value behind the zero. `*ret_end`: there is none. */
static struct error *
next_text_part(const char **at, struct bytes *part, const char **ret_value, bool *ret_end)
{
    const char *text = *at;
    part->len = 0;
    *ret_end = *text == '\0';
    if (*ret_end)
        return NULL;
    while (*text == ' ')
        text++;
    for (; *text != '\0' && *text != ','; text++) {
        if (*text == '\\' && text[1] != '\0')
            text++;
        TRY(bytes_append_char(part, *text));
    }
    *at = *text == ',' ? text + 1 : text;
    char *equals = part->len == 0 ? NULL : strchr((char *)part->data, '=');
    if (equals == NULL)
        return ERROR(ERROR_INPUT, "\"%s\" is not a name part such as O=Example",
                     bytes_text(part));
    *equals = '\0';
    *ret_value = equals + 1;
    return NULL;
}

/* As marked_type. */
static struct error *
marked_type_of_text(const char *text, const char **ret_type)
{
    AUTO_BYTES part = {0};
    const char *value = NULL;
    bool end = false;
    *ret_type = NULL;
    for (;;) {
        TRY(next_text_part(&text, &part, &value, &end));
        if (end)
            break;
        if (strcmp((char *)part.data, "CN") == 0)
            *ret_type = "CN";
        else if (*ret_type == NULL && strcmp((char *)part.data, "O") == 0)
            *ret_type = "O";
    }
    if (*ret_type == NULL)
        return ERROR(ERROR_REFUSED, NAME_UNMARKED);
    return NULL;
}

struct error *
name_put_text(struct bytes *out, const char *text, bool practice)
{
    AUTO_BYTES part = {0};
    size_t start = out->len;
    const char *type = NULL;
    if (practice)
        TRY(marked_type_of_text(text, &type));
    for (;;) {
        AUTO_FREE char *marked = NULL;
        const char *value = NULL;
        bool end = false;
        TRY(next_text_part(&text, &part, &value, &end));
        if (end)
            return der_close(out, start, DER_SEQUENCE);
        bool mark = type != NULL && strcmp((char *)part.data, type) == 0;
        TRY(text_format(&marked, "%s%s", mark ? NAME_PRACTICE_MARK : "", value));
        TRY(put_attribute(out, (char *)part.data, marked));
        type = mark ? NULL : type;
    }
}
