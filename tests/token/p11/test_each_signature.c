/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that want their PIN before each signature (CKA_ALWAYS_AUTHENTICATE, R19). */
#include "p11/signer.h"
#include "tests/token/p11/bench.h"

/* Gives these PINs one after the other, and keeps count. */
struct holder {
    const char *pins[4];
    size_t asked;
    unsigned refused; /* as told at the last question */
    size_t taken;
};

static struct error *
ask(void *self, unsigned refused, struct secret **ret_pin)
{
    struct holder *holder = self;
    const char *pin = holder->pins[holder->asked++];
    holder->refused = refused;
    if (pin == NULL)
        return ERROR(ERROR_INTERRUPTED, "the holder gave up");
    *ret_pin = bench_pin(pin);
    return NULL;
}

static struct error *
taken(void *self)
{
    struct holder *holder = self;
    holder->taken++;
    return NULL;
}

static struct p11_signer *
signer_of(struct bench *bench, enum p11_key_type type, struct holder *holder)
{
    struct p11_key_plan plan = bench_plan(type, P11_KEY_NO_BACKUP);
    struct p11_attribute_report report = {0};
    AUTO_BYTES spki = {0};
    size_t destroyed = 0;
    struct p11_signer *signer = NULL;
    plan.pin_each_signature = true;
    check_ok(p11_key_destroy(bench->session, plan.id, plan.id_len, &destroyed));
    check_ok(p11_key_generate(bench->session, &plan));
    check_ok(p11_key_read_back(bench->session, &plan, false, &report));
    assert_true(report.all_agree);
    check_ok(p11_key_spki(bench->session, plan.id, plan.id_len, &spki));
    check_error_says(
        p11_signer_new(bench->session, plan.id, plan.id_len, spki.data, spki.len, &signer),
        ERROR_REFUSED, "nobody can be asked");
    struct p11_pin_source source = {ask, taken, holder};
    p11_session_set_pin_source(bench->session, &source);
    check_ok(
        p11_signer_new(bench->session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    p11_session_set_pin_source(bench->session, &(struct p11_pin_source){0});
    return signer;
}

static struct error *
sign(struct p11_signer *signer, const char *digest)
{
    AUTO_BYTES signature = {0};
    struct p11_signing how = {.digest = digest};
    return p11_signer_sign(signer, &how, "message", 7, &signature);
}

static void
each_signature_asks_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);

    static const enum p11_key_type types[] = {P11_EC_P384, P11_RSA_2048, P11_ED25519};

    for (size_t i = 0; i < 3; i++) {
        struct holder holder = {
            .pins = {USER_PIN, USER_PIN}
        };
        AUTO(p11_signer) signer = signer_of(&bench, types[i], &holder);
        const char *digest = types[i] == P11_ED25519 ? NULL : "SHA256";
        for (size_t count = 1; count <= 2; count++) {
            check_ok(sign(signer, digest));
            assert_int_equal(holder.asked, count);
            assert_int_equal(holder.taken, count);
            assert_int_equal(holder.refused, 0);
        }
        check_error_says(sign(signer, digest), ERROR_INTERRUPTED, "gave up");
        p11_signer_free(TAKE(signer));
    }
    bench_close(&bench);
}

/* A source that is read once: a wrong PIN must not have used it up. */
struct parts {
    size_t given;
};

static struct error *
next(void *self, const void **ret_data, size_t *ret_len)
{
    struct parts *parts = self;
    *ret_data = "message";
    *ret_len = parts->given++ < 3 ? 7 : 0;
    return NULL;
}

static void
a_message_in_parts_asks_once_too(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);

    static const enum p11_key_type types[] = {P11_EC_P256, P11_RSA_2048, P11_ED25519};

    for (size_t i = 0; i < 3; i++) {
        struct holder holder = {
            .pins = {"wrong-pin-1", USER_PIN}
        };
        AUTO(p11_signer) signer = signer_of(&bench, types[i], &holder);
        struct parts parts = {0};
        struct byte_source message = {.next = next, .self = &parts};
        struct p11_signing how = {.digest = types[i] == P11_ED25519 ? NULL : "SHA256"};
        AUTO_BYTES signature = {0};
        check_ok(p11_signer_sign_parts(signer, &how, &message, &signature));
        assert_int_equal(holder.asked, 2);
        assert_int_equal(holder.taken, 1);
        p11_signer_free(TAKE(signer));
    }
    bench_close(&bench);
}

static void
a_wrong_pin_is_sent_once_and_asked_again(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct holder holder = {
        .pins = {"wrong-pin-1", "wrong-pin-2", USER_PIN}
    };
    AUTO(p11_signer) signer = signer_of(&bench, P11_EC_P256, &holder);
    check_ok(sign(signer, "SHA256"));
    assert_int_equal(holder.asked, 3);
    assert_int_equal(holder.refused, 2);
    assert_int_equal(holder.taken, 1);
    p11_signer_free(TAKE(signer));
    bench_close(&bench);
}

/* The token's flags say that the next wrong one locks: not even the right one is sent (R24). */
static void
the_last_try_is_not_used_up(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct holder holder = {.pins = {USER_PIN}};
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    AUTO_BYTES spki = {0};
    plan.pin_each_signature = true;
    check_ok(p11_key_generate(bench.session, &plan));
    check_ok(p11_key_spki(bench.session, plan.id, plan.id_len, &spki));
    bench_reopen(&bench, "C_GetTokenInfo@8+=flags:0x20000");
    bench_login(bench.session, P11_USER);
    struct p11_pin_source source = {ask, taken, &holder};
    p11_session_set_pin_source(bench.session, &source);
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(bench.session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    struct error *error = NULL;
    for (size_t i = 0; i < 8 && error == NULL; i++) {
        holder.asked = 0;
        error = sign(signer, "SHA256");
    }
    check_error(error, ERROR_PIN_LAST);
    p11_signer_free(TAKE(signer));
    bench_close(&bench);
}

/* Planned, a token that does not do it is found out; unplanned, one that does, too. */
static void
the_attribute_is_read_back(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_attribute_report report = {0};
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_NO_BACKUP);
    check_ok(p11_key_generate(bench.session, &plan));
    plan.pin_each_signature = true;
    check_ok(p11_key_read_back(bench.session, &plan, false, &report));
    assert_false(report.all_agree);
    size_t differ = 0;
    for (size_t i = 0; i < report.count; i++)
        if (!report.rows[i].agrees) {
            differ++;
            assert_string_equal(report.rows[i].name, "CKA_ALWAYS_AUTHENTICATE");
            assert_string_equal(report.rows[i].planned, "true");
        }
    assert_int_equal(differ, 1);
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_asks_once),
        cmocka_unit_test(a_message_in_parts_asks_once_too),
        cmocka_unit_test(a_wrong_pin_is_sent_once_and_asked_again),
        cmocka_unit_test(the_last_try_is_not_used_up),
        cmocka_unit_test(the_attribute_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
