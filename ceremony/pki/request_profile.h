/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules for requests that follow from a profile (R68). Taken from a request is what a field of the
 * profile names, no more. A request may besides have in its subject what the profile's subject has; that
 * is not looked at further. */
#pragma once

#include "ceremony/pki/request.h"

struct request_profile_rules {
    struct request_rules rules; /* looks, list and size_max are the caller's to set */
    struct pki_texts subject;
    struct pki_texts ignored;
    struct pki_texts alt_names;
};

/* Texts are borrowed from the profile. Zero-initialise: AUTO_REQUEST_RULES rules = {0}. */
MUST_CHECK struct error *request_rules_of_profile(const struct pki_profile *profile,
                                                  struct request_profile_rules *ret_rules);
void request_profile_rules_clear(struct request_profile_rules *rules);
#define AUTO_REQUEST_RULES                                                                     \
    __attribute__((cleanup(request_profile_rules_clear))) struct request_profile_rules
