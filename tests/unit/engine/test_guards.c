/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the way of a ceremony that must not go on: the approval not confirmed, nobody in a role, no independent
 * witness, a closed record, a disk that fails, a key that may not certify, a PIN in a free text. A ceremony without
 * token and people: its front end gives the answers that a test wants. (R3, R13, R14, R16, R76) */
#include <malloc.h>
#include <unistd.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/privacy.h"
#include "ceremony/engine/shares.h"
#include "shamir/key_wrap.h"
#include "tests/support/bare_engine.h"
#include "tests/support/check.h"
#include "tests/support/failing_calls.h"
#include "transcripts/digest.h"

#define PIN "correct horse"

static int
set_up(void **state)
{
    (void)state;
    bare_engine_make();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    failing.name = NULL;
    bare_engine_remove();
    return 0;
}

/* --- the approval --- */

static void
approve(void)
{
    (void)snprintf(site.approval.sha256, sizeof site.approval.sha256, "%s", HASH_A);
    site.approval.given = true;
}

static void
test_approval(void **state)
{
    (void)state;
    struct engine_token *token = NULL;
    approve();
    check_error_says(tokens_get(engine, "primary", &token), ERROR_REFUSED,
                     "before the approval was confirmed");
    check_ok(opening_approval(engine));
    assert_true(engine->approval_confirmed);
    assert_int_equal(records(), 2); /* each witness */
    assert_null(engine->prompt_prefix);
    check_error_says(tokens_get(engine, "primary", &token), ERROR_NOT_FOUND, "no token");
}

static void
test_approval_needs_two(void **state)
{
    (void)state;
    approve();
    site.roster.people[2].present = false;
    check_error_says(opening_approval(engine), ERROR_REFUSED, "two witnesses");
    assert_false(engine->approval_confirmed);
    site.rehearsal = true;
    check_ok(opening_approval(engine)); /* nothing to compare */
    assert_int_equal(records(), 0);
}

/* Three wrong words by either of the two end it; two do not. */
static void
test_approval_of_another(void **state)
{
    (void)state;
    approve();
    mistakes = 2;
    check_ok(opening_approval(engine));
    for (unsigned first = 0; first < 2; first++) {
        engine->approval_confirmed = false;
        (void)snprintf(site.approval.sha256, sizeof site.approval.sha256, "%s", HASH_B);
        mistakes = 3;
        check_error_says(opening_approval(engine), ERROR_REFUSED, "words typed");
        assert_false(engine->approval_confirmed);
        assert_null(engine->prompt_prefix);
    }
    (void)snprintf(site.approval.sha256, sizeof site.approval.sha256, "short");
    check_error(opening_approval(engine), ERROR_INPUT);
    assert_false(engine->approval_confirmed);
}

/* --- people --- */

static void
test_roles_of_step(void **state)
{
    (void)state;
    check_ok(people_quorum_of_step(engine));
    site.roster.people[0].present = false;
    check_error_says(people_quorum_of_step(engine), ERROR_REFUSED, "\"operator\"");
    step.kind = STEP_ROLL_CALL; /* there people are only counted */
    check_ok(people_quorum_of_step(engine));
    step.kind = STEP_CONFIRM;
    site.roster.people[0].present = true;
    site.roster.people[1].present = site.roster.people[2].present = false;
    check_error_says(people_quorum_of_step(engine), ERROR_REFUSED, "\"witness\"");
    step.verifies[0] = '\0';
    check_ok(people_quorum_of_step(engine));
    step.verifies[0] = 'w';
}

static void
test_independent_witness(void **state)
{
    (void)state;
    check_error_says(people_roll_call(engine), ERROR_REFUSED, "no independent witness");
    site.video = (char[]){""};
    check_error_says(people_roll_call(engine), ERROR_REFUSED, "no independent witness");
    site.video = (char[]){"camera 1"};
    check_ok(people_roll_call(engine));
    site.video = NULL;
    add_person("Dora", "auditor");
    check_ok(people_roll_call(engine));
    absent = 4;
    check_error_says(people_roll_call(engine), ERROR_REFUSED, "no independent witness");
    site.rehearsal = true;
    absent = 4;
    check_ok(people_roll_call(engine));
}

static void
test_quorum(void **state)
{
    (void)state;
    check_ok(people_quorum_or_lock(engine));
    site.roster.roles[0] = (struct role){.id = "witness", .people_min = 2};
    site.roster.role_count = 1;
    check_ok(people_quorum_or_lock(engine));
    site.roster.people[1].present = false;
    check_error_says(people_quorum_or_lock(engine), ERROR_REFUSED, "witness");
}

/* --- the record --- */

static void
test_closed_record(void **state)
{
    (void)state;
    uint64_t seq = 0;
    check_ok(engine_record(engine, TRANSCRIPT_FACTS, "program", json_object(), &seq));
    assert_int_equal(seq, 1);
    check_error(engine_record(engine, TRANSCRIPT_FACTS, "program", NULL, NULL), ERROR_MEMORY);
    check_error(engine_intent(engine, "sign", NULL, &seq), ERROR_MEMORY);
    check_error(engine_result(engine, 1, "done", NULL), ERROR_MEMORY);
    engine->state.closed = true;
    check_error_says(engine_record(engine, TRANSCRIPT_FACTS, "program", json_object(), NULL),
                     ERROR_REFUSED, "closed");
    assert_int_equal(records(), 1);
}

/* What could not be flushed is not done: the intent fails, and nothing more is recorded. */
static void
test_failing_disk(void **state)
{
    (void)state;
    uint64_t seq = 7;
    fail_call("fdatasync", 0, EIO);
    check_error(engine_intent(engine, "sign", json_object(), &seq), ERROR_IO);
    assert_int_equal(seq, 7);
    assert_int_equal(engine->state.intent_count, 0);
    failing.name = NULL;
    check_error(engine_intent(engine, "sign", json_object(), &seq), ERROR_IO);
    assert_int_equal(records(), 0);
}

/* --- going on with what it began with --- */

static struct site_file files[] = {
    {.name = (char[]){"roster.yaml"},  .sha256 = HASH_B},
    {.name = (char[]){"custody.yaml"}, .sha256 = HASH_B}
};
static struct pki_profile profile = {.sha256 = HASH_A};
static struct script_profile_ref profiles[] = {{.profile = &profile}};

/* A ceremony whose opening says all this, and now another process. */
static void
begin_before(void)
{
    static char id[] = "root";
    char path[300];
    check_ok(engine_record(engine, TRANSCRIPT_OPENING, "program",
                           json_pack("{s:s,s:s,s:{s:s},s:{s:s},s:{s:s},s:[{s:s}]}", "ceremony",
                                     "c-1", "mode", "rehearsal", "script", "sha256", HASH_A,
                                     "approval", "sha256", HASH_A, "site", "roster.yaml",
                                     HASH_B, "profiles", "sha256", HASH_A),
                           NULL));
    transcript_close(engine->transcript);
    engine->transcript = NULL;
    state_clear(&engine->state);
    memset(&engine->state, 0, sizeof engine->state);
    ledger_close(engine->ledger);
    engine->ledger = NULL;
    profile.id = id;
    (void)snprintf(script.sha256, sizeof script.sha256, "%s", HASH_A);
    script.profiles = profiles;
    script.profile_count = 1;
    site.rehearsal = true;
    site.files = files;
    site.file_count = 2;
    (void)snprintf(site.approval.sha256, sizeof site.approval.sha256, "%s", HASH_A);
    site.approval.given = true;
    (void)snprintf(path, sizeof path, "%s/custody.yaml", folder);
    check_ok(file_write_new(path, "plans\n", 6));
    bytes_clear(&files[1].raw);
    check_ok(bytes_append_text(&files[1].raw, "plans\n"));
}

static void
refuse(char *changed, const char *says)
{
    char was = changed[0];
    changed[0] = was == 'c' ? 'd' : 'c';
    check_error_says(recover_open(engine), ERROR_REFUSED, says);
    changed[0] = was;
    assert_null(engine->transcript); /* nothing was opened, nothing recorded */
    state_clear(&engine->state);
    memset(&engine->state, 0, sizeof engine->state);
}

static void
test_same_inputs(void **state)
{
    (void)state;
    begin_before();
    refuse(script.sha256, "the script is not the one");
    refuse(site.approval.sha256, "the approval is not the one");
    refuse(profile.sha256, "the profile \"root\" is not the one");
    refuse(files[0].sha256, "\"roster.yaml\" is not the one");
    refuse((char *)files[1].raw.data, "\"custody.yaml\" is not the one");
    site.rehearsal = false;
    check_error_says(recover_open(engine), ERROR_REFUSED, "the mode can never be changed");
    site.rehearsal = true;
    state_clear(&engine->state);
    memset(&engine->state, 0, sizeof engine->state);
    engine->evidence = "/none/such";
    check_error_says(recover_open(engine), ERROR_NOT_FOUND, "not an evidence folder");
    engine->evidence = folder;
    bytes_clear(&files[1].raw);
}

static void
test_restricted_key(void **state)
{
    (void)state;
    struct ledger_key row = {"root", "0a", "primary", HASH_A, "ec-p384", "generated"};
    struct state_key key = {.label = "root", .spki_sha256 = HASH_A};
    check_error(key_may_certify(engine, &key), ERROR_NOT_FOUND);
    check_ok(ledger_add_key(engine->ledger, "c-1", &row));
    check_ok(key_may_certify(engine, &key));
    check_ok(ledger_key_state(engine->ledger, "c-1", HASH_A, "crl-only"));
    check_error_says(key_may_certify(engine, &key), ERROR_REFUSED, "only CRLs");
}

static void
test_check_value(void **state)
{
    (void)state;
    AUTO(secret) kek = NULL;
    AUTO(secret) odd = NULL;
    static const unsigned char zeros[32];
    check_ok(secret_from(zeros, 32, &kek));
    check_ok(secret_from(zeros, 31, &odd));
    unsigned char value[KEY_WRAP_CHECK_SIZE];
    char hex[2 * KEY_WRAP_CHECK_SIZE + 1];
    check_ok(key_wrap_check_value(kek, value));
    hex_encode(value, sizeof value, hex);
    assert_true(shares_kcv_matches(kek, hex));
    hex[0] = hex[0] == '0' ? '1' : '0';
    assert_false(shares_kcv_matches(kek, hex));
    assert_false(shares_kcv_matches(kek, ""));
    assert_false(shares_kcv_matches(odd, hex)); /* no key has that length */
}

/* Without memory, too, who acts is recorded by name. */
static void
test_names_need_no_memory(void **state)
{
    (void)state;
    size_t before = mallinfo2().uordblks;
    const char *first = people_name(engine, "a role of nobody", 0);
    const char *again = people_name(engine, "a role of nobody", 0);
    assert_int_equal(mallinfo2().uordblks, before);
    assert_ptr_equal(first, again);
    assert_string_equal(first, "a role of nobody");
}

/* --- secrets in free text --- */

static void
remember(const char *text)
{
    AUTO(secret) pin = NULL;
    check_ok(secret_from(text, strlen(text), &pin));
    check_ok(privacy_remember_pin(engine, pin));
}

static void
test_free_text(void **state)
{
    (void)state;
    assert_false(privacy_looks_secret(engine, "The door stood open: we closed it."));
    assert_false(privacy_looks_secret(engine, PIN));
    check_ok(privacy_remember_pin(engine, NULL)); /* typed on the token's own keypad */
    assert_int_equal(engine->pin_count, 0);
    remember("1234-56");
    remember(PIN);
    remember(PIN);
    assert_int_equal(engine->pin_count, 2);
    static const char *const secrets[] = {
        PIN,
        "1234-56",
        "it was 1234-56, he said",
        "he said \"1234-56\"",
        "(1234-56)",
        "today's was correct horse, typed twice",
        "academic acid acne acquire",
        "so: academic, acid, acne, acquire.",
        "1. academic 2. acid 3. acne 4. acquire",
        "\"academic\" \"acid\" \"acne\" \"acquire\"",
        "cut off: acad acid acne acqu",
    };
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        assert_true(privacy_looks_secret(engine, secrets[i]));
    static const char *const fine[] = {"1234",
                                       "bag 91234-56",
                                       "bag 1234-567",
                                       "incorrect horse",
                                       "The door ? stood - open ...",
                                       "academic acid acne",
                                       "academic acid acne and acquire",
                                       ""};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        assert_false(privacy_looks_secret(engine, fine[i]));
    for (unsigned i = 0; i < ENGINE_PINS_MAX + 1; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "pin-%u", i);
        remember(text);
    }
    assert_int_equal(engine->pin_count, ENGINE_PINS_MAX);
    assert_true(privacy_looks_secret(engine, "pin-0"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_approval, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approval_needs_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approval_of_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_roles_of_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_independent_witness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_quorum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closed_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failing_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_inputs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restricted_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_free_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_need_no_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
