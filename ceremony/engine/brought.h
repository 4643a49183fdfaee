/* SPDX-License-Identifier: Apache-2.0
 *
 * What is brought from another ceremony: a request, or the certificate that came back. Where the evidence folder of its ceremony is at hand, the chain, the sums and the
 * signatures of that folder must be whole, its record closed as finished, and must name the very
 * file. None of this asks people or touches a token, so `check` does it beforehand. (R9, R62, R68,
 * R93-R95) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/engine/documents.h"
#include "ceremony/pki/ca_request.h"

#define BROUGHT_FILE_MAX    65536U
#define BROUGHT_ISSUERS_MAX 4
#define BROUGHT_COLUMNS     54U /* of `shown` */

/* The site names them, the documents are what lies there. */
struct brought_inputs {
    const struct site *site;
    const struct documents *documents;
};

struct brought {
    struct bytes der;
    char sha256[DIGEST_SHA256_TEXT];
    bool has_evidence;
    unsigned char
        closing[32]; /* hash of the other ceremony's closing record, if it has_evidence */
};

struct brought_request {
    struct brought file;
    struct pki_ca_request request;
    char spki_sha256[65];
    char *key_text; /* what kind of key */
};

struct brought_certificate {
    struct brought file;
    struct bytes spki;
    char spki_sha256[65];
    char key_type[32]; /* as scripts say it; "" for one that is not used here */
    char *subject;
    char *shown; /* decoded for people */
    char serial_hex[41];
    bool is_ca;
    int64_t not_before;
    int64_t not_after;
    struct bytes
        issuers[BROUGHT_ISSUERS_MAX]; /* who signed it first, the self-signed one last */
    size_t issuer_count;              /* 0: it is self-signed */
    struct bytes issuer_spki;
    char issuer_spki_sha256[65];
    char *anchor; /* subject of the self-signed one */
    size_t level; /* pki/level.h */
    struct bytes tbs;
};

void brought_clear(struct brought *brought);
void brought_request_clear(struct brought_request *request);
#define AUTO_BROUGHT_REQUEST                                                                   \
    __attribute__((cleanup(brought_request_clear))) struct brought_request
void brought_certificate_clear(struct brought_certificate *certificate);
#define AUTO_BROUGHT_CERTIFICATE                                                               \
    __attribute__((cleanup(brought_certificate_clear))) struct brought_certificate

/* --- read and judged: in the process that is confined for it (reader.h) --- */

/* The input of that name: PEM or DER of the kind `label`. With an evidence folder the result of the act `does`
 * in its record must name the file. Errors: input, refused, verification. */
MUST_CHECK struct error *brought_file_read(const struct brought_inputs *inputs,
                                           const char *name, const char *label,
                                           const char *does, struct brought *brought);
/* A CA's certificate from the input of that name, and those above it from NAME-issuer, NAME-issuer-2 ... up to
 * the self-signed one, which it may be itself; each signed by the next, all valid at `now` and without a
 * fault. Errors: as above. */
MUST_CHECK struct error *brought_ca_read(const struct brought_inputs *inputs, const char *name,
                                         int64_t now,
                                         struct brought_certificate *ret_certificate);
/* The request for a key made elsewhere: the input of that name; its type is the script's. Errors: input,
 * refused, verification. */
MUST_CHECK struct error *brought_request_read(const struct brought_inputs *inputs,
                                              const char *name,
                                              const struct script_key *planned,
                                              struct brought_request *ret_request);
/* Refused unless the key is of the script's type; `what` brought it. */
MUST_CHECK struct error *brought_check_type(const struct script_key *planned,
                                            const struct bytes *spki, const char *what);

/* --- by the process that signs, from these facts --- */

/* Refused unless the certificate is for this key of ours, named `label`, and another one issued it. */
MUST_CHECK struct error *
brought_certificate_is_for(const struct brought_certificate *certificate,
                           const char *spki_sha256, const char *label);
/* Copies in the evidence folder: the request as STEM.der and STEM.pem; those above a certificate below
 * inputs/, whose names are appended to `names`. */
MUST_CHECK struct error *brought_write_request(struct engine *engine, const char *stem,
                                               const struct bytes *der);
MUST_CHECK struct error *brought_write_issuers(struct engine *engine, const char *key,
                                               const struct brought_certificate *certificate,
                                               json_t *names);
/* Two witnesses type words of the file's hash from a paper that came by another way (R15); recorded as a
 * confirmation of `prompt`. `what` is "request" or "certificate". */
MUST_CHECK struct error *brought_compare_paper(struct engine *engine,
                                               const struct brought *brought, const char *what);
/* The auditor types a word of the other ceremony's closing record from paper; nothing without evidence.
 * `ret_compared`: with what the file was compared, for the record. */
MUST_CHECK struct error *brought_compare_closing(struct engine *engine,
                                                 const struct brought *brought,
                                                 const char **ret_compared);
