/* SPDX-License-Identifier: Apache-2.0
 *
 * Screens drawn without a terminal, and what keys make of them. */
#include <locale.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/model.h"
#include "ceremony/tui/view.h"
#include "tests/support/check.h"

struct table {
    struct ui ui;
    struct model_view model;
    struct progress progress;
    struct canvas canvas;
};

static struct progress_step steps[40];
static struct progress_act acts[2];

static int
prepare(void **state)
{
    static struct table table;
    memset(&table, 0, sizeof table);
    for (size_t i = 0; i < 40; i++)
        steps[i] =
            (struct progress_step){"id", i == 30 ? "the step of now" : "a step", STEP_DONE};
    acts[0] = (struct progress_act){"Opening", steps, 40};
    acts[1] = (struct progress_act){"The key", steps, 1};
    table.progress = (struct progress){.ceremony_title = "Root CA key ceremony",
                                       .acts = acts,
                                       .act_count = 2,
                                       .step = 30,
                                       .head_words = "drumbeat Apollo spindle Wyoming"};
    table.model.progress = &table.progress;
    *state = &table;
    return 0;
}

static int
dispose(void **state)
{
    struct table *table = *state;
    ui_clear(&table->ui);
    canvas_clear(&table->canvas);
    return 0;
}

static void
draw(struct table *table, int rows, int cols)
{
    check_ok(canvas_reset(&table->canvas, rows, cols));
    check_ok(ui_draw(&table->ui, &table->model, &table->canvas));
}

static bool
shows(const struct table *table, const char *text)
{
    for (int row = 0; row < table->canvas.rows; row++) {
        AUTO_FREE char *line = NULL;
        check_ok(canvas_row_text(&table->canvas, row, &line));
        if (strstr(line, text) != NULL)
            return true;
    }
    return false;
}

static void
press(struct table *table, const char *keys)
{
    for (; *keys != '\0'; keys++)
        check_ok(ui_key(&table->ui, *keys == '\n' ? UI_ENTER : *keys));
}

static void
the_current_step_stays_in_view(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {
        .id = "p", .kind = PROMPT_TELL, .title = "Title", .body = "Body"};
    check_ok(ui_open(&table->ui, &prompt));
    for (size_t step = 0; step < 40; step += 13) {
        table->progress.step = step;
        steps[step].title = "is it";
        draw(table, 24, 80);
        assert_true(shows(table, "> is it"));
    }
    assert_true(shows(table, "drumbeat Apollo spindle Wyoming"));
}

static void
a_long_text_must_be_read_before_it_is_accepted(void **state)
{
    struct table *table = *state;
    AUTO_BYTES body = {0};
    for (int i = 0; i < 40; i++)
        check_ok(bytes_format(&body, "line %d\n", i));
    const struct prompt prompt = {.id = "p",
                                  .kind = PROMPT_CONFIRM,
                                  .title = "Title",
                                  .body = bytes_text(&body),
                                  .question = "Is it so?",
                                  .who = "witness",
                                  .expect = "all of it"};
    check_ok(ui_open(&table->ui, &prompt));
    draw(table, 24, 80);
    press(table, "yes\n");
    assert_false(table->ui.answered);
    for (int i = 0; i < 10 && !table->ui.answered; i++) {
        draw(table, 24, 80);
        assert_true(shows(table, "Is it so?"));
        press(table, "\n");
    }
    assert_true(table->ui.answered);
    assert_string_equal(table->ui.answer.text, "yes");
    assert_int_equal(table->ui.scroll.top + table->ui.scroll.visible, table->ui.scroll.count);
}

static void
question_and_input_stay_in_view_whatever_the_texts_are(void **state)
{
    struct table *table = *state;
    AUTO_BYTES words = {0};
    for (int i = 0; i < 60; i++)
        check_ok(bytes_append_text(&words, "wording "));
    const struct prompt prompt = {.id = "p",
                                  .kind = PROMPT_COMMAND,
                                  .title = bytes_text(&words),
                                  .say = bytes_text(&words),
                                  .body = bytes_text(&words),
                                  .question = "Is this the question?",
                                  .who = "somebody",
                                  .expect = bytes_text(&words),
                                  .expected_text = "DO IT"};
    check_ok(ui_open(&table->ui, &prompt));
    draw(table, 24, 80);
    assert_true(shows(table, "Is this the question?"));
    assert_true(shows(table, "DO IT"));
    assert_true(shows(table, "PgDn"));
    assert_true(table->canvas.cursor_row > 0 && table->canvas.cursor_row < 22);
}

static void
a_command_must_be_exact(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {
        .id = "p", .kind = PROMPT_COMMAND, .title = "Title", .expected_text = "SIGN ROOT"};
    check_ok(ui_open(&table->ui, &prompt));
    draw(table, 24, 80);
    press(table, "sign root\n");
    assert_false(table->ui.answered);
    draw(table, 24, 80);
    assert_true(shows(table, "Capital and small letters matter"));
    check_ok(ui_key(&table->ui, UI_CTRL_U));
    press(table, "SIGN ROOT\n");
    assert_true(table->ui.answered);
}

static void
marks_never_tell_the_length(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {
        .id = "p", .kind = PROMPT_SECRET, .title = "PIN", .secret_max = 12};
    check_ok(ui_open(&table->ui, &prompt));
    press(table, "1");
    draw(table, 24, 80);
    struct canvas after_one = {0};
    check_ok(canvas_reset(&after_one, 24, 80));
    memcpy(after_one.cells, table->canvas.cells, 24 * 80 * sizeof *after_one.cells);
    canvas_cursor(&after_one, table->canvas.cursor_row, table->canvas.cursor_col);
    press(table, "2345678901");
    draw(table, 24, 80);
    assert_true(shows(table, "********"));
    assert_true(canvas_equal(&after_one, &table->canvas));
    press(table, "2x");
    draw(table, 24, 80);
    assert_true(shows(table, "longer than can be accepted"));
    canvas_clear(&after_one);
    press(table, "\n");
    assert_int_equal(secret_size(table->ui.answer.secret), 12);
    assert_memory_equal(secret_borrow(table->ui.answer.secret), "123456789012", 12);
}

static void
stopping_says_its_consequence_and_loses_nothing_when_refused(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {.id = "p", .kind = PROMPT_TEXT, .title = "Title"};
    check_ok(ui_open(&table->ui, &prompt));
    press(table, "half");
    check_ok(ui_key(&table->ui, UI_F10));
    draw(table, 24, 80);
    assert_true(shows(table, "Stop the ceremony?  y / n"));
    press(table, "\nqn");
    assert_false(table->ui.answered);
    draw(table, 24, 80);
    assert_true(shows(table, "> half"));
    /* The same through the menu, where there are no function keys. */
    check_ok(ui_key(&table->ui, UI_CTRL_X));
    press(table, "5y");
    assert_true(table->ui.answered);
    assert_int_equal(table->ui.answer.kind, ANSWER_STOP);
}

static void
escape_declines_only_where_it_may(void **state)
{
    struct table *table = *state;
    struct prompt prompt = {.id = "p", .kind = PROMPT_CONFIRM, .title = "Title"};
    check_ok(ui_open(&table->ui, &prompt));
    check_ok(ui_key(&table->ui, UI_ESCAPE));
    press(table, "y");
    assert_false(table->ui.answered);
    prompt.may_decline = true;
    check_ok(ui_open(&table->ui, &prompt));
    check_ok(ui_key(&table->ui, UI_ESCAPE));
    press(table, "y");
    assert_true(table->ui.answered);
    assert_int_equal(table->ui.answer.kind, ANSWER_DECLINED);
}

static const char *
no_address(int row, int col)
{
    (void)row;
    (void)col;
    return "@";
}

static void
thirty_three_words_fit_and_are_painted_not_drawn(void **state)
{
    struct table *table = *state;
    char text[33 * 9];
    memset(text, 'q', sizeof text);
    for (size_t i = 1; i < 33; i++)
        text[i * 9 - 1] = ' ';
    AUTO(secret) secret = NULL;
    check_ok(secret_from(text, sizeof text - 1, &secret));
    const struct prompt prompt = {.id = "p",
                                  .kind = PROMPT_REVEAL,
                                  .title = "Share",
                                  .body = "Everyone else looks away now.",
                                  .secret_body = secret,
                                  .reveal_seconds = 60,
                                  .one_pair_of_eyes = true};
    check_ok(ui_open(&table->ui, &prompt));
    draw(table, 24, 80);
    assert_true(ui_has_secrets(&table->ui));
    assert_false(shows(table, "qq"));
    assert_true(shows(table, "33"));
    struct paint paint;
    check_ok(paint_init(&paint, no_address));
    ui_paint(&table->ui, &table->canvas, &paint);
    size_t places = 0;
    for (size_t i = 0; i < paint.len; i++)
        places += secret_borrow(paint.memory)[i] == '@' ? 1 : 0;
    assert_int_equal(places, 33);
    paint_clear(&paint);
    /* A help text hides it, time hides it, a key shows it again. */
    check_ok(ui_key(&table->ui, UI_F1));
    assert_false(ui_has_secrets(&table->ui));
    check_ok(ui_key(&table->ui, UI_ESCAPE));
    assert_true(ui_has_secrets(&table->ui));
    table->ui.now.monotonic_ms = 60000;
    draw(table, 24, 80);
    assert_false(ui_has_secrets(&table->ui));
    press(table, "x");
    assert_false(ui_has_secrets(&table->ui));
    press(table, "\n");
    assert_true(ui_has_secrets(&table->ui));
    press(table, "written\n");
    assert_true(table->ui.answered);
}

static void
a_small_terminal_takes_no_keys_and_loses_none(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {.id = "p", .kind = PROMPT_TEXT, .title = "Title"};
    check_ok(ui_open(&table->ui, &prompt));
    press(table, "kept");
    draw(table, 15, 60);
    assert_true(shows(table, "The terminal is too small: 80x24 at least; now 60x15."));
    press(table, "lost\n");
    draw(table, 24, 80);
    assert_true(shows(table, "> kept"));
    assert_false(shows(table, "lost"));
    draw(table, 1, 1);
}

/* P is offered for work that may stop, and heard then only; a terminal that is gone stops all. */
static void
test_work_is_stopped(void **state)
{
    struct table *table = *state;
    check_ok(model_new(&table->ui.model));
    model_working(table->ui.model, "An RSA key is made.", "", false);
    check_ok(ui_key(&table->ui, 'p'));
    assert_false(model_stop_wanted(table->ui.model));
    model_working(table->ui.model, "1 of 9 signed", "", true);
    assert_false(model_stop_wanted(table->ui.model));
    table->model.working = "1 of 9 signed";
    table->model.may_stop = true;
    draw(table, 24, 80);
    assert_true(shows(table, "stop here, go on another time"));
    check_ok(ui_key(&table->ui, 'P'));
    assert_true(model_stop_wanted(table->ui.model));
    model_working(table->ui.model, "2 of 9 signed", "", true);
    assert_true(model_stop_wanted(table->ui.model));
    table->model.stopping = true;
    draw(table, 24, 80);
    assert_false(shows(table, "stop here"));
    assert_true(shows(table, "It stops."));
    model_working(table->ui.model, NULL, "", false);
    assert_false(model_stop_wanted(table->ui.model));
    model_abort(table->ui.model);
    assert_true(model_stop_wanted(table->ui.model));
    model_free(table->ui.model);
    table->ui.model = NULL;
}

static void
nothing_is_chosen_before_it_is_marked(void **state)
{
    struct table *table = *state;
    struct prompt_choice choices[12];
    char texts[12][16];
    for (size_t i = 0; i < 12; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "line-%zu", i + 1);
        choices[i] = (struct prompt_choice){texts[i], texts[i]};
    }

    static const struct {
        const char *keys;
        const char *chosen; /* NULL: nothing */
    } rows[] = {
        {"\n",    NULL     },
        {"0\n",   NULL     },
        {"1\n",   "line-1" },
        {"10\n",  "line-10"},
        {"12\n",  "line-12"},
        {"13\n",  "line-3" },
        {"1x0\n", "line-1" },
        {"99\n",  "line-9" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct prompt prompt = {.id = "p",
                                      .kind = PROMPT_CHOOSE,
                                      .title = "Title",
                                      .body = "Body",
                                      .question = "Which?",
                                      .who = "witness",
                                      .choices = choices,
                                      .choice_count = 12};
        check_ok(ui_open(&table->ui, &prompt));
        draw(table, 24, 80);
        assert_false(shows(table, "> 1  line-1"));
        press(table, rows[i].keys);
        draw(table, 24, 80);
        assert_int_equal(table->ui.answered, rows[i].chosen != NULL);
        assert_int_equal(shows(table, "Mark a line first"), rows[i].chosen == NULL);
        if (rows[i].chosen != NULL)
            assert_string_equal(table->ui.answer.text, rows[i].chosen);
        ui_clear(&table->ui);
    }
}

/* Two commands that differ at their end must be told apart, and be typed as they are shown. */
static void
a_long_command_is_shown_whole(void **state)
{
    struct table *table = *state;
    const struct prompt prompt = {.id = "p",
                                  .kind = PROMPT_COMMAND,
                                  .title = "Title",
                                  .body = "Body",
                                  .question = "Nothing happens until this is typed:",
                                  .who = "operator",
                                  .expected_text =
                                      "DESTROY Example Trust Services Root X1 ON primary-2"};
    check_ok(ui_open(&table->ui, &prompt));
    draw(table, 24, 80);
    assert_true(shows(table, "Type   DESTROY Example Trust Services Root"));
    assert_true(shows(table, "primary-2"));
    press(table, "DESTROY Example Trust Services Root X1 ON primary-2\n");
    assert_true(table->ui.answered);
}

int
main(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
#define TABLE_TEST(test) cmocka_unit_test_setup_teardown(test, prepare, dispose)
    const struct CMUnitTest tests[] = {
        TABLE_TEST(nothing_is_chosen_before_it_is_marked),
        TABLE_TEST(a_long_command_is_shown_whole),
        cmocka_unit_test_setup_teardown(test_work_is_stopped, prepare, dispose),
        TABLE_TEST(the_current_step_stays_in_view),
        TABLE_TEST(a_long_text_must_be_read_before_it_is_accepted),
        TABLE_TEST(question_and_input_stay_in_view_whatever_the_texts_are),
        TABLE_TEST(a_command_must_be_exact),
        TABLE_TEST(marks_never_tell_the_length),
        TABLE_TEST(stopping_says_its_consequence_and_loses_nothing_when_refused),
        TABLE_TEST(escape_declines_only_where_it_may),
        TABLE_TEST(thirty_three_words_fit_and_are_painted_not_drawn),
        TABLE_TEST(a_small_terminal_takes_no_keys_and_loses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
