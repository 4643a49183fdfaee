/* SPDX-License-Identifier: Apache-2.0
 *
 * Items between two processes: all of them come over as they were judged, and whatever else a taken-over process may
 * send is refused, or is an item whose parts are bounded and safe to show (T17). */
#include <unistd.h>

#include "ceremony/batch/serve.h"
#include "ceremony/batch/wire.h"
#include "tests/unit/batch/review_fixture.h"

static struct trial trial;

static int
set_up(void **state)
{
    (void)state;
    static const char *const vectors[] = {
        "ok-ec256.der",  "ok-ec384.der",       "ok-rsa2048.der",    "ok-san.der",
        "sig-empty.der", "attr-unordered.der", "key-is-ca-key.der", "name-equals-issuer.der"};
    trial_open(&trial);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        sandbox_vector(&trial.box, vectors[i], vectors[i]);
    sandbox_write(&trial.box, "z-no-request", "x", 1);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    trial_close(&trial);
    return 0;
}

static void
open_stream(int in, struct batch_source **ret_source)
{
    struct flat_pipe *pipe_of_items = NULL;
    check_ok(flat_pipe_open(in, &pipe_of_items));
    check_ok(batch_source_open_stream(pipe_of_items, ret_source));
}

/* Everything that this medium gives, through a pipe. */
static void
serve_all(struct batch_source **ret_source)
{
    int ends[2];
    AUTO(batch_source) source = trial_source(&trial);
    assert_int_equal(pipe(ends), 0);
    check_ok(batch_serve(&trial.check, source, ends[1]));
    assert_int_equal(close(ends[1]), 0);
    open_stream(ends[0], ret_source);
}

static void
same_view(const struct batch_item *a, struct der of_a, const struct batch_item *b,
          struct der of_b)
{
    assert_int_equal(of_a.len, of_b.len);
    if (of_a.len > 0)
        assert_int_equal(of_a.p - a->request.data, of_b.p - b->request.data);
}

static void
same_item(const struct batch_item *a, const struct batch_item *b)
{
    assert_int_equal(a->index, b->index);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->input_sha256, b->input_sha256);
    assert_int_equal(a->request.len, b->request.len);
    if (a->request.len > 0)
        assert_memory_equal(a->request.data, b->request.data, a->request.len);
    same_view(a, a->spki, b, b->spki);
    same_view(a, a->subject, b, b->subject);
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->code_count, b->code_count);
    assert_memory_equal(a->codes, b->codes, sizeof a->codes);
    assert_string_equal(a->remark, b->remark);
    assert_int_equal(a->field_count, b->field_count);
    assert_int_equal(a->asked_subject.count, b->asked_subject.count);
    for (size_t i = 0; i < a->asked_subject.count; i++) {
        assert_string_equal(a->asked_subject.parts[i].type, b->asked_subject.parts[i].type);
        assert_string_equal(a->asked_subject.parts[i].value, b->asked_subject.parts[i].value);
    }
    assert_int_equal(a->asked_names.count, b->asked_names.count);
    for (size_t i = 0; i < a->asked_names.count; i++) {
        assert_string_equal(a->asked_names.items[i].type, b->asked_names.items[i].type);
        assert_string_equal(a->asked_names.items[i].value, b->asked_names.items[i].value);
    }
}

static void
test_all_come_over(void **state)
{
    AUTO(batch_source) near = trial_source(&trial);
    AUTO(batch_source) far = NULL;
    struct request_checker *checker = NULL;
    size_t accepted = 0;
    size_t count = 0;
    (void)state;
    check_ok(request_checker_new(&checker));
    serve_all(&far);
    for (;; count++) {
        AUTO(batch_item) here = NULL;
        AUTO(batch_item) there = NULL;
        check_ok(batch_source_next(near, &here));
        check_ok(batch_source_next(far, &there));
        assert_int_equal(here == NULL, there == NULL);
        if (here == NULL)
            break;
        check_ok(batch_check_item(&trial.check, checker, here));
        same_item(here, there);
        accepted += there->verdict == BATCH_ACCEPTED ? 1 : 0;
    }
    request_checker_free(checker);
    assert_true(accepted > 0 && count > accepted);
}

/* A review of what comes through the pipe is that of the medium itself. */
static void
test_the_review_is_the_same(void **state)
{
    AUTO(batch_source) far = NULL;
    char near[65];
    (void)state;
    trial_review(&trial);
    memcpy(near, trial.summary.review_sha256, sizeof near);
    serve_all(&far);
    unlink(trial.path);
    check_ok(batch_review_make(&trial.check, far, trial.path, &trial.summary));
    assert_string_equal(trial.summary.review_sha256, near);
}

static void
stream_of(const void *data, size_t len, struct batch_source **ret_source)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (len > 0)
        assert_int_equal(write(ends[1], data, len), len);
    assert_int_equal(close(ends[1]), 0);
    open_stream(ends[0], ret_source);
}

/* Another process, in the second pass, tells of the same input what the first one did not: an item has one
 * thing changed that would be certified. */
static void
tell_differently(struct batch_item *item, int what)
{
    static char other[] = "elsewhere.example";
    switch (what) {
    case 0:
        item->request.data[item->request.len - 1] ^= 1;
        break;
    case 1:
        item->spki.p -= 1;
        break;
    case 2:
        item->subject.len -= 1;
        break;
    case 3:
        check_ok(batch_item_add_field(item, "line", "3"));
        break;
    default:
        free(item->asked_subject.parts[0].value);
        item->asked_subject.parts[0].value = strdup(other);
    }
}

/* All that this medium gives; of the item of that name something else. */
static void
frames_of_all(const char *name, int what, struct bytes *frames)
{
    AUTO(batch_source) source = NULL;
    serve_all(&source);
    for (;;) {
        AUTO(batch_item) item = NULL;
        check_ok(batch_source_next(source, &item));
        if (item == NULL)
            break;
        if (strcmp(item->name, name) == 0)
            tell_differently(item, what);
        check_ok(wire_put_item(frames, item));
    }
    check_ok(wire_put_end(frames));
}

/* What the second pass makes of it: whether the item of that name is signed. Without one, the name of the first that is. */
static bool
second_pass(const struct bytes *frames, char name[64])
{
    AUTO(batch_source) source = NULL;
    AUTO(batch_review) review = NULL;
    AUTO(batch_review_feed) taken = NULL;
    stream_of(frames->data, frames->len, &source);
    check_ok(batch_review_open(trial.path, trial.summary.review_sha256, &review));
    check_ok(batch_review_feed_new(&trial.check, review, source, 0, &taken));
    struct batch_feed feed = batch_review_as_feed(taken);
    for (;;) {
        AUTO(batch_item) item = NULL;
        check_ok(feed.next(feed.self, &item));
        if (item == NULL)
            return false;
        if (name[0] == '\0' && item->verdict == BATCH_ACCEPTED)
            (void)snprintf(name, 64, "%s", item->name);
        if (strcmp(item->name, name) != 0)
            continue;
        assert_true(item->verdict == BATCH_ACCEPTED || item->codes[0] == BATCH_CHANGED);
        return item->verdict == BATCH_ACCEPTED;
    }
}

static void
test_two_passes_tell_the_same(void **state)
{
    AUTO(batch_source) first = NULL;
    AUTO_BYTES frames = {0};
    char name[64] = "";
    (void)state;
    serve_all(&first);
    unlink(trial.path);
    check_ok(batch_review_make(&trial.check, first, trial.path, &trial.summary));
    frames_of_all("", 0, &frames);
    assert_true(second_pass(&frames, name));
    for (int what = 0; what < 5; what++) {
        AUTO_BYTES changed = {0};
        frames_of_all(name, what, &changed);
        assert_false(second_pass(&changed, name));
    }
}

static void
frame_of_first(struct bytes *frame)
{
    AUTO(batch_source) source = NULL;
    AUTO(batch_item) item = NULL;
    serve_all(&source);
    while (item == NULL || item->verdict != BATCH_ACCEPTED) {
        batch_item_free(TAKE(item));
        check_ok(batch_source_next(source, &item));
        assert_non_null(item);
    }
    check_ok(wire_put_item(frame, item));
}

static void
test_a_process_that_ends_early_is_told(void **state)
{
    AUTO_BYTES frame = {0};
    (void)state;
    frame_of_first(&frame);
    for (size_t len = 0; len < frame.len; len += len < 64 ? 1 : 97) {
        AUTO(batch_source) source = NULL;
        AUTO(batch_item) item = NULL;
        stream_of(frame.data, len, &source);
        check_error_says(batch_source_next(source, &item), ERROR_IO,
                         "ended before it had read all");
        assert_null(item);
    }
}

/* Each octet takes each of some values: refused as no item, or an item within its bounds. */
static void
test_every_changed_octet(void **state)
{
    AUTO_BYTES frame = {0};
    size_t refused = 0;
    (void)state;
    frame_of_first(&frame);
    for (size_t at = 8; at < frame.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            AUTO(batch_item) item = NULL;
            frame.data[at] ^= (unsigned char)(1U << bit);
            struct error *error = wire_take(frame.data + 8, frame.len - 8, &item);
            frame.data[at] ^= (unsigned char)(1U << bit);
            if (error != NULL) {
                assert_null(item);
                refused++;
                error_free(error);
                continue;
            }
            if (item == NULL)
                continue;
            assert_true(item->verdict == BATCH_ACCEPTED || item->code_count > 0);
            assert_true(item->spki.len <= item->request.len);
            for (const char *c = item->name; *c != '\0'; c++)
                assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
        }
    assert_true(refused > 1000);
}

static void
test_what_no_reader_sends(void **state)
{
    AUTO_BYTES frame = {0};
    AUTO_BYTES twice = {0};
    (void)state;
    frame_of_first(&frame);
    /* An item that is not the next one. */
    check_ok(bytes_append(&twice, frame.data, frame.len));
    AUTO(batch_source) source = NULL;
    AUTO(batch_item) item = NULL;
    for (size_t i = 9; i < 17; i++)
        twice.data[i] = 7;
    stream_of(twice.data, twice.len, &source);
    check_error_says(batch_source_next(source, &item), ERROR_VERIFICATION, "left one out");
    /* A length that nobody has. */
    AUTO(batch_source) large = NULL;
    memset(twice.data, 0xff, 8);
    stream_of(twice.data, twice.len, &large);
    check_error_says(batch_source_next(large, &item), ERROR_VERIFICATION,
                     "sent what is no answer");
    /* More behind an item, and another kind of frame. */
    check_ok(bytes_append_char(&frame, 'x'));
    check_error(wire_take(frame.data + 8, frame.len - 8, &item), ERROR_VERIFICATION);
    frame.data[8] = '?';
    check_error(wire_take(frame.data + 8, frame.len - 9, &item), ERROR_VERIFICATION);
    check_error(wire_take(frame.data + 8, 0, &item), ERROR_VERIFICATION);
}

static void
test_what_the_source_says_is_said(void **state)
{
    int ends[2];
    AUTO(batch_source) source = NULL;
    AUTO(batch_item) item = NULL;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    check_ok(batch_serve_error(
        error_hint(ERROR(ERROR_INPUT, "the archive is damaged"), "Bring another one."),
        ends[1]));
    assert_int_equal(close(ends[1]), 0);
    open_stream(ends[0], &source);
    struct error *error = batch_source_next(source, &item);
    assert_string_equal(error_what(error), "the archive is damaged");
    assert_string_equal(error_own_hint(error), "Bring another one.");
    assert_int_equal(error_code(error), ERROR_INPUT);
    error_free(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_over),
        cmocka_unit_test(test_the_review_is_the_same),
        cmocka_unit_test(test_two_passes_tell_the_same),
        cmocka_unit_test(test_a_process_that_ends_early_is_told),
        cmocka_unit_test(test_every_changed_octet),
        cmocka_unit_test(test_what_no_reader_sends),
        cmocka_unit_test(test_what_the_source_says_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
