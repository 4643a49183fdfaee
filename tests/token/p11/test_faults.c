/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault module itself: it changes nothing without rules, and with them each call of a small
 * ceremony fails once (T1): an error each time, nothing given out, the token usable afterwards. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "p11/object.h"
#include "p11/signer.h"
#include "p11/wrap.h"
#include "tests/token/p11/bench.h"

/* Everything that does not depend on chance, as text. */
static void
describe(struct bench *bench, struct bytes *text)
{
    struct p11_module_facts facts = {0};
    check_ok(p11_module_facts(bench->module, &facts));
    check_ok(bytes_format(text, "%s|%s|%s|%s\n", facts.manufacturer, facts.description,
                          facts.library_version, facts.cryptoki_version));
    struct p11_token_info *tokens = NULL;
    size_t count = 0;
    check_ok(p11_tokens_list(bench->module, &tokens, &count));
    for (size_t i = 0; i < count; i++)
        check_ok(bytes_format(text, "%lu|%s|%s|%s|%s|%d%d%d|%lu-%lu\n", tokens[i].slot,
                              tokens[i].label, tokens[i].serial, tokens[i].model,
                              tokens[i].slot_description, tokens[i].initialized,
                              tokens[i].user_pin_set, tokens[i].user_pin_count_low,
                              tokens[i].pin_min, tokens[i].pin_max));
    free(tokens);
    const char **names = NULL;
    check_ok(p11_token_mechanisms(bench->module, bench->token.slot, &names, &count));
    for (size_t i = 0; i < count; i++)
        check_ok(bytes_format(text, "%s\n", names[i]));
    free(names);
    struct p11_object *objects = NULL;
    check_ok(p11_objects_list(bench->session, &objects, &count));
    for (size_t i = 0; i < count; i++)
        check_ok(bytes_append(text, objects[i].digest, sizeof objects[i].digest));
    free(objects);
    struct p11_key_plan plan = bench_plan(P11_RSA_2048, P11_KEY_BACKED_UP);
    struct p11_attribute_report report = {0};
    check_ok(p11_key_read_back(bench->session, &plan, false, &report));
    for (size_t i = 0; i < report.count; i++)
        check_ok(bytes_format(text, "%s=%s\n", report.rows[i].name, report.rows[i].read));
    AUTO_BYTES spki = {0};
    check_ok(p11_key_spki(bench->session, plan.id, plan.id_len, &spki));
    check_ok(bytes_append(text, spki.data, spki.len));
    AUTO(p11_signer) signer = NULL;
    check_ok(
        p11_signer_new(bench->session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    struct p11_signing how = {.digest = "SHA256"};
    AUTO_BYTES signature = {0};
    check_ok(p11_signer_sign(signer, &how, "always the same", 15, &signature));
    check_ok(bytes_append(text, signature.data, signature.len));
    unsigned long handle = 0;
    check_error(p11_key_find(bench->session, (const unsigned char *)"?", 1, &handle),
                ERROR_NOT_FOUND);
}

static void
without_rules_nothing_changes(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_RSA_2048, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench.session, &plan));
    check_ok(p11_data_create(bench.session, "note", "text", 4));
    AUTO_BYTES direct = {0};
    AUTO_BYTES between = {0};
    bench_reopen(&bench, NULL);
    bench_login(bench.session, P11_USER);
    describe(&bench, &direct);
    bench_reopen(&bench, "");
    bench_login(bench.session, P11_USER);
    describe(&bench, &between);
    assert_int_equal(direct.len, between.len);
    assert_memory_equal(direct.data, between.data, direct.len);
    bench_close(&bench);
}

/* Generate, read back, back up, lock, sign, destroy. */
static struct error *
small_ceremony(struct bench *bench, struct bytes *ret_signature)
{
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    AUTO(secret) so_pin = bench_pin(SO_PIN);
    AUTO(secret) user_pin = bench_pin(USER_PIN);
    AUTO(p11_session) session = NULL;
    struct p11_token_info token = {0};
    TRY(p11_token_find(bench->module, "pkcs11:token=Root%20A", &token));
    TRY(p11_session_open(bench->module, token.slot, &session));
    TRY(p11_login(session, P11_USER, user_pin));
    TRY(p11_key_generate(session, &plan));
    struct p11_attribute_report report = {0};
    TRY(p11_key_read_back(session, &plan, false, &report));
    if (!report.all_agree)
        return ERROR(ERROR_TOKEN, "the attributes are not as planned");
    AUTO_BYTES spki = {0};
    TRY(p11_key_spki(session, plan.id, plan.id_len, &spki));
    struct p11_wrap_method method = {0};
    TRY(p11_wrap_probe(session, &method));
    TRY(p11_logout(session));
    TRY(p11_login(session, P11_SO, so_pin));
    unsigned long kek = 0;
    AUTO(secret) kek_value = NULL;
    TRY(secret_new(P11_KEK_SIZE, &kek_value));
    TRY(p11_kek_import_trusted(session, kek_value, &kek));
    TRY(p11_logout(session));
    TRY(p11_login(session, P11_USER, user_pin));
    AUTO_BYTES blob = {0};
    TRY(p11_key_wrap(session, &method, kek, plan.id, plan.id_len, &blob));
    TRY(p11_kek_destroy(session, kek));
    TRY(p11_key_lock(session, plan.id, plan.id_len));
    AUTO(p11_signer) signer = NULL;
    TRY(p11_signer_new(session, plan.id, plan.id_len, spki.data, spki.len, &signer));
    struct p11_signing how = {.digest = "SHA256"};
    TRY(p11_signer_sign(signer, &how, "message", 7, ret_signature));
    size_t destroyed = 0;
    return p11_key_destroy(session, plan.id, plan.id_len, &destroyed);
}

static unsigned long
lines_of(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned long lines = 0;
    char line[256];
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        lines++;
    if (file != NULL)
        (void)fclose(file);
    return lines;
}

/* Only what the rule at call `k` lets through: closes the module whatever happened. */
static struct error *
run_with(struct bench *bench, const char *rules, struct bytes *ret_signature)
{
    (void)setenv("CEREMONY_FAULT_TARGET", SOFTHSM_MODULE, 1);
    (void)setenv("CEREMONY_FAULT", rules, 1);
    struct error *error = p11_module_open("softhsm", FAULT_MODULE, NULL, &bench->module);
    if (error != NULL)
        return error;
    error = small_ceremony(bench, ret_signature);
    p11_module_close(bench->module);
    bench->module = NULL;
    return error;
}

static void
wipe_keys(struct bench *bench)
{
    (void)setenv("CEREMONY_FAULT", "", 1);
    check_ok(p11_module_open("softhsm", FAULT_MODULE, NULL, &bench->module));
    struct p11_token_info token = {0};
    check_ok(p11_token_find(bench->module, "pkcs11:token=Root%20A", &token));
    AUTO(p11_session) session = NULL;
    check_ok(p11_session_open(bench->module, token.slot, &session));
    bench_login(session, P11_USER);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    size_t destroyed = 0;
    check_ok(p11_key_destroy(session, plan.id, plan.id_len, &destroyed));
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(session, &objects, &count));
    assert_int_equal(count, 0); /* whatever failed left nothing that has another name */
    free(objects);
    p11_session_close(TAKE(session));
    p11_module_close(bench->module);
    bench->module = NULL;
}

static void
fail_each_call(const char *action, unsigned long first)
{
    struct bench bench;
    bench_open(&bench);
    p11_session_close(TAKE(bench.session));
    p11_module_close(TAKE(bench.module));
    char log[128];
    (void)snprintf(log, sizeof log, "%s/calls", bench.softhsm.folder);
    (void)setenv("CEREMONY_FAULT_LOG", log, 1);
    AUTO_BYTES signature = {0};
    check_ok(run_with(&bench, "", &signature));
    assert_true(signature.len > 0);
    unsigned long calls = lines_of(log);
    assert_true(calls > 100);
    (void)unsetenv("CEREMONY_FAULT_LOG");
    size_t silent = 0;
    for (unsigned long k = first; k + 4 < calls; k++) {
        char rule[64];
        (void)snprintf(rule, sizeof rule, "ANY@%lu=%s", k, action);
        AUTO_BYTES out = {0};
        struct error *error = run_with(&bench, rule, &out);
        /* Attributes that are optional, and sessions that are closed, may fail unnoticed. */
        silent += error == NULL;
        if (error != NULL)
            assert_true(error_code(error) != ERROR_BUG && error_what(error)[0] != '\0');
        error_free(error);
        wipe_keys(&bench);
    }
    print_message("%lu calls, %zu of the failures did not matter\n", calls, silent);
    assert_true(silent < calls / 10);
    bench_close(&bench);
}

static void
each_call_may_fail(void **state)
{
    (void)state;
    fail_each_call("0x30", 1); /* CKR_DEVICE_ERROR */
}

static void
each_call_may_be_done_and_reported_failed(void **state)
{
    (void)state;
    /* A module that starts and denies it stays started in this process: the first call is left out. */
    fail_each_call("after:0x5", 2); /* CKR_GENERAL_ERROR */
}

#define TICKS_OF_A_SECOND 50
#define ENDS              (60 * TICKS_OF_A_SECOND) /* also under valgrind */
#define HANGS             (3 * TICKS_OF_A_SECOND)

/* What cannot be tried in this process, in another: the status of the child, -1 when it had not ended after so
 * many ticks. */
static int
in_child(struct bench *bench, const char *rules, int ticks)
{
    pid_t child = fork(); /* no module is loaded now */
    if (child == 0) {
        AUTO_BYTES signature = {0};
        struct error *error = run_with(bench, rules, &signature);
        _exit(error == NULL ? 0 : 1);
    }
    int status = 0;
    struct timespec tick = {0, 1000000000 / TICKS_OF_A_SECOND};
    for (int i = 0; i < ticks; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        (void)nanosleep(&tick, NULL);
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    return -1;
}

static void
it_kills_hangs_and_delays(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    p11_session_close(TAKE(bench.session));
    p11_module_close(TAKE(bench.module));
    int status = in_child(&bench, "C_Sign@1=kill", ENDS);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    wipe_keys(&bench);
    status = in_child(&bench, "C_GenerateKeyPair@1=killafter", ENDS);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    wipe_keys(&bench);
    assert_int_equal(in_child(&bench, "C_Sign@1=hang", HANGS), -1);
    wipe_keys(&bench);
    struct timespec begin;
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_int_equal(in_child(&bench, "C_Sign@1=delay:300", ENDS), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    long ms =
        (long)(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
    assert_true(ms >= 300);
    bench_close(&bench);
}

static void
a_token_may_lie_about_chance(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    bench_reopen(&bench, "C_GenerateRandom@1+=lie:constant-random");
    unsigned char data[32];
    check_ok(p11_random(bench.session, data, sizeof data));
    for (size_t i = 0; i < sizeof data; i++)
        assert_int_equal(data[i], 0x42);
    bench_close(&bench);
}

/* An empty place in the list is a crash at the first call, in the middle of a ceremony. */
static void
a_module_that_lacks_a_function_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    p11_session_close(TAKE(bench.session));
    p11_module_close(TAKE(bench.module));
    static const char *const inits[] = {NULL, ""}; /* managed by p11-kit, and by us */
    (void)setenv("CEREMONY_FAULT_TARGET", SOFTHSM_MODULE, 1);
    (void)setenv("CEREMONY_FAULT", "", 1);
    for (size_t i = 0; i < 2; i++) {
        (void)setenv("CEREMONY_FAULT_LACKS", "C_WrapKey", 1);
        check_error_says(
            p11_module_open("hsm", FAULT_MODULE, inits[i], &bench.module), ERROR_INPUT,
            "module \"hsm\" cannot be used: its list of functions lacks C_WrapKey");
        assert_null(bench.module);
        (void)setenv("CEREMONY_FAULT_LACKS", "C_DigestKey", 1); /* nobody calls it */
        check_ok(p11_module_open("hsm", FAULT_MODULE, inits[i], &bench.module));
        struct p11_module_facts facts = {0};
        check_ok(p11_module_facts(bench.module, &facts));
        p11_module_close(TAKE(bench.module));
    }
    (void)unsetenv("CEREMONY_FAULT_LACKS");
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_nothing_changes),
        cmocka_unit_test(each_call_may_fail),
        cmocka_unit_test(each_call_may_be_done_and_reported_failed),
        cmocka_unit_test(it_kills_hangs_and_delays),
        cmocka_unit_test(a_token_may_lie_about_chance),
        cmocka_unit_test(a_module_that_lacks_a_function_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
