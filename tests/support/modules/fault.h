/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of fault_module.c share: rules, the actions that meet one call, and the lies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <p11-kit/pkcs11.h>

#include "tests/support/modules/fault_functions.h"

#define RULES_MAX 64U

enum function {
#define NUMBER(name, parameters, arguments) F_##name,
    FAULT_FUNCTIONS(NUMBER)
#undef NUMBER
    FUNCTIONS,
    F_ANY = FUNCTIONS
};

enum action {
    FAIL_BEFORE,
    FAIL_AFTER,
    KILL_BEFORE,
    KILL_AFTER,
    HANG,
    DELAY,
    FLIP,
    FLAGS,
    ATTRIBUTE,
    WRONG_KEY,
    OTHER_POINT,
    IGNORE_EXTRACTABLE,
    SHORT_LIST,
    SAME_HANDLE,
    CONSTANT_RANDOM,
    NOT_DESTROYED,
    NO_FLAGS,
    NO_OUTPUT,
    SHOW_SECRET,
    NOTHING,
    NOT_KEPT,
    OTHER_KEY,
    NO_ATTRIBUTE,
    ACTIONS
};

struct rule {
    enum function function;
    unsigned long at;
    bool onwards;
    enum action action;
    unsigned long number; /* CK_RV, milliseconds, flags or attribute type */
    unsigned char value;
};

/* Which actions meet the present call: a bit each, and their numbers. */
struct meeting {
    unsigned actions;
    unsigned long number[ACTIONS];
    const struct rule *attributes[RULES_MAX];
    size_t attribute_count;
    unsigned long counter;
};

extern CK_FUNCTION_LIST *target; /* the module behind */

_Noreturn void give_up(const char *what, const char *about);
bool has(const struct meeting *meeting, enum action action);

/* --- fault_lies.c: each by way of the target, then changed as the meeting says --- */

void flip(const struct meeting *meeting, CK_RV rv, CK_BYTE *data, CK_ULONG len);
/* Nothing comes out (NO_OUTPUT). */
void empty(const struct meeting *meeting, CK_ULONG *len);
/* What was made is gone at once (NOT_KEPT). */
void forget(const struct meeting *meeting, CK_RV rv, CK_SESSION_HANDLE session,
            const CK_OBJECT_HANDLE *made);
/* A private key is replaced by a fresh one of its type (OTHER_KEY). */
void swap_key(const struct meeting *meeting, CK_RV rv, CK_SESSION_HANDLE session,
              CK_OBJECT_HANDLE *key);
CK_RV generate_extractable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                           CK_ATTRIBUTE *public, CK_ULONG public_count, CK_ATTRIBUTE *private,
                           CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
                           CK_OBJECT_HANDLE *private_key);
CK_RV create_shown(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                   CK_OBJECT_HANDLE *object);
CK_RV lying_random(const struct meeting *meeting, CK_SESSION_HANDLE session, CK_BYTE *data,
                   CK_ULONG len);
CK_RV lying_token_info(const struct meeting *meeting, CK_SLOT_ID slot, CK_TOKEN_INFO *info);
CK_RV lying_attributes(const struct meeting *meeting, CK_SESSION_HANDLE session,
                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count);
CK_RV lying_find(const struct meeting *meeting, CK_SESSION_HANDLE session,
                 CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count);
CK_RV lying_sign_init(const struct meeting *meeting, CK_SESSION_HANDLE session,
                      CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
