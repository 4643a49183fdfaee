/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL of any length, in memory that does not grow with it: one pass over the sorted revocations, of
 * which each goes encoded to a temporary file behind room for the lengths, which are known at the end;
 * then the file is hashed. Byte for byte what pki_crl_draft makes of the same list. The file has its name only when it is complete, signed by the
 * very bytes that were announced, read back by the strict reader, and linted. (R32, R36, R52) */
#pragma once

#include "ceremony/base/byte_source.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"

/* Revocations as CRLs are sorted: the CRL's own issuer first, then ascending serials. */
struct pki_revocations {
    struct error *(*rewind)(void *self);
    /* What `ret` points to is valid until the next call. */
    struct error *(*next)(void *self, struct pki_revocation *ret, bool *ret_end);
    void *self;
};

/* Signs a message that comes in parts; the signature as X.509 carries it. */
struct pki_stream_signer {
    struct error *(*sign)(void *self, const char *digest, const struct byte_source *message,
                          struct bytes *ret_signature);
    void *self;
};

struct pki_crl_facts {
    uint64_t entries;
    uint64_t tbs_len;
    int64_t this_update;
    int64_t next_update;
    char digest[16]; /* "sha384"; "" for Ed25519 */
    char tbs_sha256[65];
};

struct pki_crl_stream;
void pki_crl_stream_free(struct pki_crl_stream *stream);
DEFINE_AUTO(pki_crl_stream, pki_crl_stream_free);

/* A CRL as `order` says with the first `most` revocations only, signed by a throw-away key: what is
 * linted and shown before (R36). With fewer revocations than that it is the whole CRL. The order's
 * own list is not used, here and below. */
MUST_CHECK struct error *pki_crl_sample(const struct pki_crl_order *order,
                                        const struct pki_revocations *source, size_t most,
                                        struct pki_draft *ret_draft);
/* Writes the to-be-signed bytes beside `path`. */
MUST_CHECK struct error *pki_crl_stream_write(const struct pki_crl_order *order,
                                              const struct pki_revocations *source,
                                              const char *path,
                                              struct pki_crl_stream **ret_stream);
const struct pki_crl_facts *pki_crl_stream_facts(const struct pki_crl_stream *stream);
/* Has the bytes signed, which must still have the hash of the facts, and completes the file. */
MUST_CHECK struct error *pki_crl_stream_sign(struct pki_crl_stream *stream,
                                             const struct pki_stream_signer *signer);
/* Reads the file back: every lint, the signature in software, the to-be-signed bytes. The context's
 * `passing` is not used. Refused where it has faults. */
MUST_CHECK struct error *pki_crl_stream_check(struct pki_crl_stream *stream,
                                              const struct pki_lint_context *context,
                                              struct pki_lint_report *ret_report,
                                              char ret_sha256[65]);
/* Gives the checked file its name. */
MUST_CHECK struct error *pki_crl_stream_publish(struct pki_crl_stream *stream, bool replace);

/* A CRL in a file, however long: linted with flat memory. Not for a file that others may change. */
MUST_CHECK struct error *pki_lint_file(const char *path, const struct pki_lint_context *context,
                                       struct pki_lint_report *ret_report);
