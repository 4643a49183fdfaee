/* SPDX-License-Identifier: Apache-2.0
 *
 * What OpenSSL or the clock may do to a record or a seal: a signature that does not fit its certificate, a certificate
 * that is another one when the seal is read again, a year that no record has; and lines that are no records. */
#include <dlfcn.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "tests/support/check.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"
#include "transcripts/writer.h"

#define START INT64_C(1750000000)

static char folder[256];
static unsigned
    other_hash;         /* at this call from now on a certificate has another hash; 0: never */
static int64_t wall_ms; /* what the clock says */
static int64_t monotonic_ms;

void
clock_read(struct clock_reading *ret_reading)
{
    *ret_reading = (struct clock_reading){.wall_ms = wall_ms, .monotonic_ms = monotonic_ms};
}

int
X509_digest(const X509 *certificate, const EVP_MD *type, unsigned char *digest, unsigned *len)
{
    int (*real)(const X509 *, const EVP_MD *, unsigned char *, unsigned *) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "X509_digest");
    int result = real(certificate, type, digest, len);
    if (other_hash > 0 && --other_hash == 0)
        digest[0] ^= 1;
    return result;
}

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/library.XXXXXX", TEST_BINARY_DIR);
    other_hash = 0;
    wall_ms = START * 1000;
    monotonic_ms = 5;
    if (mkdtemp(folder) == NULL)
        return -1;
    char path[300];
    (void)snprintf(path, sizeof path, "%s/x", folder);
    check_ok(file_write_new(path, "x", 1));
    check_ok(seal_write_sums(folder));
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[300];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static X509 *
certificate_of(EVP_PKEY *key)
{
    AUTO_BYTES der = {0};
    check_ok(seal_certificate_make(key, key, NULL, "One", START, &der));
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    assert_non_null(certificate);
    return certificate;
}

/* The public half of one key with the private half of another: a token that signs with the wrong key. */
static EVP_PKEY *
mixed_key(const EVP_PKEY *public_half, const EVP_PKEY *private_half)
{
    unsigned char point[200];
    size_t len = 0;
    BIGNUM *number = NULL;
    EVP_PKEY *mixed = NULL;
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(public_half, "pub", point, sizeof point, &len), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(private_half, "priv", &number), 1);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(build, "group", "P-256", 0), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(build, "pub", point, len), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(build, "priv", number), 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &mixed, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(number);
    return mixed;
}

static void
test_new_signature_is_read(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *other = EVP_EC_gen("P-256");
    EVP_PKEY *mixed = mixed_key(key, other);
    X509 *certificate = certificate_of(key);
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", folder, SEAL_SIGNATURE);
    check_error_says(seal_sign(folder, SEAL_SIGNATURE, mixed, certificate, NULL), ERROR_TOKEN,
                     "does not fit");
    assert_false(file_exists(path)); /* nothing of it was written */
    other_hash = 2;                  /* as the new seal is read */
    check_error_says(seal_sign(folder, SEAL_SIGNATURE, key, certificate, NULL), ERROR_TOKEN,
                     "not in the seal");
    assert_false(file_exists(path));
    check_ok(seal_sign(folder, SEAL_SIGNATURE, key, certificate, NULL));
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    EVP_PKEY_free(mixed);
    X509_free(certificate);
}

/* A name that is too long to be told is cut, and never within a character. */
static void
test_long_subject(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_of(key);
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", folder, SEAL_SIGNATURE);
    for (int letters = 10; letters < 14; letters++) {
        X509_NAME *name = X509_NAME_new();
        for (int part = 0; part < 6; part++) {
            char text[200] = "";
            for (int i = 0; i < letters * 2 + part % 2; i++)
                memcpy(text + 2 * i, "\xc3\xa4", 3);
            assert_int_equal(X509_NAME_add_entry_by_txt(name, "OU", V_ASN1_UTF8STRING,
                                                        (const unsigned char *)text, -1, -1, 0),
                             1);
        }
        assert_int_equal(X509_set_subject_name(certificate, name), 1);
        assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
        check_ok(seal_sign(folder, SEAL_SIGNATURE, key, certificate, NULL));
        struct seal_signer *signers = NULL;
        size_t count = 0;
        check_ok(seal_signers(folder, SEAL_SIGNATURE, &signers, &count));
        size_t len = strlen(signers[0].subject);
        assert_true(len > 200 && len < sizeof signers[0].subject);
        assert_true(text_is_utf8(signers[0].subject, len));
        free(signers);
        assert_int_equal(unlink(path), 0);
        X509_NAME_free(name);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void
test_keys_that_cannot_check(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    check_error_says(seal_verify_bytes(key, "head", 4, "signature", 9), ERROR_INPUT,
                     "cannot check");
    EVP_PKEY_free(key);
}

/* --- records --- */

static void
test_clock(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    char text[DIGEST_SHA256_TEXT];
    check_ok(transcript_create(folder, &transcript));
    check_ok(transcript_append(transcript, TRANSCRIPT_FACTS, "a", NULL, NULL));
    monotonic_ms = 2; /* elapsed time never goes back */
    check_ok(transcript_append(transcript, TRANSCRIPT_FACTS, "a", NULL, NULL));
    assert_int_equal(transcript_elapsed_ms(transcript), 0);
    wall_ms = INT64_C(400000000000000); /* the year 14645 is told as 9999 */
    check_ok(transcript_append(transcript, TRANSCRIPT_FACTS, "a", NULL, NULL));
    assert_int_equal(transcript_count(transcript), 3);
    check_error(transcript_commit(transcript, "a", NULL, text), ERROR_BUG);
}

#define PREV "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_lines(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *says; /* NULL: it is a record */
    } rows[] = {
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         NULL                                                                                                                    },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}",   "not complete"       },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":[],\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "wrong type"                                                                                                            },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"more\":1,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "do not belong"                                                                                                         },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",               "\"step\" is missing"},
        {"{\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"more\":\"\",\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "\"act\" is missing"                                                                                                    },
        {"{\"act\":1,\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "\"act\" is of the wrong type"                                                                                          },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":-1,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "negative"                                                                                                              },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":0,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",
         "not positive"                                                                                                          },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"fact\"}\n",
         "not known"                                                                                                             },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"" PREV
         "\",\"seq\":1,\"step\":\"\",\"time\":\"2026-11-23T14:32:07Z\",\"type\":\"facts\"}\n",     "its time is not"    },
        {"{\"act\":\"\",\"actor\":\"a\",\"data\":{},\"elapsed_ms\":0,\"prev\":\"A\",\"seq\":1,"
         "\"step\":\"\",\"time\":\"2026-11-23T14:32:07.123Z\",\"type\":\"facts\"}\n",              "lower-case digits"  },
        {"\n",                                                                                              ""                   },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *line = NULL;
        struct transcript_record record;
        struct error *error = record_decode(rows[i].text, strlen(rows[i].text), &line, &record);
        if (rows[i].says == NULL) {
            check_ok(error);
            assert_int_equal(record.seq, 1);
            json_decref(line);
        } else {
            check_error_says(error, ERROR_VERIFICATION, rows[i].says);
            assert_null(line);
        }
    }
}

/* A process that dies between its two files made no record; later the second file is not made anew. */
static void
test_between_two_files(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    char path[300];
    json_t *torn = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", folder, CONFIDENTIAL_FILE);
    check_ok(transcript_create(folder, &transcript));
    transcript_close(TAKE(transcript));
    assert_int_equal(unlink(path), 0);
    check_ok(transcript_open(folder, &transcript, &torn));
    assert_null(torn);
    assert_true(file_exists(path));
    check_ok(transcript_append(transcript, TRANSCRIPT_FACTS, "a", NULL, NULL));
    transcript_close(TAKE(transcript));
    assert_int_equal(unlink(path), 0);
    check_error(transcript_open(folder, &transcript, &torn), ERROR_NOT_FOUND);
    assert_false(file_exists(path));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_signature_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_long_subject, make_folder, remove_folder),
        cmocka_unit_test(test_keys_that_cannot_check),
        cmocka_unit_test_setup_teardown(test_clock, make_folder, remove_folder),
        cmocka_unit_test(test_lines),
        cmocka_unit_test_setup_teardown(test_between_two_files, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
