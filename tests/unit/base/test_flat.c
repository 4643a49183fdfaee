/* SPDX-License-Identifier: Apache-2.0
 *
 * What two processes tell each other: a struct comes over as it was, and whatever a taken-over process may send instead
 * is refused, or is a struct whose parts are bounded and safe to show (T17). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/flat_pipe.h"
#include "tests/support/check.h"

struct facts {
    struct bytes der;
    char *name;
    char *shown;
    char file[9];
    char sha256[65];
    char serial[41];
    unsigned char head[32];
    bool whole;
    int64_t from;
    uint64_t number;
    size_t count;
};

static const struct flat_row rows[] = {
    FLAT(FLAT_BYTES, struct facts, der, 16),   FLAT(FLAT_TEXT, struct facts, name, 12),
    FLAT(FLAT_LINES, struct facts, shown, 40), FLAT(FLAT_FIXED, struct facts, file, 0),
    FLAT(FLAT_HASH, struct facts, sha256, 0),  FLAT(FLAT_HEX, struct facts, serial, 0),
    FLAT(FLAT_OCTETS, struct facts, head, 0),  FLAT(FLAT_BOOL, struct facts, whole, 0),
    FLAT(FLAT_TIME, struct facts, from, 0),    FLAT(FLAT_NUMBER, struct facts, number, 1000),
    FLAT(FLAT_SIZE, struct facts, count, 4),
};
static const struct flat_table table = FLAT_TABLE(rows);

static void
facts_clear(struct facts *facts)
{
    bytes_clear(&facts->der);
    free(facts->name);
    free(facts->shown);
    *facts = (struct facts){0};
}

#define AUTO_FACTS __attribute__((cleanup(facts_clear))) struct facts

static void
make(struct facts *facts)
{
    static char name[] = "ää";
    static char shown[] = "one\ntwo\n";
    *facts = (struct facts){
        .name = name,
        .shown = shown,
        .file = "a.der",
        .serial = "0aff",
        .head = {1, 2, 3},
        .whole = true,
        .from = -5,
        .number = 1000,
        .count = 4
    };
    memset(facts->sha256, 'e', 64);
    check_ok(bytes_append(&facts->der, "\0\1\2", 3));
}

static void
put_one(struct bytes *frame)
{
    struct facts facts;
    make(&facts);
    check_ok(flat_put(&table, &facts, frame));
    bytes_clear(&facts.der);
}

static struct error *
take_one(const struct bytes *frame, size_t len, struct facts *facts)
{
    struct flat_reading in = {frame->data, len};
    TRY(flat_take(&table, &in, facts));
    return flat_take_end(&in);
}

static void
test_it_comes_over(void **state)
{
    AUTO_BYTES frame = {0};
    AUTO_FACTS facts = {0};
    (void)state;
    put_one(&frame);
    check_ok(take_one(&frame, frame.len, &facts));
    assert_int_equal(facts.der.len, 3);
    assert_memory_equal(facts.der.data, "\0\1\2", 3);
    assert_string_equal(facts.name, "ää");
    assert_string_equal(facts.shown, "one\ntwo\n");
    assert_string_equal(facts.file, "a.der");
    assert_int_equal(strspn(facts.sha256, "e"), 64);
    assert_string_equal(facts.serial, "0aff");
    assert_memory_equal(facts.head, "\1\2\3\0", 4);
    assert_true(facts.whole);
    assert_int_equal(facts.from, -5);
    assert_int_equal(facts.number, 1000);
    assert_int_equal(facts.count, 4);
}

static void
test_shorter_or_longer_is_refused(void **state)
{
    AUTO_BYTES frame = {0};
    (void)state;
    put_one(&frame);
    for (size_t len = 0; len < frame.len; len++) {
        AUTO_FACTS facts = {0};
        check_error(take_one(&frame, len, &facts), ERROR_VERIFICATION);
    }
    AUTO_FACTS facts = {0};
    check_ok(bytes_append_char(&frame, '\0'));
    check_error(take_one(&frame, frame.len, &facts), ERROR_VERIFICATION);
}

static void
is_within_bounds(const struct facts *facts)
{
    assert_true(facts->der.len <= 16 && strlen(facts->name) <= 12);
    assert_true(facts->number <= 1000 && facts->count <= 4);
    assert_int_equal(strspn(facts->sha256, "0123456789abcdef"), 64);
    assert_int_equal(strspn(facts->serial, "0123456789abcdef"), strlen(facts->serial));
    for (const char *c = facts->name; *c != '\0'; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    for (const char *c = facts->shown; *c != '\0'; c++)
        assert_true((unsigned char)*c >= 0x20 || *c == '\n');
}

/* Each octet takes every value: refused, or within its bounds. */
static void
test_every_changed_octet(void **state)
{
    AUTO_BYTES frame = {0};
    size_t refused = 0;
    (void)state;
    put_one(&frame);
    for (size_t at = 0; at < frame.len; at++) {
        unsigned char was = frame.data[at];
        for (unsigned value = 0; value < 256; value++) {
            AUTO_FACTS facts = {0};
            frame.data[at] = (unsigned char)value;
            struct error *error = take_one(&frame, frame.len, &facts);
            if (error == NULL)
                is_within_bounds(&facts);
            else
                assert_int_equal(error_code(error), ERROR_VERIFICATION);
            refused += error != NULL ? 1 : 0;
            error_free(error);
        }
        frame.data[at] = was;
    }
    assert_true(refused > 10000);
}

/* One member at a time beyond its bound, all else as it should be. */
static void
test_what_is_out_of_bounds(void **state)
{
    static char control[] = "a\x1b[1m";
    static char feed[] = "a\nb";
    static char many[] = "thirteen char";
    (void)state;
    for (int i = 0; i < 13; i++) {
        AUTO_BYTES frame = {0};
        AUTO_FACTS facts = {0};
        struct facts sent;
        make(&sent);
        switch (i) {
        case 0:
            sent.name = control;
            break;
        case 1:
            sent.name = feed;
            break;
        case 2:
            sent.name = many;
            break;
        case 3:
            sent.shown = control;
            break;
        case 4:
            sent.sha256[63] = '\0';
            break;
        case 5:
            sent.sha256[0] = 'E';
            break;
        case 6:
            sent.serial[3] = '\0';
            break;
        case 7:
            sent.number = 1001;
            break;
        case 8:
            sent.from = INT64_C(253402300800); /* the year 10000 */
            break;
        case 9:
            sent.from = INT64_C(-62167219201); /* before the year 0 */
            break;
        case 10:
            sent.from = INT64_MAX;
            break;
        case 11:
            sent.from = INT64_MIN;
            break;
        default:
            sent.count = 5;
        }
        check_ok(flat_put(&table, &sent, &frame));
        bytes_clear(&sent.der);
        check_error_says(take_one(&frame, frame.len, &facts), ERROR_VERIFICATION,
                         "sent what is no answer");
    }
}

static void
pipe_of(const void *data, size_t len, struct flat_pipe **ret_pipe)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (len > 0)
        assert_int_equal(write(ends[1], data, len), len);
    assert_int_equal(close(ends[1]), 0);
    check_ok(flat_pipe_open(ends[0], ret_pipe));
}

static void
test_frames_through_a_pipe(void **state)
{
    AUTO_BYTES frames = {0};
    AUTO(flat_pipe) pipe = NULL;
    struct flat_reading frame;
    size_t start = 0;
    (void)state;
    for (int i = 0; i < 2; i++) {
        check_ok(flat_begin(&frames, "AB"[i], &start));
        check_ok(flat_put_text(&frames, "text"));
        check_ok(flat_end(&frames, start));
    }
    pipe_of(frames.data, frames.len, &pipe);
    for (int i = 0; i < 2; i++) {
        AUTO_FREE char *text = NULL;
        check_ok(flat_pipe_next(pipe, &frame));
        assert_int_equal(*frame.p, "AB"[i]);
        frame.p++;
        frame.left--;
        check_ok(flat_take_text(&frame, 4, &text));
        check_ok(flat_take_end(&frame));
        assert_string_equal(text, "text");
    }
    check_error_says(flat_pipe_next(pipe, &frame), ERROR_IO, "ended before it had read all");
    for (size_t len = 0; len < frames.len / 2; len++) {
        AUTO(flat_pipe) cut = NULL;
        pipe_of(frames.data, len, &cut);
        check_error_says(flat_pipe_next(cut, &frame), ERROR_IO, "ended before");
    }
    static const unsigned char none[8];
    static const unsigned char large[8] = {0, 0, 0, 0, 0, 0x10, 0, 1};
    AUTO(flat_pipe) empty = NULL;
    AUTO(flat_pipe) long_one = NULL;
    pipe_of(none, sizeof none, &empty);
    check_error(flat_pipe_next(empty, &frame), ERROR_VERIFICATION);
    pipe_of(large, sizeof large, &long_one);
    check_error(flat_pipe_next(long_one, &frame), ERROR_VERIFICATION);
}

static bool
is_unwanted(void *self)
{
    unsigned *left = self;
    return (*left)-- == 0;
}

/* A process that is alive and says nothing: nobody has to wait for it. */
static void
test_nothing_comes(void **state)
{
    AUTO(flat_pipe) pipe_of_frames = NULL;
    struct flat_reading frame;
    unsigned left = 1;
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "\0\0\0\0\0\0\0\4A", 9), 9);
    check_ok(flat_pipe_open(ends[0], &pipe_of_frames));
    flat_pipe_ask(pipe_of_frames, is_unwanted, &left);
    check_error_says(flat_pipe_next(pipe_of_frames, &frame), ERROR_INTERRUPTED,
                     "did not come to its end");
    assert_int_equal(close(ends[1]), 0);
    check_error_says(flat_pipe_next(pipe_of_frames, &frame), ERROR_IO, "ended before");
}

static void
test_an_error_comes_over(void **state)
{
    AUTO_BYTES frame = {0};
    (void)state;
    struct error *error =
        error_hint(ERROR(ERROR_REFUSED, "the file \"%s\" is wrong", "a\nb"), "Bring another.");
    check_ok(flat_put_error(&frame, error_detail(error, "at octet 7")));
    error_free(error);
    struct flat_reading in = {frame.data, frame.len};
    error = flat_take_error(&in);
    assert_int_equal(error_code(error), ERROR_REFUSED);
    assert_non_null(strstr(error_what(error), "the file \"a\\x0Ab\" is wrong"));
    assert_string_equal(error_own_hint(error), "Bring another.");
    assert_string_equal(error_detail_text(error), "at octet 7");
    error_free(error);
    for (size_t len = 0; len < frame.len; len++) {
        struct flat_reading cut = {frame.data, len};
        check_error(flat_take_error(&cut), ERROR_VERIFICATION);
    }
}

static struct error *
send_error(enum error_code code, const char *what)
{
    AUTO_BYTES frame = {0};
    check_ok(flat_put_number(&frame, (uint64_t)code));
    check_ok(flat_put_text(&frame, what));
    check_ok(flat_put_text(&frame, ""));
    check_ok(flat_put_text(&frame, ""));
    struct flat_reading in = {frame.data, frame.len};
    return flat_take_error(&in);
}

/* A process without a token does not say that a PIN was wrong, and nobody reads a megabyte. */
static void
test_errors_that_nobody_tells(void **state)
{
    static const enum error_code untold[] = {ERROR_USAGE,      ERROR_ANSWER,     ERROR_PIN,
                                             ERROR_PIN_LAST,   ERROR_PIN_LOCKED, ERROR_TOKEN,
                                             ERROR_TOKEN_GONE, ERROR_INTERRUPTED};

    static char many[5001];
    AUTO_BYTES frame = {0};
    (void)state;
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++)
        check_error_says(send_error(untold[i], "so"), ERROR_VERIFICATION, "is no answer");
    check_error_says(send_error(ERROR_ORIGIN, "so"), ERROR_ORIGIN, "so");
    memset(many, 'x', sizeof many - 1);
    check_error_says(send_error(ERROR_INPUT, many), ERROR_VERIFICATION, "is no answer");
    struct error *error = ERROR(ERROR_INPUT, "%s", many);
    check_ok(flat_put_error(&frame, error));
    error_free(error);
    struct flat_reading in = {frame.data, frame.len};
    error = flat_take_error(&in);
    assert_int_equal(error_code(error), ERROR_INPUT);
    assert_int_equal(strlen(error_what(error)), 4096);
    error_free(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_comes_over),
        cmocka_unit_test(test_nothing_comes),
        cmocka_unit_test(test_errors_that_nobody_tells),
        cmocka_unit_test(test_shorter_or_longer_is_refused),
        cmocka_unit_test(test_every_changed_octet),
        cmocka_unit_test(test_what_is_out_of_bounds),
        cmocka_unit_test(test_frames_through_a_pipe),
        cmocka_unit_test(test_an_error_comes_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
