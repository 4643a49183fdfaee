/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of rows: one entry for many, one name space for serial numbers, limits, and that a row
 * changed behind the ledger's back is found (R47, R69, R70, R102). */
#include <sqlite3.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/json.h"
#include "tests/support/check.h"
#include "tests/support/scratch_folder.h"

#define H1      "1111111111111111111111111111111111111111111111111111111111111111"
#define H2      "2222222222222222222222222222222222222222222222222222222222222222"
#define FOREVER INT64_C(253402300799)

/* Rows whose values tell their number; `user` is the number of the first. */
static struct error *
sample_row(void *user, size_t index, struct ledger_row *ret_row)
{
    static char device[32];
    static unsigned char modulus[4] = {0xc1, 2, 3, 4};
    unsigned number = *(const unsigned *)user + (unsigned)index;
    *ret_row = (struct ledger_row){
        .serial = {0x4a, 1, (unsigned char)(number >> 8), (unsigned char)number},
        .serial_len = 4,
        .device = device
    };
    (void)snprintf(device, sizeof device, "SN-%u \"\\", number);
    memset(ret_row->spki, (int)(number & 0xff), 32);
    ret_row->spki[9] = (unsigned char)(number >> 8);
    memset(ret_row->request, (int)((number + 1) & 0xff), 32);
    memset(ret_row->tbs, (int)((number + 2) & 0xff), 32);
    if (number % 5 == 0) {
        ret_row->modulus = modulus;
        ret_row->modulus_len = sizeof modulus;
    }
    return NULL;
}

static const struct ledger_block sample_block = {
    .issuer_spki_sha256 = H1,
    .batch = "c-1/devices",
    .number = 1,
    .profile = "idevid",
    .not_before = 10,
    .not_after = FOREVER,
};

static struct error *
reserve(struct ledger *ledger, unsigned first, size_t count, uint64_t number, uint64_t *ret_seq)
{
    struct ledger_block block = sample_block;
    block.number = number;
    struct ledger_row_source rows = {sample_row, &first, count};
    return ledger_reserve_block(ledger, "c-1", &block, &rows, ret_seq);
}

static void
issue(struct ledger *ledger, uint64_t seq, unsigned first, size_t count)
{
    unsigned char hashes[64][32];
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++)
        memset(hashes[i], (int)(first + i), 32);
    check_ok(ledger_issue_block(ledger, "c-1", seq, (const unsigned char(*)[32])hashes, count));
}

static struct error *
sample_revocation(void *user, size_t index, struct ledger_revocation *ret_row)
{
    struct ledger_row row;
    TRY(sample_row(user, index, &row));
    *ret_row = (struct ledger_revocation){.serial_len = row.serial_len,
                                          .reason = index % 2 == 0 ? 1 : 6,
                                          .time = 1000 + (int64_t)index,
                                          .invalidity = index == 0 ? 500 : LEDGER_NO_TIME,
                                          .reference = "ticket 7"};
    memcpy(ret_row->serial, row.serial, row.serial_len);
    return NULL;
}

static struct error *
revoke(struct ledger *ledger, unsigned first, size_t count)
{
    struct ledger_revocation_source rows = {sample_revocation, &first, count};
    return ledger_revoke_block(ledger, "c-1", H1, &rows, NULL);
}

/* Two blocks, the first issued; three revocations. */
static void
make_sample(void)
{
    AUTO(ledger) ledger = NULL;
    uint64_t seq = 0;
    check_ok(ledger_open(path, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H1));
    check_ok(reserve(ledger, 100, 20, 1, &seq));
    assert_int_equal(seq, 2);
    issue(ledger, seq, 100, 20);
    check_ok(reserve(ledger, 200, 10, 2, &seq));
    assert_int_equal(seq, 4);
    check_ok(revoke(ledger, 100, 3));
}

static void
by_sqlite(const char *sql)
{
    sqlite3 *database = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static struct error *
count_block(void *user, const struct ledger_block_info *info)
{
    unsigned *seen = user;
    assert_int_equal(info->number, ++*seen);
    assert_int_equal(info->count, info->number == 1 ? 20 : 10);
    assert_int_equal(info->issued, info->number == 1);
    return NULL;
}

static struct error *
count_row(void *user, const struct ledger_row *row)
{
    unsigned *seen = user;
    char device[32];
    (void)snprintf(device, sizeof device, "SN-%u \"\\", 200 + *seen);
    assert_string_equal(row->device, device);
    ++*seen;
    return NULL;
}

static struct error *
count_modulus(void *user, const unsigned char *modulus, size_t len)
{
    assert_int_equal(len, 4);
    assert_int_equal(modulus[0], 0xc1);
    ++*(unsigned *)user;
    return NULL;
}

static void
test_rows_are_found(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    struct ledger_found found;
    unsigned seen = 0;
    unsigned number = 105;
    bool there = false;
    struct ledger_row row;
    make_sample();
    check_ok(ledger_open(path, false, &ledger));
    check_ok(sample_row(&number, 0, &row));
    check_ok(ledger_find_spki(ledger, row.spki, &found, &there));
    assert_true(there);
    assert_string_equal(found.row.device, "SN-105 \"\\");
    assert_int_equal(found.number, 6);
    assert_int_equal(found.block, 2);
    assert_int_equal(found.certificate[0], 105);
    assert_int_equal(found.row.modulus_len, 4);
    assert_string_equal(found.issuer, H1);
    assert_string_equal(found.batch, "c-1/devices");
    check_ok(ledger_find_device(ledger, H1, "SN-201 \"\\", &found, &there));
    assert_true(there);
    assert_null(found.certificate);
    assert_null(found.row.modulus);
    check_ok(ledger_find_device(ledger, H2, "SN-201 \"\\", &found, &there));
    assert_false(there);
    check_ok(ledger_find_serial(ledger, H1, found.row.serial, 4, &found, &there));
    assert_true(there);
    row.spki[31] ^= 1; /* the first eight octets are not enough */
    check_ok(ledger_find_spki(ledger, row.spki, &found, &there));
    assert_false(there);
    check_ok(ledger_each_block(ledger, "c-1/devices", count_block, &seen));
    assert_int_equal(seen, 2);
    seen = 0;
    check_ok(ledger_each_row(ledger, 4, count_row, &seen));
    assert_int_equal(seen, 10);
    check_error(ledger_each_row(ledger, 3, count_row, &seen), ERROR_NOT_FOUND);
    seen = 0;
    check_ok(ledger_each_modulus(ledger, count_modulus, &seen));
    assert_int_equal(seen, 6);
}

static void
test_serials_are_used_once(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    uint64_t count = 0;
    unsigned char head[32];
    bool taken = false;
    struct ledger_certificate single = {.issuer_spki_sha256 = H1,
                                        .serial_hex = "4a0100c8", /* 200 */
                                        .subject = "CN=Sub",
                                        .subject_spki_sha256 = H2,
                                        .tbs_sha256 = H2,
                                        .profile = "sub",
                                        .is_ca = true};
    make_sample();
    check_ok(ledger_open(path, false, &ledger));
    check_error_says(reserve(ledger, 119, 2, 3, NULL), ERROR_REFUSED, "4a010077 was used");
    check_error_says(ledger_reserve_certificate(ledger, "c-1", &single), ERROR_REFUSED,
                     "4a0100c8 was used");
    check_ok(ledger_serial_taken(ledger, H1, "4A0100C8", &taken));
    assert_true(taken);
    check_ok(ledger_serial_taken(ledger, H2, "4A0100C8", &taken));
    assert_false(taken);
    single.serial_hex = "4a01012c"; /* 300 */
    check_ok(ledger_reserve_certificate(ledger, "c-1", &single));
    check_error_says(reserve(ledger, 299, 2, 3, NULL), ERROR_REFUSED, "4a01012c was used");
    ledger_head(ledger, head, &count);
    assert_int_equal(count, 6); /* nothing of what was refused is there */
    check_ok(reserve(ledger, 301, 2, 3, NULL));
}

static void
test_a_block_is_issued_as_it_was_reserved(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    static unsigned char hashes[20][32];
    const unsigned char(*some)[32] = (const unsigned char(*)[32])hashes;
    make_sample();
    check_ok(ledger_open(path, false, &ledger));
    issue(ledger, 2, 100, 20); /* the same again is nothing new */
    check_error_says(ledger_issue_block(ledger, "c-1", 2, some, 20), ERROR_REFUSED,
                     "other certificates");
    check_error_says(ledger_issue_block(ledger, "c-1", 4, some, 9), ERROR_REFUSED,
                     "reserved no");
    check_error_says(ledger_issue_block(ledger, "c-1", 3, some, 20), ERROR_REFUSED,
                     "reserved no");
    check_error(ledger_issue_block(ledger, "c-1", 4, some, 0), ERROR_INPUT);
    check_ok(ledger_issue_block(ledger, "c-1", 4, some, 10));
}

static void
test_limits(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    struct ledger_limits limits = {.count = 32, .from = 0, .until = FOREVER};
    bool found = false;
    int64_t used = 0;
    make_sample();
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_get_limits(ledger, H1, &limits, &found, &used));
    assert_false(found);
    assert_int_equal(used, 30);
    limits = (struct ledger_limits){.count = 32, .from = 0, .until = FOREVER};
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_error_says(reserve(ledger, 400, 3, 3, NULL), ERROR_REFUSED, "may make 32");
    check_ok(reserve(ledger, 400, 2, 3, NULL));
    check_ok(ledger_get_limits(ledger, H1, &limits, &found, &used));
    assert_true(found && used == 32 && limits.count == 32 && limits.until == FOREVER);
    limits.count = 100;
    limits.until = 1000;
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_error_says(reserve(ledger, 500, 1, 4, NULL), ERROR_REFUSED,
                     "to 1970-01-01 00:16:40Z");
    limits.from = 1001;
    check_error(ledger_set_limits(ledger, "c-1", H1, &limits), ERROR_INPUT);
    limits = (struct ledger_limits){.count = 100, .from = 0, .until = 1000};
    assert_false(ledger_limits_near(&limits, 89, 899));
    assert_true(ledger_limits_near(&limits, 90, 899));
    assert_true(ledger_limits_near(&limits, 89, 900));
    limits.count = 0;
    assert_false(ledger_limits_near(&limits, 1000000, 899));
}

static struct error *
count_revocation(void *user, const struct ledger_revocation *row)
{
    unsigned *seen = user;
    assert_int_equal(row->serial[3], 100 + *seen);
    assert_int_equal(row->invalidity, *seen == 0 ? 500 : LEDGER_NO_TIME);
    ++*seen;
    return NULL;
}

struct one {
    unsigned serial;
    int reason;
};

static struct error *
one_revocation(void *user, size_t index, struct ledger_revocation *ret_row)
{
    const struct one *one = user;
    *ret_row = (struct ledger_revocation){
        .serial = {0x4a, 1, 0, (unsigned char)one->serial},
        .serial_len = 4,
        .reason = one->reason,
        .time = (int64_t)index,
        .invalidity = LEDGER_NO_TIME,
        .reference = ""
    };
    return NULL;
}

static struct error *
revoke_one(struct ledger *ledger, unsigned serial, int reason, size_t times)
{
    struct one one = {serial, reason};
    struct ledger_revocation_source rows = {one_revocation, &one, times};
    return ledger_revoke_block(ledger, "c-1", H1, &rows, NULL);
}

static void
test_revocations(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    struct ledger_revocation row;
    unsigned seen = 0;
    bool found = false;
    make_sample(); /* 100 and 102 for good, 101 on hold */
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_each_revocation(ledger, H1, count_revocation, &seen));
    assert_int_equal(seen, 3);
    check_error_says(revoke_one(ledger, 100, 4, 1), ERROR_REFUSED,
                     "4a010064 is revoked already");
    check_error_says(revoke_one(ledger, 101, 6, 1), ERROR_REFUSED, "is revoked already");
    check_error_says(revoke_one(ledger, 110, 8, 1), ERROR_REFUSED, "not on hold");
    check_error_says(revoke_one(ledger, 111, 1, 2), ERROR_REFUSED, "is revoked already");
    check_error(revoke_one(ledger, 112, 7, 1), ERROR_INPUT);
    check_error(revoke_one(ledger, 112, 11, 1), ERROR_INPUT);
    check_ok(revoke_one(ledger, 101, 8, 1));
    check_ok(revoke_one(ledger, 101, 6, 1));
    check_ok(revoke_one(ledger, 101, 4, 1));
    check_error(revoke_one(ledger, 101, 8, 1), ERROR_REFUSED);
    check_ok(ledger_find_revocation(ledger, H1, (const unsigned char *)"\x4a\x01\0\x65", 4,
                                    &row, &found));
    assert_true(found && row.reason == 4);
    check_ok(ledger_find_revocation(ledger, H2, (const unsigned char *)"\x4a\x01\0\x65", 4,
                                    &row, &found));
    assert_false(found);
    ledger_close(TAKE(ledger));
    check_ok(ledger_open(path, false, &ledger));
}

/* Each of these leaves tables that SQLite finds nothing wrong with. */
static void
test_changed_rows_are_found(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE block_certificates SET device = 'x' WHERE row = 7",
        "UPDATE block_certificates SET serial = x'4b' WHERE row = 7",
        "UPDATE block_certificates SET spki = request WHERE row = 7",
        "UPDATE block_certificates SET spki = CAST(spki || x'01' AS BLOB) WHERE row = 7",
        "UPDATE block_certificates SET request = CAST(request || x'01' AS BLOB) WHERE row = 7",
        "UPDATE block_certificates SET tbs = CAST(tbs || x'01' AS BLOB) WHERE row = 7",
        "UPDATE block_certificates SET tbs = x'00' WHERE row = 7",
        "UPDATE block_certificates SET modulus = x'c1' WHERE row = 6",
        "UPDATE block_certificates SET modulus = NULL WHERE row = 6",
        "UPDATE block_certificates SET block = 4 WHERE row = 20",
        "UPDATE block_certificates SET row = 31 WHERE row = 30",
        "DELETE FROM block_certificates WHERE row = 30",
        "DELETE FROM block_certificates WHERE row = 1",
        "INSERT INTO block_certificates SELECT 31, 4, x'77', device, spki, request, tbs, NULL"
        " FROM block_certificates WHERE row = 1",
        "UPDATE block_issued SET certificate = zeroblob(32) WHERE row = 3",
        "DELETE FROM block_issued WHERE row = 20",
        "INSERT INTO block_issued VALUES (21, zeroblob(32))",
        "UPDATE revocations SET reason = 3 WHERE row = 1",
        "UPDATE revocations SET invalidity = NULL WHERE row = 1",
        "UPDATE revocations SET time = 0 WHERE row = 2",
        "UPDATE revocations SET reference = '' WHERE row = 2",
        "UPDATE revocations SET issuer = 2 WHERE row = 2",
        "DELETE FROM revocations WHERE row = 3",
        "UPDATE blocks SET root = '" H1 "' WHERE seq = 2",
        "UPDATE blocks SET count = 19 WHERE seq = 2",
        "UPDATE issuers SET number = 2",
        "INSERT INTO issuer_limits VALUES ('" H1 "', 0, 0, 1, 'c-1')",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        AUTO(ledger) ledger = NULL;
        AUTO_BYTES sql = {0};
        check_ok(file_remove(path));
        make_sample();
        check_ok(
            bytes_format(&sql,
                         "CREATE TABLE kept AS SELECT sql FROM sqlite_schema WHERE type ="
                         " 'trigger' AND tbl_name <> 'entries';"
                         "DROP TRIGGER block_certificates_stay;"
                         "DROP TRIGGER block_certificates_remain;"
                         "DROP TRIGGER block_issued_stay; DROP TRIGGER block_issued_remain;"
                         "DROP TRIGGER revocations_stay; DROP TRIGGER revocations_remain;"
                         "%s",
                         changes[i]));
        by_sqlite(bytes_text(&sql));
        /* The triggers come back, so that the schema is as it was. */
        sqlite3 *database = NULL;
        sqlite3_stmt *kept = NULL;
        assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(database, "SELECT sql FROM kept", -1, &kept, NULL),
                         SQLITE_OK);
        AUTO_BYTES again = {0};
        while (sqlite3_step(kept) == SQLITE_ROW)
            check_ok(bytes_format(&again, "%s;", (const char *)sqlite3_column_text(kept, 0)));
        (void)sqlite3_finalize(kept);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
        check_ok(bytes_append_text(&again, "DROP TABLE kept"));
        by_sqlite(bytes_text(&again));
        struct error *error = ledger_open(path, false, &ledger);
        if (error == NULL)
            fail_msg("not found: %s", changes[i]);
        check_error(error, ERROR_VERIFICATION);
    }
}

static void
test_rows_are_never_changed(void **state)
{
    (void)state;
    static const char *const changes[] = {"UPDATE block_certificates SET device = 'x'",
                                          "DELETE FROM block_certificates",
                                          "UPDATE block_issued SET row = 5",
                                          "DELETE FROM block_issued",
                                          "UPDATE revocations SET reason = 3",
                                          "DELETE FROM revocations"};
    make_sample();
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_int_equal(sqlite3_exec(database, changes[i], NULL, NULL, NULL),
                         SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static struct error *
read_back(void *user, const char *line, size_t len)
{
    AUTO_LEDGER_JSON object = {0};
    AUTO_BYTES again = {0};
    assert_int_equal(line[len - 1], '\n');
    TRY(ledger_json_parse(line, len - 1, &object));
    TRY(ledger_json_write(&object, &again));
    assert_int_equal(again.len, len - 1);
    assert_memory_equal(again.data, line, len - 1);
    ++*(unsigned *)user;
    return NULL;
}

/* The lines are the ledger's own JSON in its canonical form. */
static void
test_lines(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    unsigned seen = 0;
    make_sample();
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_each_line(ledger, 2, read_back, &seen));
    check_ok(ledger_each_line(ledger, 3, read_back, &seen));
    check_ok(ledger_each_line(ledger, 5, read_back, &seen));
    assert_int_equal(seen, 43);
    check_error(ledger_each_line(ledger, 1, read_back, &seen), ERROR_NOT_FOUND);
}

struct add_call {
    struct error *(*add)(void *with, const char *line, size_t len);
    void *with;
};

static struct error *
pass_on(void *user, const char *line, size_t len)
{
    struct add_call *call = user;
    return call->add(call->with, line, len - 1);
}

struct lender {
    struct ledger *ledger;
    uint64_t leave_out; /* entry whose rows are not handed out */
};

static struct error *
lend_rows(void *user, const struct ledger_wanted_rows *wanted,
          struct error *(*add)(void *with, const char *line, size_t len), void *with)
{
    struct lender *lender = user;
    struct add_call call = {add, with};
    if (lender->leave_out == wanted->seq)
        return NULL;
    assert_string_equal(wanted->ceremony, "c-1");
    return ledger_each_line(lender->ledger, wanted->seq, pass_on, &call);
}

static struct error *
lend_others(void *user, const struct ledger_wanted_rows *wanted,
            struct error *(*add)(void *with, const char *line, size_t len), void *with)
{
    static const char other[] =
        "{\"reason\":1,\"reference\":\"\",\"serial\":\"%02x\",\"time\":1}";
    if (strcmp(wanted->kind, "revocations") != 0)
        return lend_rows(user, wanted, add, with);
    for (size_t i = 0; i < wanted->count; i++) {
        char line[100];
        int len = snprintf(line, sizeof line, other, (unsigned)i + 1);
        TRY(add(with, line, (size_t)len));
    }
    return NULL;
}

/* Rows come back with their blocks, and nothing is left where they are not those that were entered. */
static void
test_a_ledger_with_blocks_is_made_anew(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    AUTO(ledger) second = NULL;
    AUTO_BYTES lines = {0};
    char copy[320];
    unsigned seen = 0;
    make_sample();
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_export(ledger, &lines));
    struct lender lender = {.ledger = ledger};
    struct ledger_rows_from others = {lend_others, &lender}, rows = {lend_rows, &lender};
    check_error_says(ledger_import(copy, lines.data, lines.len, NULL), ERROR_UNSUPPORTED,
                     "stands for a block of rows");
    assert_false(file_exists(copy));
    check_error_says(ledger_import(copy, lines.data, lines.len, &others), ERROR_VERIFICATION,
                     "are not those that were entered");
    assert_false(file_exists(copy));
    lender.leave_out = 5;
    check_error_says(ledger_import(copy, lines.data, lines.len, &rows), ERROR_VERIFICATION,
                     "and 0 are there");
    lender.leave_out = 0;
    check_ok(ledger_import(copy, lines.data, lines.len, &rows));
    check_ok(ledger_open(copy, false, &second));
    check_ok(ledger_each_line(second, 5, read_back, &seen));
    assert_int_equal(seen, 3);
}

static void
test_an_older_ledger_gets_the_tables(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    check_ok(ledger_open(path, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H1));
    ledger_close(TAKE(ledger));
    by_sqlite("DROP TABLE issuer_limits; DROP TABLE issuers; DROP TABLE blocks;"
              "DROP TABLE block_certificates; DROP TABLE block_issued; DROP TABLE revocations;"
              "DROP TABLE crl_custody; PRAGMA user_version = 1");
    check_error(ledger_open_read(path, &ledger), ERROR_UNSUPPORTED);
    check_ok(ledger_open(path, false, &ledger));
    check_ok(reserve(ledger, 1, 2, 1, NULL));
    ledger_close(TAKE(ledger));
    check_ok(ledger_open_read(path, &ledger));
}

int
main(void)
{
#define IN_FOLDER(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, scratch_folder_make, scratch_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_rows_are_found),
        IN_FOLDER(test_serials_are_used_once),
        IN_FOLDER(test_a_block_is_issued_as_it_was_reserved),
        IN_FOLDER(test_limits),
        IN_FOLDER(test_revocations),
        IN_FOLDER(test_changed_rows_are_found),
        IN_FOLDER(test_rows_are_never_changed),
        IN_FOLDER(test_lines),
        IN_FOLDER(test_a_ledger_with_blocks_is_made_anew),
        IN_FOLDER(test_an_older_ledger_gets_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
