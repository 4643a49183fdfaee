/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/check_past.h"

#include <string.h>

/* What was only announced, in a ceremony that was aborted, may have been signed before: nothing of it is said to be there,
 * and nothing is made anew unless that is declared. The line decides so, too (line_decide.c). */
static enum batch_known
compare(const struct batch_ledger_past *past, const struct ledger_found *found,
        const unsigned char request[32])
{
    if (found->certificate == NULL)
        return BATCH_KNOWN_OTHER;
    bool same = strcmp(found->issuer, past->issuer_spki_sha256) == 0
                && memcmp(found->row.request, request, sizeof found->row.request) == 0;
    return same ? BATCH_KNOWN_SAME : BATCH_KNOWN_OTHER;
}

static struct error *
ask_key(void *self, const unsigned char spki[32], const unsigned char request[32],
        enum batch_known *ret_known)
{
    const struct batch_ledger_past *past = self;
    struct ledger_found found;
    bool there = false;
    *ret_known = BATCH_KNOWN_NOT;
    TRY(ledger_find_spki(past->ledger, spki, &found, &there));
    if (there) {
        *ret_known = compare(past, &found, request);
        return NULL;
    }
    TRY(ledger_spki_certified(past->ledger, spki, &there));
    if (there)
        *ret_known = BATCH_KNOWN_OTHER;
    return NULL;
}

static struct error *
ask_device(void *self, const char *device, const unsigned char request[32],
           enum batch_known *ret_known)
{
    const struct batch_ledger_past *past = self;
    struct ledger_found found;
    bool there = false;
    *ret_known = BATCH_KNOWN_NOT;
    TRY(ledger_find_device(past->ledger, past->issuer_spki_sha256, device, &found, &there));
    if (there)
        *ret_known = compare(past, &found, request);
    return NULL;
}

static struct error *
each_modulus(void *self,
             struct error *(*each)(void *user, const unsigned char *modulus, size_t len),
             void *user)
{
    const struct batch_ledger_past *past = self;
    return ledger_each_modulus(past->ledger, each, user);
}

struct batch_past
batch_past_of_ledger(struct batch_ledger_past *past)
{
    return (struct batch_past){past, ask_key, ask_device, each_modulus};
}
