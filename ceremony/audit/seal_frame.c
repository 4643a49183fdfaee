/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/seal_frame.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"
#include "transcripts/digest.h"

static const unsigned char oid_signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};
static const unsigned char oid_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1};

/* AlgorithmIdentifiers as the writer makes them, whole. */
static const unsigned char sha256[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                       0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
static const unsigned char sha384[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                       0x01, 0x65, 0x03, 0x04, 0x02, 0x02};
static const unsigned char sha512[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                       0x01, 0x65, 0x03, 0x04, 0x02, 0x03};
static const unsigned char ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                             0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const unsigned char ecdsa_sha384[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                             0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
static const unsigned char ecdsa_sha512[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                             0x48, 0xce, 0x3d, 0x04, 0x03, 0x04};
static const unsigned char rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                    0xf7, 0x0d, 1,    1,    1,    5,    0};

#define VIEW(array)                                                                            \
    {                                                                                          \
        (array), sizeof(array)                                                                 \
    }

/* What a key of this kind signs a seal with (docs/formats/evidence.md, Seal). */
static const struct {
    const char *key; /* beginning of pki_key_describe */
    const char *name;
    struct der digest;
    struct der signature;
} kinds[] = {
    {"EC P-256", "sha256", VIEW(sha256), VIEW(ecdsa_sha256)},
    {"EC P-384", "sha384", VIEW(sha384), VIEW(ecdsa_sha384)},
    {"EC P-521", "sha512", VIEW(sha512), VIEW(ecdsa_sha512)},
    {"RSA",      "sha256", VIEW(sha256), VIEW(rsa)         },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

struct certificate {
    struct der_item item;
    struct x509 x509;
    bool used;
};

struct parts {
    struct der digests;
    struct certificate certificates[SEAL_SIGNERS_MAX];
    size_t certificate_count;
    struct der signers;
    bool kinds_used[KINDS];
};

/* --- taking apart --- */

static const char *
expect_small(struct der *from, unsigned char value)
{
    struct der_item item;
    DER_TRY(der_expect(from, DER_INTEGER, &item));
    return der_is_bytes(item.body, &value, 1) ? NULL : "a version is not the one we write";
}

static const char *
expect_oid(struct der *from, const unsigned char *oid, size_t len)
{
    struct der_item item;
    DER_TRY(der_expect(from, DER_OID, &item));
    return der_is_bytes(item.body, oid, len) ? NULL : "a type is not the one we write";
}

/* X.690 11.6: members of a SET OF ascend by their encodings. */
static const char *
ascending(struct der before, struct der now)
{
    size_t len = before.len < now.len ? before.len : now.len;
    int order = before.p == NULL ? -1 : memcmp(before.p, now.p, len);
    return order < 0 || (order == 0 && before.len < now.len) ? NULL : "a set is out of order";
}

static const char *
take_certificates(struct der set, struct parts *parts)
{
    struct der before = {0};
    while (set.len > 0) {
        if (parts->certificate_count == SEAL_SIGNERS_MAX)
            return "too many certificates";
        struct certificate *row = &parts->certificates[parts->certificate_count++];
        DER_TRY(der_expect(&set, DER_SEQUENCE, &row->item));
        DER_TRY(ascending(before, row->item.whole));
        DER_TRY(x509_parse(row->item.whole.p, row->item.whole.len, &row->x509));
        if (row->x509.kind != KIND_CERTIFICATE)
            return "what stands for a certificate is none";
        before = row->item.whole;
    }
    return NULL;
}

static const char *
take_apart(struct der cms, struct parts *parts)
{
    struct der_item outer;
    struct der_item explicit;
    struct der_item data;
    struct der_item content;
    struct der_item set;
    DER_TRY(der_only(cms, DER_SEQUENCE, &outer));
    DER_TRY(expect_oid(&outer.body, oid_signed_data, sizeof oid_signed_data));
    DER_TRY(der_only(outer.body, DER_CONTEXT_C(0), &explicit));
    DER_TRY(der_only(explicit.body, DER_SEQUENCE, &data));
    DER_TRY(expect_small(&data.body, 1));
    DER_TRY(der_expect(&data.body, DER_SET, &set));
    parts->digests = set.body;
    DER_TRY(der_expect(&data.body, DER_SEQUENCE, &content));
    DER_TRY(expect_oid(&content.body, oid_data, sizeof oid_data));
    DER_TRY(der_end(content.body)); /* detached */
    DER_TRY(der_expect(&data.body, DER_CONTEXT_C(0), &set));
    DER_TRY(take_certificates(set.body, parts));
    DER_TRY(der_expect(&data.body, DER_SET, &set));
    parts->signers = set.body;
    return der_end(data.body);
}

/* --- one signer --- */

static struct certificate *
certificate_of(struct parts *parts, struct der issuer_and_serial)
{
    for (size_t i = 0; i < parts->certificate_count; i++) {
        const struct x509 *x509 = &parts->certificates[i].x509;
        struct der issuer = x509->issuer.whole;
        struct der serial = x509->serial.whole;
        if (issuer_and_serial.len == issuer.len + serial.len
            && memcmp(issuer_and_serial.p, issuer.p, issuer.len) == 0
            && memcmp(issuer_and_serial.p + issuer.len, serial.p, serial.len) == 0)
            return &parts->certificates[i];
    }
    return NULL;
}

static int
kind_of_key(struct der spki)
{
    AUTO_FREE char *text = NULL;
    struct error *error = pki_key_describe(spki.p, spki.len, &text);
    int kind = -1;
    for (size_t i = 0; error == NULL && i < KINDS; i++)
        if (strncmp(text, kinds[i].key, strlen(kinds[i].key)) == 0)
            kind = (int)i;
    error_free(error);
    return kind;
}

/* The signature over the attributes as they lie in the file, under the tag that they are signed with. */
static const char *
verify_attributes(struct der attributes, struct der spki, int kind, struct der signature)
{
    AUTO_BYTES message = {0};
    struct error *error = bytes_append(&message, attributes.p, attributes.len);
    if (error == NULL) {
        message.data[0] = DER_SET;
        error = pki_verify(spki.p, spki.len, kinds[kind].name, message.data, message.len,
                           signature.p, signature.len);
    }
    bool good = error == NULL;
    error_free(error);
    return good ? NULL : "a signature does not fit the bytes of its attributes";
}

static const char *
check_attributes_set(struct der set)
{
    struct der before = {0};
    struct der_item item;
    DER_TRY(der_check(set, DER_DEPTH_MAX));
    while (set.len > 0) {
        DER_TRY(der_expect(&set, DER_SEQUENCE, &item));
        DER_TRY(ascending(before, item.whole));
        before = item.whole;
    }
    return NULL;
}

static const char *
check_signer(struct der body, struct parts *parts)
{
    struct der_item id;
    struct der_item digest;
    struct der_item attributes;
    struct der_item algorithm;
    struct der_item signature;
    DER_TRY(expect_small(&body, 1));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &id));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &digest));
    DER_TRY(der_expect(&body, DER_CONTEXT_C(0), &attributes));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &algorithm));
    DER_TRY(der_expect(&body, DER_OCTET_STRING, &signature));
    DER_TRY(der_end(body));
    struct certificate *certificate = certificate_of(parts, id.body);
    if (certificate == NULL || certificate->used)
        return certificate == NULL ? "a signer's certificate is not there"
                                   : "a signer stands twice";
    certificate->used = true;
    struct der spki = certificate->x509.spki.whole;
    int kind = kind_of_key(spki);
    if (kind < 0)
        return "a signer's key is of no kind that we write";
    parts->kinds_used[kind] = true;
    if (!der_equal(digest.whole, kinds[kind].digest)
        || !der_equal(algorithm.whole, kinds[kind].signature))
        return "a signer's algorithm is not the one we write";
    DER_TRY(check_attributes_set(attributes.body));
    return verify_attributes(attributes.whole, spki, kind, signature.body);
}

/* --- the whole --- */

/* Each digest that a signer used, once, and no other. */
static const char *
check_digests(const struct parts *parts)
{
    struct der set = parts->digests;
    struct der before = {0};
    struct der_item item;
    bool seen[KINDS] = {0};
    while (set.len > 0) {
        DER_TRY(der_expect(&set, DER_SEQUENCE, &item));
        DER_TRY(ascending(before, item.whole));
        before = item.whole;
        bool known = false;
        for (size_t i = 0; i < KINDS; i++)
            if (der_equal(item.whole, kinds[i].digest) && parts->kinds_used[i])
                known = seen[i] = true;
        if (!known)
            return "a digest is named that no signer used";
    }
    for (size_t i = 0; i < KINDS; i++)
        if (parts->kinds_used[i] && !seen[i])
            return "a signer's digest is not named";
    return NULL;
}

static const char *
check_parts(struct parts *parts)
{
    struct der signers = parts->signers;
    struct der before = {0};
    struct der_item item;
    if (signers.len == 0)
        return "nobody signed";
    while (signers.len > 0) {
        DER_TRY(der_expect(&signers, DER_SEQUENCE, &item));
        DER_TRY(ascending(before, item.whole));
        before = item.whole;
        DER_TRY(check_signer(item.body, parts));
    }
    for (size_t i = 0; i < parts->certificate_count; i++)
        if (!parts->certificates[i].used)
            return "a certificate is there that nobody signed with";
    return check_digests(parts);
}

struct error *
seal_frame_check(const void *cms, size_t len, struct seal_frame *ret_frame)
{
    AUTO_FREE struct parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL)
        return error_memory();
    const char *fault = take_apart(der_view(cms, len), parts);
    if (fault == NULL)
        fault = check_parts(parts);
    if (fault != NULL)
        return ERROR(ERROR_VERIFICATION, "the seal is not as it was written: %s", fault);
    ret_frame->count = parts->certificate_count;
    for (size_t i = 0; i < parts->certificate_count; i++)
        TRY(digest_sha256_text(parts->certificates[i].item.whole.p,
                               parts->certificates[i].item.whole.len,
                               ret_frame->certificates[i]));
    return NULL;
}
