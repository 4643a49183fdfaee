/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/algorithm.h"

#include <string.h>

#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1

#define SPKI_RSA "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
#define SPKI_P256                                                                              \
    "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define SPKI_P384    "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"
#define SPKI_P521    "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"
#define SPKI_ED25519 "\x30\x05\x06\x03\x2b\x65\x70"
#define SPKI_ED448   "\x30\x05\x06\x03\x2b\x65\x71"

/* clang-format off */
static const struct key_kind key_kinds[] = {
    {"ec-p256",  "EC P-256", KEY_EC,      256,  "P-256", "sha256", BYTES(SPKI_P256)},
    {"ec-p384",  "EC P-384", KEY_EC,      384,  "P-384", "sha384", BYTES(SPKI_P384)},
    {"ec-p521",  "EC P-521", KEY_EC,      521,  "P-521", "sha512", BYTES(SPKI_P521)},
    {"rsa-2048", "RSA 2048", KEY_RSA,     2048, NULL,    "sha256", BYTES(SPKI_RSA)},
    {"rsa-3072", "RSA 3072", KEY_RSA,     3072, NULL,    "sha256", BYTES(SPKI_RSA)},
    {"rsa-4096", "RSA 4096", KEY_RSA,     4096, NULL,    "sha256", BYTES(SPKI_RSA)},
    {"ed25519",  "Ed25519",  KEY_ED25519, 256,  NULL,    "",       BYTES(SPKI_ED25519)},
    {"ed448",    "Ed448",    KEY_ED448,   456,  NULL,    "",       BYTES(SPKI_ED448)},
};

/* RSASSA-PSS-params with the digest for message and MGF1, salt as long as the digest. */
#define PSS(hash, salt)                                                                            \
    "\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34"                                 \
    "\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" hash "\x05\x00"                     \
    "\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"                                 \
    "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" hash "\x05\x00"                             \
    "\xa2\x03\x02\x01" salt

static const struct signature_kind signature_kinds[] = {
    {"ECDSA with SHA-256", KEY_EC, "sha256", false, false,
     BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")},
    {"ECDSA with SHA-384", KEY_EC, "sha384", false, false,
     BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03")},
    {"ECDSA with SHA-512", KEY_EC, "sha512", false, false,
     BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04")},
    {"RSA with SHA-256", KEY_RSA, "sha256", false, false,
     BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00")},
    {"RSA with SHA-384", KEY_RSA, "sha384", false, false,
     BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00")},
    {"RSA with SHA-512", KEY_RSA, "sha512", false, false,
     BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00")},
    {"RSA-PSS with SHA-256", KEY_RSA, "sha256", true, false, BYTES(PSS("\x01", "\x20"))},
    {"RSA-PSS with SHA-384", KEY_RSA, "sha384", true, false, BYTES(PSS("\x02", "\x30"))},
    {"RSA-PSS with SHA-512", KEY_RSA, "sha512", true, false, BYTES(PSS("\x03", "\x40"))},
    {"Ed25519", KEY_ED25519, "", false, false, BYTES(SPKI_ED25519)},
    {"Ed448", KEY_ED448, "", false, false, BYTES(SPKI_ED448)},
    {"ECDSA with SHA-1", KEY_EC, "sha1", false, true,
     BYTES("\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01")},
    {"RSA with SHA-1", KEY_RSA, "sha1", false, true,
     BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00")},
    {"RSA with MD5", KEY_RSA, "md5", false, true,
     BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00")},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const struct key_kind *
key_kind_by_type(const char *type)
{
    for (size_t i = 0; i < COUNT(key_kinds); i++)
        if (strcmp(key_kinds[i].type, type) == 0)
            return &key_kinds[i];
    return NULL;
}

const char *
key_split_spki(struct der spki, struct der_item *ret_algorithm, struct der *ret_bits)
{
    struct der_item outer;
    struct der_item bits;
    DER_TRY(der_only(spki, DER_SEQUENCE, &outer));
    DER_TRY(der_expect(&outer.body, DER_SEQUENCE, ret_algorithm));
    DER_TRY(der_expect(&outer.body, DER_BIT_STRING, &bits));
    DER_TRY(der_check_bit_string(bits.body));
    if (bits.body.p[0] != 0)
        return "public key that is not whole octets";
    *ret_bits = der_view(bits.body.p + 1, bits.body.len - 1);
    return der_end(outer.body);
}

struct der
key_rsa_modulus(struct der spki)
{
    struct der_item algorithm;
    struct der bits;
    struct der_item key;
    struct der_item modulus;
    if (key_split_spki(spki, &algorithm, &bits) != NULL
        || der_only(bits, DER_SEQUENCE, &key) != NULL
        || der_expect(&key.body, DER_INTEGER, &modulus) != NULL)
        return der_view(NULL, 0);
    struct der n = modulus.body;
    while (n.len > 0 && n.p[0] == 0)
        n = der_view(n.p + 1, n.len - 1);
    return n;
}

size_t
key_rsa_bits(struct der spki)
{
    struct der n = key_rsa_modulus(spki);
    if (n.len == 0)
        return 0;
    size_t size = n.len * 8;
    for (unsigned top = n.p[0]; (top & 0x80) == 0; top <<= 1)
        size--;
    return size;
}

const struct key_kind *
key_kind_of_spki(struct der spki)
{
    struct der_item algorithm;
    struct der bits;
    if (key_split_spki(spki, &algorithm, &bits) != NULL)
        return NULL;
    for (size_t i = 0; i < COUNT(key_kinds); i++) {
        const struct key_kind *kind = &key_kinds[i];
        if (!der_is_bytes(algorithm.whole, kind->algorithm, kind->algorithm_len))
            continue;
        if (kind->family != KEY_RSA || key_rsa_bits(spki) == (size_t)kind->bits)
            return kind;
    }
    return NULL;
}

const struct signature_kind *
signature_kind_for(const struct key_kind *key, const char *digest, bool pss)
{
    bool named = digest != NULL && digest[0] != '\0';
    if (named && key->family != KEY_RSA && strcmp(digest, key->digest) != 0)
        return NULL;
    const char *wanted = named ? digest : key->digest;
    for (size_t i = 0; i < COUNT(signature_kinds); i++) {
        const struct signature_kind *kind = &signature_kinds[i];
        if (kind->family == key->family && kind->pss == pss && !kind->weak
            && strcmp(kind->digest, wanted) == 0)
            return kind;
    }
    return NULL;
}

const struct signature_kind *
signature_kind_of(struct der algorithm)
{
    for (size_t i = 0; i < COUNT(signature_kinds); i++)
        if (der_is_bytes(algorithm, signature_kinds[i].der, signature_kinds[i].der_len))
            return &signature_kinds[i];
    return NULL;
}
