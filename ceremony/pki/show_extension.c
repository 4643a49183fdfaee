/* SPDX-License-Identifier: Apache-2.0
 *
 * Extensions in words. Each row appends the meaning or says "cannot be read"; what has no row is
 * shown as its object identifier and all its octets. */
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/show_internal.h"

static struct error *
append_basic_constraints(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    struct der_item item;
    int64_t path_len = -1;
    bool ca = false;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    if (*ret_fault == NULL && der_is_next(outer.body, DER_BOOLEAN)) {
        *ret_fault = der_next(&outer.body, &item);
        ca = *ret_fault == NULL && item.body.len == 1 && item.body.p[0] != 0;
    }
    if (*ret_fault == NULL && outer.body.len > 0) {
        *ret_fault = der_expect(&outer.body, DER_INTEGER, &item);
        if (*ret_fault == NULL)
            *ret_fault = der_small_integer(item.body, &path_len);
    }
    if (*ret_fault != NULL)
        return NULL;
    TRY(bytes_append_text(out, ca ? "CA" : "not a CA"));
    if (path_len >= 0)
        return bytes_format(out, ", path length %lld", (long long)path_len);
    return bytes_append_text(out, ca ? ", no path length" : "");
}

static struct error *
append_key_usage(struct bytes *out, struct der value, const char **ret_fault)
{
    static const char *const names[] = {
        "digital signature", "non-repudiation", "key encipherment",
        "data encipherment", "key agreement",   "certificate signing",
        "CRL signing",       "encipher only",   "decipher only"};
    struct der_item bits;
    *ret_fault = der_only(value, DER_BIT_STRING, &bits);
    if (*ret_fault == NULL)
        *ret_fault = der_check_bit_string(bits.body);
    if (*ret_fault != NULL)
        return NULL;
    bool any = false;
    for (size_t bit = 0; bit / 8 + 1 < bits.body.len; bit++) {
        if ((bits.body.p[1 + bit / 8] & (0x80U >> (bit % 8))) == 0)
            continue;
        TRY(bytes_append_text(out, any ? ", " : ""));
        if (bit < sizeof names / sizeof names[0])
            TRY(bytes_append_text(out, names[bit]));
        else
            TRY(bytes_format(out, "unknown use %zu", bit));
        any = true;
    }
    return any ? NULL : bytes_append_text(out, "none");
}

static struct error *
append_hex_of(struct bytes *out, struct der value, unsigned char tag, const char **ret_fault)
{
    struct der_item item;
    *ret_fault = der_only(value, tag, &item);
    return *ret_fault != NULL ? NULL : show_append_hex(out, item.body);
}

static struct error *
append_subject_key(struct bytes *out, struct der value, const char **ret_fault)
{
    return append_hex_of(out, value, DER_OCTET_STRING, ret_fault);
}

static struct error *
append_authority_key(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    struct der_item item;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    if (*ret_fault != NULL)
        return NULL;
    while (outer.body.len > 0) {
        *ret_fault = der_next(&outer.body, &item);
        if (*ret_fault != NULL)
            return NULL;
        TRY(bytes_append_text(out, item.tag == DER_CONTEXT_C(1) ? " issuer "
                                   : item.tag == DER_CONTEXT(2) ? " serial "
                                                                : ""));
        if (item.tag == DER_CONTEXT_C(1)) {
            struct der_item name;
            *ret_fault = der_next(&item.body, &name);
            if (*ret_fault != NULL)
                return NULL;
            TRY(general_name_append(out, &name, false));
        } else
            TRY(show_append_hex(out, item.body));
    }
    return NULL;
}

static struct error *
append_general_names(struct bytes *out, struct der names, const char **ret_fault)
{
    struct der_item name;
    bool first = true;
    while (names.len > 0) {
        *ret_fault = der_next(&names, &name);
        if (*ret_fault != NULL)
            return NULL;
        TRY(bytes_append_text(out, first ? "" : ", "));
        TRY(general_name_append(out, &name, false));
        first = false;
    }
    return NULL;
}

static struct error *
append_alt_names(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    return *ret_fault != NULL ? NULL : append_general_names(out, outer.body, ret_fault);
}

static struct error *
append_purposes(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    struct der_item oid;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        *ret_fault = der_expect(&outer.body, DER_OID, &oid);
        if (*ret_fault != NULL)
            return NULL;
        TRY(oid_append_name(out, oid.body));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

/* DistributionPointName: only full names are put into words. */
static struct error *
append_point_name(struct bytes *out, struct der point, const char **ret_fault)
{
    struct der_item wrapper;
    struct der_item names;
    *ret_fault = der_next(&point, &wrapper);
    if (*ret_fault == NULL && wrapper.tag != DER_CONTEXT_C(0))
        return bytes_append_text(out, "(a point without a name)");
    if (*ret_fault == NULL)
        *ret_fault = der_only(wrapper.body, DER_CONTEXT_C(0), &names);
    if (*ret_fault != NULL)
        return NULL;
    return append_general_names(out, names.body, ret_fault);
}

/* DistributionPoint: its name, the reasons it is limited to, who signs it. */
static struct error *
append_point(struct bytes *out, struct der point, const char **ret_fault)
{
    struct der_item item;
    if (der_is_next(point, DER_CONTEXT_C(0))) {
        TRY(append_point_name(out, point, ret_fault));
        if (*ret_fault != NULL || der_next(&point, &item) != NULL)
            return NULL;
    } else
        TRY(bytes_append_text(out, "(a point without a name)"));
    if (der_is_next(point, DER_CONTEXT(1)) && der_next(&point, &item) == NULL)
        TRY(bytes_append_text(out, " for some reasons only"));
    if (der_is_next(point, DER_CONTEXT_C(2)) && der_next(&point, &item) == NULL) {
        TRY(bytes_append_text(out, " signed by "));
        TRY(append_general_names(out, item.body, ret_fault));
    }
    return NULL;
}

static struct error *
append_points(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    struct der_item point;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        *ret_fault = der_expect(&outer.body, DER_SEQUENCE, &point);
        if (*ret_fault != NULL)
            return NULL;
        TRY(append_point(out, point.body, ret_fault));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

static struct error *
append_access(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        struct der_item entry;
        struct der_item method;
        struct der_item place;
        *ret_fault = der_expect(&outer.body, DER_SEQUENCE, &entry);
        if (*ret_fault == NULL)
            *ret_fault = der_expect(&entry.body, DER_OID, &method);
        if (*ret_fault == NULL)
            *ret_fault = der_next(&entry.body, &place);
        if (*ret_fault != NULL)
            return NULL;
        TRY(oid_append_name(out, method.body));
        TRY(bytes_append_char(out, ' '));
        TRY(general_name_append(out, &place, false));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

static struct error *
append_null(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item item;
    *ret_fault = der_only(value, DER_NULL, &item);
    return *ret_fault != NULL ? NULL : bytes_append_text(out, "yes");
}

static struct error *
append_number(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item item;
    int64_t number = 0;
    *ret_fault = der_only(value, DER_INTEGER, &item);
    if (*ret_fault == NULL)
        *ret_fault = der_check_integer(item.body);
    if (*ret_fault != NULL)
        return NULL;
    if (der_small_integer(item.body, &number) == NULL)
        return bytes_format(out, "%lld", (long long)number);
    TRY(bytes_append_text(out, "0x"));
    return show_append_hex(out, item.body);
}

static struct error *
append_issuing_point(struct bytes *out, struct der value, const char **ret_fault)
{
    static const char *const flags[] = {
        "",         "only user certificates",     "only CA certificates", "only some reasons",
        "indirect", "only attribute certificates"};
    struct der_item outer;
    struct der_item item;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        struct der before = outer.body;
        *ret_fault = der_next(&outer.body, &item);
        if (*ret_fault != NULL)
            return NULL;
        if (item.tag == DER_CONTEXT_C(0))
            TRY(append_point_name(out, before, ret_fault));
        else if ((item.tag & 0x1f) < 6)
            TRY(bytes_append_text(out, flags[item.tag & 0x1f]));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

static const struct {
    enum oid oid;
    const char *label;
    show_append_function *append;
} rows[] = {
    {OID_BASIC_CONSTRAINTS,          "Constraints",  append_basic_constraints      },
    {OID_KEY_USAGE,                  "Usage",        append_key_usage              },
    {OID_EXT_KEY_USAGE,              "Purposes",     append_purposes               },
    {OID_SUBJECT_KEY_IDENTIFIER,     "Key id",       append_subject_key            },
    {OID_AUTHORITY_KEY_IDENTIFIER,   "Issuer key",   append_authority_key          },
    {OID_SUBJECT_ALT_NAME,           "Other names",  append_alt_names              },
    {OID_ISSUER_ALT_NAME,            "Issuer names", append_alt_names              },
    {OID_CERTIFICATE_POLICIES,       "Policies",     show_append_policies          },
    {OID_CRL_DISTRIBUTION_POINTS,    "CRLs at",      append_points                 },
    {OID_FRESHEST_CRL,               "Delta CRLs",   append_points                 },
    {OID_AUTHORITY_INFO_ACCESS,      "Authority",    append_access                 },
    {OID_SUBJECT_INFO_ACCESS,        "Services",     append_access                 },
    {OID_NAME_CONSTRAINTS,           "Limits",       show_append_name_constraints  },
    {OID_POLICY_CONSTRAINTS,         "Policy lim.",  show_append_policy_constraints},
    {OID_POLICY_MAPPINGS,            "Policy map",   show_append_policy_mappings   },
    {OID_OCSP_NO_CHECK,              "OCSP nocheck", append_null                   },
    {OID_NO_REV_AVAIL,               "No revoking",  append_null                   },
    {OID_CRL_NUMBER,                 "CRL number",   append_number                 },
    {OID_DELTA_CRL_INDICATOR,        "Delta to",     append_number                 },
    {OID_INHIBIT_ANY_POLICY,         "No any-pol.",  append_number                 },
    {OID_ISSUING_DISTRIBUTION_POINT, "Scope",        append_issuing_point          },
};

static struct error *
show_unknown(struct show *show, const struct x509_extension *extension, const char *fault)
{
    AUTO_BYTES text = {0};
    TRY(oid_append_dotted(&text, extension->oid));
    TRY(bytes_append_text(&text, extension->critical ? " (critical) " : " "));
    if (fault != NULL)
        TRY(bytes_format(&text, "(cannot be read: %s) ", fault));
    TRY(show_append_hex(&text, extension->value));
    return show_line(show, "Extension", bytes_text(&text));
}

struct error *
show_extension(struct show *show, const struct x509_extension *extension)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].oid != extension->id)
            continue;
        AUTO_BYTES text = {0};
        const char *fault = NULL;
        TRY(rows[i].append(&text, extension->value, &fault));
        if (fault != NULL)
            return show_unknown(show, extension, fault);
        TRY(bytes_append_text(&text, extension->critical ? " (critical)" : ""));
        return show_line(show, rows[i].label, bytes_text(&text));
    }
    return show_unknown(show, extension, NULL);
}
