/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that come in parts: signed by every kind of key, verified in software, and nothing is
 * signed when their source breaks off (R32, R33). */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "p11/signer.h"
#include "tests/token/p11/bench.h"

#define MESSAGE_LEN 300000U

struct parts {
    unsigned char data[MESSAGE_LEN];
    size_t at;
    size_t step;
    size_t break_at; /* 0: never */
};

static struct parts parts;

static struct error *
next_part(void *self, const void **ret_data, size_t *ret_len)
{
    struct parts *p = self;
    if (p->break_at != 0 && p->at >= p->break_at)
        return ERROR(ERROR_IO, "the source broke off");
    *ret_data = p->data + p->at;
    *ret_len = MESSAGE_LEN - p->at < p->step ? MESSAGE_LEN - p->at : p->step;
    p->at += *ret_len;
    return NULL;
}

static const struct byte_source source = {.next = next_part, .self = &parts};

static void
fill(size_t step)
{
    for (size_t i = 0; i < MESSAGE_LEN; i++)
        parts.data[i] = (unsigned char)(i * 7 + i / 251);
    parts.at = 0;
    parts.step = step;
    parts.break_at = 0;
}

static bool
verifies(EVP_PKEY *key, const struct p11_signing *how, const struct bytes *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    bool good =
        EVP_DigestVerifyInit_ex(context, &options, how->digest, NULL, NULL, key, NULL) == 1;
    if (good && how->pss)
        good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
               && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    good =
        good
        && EVP_DigestVerify(context, signature->data, signature->len, parts.data, MESSAGE_LEN)
               == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static void
test_parts(void **state)
{
    static const struct {
        enum p11_key_type type;
        struct p11_signing how;
    } cases[] = {
        {P11_EC_P256,  {.digest = "SHA256"}                             },
        {P11_EC_P384,  {.digest = "SHA384"}                             },
        {P11_EC_P256,  {.digest = "SHA512"}                             }, /* cut to the order */
        {P11_RSA_2048, {.digest = "SHA256"}                             },
        {P11_RSA_2048, {.digest = "SHA384", .pss = true, .salt_len = -1}},
        {P11_ED25519,  {.digest = NULL}                                 },
    };

    static const size_t steps[] = {1000, 65536, 200000};
    (void)state;
    struct bench bench;
    bench_open(&bench);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct p11_key_plan plan = bench_plan(cases[i].type, P11_KEY_NO_BACKUP);
        size_t destroyed = 0;
        AUTO_BYTES spki = {0};
        AUTO(p11_signer) signer = NULL;
        check_ok(p11_key_generate(bench.session, &plan));
        check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
        check_ok(
            p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
        for (size_t j = 0; j < 3; j++) {
            AUTO_BYTES signature = {0};
            fill(steps[j]);
            check_ok(p11_signer_sign_parts(signer, &cases[i].how, &source, &signature));
            assert_true(verifies(p11_signer_public_key(signer), &cases[i].how, &signature));
        }
        /* Broken off: an error, no signature; and the next one is as good as ever. */
        AUTO_BYTES none = {0};
        fill(1000);
        parts.break_at = 200000;
        check_error_says(p11_signer_sign_parts(signer, &cases[i].how, &source, &none), ERROR_IO,
                         "broke off");
        assert_int_equal(none.len, 0);
        fill(1000);
        check_ok(p11_signer_sign_parts(signer, &cases[i].how, &source, &none));
        assert_true(verifies(p11_signer_public_key(signer), &cases[i].how, &none));
        check_ok(p11_key_destroy(bench.session, plan.id, plan.id_len, &destroyed));
    }
    bench_close(&bench);
}

/* A token that signs something else is found out, whether it hashes or we do. */
static void
test_lies(void **state)
{
    static const struct {
        enum p11_key_type type;
        const char *rules;
    } cases[] = {
        {P11_EC_P256,  "C_Sign@1=flip"      },
        {P11_RSA_2048, "C_SignFinal@1=flip" },
        {P11_RSA_2048, "C_SignUpdate@3=0x30"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        struct p11_key_plan plan = bench_plan(cases[i].type, P11_KEY_NO_BACKUP);
        AUTO_BYTES spki = {0};
        AUTO_BYTES signature = {0};
        struct p11_signing how = {.digest = "SHA256"};
        bench_open(&bench);
        check_ok(p11_key_generate(bench.session, &plan));
        check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
        bench_reopen(&bench, cases[i].rules);
        bench_login(bench.session, P11_USER);
        AUTO(p11_signer) signer = NULL;
        check_ok(
            p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
        fill(65536);
        check_error(p11_signer_sign_parts(signer, &how, &source, &signature), ERROR_TOKEN);
        assert_int_equal(signature.len, 0);
        p11_signer_free(TAKE(signer));
        bench_close(&bench);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts),
                                       cmocka_unit_test(test_lies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
