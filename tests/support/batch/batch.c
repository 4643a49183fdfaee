/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/batch/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/values.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/verify.h"

const char batch_device_profile[] =
    "schema: 1\n"
    "profile: device\n"
    "version: 1.0.0\n"
    "title: A device\n"
    "policy: CPS 7\n"
    "kind: certificate\n"
    "trust: private\n"
    "certificate:\n"
    "  fields:\n"
    "    serial: {from: item, form: printable, max: 40, sample: SN-0000001}\n"
    "  subject:\n"
    "    - O: Example\n"
    "    - CN: Sensor\n"
    "    - serialNumber: {field: serial}\n"
    "  validity: {until: forever}\n"
    "  outlives-issuer: devices are used for longer than any CA\n"
    "  extensions:\n"
    "    basic-constraints: {critical: yes, ca: no}\n"
    "    key-usage: {critical: yes, usages: [digitalSignature]}\n"
    "    subject-key-id: {critical: no}\n"
    "    authority-key-id: {critical: no}\n";

static const char root_profile[] =
    "schema: 1\n"
    "profile: root\n"
    "version: 1.0.0\n"
    "title: A root\n"
    "policy: CPS 7\n"
    "kind: certificate\n"
    "trust: private\n"
    "certificate:\n"
    "  subject:\n"
    "    - O: Example\n"
    "    - CN: Issuing CA\n"
    "  validity: {until: forever}\n"
    "  extensions:\n"
    "    basic-constraints: {critical: yes, ca: yes}\n"
    "    key-usage: {critical: yes, usages: [keyCertSign, cRLSign]}\n"
    "    subject-key-id: {critical: no}\n";

struct error *
batch_profile(const char *file, const char *text, struct pki_profile **ret_profile)
{
    AUTO_FAULTS faults = {0};
    AUTO(places) places = NULL;
    AUTO_BYTES said = {0};
    if (text != NULL)
        TRY(file_replace(file, text, strlen(text)));
    TRY(places_new(&places));
    TRY(profile_read(file, &faults, places, ret_profile));
    if (*ret_profile != NULL)
        return NULL;
    TRY(faults_text(&faults, &said));
    return ERROR(ERROR_INPUT, "%s", bytes_text(&said));
}

struct error *
batch_issuer_certify(struct batch_issuer *issuer, const char *file, bool practice,
                     OSSL_LIB_CTX *context)
{
    static const unsigned char serial[] = {0x5a, 1, 2, 3, 4, 5, 6, 7, 8};
    AUTO(pki_profile) profile = NULL;
    AUTO_DRAFT draft = {0};
    TRY(batch_profile(file, root_profile, &profile));
    struct pki_certificate_order order = {
        .profile = profile,
        .subject_spki = issuer->spki.data,
        .subject_spki_len = issuer->spki.len,
        .issuer_spki = issuer->spki.data,
        .issuer_spki_len = issuer->spki.len,
        .serial = serial,
        .serial_len = sizeof serial,
        .now = BATCH_NOW - 86400,
        .practice = practice,
    };
    TRY(pki_certificate_draft(&order, &draft));
    const struct signature_kind *kind = signature_kind_for(
        key_kind_of_spki(der_view(issuer->spki.data, issuer->spki.len)), NULL, false);
    issuer->digest = kind->digest;
    return pki_draft_sign(&draft, issuer->key, context, issuer->spki.data, issuer->spki.len,
                          &issuer->certificate);
}

struct error *
batch_issuer_make(struct batch_issuer *issuer, const char *key_type, bool practice)
{
    char file[] = "/tmp/issuer.XXXXXX";
    int descriptor = mkstemp(file);
    *issuer = (struct batch_issuer){0};
    if (descriptor < 0)
        return ERROR(ERROR_IO, "no temporary file");
    TRY(pki_key_make(key_type, &issuer->key));
    TRY(pki_spki_of(issuer->key, &issuer->spki));
    TRY(pki_spki_hash(issuer->spki.data, issuer->spki.len, issuer->spki_sha256));
    struct error *error = batch_issuer_certify(issuer, file, practice, NULL);
    (void)remove(file);
    return error;
}

void
batch_issuer_clear(struct batch_issuer *issuer)
{
    EVP_PKEY_free(issuer->key);
    bytes_clear(&issuer->spki);
    bytes_clear(&issuer->certificate);
    *issuer = (struct batch_issuer){0};
}

static struct error *
sign_by_key(void *self, unsigned worker, const void *message, size_t len,
            struct bytes *ret_signature)
{
    struct batch_issuer *issuer = self;
    (void)worker;
    int number = __atomic_add_fetch(&issuer->signed_count, 1, __ATOMIC_SEQ_CST);
    if (number == issuer->fail_at)
        return ERROR(ERROR_TOKEN, "the token failed");
    TRY(pki_sign(issuer->key, NULL, issuer->digest, message, len, ret_signature));
    if (number == issuer->lie_at)
        ret_signature->data[ret_signature->len - 1] ^= 1;
    return verify_with(
        issuer->spki.data, issuer->spki.len, issuer->digest[0] == '\0' ? NULL : issuer->digest,
        false, der_view(message, len), der_view(ret_signature->data, ret_signature->len), NULL);
}

struct batch_signer
batch_issuer_signer(struct batch_issuer *issuer)
{
    return (struct batch_signer){sign_by_key, issuer};
}

/* --- the feed --- */

/* A point that nobody knows the key of would do as well; but a key is quick to make. */
static struct error *
make_request(unsigned seed, uint64_t number, bool quick, struct batch_item *item)
{
    static const unsigned char head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                         0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                         0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    unsigned char secret[32];
    unsigned char point[65];
    char text[64];
    (void)snprintf(text, sizeof text, "%u/%llu", seed, (unsigned long long)number);
    if (quick) {
        /* 64 octets that look like a point: nobody on the line looks closer. */
        unsigned char half[64];
        if (EVP_Digest(text, strlen(text), half, NULL, EVP_sha512(), NULL) != 1)
            return error_memory();
        point[0] = 4;
        memcpy(point + 1, half, sizeof half);
        TRY(bytes_append(&item->request, head, sizeof head));
        TRY(bytes_append(&item->request, point, sizeof point));
        item->spki = der_view(item->request.data, item->request.len);
        return NULL;
    }
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *public_point = EC_POINT_new(group);
    bool made = EVP_Digest(text, strlen(text), secret, NULL, EVP_sha256(), NULL) == 1;
    BIGNUM *scalar = BN_bin2bn(secret, sizeof secret, NULL);
    made = made && EC_POINT_mul(group, public_point, scalar, NULL, NULL, NULL) == 1
           && EC_POINT_point2oct(group, public_point, POINT_CONVERSION_UNCOMPRESSED, point,
                                 sizeof point, NULL)
                  == sizeof point;
    BN_free(scalar);
    EC_POINT_free(public_point);
    EC_GROUP_free(group);
    if (!made)
        return error_memory();
    TRY(bytes_append(&item->request, head, sizeof head));
    TRY(bytes_append(&item->request, point, sizeof point));
    item->spki = der_view(item->request.data, item->request.len);
    return NULL;
}

static struct error *
next_item(void *self, struct batch_item **ret_item)
{
    struct batch_test_feed *feed = self;
    AUTO(batch_item) item = NULL;
    char serial[32];
    if (feed->next == feed->count)
        return NULL;
    TRY(batch_item_new(&item));
    item->index = feed->next++;
    TRY(text_format(&item->name, "%06llu.csr", (unsigned long long)item->index));
    (void)snprintf(serial, sizeof serial, "SN-%07llu", (unsigned long long)item->index);
    TRY(batch_item_add_field(item, "serial", serial));
    TRY(make_request(feed->seed, item->index, feed->quick, item));
    (void)snprintf(item->input_sha256, sizeof item->input_sha256, "%064llx",
                   (unsigned long long)item->index);
    item->verdict = BATCH_ACCEPTED;
    if (feed->refuse > 0 && item->index % feed->refuse == 0) {
        item->verdict = BATCH_REFUSED;
        item->codes[item->code_count++] = 7;
    }
    *ret_item = TAKE(item);
    return NULL;
}

struct batch_feed
batch_test_feed(struct batch_test_feed *feed)
{
    return (struct batch_feed){feed, next_item};
}

const char *
batch_token_digest(const struct key_kind *kind)
{
    static const char *const names[][2] = {
        {"sha256", "SHA256"},
        {"sha384", "SHA384"},
        {"sha512", "SHA512"}
    };
    for (size_t i = 0; i < 3; i++)
        if (strcmp(names[i][0], kind->digest) == 0)
            return names[i][1];
    return NULL;
}

const char *
batch_test_code(unsigned code)
{
    return code == 7 ? "test-refused" : "unknown";
}
