/* SPDX-License-Identifier: Apache-2.0
 *
 * Media with bytes changed by a fixed sequence: no crash, every item gets a verdict, and nothing that
 * came is shown raw. 300 rounds a kind. */
#include <archive.h>
#include <archive_entry.h>

#include "ceremony/batch/check.h"
#include "tests/unit/batch/review_fixture.h"

#define ROUNDS 300

static uint64_t chance = 2026;

static size_t
draw(size_t below)
{
    chance = chance * 6364136223846793005U + 1442695040888963407U;
    return (size_t)(chance >> 33) % below;
}

static void
mutate(struct bytes *bytes)
{
    for (size_t n = 1 + draw(5); n > 0 && bytes->len > 0; n--) {
        size_t at = draw(bytes->len);
        switch (draw(4)) {
        case 0:
            bytes->data[at] = (unsigned char)draw(256);
            break;
        case 1:
            bytes->data[at] ^= (unsigned char)(1 << draw(8));
            break;
        case 2: /* cut */
            bytes->len -= draw(8) == 0 ? bytes->len - at : 0;
            break;
        default: /* doubled, over what follows */
            if (at + 64 < bytes->len)
                memmove(bytes->data + at + 32, bytes->data + at, 32);
        }
    }
}

static void
check_item(const struct batch_item *item)
{
    assert_int_not_equal(item->verdict, BATCH_UNJUDGED);
    assert_true(item->verdict == BATCH_ACCEPTED || item->code_count > 0);
    assert_non_null(item->name);
    assert_true(text_is_utf8(item->name, strlen(item->name)));
    for (const char *p = item->name; *p != '\0'; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    for (const char *p = item->remark; *p != '\0'; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    for (size_t i = 0; i < item->field_count; i++)
        for (const char *p = item->fields[i].value; *p != '\0'; p++)
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* All items of a file, judged; errors of the whole source are fine. Returns how many there were. */
static size_t
read_through(const struct trial *trial, struct request_checker *checker, const char *path,
             enum batch_source_kind kind)
{
    AUTO(batch_source) source = NULL;
    size_t count = 0;
    struct error *error = batch_source_open(path, kind, NULL, &source);
    while (error == NULL) {
        AUTO(batch_item) item = NULL;
        error = batch_source_next(source, &item);
        if (error != NULL || item == NULL)
            break;
        check_ok(batch_check_item(&trial->check, checker, item));
        check_item(item);
        count++;
    }
    error_free(error);
    return count;
}

static void
try_kind(enum batch_source_kind kind, const struct bytes *sound, size_t items)
{
    struct trial trial;
    AUTO(request_checker) checker = NULL;
    trial_open(&trial);
    check_ok(request_checker_new(&checker));
    AUTO_FREE char *path = sandbox_path(&trial.box, "medium");
    sandbox_write(&trial.box, "medium", sound->data, sound->len);
    assert_int_equal(read_through(&trial, checker, path, kind), items);
    for (int round = 0; round < ROUNDS; round++) {
        AUTO_BYTES copy = {0};
        check_ok(bytes_copy(&copy, sound->data, sound->len));
        mutate(&copy);
        sandbox_write(&trial.box, "medium", copy.data, copy.len);
        (void)read_through(&trial, checker, path, kind);
    }
    trial_close(&trial);
}

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
a_mutated_pem_file_is_read_to_its_end(void **state)
{
    (void)state;
    AUTO_BYTES text = {0};
    for (int i = 0; i < 4; i++) {
        AUTO_BYTES block = {0};
        read_vector(i % 2 == 0 ? "pem-crlf.pem" : "pem-text-before.pem", &block);
        check_ok(bytes_append(&text, block.data, block.len));
    }
    try_kind(BATCH_SOURCE_PEM, &text, 4);
}

static void
mutated_manifests_are_read_to_their_end(void **state)
{
    (void)state;
    AUTO_BYTES json = {0};
    AUTO_BYTES csv = {0};
    AUTO_FREE char *request = vector_base64("ok-san.der");
    check_ok(bytes_append_text(&csv, "serial,request,line\n"));
    for (int i = 0; i < 4; i++) {
        check_ok(bytes_format(&json, "{\"serial\":\"SN%d\",\"line\":%d,\"request\":\"%s\"}\n",
                              i, i, request));
        check_ok(bytes_format(&csv, "\"SN%d\",%s,\"a \"\"b\"\"\"\n", i, request));
    }
    try_kind(BATCH_SOURCE_JSON_LINES, &json, 4);
    try_kind(BATCH_SOURCE_CSV, &csv, 4);
}

static void
a_mutated_archive_is_read_to_its_end(void **state)
{
    (void)state;
    AUTO_BYTES der = {0};
    AUTO_BYTES tar = {0};
    static char room[65536];
    size_t used = 0;
    read_vector("ok-ec256.der", &der);
    struct archive *archive = archive_write_new();
    archive_write_set_format_pax(archive);
    assert_int_equal(archive_write_open_memory(archive, room, sizeof room, &used), ARCHIVE_OK);
    for (int i = 0; i < 4; i++) {
        struct archive_entry *entry = archive_entry_new();
        char name[160];
        snprintf(name, sizeof name, "%0*d.csr", i % 2 == 0 ? 8 : 140, i); /* long ones in pax */
        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)der.len);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, der.data, der.len), (la_ssize_t)der.len);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    check_ok(bytes_copy(&tar, room, used));
    try_kind(BATCH_SOURCE_TAR, &tar, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutated_pem_file_is_read_to_its_end),
        cmocka_unit_test(mutated_manifests_are_read_to_their_end),
        cmocka_unit_test(a_mutated_archive_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
