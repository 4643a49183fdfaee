/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "p11/ck.h"
#include "p11/ck_results.h"

struct result_row {
    CK_RV rv;
    enum error_code code;
    const char *name;
    const char *words;
};

#define RESULT_ROW(name, code, words) {name, code, #name, words},
static const struct result_row results[] = {CK_RESULTS(RESULT_ROW)};

struct number_name {
    CK_ULONG number;
    const char *name;
};

/* The mechanisms that tokens of our time list; others are shown by number. */
#define MECHANISM(name)                                                                        \
    {                                                                                          \
        name, #name                                                                            \
    }
static const struct number_name mechanisms[] = {
    MECHANISM(CKM_RSA_PKCS_KEY_PAIR_GEN),
    MECHANISM(CKM_RSA_PKCS),
    MECHANISM(CKM_RSA_9796),
    MECHANISM(CKM_RSA_X_509),
    MECHANISM(CKM_MD5_RSA_PKCS),
    MECHANISM(CKM_SHA1_RSA_PKCS),
    MECHANISM(CKM_SHA224_RSA_PKCS),
    MECHANISM(CKM_SHA256_RSA_PKCS),
    MECHANISM(CKM_SHA384_RSA_PKCS),
    MECHANISM(CKM_SHA512_RSA_PKCS),
    MECHANISM(CKM_RSA_PKCS_OAEP),
    MECHANISM(CKM_RSA_X9_31_KEY_PAIR_GEN),
    MECHANISM(CKM_RSA_X9_31),
    MECHANISM(CKM_SHA1_RSA_X9_31),
    MECHANISM(CKM_RSA_PKCS_PSS),
    MECHANISM(CKM_SHA1_RSA_PKCS_PSS),
    MECHANISM(CKM_SHA224_RSA_PKCS_PSS),
    MECHANISM(CKM_SHA256_RSA_PKCS_PSS),
    MECHANISM(CKM_SHA384_RSA_PKCS_PSS),
    MECHANISM(CKM_SHA512_RSA_PKCS_PSS),
    MECHANISM(CKM_DSA_KEY_PAIR_GEN),
    MECHANISM(CKM_DSA),
    MECHANISM(CKM_DSA_PARAMETER_GEN),
    MECHANISM(CKM_DSA_SHA1),
    MECHANISM(CKM_DSA_SHA224),
    MECHANISM(CKM_DSA_SHA256),
    MECHANISM(CKM_DSA_SHA384),
    MECHANISM(CKM_DSA_SHA512),
    MECHANISM(CKM_DH_PKCS_KEY_PAIR_GEN),
    MECHANISM(CKM_DH_PKCS_PARAMETER_GEN),
    MECHANISM(CKM_DH_PKCS_DERIVE),
    MECHANISM(CKM_X9_42_DH_KEY_PAIR_GEN),
    MECHANISM(CKM_X9_42_DH_DERIVE),
    MECHANISM(CKM_SHA512_224),
    MECHANISM(CKM_SHA512_256),
    MECHANISM(CKM_RC2_CBC_PAD),
    MECHANISM(CKM_RC4),
    MECHANISM(CKM_DES_KEY_GEN),
    MECHANISM(CKM_DES_ECB),
    MECHANISM(CKM_DES_CBC),
    MECHANISM(CKM_DES_MAC),
    MECHANISM(CKM_DES_CBC_PAD),
    MECHANISM(CKM_DES2_KEY_GEN),
    MECHANISM(CKM_DES3_KEY_GEN),
    MECHANISM(CKM_DES3_ECB),
    MECHANISM(CKM_DES3_CBC),
    MECHANISM(CKM_DES3_MAC),
    MECHANISM(CKM_DES3_CBC_PAD),
    MECHANISM(CKM_DES3_CMAC),
    MECHANISM(CKM_DES_ECB_ENCRYPT_DATA),
    MECHANISM(CKM_DES_CBC_ENCRYPT_DATA),
    MECHANISM(CKM_DES3_ECB_ENCRYPT_DATA),
    MECHANISM(CKM_DES3_CBC_ENCRYPT_DATA),
    MECHANISM(CKM_MD5),
    MECHANISM(CKM_MD5_HMAC),
    MECHANISM(CKM_SHA_1),
    MECHANISM(CKM_SHA_1_HMAC),
    MECHANISM(CKM_SHA224),
    MECHANISM(CKM_SHA224_HMAC),
    MECHANISM(CKM_SHA256),
    MECHANISM(CKM_SHA256_HMAC),
    MECHANISM(CKM_SHA384),
    MECHANISM(CKM_SHA384_HMAC),
    MECHANISM(CKM_SHA512),
    MECHANISM(CKM_SHA512_HMAC),
    MECHANISM(CKM_GENERIC_SECRET_KEY_GEN),
    MECHANISM(CKM_CONCATENATE_BASE_AND_KEY),
    MECHANISM(CKM_CONCATENATE_BASE_AND_DATA),
    MECHANISM(CKM_CONCATENATE_DATA_AND_BASE),
    MECHANISM(CKM_XOR_BASE_AND_DATA),
    MECHANISM(CKM_EXTRACT_KEY_FROM_KEY),
    MECHANISM(CKM_SHA1_KEY_DERIVATION),
    MECHANISM(CKM_SHA224_KEY_DERIVATION),
    MECHANISM(CKM_SHA256_KEY_DERIVATION),
    MECHANISM(CKM_SHA384_KEY_DERIVATION),
    MECHANISM(CKM_SHA512_KEY_DERIVATION),
    MECHANISM(CKM_PKCS5_PBKD2),
    MECHANISM(CKM_EC_KEY_PAIR_GEN),
    MECHANISM(CKM_ECDSA),
    MECHANISM(CKM_ECDSA_SHA1),
    MECHANISM(CKM_ECDSA_SHA224),
    MECHANISM(CKM_ECDSA_SHA256),
    MECHANISM(CKM_ECDSA_SHA384),
    MECHANISM(CKM_ECDSA_SHA512),
    MECHANISM(CKM_ECDH1_DERIVE),
    MECHANISM(CKM_ECDH1_COFACTOR_DERIVE),
    MECHANISM(CKM_ECMQV_DERIVE),
    MECHANISM(CKM_ECDH_AES_KEY_WRAP),
    MECHANISM(CKM_RSA_AES_KEY_WRAP),
    MECHANISM(CKM_EC_EDWARDS_KEY_PAIR_GEN),
    MECHANISM(CKM_EDDSA),
    MECHANISM(CKM_AES_KEY_GEN),
    MECHANISM(CKM_AES_ECB),
    MECHANISM(CKM_AES_CBC),
    MECHANISM(CKM_AES_MAC),
    MECHANISM(CKM_AES_MAC_GENERAL),
    MECHANISM(CKM_AES_CBC_PAD),
    MECHANISM(CKM_AES_CTR),
    MECHANISM(CKM_AES_GCM),
    MECHANISM(CKM_AES_CCM),
    MECHANISM(CKM_AES_CTS),
    MECHANISM(CKM_AES_CMAC),
    MECHANISM(CKM_AES_CMAC_GENERAL),
    MECHANISM(CKM_AES_XCBC_MAC),
    MECHANISM(CKM_AES_GMAC),
    MECHANISM(CKM_AES_OFB),
    MECHANISM(CKM_AES_CFB64),
    MECHANISM(CKM_AES_CFB8),
    MECHANISM(CKM_AES_CFB128),
    MECHANISM(CKM_AES_ECB_ENCRYPT_DATA),
    MECHANISM(CKM_AES_CBC_ENCRYPT_DATA),
    MECHANISM(CKM_AES_KEY_WRAP),
    MECHANISM(CKM_AES_KEY_WRAP_PAD),
    MECHANISM(CKM_AES_KEY_WRAP_KWP),
    MECHANISM(CKM_CAMELLIA_KEY_GEN),
    MECHANISM(CKM_CAMELLIA_ECB),
    MECHANISM(CKM_CAMELLIA_CBC),
    MECHANISM(CKM_GOSTR3410_KEY_PAIR_GEN),
    MECHANISM(CKM_GOSTR3410),
    MECHANISM(CKM_GOSTR3410_WITH_GOSTR3411),
    MECHANISM(CKM_GOSTR3410_KEY_WRAP),
    MECHANISM(CKM_GOSTR3410_DERIVE),
    MECHANISM(CKM_GOSTR3411),
    MECHANISM(CKM_GOSTR3411_HMAC),
    MECHANISM(CKM_GOST28147_KEY_GEN),
    MECHANISM(CKM_GOST28147),
};

static const struct number_name key_types[] = {
    {CKK_RSA,            "RSA"           },
    {CKK_DSA,            "DSA"           },
    {CKK_DH,             "DH"            },
    {CKK_EC,             "EC"            },
    {CKK_EC_EDWARDS,     "EC_EDWARDS"    },
    {CKK_GENERIC_SECRET, "GENERIC_SECRET"},
    {CKK_AES,            "AES"           },
    {CKK_DES3,           "DES3"          },
    {CKK_DES2,           "DES2"          },
    {CKK_DES,            "DES"           },
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct result_row *
result_find(CK_RV rv)
{
    for (size_t i = 0; i < COUNT(results); i++)
        if (results[i].rv == rv)
            return &results[i];
    return NULL;
}

const char *
ck_result_name(CK_RV rv, char buffer[32])
{
    const struct result_row *row = result_find(rv);
    if (row != NULL)
        return row->name;
    (void)snprintf(buffer, 32, "CKR 0x%lx", rv);
    return buffer;
}

static const char *
number_name(const struct number_name *table, size_t count, CK_ULONG number, char buffer[32])
{
    for (size_t i = 0; i < count; i++)
        if (table[i].number == number)
            return table[i].name;
    (void)snprintf(buffer, 32, "0x%08lx", number);
    return buffer;
}

const char *
ck_mechanism_name(CK_MECHANISM_TYPE type, char buffer[32])
{
    return number_name(mechanisms, COUNT(mechanisms), type, buffer);
}

const char *
ck_key_type_name(CK_KEY_TYPE type, char buffer[32])
{
    return number_name(key_types, COUNT(key_types), type, buffer);
}

bool
ck_mechanism_number(const char *name, CK_MECHANISM_TYPE *ret_type)
{
    for (size_t i = 0; i < COUNT(mechanisms); i++) {
        if (strcmp(mechanisms[i].name, name) == 0) {
            *ret_type = mechanisms[i].number;
            return true;
        }
    }
    if (strncmp(name, "0x", 2) != 0)
        return false;
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(name + 2, &end, 16);
    if (errno != 0 || end == name + 2 || *end != '\0')
        return false;
    *ret_type = number;
    return true;
}

bool
ck_is_fatal(CK_RV rv)
{
    switch (rv) {
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_SLOT_ID_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_CRYPTOKI_NOT_INITIALIZED:
    case CKR_HOST_MEMORY:
    case CKR_DEVICE_ERROR:
    case CKR_DEVICE_MEMORY:
        return true;
    default:
        return false;
    }
}

struct error *
p11_error(CK_RV rv, const char *file, int line, const char *format, ...)
{
    const struct result_row *row = result_find(rv);
    char *doing = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&doing, format, arguments);
    va_end(arguments);
    if (length < 0)
        return error_memory();
    struct error *error =
        error_new(row != NULL ? row->code : ERROR_TOKEN, file, line, "%s: %s", doing,
                  row != NULL ? row->words : "the token gave an answer that no standard knows");
    free(doing);
    char buffer[32];
    return error_origin(error, "%s", ck_result_name(rv, buffer));
}
