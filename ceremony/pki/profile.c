/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/profile.h"

#include <stdlib.h>

const char *const pki_role_names[] = {"none",
                                      "root",
                                      "cross",
                                      "sub-ca",
                                      "tls-ca",
                                      "constrained-tls-ca",
                                      "constrained-ca",
                                      "code-signing-ca",
                                      "timestamping-ca",
                                      "device-ca",
                                      "ocsp-responder",
                                      "crl-signer",
                                      "tls-server",
                                      "tls-client",
                                      "sign-off",
                                      "code-signing",
                                      "timestamping",
                                      "idevid",
                                      "ldevid",
                                      "recipient",
                                      NULL};

static void
clear_name(struct pki_name *name)
{
    for (size_t i = 0; i < name->count; i++) {
        free(name->parts[i].type);
        free(name->parts[i].value);
        free(name->parts[i].field);
    }
    free(name->parts);
}

static void
clear_fields(struct pki_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->items[i].name);
        free(fields->items[i].part);
        free(fields->items[i].pattern);
        free(fields->items[i].sample);
    }
    free(fields->items);
}

static void
clear_texts(struct pki_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
}

static void
clear_general_names(struct pki_general_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].type);
        free(names->items[i].value);
        free(names->items[i].field);
        free(names->items[i].hardware_type);
    }
    free(names->items);
}

void
pki_profile_free(struct pki_profile *profile)
{
    if (profile == NULL)
        return;
    struct pki_certificate_profile *c = &profile->certificate;
    clear_fields(&c->fields);
    clear_texts(&c->keys);
    free(c->policy_cps);
    free(c->crl_issuer);
    clear_texts(&c->freshest_uris);
    clear_name(&c->subject);
    free(c->outlives_reason);
    clear_texts(&c->ext_key_usages);
    clear_general_names(&c->subject_alt_names);
    clear_texts(&c->policy_oids);
    clear_texts(&c->crl_uris);
    clear_texts(&c->ca_issuers_uris);
    clear_texts(&c->ocsp_uris);
    clear_general_names(&c->permitted);
    clear_general_names(&c->excluded);
    clear_texts(&profile->crl.distribution_uris);
    clear_texts(&profile->crl.freshest_uris);
    clear_texts(&profile->crl.ca_issuers_uris);
    for (size_t i = 0; i < profile->waiver_count; i++) {
        free(profile->waivers[i].lint);
        free(profile->waivers[i].reason);
        free(profile->waivers[i].clause);
    }
    free(profile->waivers);
    free(profile->id);
    free(profile->version);
    free(profile->title);
    free(profile->policy);
    free(profile->digest);
    free(profile);
}
