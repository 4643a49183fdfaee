/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions that this program calls. PKCS#11 wants every module to have all, but for a place in the list that is
 * empty nothing but a crash is left: the list is looked at before the first call. (PKCS#11 2.40, 3.6) */
#pragma once

#include <p11-kit/pkcs11.h>

#include "ceremony/base/error.h"

/* clang-format off */
#define CK_FUNCTIONS(X) \
    X(C_Initialize) X(C_Finalize) X(C_GetInfo) X(C_GetSlotList) X(C_GetSlotInfo) X(C_GetTokenInfo) \
    X(C_GetMechanismList) X(C_GetMechanismInfo) X(C_InitToken) X(C_InitPIN) X(C_SetPIN) \
    X(C_OpenSession) X(C_CloseSession) X(C_CloseAllSessions) X(C_GetSessionInfo) X(C_Login) X(C_Logout) \
    X(C_CreateObject) X(C_DestroyObject) X(C_GetAttributeValue) X(C_SetAttributeValue) \
    X(C_FindObjectsInit) X(C_FindObjects) X(C_FindObjectsFinal) X(C_DecryptInit) X(C_Decrypt) \
    X(C_SignInit) X(C_Sign) X(C_SignUpdate) X(C_SignFinal) X(C_GenerateKey) X(C_GenerateKeyPair) \
    X(C_WrapKey) X(C_UnwrapKey) X(C_GenerateRandom)

/* clang-format on */

/* CK_CALL names one of these: a call that the list above lacks does not compile. */
enum ck_function {
#define CK_FUNCTION_NAME(name) CK_CALLS_##name,
    CK_FUNCTIONS(CK_FUNCTION_NAME)
#undef CK_FUNCTION_NAME
};

/* ERROR_INPUT: the list of module `name` lacks a function. `list` is the module's own, not one that stands before it. */
MUST_CHECK struct error *ck_check_functions(const char *name, const CK_FUNCTION_LIST *list);
