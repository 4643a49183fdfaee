/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain under every change we can think of: found, and the first wrong record named (R88, R90). */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "tests/support/check.h"
#include "transcripts/canonical.h"
#include "transcripts/reader.h"
#include "transcripts/writer.h"

#define RECORDS 7U

static char folder[256];
static char path[300];
static char confidential[300];

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/transcript.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/transcript.jsonl", folder);
    (void)snprintf(confidential, sizeof confidential, "%s/confidential.jsonl", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    struct folder_list list = {0};
    check_ok(folder_list(folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        char name[600];
        (void)snprintf(name, sizeof name, "%s/%s", folder, list.names[i]);
        (void)unlink(name);
    }
    folder_list_clear(&list);
    char torn[300];
    (void)snprintf(torn, sizeof torn, "%s/torn", folder);
    (void)rmdir(torn);
    return rmdir(folder);
}

/* A ceremony of RECORDS records, closed. */
static void
write_sample(unsigned char head[32])
{
    AUTO(transcript) transcript = NULL;
    check_ok(transcript_create(folder, &transcript));
    check_ok(transcript_append(
        transcript, TRANSCRIPT_OPENING, "operator: Ada",
        json_pack("{s:s, s:i}", "title", "Übung \"eins\" \\ zwei", "n", -3), NULL));
    check_ok(transcript_set_place(transcript, "The key", "generate-root"));
    for (unsigned i = 1; i + 1 < RECORDS; i++) {
        uint64_t seq = 0;
        check_ok(transcript_append(transcript,
                                   i % 2 == 1 ? TRANSCRIPT_INTENT : TRANSCRIPT_RESULT, "engine",
                                   json_pack("{s:[i,b,n]}", "list", (int)i, 1), &seq));
        assert_int_equal(seq, i + 1);
    }
    check_ok(transcript_append(transcript, TRANSCRIPT_CLOSING, "", NULL, NULL));
    assert_int_equal(transcript_count(transcript), RECORDS);
    transcript_head(transcript, head);
}

static void
put(const char *name, const void *data, size_t len)
{
    check_ok(file_replace(name, data, len));
}

static void
load(const char *name, struct bytes *bytes)
{
    check_ok(file_read(name, 1 << 20, bytes));
}

/* Reading fails and names `record`. */
static void
check_named(size_t record, const char *what)
{
    struct transcript_reading reading = {0};
    struct error *error = transcript_read(path, false, &reading);
    if (error == NULL)
        fail_msg("%s: not detected", what);
    char words[40];
    (void)snprintf(words, sizeof words, "record %zu", record);
    const char *found = strstr(error_what(error), words);
    if (error_code(error) != ERROR_VERIFICATION || found == NULL
        || (found[strlen(words)] >= '0' && found[strlen(words)] <= '9'))
        fail_msg("%s: record %zu is not named in: %s", what, record, error_what(error));
    error_free(error);
}

static void
test_reads_back(void **state)
{
    (void)state;
    unsigned char head[32];
    write_sample(head);
    AUTO_READING reading = {0};
    check_ok(transcript_read(path, false, &reading));
    assert_int_equal(reading.count, RECORDS);
    assert_memory_equal(reading.records[RECORDS - 1].hash, head, 32);
    assert_int_equal(reading.records[0].type, TRANSCRIPT_OPENING);
    assert_string_equal(reading.records[0].act, "");
    assert_string_equal(reading.records[1].step, "generate-root");
    assert_string_equal(json_string_value(json_object_get(reading.records[0].data, "title")),
                        "Übung \"eins\" \\ zwei");
    assert_int_equal(reading.records[RECORDS - 1].offset + reading.records[RECORDS - 1].length,
                     reading.raw.len);
    check_error(transcript_create(folder, &(struct transcript *){NULL}), ERROR_EXISTS);
}

static size_t
record_at(const struct transcript_reading *reading, size_t offset)
{
    size_t i = reading->count;
    while (i > 1 && reading->records[i - 1].offset > offset)
        i--;
    return i;
}

/* Every byte, each with several changes. A change of the last line that keeps its form is what the
 * head on paper and the seal are for: the head must differ. */
static void
test_every_byte(void **state)
{
    (void)state;
    static const unsigned char flips[] = {0x01, 0x02, 0x10, 0x20, 0x80, 0xff};
    unsigned char head[32];
    write_sample(head);
    AUTO_READING good = {0};
    check_ok(transcript_read(path, false, &good));
    for (size_t at = 0; at < good.raw.len; at++) {
        for (size_t f = 0; f < sizeof flips; f++) {
            unsigned char changed = good.raw.data[at] ^ flips[f];
            /* in place: a flushed replacement for each would take minutes */
            int file = open(path, O_WRONLY | O_CLOEXEC);
            assert_int_equal(pwrite(file, &changed, 1, (off_t)at), 1);
            struct transcript_reading reading = {0};
            struct error *error = transcript_read(path, false, &reading);
            size_t record = record_at(&good, at);
            if (error == NULL) {
                assert_int_equal(record, RECORDS);
                assert_memory_not_equal(reading.records[RECORDS - 1].hash, head, 32);
                transcript_reading_clear(&reading);
            } else {
                error_free(error);
                /* a quoted newline makes two lines of one; still the same record is first */
                check_named(record, "flipped byte");
            }
            assert_int_equal(pwrite(file, &good.raw.data[at], 1, (off_t)at), 1);
            (void)close(file);
        }
    }
}

static void
append_line(struct bytes *bytes, const struct transcript_reading *reading, size_t i)
{
    check_ok(bytes_append(bytes, reading->raw.data + reading->records[i].offset,
                          reading->records[i].length));
}

static void
test_lines(void **state)
{
    (void)state;
    unsigned char head[32];
    write_sample(head);
    AUTO_READING good = {0};
    check_ok(transcript_read(path, false, &good));
    for (size_t k = 0; k < RECORDS; k++) {
        AUTO_BYTES removed = {0};
        AUTO_BYTES doubled = {0};
        AUTO_BYTES swapped = {0};
        for (size_t i = 0; i < RECORDS; i++) {
            if (i != k)
                append_line(&removed, &good, i);
            append_line(&doubled, &good, i);
            if (i == k)
                append_line(&doubled, &good, i);
            append_line(&swapped, &good, i == k ? k + 1 : i == k + 1 ? k : i);
            if (k + 1 == RECORDS)
                break;
        }
        if (k + 1 < RECORDS) {
            put(path, removed.data, removed.len);
            check_named(k + 1, "line removed");
            put(path, doubled.data, doubled.len);
            check_named(k + 2, "line doubled");
            put(path, swapped.data, swapped.len);
            check_named(k + 1, "lines swapped");
        }
    }
}

/* Another ceremony's record in place of ours. */
static void
test_spliced(void **state)
{
    unsigned char head[32];
    write_sample(head);
    AUTO_READING ours = {0};
    check_ok(transcript_read(path, false, &ours));
    assert_int_equal(remove_folder(state), 0);
    assert_int_equal(make_folder(state), 0);
    usleep(5000);
    write_sample(head);
    AUTO_READING theirs = {0};
    check_ok(transcript_read(path, false, &theirs));
    for (size_t k = 0; k + 1 < RECORDS; k++) {
        AUTO_BYTES spliced = {0};
        for (size_t i = 0; i < RECORDS; i++)
            append_line(&spliced, i == k ? &theirs : &ours, i);
        put(path, spliced.data, spliced.len);
        /* its own prev gives a record away at once, the first one only when the second is read */
        check_named(k == 0 ? 1 : k, "record spliced in");
    }
}

static void
test_truncated(void **state)
{
    (void)state;
    unsigned char head[32];
    write_sample(head);
    AUTO_READING good = {0};
    check_ok(transcript_read(path, false, &good));
    for (size_t len = good.raw.len - 1; len > 0; len--) {
        assert_int_equal(truncate(path, (off_t)len), 0);
        size_t record = record_at(&good, len);
        bool whole = good.records[record - 1].offset == len;
        AUTO_READING reading = {0};
        check_ok(transcript_read(path, true, &reading));
        assert_int_equal(reading.count, record - 1);
        assert_int_equal(reading.torn, !whole);
        if (!whole)
            check_named(record, "truncated");
        else
            assert_memory_not_equal(reading.records[record - 2].hash, head, 32);
    }
}

static void
test_torn_is_kept(void **state)
{
    (void)state;
    unsigned char head[32];
    write_sample(head);
    AUTO_READING good = {0};
    check_ok(transcript_read(path, false, &good));
    size_t cut = good.records[RECORDS - 1].offset + 10;
    assert_int_equal(truncate(path, (off_t)cut), 0);
    AUTO(transcript) transcript = NULL;
    json_t *torn = NULL;
    check_ok(transcript_open(folder, &transcript, &torn));
    assert_int_equal(transcript_count(transcript), RECORDS - 1);
    assert_string_equal(json_string_value(json_object_get(torn, "file")), "torn/001");
    assert_int_equal(json_integer_value(json_object_get(torn, "size")), 10);
    AUTO_FREE char *name = NULL;
    check_ok(path_join(folder, "torn/001", &name));
    AUTO_BYTES kept = {0};
    load(name, &kept);
    assert_memory_equal(kept.data, good.raw.data + good.records[RECORDS - 1].offset, 10);
    json_decref(torn);
    /* The program dies before recording it: it is named again. */
    transcript_close(TAKE(transcript));
    check_ok(transcript_open(folder, &transcript, &torn));
    assert_string_equal(json_string_value(json_object_get(torn, "file")), "torn/001");
    int64_t elapsed = transcript_elapsed_ms(transcript);
    assert_true(elapsed >= good.records[RECORDS - 2].elapsed_ms);
    check_ok(transcript_append(transcript, TRANSCRIPT_RESUME, "operator: Ada",
                               json_pack("{s:o}", "torn", torn), NULL));
    transcript_close(TAKE(transcript));
    check_ok(transcript_open(folder, &transcript, &torn));
    assert_null(torn);
    AUTO_READING after = {0};
    check_ok(transcript_read(path, false, &after));
    assert_int_equal(after.count, RECORDS);
}

/* Torn twice before anybody recorded it: the newest is named, and those before it below it. */
static void
test_torn_twice(void **state)
{
    (void)state;
    unsigned char head[32];
    AUTO(transcript) transcript = NULL;
    json_t *torn = NULL;
    write_sample(head);
    for (int times = 1; times <= 3; times++) {
        AUTO_READING good = {0};
        check_ok(transcript_read(path, false, &good));
        size_t last = good.records[good.count - 1].offset;
        assert_int_equal(truncate(path, (off_t)last + 4 + times), 0);
        json_decref(torn);
        check_ok(transcript_open(folder, &transcript, &torn));
        transcript_close(TAKE(transcript));
        char name[16];
        (void)snprintf(name, sizeof name, "torn/%03d", times);
        assert_string_equal(json_string_value(json_object_get(torn, "file")), name);
        assert_int_equal(json_integer_value(json_object_get(torn, "size")), 4 + times);
        const json_t *earlier = json_object_get(torn, "earlier");
        assert_int_equal(json_array_size(earlier), times - 1);
        for (int i = 1; i < times; i++) {
            (void)snprintf(name, sizeof name, "torn/%03d", i);
            const json_t *one = json_array_get(earlier, (size_t)i - 1);
            assert_string_equal(json_string_value(json_object_get(one, "file")), name);
            assert_null(json_object_get(one, "earlier"));
        }
    }
    json_decref(torn);
}

static void
test_earlier_fault_is_no_tear(void **state)
{
    (void)state;
    unsigned char head[32];
    write_sample(head);
    AUTO_BYTES raw = {0};
    load(path, &raw);
    raw.data[40] ^= 1;
    put(path, raw.data, raw.len);
    struct transcript *transcript = NULL;
    json_t *torn = NULL;
    check_error_says(transcript_open(folder, &transcript, &torn), ERROR_VERIFICATION,
                     "record 1");
}

static void
test_one_program(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    check_ok(transcript_create(folder, &transcript));
    struct transcript *second = NULL;
    json_t *torn = NULL;
    check_error_says(transcript_open(folder, &second, &torn), ERROR_REFUSED,
                     "in use by another program");
}

/* Whether `error` says so; frees it. */
static bool
said(struct error *error, enum error_code code, const char *what)
{
    bool as_expected =
        error != NULL && error_code(error) == code && strstr(error_what(error), what) != NULL;
    error_free(error);
    return as_expected;
}

/* The child's part: which act went wrong, or 0. It frees what it holds, so that a leak is a leak. */
static int
fill_the_disk(void)
{
    AUTO(transcript) transcript = NULL;
    (void)signal(SIGXFSZ, SIG_IGN);
    struct error *error = transcript_create(folder, &transcript);
    if (error == NULL)
        error = transcript_append(transcript, TRANSCRIPT_OPENING, "a", NULL, NULL);
    bool opened = error == NULL;
    error_free(error);
    const struct rlimit limit = {300, 300};
    if (!opened || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    error = transcript_append(transcript, TRANSCRIPT_INTENT, "a", NULL, NULL);
    if (!said(error, ERROR_IO, "") || transcript_count(transcript) != 1)
        return 2;
    error = transcript_append(transcript, TRANSCRIPT_RESULT, "a", NULL, NULL);
    return said(error, ERROR_IO, "failed before") ? 0 : 3;
}

/* A file size limit makes the disk look full; what follows is refused, and resume mends it. */
static void
test_full_disk_poisons(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(fill_the_disk());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    AUTO(transcript) transcript = NULL;
    json_t *torn = NULL;
    check_ok(transcript_open(folder, &transcript, &torn));
    assert_int_equal(transcript_count(transcript), 1);
    assert_non_null(torn);
    json_decref(torn);
}

static void
test_bugs_of_the_caller(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    check_ok(transcript_create(folder, &transcript));
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                  json_pack("{s:s}", "text", "a\nb"), NULL),
                ERROR_BUG);
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                  json_pack("{s:s}", "text", "\xc2\x9b"), NULL),
                ERROR_BUG);
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "program",
                                  json_pack("{s:s}", "text", "a\xc2\x9b"), NULL),
                ERROR_BUG);
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                  json_pack("{s:f}", "real", 1.5), NULL),
                ERROR_BUG);
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                  json_pack("{s:I}", "big", (json_int_t)1 << 53), NULL),
                ERROR_BUG);
    check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a", json_pack("[i]", 1), NULL),
                ERROR_BUG);
    static const char *const keys[] = {"", "\xc3\xa4", "a\x7f", "a\tb"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                      json_pack("{s:i}", keys[i], 1), NULL),
                    ERROR_BUG);
    for (int arrays = 0; arrays < 2; arrays++) { /* deeper than any reader goes */
        json_t *deep = json_true();
        for (int depth = 0; depth < 60; depth++)
            deep = arrays == 1 ? json_pack("[o]", deep) : json_pack("{s:o}", "a", deep);
        check_error(transcript_append(transcript, TRANSCRIPT_FACTS, "a",
                                      json_pack("{s:o}", "deep", deep), NULL),
                    ERROR_BUG);
    }
    assert_int_equal(transcript_count(transcript), 0);
    check_ok(transcript_append(transcript, TRANSCRIPT_FACTS, "a", NULL, NULL));
}

static void
test_commitments(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    char first[DIGEST_SHA256_TEXT];
    char second[DIGEST_SHA256_TEXT];
    check_ok(transcript_create(folder, &transcript));
    check_ok(transcript_commit(transcript, "share plan",
                               json_pack("{s:i, s:i}", "n", 5, "k", 3), first));
    check_ok(transcript_commit(transcript, "custodian", json_string("Grace"), second));
    struct transcript_openings openings = {0};
    check_ok(transcript_openings_read(confidential, false, &openings));
    assert_int_equal(openings.count, 2);
    assert_string_equal(json_string_value(transcript_openings_find(&openings, second)),
                        "Grace");
    assert_null(transcript_openings_find(&openings, "00"));
    /* By hand, from the format's words. */
    AUTO_BYTES message = {0};
    check_ok(bytes_append_text(&message, "ceremony commitment 1\n"));
    check_ok(hex_decode_append(
        json_string_value(json_object_get(json_array_get(openings.lines, 0), "salt")),
        &message));
    check_ok(bytes_append_text(&message, "{\"k\":3,\"n\":5}"));
    char expected[DIGEST_SHA256_TEXT];
    check_ok(digest_sha256_text(message.data, message.len, expected));
    assert_string_equal(first, expected);
    transcript_openings_clear(&openings);
    transcript_close(TAKE(transcript));

    AUTO_BYTES raw = {0};
    load(confidential, &raw);
    for (size_t at = 0; at < raw.len; at++) {
        if (at < sizeof "{\"about\":\"share plan" && at > sizeof "{\"about\":\"" - 2)
            continue; /* the name is for the reader and is not committed to */
        unsigned char was = raw.data[at];
        raw.data[at] ^= 1;
        put(confidential, raw.data, raw.len);
        raw.data[at] = was;
        struct error *error = transcript_openings_read(confidential, false, &openings);
        if (error == NULL) { /* only the second name may change */
            assert_int_equal(openings.count, 2);
            assert_string_not_equal(openings.rows[1].about, "custodian");
            transcript_openings_clear(&openings);
        }
        error_free(error);
    }
}

static void
test_torn_opening(void **state)
{
    (void)state;
    AUTO(transcript) transcript = NULL;
    char text[DIGEST_SHA256_TEXT];
    check_ok(transcript_create(folder, &transcript));
    check_ok(transcript_append(transcript, TRANSCRIPT_OPENING, "a", NULL, NULL));
    check_ok(transcript_commit(transcript, "share plan", json_integer(3), text));
    check_ok(transcript_commit(transcript, "share plan", json_integer(5), text));
    transcript_close(TAKE(transcript));
    AUTO_BYTES raw = {0};
    load(confidential, &raw);
    assert_int_equal(truncate(confidential, (off_t)raw.len - 5), 0);
    json_t *torn = NULL;
    check_ok(transcript_open(folder, &transcript, &torn));
    const json_t *note = json_object_get(torn, "confidential");
    struct transcript_openings openings = {0};
    check_ok(transcript_openings_read(confidential, false, &openings));
    assert_int_equal(openings.count, 2);
    assert_string_equal(openings.rows[1].about, "torn line");
    assert_non_null(transcript_openings_find(
        &openings, json_string_value(json_object_get(note, "commitment"))));
    transcript_openings_clear(&openings);
    json_decref(torn);
}

static void
test_shell_checker(void **state)
{
    (void)state;
    unsigned char head[32];
    char head_text[65];
    write_sample(head);
    hex_encode(head, 32, head_text);
    char command[1000];
    (void)snprintf(command, sizeof command,
                   "%s/scripts/dev/check-chain %s | grep -q '^%u lines, head %s$'",
                   TEST_SOURCE_DIR, path, RECORDS, head_text);
    assert_int_equal(system(command), 0);
    AUTO_BYTES raw = {0};
    load(path, &raw);
    raw.data[100] ^= 1;
    put(path, raw.data, raw.len);
    (void)snprintf(command, sizeof command,
                   "%s/scripts/dev/check-chain %s | grep -q 'line [12] does not follow'",
                   TEST_SOURCE_DIR, path);
    assert_int_equal(system(command), 0);
    assert_int_equal(truncate(path, (off_t)raw.len - 1), 0);
    (void)snprintf(command, sizeof command, "%s/scripts/dev/check-chain %s >/dev/null",
                   TEST_SOURCE_DIR, path);
    assert_int_equal(WEXITSTATUS(system(command)), 4);
}

/* Nothing in a record can steer a terminal, from the first to the last of each range. */
static void
test_no_control_in_a_text(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"{\"a\":\"\x7f\"}",     false},
        {"{\"a\":\"\xc2\x80\"}", false},
        {"{\"a\":\"\xc2\x9f\"}", false},
        {"{\"a\":\"\xc2\xa0\"}", true },
        {"{\"a\":\"~\"}",        true },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *value = NULL;
        struct error *error = canonical_parse(rows[i].text, strlen(rows[i].text), &value);
        assert_int_equal(error == NULL, rows[i].good);
        error_free(error);
        json_decref(value);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reads_back, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_every_byte, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_lines, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_spliced, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_truncated, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_torn_is_kept, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_torn_twice, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_earlier_fault_is_no_tear, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_one_program, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_full_disk_poisons, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_bugs_of_the_caller, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_commitments, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_torn_opening, make_folder, remove_folder),
        cmocka_unit_test(test_no_control_in_a_text),
        cmocka_unit_test_setup_teardown(test_shell_checker, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
