/* SPDX-License-Identifier: Apache-2.0
 *
 * `extensions:` of a certificate profile. One table names them; each has a table of rows that fill
 * the profile itself. `critical` is always said, never assumed. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/profile_read.h"

static struct error *
read_critical(struct yaml_file *file, struct yaml_node node, void *target)
{
    enum pki_presence *presence = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'critical'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        return yaml_fault(file, node, "'critical' must be 'yes' or 'no', not '%s'", text);
    *presence = text[0] == 'y' ? PKI_CRITICAL : PKI_NONCRITICAL;
    return NULL;
}

#define PATH_LENGTH_MAX 16

static struct error *
read_path_length(struct yaml_file *file, struct yaml_node node, void *target)
{
    int *path_len = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'path-length'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    size_t len = strlen(text);
    long value = len > 0 && len <= 2 && strspn(text, "0123456789") == len
                     ? strtol(text, NULL, 10)
                     : PATH_LENGTH_MAX + 1;
    if (strcmp(text, "none") == 0)
        *path_len = -1;
    else if (value > PATH_LENGTH_MAX)
        return yaml_fault(file, node, "'path-length' must be 'none' or 0 to %d, not '%s'",
                          PATH_LENGTH_MAX, text);
    else
        *path_len = (int)value;
    return NULL;
}

/* By bit number, RFC 5280 4.2.1.3. */
static const char *const usages[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                     "dataEncipherment", "keyAgreement",   "keyCertSign",
                                     "cRLSign"};
#define USAGES (sizeof usages / sizeof usages[0])

static struct error *
read_usage(struct yaml_file *file, struct yaml_node item, void *self)
{
    unsigned *bits = self;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, item, "a key usage", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    for (unsigned bit = 0; bit < USAGES; bit++)
        if (strcmp(usages[bit], text) == 0) {
            *bits |= 1U << bit;
            return NULL;
        }
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(text, usages, USAGES, &advice));
    return yaml_fault(file, item, "unknown key usage '%s'%s", text, advice);
}

static struct error *
read_usages(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_items(file, node, "'usages'", read_usage, target);
}

#define CRITICAL(field)                                                                        \
    YAML_ROW_WITH(struct pki_certificate_profile, field, "critical", YAML_OWN, YAML_REQUIRED,  \
                  "yes or no; it is always said", .read = read_critical)

static const struct yaml_row basic_constraints_rows[] = {
    CRITICAL(basic_constraints),
    YAML_ROW(struct pki_certificate_profile, is_ca, "ca", YAML_YES, YAML_REQUIRED,
             "whether it may sign certificates"),
    YAML_ROW_WITH(struct pki_certificate_profile, path_len, "path-length", YAML_OWN, 0,
                  "how many CAs may follow", .read = read_path_length),
};
static const struct yaml_row key_usage_rows[] = {
    CRITICAL(key_usage),
    YAML_ROW_WITH(struct pki_certificate_profile, key_usage_bits, "usages", YAML_OWN,
                  YAML_REQUIRED, "what the key may do", .read = read_usages),
};
static const struct yaml_row ext_key_usage_rows[] = {
    CRITICAL(ext_key_usage),
    YAML_ROW(struct pki_certificate_profile, ext_key_usages, "usages", YAML_TEXTS,
             YAML_REQUIRED, "names or OIDs"),
};
static const char *const ski_methods[] = {"sha1", "sha256-160", NULL}; /* enum pki_ski_method */
static const struct yaml_row subject_key_id_rows[] = {
    CRITICAL(subject_key_id),
    YAML_ROW_WITH(struct pki_certificate_profile, ski_method, "method", YAML_CHOICE, 0,
                  "sha1 (RFC 5280) or sha256-160 (RFC 7093)", .allowed = ski_methods),
};
static const struct yaml_row authority_key_id_rows[] = {CRITICAL(authority_key_id)};

static struct error *
read_critical_name(struct yaml_file *file, struct yaml_node node, void *target)
{
    enum pki_presence *presence = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'critical'", YAML_TEXT_MAX, false, &text));
    if (text == NULL || strcmp(text, "if-no-subject") != 0)
        return read_critical(file, node, target);
    *presence = PKI_CRITICAL_IF_NO_SUBJECT;
    return NULL;
}

static const struct yaml_row subject_alt_name_rows[] = {
    YAML_ROW_WITH(struct pki_certificate_profile, subject_alt_name, "critical", YAML_OWN,
                  YAML_REQUIRED, "yes, no, or if-no-subject", .read = read_critical_name),
    YAML_ROW_WITH(struct pki_certificate_profile, subject_alt_names, "names", YAML_OWN,
                  YAML_REQUIRED, "the names", .read = profile_read_general_names),
};
static const struct yaml_row policies_rows[] = {
    CRITICAL(policies),
    YAML_ROW(struct pki_certificate_profile, policy_oids, "oids", YAML_TEXTS, YAML_REQUIRED,
             "the policies"),
    YAML_ROW(struct pki_certificate_profile, policy_cps, "cps", YAML_TEXT, 0,
             "the address of the CPS"),
};
static const struct yaml_row crl_distribution_rows[] = {
    CRITICAL(crl_distribution),
    YAML_ROW_NUMBER(struct pki_certificate_profile, crl_partitions, "partitions", 0,
                    "how many partitions the CRL has", 2, 1024),
    YAML_ROW(struct pki_certificate_profile, crl_uris, "uris", YAML_TEXTS, YAML_REQUIRED,
             "where the CRL is found"),
    YAML_ROW(struct pki_certificate_profile, crl_issuer, "crl-issuer", YAML_TEXT, 0,
             "who signs an indirect CRL"),
};
static const struct yaml_row freshest_crl_rows[] = {
    CRITICAL(freshest_crl),
    YAML_ROW(struct pki_certificate_profile, freshest_uris, "uris", YAML_TEXTS, YAML_REQUIRED,
             "where the delta CRL is found"),
};
static const struct yaml_row authority_info_rows[] = {
    CRITICAL(authority_info),
    YAML_ROW(struct pki_certificate_profile, ca_issuers_uris, "ca-issuers", YAML_TEXTS, 0,
             "where the issuer's certificate is found"),
    YAML_ROW(struct pki_certificate_profile, ocsp_uris, "ocsp", YAML_TEXTS, 0,
             "where OCSP answers"),
};
static const struct yaml_row name_constraints_rows[] = {
    CRITICAL(name_constraints),
    YAML_ROW_WITH(struct pki_certificate_profile, permitted, "permitted", YAML_OWN, 0,
                  "names below which all is allowed", .read = profile_read_general_names),
    YAML_ROW_WITH(struct pki_certificate_profile, excluded, "excluded", YAML_OWN, 0,
                  "names below which nothing is", .read = profile_read_general_names),
};
static const struct yaml_row ocsp_no_check_rows[] = {CRITICAL(ocsp_no_check)};
static const struct yaml_row no_rev_avail_rows[] = {CRITICAL(no_rev_avail)};

#define EXTENSION(name, rows)                                                                  \
    {                                                                                          \
        name, YAML_SCHEMA("'" name "'", rows)                                                  \
    }

static const struct {
    const char *name;
    struct yaml_schema schema;
} extensions[] = {
    EXTENSION("basic-constraints", basic_constraints_rows),
    EXTENSION("key-usage", key_usage_rows),
    EXTENSION("ext-key-usage", ext_key_usage_rows),
    EXTENSION("subject-key-id", subject_key_id_rows),
    EXTENSION("authority-key-id", authority_key_id_rows),
    EXTENSION("subject-alt-name", subject_alt_name_rows),
    EXTENSION("policies", policies_rows),
    EXTENSION("crl-distribution", crl_distribution_rows),
    EXTENSION("freshest-crl", freshest_crl_rows),
    EXTENSION("authority-info", authority_info_rows),
    EXTENSION("name-constraints", name_constraints_rows),
    EXTENSION("ocsp-no-check", ocsp_no_check_rows),
    EXTENSION("no-rev-avail", no_rev_avail_rows),
};

#define EXTENSIONS (sizeof extensions / sizeof extensions[0])

static struct error *
read_extension(struct yaml_file *file, const char *key, struct yaml_node at,
               struct yaml_node value, void *self)
{
    const char *names[EXTENSIONS];
    for (size_t i = 0; i < EXTENSIONS; i++) {
        names[i] = extensions[i].name;
        if (strcmp(names[i], key) == 0)
            return yaml_record(file, value, &extensions[i].schema, self);
    }
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(key, names, EXTENSIONS, &advice));
    return yaml_fault(file, at, "unknown extension '%s'%s", key, advice);
}

struct error *
profile_read_extensions(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'extensions'", read_extension, target);
}
