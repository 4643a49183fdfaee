/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that another CA has already, to be repeated by a cross-certificate, and its request
 * where there is one. (P2, R9, R62) */
#pragma once

#include "ceremony/engine/brought.h"

struct brought_existing {
    struct brought_certificate certificate;
    struct brought_request request; /* if has_request */
    bool has_request;
};

void brought_existing_clear(struct brought_existing *existing);
#define AUTO_BROUGHT_EXISTING                                                                  \
    __attribute__((cleanup(brought_existing_clear))) struct brought_existing

/* The input KEY, a CA's certificate with those above it as brought_ca_read, and the input KEY-request where
 * the site names one: it must have the same subject and the same key, byte for byte, and be signed by
 * it. Where it runs: as brought_ca_read. Errors: input, refused, verification. */
MUST_CHECK struct error *brought_existing_read(const struct brought_inputs *inputs,
                                               const struct script_key *planned, int64_t now,
                                               struct brought_existing *ret_existing);
/* What shows that the other CA has the key, for the record. */
const char *brought_existing_possession(const struct brought_existing *existing);
/* Refused when the key is one of this ledger, or the name that of a CA which has another key. */
MUST_CHECK struct error *brought_existing_is_foreign(struct ledger *ledger,
                                                     const struct brought_existing *existing);
