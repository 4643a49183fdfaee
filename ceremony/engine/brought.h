/* SPDX-License-Identifier: Apache-2.0
 *
 * What is brought from another ceremony: a request, or the certificate that came back. The file is
 * read as it is; where the evidence folder of its ceremony is at hand, the chain, the sums and the
 * signatures of that folder must be whole, its record closed as finished, and must name the very
 * file. None of this asks people or touches a token, so `check` does it beforehand. (R9, R62, R68,
 * R93-R95) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/pki/ca_request.h"
#include "transcripts/reader.h"

struct brought {
    struct bytes der;
    char sha256[DIGEST_SHA256_TEXT];
    bool has_evidence;
    struct transcript_reading reading; /* of the other ceremony, if it has_evidence */
};

struct brought_request {
    struct brought file;
    struct pki_ca_request request;
    char spki_sha256[65];
};

#define BROUGHT_ISSUERS_MAX 4

struct brought_certificate {
    struct brought file;
    struct bytes spki;
    char spki_sha256[65];
    char *subject;
    char serial_hex[41];
    bool is_ca;
    int64_t not_before;
    int64_t not_after;
    struct bytes
        issuers[BROUGHT_ISSUERS_MAX]; /* who signed it first, the self-signed one last */
    size_t issuer_count;
    char issuer_spki_sha256[65];
};

void brought_request_clear(struct brought_request *request);
#define AUTO_BROUGHT_REQUEST                                                                   \
    __attribute__((cleanup(brought_request_clear))) struct brought_request
void brought_certificate_clear(struct brought_certificate *certificate);
#define AUTO_BROUGHT_CERTIFICATE                                                               \
    __attribute__((cleanup(brought_certificate_clear))) struct brought_certificate

/* The request for a key made elsewhere: the input of that name; its type is the script's. Errors: input,
 * refused, verification. */
MUST_CHECK struct error *brought_request_read(const struct site *site,
                                              const struct script_key *planned,
                                              struct brought_request *ret_request);
/* The certificate for a key of ours: the input of that name, and its issuers up to the self-signed one
 * from the inputs NAME-issuer, NAME-issuer-2 ...; each signed by the next, all valid at `now`, a CA, without
 * a fault. Whose key it is, is the caller's question. Errors: as above. */
MUST_CHECK struct error *brought_certificate_read(const struct site *site,
                                                  const struct script_key *planned, int64_t now,
                                                  struct brought_certificate *ret_certificate);
/* Two witnesses type words of the file's hash from a paper that came by another way (R15); recorded as a
 * confirmation of `prompt`. `what` is "request" or "certificate". */
MUST_CHECK struct error *brought_compare_paper(struct engine *engine,
                                               const struct brought *brought, const char *what);
/* The auditor types a word of the other ceremony's closing record from paper; nothing without evidence.
 * `ret_compared`: with what the file was compared, for the record. */
MUST_CHECK struct error *brought_compare_closing(struct engine *engine,
                                                 const struct brought *brought,
                                                 const char **ret_compared);
