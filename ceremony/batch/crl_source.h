/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations of an issuer, or of several, from the ledger into a CRL: row by row, those alone that
 * belong into this kind of CRL. (R52-R55) */
#pragma once

#include "ceremony/ledger/revoked.h"
#include "ceremony/pki/crl_stream.h"

struct crl_source;

/* `partition` 0 for a CRL without partitions. `since`: the entry of a delta's base, 0 for any other.
 * The ledger must stay as it is while this is open; `profile` is borrowed. */
MUST_CHECK struct error *crl_source_open(struct ledger *ledger, const char *issuer_spki_sha256,
                                         const struct pki_profile *profile, int partition,
                                         uint64_t since, struct crl_source **ret_source);
void crl_source_close(struct crl_source *source);
DEFINE_AUTO(crl_source, crl_source_close);
/* An indirect CRL lists what another issuer revoked, too, below its name (DER; copied): the own issuer's
 * entries come first, then those of the others in the order of crl_compare. Refused when two have the
 * same name. (R55) */
MUST_CHECK struct error *crl_source_add(struct crl_source *source,
                                        const char *issuer_spki_sha256, const void *name,
                                        size_t name_len);
/* For pki_crl_stream_write and its kin; borrowed. */
struct pki_revocations crl_source_revocations(struct crl_source *source);

#define CRL_SCOPE_SIZE 64
/* The ledger's name for what such a CRL covers: "full", "full-delta", "ca-certificates",
 * "full-partition-2-of-4", ... Each has its own chain of numbers. */
void crl_scope_name(const struct pki_profile *profile, int partition,
                    char ret_name[CRL_SCOPE_SIZE]);
/* The scope that a delta CRL of this profile has its base in. */
void crl_base_scope_name(const struct pki_profile *profile, int partition,
                         char ret_name[CRL_SCOPE_SIZE]);
