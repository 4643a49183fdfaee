/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: what is planned of each kind of key; the tables of docs/formats/keys.md. */
#pragma once

#include "p11/ck.h"
#include "p11/key.h"

struct key_kind {
    const char *name;
    const char *spoken; /* "EC P-256" */
    CK_KEY_TYPE key_type;
    CK_MECHANISM_TYPE generate;
    CK_ULONG bits;
    const unsigned char *params; /* CKA_EC_PARAMS, NULL for RSA */
    size_t params_len;
    const CK_MECHANISM_TYPE *allowed;
    size_t allowed_count;
    const char *allowed_spoken;
    CK_MECHANISM_TYPE sign; /* what the key must be able to do at least */
};
const struct key_kind *key_kind(enum p11_key_type type);

/* What a key is pinned to: what its kind signs with, or RSA-OAEP. */
struct key_allowed {
    const CK_MECHANISM_TYPE *list;
    size_t count;
    const char *spoken;
};
struct key_allowed key_allowed(const struct p11_key_plan *plan);
/* Whether `value` is a plan's ALLOWED_MECHANISMS, in any order. */
bool key_allows_exactly(const struct p11_key_plan *plan, const struct bytes *value);

/* A boolean attribute by purpose: planned true, false, or not part of the template. */
struct key_attribute {
    const char *name;
    CK_ATTRIBUTE_TYPE type;
    bool planned[P11_KEY_PURPOSES];
    bool set;           /* stands in the template; otherwise only read back */
    bool may_be_absent; /* a token that does not know it cannot do it either */
};
extern const struct key_attribute key_private_attributes[];
extern const size_t key_private_attribute_count;
extern const struct key_attribute key_public_attributes[];
extern const size_t key_public_attribute_count;

/* Appends what the private half is generated or unwrapped with; `plan` is borrowed. MODIFIABLE as
 * given, so that an unwrap can fall back; TOKEN as given. */
void key_private_template(struct ck_template *template, const struct key_kind *kind,
                          const struct p11_key_plan *plan, bool token, bool modifiable);
void key_public_template(struct ck_template *template, const struct key_kind *kind,
                         const struct p11_key_plan *plan);
/* Whether the token proved that it cannot keep this attribute of a restored key. */
bool key_is_unkept(const struct p11_key_plan *plan, CK_ATTRIBUTE_TYPE type);
bool key_planned(const struct p11_key_plan *plan, CK_ATTRIBUTE_TYPE type);
/* What the plan wants of a row of the private half, and whether a token may know nothing of it. */
bool key_row_planned(const struct p11_key_plan *plan, const struct key_attribute *row);
bool key_row_may_be_absent(const struct p11_key_plan *plan, const struct key_attribute *row);

/* SPKI of a public object; checks that it is a key of this kind (and a point of its curve). */
MUST_CHECK struct error *key_public_spki(struct p11_session *session, CK_OBJECT_HANDLE object,
                                         const struct key_kind *kind, struct bytes *ret_spki);
/* The kind that an object is, from its type and parameters; NULL if it is none of ours. */
MUST_CHECK struct error *key_object_kind(struct p11_session *session, CK_OBJECT_HANDLE object,
                                         const struct key_kind **ret_kind);
/* Handles of all objects of that class and id. Caller frees. */
MUST_CHECK struct error *key_find_class(struct p11_session *session, CK_OBJECT_CLASS class,
                                        const unsigned char *id, size_t id_len,
                                        CK_OBJECT_HANDLE **ret_handles, size_t *ret_count);
/* Exactly one, or not-found / refused. */
MUST_CHECK struct error *key_find_one(struct p11_session *session, CK_OBJECT_CLASS class,
                                      const unsigned char *id, size_t id_len,
                                      CK_OBJECT_HANDLE *ret_handle);
