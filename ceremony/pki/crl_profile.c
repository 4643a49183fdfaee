/* SPDX-License-Identifier: Apache-2.0
 *
 * What a CRL's profile means. */
#include <string.h>

#include "ceremony/pki/profile.h"

bool
pki_crl_has_scope(const struct pki_crl_profile *profile)
{
    return profile->only_ca_certs || profile->only_user_certs || profile->indirect
           || profile->only_reasons != 0 || profile->distribution_uris.count > 0;
}

/* Code 7 is not used. */
static const struct pki_reason reasons[] = {
    {"unspecified",          0,  -1, false, false},
    {"keyCompromise",        1,  1,  false, false},
    {"cACompromise",         2,  2,  false, false},
    {"affiliationChanged",   3,  3,  false, false},
    {"superseded",           4,  4,  false, false},
    {"cessationOfOperation", 5,  5,  false, false},
    {"certificateHold",      6,  6,  false, true },
    {"removeFromCRL",        8,  -1, true,  false},
    {"privilegeWithdrawn",   9,  7,  false, false},
    {"aACompromise",         10, 8,  false, false},
};

const struct pki_reason *
pki_reason_by_code(int code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == code)
            return &reasons[i];
    return NULL;
}

const struct pki_reason *
pki_reason_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].name, name) == 0)
            return &reasons[i];
    return NULL;
}
