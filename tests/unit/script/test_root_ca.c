/* SPDX-License-Identifier: Apache-2.0
 *
 * The scripts that are shipped load without a fault, and say what they should. */
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/script/script.h"
#include "ceremony/script/site.h"
#include "ceremony/script/step_fields.h"
#include "tests/support/check.h"
#include "tests/unit/script/sandbox.h"

#define SCRIPT TEST_SOURCE_DIR "/scripts/root-ca.yaml"

static struct script *
load_script(const char *path)
{
    AUTO_FAULTS faults = {0};
    struct script *script = NULL;
    struct error *error = script_load(path, &faults, &script);
    AUTO_BYTES text = {0};
    check_ok(faults_text(&faults, &text));
    if (faults.count > 0)
        print_error("%s", bytes_text(&text));
    check_ok(error);
    return script;
}

static void
test_loads(void **state)
{
    (void)state;
    AUTO(script) script = load_script(SCRIPT);
    assert_string_equal(script->ceremony, "root-ca");
    assert_int_equal(script->act_count, 8);
    assert_int_equal(script->role_count, 7);
    assert_int_equal(strlen(script->sha256), 64);
    assert_int_equal(strlen(script->sha384), 96);
    assert_int_equal(script->keys[0].backup, BACKUP_WRAPPED);
    const struct pki_profile *root = script_profile(script, "root");
    assert_non_null(root);
    assert_int_equal(root->kind, PKI_PROFILE_CERTIFICATE);
    assert_true(root->certificate.is_ca);
    assert_int_equal(root->certificate.path_len, -1);
    assert_int_equal(root->certificate.basic_constraints, PKI_CRITICAL);
    assert_int_equal(root->certificate.key_usage_bits, PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN);
    assert_int_equal(root->certificate.validity_years, 25);
    const struct pki_profile *crl = script_profile(script, "root-crl");
    assert_int_equal(crl->kind, PKI_PROFILE_CRL);
    assert_int_equal(crl->crl.next_update_months, 11);
}

/* R5: every step has performer, verifier, what is seen, what is kept, and how long it takes. */
static void
test_every_step_is_whole(void **state)
{
    (void)state;
    AUTO(script) script = load_script(SCRIPT);
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            assert_true(step->say[0] != '\0' && step->expect[0] != '\0');
            assert_true(step->performs[0] != '\0' && step->verifies[0] != '\0');
            assert_true(step->evidence[0] != '\0' && step->minutes > 0);
        }
}

/* The order of DESIGN: nothing is certified before it can be restored. */
static void
test_order(void **state)
{
    (void)state;

    static const enum step_kind order[] = {STEP_ROLL_CALL,
                                           STEP_RECORD_FACTS,
                                           STEP_CHECK_TOKEN,
                                           STEP_INITIALISE_TOKEN,
                                           STEP_SET_PINS,
                                           STEP_CREATE_RECORDER,
                                           STEP_GENERATE_KEY,
                                           STEP_COMPARE_FINGERPRINT,
                                           STEP_PROVE_POSSESSION,
                                           STEP_BACK_UP_KEY,
                                           STEP_DELIVER_SHARES,
                                           STEP_PROVE_RESTORE,
                                           STEP_LOCK_KEY,
                                           STEP_ISSUE_CERTIFICATE,
                                           STEP_ISSUE_CRL,
                                           STEP_WRITE_MEDIA,
                                           STEP_SEAL_BAGS,
                                           STEP_SIGN_OFF,
                                           STEP_CLOSE};

    AUTO(script) script = load_script(SCRIPT);
    size_t next = 0;
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (next < sizeof order / sizeof order[0]
                && script->acts[a].steps[s].kind == order[next])
                next++;
    assert_int_equal(next, sizeof order / sizeof order[0]);
}

static void
test_implied_fields(void **state)
{
    (void)state;
    AUTO(script) script = load_script(SCRIPT);
    const struct script_step *restore = &script->acts[5].steps[0];
    assert_int_equal(restore->kind, STEP_PROVE_RESTORE);
    assert_string_equal(restore->of, "root");
    assert_string_equal(restore->key, "root");
    assert_string_equal(restore->keep_restored, "no");
    const struct script_step *compare = &script->acts[2].steps[1];
    assert_string_equal(compare->key, "root");
    assert_int_equal(compare->people, 2);
}

static void
test_parameters(void **state)
{
    (void)state;
    AUTO(script) script = load_script(SCRIPT);
    check_error_says(script_set_parameter(script, "organisaton", "x"), ERROR_INPUT,
                     "did you mean 'organisation'?");
    check_error_says(script_set_parameter(script, "organisation", "a\x1b[2J"), ERROR_INPUT,
                     "control or invisible");
    check_error_says(script_set_parameter(script, "organisation", "a\xff"), ERROR_INPUT,
                     "not UTF-8");
    check_error_says(script_set_parameter(script, "organisation", "${country}"), ERROR_INPUT,
                     "'${'");
    check_error_says(script_set_parameter(script, "organisation", ""), ERROR_INPUT, "empty");
    char longer[300];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    check_error_says(script_set_parameter(script, "organisation", longer), ERROR_INPUT,
                     "longer than 200");
    check_ok(script_set_parameter(script, "organisation", "\xc3\x96l AG"));
    check_ok(script_apply_parameters(script));
    const struct pki_name *subject = &script_profile(script, "root")->certificate.subject;
    assert_string_equal(subject->parts[1].value, "\xc3\x96l AG");
    assert_string_equal(subject->parts[2].value, "Example Root X1");
    assert_non_null(strstr(script->acts[0].steps[1].say, "\"Example Root X1\""));
    assert_null(strstr(script->acts[0].steps[1].say, "${"));
}

static void
copy_in(const char *name)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES text = {0};
    check_ok(text_format(&path, "%s/scripts/%s", TEST_SOURCE_DIR, name));
    check_ok(file_read(path, 1 << 20, &text));
    (void)sandbox_text(name, bytes_text(&text));
}

static void
test_public_profile(void **state)
{
    (void)state;
    copy_in("profiles/root-public.yaml");
    copy_in("profiles/crl-full.yaml");
    AUTO_BYTES text = {0};
    check_ok(file_read(SCRIPT, 1 << 20, &text));
    AUTO_FREE char *changed = replaced(bytes_text(&text), "root-private", "root-public");
    AUTO(script) script = load_script(sandbox_text("root.yaml", changed));
    assert_int_equal(script_profile(script, "root")->trust, PKI_TRUST_PUBLIC);
    assert_int_equal(script_profile(script, "root")->certificate.validity_years, 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads),      cmocka_unit_test(test_every_step_is_whole),
        cmocka_unit_test(test_order),      cmocka_unit_test(test_implied_fields),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_public_profile),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
