/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates, CRLs and requests taken apart into views of their DER. Only the frame is judged
 * here; what stands in a field is left to those who read it, so that the lints can name each
 * fault. */
#pragma once

#include "ceremony/pki/der.h"
#include "ceremony/pki/oid.h"

enum x509_kind {
    KIND_CERTIFICATE = 1,
    KIND_CRL = 2,
    KIND_REQUEST = 4
};

#define X509_EXTENSIONS_MAX 40

struct x509_extension {
    struct der oid;
    enum oid id;
    bool critical;
    bool critical_encoded; /* a BOOLEAN stands there, TRUE or (wrongly) FALSE */
    struct der value;      /* contents of the OCTET STRING */
};

struct x509_extensions {
    struct x509_extension items[X509_EXTENSIONS_MAX];
    size_t count;
    const char *fault; /* what stopped reading, or NULL */
};

struct x509 {
    enum x509_kind kind;
    struct der whole;
    struct der_item tbs;
    int64_t version; /* 1, 2, 3, or 0 if it is none of them */
    bool has_version;
    struct der_item serial;          /* certificate */
    struct der_item inner_algorithm; /* certificate, CRL */
    struct der_item issuer;          /* certificate, CRL */
    struct der_item from;            /* notBefore, thisUpdate */
    struct der_item until;           /* notAfter, nextUpdate (whole.p NULL: absent) */
    struct der_item subject;         /* certificate, request */
    struct der_item spki;            /* certificate, request */
    struct der_item unique_ids[2];   /* certificate: whole.p NULL if absent */
    struct der_item revoked;         /* CRL: whole.p NULL if absent */
    struct der_item attributes;      /* request: whole.p NULL if absent */
    bool has_extensions;
    struct x509_extensions extensions;
    struct der_item outer_algorithm;
    struct der_item signature; /* BIT STRING element */
};

/* A fault, or NULL and the parts. The kind is found from the structure. */
MUST_CHECK const char *x509_parse(const void *der, size_t len, struct x509 *ret_x509);
/* The same as an error that names `object` ("the issuer certificate"), of these
 * kinds (KIND_CERTIFICATE | KIND_CRL) only. */
MUST_CHECK struct error *x509_read(const void *der, size_t len, unsigned kinds,
                                   const char *object, struct x509 *ret_x509);
/* A SEQUENCE OF Extension; faults go to ret->fault. */
void x509_parse_extensions(struct der list, struct x509_extensions *ret_extensions);
/* The first of its kind, or NULL. */
const struct x509_extension *x509_find(const struct x509 *x509, enum oid id);

/* basicConstraints: absent or unreadable gives not a CA, -1. */
void x509_basic_constraints(const struct x509 *x509, bool *ret_ca, int64_t *ret_path_len);
/* The key usage bits (1 << bit, 0 .. 8); false if there is no readable extension. */
bool x509_has_key_usage(const struct x509 *x509, unsigned *ret_bits);
/* The subject key identifier; len 0 if there is none. */
struct der x509_ski(const struct x509 *x509);

/* CRL entries: takes the next off `list`. */
struct x509_revoked {
    struct der_item serial;
    struct der_item date;
    bool has_extensions;
    struct x509_extensions extensions;
};

MUST_CHECK const char *x509_next_revoked(struct der *list, struct x509_revoked *ret_entry);
