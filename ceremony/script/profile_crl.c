/* SPDX-License-Identifier: Apache-2.0
 *
 * `crl:` of a profile. (R52-R57) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/script/profile_read.h"

static const struct yaml_row next_update_rows[] = {
    YAML_ROW_NUMBER(struct pki_crl_profile, next_update_days, "days", 0, "so many days", 1,
                    3660),
    YAML_ROW_NUMBER(struct pki_crl_profile, next_update_months, "months", 0, "so many months",
                    1, 120),
};
static const struct yaml_schema next_update_schema =
    YAML_SCHEMA("'next-update'", next_update_rows);

static struct error *
read_next_update(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_crl_profile *profile = target;
    TRY(yaml_record(file, node, &next_update_schema, profile));
    if ((profile->next_update_days != 0) == (profile->next_update_months != 0)
        && yaml_is_mapping(node))
        return yaml_fault(file, node, "'next-update' needs exactly one of 'days', 'months'");
    return NULL;
}

static struct error *
read_only_reasons(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct pki_crl_profile *profile = self;
    AUTO_FREE char *name = NULL;
    TRY(yaml_text(file, item, "a reason", YAML_TEXT_MAX, false, &name));
    if (name == NULL)
        return NULL;
    const struct pki_reason *reason = pki_reason_by_name(name);
    if (reason == NULL || reason->flag < 0)
        return yaml_fault(file, item,
                          "'%s' is no reason that a CRL can be limited to; such as "
                          "'keyCompromise'",
                          name);
    profile->only_reasons |= 1U << reason->flag;
    return NULL;
}

static struct error *
read_reasons(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_items(file, node, "'only-reasons'", read_only_reasons, target);
}

static struct error *
read_expired_from(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct pki_crl_profile *profile = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'expired-certificates-from'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    struct error *error = clock_parse_date(text, &profile->expired_certs_from);
    if (error == NULL)
        return NULL;
    error_free(error);
    return yaml_fault(file, node,
                      "'expired-certificates-from' must be a date such as 2026-11-23");
}

#define CRL_OWN(name, how, what, reader)                                                       \
    {                                                                                          \
        .key = (name), .type = YAML_OWN, .flags = (how), .about = (what), .read = (reader)     \
    }

static const struct yaml_row crl_rows[] = {
    CRL_OWN("next-update", YAML_REQUIRED, "when the next one is due", read_next_update),
    YAML_ROW(struct pki_crl_profile, delta, "delta", YAML_YES, 0,
             "whether it holds only what changed since a base"),
    YAML_ROW(struct pki_crl_profile, indirect, "indirect", YAML_YES, 0,
             "whether it holds certificates of other issuers, too"),
    YAML_ROW(struct pki_crl_profile, only_ca_certs, "only-ca-certificates", YAML_YES, 0,
             "whether it covers CA certificates only"),
    YAML_ROW(struct pki_crl_profile, only_user_certs, "only-user-certificates", YAML_YES, 0,
             "whether it covers certificates that are not a CA's only"),
    CRL_OWN("only-reasons", 0, "the only reasons that it covers", read_reasons),
    YAML_ROW_NUMBER(struct pki_crl_profile, partitions, "partitions", 0,
                    "how many partitions by serial number", 2, 1024),
    YAML_ROW(struct pki_crl_profile, distribution_uris, "distribution-uris", YAML_TEXTS, 0,
             "the addresses in the issuing distribution point"),
    YAML_ROW(struct pki_crl_profile, freshest_uris, "freshest-uris", YAML_TEXTS, 0,
             "the addresses of the delta CRL"),
    YAML_ROW(struct pki_crl_profile, ca_issuers_uris, "ca-issuers", YAML_TEXTS, 0,
             "the addresses of the issuer's certificate"),
    CRL_OWN("expired-certificates-from", 0, "the day from which expired certificates stay",
            read_expired_from),
};
static const struct yaml_schema crl_schema = YAML_SCHEMA("'crl'", crl_rows);

struct error *
profile_read_crl(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_record(file, node, &crl_schema, target);
}
