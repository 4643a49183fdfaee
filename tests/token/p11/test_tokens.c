/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/p11/bench.h"

static void
a_module_says_what_it_is(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_module_facts facts = {0};
    check_ok(p11_module_facts(bench.module, &facts));
    assert_string_equal(facts.manufacturer, "SoftHSM");
    assert_string_equal(facts.cryptoki_version, "2.40");
    assert_string_equal(facts.library_version, "2.6");
    bench_close(&bench);
}

static void
a_module_that_cannot_be_used_is_named_plainly(void **state)
{
    (void)state;
    struct p11_module *module = NULL;
    (void)unsetenv("SOFTHSM2_CONF");
    check_error_says(p11_module_open("hsm", SOFTHSM_MODULE, NULL, &module), ERROR_INPUT,
                     "SOFTHSM2_CONF is not set");
    (void)setenv("SOFTHSM2_CONF", "/nonexistent/softhsm2.conf", 1);
    check_error_says(p11_module_open("hsm", SOFTHSM_MODULE, NULL, &module), ERROR_INPUT,
                     "cannot be read");
    (void)unsetenv("SOFTHSM2_CONF");
    check_error_says(p11_module_open("hsm", "libsofthsm2.so", NULL, &module), ERROR_INPUT,
                     "begin");
    check_error_says(p11_module_open("hsm", "/nonexistent/m.so", NULL, &module),
                     ERROR_NOT_FOUND, "not there");
    check_error_says(p11_module_open("hsm", "/proc/self/exe", NULL, &module), ERROR_INPUT,
                     "not a PKCS#11 library");
}

static void
a_module_that_does_not_start_says_so(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    p11_session_close(bench.session);
    bench.session = NULL;
    p11_module_close(bench.module);
    bench.module = NULL;
    (void)setenv("CEREMONY_FAULT_TARGET", SOFTHSM_MODULE, 1);
    (void)setenv("CEREMONY_FAULT", "C_Initialize@1=0x30", 1);
    check_error_says(p11_module_open("hsm", FAULT_MODULE, NULL, &bench.module), ERROR_TOKEN,
                     "could not start module \"hsm\"");
    bench.module = NULL;
    bench_close(&bench);
}

static void
a_module_may_be_started_by_us_with_its_own_words(void **state)
{
    (void)state;
    struct bench bench = {0};
    softhsm_make(&bench.softhsm);
    check_ok(p11_module_open("hsm", SOFTHSM_MODULE, "", &bench.module));
    struct p11_token_info blank = {0};
    check_ok(p11_token_find_blank(bench.module, &blank));
    bench_close(&bench);
}

static void
a_blank_token_is_initialised_and_found_again(void **state)
{
    (void)state;
    struct bench bench = {0};
    softhsm_make(&bench.softhsm);
    bench_module(&bench, NULL);
    struct p11_token_info blank = {0};
    check_ok(p11_token_find_blank(bench.module, &blank));
    assert_false(blank.initialized);
    assert_string_equal(blank.serial, "");
    AUTO(secret) pin = bench_pin(SO_PIN);
    AUTO(secret) shorty = bench_pin("123");
    struct p11_token_info token = {0};
    check_error_says(p11_token_initialize(bench.module, &blank, "Root A", shorty, &token),
                     ERROR_PIN, "was not sent");
    check_error(p11_token_initialize(bench.module, &blank, "", pin, &token), ERROR_INPUT);
    check_error(p11_token_initialize(bench.module, &blank,
                                     "a label of more than thirty-two bytes", pin, &token),
                ERROR_INPUT);
    check_error(p11_token_initialize(bench.module, &blank, "Root\x1b[2J", pin, &token),
                ERROR_INPUT);
    check_ok(p11_token_initialize(bench.module, &blank, "Root A", pin, &token));
    assert_true(token.initialized);
    assert_false(token.user_pin_set);
    assert_string_equal(token.label, "Root A");
    assert_int_not_equal(strlen(token.serial), 0);
    /* The slot we were given is another one now; the same blank is refused a second time. */
    check_error(p11_token_initialize(bench.module, &blank, "Root A", pin, &token),
                ERROR_REFUSED);
    struct p11_token_info next = {0};
    check_ok(p11_token_find_blank(bench.module, &next));
    check_ok(p11_token_initialize(bench.module, &next, "Root B", pin, &token));
    assert_string_equal(token.label, "Root B");
    check_error_says(p11_token_find(bench.module, "pkcs11:token=Root%20C", &token),
                     ERROR_NOT_FOUND, "there is token \"Root B\"");
    check_ok(p11_token_find(bench.module, "pkcs11:token=Root%20A", &token));
    AUTO_FREE char *uri = NULL;
    check_ok(p11_token_uri(&token, &uri));
    struct p11_token_info again = {0};
    check_ok(p11_token_find(bench.module, uri, &again));
    assert_string_equal(again.serial, token.serial);
    check_error_says(p11_token_find(bench.module, "pkcs11:model=SoftHSM%20v2", &again),
                     ERROR_INPUT, "neither");
    bench_close(&bench);
}

static void
two_tokens_of_one_name_are_not_chosen_between(void **state)
{
    (void)state;
    struct bench bench = {0};
    bench_open(&bench);
    /* Made by another program, since ours refuses the label. */
    char command[256];
    (void)snprintf(command, sizeof command,
                   "softhsm2-util --init-token --free --label 'Root A' --so-pin 12345678 "
                   "--pin 1234 >/dev/null");
    assert_int_equal(system(command), 0);
    p11_session_close(bench.session);
    bench.session = NULL;
    p11_module_close(bench.module);
    bench_module(&bench, NULL);
    struct p11_token_info token = {0};
    check_error_says(p11_token_find(bench.module, "pkcs11:token=Root%20A", &token),
                     ERROR_REFUSED, "2 tokens");
    bench_close(&bench);
}

static void
mechanisms_have_names(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    const char **names = NULL;
    size_t count = 0;
    check_ok(p11_token_mechanisms(bench.module, bench.token.slot, &names, &count));
    assert_int_equal(count, 70);
    size_t unnamed = 0;
    for (size_t i = 0; i < count; i++) {
        unnamed += strncmp(names[i], "0x", 2) == 0;
        if (i > 0)
            assert_true(strcmp(names[i - 1], names[i]) <= 0);
    }
    assert_int_equal(unnamed, 0);
    free(names);
    bool can = false;
    check_ok(p11_token_can(bench.module, bench.token.slot, "CKM_ECDSA", "sign", &can));
    assert_true(can);
    check_ok(p11_token_can(bench.module, bench.token.slot, "CKM_ECDSA", "wrap", &can));
    assert_false(can);
    check_ok(p11_token_can(bench.module, bench.token.slot, "CKM_AES_KEY_WRAP_KWP", NULL, &can));
    assert_false(can);
    check_ok(p11_token_can(bench.module, bench.token.slot, "0x210a", "unwrap", &can));
    assert_true(can);
    check_error(p11_token_can(bench.module, bench.token.slot, "CKM_NONSENSE", NULL, &can),
                ERROR_INPUT);
    bench_close(&bench);
}

static void
random_bytes_differ(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    static unsigned char a[5000];
    static unsigned char b[5000];
    check_ok(p11_random(bench.session, a, sizeof a));
    check_ok(p11_random(bench.session, b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a + 4096, b + 4096, 904);
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_says_what_it_is),
        cmocka_unit_test(a_module_that_cannot_be_used_is_named_plainly),
        cmocka_unit_test(a_module_that_does_not_start_says_so),
        cmocka_unit_test(a_module_may_be_started_by_us_with_its_own_words),
        cmocka_unit_test(a_blank_token_is_initialised_and_found_again),
        cmocka_unit_test(two_tokens_of_one_name_are_not_chosen_between),
        cmocka_unit_test(mechanisms_have_names),
        cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
