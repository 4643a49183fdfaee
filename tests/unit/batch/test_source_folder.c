/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders of requests, and what an attacker may put into one (T17, T18). */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/unit/batch/fixture.h"

static struct batch_source *
open_folder(const struct sandbox *box)
{
    struct batch_source *source = NULL;
    check_ok(batch_source_open(box->path, BATCH_SOURCE_FOLDER, NULL, &source));
    return source;
}

static void
files_come_by_name_through_all_folders(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    sandbox_folder(&box, "b");
    sandbox_folder(&box, "b/1");
    sandbox_folder(&box, "d");
    sandbox_vector(&box, "ok-ec384.der", "c.csr");
    sandbox_vector(&box, "ok-ec256.der", "b/1/x.csr");
    sandbox_vector(&box, "pem-crlf.pem", "b/z.pem");
    sandbox_vector(&box, "ok-san.der", "a.csr");
    AUTO(batch_source) source = open_folder(&box);
    check_next(source, "a.csr", "");
    check_next(source, "b/1/x.csr", "");
    check_next(source, "b/z.pem", "");
    check_next(source, "c.csr", "");
    check_end(source);
    sandbox_close(&box);
}

static void
a_pem_file_gives_the_same_request_as_its_der(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES der = {0};
    AUTO_BYTES pem = {0};
    char hash[65];
    sandbox_open(&box);
    sandbox_vector(&box, "pem-crlf.pem", "a.pem");
    read_vector("ok-ec256.der", &der);
    read_vector("pem-crlf.pem", &pem);
    AUTO(batch_source) source = open_folder(&box);
    AUTO(batch_item) item = NULL;
    check_ok(batch_source_next(source, &item));
    assert_int_equal(item->request.len, der.len);
    check_ok(pki_sha256_hex(pem.data, pem.len, hash));
    assert_string_equal(item->input_sha256, hash);
    sandbox_close(&box);
}

static void
only_regular_files_are_read(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    sandbox_vector(&box, "ok-ec256.der", "a.csr");
    AUTO_FREE char *fifo = sandbox_path(&box, "b-fifo");
    AUTO_FREE char *link_path = sandbox_path(&box, "c-link");
    AUTO_FREE char *hard = sandbox_path(&box, "d-hard");
    AUTO_FREE char *original = sandbox_path(&box, "a.csr");
    AUTO_FREE char *outside = sandbox_path(&box, "e-outside");
    AUTO_FREE char *device = sandbox_path(&box, "f-device");
    AUTO_FREE char *dangling = sandbox_path(&box, "g-dangling");
    AUTO_FREE char *folder_link = sandbox_path(&box, "h-folder");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink("a.csr", link_path), 0);
    assert_int_equal(link(original, hard), 0);
    assert_int_equal(symlink("/etc/passwd", outside), 0);
    bool has_device = mknod(device, S_IFCHR | 0600, makedev(1, 5)) == 0; /* /dev/zero */
    assert_int_equal(symlink("nothing", dangling), 0);
    assert_int_equal(symlink("/etc", folder_link), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/i-socket", box.path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    sandbox_folder(&box, "j.csr");
    sandbox_vector(&box, "ok-san.der", "j.csr/k.csr");

    AUTO(batch_source) source = open_folder(&box);
    check_next(source, "a.csr", "");
    check_next(source, "b-fifo", "file-kind");
    check_next(source, "c-link", "file-kind");
    check_next(source, "d-hard", ""); /* a hard link is a file of this file system */
    check_next(source, "e-outside", "file-kind");
    if (has_device)
        check_next(source, "f-device", "file-kind");
    check_next(source, "g-dangling", "file-kind");
    check_next(source, "h-folder", "file-kind");
    check_next(source, "i-socket", "file-kind");
    check_next(source, "j.csr/k.csr", "");
    check_end(source);
    close(listener);
    sandbox_close(&box);
}

static void
the_folder_itself_is_no_link(void **state)
{
    (void)state;
    struct sandbox box;
    struct batch_source *source = NULL;
    sandbox_open(&box);
    AUTO_FREE char *path = sandbox_path(&box, "link");
    AUTO_FREE char *missing = sandbox_path(&box, "missing");
    assert_int_equal(symlink("/etc", path), 0);
    check_error_says(batch_source_open(path, BATCH_SOURCE_FOLDER, NULL, &source), ERROR_INPUT,
                     "no folder");
    check_error(batch_source_open(missing, BATCH_SOURCE_FOLDER, NULL, &source),
                ERROR_NOT_FOUND);
    sandbox_close(&box);
}

static void
sizes_are_limited_before_anything_is_read(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    AUTO_FREE char *sparse = sandbox_path(&box, "b-sparse");
    int file = open(sparse, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(file, 10737418240), 0);
    close(file);
    sandbox_write(&box, "a-empty", "", 0);
    sandbox_write(&box, "c-text", "hello\n", 6);
    sandbox_vector(&box, "utf16.pem", "d-utf16");
    sandbox_vector(&box, "zeros-4k.der", "e-zeros");
    AUTO(batch_source) source = open_folder(&box);
    check_next(source, "a-empty", "file-empty");
    check_next(source, "b-sparse", "file-size");
    check_next(source, "c-text", "file-format");
    check_next(source, "d-utf16", "file-format");
    check_next(source, "e-zeros", "file-format");
    check_end(source);
    sandbox_close(&box);
}

static void
names_are_shown_safely_and_told_apart(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    sandbox_vector(&box, "ok-ec256.der", "A.csr");
    sandbox_vector(&box, "ok-ec256.der", "a.csr");
    sandbox_vector(&box, "ok-ec256.der", "b\nApproved: yes");
    sandbox_vector(&box, "ok-ec256.der", "c\x1b[2J");
    sandbox_vector(&box, "ok-ec256.der", "d\xff\xfe");
    sandbox_vector(&box, "ok-ec256.der",
                   "e\xe2\x80\xae"
                   "rsc.exe");
    sandbox_vector(&box, "ok-ec256.der",
                   "f\xc2\x9b"
                   "1m");
    AUTO(batch_source) source = open_folder(&box);
    check_next(source, "A.csr", "");
    check_next(source, "a.csr", "");
    check_next(source, "b\\x0AApproved: yes", "");
    check_next(source, "c\\x1B[2J", "");
    check_next(source, "d\\xFF\\xFE", "");
    check_next(source, "e\\u202Ersc.exe", "");
    check_next(source, "f\\u009B1m", "");
    check_end(source);
    sandbox_close(&box);
}

static void
folders_beyond_the_depth_are_refused_by_name(void **state)
{
    (void)state;
    struct sandbox box;
    struct batch_limits limits = {.folder_depth = 1};
    AUTO(batch_source) source = NULL;
    sandbox_open(&box);
    sandbox_folder(&box, "a");
    sandbox_folder(&box, "a/b");
    sandbox_vector(&box, "ok-ec256.der", "a/b/deep.csr");
    sandbox_vector(&box, "ok-ec256.der", "a/c.csr");
    check_ok(batch_source_open(box.path, BATCH_SOURCE_FOLDER, &limits, &source));
    check_next(source, "a/b", "folder-depth");
    check_next(source, "a/c.csr", "");
    check_end(source);
    sandbox_close(&box);
}

static void
too_many_items_or_entries_end_the_source(void **state)
{
    (void)state;
    struct sandbox box;
    struct batch_limits few = {.items = 2};
    struct batch_limits narrow = {.folder_entries = 2};
    struct batch_item *item = NULL;
    sandbox_open(&box);
    sandbox_vector(&box, "ok-ec256.der", "1");
    sandbox_vector(&box, "ok-ec256.der", "2");
    sandbox_vector(&box, "ok-ec256.der", "3");
    AUTO(batch_source) source = NULL;
    check_ok(batch_source_open(box.path, BATCH_SOURCE_FOLDER, &few, &source));
    check_next(source, "1", "");
    check_next(source, "2", "");
    check_error_says(batch_source_next(source, &item), ERROR_INPUT, "more than 2 requests");
    struct batch_source *other = NULL;
    check_error_says(batch_source_open(box.path, BATCH_SOURCE_FOLDER, &narrow, &other),
                     ERROR_INPUT, "more than 2 entries");
    sandbox_close(&box);
}

/* A run that was interrupted goes on with the same item. */
static void
skipping_meets_the_same_items(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    sandbox_folder(&box, "x");
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s%02d", i % 2 == 0 ? "x/" : "", i);
        sandbox_vector(&box, "ok-ec256.der", name);
    }
    for (uint64_t from = 0; from < 20; from++) {
        AUTO(batch_source) whole = open_folder(&box);
        AUTO(batch_source) later = open_folder(&box);
        check_ok(batch_source_skip(later, from));
        for (uint64_t i = 0; i < 20; i++) {
            AUTO(batch_item) a = NULL;
            AUTO(batch_item) b = NULL;
            check_ok(batch_source_next(whole, &a));
            if (i < from)
                continue;
            check_ok(batch_source_next(later, &b));
            assert_int_equal(a->index, b->index);
            assert_string_equal(a->name, b->name);
        }
    }
    AUTO(batch_source) source = open_folder(&box);
    check_error_says(batch_source_skip(source, 21), ERROR_INPUT, "20 requests only");
    sandbox_close(&box);
}

static void
a_hundred_thousand_files_are_no_trouble(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    int folder = open(box.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sandbox_vector(&box, "ok-ec256.der", "first");
    for (int i = 0; i < 100000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%06d", i);
        assert_int_equal(mknodat(folder, name, S_IFREG | 0600, 0), 0);
    }
    close(folder);
    AUTO(batch_source) source = open_folder(&box);
    uint64_t count = 0;
    for (;;) {
        AUTO(batch_item) item = NULL;
        check_ok(batch_source_next(source, &item));
        if (item == NULL)
            break;
        assert_int_equal(item->index, count);
        count++;
    }
    assert_int_equal(count, 100001);
    sandbox_close(&box);
}

static void
pem_files_are_read_strictly(void **state)
{
    (void)state;

    static const struct {
        const char *file;
        const char *code;
    } cases[] = {
        {"der-as-pem-name.pem",      ""           },
        {"escape-preamble.pem",      "pem-outside"},
        {"pem-bad-char.pem",         "pem-base64" },
        {"pem-cert-label.pem",       "pem-label"  },
        {"pem-crlf.pem",             ""           },
        {"pem-encrypted-header.pem", "pem-header" },
        {"pem-end-mismatch.pem",     "pem-end"    },
        {"pem-longline.pem",         ""           },
        {"pem-new-label.pem",        ""           },
        {"pem-nul.pem",              "pem-base64" },
        {"pem-padding-bits.pem",     ""           }, /* a byte after the request: not strict DER */
        {"pem-text-before.pem",      ""           },
        {"pem-two.pem",              "pem-several"},
        {"utf16.pem",                "file-format"},
    };
    struct sandbox box;
    sandbox_open(&box);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        sandbox_vector(&box, cases[i].file, cases[i].file);
    AUTO(batch_source) source = open_folder(&box);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_next(source, cases[i].file, cases[i].code);
    check_end(source);
    sandbox_close(&box);
}

/* Rewrites a file again and again, from its beginning or empty first. */
struct rewriter {
    const struct sandbox *box;
    struct bytes contents[2];
    atomic_bool stop;
    atomic_uint rounds;
};

static void *
rewrite(void *self)
{
    struct rewriter *rewriter = self;
    AUTO_FREE char *path = sandbox_path(rewriter->box, "a.csr");
    while (!atomic_load(&rewriter->stop)) {
        unsigned round = atomic_fetch_add(&rewriter->rounds, 1);
        const struct bytes *now = &rewriter->contents[round % 2];
        int file = open(path, O_WRONLY | O_CREAT | (round % 3 == 0 ? O_TRUNC : 0), 0600);
        if (file >= 0 && write(file, now->data, now->len) < 0)
            break;
        close(file);
    }
    return NULL;
}

static void
what_is_rewritten_while_it_is_read_has_the_hash_of_what_was_read(void **state)
{
    (void)state;
    struct sandbox box;
    struct rewriter rewriter = {.box = &box};
    pthread_t thread;
    sandbox_open(&box);
    read_vector("ok-ec256.der", &rewriter.contents[0]);
    read_vector("ok-ec384.der", &rewriter.contents[1]);
    sandbox_vector(&box, "ok-ec256.der", "a.csr");
    assert_int_equal(pthread_create(&thread, NULL, rewrite, &rewriter), 0);
    for (int batch = 0; batch < 1000 || atomic_load(&rewriter.rounds) < 1000; batch++) {
        AUTO(batch_source) source = open_folder(&box);
        AUTO(batch_item) item = NULL;
        check_ok(batch_source_next(source, &item));
        if (item == NULL || item->verdict == BATCH_REFUSED)
            continue;
        char hash[65];
        check_ok(pki_sha256_hex(item->request.data, item->request.len, hash));
        assert_string_equal(hash, item->input_sha256);
    }
    atomic_store(&rewriter.stop, true);
    pthread_join(thread, NULL);
    bytes_clear(&rewriter.contents[0]);
    bytes_clear(&rewriter.contents[1]);
    sandbox_close(&box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_by_name_through_all_folders),
        cmocka_unit_test(a_pem_file_gives_the_same_request_as_its_der),
        cmocka_unit_test(only_regular_files_are_read),
        cmocka_unit_test(the_folder_itself_is_no_link),
        cmocka_unit_test(sizes_are_limited_before_anything_is_read),
        cmocka_unit_test(names_are_shown_safely_and_told_apart),
        cmocka_unit_test(folders_beyond_the_depth_are_refused_by_name),
        cmocka_unit_test(too_many_items_or_entries_end_the_source),
        cmocka_unit_test(skipping_meets_the_same_items),
        cmocka_unit_test(a_hundred_thousand_files_are_no_trouble),
        cmocka_unit_test(pem_files_are_read_strictly),
        cmocka_unit_test(what_is_rewritten_while_it_is_read_has_the_hash_of_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
