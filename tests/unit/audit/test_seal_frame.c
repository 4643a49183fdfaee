/* SPDX-License-Identifier: Apache-2.0
 *
 * One byte changed anywhere in a seal is found: by the frame, or by a signer that is not valid any
 * more (R93-R95). */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ceremony/audit/seal_frame.h"
#include "ceremony/base/bytes.h"
#include "ceremony/base/file.h"
#include "ceremony/pki/pki.h"
#include "tests/support/check.h"
#include "transcripts/seal.h"

#define START   INT64_C(1750000000)
#define SIGNERS 4

static const char *const types[SIGNERS] = {"ec-p256", "rsa-2048", "ec-p384", "ec-p521"};

static char folder[256];

static const char *
in_folder(const char *name)
{
    static char path[2][600];
    static unsigned turn;
    turn ^= 1U;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void
sign_as(const char *type)
{
    EVP_PKEY *key = NULL;
    AUTO_BYTES der = {0};
    check_ok(pki_key_make(type, &key));
    check_ok(seal_certificate_make(key, key, NULL, type, START, &der));
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    assert_non_null(certificate);
    check_ok(seal_sign(folder, SEAL_SIGNATURE, key, certificate, NULL));
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/seal-frame.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    check_ok(file_write_new(in_folder("transcript.jsonl"), "{}\n", 3));
    check_ok(seal_write_sums(folder));
    for (size_t i = 0; i < 2; i++) /* the quick ones, for all the bytes */
        sign_as(types[i]);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[400];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static void
read_seal(struct bytes *seal)
{
    check_ok(file_read(in_folder(SEAL_SIGNATURE), 1U << 20, seal));
}

static void
accepts_all_kinds_of_keys(void **state)
{
    (void)state;
    AUTO_BYTES seal = {0};
    struct seal_frame frame = {.count = 0};
    struct seal_signer *signers = NULL;
    size_t count = 0;
    for (size_t i = 2; i < SIGNERS; i++)
        sign_as(types[i]);
    read_seal(&seal);
    check_ok(seal_frame_check(seal.data, seal.len, &frame));
    assert_int_equal(frame.count, SIGNERS);
    check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t f = 0; f < frame.count; f++)
            found = found || strcmp(frame.certificates[f], signers[i].certificate_sha256) == 0;
        assert_true(found);
    }
    free(signers);
}

/* A changed certificate is still a seal of somebody: its fingerprint says that it is another. */
static bool
is_same_people(const struct seal_frame *frame, const struct seal_frame *original)
{
    if (frame->count != original->count)
        return false;
    for (size_t i = 0; i < frame->count; i++)
        if (strcmp(frame->certificates[i], original->certificates[i]) != 0)
            return false;
    return true;
}

/* What the frame lets pass must be a signature that does not fit SHA256SUMS: none does, since the
 * attributes are signed. */
static bool
is_found(const struct bytes *seal, const struct seal_frame *original)
{
    static struct seal_frame frame;
    struct error *error = seal_frame_check(seal->data, seal->len, &frame);
    bool found = error != NULL || !is_same_people(&frame, original);
    error_free(error);
    return found;
}

static void
finds_every_byte(void **state)
{
    (void)state;
    AUTO_BYTES seal = {0};
    static struct seal_frame original;
    size_t tried = 0;
    read_seal(&seal);
    check_ok(seal_frame_check(seal.data, seal.len, &original));
    for (size_t i = 0; i < seal.len; i++) {
        unsigned char was = seal.data[i];
        unsigned char other = was ^ (unsigned char)(1U << i % 8);
        seal.data[i] = other;
        tried++;
        if (!is_found(&seal, &original))
            fail_msg("byte %zu of %zu: %02x for %02x was not found", i, seal.len, other, was);
        seal.data[i] = was;
    }
    assert_true(tried > 1000);
    assert_false(is_found(&seal, &original));
}

static void
finds_what_is_cut_or_added(void **state)
{
    (void)state;
    AUTO_BYTES seal = {0};
    static struct seal_frame original;
    read_seal(&seal);
    check_ok(seal_frame_check(seal.data, seal.len, &original));
    for (size_t len = 0; len < seal.len; len += 97) {
        struct bytes shorter = {seal.data, len, 0};
        assert_true(is_found(&shorter, &original));
    }
    check_ok(bytes_append_char(&seal, '\0'));
    assert_true(is_found(&seal, &original));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_byte),
        cmocka_unit_test(finds_what_is_cut_or_added),
        cmocka_unit_test(accepts_all_kinds_of_keys),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
