/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token that fails or lies at one place must not get through with: each of these is a way out of the layer that
 * no token goes by itself. (R19, R24, R28, T1, T2) */
#include "p11/decrypt.h"
#include "p11/object.h"
#include "p11/signer.h"
#include "p11/wrap.h"
#include "tests/token/p11/bench.h"

static const unsigned char id[] = {0xca, 0x01};

static struct secret *
some_kek(void)
{
    unsigned char value[P11_KEK_SIZE] = {1, 2, 3};
    struct secret *kek = NULL;
    check_ok(secret_from(value, sizeof value, &kek));
    return kek;
}

static void
a_token_without_state_takes_no_pin(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) user_pin = bench_pin(USER_PIN);
    bench_reopen(&bench, "C_GetTokenInfo@3+=no-flags:0x400"); /* CKF_TOKEN_INITIALIZED */
    check_error_says(p11_login(bench.session, P11_USER, user_pin), ERROR_REFUSED,
                     "not initialised");
    bench_reopen(&bench, "C_GetTokenInfo@3+=no-flags:0x8"); /* CKF_USER_PIN_INITIALIZED */
    check_error_says(p11_login(bench.session, P11_USER, user_pin), ERROR_REFUSED,
                     "has not been set");
    bench_login(bench.session, P11_SO); /* the security officer has one */
    check_error_says(p11_init_pin(bench.session, user_pin), ERROR_TOKEN,
                     "reports no user's PIN");
    bench_reopen(&bench, "C_InitPIN@1=0xa2"); /* CKR_PIN_LEN_RANGE */
    bench_login(bench.session, P11_SO);
    check_error_says(p11_init_pin(bench.session, user_pin), ERROR_PIN, "could not set");
    check_ok(p11_init_pin(bench.session, user_pin));
    bench_close(&bench);
}

static void
no_second_token_gets_a_label(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_token_info blank = {0};
    struct p11_token_info made = {0};
    AUTO(secret) pin = bench_pin(SO_PIN);
    check_ok(p11_token_find_blank(bench.module, &blank));
    check_error_says(p11_token_initialize(bench.module, &blank, "Root A", pin, &made),
                     ERROR_EXISTS, "there is a token \"Root A\" already");
    check_error(p11_token_initialize(bench.module, &blank, "", pin, &made), ERROR_INPUT);
    check_error(p11_token_initialize(bench.module, &blank,
                                     "a label that is longer than 32 bytes", pin, &made),
                ERROR_INPUT);
    check_error_says(p11_token_initialize(bench.module, &blank, "Root B ", pin, &made),
                     ERROR_INPUT, "read aloud");
    bench_close(&bench);
}

/* A key that is kept back from one list and shown in the next was not destroyed. */
static void
a_key_that_hides_is_not_destroyed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    size_t destroyed = 0;
    check_ok(p11_key_generate(bench.session, &plan));
    bench_reopen(&bench, "C_FindObjects@1=lie:short-list");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_key_destroy(bench.session, id, sizeof id, &destroyed), ERROR_TOKEN,
                     "still shows a key");
    assert_int_equal(destroyed, 0);
    check_ok(p11_key_destroy(bench.session, id, sizeof id, &destroyed));
    assert_int_equal(destroyed, 2);
    bench_close(&bench);
}

/* One bit of what is read, at one place after the other, until it is one of the mechanisms' list. */
static void
one_bit_of_the_mechanisms_is_noticed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_RSA_2048, P11_KEY_BACKED_UP);
    bool mechanisms = false;
    check_ok(p11_key_generate(bench.session, &plan));
    for (unsigned call = 1; call <= 80 && !mechanisms; call++) {
        char rule[64];
        struct p11_attribute_report report = {0};
        (void)snprintf(rule, sizeof rule, "C_GetAttributeValue@%u=flip", call);
        bench_reopen(&bench, rule);
        bench_login(bench.session, P11_USER);
        struct error *error = p11_key_read_back(bench.session, &plan, false, &report);
        for (size_t i = 0; i < report.count && error == NULL; i++)
            mechanisms = mechanisms
                         || (strcmp(report.rows[i].name, "CKA_ALLOWED_MECHANISMS") == 0
                             && !report.rows[i].agrees);
        error_free(error);
    }
    assert_true(mechanisms);
    bench_close(&bench);
}

static void
a_kek_that_can_be_read_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) kek = some_kek();
    unsigned long handle = 0;
    static const char *const rules[] = {
        "C_CreateObject@1=lie:show-secret",
        ("C_CreateObject@1=lie:show-secret,C_GetAttributeValue@1+=attr:0x103:1,"
         "C_GetAttributeValue@1+=attr:0x162:0"),
        "C_CreateObject@1=lie:show-secret,C_DestroyObject@1+=0x5"};
    static const char *const says[] = {"as it was told", "although it was told to keep it",
                                       "could not be destroyed"};
    for (size_t i = 0; i < 3; i++) {
        bench_reopen(&bench, rules[i]);
        bench_login(bench.session, P11_USER);
        check_error_says(p11_kek_import_unwrap(bench.session, kek, &handle), ERROR_TOKEN,
                         says[i]);
        assert_int_equal(handle, 0);
    }
    bench_close(&bench);
}

/* Wrapped under a KEK of this session. */
static void
wrap(struct bench *bench, const struct p11_key_plan *plan, struct bytes *spki,
     struct bytes *blob)
{
    AUTO(secret) kek = some_kek();
    unsigned long handle = 0;
    struct p11_wrap_method method = {0};
    check_ok(p11_key_generate(bench->session, plan));
    check_ok(p11_key_spki(bench->session, plan->id, plan->id_len, spki));
    check_ok(p11_wrap_probe(bench->session, &method));
    check_ok(p11_logout(bench->session));
    bench_login(bench->session, P11_SO);
    check_ok(p11_kek_import_trusted(bench->session, kek, &handle));
    check_ok(p11_logout(bench->session));
    bench_login(bench->session, P11_USER);
    check_ok(p11_key_wrap(bench->session, &method, handle, plan->id, plan->id_len, blob));
}

static void
unwrap(struct bench *bench, const char *rules, const struct p11_key_plan *plan,
       const struct bytes *spki, const struct bytes *blob, enum error_code code,
       const char *says)
{
    AUTO(secret) kek = some_kek();
    unsigned long handle = 0;
    struct p11_wrap_method method = {0};
    bench_reopen(bench, NULL);
    bench_login(bench->session, P11_USER);
    check_ok(p11_wrap_probe(bench->session, &method));
    bench_reopen(bench, rules);
    bench_login(bench->session, P11_USER);
    check_ok(p11_kek_import_unwrap(bench->session, kek, &handle));
    check_error_says(p11_key_unwrap(bench->session, &method, handle, blob->data, blob->len,
                                    plan, spki->data, spki->len, true),
                     code, says);
}

static void
half_a_restored_key_does_not_stay(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    struct p11_key_plan restored = bench_plan(P11_EC_P256, P11_KEY_RESTORED);
    AUTO_BYTES spki = {0};
    AUTO_BYTES blob = {0};
    size_t destroyed = 0;
    size_t count = 9;
    struct p11_object *objects = NULL;
    wrap(&bench, &plan, &spki, &blob);
    check_ok(p11_key_destroy(bench.session, id, sizeof id, &destroyed));
    /* the KEK is the first object, the public half the second */
    unwrap(&bench, "C_CreateObject@2=0x31", &restored, &spki, &blob, ERROR_TOKEN,
           "could not store the public key");
    check_ok(p11_objects_list(bench.session, &objects, &count));
    free(objects);
    assert_int_equal(count, 1); /* the KEK, until the session ends */
    unwrap(&bench, "C_CreateObject@2=0x31,C_DestroyObject@2+=0x5", &restored, &spki, &blob,
           ERROR_TOKEN, "could not be destroyed");
    bench_reopen(&bench, NULL);
    bench_login(bench.session, P11_USER);
    check_ok(p11_key_destroy(bench.session, id, sizeof id, &destroyed));
    assert_int_equal(destroyed, 1);
    unwrap(&bench, "C_GetAttributeValue@1+=lie:other-point", &restored, &spki, &blob,
           ERROR_TOKEN, "another public key than it was given");
    check_ok(p11_objects_list(bench.session, &objects, &count));
    free(objects);
    assert_int_equal(count, 1);
    bench_close(&bench);
}

static void
nothing_is_no_wrapped_key_and_no_plaintext(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) kek = some_kek();
    AUTO(secret) plain = NULL;
    AUTO_BYTES spki = {0};
    AUTO_BYTES blob = {0};
    AUTO_BYTES cipher = {0};
    unsigned long handle = 0;
    struct p11_wrap_method method = {0};
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    struct p11_key_plan opens = bench_plan(P11_RSA_2048, P11_KEY_DECRYPTS);
    opens.label = "opens";
    opens.id[1] = 2;
    wrap(&bench, &plan, &spki, &blob);
    check_ok(p11_wrap_probe(bench.session, &method));
    check_ok(p11_key_generate(bench.session, &opens));
    bytes_clear(&spki);
    check_ok(p11_key_spki(bench.session, opens.id, opens.id_len, &spki));
    bench_reopen(&bench, "C_WrapKey@1=lie:no-output,C_Decrypt@1=lie:no-output");
    bench_login(bench.session, P11_SO);
    check_ok(p11_kek_import_trusted(bench.session, kek, &handle));
    check_ok(p11_logout(bench.session));
    bench_login(bench.session, P11_USER);
    blob.len = 0;
    check_error_says(p11_key_wrap(bench.session, &method, handle, id, sizeof id, &blob),
                     ERROR_TOKEN, "which no wrapped key has");
    assert_int_equal(blob.len, 0);
    check_ok(p11_oaep_encrypt(spki.data, spki.len, P11_OAEP_SHA1, kek, &cipher));
    check_error_says(p11_decrypt(bench.session, opens.id, opens.id_len, P11_OAEP_SHA1,
                                 cipher.data, cipher.len, &plain),
                     ERROR_TOKEN, "to nothing");
    assert_null(plain);
    bench_close(&bench);
}

static void
nothing_is_no_signature(void **state)
{
    (void)state;

    static const enum p11_key_type types[] = {P11_EC_P256, P11_RSA_2048, P11_ED25519};

    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench);
        struct p11_key_plan plan = bench_plan(types[i], P11_KEY_BACKED_UP);
        struct p11_signing how = {.digest = types[i] == P11_ED25519 ? NULL : "SHA256",
                                  .salt_len = -1};
        AUTO_BYTES spki = {0};
        AUTO_BYTES signature = {0};
        check_ok(p11_key_generate(bench.session, &plan));
        check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
        bench_reopen(&bench, "C_Sign@1=lie:no-output");
        bench_login(bench.session, P11_USER);
        struct p11_signer *signer = NULL;
        check_ok(p11_signer_new(bench.session, id, sizeof id, spki.data, spki.len, &signer));
        check_error_says(p11_signer_sign(signer, &how, "message", 7, &signature), ERROR_TOKEN,
                         "does not confirm");
        assert_int_equal(signature.len, 0);
        check_ok(p11_signer_sign(signer, &how, "message", 7, &signature));
        p11_signer_free(signer);
        bench_close(&bench);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_without_state_takes_no_pin),
        cmocka_unit_test(no_second_token_gets_a_label),
        cmocka_unit_test(a_key_that_hides_is_not_destroyed),
        cmocka_unit_test(one_bit_of_the_mechanisms_is_noticed),
        cmocka_unit_test(a_kek_that_can_be_read_is_refused),
        cmocka_unit_test(half_a_restored_key_does_not_stay),
        cmocka_unit_test(nothing_is_no_wrapped_key_and_no_plaintext),
        cmocka_unit_test(nothing_is_no_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
