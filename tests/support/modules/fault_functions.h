/* SPDX-License-Identifier: Apache-2.0
 *
 * Every function of a PKCS#11 2.40 module but C_GetFunctionList: X(name, parameters, arguments). */
#pragma once

/* clang-format off */
#define FAULT_FUNCTIONS(X) \
    X(C_Initialize, \
      (void *args), \
      (args)) \
    X(C_Finalize, \
      (void *reserved), \
      (reserved)) \
    X(C_GetInfo, \
      (CK_INFO *info), \
      (info)) \
    X(C_GetSlotList, \
      (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count), \
      (present, slots, count)) \
    X(C_GetSlotInfo, \
      (CK_SLOT_ID slot, CK_SLOT_INFO *info), \
      (slot, info)) \
    X(C_GetTokenInfo, \
      (CK_SLOT_ID slot, CK_TOKEN_INFO *info), \
      (slot, info)) \
    X(C_GetMechanismList, \
      (CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count), \
      (slot, list, count)) \
    X(C_GetMechanismInfo, \
      (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info), \
      (slot, type, info)) \
    X(C_InitToken, \
      (CK_SLOT_ID slot, CK_BYTE *pin, CK_ULONG pin_len, CK_BYTE *label), \
      (slot, pin, pin_len, label)) \
    X(C_InitPIN, \
      (CK_SESSION_HANDLE session, CK_BYTE *pin, CK_ULONG pin_len), \
      (session, pin, pin_len)) \
    X(C_SetPIN, \
      (CK_SESSION_HANDLE session, CK_BYTE *old, CK_ULONG old_len, CK_BYTE *pin, CK_ULONG pin_len), \
      (session, old, old_len, pin, pin_len)) \
    X(C_OpenSession, \
      (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *session), \
      (slot, flags, application, notify, session)) \
    X(C_CloseSession, \
      (CK_SESSION_HANDLE session), \
      (session)) \
    X(C_CloseAllSessions, \
      (CK_SLOT_ID slot), \
      (slot)) \
    X(C_GetSessionInfo, \
      (CK_SESSION_HANDLE session, CK_SESSION_INFO *info), \
      (session, info)) \
    X(C_GetOperationState, \
      (CK_SESSION_HANDLE session, CK_BYTE *state, CK_ULONG *len), \
      (session, state, len)) \
    X(C_SetOperationState, \
      (CK_SESSION_HANDLE session, CK_BYTE *state, CK_ULONG len, CK_OBJECT_HANDLE encryption, CK_OBJECT_HANDLE authentication), \
      (session, state, len, encryption, authentication)) \
    X(C_Login, \
      (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG pin_len), \
      (session, user, pin, pin_len)) \
    X(C_Logout, \
      (CK_SESSION_HANDLE session), \
      (session)) \
    X(C_CreateObject, \
      (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object), \
      (session, template, count, object)) \
    X(C_CopyObject, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *copy), \
      (session, object, template, count, copy)) \
    X(C_DestroyObject, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), \
      (session, object)) \
    X(C_GetObjectSize, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size), \
      (session, object, size)) \
    X(C_GetAttributeValue, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count), \
      (session, object, template, count)) \
    X(C_SetAttributeValue, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count), \
      (session, object, template, count)) \
    X(C_FindObjectsInit, \
      (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count), \
      (session, template, count)) \
    X(C_FindObjects, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count), \
      (session, objects, max, count)) \
    X(C_FindObjectsFinal, \
      (CK_SESSION_HANDLE session), \
      (session)) \
    X(C_EncryptInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_Encrypt, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_EncryptUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_EncryptFinal, \
      (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len), \
      (session, out, out_len)) \
    X(C_DecryptInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_Decrypt, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DecryptUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DecryptFinal, \
      (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len), \
      (session, out, out_len)) \
    X(C_DigestInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism), \
      (session, mechanism)) \
    X(C_Digest, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DigestUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len), \
      (session, in, in_len)) \
    X(C_DigestKey, \
      (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key), \
      (session, key)) \
    X(C_DigestFinal, \
      (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len), \
      (session, out, out_len)) \
    X(C_SignInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_Sign, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_SignUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len), \
      (session, in, in_len)) \
    X(C_SignFinal, \
      (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len), \
      (session, out, out_len)) \
    X(C_SignRecoverInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_SignRecover, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_VerifyInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_Verify, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *signature, CK_ULONG signature_len), \
      (session, in, in_len, signature, signature_len)) \
    X(C_VerifyUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len), \
      (session, in, in_len)) \
    X(C_VerifyFinal, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len), \
      (session, in, in_len)) \
    X(C_VerifyRecoverInit, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), \
      (session, mechanism, key)) \
    X(C_VerifyRecover, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DigestEncryptUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DecryptDigestUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_SignEncryptUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_DecryptVerifyUpdate, \
      (CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len), \
      (session, in, in_len, out, out_len)) \
    X(C_GenerateKey, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key), \
      (session, mechanism, template, count, key)) \
    X(C_GenerateKeyPair, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public, CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key), \
      (session, mechanism, public, public_count, private, private_count, public_key, private_key)) \
    X(C_WrapKey, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len), \
      (session, mechanism, kek, key, out, out_len)) \
    X(C_UnwrapKey, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek, CK_BYTE *in, CK_ULONG in_len, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key), \
      (session, mechanism, kek, in, in_len, template, count, key)) \
    X(C_DeriveKey, \
      (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key), \
      (session, mechanism, base, template, count, key)) \
    X(C_SeedRandom, \
      (CK_SESSION_HANDLE session, CK_BYTE *seed, CK_ULONG len), \
      (session, seed, len)) \
    X(C_GenerateRandom, \
      (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len), \
      (session, data, len)) \
    X(C_GetFunctionStatus, \
      (CK_SESSION_HANDLE session), \
      (session)) \
    X(C_CancelFunction, \
      (CK_SESSION_HANDLE session), \
      (session)) \
    X(C_WaitForSlotEvent, \
      (CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved), \
      (flags, slot, reserved))
/* clang-format on */
