/* SPDX-License-Identifier: Apache-2.0
 *
 * The fold over a transcript that this program did not write: whatever type its members have, nothing is read that is not
 * there. (R90) */
#include "ceremony/engine/state.h"
#include "tests/support/check.h"

static void
apply(struct state *state, enum transcript_type type, json_t *data)
{
    assert_non_null(data);
    check_ok(state_apply(state, 1, type, "step-1", 0, data));
    json_decref(data);
}

static void
test_members_of_other_types(void **unused)
{
    static const char *const does[] = {
        "initialise-token", "set-pins",       "create-recorder", "generate-key", "find-key",
        "import-request",   "restore-key",    "re-share",        "destroy-key",  "back-up-key",
        "deliver-shares",   "prove-restore",  "void-shares",     "sign",         "release-crl",
        "split-pin",        "change-pin",     "void-pin-set",    "revoke",       "end-key",
        "lock-key",         "import-existing"};
    static const char *const members[] = {"key",   "token",   "steps", "spki", "certificate",
                                          "label", "subject", "set",   "kept", "acts_before"};
    struct state *state = calloc(1, sizeof *state);
    (void)unused;
    assert_non_null(state);
    apply(state, TRANSCRIPT_STEP_END, json_object());
    for (size_t i = 0; i < sizeof does / sizeof does[0]; i++)
        for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
            for (int kind = 0; kind < 5; kind++) {
                json_t *values[] = {json_pack("i", -1), json_pack("[i,[],{}]", 1),
                                    json_pack("{s:i}", "a", 1), json_true(),
                                    json_pack("[n,s]", "step-2")};
                json_t *data = json_pack("{s:s,s:s}", "does", does[i], "outcome", "done");
                assert_int_equal(json_object_set(data, members[k], values[kind]), 0);
                apply(state, TRANSCRIPT_RESULT, data);
                for (int each = 0; each < 5; each++)
                    json_decref(values[each]);
                if (state->object_count > 60)
                    state->object_count = 0;
            }
    assert_true(state_step_done(state, "step-1"));
    state_clear(state);
    free(state);
}

static void
test_steps_that_are_void(void **unused)
{
    struct state *state = calloc(1, sizeof *state);
    (void)unused;
    assert_non_null(state);
    apply(state, TRANSCRIPT_STEP_END, json_object());
    apply(state, TRANSCRIPT_RESULT,
          json_pack("{s:s,s:s,s:[i,s]}", "does", "void-shares", "outcome", "done", "steps", 1,
                    "step-1"));
    assert_false(state_step_done(state, "step-1"));
    state_clear(state);
    free(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_of_other_types),
        cmocka_unit_test(test_steps_that_are_void),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
