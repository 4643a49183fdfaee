/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as they are read and written everywhere: links are not followed, what is no file is not opened, nothing stands
 * there half, nobody else may read it, and what is destroyed was written over. (I5, T17, R76) */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "tests/support/check.h"
#include "tests/support/failing_calls.h"

static char folder[] = "/tmp/files-XXXXXX";

static bool comes_meanwhile;

int
renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (comes_meanwhile)
        assert_int_equal(close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
    comes_meanwhile = false;
    return REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

static int
set_up(void **state)
{
    (void)state;
    failing.name = NULL;
    (void)strcpy(folder, "/tmp/files-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    char command[64];
    (void)state;
    failing.name = NULL;
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

/* Of the last few that were asked for. */
static const char *
in_folder(const char *name)
{
    static char paths[4][64];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static size_t
names(void)
{
    AUTO_FOLDER_LIST list = {0};
    check_ok(folder_list(folder, false, false, &list));
    return list.count;
}

static void
check_holds(const char *name, const char *text)
{
    AUTO_BYTES bytes = {0};
    check_ok(file_read(in_folder(name), 100, &bytes));
    assert_int_equal(bytes.len, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.len);
}

static void
only_files_are_read(void **state)
{
    (void)state;
    AUTO_BYTES bytes = {0};
    check_ok(file_write_new(in_folder("one"), "12345", 5));
    assert_int_equal(symlink("one", in_folder("link")), 0);
    assert_int_equal(mkfifo(in_folder("pipe"), 0600),
                     0); /* nobody writes to it: who waits, waits for ever */
    check_error(file_read(in_folder("link"), 100, &bytes), ERROR_INPUT);
    check_error(file_read(in_folder("pipe"), 100, &bytes), ERROR_INPUT);
    check_error(file_read(folder, 100, &bytes), ERROR_INPUT);
    check_error(file_read("/dev/zero", 100, &bytes), ERROR_INPUT);
    check_error(file_read(in_folder("one"), 4, &bytes), ERROR_INPUT);
    assert_int_equal(bytes.len, 0);
    check_ok(file_read(in_folder("one"), 5, &bytes));
    assert_int_equal(bytes.len, 5);
    /* Sizes that are told as nothing, and are not: what is read is counted. */
    check_error_says(file_read("/proc/self/smaps", 5, &bytes), ERROR_INPUT, "larger");
}

static void
nothing_is_written_over_or_through(void **state)
{
    (void)state;
    struct stat facts;
    mode_t before = umask(0);
    check_ok(file_write_new(in_folder("one"), "first", 5));
    (void)umask(before);
    assert_int_equal(stat(in_folder("one"), &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    check_error(file_write_new(in_folder("one"), "other", 5), ERROR_EXISTS);
    check_holds("one", "first");
    assert_int_equal(symlink("elsewhere", in_folder("link")), 0); /* leads nowhere yet */
    check_error(file_write_new(in_folder("link"), "other", 5), ERROR_EXISTS);
    assert_int_equal(symlink("one", in_folder("second")), 0);
    check_ok(file_replace(in_folder("second"), "other", 5)); /* the link itself */
    check_holds("one", "first");
    check_holds("second", "other");
    assert_int_equal(names(), 2); /* and the link */
}

/* Of any size, over what is there, and never half. */
static void
a_copy_is_whole(void **state)
{
    (void)state;
    AUTO_FREE char *big = calloc(1, (3U << 20) + 7);
    AUTO_BYTES there = {0};
    assert_non_null(big);
    for (size_t i = 0; i < (3U << 20) + 7; i++)
        big[i] = (char)(i * 2654435761U >> 24);
    check_ok(file_write_new(in_folder("big"), big, (3U << 20) + 7));
    check_ok(file_write_new(in_folder("empty"), "", 0));
    check_ok(file_write_new(in_folder("to"), "before", 6));
    check_ok(file_copy(in_folder("big"), in_folder("to")));
    check_ok(file_read(in_folder("to"), 4U << 20, &there));
    assert_int_equal(there.len, (3U << 20) + 7);
    assert_memory_equal(there.data, big, there.len);
    check_ok(file_copy(in_folder("empty"), in_folder("new")));
    check_holds("new", "");
    check_error(file_copy(in_folder("none"), in_folder("to")), ERROR_NOT_FOUND);
    assert_int_equal(symlink("big", in_folder("link")), 0);
    check_error(file_copy(in_folder("link"), in_folder("to")), ERROR_INPUT);
    check_ok(file_read(in_folder("to"), 4U << 20, &there));
    assert_int_equal(names(), 4); /* and the link: nothing is left of what failed */
}

/* Somebody puts a file there after it was looked whether there is one. */
static void
what_comes_meanwhile_stays(void **state)
{
    (void)state;
    comes_meanwhile = true;
    check_error(file_write_new(in_folder("one"), "other", 5), ERROR_EXISTS);
    check_holds("one", "");
    assert_int_equal(names(), 1);
}

/* Whatever fails before it has its name: neither the file nor half of it is there. */
static void
nothing_stands_there_half(void **state)
{
    (void)state;
    static const char *const calls[] = {"write", "fsync"};
    for (size_t i = 0; i < 2; i++) {
        fail_call(calls[i], 0, EIO);
        check_error(file_write_new(in_folder("one"), "first", 5), ERROR_IO);
        failing.name = NULL;
        assert_int_equal(names(), 0);
        AUTO(file_stage) stage = NULL;
        check_ok(file_stage_begin(in_folder("two"), &stage));
        check_ok(file_stage_write(stage, "second", 6));
        fail_call("fsync", 0, EIO);
        check_error(file_stage_publish(stage, false), ERROR_IO);
        failing.name = NULL;
        file_stage_free(TAKE(stage));
        assert_int_equal(names(), 0);
    }
    fail_call("write", 0, 0); /* half of it is taken, the rest comes after */
    check_ok(file_write_new(in_folder("one"), "first", 5));
    assert_int_equal(failing.seen, 2);
    check_holds("one", "first");
    count_calls("fsync");
    check_ok(file_write_new(in_folder("two"), "second", 6));
    assert_int_equal(failing.seen, 2); /* the file, and the folder that has its name */
}

static void
what_is_staged_takes_no_place(void **state)
{
    (void)state;
    AUTO(file_stage) stage = NULL;
    struct stat facts;
    check_ok(file_write_new(in_folder("one"), "first", 5));
    mode_t before = umask(0);
    check_ok(file_stage_begin(in_folder("one"), &stage));
    (void)umask(before);
    check_ok(file_stage_write(stage, "second", 6));
    assert_int_equal(stat(file_stage_path(stage), &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    check_error(file_stage_publish(stage, false), ERROR_EXISTS);
    check_holds("one", "first");
    check_ok(file_stage_publish(stage, true));
    check_holds("one", "second");
}

static void
what_is_destroyed_was_written_over(void **state)
{
    (void)state;
    unsigned char octets[6000];
    memset(octets, 'x', sizeof octets);
    check_ok(file_write_new(in_folder("one"), octets, sizeof octets));
    assert_int_equal(symlink("one", in_folder("link")), 0);
    check_error(file_destroy(in_folder("link")), ERROR_INPUT);
    int kept = open(in_folder("one"), O_RDONLY | O_CLOEXEC);
    assert_true(kept >= 0);
    check_ok(file_destroy(in_folder("one")));
    assert_false(file_exists(in_folder("one")));
    assert_int_equal(pread(kept, octets, sizeof octets, 0), sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++)
        assert_int_equal(octets[i], 0);
    assert_int_equal(close(kept), 0);
    check_ok(file_destroy(in_folder("one"))); /* gone is gone */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_files_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_written_over_or_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_comes_meanwhile_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_stands_there_half, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_staged_takes_no_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_destroyed_was_written_over, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
