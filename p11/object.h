/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of a token: the inventory (R22), attributes read so that false, absent and unreadable stay
 * three different answers (R28), destruction with proof of absence. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "p11/session.h"

enum p11_class {
    P11_PRIVATE_KEY,
    P11_PUBLIC_KEY,
    P11_SECRET_KEY,
    P11_CERTIFICATE,
    P11_DATA,
    P11_OTHER
};

/* What reading an attribute gave. */
enum p11_reading {
    P11_FALSE,
    P11_TRUE,
    P11_ABSENT,
    P11_UNREADABLE
};

/* "false", "true", "absent", "unreadable" */
const char *p11_reading_name(enum p11_reading reading);

#define P11_ID_MAX 64

struct p11_object {
    unsigned long handle;
    enum p11_class class;
    bool readable;     /* false: the token lists it but its attributes cannot be read */
    char key_type[24]; /* "EC", "RSA", "EC_EDWARDS", "AES", "" */
    char label[129];   /* safe to show */
    unsigned char id[P11_ID_MAX];
    size_t id_len;
    enum p11_reading token; /* stored, not of this session only */
    enum p11_reading private;
    enum p11_reading modifiable;
    char unique_id[65];       /* "" where the token has none */
    unsigned char digest[32]; /* SHA-256 over class, type, id, label and what is readable of its
                                 value, so that inventories can be compared */
};

const char *p11_class_name(enum p11_class class); /* "private key", ... */

/* Every object visible in the present login state, sorted by class, label, id. Caller frees. */
MUST_CHECK struct error *p11_objects_list(struct p11_session *session,
                                          struct p11_object **ret_objects, size_t *ret_count);
/* Those with this class (P11_OTHER: any) and id (len 0: any) and label (NULL: any). */
MUST_CHECK struct error *p11_objects_find(struct p11_session *session, enum p11_class class,
                                          const unsigned char *id, size_t id_len,
                                          const char *label, struct p11_object **ret_objects,
                                          size_t *ret_count);
/* Destroys and proves that a fresh listing does not hold it. */
MUST_CHECK struct error *p11_object_destroy(struct p11_session *session, unsigned long handle);

/* A private data object (for `ceremony-head`): created new; read; label names it. */
MUST_CHECK struct error *p11_data_create(struct p11_session *session, const char *label,
                                         const void *value, size_t len);
MUST_CHECK struct error *p11_data_read(struct p11_session *session, unsigned long handle,
                                       struct bytes *ret_value);
