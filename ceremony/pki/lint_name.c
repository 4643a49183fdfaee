/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on subject and issuer. */
#include <string.h>

#include "ceremony/pki/constraints.h"
#include "ceremony/pki/lint_internal.h"

typedef void attribute_check(struct lint_run *run, const struct name_attribute *attribute,
                             const char *where);

/* Every readable attribute of subject and issuer; a fault of structure ends a name. */
static void
each_attribute(struct lint_run *run, attribute_check *check)
{
    const struct der_item *names[] = {&run->object->subject, &run->object->issuer};
    static const char *const where[] = {"subject", "issuer"};
    for (size_t i = 0; i < 2; i++) {
        struct name_iterator iterator = {.rdns = names[i]->body};
        struct name_attribute attribute;
        bool more = true;
        while (names[i]->whole.p != NULL && more
               && name_next(&iterator, &attribute, &more) == NULL)
            if (more)
                check(run, &attribute, where[i]);
    }
}

static const char *
attribute_name(const struct name_attribute *attribute)
{
    return attribute->id == OID_UNKNOWN ? "an attribute" : lint_oid_name(attribute->id);
}

void
lint_name_structure(struct lint_run *run)
{
    const struct der_item *names[] = {&run->object->subject, &run->object->issuer};
    static const char *const where[] = {"subject", "issuer"};
    for (size_t i = 0; i < 2; i++) {
        struct name_iterator iterator = {.rdns = names[i]->body};
        struct name_attribute attribute;
        const char *fault = NULL;
        bool more = names[i]->whole.p != NULL;
        while (more && fault == NULL)
            fault = name_next(&iterator, &attribute, &more);
        lint_fault(run, where[i], fault);
        if (iterator.rdn_count > 32)
            lint_find(run, "%s: %zu parts, which no name of ours has", where[i],
                      iterator.rdn_count);
    }
}

static void
check_string(struct lint_run *run, const struct name_attribute *attribute, const char *where)
{
    const char *fault = der_check_string(attribute->value.tag, attribute->value.body);
    if (fault != NULL)
        lint_find(run, "%s, %s: %s", where, attribute_name(attribute), fault);
}

void
lint_name_string(struct lint_run *run)
{
    each_attribute(run, check_string);
}

static void
check_string_type(struct lint_run *run, const struct name_attribute *attribute,
                  const char *where)
{
    unsigned char tag = attribute->value.tag;
    bool ia5 = attribute->id == OID_DC || attribute->id == OID_EMAIL_ADDRESS;
    if (attribute->id != OID_UNKNOWN && tag != (ia5 ? DER_IA5_STRING : DER_UTF8_STRING)
        && (ia5 || tag != DER_PRINTABLE_STRING))
        lint_find(run, "%s, %s: another string type", where, attribute_name(attribute));
}

void
lint_name_string_type(struct lint_run *run)
{
    each_attribute(run, check_string_type);
}

static void
check_empty_value(struct lint_run *run, const struct name_attribute *attribute,
                  const char *where)
{
    if (attribute->value.body.len == 0)
        lint_find(run, "%s, %s: empty", where, attribute_name(attribute));
}

void
lint_name_empty_value(struct lint_run *run)
{
    each_attribute(run, check_empty_value);
}

/* Characters, not octets. */
static size_t
count_characters(const struct der_item *value)
{
    if (value->tag == DER_BMP_STRING)
        return value->body.len / 2;
    if (value->tag == DER_UNIVERSAL_STRING)
        return value->body.len / 4;
    size_t count = 0;
    for (size_t i = 0; i < value->body.len; i++)
        if (value->tag != DER_UTF8_STRING || (value->body.p[i] & 0xc0) != 0x80)
            count++;
    return count;
}

static void
check_length(struct lint_run *run, const struct name_attribute *attribute, const char *where)
{
    size_t bound = name_upper_bound(attribute->id);
    size_t count = count_characters(&attribute->value);
    if (bound > 0 && count > bound)
        lint_find(run, "%s, %s: %zu characters, at most %zu are allowed", where,
                  attribute_name(attribute), count, bound);
}

void
lint_name_length(struct lint_run *run)
{
    each_attribute(run, check_length);
}

static void
check_printable(struct lint_run *run, const struct name_attribute *attribute, const char *where)
{
    enum oid id = attribute->id;
    if (id != OID_C && id != OID_SERIAL_NUMBER && id != OID_DN_QUALIFIER)
        return;
    if (attribute->value.tag != DER_PRINTABLE_STRING)
        lint_find(run, "%s, %s: not a PrintableString", where, attribute_name(attribute));
    else if (id == OID_C && attribute->value.body.len != 2)
        lint_find(run, "%s, C: not two letters", where);
}

void
lint_name_printable(struct lint_run *run)
{
    each_attribute(run, check_printable);
}

static void
check_controls(struct lint_run *run, const struct name_attribute *attribute, const char *where)
{
    unsigned char tag = attribute->value.tag;
    if (tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING)
        return;
    for (size_t i = 0; i < attribute->value.body.len; i++) {
        unsigned char c = attribute->value.body.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            lint_find(run, "%s, %s: character 0x%02x", where, attribute_name(attribute), c);
            return;
        }
    }
}

void
lint_name_controls(struct lint_run *run)
{
    each_attribute(run, check_controls);
}

void
lint_name_multiple(struct lint_run *run)
{
    const struct der_item *names[] = {&run->object->subject, &run->object->issuer};
    for (size_t i = 0; i < 2; i++) {
        struct name_iterator iterator = {.rdns = names[i]->body};
        struct name_attribute attribute;
        bool more = names[i]->whole.p != NULL;
        while (more && name_next(&iterator, &attribute, &more) == NULL)
            if (more && iterator.set.len > 0) {
                lint_find(run, "%s: several attributes in one part",
                          i == 0 ? "subject" : "issuer");
                return;
            }
    }
}

void
lint_issuer_empty(struct lint_run *run)
{
    if (run->object->issuer.body.len == 0)
        lint_find(run, "the issuer's name is empty");
}

void
lint_issuer_mismatch(struct lint_run *run)
{
    if (!name_equal(run->object->issuer.whole, run->issuer->subject.whole))
        lint_find(run, "another issuer is named");
}

void
lint_issuer_bytes(struct lint_run *run)
{
    if (name_equal(run->object->issuer.whole, run->issuer->subject.whole)
        && !der_equal(run->object->issuer.whole, run->issuer->subject.whole))
        lint_find(run, "the same name in another encoding");
}

void
lint_issuer_usage(struct lint_run *run)
{
    bool crl = run->object->kind == KIND_CRL;
    bool ca = false;
    int64_t path_len = -1;
    unsigned usage = 0;
    bool limited = x509_has_key_usage(run->issuer, &usage);
    x509_basic_constraints(run->issuer, &ca, &path_len);
    if (run->issuer == run->object && !ca)
        return; /* a self-signed end entity vouches for no other */
    if (!crl && !ca)
        lint_find(run, "the issuer is not a CA");
    else if (limited && (usage & (crl ? PKI_KU_CRL_SIGN : PKI_KU_KEY_CERT_SIGN)) == 0)
        lint_find(run, "the issuer's key usage does not allow it");
}

void
lint_issuer_constraints(struct lint_run *run)
{
    AUTO_BYTES fault = {0};
    if (run->issuer == run->object)
        return;
    run->error = constraints_find(run->issuer, run->object, &fault);
    if (run->error == NULL && fault.len > 0)
        lint_find(run, "%s", bytes_text(&fault));
}

void
lint_subject_empty(struct lint_run *run)
{
    if (run->object->subject.body.len > 0)
        return;
    if (lint_is_ca(run))
        lint_find(run, "a CA without a subject");
    else if (lint_extension(run, OID_SUBJECT_ALT_NAME) == NULL)
        lint_find(run, "neither a subject nor alternative names");
}
