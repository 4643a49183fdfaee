/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/answers.h"
#include "tests/support/check.h"
#include "tests/unit/script/sandbox.h"

static const char text[] =
    "schema: 1\n"
    "parameters: {organisation: Test AG}\n"
    "roll-call.present: [here, here, gone]\n"
    "'*.ready': 'yes'\n"
    "make.ready: {decline: true}\n"
    "'*.confirm.*': {shown: '*.words.*'}\n"
    "'close.*': [{aside: exception}, {aside: pause}, {aside: leave}, {aside: stop}]\n"
    "never.asked: x\n"
    "long.tell: ''\n";

static void
take(struct answers *answers, const char *prompt, enum scripted_kind kind, const char *expected,
     unsigned line)
{
    struct scripted_answer answer = {0};
    check_ok(answers_take(answers, prompt, &answer));
    assert_int_equal(answer.kind, kind);
    assert_string_equal(answer.text, expected);
    assert_int_equal(answer.line, line);
    free(answer.text);
}

static void
test_answers(void **state)
{
    (void)state;
    AUTO_FAULTS faults = {0};
    AUTO(answers) answers = NULL;
    check_ok(answers_load(sandbox_text("a.yaml", text), &faults, &answers));
    assert_int_equal(answers_parameter_count(answers), 1);
    const char *id = NULL;
    const char *value = NULL;
    answers_parameter(answers, 0, &id, &value);
    assert_string_equal(id, "organisation");
    assert_string_equal(value, "Test AG");
    take(answers, "roll-call.present", SCRIPTED_TEXT, "here", 3);
    take(answers, "roll-call.present", SCRIPTED_TEXT, "here", 3);
    take(answers, "roll-call.present", SCRIPTED_TEXT, "gone", 3);
    take(answers, "roll-call.present", SCRIPTED_TEXT, "gone", 3); /* the last is repeated */
    take(answers, "other.ready", SCRIPTED_TEXT, "yes", 4);
    take(answers, "make.ready", SCRIPTED_DECLINE, "", 5); /* a literal key wins */
    take(answers, "restore.confirm.2.1", SCRIPTED_SHOWN, "restore.words.2.1", 6);
    take(answers, "close.a", SCRIPTED_EXCEPTION, "", 7);
    take(answers, "close.a", SCRIPTED_PAUSE, "", 7);
    take(answers, "close.b", SCRIPTED_EXCEPTION, "", 7); /* counted for each prompt */
    take(answers, "close.a", SCRIPTED_LEAVE, "", 7);
    take(answers, "close.a", SCRIPTED_STOP, "", 7);
    take(answers, "long.tell", SCRIPTED_TEXT, "", 9);
    struct scripted_answer answer = {0};
    check_error_says(answers_take(answers, "make.unknown", &answer), ERROR_INPUT,
                     "no answer to 'make.unknown'");
    AUTO_BYTES unused = {0};
    check_ok(answers_unused(answers, &unused));
    assert_string_equal(bytes_text(&unused), "never.asked\n");
}

static void
test_faults(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {"{decline: true}",    "{declin: true}",
         "a.yaml:5:14: unknown key 'declin' in an answer; did you mean 'decline'?"                                   },
        {"{decline: true}",    "{decline: true, aside: stop}",
         "a.yaml:5:14: an answer is exactly one of 'shown', 'aside', 'decline'"                                      },
        {"'*.words.*'",        "'*.*.*'",                      "a.yaml:6:17: '*.*.*' has more '*' than '*.confirm.*'"},
        {"{aside: stop}",      "{aside: shout}",
         "a.yaml:7:73: 'aside' must be 'exception', 'pause', 'leave' or 'stop', not 'shout'"                         },
        {"never.asked",        "never",
         "a.yaml:8:1: 'never' is no prompt: a prompt is called STEP.NAME"                                            },
        {"never.asked: x",     "make.ready: x",
         "a.yaml:8:1: the key 'make.ready' stands here twice (first in line 5)"                                      },
        {"[here, here, gone]", "[]",                           "a.yaml:3:1: a list of answers is an empty list"      },
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        AUTO_FREE char *changed = replaced(text, changes[i][0], changes[i][1]);
        AUTO_FAULTS faults = {0};
        struct answers *answers = NULL;
        check_error_says(answers_load(sandbox_text("a.yaml", changed), &faults, &answers),
                         ERROR_INPUT, changes[i][2]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
