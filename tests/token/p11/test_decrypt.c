/* SPDX-License-Identifier: Apache-2.0
 *
 * A key that decrypts and does nothing else. */
#include "p11/decrypt.h"
#include "p11/signer.h"
#include "tests/token/p11/attributes.h"

static struct p11_key_plan
make_key(struct bench *bench, enum p11_key_purpose purpose, const char *label, unsigned char id,
         struct bytes *ret_spki)
{
    struct p11_key_plan plan = bench_plan(P11_RSA_2048, purpose);
    plan.label = label;
    memset(plan.id, id, plan.id_len);
    check_ok(p11_key_generate(bench->session, &plan));
    check_ok(p11_key_spki(bench->session, plan.id, plan.id_len, ret_spki));
    return plan;
}

static void
seal(const struct bytes *spki, enum p11_oaep hash, struct bytes *ret_cipher)
{
    AUTO(secret) plain = bench_pin("thirty-two octets of a key, here");
    check_ok(p11_oaep_encrypt(spki->data, spki->len, hash, plain, ret_cipher));
}

static struct error *
decrypt(struct bench *bench, const struct p11_key_plan *plan, enum p11_oaep hash,
        const struct bytes *cipher, struct secret **ret_plain)
{
    return p11_decrypt(bench->session, plan->id, plan->id_len, hash, cipher->data, cipher->len,
                       ret_plain);
}

static void
it_comes_out_as_planned_and_decrypts(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO_BYTES spki = {0};
    AUTO_BYTES cipher = {0};
    struct p11_attribute_report report = {0};
    const struct p11_key_plan plan = make_key(&bench, P11_KEY_DECRYPTS, "seeds", 7, &spki);
    check_ok(p11_key_read_back(bench.session, &plan, false, &report));
    bench_print_differences(&report);
    assert_true(report.all_agree);
    check_made_of(bench.session, &plan, false);
    seal(&spki, P11_OAEP_SHA1, &cipher);
    AUTO(secret) plain = NULL;
    check_ok(decrypt(&bench, &plan, P11_OAEP_SHA1, &cipher, &plain));
    assert_int_equal(secret_size(plain), 32);
    assert_memory_equal(secret_borrow(plain), "thirty-two octets of a key, here", 32);
    bench_close(&bench);
}

static void
what_is_not_its_own_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO_BYTES spki = {0};
    AUTO_BYTES other_spki = {0};
    AUTO_BYTES cipher = {0};
    AUTO(secret) plain = NULL;
    const struct p11_key_plan plan = make_key(&bench, P11_KEY_DECRYPTS, "seeds", 7, &spki);
    const struct p11_key_plan other =
        make_key(&bench, P11_KEY_DECRYPTS, "other", 8, &other_spki);
    seal(&spki, P11_OAEP_SHA1, &cipher);
    check_error_says(decrypt(&bench, &other, P11_OAEP_SHA1, &cipher, &plain), ERROR_REFUSED,
                     "did not decrypt");
    cipher.data[100] ^= 1;
    check_error_says(decrypt(&bench, &plan, P11_OAEP_SHA1, &cipher, &plain), ERROR_REFUSED,
                     "did not decrypt");
    seal(&spki, P11_OAEP_SHA256, &cipher);
    check_error_says(decrypt(&bench, &plan, P11_OAEP_SHA256, &cipher, &plain),
                     ERROR_UNSUPPORTED, "does not decrypt RSA-OAEP with SHA256");
    assert_null(plain);
    bench_close(&bench);
}

static void
keys_that_sign_and_keys_that_decrypt_are_two(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO_BYTES spki = {0};
    AUTO_BYTES signer_spki = {0};
    AUTO_BYTES cipher = {0};
    AUTO_BYTES signature = {0};
    AUTO(secret) plain = NULL;
    AUTO(p11_signer) signer = NULL;
    const struct p11_signing how = {.digest = "SHA256", .salt_len = -1};
    const struct p11_key_plan plan = make_key(&bench, P11_KEY_DECRYPTS, "seeds", 7, &spki);
    const struct p11_key_plan signs =
        make_key(&bench, P11_KEY_NO_BACKUP, "signs", 8, &signer_spki);
    seal(&signer_spki, P11_OAEP_SHA1, &cipher);
    struct error *error = decrypt(&bench, &signs, P11_OAEP_SHA1, &cipher, &plain);
    assert_non_null(error);
    assert_null(plain);
    error_free(error);
    check_ok(p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    error = p11_signer_sign(signer, &how, "message", 7, &signature);
    assert_non_null(error);
    error_free(error);
    struct p11_attribute_report report = {0};
    struct p11_key_plan wrong = plan;
    wrong.purpose = P11_KEY_NO_BACKUP;
    check_ok(p11_key_read_back(bench.session, &wrong, false, &report));
    assert_false(report.all_agree);
    bench_close(&bench);
}

static void
only_rsa_keys_decrypt(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    check_ok(
        p11_key_type_supported(bench.module, bench.token.slot, P11_RSA_3072, P11_KEY_DECRYPTS));
    check_error_says(
        p11_key_type_supported(bench.module, bench.token.slot, P11_EC_P256, P11_KEY_DECRYPTS),
        ERROR_UNSUPPORTED, "only RSA keys decrypt");
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_out_as_planned_and_decrypts),
        cmocka_unit_test(what_is_not_its_own_is_refused),
        cmocka_unit_test(keys_that_sign_and_keys_that_decrypt_are_two),
        cmocka_unit_test(only_rsa_keys_decrypt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
