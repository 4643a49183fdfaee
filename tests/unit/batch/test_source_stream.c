/* SPDX-License-Identifier: Apache-2.0
 *
 * One file of many requests: PEM, tar, JSON Lines, CSV. */
#include <archive.h>
#include <archive_entry.h>

#include "tests/unit/batch/fixture.h"

static char *
vector_base64(const char *name)
{
    AUTO_BYTES data = {0};
    char *text = NULL;
    read_vector(name, &data);
    check_ok(base64_encode_new(data.data, data.len, &text));
    return text;
}

static void
append_vector(struct bytes *out, const char *name)
{
    AUTO_BYTES data = {0};
    read_vector(name, &data);
    check_ok(bytes_append(out, data.data, data.len));
}

static struct batch_source *
open_text(const struct sandbox *box, const char *name, enum batch_source_kind kind,
          const struct bytes *text)
{
    struct batch_source *source = NULL;
    AUTO_FREE char *path = sandbox_path(box, name);
    sandbox_write(box, name, text->data, text->len);
    check_ok(batch_source_open(path, kind, NULL, &source));
    return source;
}

static void
a_pem_file_gives_an_item_a_block(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    sandbox_open(&box);
    append_vector(&text, "pem-two.pem");
    append_vector(&text, "pem-text-before.pem");
    append_vector(&text, "pem-cert-label.pem");
    append_vector(&text, "pem-crlf.pem");
    append_vector(&text, "pem-bad-char.pem");
    append_vector(&text, "pem-new-label.pem");
    AUTO(batch_source) source = open_text(&box, "all.pem", BATCH_SOURCE_PEM, &text);
    check_next(source, "all.pem#1", "");
    check_next(source, "all.pem#2", "");
    check_next(source, "all.pem#3", "");
    check_next(source, "all.pem#4", "pem-label");
    check_next(source, "all.pem#5", "");
    check_next(source, "all.pem#6", "pem-base64");
    check_next(source, "all.pem#7", "");
    check_end(source);
    sandbox_close(&box);
}

static void
a_block_without_its_end_does_not_swallow_the_next(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    sandbox_open(&box);
    check_ok(bytes_append_text(&text, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"));
    append_vector(&text, "pem-new-label.pem");
    check_ok(bytes_append_text(&text, "\x1b[2J\n"));
    append_vector(&text, "pem-new-label.pem");
    check_ok(bytes_append_text(&text, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA"));
    AUTO(batch_source) source = open_text(&box, "all.pem", BATCH_SOURCE_PEM, &text);
    check_next(source, "all.pem#1", "pem-end");
    check_next(source, "all.pem#2", "");
    check_next(source, "all.pem#3", "pem-outside");
    check_next(source, "all.pem#4", "pem-end");
    check_end(source);
    sandbox_close(&box);
}

static void
two_hundred_thousand_begin_lines_are_as_many_refusals(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    sandbox_open(&box);
    for (int i = 0; i < 200000; i++)
        check_ok(bytes_append_text(&text, "-----BEGIN CERTIFICATE REQUEST-----\n"));
    AUTO(batch_source) source = open_text(&box, "all.pem", BATCH_SOURCE_PEM, &text);
    uint64_t count = 0;
    for (;; count++) {
        AUTO(batch_item) item = NULL;
        check_ok(batch_source_next(source, &item));
        if (item == NULL)
            break;
        assert_int_equal(item->verdict, BATCH_REFUSED);
    }
    assert_int_equal(count, 200000);
    sandbox_close(&box);
}

static void
a_preamble_of_ten_megabytes_is_refused(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    struct batch_item *item = NULL;
    sandbox_open(&box);
    while (text.len < 10000000)
        check_ok(bytes_append_text(&text, "a line of text that nobody needs here\n"));
    AUTO(batch_source) source = open_text(&box, "all.pem", BATCH_SOURCE_PEM, &text);
    check_error_says(batch_source_next(source, &item), ERROR_INPUT, "outside its PEM blocks");
    sandbox_close(&box);
}

static void
add_member(struct archive *archive, const char *name, unsigned type, const char *link,
           const struct bytes *data, int64_t size)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, size);
    if (link != NULL && type == AE_IFLNK)
        archive_entry_set_symlink(entry, link);
    else if (link != NULL)
        archive_entry_set_hardlink(entry, link);
    assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN); /* of a name's letters */
    if (data != NULL)
        assert_int_equal(archive_write_data(archive, data->data, data->len),
                         (la_ssize_t)data->len);
    archive_entry_free(entry);
}

static void
write_tar(const char *path)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES big = {0};
    read_vector("ok-ec256.der", &der);
    for (int i = 0; i < 70000; i++)
        check_ok(bytes_append_char(&big, 'x'));
    struct archive *archive = archive_write_new();
    archive_write_set_format_pax(archive);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    add_member(archive, "folder", AE_IFDIR, NULL, NULL, 0);
    add_member(archive, "folder/1.csr", AE_IFREG, NULL, &der, (int64_t)der.len);
    add_member(archive, "../../etc/passwd", AE_IFREG, NULL, &der, (int64_t)der.len);
    add_member(archive, "/etc/shadow", AE_IFREG, NULL, &der, (int64_t)der.len);
    add_member(archive, "link", AE_IFLNK, "/etc/passwd", NULL, 0);
    add_member(archive, "hard", AE_IFREG, "folder/1.csr", NULL, 0);
    add_member(archive, "fifo", AE_IFIFO, NULL, NULL, 0);
    add_member(archive, "device", AE_IFCHR, NULL, NULL, 0);
    add_member(archive, "big", AE_IFREG, NULL, &big, (int64_t)big.len);
    add_member(archive, "esc\x1b[2J", AE_IFREG, NULL, &der, (int64_t)der.len);
    add_member(archive, "empty", AE_IFREG, NULL, NULL, 0);
    add_member(archive, "ger\xc3\xa4t", AE_IFREG, NULL, &der, (int64_t)der.len);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

static void
members_of_an_archive_are_labels_never_paths(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO(batch_source) source = NULL;
    sandbox_open(&box);
    AUTO_FREE char *path = sandbox_path(&box, "all.tar");
    write_tar(path);
    check_ok(batch_source_open(path, BATCH_SOURCE_TAR, NULL, &source));
    check_next(source, "folder/1.csr", "");
    check_next(source, "../../etc/passwd", "");
    check_next(source, "/etc/shadow", "");
    check_next(source, "link", "file-kind");
    check_next(source, "hard", "file-kind");
    check_next(source, "fifo", "file-kind");
    check_next(source, "device", "file-kind");
    check_next(source, "big", "file-size");
    check_next(source, "esc\\x1B[2J", "");
    check_next(source, "empty", "file-empty");
    check_next(source, "ger\xc3\xa4t", "");
    check_end(source);
    batch_source_free(source);
    source = NULL;
    check_ok(batch_source_open(path, BATCH_SOURCE_TAR, NULL, &source));
    check_ok(batch_source_skip(source, 8));
    check_next(source, "esc\\x1B[2J", "");
    sandbox_close(&box);
}

static void
a_damaged_archive_is_an_error_that_says_where(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO(batch_source) source = NULL;
    AUTO_BYTES tar = {0};
    struct batch_item *item = NULL;
    sandbox_open(&box);
    AUTO_FREE char *path = sandbox_path(&box, "all.tar");
    write_tar(path);
    check_ok(file_read(path, 1 << 20, &tar));
    assert_int_equal(truncate(path, 1536 + 512), 0); /* within the second member's header */
    check_ok(batch_source_open(path, BATCH_SOURCE_TAR, NULL, &source));
    struct error *error = NULL;
    for (int i = 0; i < 4 && error == NULL; i++) {
        batch_item_free(item);
        item = NULL;
        error = batch_source_next(source, &item);
        if (error == NULL && item == NULL)
            fail_msg("%s", "the archive ended without an error");
    }
    batch_item_free(item);
    check_error_says(error, ERROR_INPUT, "damaged");
    sandbox_close(&box);
}

static void
json_lines_carry_requests_and_fields(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    AUTO_FREE char *request = vector_base64("ok-ec256.der");
    sandbox_open(&box);
    check_ok(
        bytes_format(&text,
                     "{\"request\":\"%s\",\"serial\":\"SN1\",\"line\":3,\"shift\":\"night\"}\n"
                     "\n"
                     "{\"request\":\"%s\",\"serial\":\"a\\u001b[2J\"}\r\n"
                     "{\"request\":\"%s\",\"serial\":\"a\",\"serial\":\"b\"}\n"
                     "{\"serial\":\"SN1\"}\n"
                     "{\"request\":\"AAA\"}\n"
                     "[1]\n"
                     "{\"request\":\"%s\",\"Serial\":\"SN1\"}\n"
                     "{\"request\":\"%s\",\"serial\":[1]}\n"
                     "{\"request\":\"%s\",\"serial\":\"SN9\"}",
                     request, request, request, request, request, request));
    AUTO(batch_source) source = open_text(&box, "m.jsonl", BATCH_SOURCE_JSON_LINES, &text);
    AUTO(batch_item) item = NULL;
    check_ok(batch_source_next(source, &item));
    assert_string_equal(item->name, "m.jsonl:1");
    assert_string_equal(batch_item_field(item, "serial"), "SN1");
    assert_string_equal(batch_item_field(item, "line"), "3");
    assert_string_equal(batch_item_field(item, "shift"), "night");
    assert_null(batch_item_field(item, "request"));
    check_next(source, "m.jsonl:3", "manifest-field");
    check_next(source, "m.jsonl:4", "manifest-line");
    check_next(source, "m.jsonl:5", "manifest-line");
    check_next(source, "m.jsonl:6", "pem-base64");
    check_next(source, "m.jsonl:7", "manifest-line");
    check_next(source, "m.jsonl:8", "manifest-field");
    check_next(source, "m.jsonl:9", "manifest-field");
    check_next(source, "m.jsonl:10", "");
    check_end(source);
    sandbox_close(&box);
}

static void
a_line_beyond_the_limit_is_refused_and_passed_over(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    AUTO_FREE char *request = vector_base64("ok-ec256.der");
    sandbox_open(&box);
    check_ok(bytes_append_text(&text, "{\"request\":\""));
    for (int i = 0; i < 1000000; i++)
        check_ok(bytes_append_char(&text, 'A'));
    check_ok(bytes_format(&text, "\"}\n{\"request\":\"%s\"}\n", request));
    AUTO(batch_source) source = open_text(&box, "m.jsonl", BATCH_SOURCE_JSON_LINES, &text);
    check_next(source, "m.jsonl:1", "manifest-line");
    check_next(source, "m.jsonl:2", "");
    check_end(source);
    sandbox_close(&box);
}

static void
csv_is_the_same_in_columns(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    AUTO_FREE char *request = vector_base64("ok-ec256.der");
    sandbox_open(&box);
    check_ok(bytes_format(&text,
                          "serial,request,line\r\n"
                          "SN1,%s,3\r\n"
                          "\"SN\"\"2\",%s,\"a, b\"\r\n"
                          "SN3,%s\r\n"
                          "\"SN4,%s,3\r\n"
                          "SN5\"x,%s,3\r\n"
                          "SN6,,3\r\n"
                          "SN7,%s,\r\n",
                          request, request, request, request, request, request));
    AUTO(batch_source) source = open_text(&box, "m.csv", BATCH_SOURCE_CSV, &text);
    check_next(source, "m.csv:2", "");
    AUTO(batch_item) item = NULL;
    check_ok(batch_source_next(source, &item));
    assert_string_equal(batch_item_field(item, "serial"), "SN\"2");
    assert_string_equal(batch_item_field(item, "line"), "a, b");
    check_next(source, "m.csv:4", "manifest-line");
    check_next(source, "m.csv:5", "manifest-line");
    check_next(source, "m.csv:6", "manifest-line");
    check_next(source, "m.csv:7", "pem-base64");
    check_next(source, "m.csv:8", "");
    check_end(source);
    sandbox_close(&box);
}

static void
csv_without_its_first_line_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "serial,line\n", "request,request\n",
                                        "request,Line\n", "\"request\n"};
    struct sandbox box;
    sandbox_open(&box);
    AUTO_FREE char *path = sandbox_path(&box, "m.csv");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct batch_source *source = NULL;
        sandbox_write(&box, "m.csv", texts[i], strlen(texts[i]));
        check_error(batch_source_open(path, BATCH_SOURCE_CSV, NULL, &source), ERROR_INPUT);
    }
    sandbox_close(&box);
}

/* Devices whose keys are made here: fields and no request. */
static struct batch_item *
list_item(const struct sandbox *box, enum batch_source_kind kind, const char *text)
{
    AUTO(batch_source) source = NULL;
    struct batch_item *item = NULL;
    AUTO_FREE char *path = sandbox_path(box, "list");
    sandbox_write(box, "list", text, strlen(text));
    check_ok(batch_source_open_list(path, kind, NULL, &source));
    check_ok(batch_source_next(source, &item));
    assert_non_null(item);
    return item;
}

static void
a_list_has_devices_and_no_requests(void **state)
{
    (void)state;
    struct sandbox box;
    struct batch_source *source = NULL;
    unsigned char hash[32];
    unsigned char wanted[32];
    sandbox_open(&box);
    AUTO(batch_item)
    json = list_item(&box, BATCH_SOURCE_JSON_LINES, "{\"serial\":\"A-1\",\"line\":2}\n");
    assert_int_equal(json->verdict, BATCH_UNJUDGED);
    assert_string_equal(batch_item_field(json, "serial"), "A-1");
    assert_string_equal(batch_item_field(json, "line"), "2");
    check_ok(batch_item_request_hash(json, hash));
    check_ok(hex_decode(json->input_sha256, wanted, sizeof wanted));
    assert_memory_equal(hash, wanted, sizeof hash);
    AUTO(batch_item)
    asks =
        list_item(&box, BATCH_SOURCE_JSON_LINES, "{\"serial\":\"A-1\",\"request\":\"MA==\"}\n");
    assert_int_equal(asks->verdict, BATCH_REFUSED);
    assert_int_equal(asks->codes[0], BATCH_MANIFEST_LINE);
    AUTO(batch_item) csv = list_item(&box, BATCH_SOURCE_CSV, "serial,line\nA-1,2\n");
    assert_string_equal(batch_item_field(csv, "serial"), "A-1");
    AUTO_FREE char *path = sandbox_path(&box, "list");
    sandbox_write(&box, "list", "serial,request\n", 15);
    check_error_says(batch_source_open_list(path, BATCH_SOURCE_CSV, NULL, &source), ERROR_INPUT,
                     "one of them is \"request\"");
    check_error_says(batch_source_open_list(path, BATCH_SOURCE_PEM, NULL, &source), ERROR_INPUT,
                     "no list of devices");
    sandbox_close(&box);
}

static void
the_file_itself_is_a_regular_file(void **state)
{
    (void)state;
    struct sandbox box;
    struct batch_source *source = NULL;
    sandbox_open(&box);
    AUTO_FREE char *fifo = sandbox_path(&box, "fifo");
    AUTO_FREE char *link = sandbox_path(&box, "link");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    for (int kind = BATCH_SOURCE_PEM; kind <= BATCH_SOURCE_CSV; kind++) {
        check_error_says(batch_source_open(fifo, (enum batch_source_kind)kind, NULL, &source),
                         ERROR_INPUT, "no regular file");
        check_error(batch_source_open(link, (enum batch_source_kind)kind, NULL, &source),
                    ERROR_INPUT);
        assert_int_equal(
            batch_source_kind_find(batch_source_kind_text((enum batch_source_kind)kind)), kind);
    }
    assert_int_equal(batch_source_kind_find("zip"), -1);
    sandbox_close(&box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pem_file_gives_an_item_a_block),
        cmocka_unit_test(a_block_without_its_end_does_not_swallow_the_next),
        cmocka_unit_test(two_hundred_thousand_begin_lines_are_as_many_refusals),
        cmocka_unit_test(a_preamble_of_ten_megabytes_is_refused),
        cmocka_unit_test(members_of_an_archive_are_labels_never_paths),
        cmocka_unit_test(a_damaged_archive_is_an_error_that_says_where),
        cmocka_unit_test(json_lines_carry_requests_and_fields),
        cmocka_unit_test(a_line_beyond_the_limit_is_refused_and_passed_over),
        cmocka_unit_test(csv_is_the_same_in_columns),
        cmocka_unit_test(csv_without_its_first_line_is_refused),
        cmocka_unit_test(a_list_has_devices_and_no_requests),
        cmocka_unit_test(the_file_itself_is_a_regular_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
