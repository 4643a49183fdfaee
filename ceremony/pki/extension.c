/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/extension.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/oid.h"

struct error *
extension_close(struct bytes *out, size_t start, int oid, bool critical)
{
    /* The value is wrapped, taken out, and put back behind identifier and criticality. */
    TRY(der_close(out, start, DER_OCTET_STRING));
    AUTO_BYTES value = {0};
    TRY(bytes_copy(&value, out->data + start, out->len - start));
    out->len = start;
    TRY(oid_put(out, (enum oid)oid));
    if (critical)
        TRY(der_put_true(out));
    TRY(bytes_append(out, value.data, value.len));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_basic_constraints(struct bytes *out, const struct pki_certificate_profile *p,
                      const struct extension_keys *keys)
{
    (void)keys;
    size_t start = out->len;
    if (p->path_len >= 0 && !p->is_ca)
        return ERROR(ERROR_INPUT, "a path length is set for a certificate that is not a CA's");
    if (p->is_ca)
        TRY(der_put_true(out));
    if (p->path_len >= 0)
        TRY(der_put_number(out, (uint64_t)p->path_len));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_key_usage(struct bytes *out, const struct pki_certificate_profile *p,
              const struct extension_keys *keys)
{
    (void)keys;
    if (p->key_usage_bits == 0 || p->key_usage_bits > 0x1ff)
        return ERROR(ERROR_INPUT, "the key usage names no usage");
    return der_put_named_bits(out, p->key_usage_bits);
}

static struct error *
put_ext_key_usage(struct bytes *out, const struct pki_certificate_profile *p,
                  const struct extension_keys *keys)
{
    size_t start = out->len;
    (void)keys;
    if (p->ext_key_usages.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants extended key usages but lists none");
    for (size_t i = 0; i < p->ext_key_usages.count; i++)
        TRY(oid_put_text(out, p->ext_key_usages.items[i]));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_subject_key(struct bytes *out, const struct pki_certificate_profile *p,
                const struct extension_keys *keys)
{
    (void)p;
    if (keys->existing_ski.len > 0)
        return der_put(out, DER_OCTET_STRING, keys->existing_ski.p, keys->existing_ski.len);
    return der_put(out, DER_OCTET_STRING, keys->subject_ski, sizeof keys->subject_ski);
}

/* keyIdentifier alone (R50): issuer and serial would bind to one issuer certificate. */
static struct error *
put_authority_key_value(struct bytes *out, struct der key_id)
{
    size_t start = out->len;
    if (key_id.len == 0)
        return error_hint(
            ERROR(ERROR_REFUSED, "the issuer's certificate has no subject key identifier"),
            "Take the issuer certificate that has one");
    TRY(der_put(out, DER_CONTEXT(0), key_id.p, key_id.len));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_authority_key(struct bytes *out, const struct pki_certificate_profile *p,
                  const struct extension_keys *keys)
{
    (void)p;
    return put_authority_key_value(out, keys->issuer_ski);
}

struct error *
extension_put_authority_key(struct bytes *out, struct der key_id, bool critical)
{
    size_t start = out->len;
    TRY(put_authority_key_value(out, key_id));
    return extension_close(out, start, OID_AUTHORITY_KEY_IDENTIFIER, critical);
}

static struct error *
put_subject_alt_name(struct bytes *out, const struct pki_certificate_profile *p,
                     const struct extension_keys *keys)
{
    (void)keys;
    size_t start = out->len;
    if (p->subject_alt_names.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants alternative names but lists none");
    for (size_t i = 0; i < p->subject_alt_names.count; i++)
        TRY(general_name_put(out, &p->subject_alt_names.items[i], false));
    return der_close(out, start, DER_SEQUENCE);
}

/* PolicyQualifiers with the address of the CPS (RFC 5280 4.2.1.4). */
static struct error *
put_cps(struct bytes *out, const char *cps)
{
    size_t start = out->len;
    TRY(oid_put(out, OID_CPS_QUALIFIER));
    if (der_check_string(DER_IA5_STRING, der_view(cps, strlen(cps))) != NULL
        || strstr(cps, "://") == NULL)
        return ERROR(ERROR_INPUT, "the address of the CPS is not like https://...");
    TRY(der_put_text(out, DER_IA5_STRING, cps));
    TRY(der_close(out, start, DER_SEQUENCE));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_policies(struct bytes *out, const struct pki_certificate_profile *p,
             const struct extension_keys *keys)
{
    size_t start = out->len;
    (void)keys;
    if (p->policy_oids.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants certificate policies but lists none");
    for (size_t i = 0; i < p->policy_oids.count; i++) {
        size_t one = out->len;
        TRY(oid_put_text(out, p->policy_oids.items[i]));
        if (p->policy_cps != NULL && p->policy_cps[0] != '\0')
            TRY(put_cps(out, p->policy_cps));
        TRY(der_close(out, one, DER_SEQUENCE));
    }
    return der_close(out, start, DER_SEQUENCE);
}

/* `text` with `value` in the place of `mark`; NULL if the mark is not there. */
static struct error *
fill_mark(const char *text, const char *mark, const char *value, char **ret_text)
{
    const char *at = strstr(text, mark);
    *ret_text = NULL;
    if (at == NULL)
        return NULL;
    return text_format(ret_text, "%.*s%s%s", (int)(at - text), text, value, at + strlen(mark));
}

/* "{partition}" becomes the number, "{issuer}" the issuer's key identifier in hexadecimal, so that CRL
 * and certificate name the same bytes (R54). */
static struct error *
put_point_uri(struct bytes *out, const char *uri, const struct extension_place *place)
{
    char number[16];
    AUTO_FREE char *issuer = NULL;
    AUTO_FREE char *named = NULL;
    AUTO_FREE char *numbered = NULL;
    (void)snprintf(number, sizeof number, "%d", place->partition);
    TRY(hex_encode_new(place->issuer.p, place->issuer.len, &issuer));
    TRY(fill_mark(uri, "{issuer}", issuer, &named));
    TRY(fill_mark(named != NULL ? named : uri, "{partition}", number, &numbered));
    if (place->partition == 0 && numbered != NULL)
        return ERROR(ERROR_INPUT, "the address \"%s\" is for partitions, and there are none",
                     uri);
    if (place->partition != 0 && numbered == NULL)
        return ERROR(ERROR_INPUT,
                     "the address \"%s\" of a partition does not hold \"{partition}\"", uri);
    return general_name_put_uri(out, numbered != NULL ? numbered : named != NULL ? named : uri);
}

struct error *
extension_put_point_name(struct bytes *out, const struct pki_texts *uris,
                         const struct extension_place *place)
{
    size_t start = out->len;
    for (size_t i = 0; i < uris->count; i++)
        TRY(put_point_uri(out, uris->items[i], place));
    TRY(der_close(out, start, DER_CONTEXT_C(0)));   /* fullName */
    return der_close(out, start, DER_CONTEXT_C(0)); /* distributionPoint, a CHOICE: explicit */
}

struct error *
extension_put_issuing_point(struct bytes *out, const struct pki_crl_profile *profile,
                            const struct extension_place *place)
{
    size_t start = out->len;
    if (profile->distribution_uris.count > 0)
        TRY(extension_put_point_name(out, &profile->distribution_uris, place));
    if (profile->only_user_certs)
        TRY(der_put(out, DER_CONTEXT(1), "\xff", 1));
    if (profile->only_ca_certs)
        TRY(der_put(out, DER_CONTEXT(2), "\xff", 1));
    if (profile->only_reasons != 0) {
        size_t flags = out->len;
        TRY(der_put_named_bits(out, profile->only_reasons));
        out->data[flags] = DER_CONTEXT(3); /* implicit */
    }
    if (profile->indirect)
        TRY(der_put(out, DER_CONTEXT(4), "\xff", 1));
    return der_close(out, start, DER_SEQUENCE);
}

struct error *
extension_put_points(struct bytes *out, const struct pki_texts *uris,
                     const struct extension_place *place)
{
    size_t start = out->len;
    TRY(extension_put_point_name(out, uris, place));
    TRY(der_close(out, start, DER_SEQUENCE));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_crl_distribution(struct bytes *out, const struct pki_certificate_profile *p,
                     const struct extension_keys *keys)
{
    size_t start = out->len;
    if (p->crl_uris.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants CRL distribution points but lists none");
    if (p->crl_issuer == NULL || p->crl_issuer[0] == '\0')
        return extension_put_points(out, &p->crl_uris, &keys->crl);
    /* An indirect CRL: who signs it stands beside the address. */
    TRY(extension_put_point_name(out, &p->crl_uris, &keys->crl));
    size_t issuer = out->len;
    TRY(name_put_text(out, p->crl_issuer, keys->practice));
    TRY(der_close(out, issuer, DER_CONTEXT_C(4)));
    TRY(der_close(out, issuer, DER_CONTEXT_C(2)));
    TRY(der_close(out, start, DER_SEQUENCE));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_freshest_crl(struct bytes *out, const struct pki_certificate_profile *p,
                 const struct extension_keys *keys)
{
    if (p->freshest_uris.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants delta CRLs but says no place");
    return extension_put_points(out, &p->freshest_uris, &keys->crl);
}

static struct error *
put_access(struct bytes *out, enum oid method, const struct pki_texts *uris)
{
    for (size_t i = 0; i < uris->count; i++) {
        size_t start = out->len;
        TRY(oid_put(out, method));
        TRY(general_name_put_uri(out, uris->items[i]));
        TRY(der_close(out, start, DER_SEQUENCE));
    }
    return NULL;
}

struct error *
extension_put_ca_issuers(struct bytes *out, const struct pki_texts *uris)
{
    size_t start = out->len;
    TRY(put_access(out, OID_CA_ISSUERS, uris));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_authority_info(struct bytes *out, const struct pki_certificate_profile *p,
                   const struct extension_keys *keys)
{
    (void)keys;
    size_t start = out->len;
    if (p->ca_issuers_uris.count + p->ocsp_uris.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants authority information but lists none");
    TRY(put_access(out, OID_CA_ISSUERS, &p->ca_issuers_uris));
    TRY(put_access(out, OID_OCSP, &p->ocsp_uris));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_subtrees(struct bytes *out, const struct pki_general_names *names, unsigned char tag)
{
    size_t start = out->len;
    if (names->count == 0)
        return NULL;
    for (size_t i = 0; i < names->count; i++) {
        size_t inner = out->len;
        TRY(general_name_put(out, &names->items[i], true));
        TRY(der_close(out, inner, DER_SEQUENCE));
    }
    return der_close(out, start, tag);
}

static struct error *
put_name_constraints(struct bytes *out, const struct pki_certificate_profile *p,
                     const struct extension_keys *keys)
{
    (void)keys;
    size_t start = out->len;
    if (p->permitted.count + p->excluded.count == 0)
        return ERROR(ERROR_INPUT, "the profile wants name constraints but lists none");
    TRY(put_subtrees(out, &p->permitted, DER_CONTEXT_C(0)));
    TRY(put_subtrees(out, &p->excluded, DER_CONTEXT_C(1)));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_null(struct bytes *out, const struct pki_certificate_profile *p,
         const struct extension_keys *keys)
{
    (void)p;
    (void)keys;
    return der_put(out, DER_NULL, NULL, 0);
}

struct error *
extensions_put(struct bytes *out, const struct pki_certificate_profile *p,
               const struct extension_keys *keys)
{
    const struct {
        enum pki_presence presence;
        enum oid oid;
        struct error *(*put)(struct bytes *, const struct pki_certificate_profile *,
                             const struct extension_keys *);
    } rows[] = {
        {p->basic_constraints, OID_BASIC_CONSTRAINTS,        put_basic_constraints},
        {p->key_usage,         OID_KEY_USAGE,                put_key_usage        },
        {p->ext_key_usage,     OID_EXT_KEY_USAGE,            put_ext_key_usage    },
        {p->subject_key_id,    OID_SUBJECT_KEY_IDENTIFIER,   put_subject_key      },
        {p->authority_key_id,  OID_AUTHORITY_KEY_IDENTIFIER, put_authority_key    },
        {p->subject_alt_name,  OID_SUBJECT_ALT_NAME,         put_subject_alt_name },
        {p->policies,          OID_CERTIFICATE_POLICIES,     put_policies         },
        {p->crl_distribution,  OID_CRL_DISTRIBUTION_POINTS,  put_crl_distribution },
        {p->freshest_crl,      OID_FRESHEST_CRL,             put_freshest_crl     },
        {p->authority_info,    OID_AUTHORITY_INFO_ACCESS,    put_authority_info   },
        {p->name_constraints,  OID_NAME_CONSTRAINTS,         put_name_constraints },
        {p->ocsp_no_check,     OID_OCSP_NO_CHECK,            put_null             },
        {p->no_rev_avail,      OID_NO_REV_AVAIL,             put_null             },
    };

    size_t start = out->len;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].presence == PKI_ABSENT)
            continue;
        size_t one = out->len;
        TRY_DOING(rows[i].put(out, p, keys), "writing the extension %s",
                  oid_row(rows[i].oid)->name);
        TRY(extension_close(out, one, rows[i].oid, rows[i].presence == PKI_CRITICAL));
    }
    if (out->len == start)
        return NULL;
    return der_close(out, start, DER_SEQUENCE);
}
