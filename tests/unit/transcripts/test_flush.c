/* SPDX-License-Identifier: Apache-2.0
 *
 * A record is on the disk before it counts: what is written, flushed and named, and what happens when that fails. */
#include <fcntl.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/file.h"
#include "tests/support/check.h"
#include "tests/support/failing_calls.h"
#include "transcripts/digest.h"
#include "transcripts/journal.h"

static char folder[256];

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/flush.XXXXXX", TEST_BINARY_DIR);
    failing.name = NULL;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[300];
    failing.name = NULL;
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static struct journal *
make_journal(void)
{
    struct journal *journal = NULL;
    check_ok(journal_create(folder, "lines", "journal", &journal));
    return journal;
}

/* The name is flushed with the folder: a file whose name is lost is lost. */
static void
test_name(void **state)
{
    (void)state;
    struct journal *journal = NULL;
    count_calls("fsync");
    journal_close(make_journal());
    assert_int_equal(failing.seen, 2); /* the file and its folder */
    check_error(journal_create(folder, "lines", "journal", &journal), ERROR_EXISTS);
    for (unsigned i = 0; i < 2; i++) {
        char name[] = {(char)('a' + i), '\0'};
        fail_call("fsync", i, EIO);
        check_error_says(journal_create(folder, name, "journal", &journal), ERROR_IO,
                         "flushed");
    }
}

static void
test_each_line(void **state)
{
    (void)state;
    AUTO(journal) journal = make_journal();
    count_calls("fdatasync");
    for (unsigned i = 1; i <= 3; i++) {
        check_ok(journal_append(journal, "line\n", 5));
        assert_int_equal(failing.seen, i);
    }
}

/* After a failure nothing is written, whatever the disk would do then. */
static void
test_failures(void **state)
{
    (void)state;

    static const struct {
        const char *call;
        int number;
        const char *says;
    } rows[] = {
        {"write",     ENOSPC, "the journal could not be written"},
        {"write",     0,      "the journal took only 2 of 5"    },
        {"fdatasync", EIO,    "the journal could not be flushed"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO(journal) journal = make_journal();
        AUTO_BYTES before = {0};
        AUTO_BYTES after = {0};
        fail_call(rows[i].call, 0, rows[i].number);
        check_error_says(journal_append(journal, "line\n", 5), ERROR_IO, rows[i].says);
        failing.name = NULL;
        check_ok(journal_read(journal, 100, &before));
        check_error_says(journal_append(journal, "line\n", 5), ERROR_IO, "failed before");
        check_ok(journal_read(journal, 100, &after));
        assert_int_equal(after.len, before.len);
        char path[300];
        (void)snprintf(path, sizeof path, "%s/lines", folder);
        assert_int_equal(unlink(path), 0);
    }
}

static void
test_cut(void **state)
{
    (void)state;
    AUTO(journal) journal = make_journal();
    AUTO_BYTES left = {0};
    check_ok(journal_append(journal, "line\nhalf", 9));
    fail_call("ftruncate", 0, EIO);
    check_error(journal_cut(journal, 5), ERROR_IO);
    fail_call("fsync", 0, EIO);
    check_error(journal_cut(journal, 5), ERROR_IO);
    failing.name = NULL;
    check_ok(journal_cut(journal, 5));
    check_ok(journal_read(journal, 100, &left));
    assert_int_equal(left.len, 5);
}

/* What an earlier call left in errno means nothing at the end of the file. */
static void
test_end(void **state)
{
    (void)state;
    AUTO(journal) journal = make_journal();
    AUTO_BYTES lines = {0};
    (void)alarm(20);
    errno = EINTR;
    check_ok(journal_read(journal, 100, &lines));
    (void)alarm(0);
    assert_int_equal(lines.len, 0);
    check_ok(journal_append(journal, "line\n", 5));
    check_ok(journal_read(journal, 5, &lines));
    check_error_says(journal_read(journal, 4, &lines), ERROR_INPUT, "larger than 4");
}

/* Standard input may be closed; a file is then the lowest descriptor that is free. */
static void
test_lowest_descriptor(void **state)
{
    (void)state;
    int kept = dup(STDIN_FILENO);
    (void)close(STDIN_FILENO);
    struct journal *journal = make_journal();
    check_ok(journal_append(journal, "line\n", 5));
    journal_close(journal);
    int again = open("/dev/null", O_RDONLY); /* it was given back */
    assert_int_equal(again, STDIN_FILENO);
    if (kept >= 0) {
        assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
        (void)close(kept);
    }
}

static void
test_digests(void **state)
{
    (void)state;
    char text[DIGEST_SHA384_TEXT];
    unsigned char sha1[20];
    char path[300];
    unsigned long long size = 7;
    check_ok(digest_sha256_text("abc", 3, text));
    assert_string_equal(text,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_ok(digest_sha384_text("abc", 3, text));
    assert_string_equal(text, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                              "8086072ba1e7cc2358baeca134c825a7");
    check_ok(digest_sha1("abc", 3, sha1));
    assert_int_equal(sha1[0], 0xa9);
    assert_int_equal(sha1[19], 0x9d);
    (void)snprintf(path, sizeof path, "%s/file", folder);
    check_error(digest_sha256_file(path, text, &size), ERROR_NOT_FOUND);
    check_error_says(digest_sha256_file(folder, text, &size), ERROR_INPUT,
                     "not a regular file");
    check_ok(file_write_new(path, "abc", 3));
    (void)alarm(20);
    errno = EINTR;
    check_ok(digest_sha256_file(path, text, &size));
    (void)alarm(0);
    assert_int_equal(size, 3);
    assert_string_equal(text,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_name, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_each_line, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_failures, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_cut, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_end, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_lowest_descriptor, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_digests, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
