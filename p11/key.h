/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that sign, or decrypt: generated with every security attribute explicit (R27), read back and
 * compared (R28), located again, locked, destroyed. Which attributes a key has follows from `purpose`;
 * the table is in key_plan.c and docs/formats/keys.md (DESIGN 2 Attributes). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "p11/object.h"
#include "p11/session.h"

enum p11_key_type {
    P11_EC_P256,
    P11_EC_P384,
    P11_EC_P521,
    P11_RSA_2048,
    P11_RSA_3072,
    P11_RSA_4096,
    P11_ED25519,
    P11_KEY_TYPES
};

/* "ec-p256", "ec-p384", "ec-p521", "rsa-2048", ..., "ed25519"; -1 if unknown. */
int p11_key_type_parse(const char *name);
const char *p11_key_type_name(enum p11_key_type type);

enum p11_key_purpose {
    P11_KEY_BACKED_UP, /* extractable under a trusted KEK until it is locked */
    P11_KEY_NO_BACKUP, /* never extractable, not modifiable */
    P11_KEY_RESTORED,  /* came in by unwrapping */
    P11_KEY_DECRYPTS,  /* RSA: decrypts RSA-OAEP and never signs; never extractable */
    P11_KEY_PURPOSES
};

struct p11_key_plan {
    enum p11_key_type type;
    enum p11_key_purpose purpose;
    const char *label;
    unsigned char id[P11_ID_MAX];
    size_t id_len;
    bool pin_each_signature; /* CKA_ALWAYS_AUTHENTICATE (R19) */
    unsigned unkept; /* restored keys: what the token proved not to keep (p11_key_unkept) */
};

/* One attribute as planned and as read. */
struct p11_attribute_reading {
    const char *name; /* "CKA_SENSITIVE" */
    char planned[40]; /* "true", "false", "CKM_ECDSA", "absent or false", ... */
    char read[64];
    bool agrees;
};

#define P11_ATTRIBUTES_MAX 32

struct p11_attribute_report {
    struct p11_attribute_reading rows[P11_ATTRIBUTES_MAX];
    size_t count;
    bool all_agree;
};

/* Whether the token can make, and for a backed-up key also wrap, for one that decrypts also decrypt
 * with, this type. Errors: unsupported, in words fit for "check" before step 1. */
MUST_CHECK struct error *p11_key_type_supported(struct p11_module *module, unsigned long slot,
                                                enum p11_key_type type,
                                                enum p11_key_purpose purpose);
/* Refuses a label or id in use (R29), then C_GenerateKeyPair. Says nothing yet about what came out:
 * sync, open anew, and read it back. */
MUST_CHECK struct error *p11_key_generate(struct p11_session *session,
                                          const struct p11_key_plan *plan);
/* Refused, with words for people, when any object bears the label or the id. */
MUST_CHECK struct error *p11_key_name_free(struct p11_session *session, const char *label,
                                           const unsigned char *id, size_t id_len);
/* Handle of exactly one private key with that id; its label may be checked too (NULL: not). */
MUST_CHECK struct error *p11_key_find(struct p11_session *session, const unsigned char *id,
                                      size_t id_len, unsigned long *ret_handle);
/* DER SubjectPublicKeyInfo of the public object with that id (R30). */
MUST_CHECK struct error *p11_key_spki(struct p11_session *session, const unsigned char *id,
                                      size_t id_len, struct bytes *ret_spki);
/* Reads every attribute of the plan. No error when they differ: look at all_agree. `locked`: after
 * p11_key_lock, EXTRACTABLE is expected false. */
MUST_CHECK struct error *p11_key_read_back(struct p11_session *session,
                                           const struct p11_key_plan *plan, bool locked,
                                           struct p11_attribute_report *ret_report);
/* Which of the attributes that a restored key may do without the token cannot keep at all: CKA_COPYABLE,
 * CKA_DESTROYABLE, CKA_ALLOWED_MECHANISMS. Each is tried on a throw-away key pair, on the token, of which
 * nothing is left. The user is logged in. Errors: token (it makes no keys, so nothing is proven). */
MUST_CHECK struct error *p11_key_unkept(struct p11_session *session, unsigned *ret_unkept);
/* The name of the n-th of them; NULL after the last. */
const char *p11_unkept_name(unsigned unkept, size_t n);
/* EXTRACTABLE to false, read back. A key that is locked already is fine. */
MUST_CHECK struct error *p11_key_lock(struct p11_session *session, const unsigned char *id,
                                      size_t id_len);
/* Private and public object destroyed, absence proven (incomplete pairs too). How many went. */
MUST_CHECK struct error *p11_key_destroy(struct p11_session *session, const unsigned char *id,
                                         size_t id_len, size_t *ret_destroyed);
