/* SPDX-License-Identifier: Apache-2.0
 *
 * R19, R24 and T20: no PIN is sent twice, none where the token says it would lock. */
#include "tests/token/p11/bench.h"

static size_t
calls_sent(const char *log, const char *call)
{
    FILE *file = fopen(log, "re");
    size_t count = 0;
    char line[256];
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        count += strstr(line, call) != NULL;
    if (file != NULL)
        (void)fclose(file);
    return count;
}

static size_t
logins_sent(const char *log)
{
    return calls_sent(log, " C_Login ");
}

/* A bench through the fault module, with a log of its calls. */
static void
open_with(struct bench *bench, const char *rules, char log[128])
{
    bench_open(bench);
    (void)snprintf(log, 128, "%s/calls", bench->softhsm.folder);
    (void)setenv("CEREMONY_FAULT_LOG", log, 1);
    bench_reopen(bench, rules);
}

static void
a_wrong_pin_is_sent_once_and_warned_about(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "", log);
    AUTO(secret) wrong = bench_pin("wrong-pin");
    check_error_says(p11_login(bench.session, P11_USER, wrong), ERROR_PIN,
                     "wrong PINs have been tried");
    assert_int_equal(logins_sent(log), 1);
    struct p11_token_info token = {0};
    check_ok(p11_token_read(bench.module, bench.token.slot, &token));
    assert_true(token.user_pin_count_low);
    bench_login(bench.session, P11_USER);
    check_ok(p11_token_read(bench.module, bench.token.slot, &token));
    assert_false(token.user_pin_count_low);
    check_error_says(p11_login(bench.session, P11_USER, wrong), ERROR_REFUSED,
                     "logged in already");
    assert_int_equal(logins_sent(log), 2);
    bench_close(&bench);
}

static void
nothing_is_sent_before_the_last_try(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "C_GetTokenInfo@1+=flags:0x20000", log); /* CKF_USER_PIN_FINAL_TRY */
    AUTO(secret) pin = bench_pin(USER_PIN);
    check_error_says(p11_login(bench.session, P11_USER, pin), ERROR_PIN_LAST, "was not sent");
    assert_int_equal(logins_sent(log), 0);
    /* A change of the PIN is a try as well. */
    check_error(p11_set_pin(bench.session, pin, pin), ERROR_PIN_LAST);
    assert_int_equal(calls_sent(log, " C_SetPIN "), 0);
    bench_login(bench.session, P11_SO); /* it is the user's PIN that is in danger */
    bench_reopen(&bench, "C_GetTokenInfo@1+=flags:0x200000"); /* CKF_SO_PIN_FINAL_TRY */
    AUTO(secret) so_pin = bench_pin(SO_PIN);
    check_error_says(p11_login(bench.session, P11_SO, so_pin), ERROR_PIN_LAST,
                     "security officer");
    assert_int_equal(logins_sent(log), 1);
    bench_login(bench.session, P11_USER);
    bench_close(&bench);
}

static void
nothing_is_sent_to_a_locked_token(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "C_GetTokenInfo@1+=flags:0x400000", log); /* CKF_SO_PIN_LOCKED */
    AUTO(secret) pin = bench_pin(SO_PIN);
    check_error_says(p11_login(bench.session, P11_SO, pin), ERROR_PIN_LOCKED, "another token");
    assert_int_equal(logins_sent(log), 0);
    bench_reopen(&bench, "C_GetTokenInfo@1+=flags:0x40000"); /* CKF_USER_PIN_LOCKED */
    check_error(p11_login(bench.session, P11_USER, pin), ERROR_PIN_LOCKED);
    bench_reopen(&bench, "C_Login@1=0xa4"); /* CKR_PIN_LOCKED */
    check_error(p11_login(bench.session, P11_USER, pin), ERROR_PIN_LOCKED);
    assert_int_equal(logins_sent(log), 1);
    /* Nor a new PIN beside the old one. */
    bench_reopen(&bench, "C_GetTokenInfo@1+=flags:0x40000");
    check_error(p11_set_pin(bench.session, pin, pin), ERROR_PIN_LOCKED);
    assert_int_equal(calls_sent(log, " C_SetPIN "), 0);
    bench_close(&bench);
}

static void
a_pin_of_a_length_that_cannot_be_is_not_sent(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "", log);
    AUTO(secret) shorty = bench_pin("123");
    check_error_says(p11_login(bench.session, P11_USER, shorty), ERROR_PIN, "did not count");
    check_error_says(p11_login(bench.session, P11_USER, NULL), ERROR_REFUSED, "keypad");
    assert_int_equal(logins_sent(log), 0);
    /* Nor set: a token with such a PIN could not be logged in to by this program. */
    AUTO(secret) old = bench_pin(USER_PIN);
    bench_login(bench.session, P11_USER);
    check_error(p11_set_pin(bench.session, old, shorty), ERROR_PIN);
    check_error(p11_set_pin(bench.session, shorty, old), ERROR_PIN);
    check_ok(p11_logout(bench.session));
    bench_login(bench.session, P11_SO);
    check_error(p11_init_pin(bench.session, shorty), ERROR_PIN);
    assert_int_equal(calls_sent(log, " C_SetPIN "), 0);
    assert_int_equal(calls_sent(log, " C_InitPIN "), 0);
    bench_close(&bench);
}

/* SoftHSM has no keypad and refuses, but it was asked, once. */
static void
a_keypad_is_asked_without_a_pin(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "C_GetTokenInfo@1+=flags:0x100",
              log); /* CKF_PROTECTED_AUTHENTICATION_PATH */
    check_error(p11_login(bench.session, P11_USER, NULL), ERROR_TOKEN);
    assert_int_equal(logins_sent(log), 1);
    bench_reopen(&bench,
                 "C_GetTokenInfo@1+=flags:0x100,C_Login@1=0x50"); /* FUNCTION_CANCELED */
    check_error_says(p11_login(bench.session, P11_USER, NULL), ERROR_REFUSED, "cancelled");
    bench_close(&bench);
}

static void
pins_are_set_and_changed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) first = bench_pin("left-");
    AUTO(secret) second = bench_pin("right");
    AUTO(secret) joined = NULL;
    check_ok(p11_pin_join(first, second, &joined));
    AUTO(secret) expected = bench_pin("left-right");
    assert_true(secret_equal(joined, expected));
    AUTO(secret) old = bench_pin(USER_PIN);
    check_error(p11_set_pin(bench.session, first, joined), ERROR_PIN);
    check_ok(p11_set_pin(bench.session, old, joined));
    check_ok(p11_logout(bench.session));
    check_ok(p11_logout(bench.session));
    check_error(p11_login(bench.session, P11_USER, old), ERROR_PIN);
    check_ok(p11_login(bench.session, P11_USER, joined));
    bool user = false;
    bool so = true;
    check_ok(p11_login_state(bench.session, &user, &so));
    assert_true(user);
    assert_false(so);
    bench_close(&bench);
}

static void
a_user_without_a_pin_cannot_log_in(void **state)
{
    (void)state;
    struct bench bench = {0};
    softhsm_make(&bench.softhsm);
    bench_module(&bench, NULL);
    struct p11_token_info blank = {0};
    check_ok(p11_token_find_blank(bench.module, &blank));
    AUTO(secret) pin = bench_pin(SO_PIN);
    check_ok(p11_token_initialize(bench.module, &blank, "Root A", pin, &bench.token));
    check_ok(p11_session_open(bench.module, bench.token.slot, &bench.session));
    check_error_says(p11_login(bench.session, P11_USER, pin), ERROR_REFUSED,
                     "has not been set");
    AUTO(secret) wrong = bench_pin("wrong-so-pin");
    check_error(p11_login(bench.session, P11_SO, wrong), ERROR_PIN);
    bench_close(&bench);
}

static void
a_token_pulled_out_is_called_gone(void **state)
{
    (void)state;
    struct bench bench;
    char log[128];
    open_with(&bench, "C_Login@1=0x32", log);
    AUTO(secret) pin = bench_pin(USER_PIN);
    check_error_says(p11_login(bench.session, P11_USER, pin), ERROR_TOKEN_GONE,
                     "CKR_DEVICE_REMOVED");
    bench_reopen(&bench, "C_Login@1=0xdeadbeef");
    check_error_says(p11_login(bench.session, P11_USER, pin), ERROR_TOKEN, "no standard knows");
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_pin_is_sent_once_and_warned_about),
        cmocka_unit_test(nothing_is_sent_before_the_last_try),
        cmocka_unit_test(nothing_is_sent_to_a_locked_token),
        cmocka_unit_test(a_pin_of_a_length_that_cannot_be_is_not_sent),
        cmocka_unit_test(a_keypad_is_asked_without_a_pin),
        cmocka_unit_test(pins_are_set_and_changed),
        cmocka_unit_test(a_user_without_a_pin_cannot_log_in),
        cmocka_unit_test(a_token_pulled_out_is_called_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
