/* SPDX-License-Identifier: Apache-2.0
 *
 * Every CK_RV by name, what a person can do about it, and plain words. X(name, code, words). */
#pragma once

#define CK_RESULTS(X)                                                                          \
    X(CKR_OK, ERROR_BUG, "it succeeded")                                                       \
    X(CKR_CANCEL, ERROR_REFUSED, "it was cancelled")                                           \
    X(CKR_HOST_MEMORY, ERROR_TOKEN, "the token's driver ran out of memory")                    \
    X(CKR_SLOT_ID_INVALID, ERROR_TOKEN_GONE, "the slot is no longer there")                    \
    X(CKR_GENERAL_ERROR, ERROR_TOKEN, "the token failed without saying why")                   \
    X(CKR_FUNCTION_FAILED, ERROR_TOKEN, "the token could not do it")                           \
    X(CKR_ARGUMENTS_BAD, ERROR_TOKEN, "the token did not accept how it was asked")             \
    X(CKR_NO_EVENT, ERROR_TOKEN, "nothing happened")                                           \
    X(CKR_NEED_TO_CREATE_THREADS, ERROR_TOKEN, "the driver wants threads of its own")          \
    X(CKR_CANT_LOCK, ERROR_TOKEN, "the driver cannot be used from several threads")            \
    X(CKR_ATTRIBUTE_READ_ONLY, ERROR_TOKEN, "the token does not let that attribute be set")    \
    X(CKR_ATTRIBUTE_SENSITIVE, ERROR_TOKEN, "the token keeps that attribute secret")           \
    X(CKR_ATTRIBUTE_TYPE_INVALID, ERROR_TOKEN, "the token does not know that attribute")       \
    X(CKR_ATTRIBUTE_VALUE_INVALID, ERROR_TOKEN, "the token refuses the value of an attribute") \
    X(CKR_ACTION_PROHIBITED, ERROR_TOKEN, "the object's attributes forbid it")                 \
    X(CKR_DATA_INVALID, ERROR_TOKEN, "the token refuses the data")                             \
    X(CKR_DATA_LEN_RANGE, ERROR_TOKEN, "the data has a length that the token refuses")         \
    X(CKR_DEVICE_ERROR, ERROR_TOKEN, "the token reports a fault of its own")                   \
    X(CKR_DEVICE_MEMORY, ERROR_TOKEN, "the token is full")                                     \
    X(CKR_DEVICE_REMOVED, ERROR_TOKEN_GONE, "the token was removed")                           \
    X(CKR_ENCRYPTED_DATA_INVALID, ERROR_TOKEN, "what it was given to decrypt is damaged")      \
    X(CKR_ENCRYPTED_DATA_LEN_RANGE, ERROR_TOKEN, "what it was given to decrypt is damaged")    \
    X(CKR_FUNCTION_CANCELED, ERROR_REFUSED, "it was cancelled at the token")                   \
    X(CKR_FUNCTION_NOT_PARALLEL, ERROR_TOKEN, "the token does not work in parallel")           \
    X(CKR_FUNCTION_NOT_SUPPORTED, ERROR_UNSUPPORTED, "the token has no such function")         \
    X(CKR_KEY_HANDLE_INVALID, ERROR_TOKEN, "the key is no longer there for this login")        \
    X(CKR_KEY_SIZE_RANGE, ERROR_UNSUPPORTED, "the token refuses keys of that size")            \
    X(CKR_KEY_TYPE_INCONSISTENT, ERROR_TOKEN, "the key is of another type")                    \
    X(CKR_KEY_NOT_NEEDED, ERROR_TOKEN, "the token wants no key for that")                      \
    X(CKR_KEY_CHANGED, ERROR_TOKEN, "the key is another one than before")                      \
    X(CKR_KEY_NEEDED, ERROR_TOKEN, "the token wants a key for that")                           \
    X(CKR_KEY_INDIGESTIBLE, ERROR_TOKEN, "the token does not hash that key")                   \
    X(CKR_KEY_FUNCTION_NOT_PERMITTED, ERROR_TOKEN, "the key's attributes forbid it")           \
    X(CKR_KEY_NOT_WRAPPABLE, ERROR_TOKEN, "the key may not be wrapped that way")               \
    X(CKR_KEY_UNEXTRACTABLE, ERROR_TOKEN, "the key may never leave the token")                 \
    X(CKR_MECHANISM_INVALID, ERROR_UNSUPPORTED,                                                \
      "the token, or the key, does not offer that way")                                        \
    X(CKR_MECHANISM_PARAM_INVALID, ERROR_UNSUPPORTED, "the token refuses those parameters")    \
    X(CKR_OBJECT_HANDLE_INVALID, ERROR_TOKEN, "the object is no longer there")                 \
    X(CKR_OPERATION_ACTIVE, ERROR_TOKEN, "the session is still busy with something else")      \
    X(CKR_OPERATION_NOT_INITIALIZED, ERROR_TOKEN, "the token forgot what it was asked to do")  \
    X(CKR_PIN_INCORRECT, ERROR_PIN, "the PIN was not accepted")                                \
    X(CKR_PIN_INVALID, ERROR_PIN, "the PIN has characters that the token does not take")       \
    X(CKR_PIN_LEN_RANGE, ERROR_PIN, "the PIN is too short or too long for the token")          \
    X(CKR_PIN_EXPIRED, ERROR_REFUSED, "the PIN has expired and must be changed first")         \
    X(CKR_PIN_LOCKED, ERROR_PIN_LOCKED, "the PIN is locked")                                   \
    X(CKR_SESSION_CLOSED, ERROR_TOKEN, "the token closed the session")                         \
    X(CKR_SESSION_COUNT, ERROR_TOKEN, "the token has no room for another session")             \
    X(CKR_SESSION_HANDLE_INVALID, ERROR_TOKEN, "the token no longer knows the session")        \
    X(CKR_SESSION_PARALLEL_NOT_SUPPORTED, ERROR_TOKEN, "the token has no parallel sessions")   \
    X(CKR_SESSION_READ_ONLY, ERROR_TOKEN, "the session may only read")                         \
    X(CKR_SESSION_EXISTS, ERROR_REFUSED, "the token is still in use by an open session")       \
    X(CKR_SESSION_READ_ONLY_EXISTS, ERROR_REFUSED, "a reading session is still open")          \
    X(CKR_SESSION_READ_WRITE_SO_EXISTS, ERROR_REFUSED, "the security officer is logged in")    \
    X(CKR_SIGNATURE_INVALID, ERROR_TOKEN, "the signature is wrong")                            \
    X(CKR_SIGNATURE_LEN_RANGE, ERROR_TOKEN, "the signature has a wrong length")                \
    X(CKR_TEMPLATE_INCOMPLETE, ERROR_TOKEN, "the token wants more attributes")                 \
    X(CKR_TEMPLATE_INCONSISTENT, ERROR_TOKEN, "the token refuses these attributes together")   \
    X(CKR_TOKEN_NOT_PRESENT, ERROR_TOKEN_GONE, "the token is no longer in its slot")           \
    X(CKR_TOKEN_NOT_RECOGNIZED, ERROR_TOKEN_GONE, "the slot no longer holds a usable token")   \
    X(CKR_TOKEN_WRITE_PROTECTED, ERROR_REFUSED, "the token is write-protected")                \
    X(CKR_UNWRAPPING_KEY_HANDLE_INVALID, ERROR_TOKEN, "the key-encryption key is gone")        \
    X(CKR_UNWRAPPING_KEY_SIZE_RANGE, ERROR_UNSUPPORTED,                                        \
      "the key-encryption key has a wrong size")                                               \
    X(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, ERROR_TOKEN,                                       \
      "the key-encryption key does not fit the mechanism")                                     \
    X(CKR_USER_ALREADY_LOGGED_IN, ERROR_REFUSED, "the user is logged in already")              \
    X(CKR_USER_NOT_LOGGED_IN, ERROR_REFUSED, "nobody is logged in")                            \
    X(CKR_USER_PIN_NOT_INITIALIZED, ERROR_REFUSED, "the user's PIN has not been set yet")      \
    X(CKR_USER_TYPE_INVALID, ERROR_TOKEN, "the token does not know such a user")               \
    X(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, ERROR_REFUSED, "the other user is logged in")        \
    X(CKR_USER_TOO_MANY_TYPES, ERROR_REFUSED, "the other user is logged in")                   \
    X(CKR_WRAPPED_KEY_INVALID, ERROR_TOKEN, "the wrapped key is damaged")                      \
    X(CKR_WRAPPED_KEY_LEN_RANGE, ERROR_TOKEN, "the wrapped key has a wrong length")            \
    X(CKR_WRAPPING_KEY_HANDLE_INVALID, ERROR_TOKEN, "the key-encryption key is gone")          \
    X(CKR_WRAPPING_KEY_SIZE_RANGE, ERROR_UNSUPPORTED,                                          \
      "the key-encryption key has a wrong size")                                               \
    X(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, ERROR_TOKEN,                                         \
      "the key-encryption key does not fit the mechanism")                                     \
    X(CKR_RANDOM_SEED_NOT_SUPPORTED, ERROR_UNSUPPORTED, "the token takes no seed")             \
    X(CKR_RANDOM_NO_RNG, ERROR_UNSUPPORTED, "the token makes no random numbers")               \
    X(CKR_DOMAIN_PARAMS_INVALID, ERROR_UNSUPPORTED, "the token refuses that curve")            \
    X(CKR_CURVE_NOT_SUPPORTED, ERROR_UNSUPPORTED, "the token does not have that curve")        \
    X(CKR_BUFFER_TOO_SMALL, ERROR_TOKEN, "the token's answer is longer than it said")          \
    X(CKR_SAVED_STATE_INVALID, ERROR_TOKEN, "the saved state is invalid")                      \
    X(CKR_INFORMATION_SENSITIVE, ERROR_TOKEN, "the token keeps that secret")                   \
    X(CKR_STATE_UNSAVEABLE, ERROR_TOKEN, "the state cannot be saved")                          \
    X(CKR_CRYPTOKI_NOT_INITIALIZED, ERROR_TOKEN, "the token's driver was shut down")           \
    X(CKR_CRYPTOKI_ALREADY_INITIALIZED, ERROR_TOKEN, "the token's driver is in use already")   \
    X(CKR_MUTEX_BAD, ERROR_TOKEN, "the driver failed at its locks")                            \
    X(CKR_MUTEX_NOT_LOCKED, ERROR_TOKEN, "the driver failed at its locks")                     \
    X(CKR_FIPS_SELF_TEST_FAILED, ERROR_TOKEN, "the token failed its self-test")                \
    X(CKR_LIBRARY_LOAD_FAILED, ERROR_TOKEN, "the driver could not load a part of itself")      \
    X(CKR_PIN_TOO_WEAK, ERROR_PIN, "the PIN is too weak for the token")                        \
    X(CKR_PUBLIC_KEY_INVALID, ERROR_TOKEN, "the public key is invalid")                        \
    X(CKR_FUNCTION_REJECTED, ERROR_REFUSED, "it was rejected at the token")
