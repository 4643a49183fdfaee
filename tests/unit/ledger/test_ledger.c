/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger: its rules, and that every change behind its back is found (R47, R53, R102). */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/ledger.h"
#include "tests/support/check.h"
#include "tests/support/scratch_folder.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"
#define H3 "3333333333333333333333333333333333333333333333333333333333333333"

static const struct ledger_certificate sample_certificate = {
    .issuer_spki_sha256 = H1,
    .serial_hex = "4A0B",
    .subject = "CN=Wurzel \"Ä\" \\ 1",
    .subject_spki_sha256 = H2,
    .tbs_sha256 = H3,
    .not_before = -5,
    .not_after = 2000000000,
    .profile = "root",
    .is_ca = true,
};
static const struct ledger_key sample_key = {"Root", "0a0b",    "primary",
                                             H1,     "ec-p384", "generated"};

/* Eleven entries, one of each kind. */
static void
fill(struct ledger *ledger)
{
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H1));
    check_ok(ledger_bind_token(ledger, "c-1", "primary", "0123"));
    check_ok(ledger_add_key(ledger, "c-1", &sample_key));
    check_ok(ledger_share_set(ledger, "c-1", H1, 4711, "made", H2));
    check_ok(ledger_custody(ledger, "c-1", "bag", "A 0001"));
    check_ok(ledger_reserve_certificate(ledger, "c-1", &sample_certificate));
    check_ok(ledger_issue_certificate(ledger, "c-1", H1, "4a0b", H2));
    check_ok(ledger_reserve_crl(ledger, "c-1", H1, "full", 1, H2, 10, 20));
    check_ok(ledger_issue_crl(ledger, "c-1", H1, "full", 1, H3));
    check_ok(ledger_key_state(ledger, "c-1", H1, "operational"));
    check_ok(ledger_ceremony_close(ledger, "c-1", H3, "finished"));
}

#define ENTRIES 11U

static void
make_sample(unsigned char ret_head[32])
{
    AUTO(ledger) ledger = NULL;
    uint64_t count = 0;
    check_ok(ledger_open(path, true, &ledger));
    fill(ledger);
    ledger_head(ledger, ret_head, &count);
    assert_int_equal(count, ENTRIES);
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

static void
test_opens_again(void **state)
{
    (void)state;
    unsigned char head[32];
    unsigned char again[32];
    uint64_t count = 0;
    AUTO(ledger) ledger = NULL;
    check_error(ledger_open(path, false, &ledger), ERROR_NOT_FOUND);
    make_sample(head);
    check_ok(ledger_open(path, false, &ledger));
    ledger_head(ledger, again, &count);
    assert_int_equal(count, ENTRIES);
    assert_memory_equal(head, again, 32);
    check_ok(ledger_find_head(ledger, head, &count));
    assert_int_equal(count, ENTRIES);
    again[0] ^= 1;
    check_ok(ledger_find_head(ledger, again, &count));
    assert_int_equal(count, 0);
    AUTO_FREE char *serial = NULL;
    AUTO_FREE char *open_ceremony = NULL;
    bool taken = false;
    check_ok(ledger_token_serial(ledger, "primary", &serial));
    assert_string_equal(serial, "0123");
    check_ok(ledger_open_ceremony(ledger, &open_ceremony));
    assert_null(open_ceremony);
    check_ok(ledger_serial_taken(ledger, H1, "004A0b", &taken));
    assert_true(taken);
    check_ok(ledger_serial_taken(ledger, H2, "4a0b", &taken));
    assert_false(taken);
}

static void
test_rules(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    unsigned char before[32];
    unsigned char after[32];
    uint64_t count = 0;
    check_ok(ledger_open(path, true, &ledger));
    fill(ledger);
    ledger_head(ledger, before, &count);
    check_error(ledger_ceremony_open(ledger, "c-1", "rehearsal", H1), ERROR_REFUSED);
    check_error(ledger_ceremony_close(ledger, "c-1", H1, "finished"), ERROR_REFUSED);
    check_ok(ledger_bind_token(ledger, "c-2", "primary", "0123")); /* the same is fine */
    check_error(ledger_bind_token(ledger, "c-2", "primary", "0124"), ERROR_REFUSED);
    check_error(ledger_add_key(ledger, "c-2", &sample_key), ERROR_REFUSED);
    check_error(ledger_key_state(ledger, "c-2", H3, "destroyed"), ERROR_REFUSED);
    check_error_says(ledger_reserve_certificate(ledger, "c-2", &sample_certificate),
                     ERROR_REFUSED, "4a0b");
    check_ok(ledger_issue_certificate(ledger, "c-2", H1, "4A0B", H2));
    check_error(ledger_issue_certificate(ledger, "c-2", H1, "4A0B", H3), ERROR_REFUSED);
    check_error(ledger_issue_certificate(ledger, "c-2", H1, "4A0C", H3), ERROR_REFUSED);
    check_error(ledger_reserve_crl(ledger, "c-2", H1, "full", 1, H2, 1, 2), ERROR_REFUSED);
    check_error(ledger_reserve_crl(ledger, "c-2", H1, "full", 0, H2, 1, 2), ERROR_REFUSED);
    check_error(ledger_issue_crl(ledger, "c-2", H1, "full", 2, H2), ERROR_REFUSED);
    check_error(ledger_share_set(ledger, "c-2", H2, 4711, "made", ""), ERROR_REFUSED);
    check_error(ledger_share_set(ledger, "c-2", H2, 4711, "void", ""), ERROR_REFUSED);
    check_error(ledger_share_set(ledger, "c-2", H1, 4712, "proven", ""), ERROR_REFUSED);
    check_error(ledger_custody(ledger, "c-2", "bag", "two\nlines"), ERROR_INPUT);
    check_error(ledger_custody(ledger, "c-2", "bag", "not UTF-8 \xff"), ERROR_INPUT);
    check_error(ledger_ceremony_open(ledger, "c-2", "rehearsal", "abc"), ERROR_INPUT);
    struct ledger_certificate zero = sample_certificate;
    zero.serial_hex = "0000";
    check_error(ledger_reserve_certificate(ledger, "c-2", &zero), ERROR_INPUT);
    ledger_head(ledger, after, &count);
    assert_int_equal(count, ENTRIES);
    assert_memory_equal(before, after, 32);

    uint64_t number = 0;
    check_ok(ledger_reserve_crl(ledger, "c-2", H1, "full", 5, H2, 1, 2));
    check_ok(ledger_crl_number(ledger, H1, "full", &number));
    assert_int_equal(number, 5);
    check_error(ledger_reserve_crl(ledger, "c-2", H1, "full", 4, H2, 1, 2), ERROR_REFUSED);
    check_ok(ledger_crl_number(ledger, H1, "other", &number));
    assert_int_equal(number, 0);
    check_ok(ledger_share_set(ledger, "c-2", H1, 4711, "void", ""));
    check_ok(ledger_share_set(ledger, "c-2", H2, 4711, "made", ""));
    check_ok(ledger_key_state(ledger, "c-2", H1, "destroyed"));
    check_error(ledger_key_state(ledger, "c-2", H1, "operational"), ERROR_REFUSED);
    check_ok(ledger_ceremony_open(ledger, "c-2", "rehearsal", H1));
    check_error_says(ledger_ceremony_open(ledger, "c-3", "rehearsal", H1), ERROR_REFUSED,
                     "c-2");
}

/* Behind its back, with the triggers out of the way and put back in their very words. */
static const char unlock[] = "DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;";
static const char relock[] = "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN"
                             " SELECT RAISE(ABORT, 'an entry is never changed'); END;"
                             "CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN"
                             " SELECT RAISE(ABORT, 'an entry is never removed'); END;";

static void
check_found(const char *sql, const char *words)
{
    AUTO_BYTES saved = {0};
    struct ledger *ledger = NULL;
    check_ok(file_read(path, 1 << 20, &saved));
    by_sqlite(sql);
    check_error_says(ledger_open_read(path, &ledger), ERROR_VERIFICATION, words);
    check_error_says(ledger_open(path, false, &ledger), ERROR_VERIFICATION, words);
    check_ok(file_replace(path, saved.data, saved.len));
    check_ok(ledger_open(path, false, &ledger));
    ledger_close(ledger);
}

static void
test_edited_rows(void **state)
{
    (void)state;
    static const char *const columns[] = {
        "time = '2026-01-01T00:00:00.000Z'", "ceremony = 'x'", "kind = 'custody'",
        "data = replace(data, ':', ': ')",   "prev = hash",    "hash = prev"};
    unsigned char head[32];
    char sql[900];
    make_sample(head);
    for (unsigned seq = 1; seq <= ENTRIES; seq++) {
        for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
            char words[60];
            if (seq == 5 && i == 2)
                continue; /* is custody already */
            (void)snprintf(sql, sizeof sql, "%s UPDATE entries SET %s WHERE seq = %u; %s",
                           unlock, columns[i], seq, relock);
            (void)snprintf(words, sizeof words, "ntry %u of the ledger",
                           i == 4 ? seq - 1 : seq);
            check_found(sql, words);
        }
        (void)snprintf(sql, sizeof sql, "%s DELETE FROM entries WHERE seq = %u; %s", unlock,
                       seq, relock);
        check_found(sql, seq == ENTRIES ? "do not follow" : "belongs");
    }
    check_found(unlock, "do not follow");
    check_found("CREATE TRIGGER planted AFTER INSERT ON entries BEGIN DELETE FROM crls; END",
                "do not follow");
}

static void
test_edited_tables(void **state)
{
    (void)state;
    unsigned char head[32];
    make_sample(head);
    check_found("UPDATE certificates SET serial = '4a0c'", "do not follow");
    check_found("DELETE FROM certificates", "do not follow");
    check_found("UPDATE certificates SET certificate_sha256 = NULL", "do not follow");
    check_found("UPDATE crls SET number = 0", "do not follow");
    check_found(
        "INSERT INTO crls SELECT issuer, scope, 9, tbs_sha256, 1, 2, NULL, ceremony FROM"
        " crls",
        "do not follow");
    check_found("UPDATE tokens SET serial = '9'", "do not follow");
    check_found("UPDATE keys SET state = 'destroyed'", "do not follow");
    check_found("UPDATE share_sets SET state = 'void'", "do not follow");
    check_found("UPDATE ceremonies SET closed = NULL", "do not follow");
    check_found("DELETE FROM custody", "do not follow");
}

static void
test_triggers_refuse(void **state)
{
    (void)state;
    unsigned char head[32];
    make_sample(head);
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "UPDATE entries SET kind = 'x'", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(database, "DELETE FROM entries", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* An older copy, or another continuation, is right in itself; the head seen elsewhere tells. */
static void
test_rollback_and_fork(void **state)
{
    (void)state;
    unsigned char old_head[32];
    unsigned char new_head[32];
    uint64_t seq = 0;
    AUTO_BYTES old = {0};
    make_sample(old_head);
    check_ok(file_read(path, 1 << 20, &old));
    AUTO(ledger) ledger = NULL;
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_ceremony_open(ledger, "c-2", "rehearsal", H1));
    ledger_head(ledger, new_head, NULL);
    check_ok(ledger_find_head(ledger, old_head, &seq));
    assert_int_equal(seq, ENTRIES);
    ledger_close(TAKE(ledger));
    check_ok(file_replace(path, old.data, old.len));
    check_ok(ledger_open(path, false, &ledger));
    check_ok(ledger_find_head(ledger, new_head, &seq));
    assert_int_equal(seq, 0);
    check_ok(ledger_ceremony_open(ledger, "c-3", "rehearsal", H1));
    check_ok(ledger_find_head(ledger, new_head, &seq));
    assert_int_equal(seq, 0);
}

static void
test_lines(void **state)
{
    (void)state;
    unsigned char head[32];
    unsigned char again[32];
    uint64_t count = 0;
    make_sample(head);
    AUTO(ledger) ledger = NULL;
    AUTO_BYTES lines = {0};
    check_ok(ledger_open_read(path, &ledger));
    check_ok(ledger_export(ledger, &lines));
    check_ok(ledger_check_lines(lines.data, lines.len, again, &count));
    assert_memory_equal(head, again, 32);
    assert_int_equal(count, ENTRIES);
    check_error(ledger_custody(ledger, "c-2", "bag", "x"), ERROR_BUG);
    check_error(ledger_check_lines(lines.data, lines.len - 1, NULL, NULL), ERROR_VERIFICATION);
    for (size_t at = 0; at < lines.len; at++) {
        unsigned char was = lines.data[at];
        lines.data[at] ^= 1;
        struct error *error = ledger_check_lines(lines.data, lines.len, again, &count);
        lines.data[at] = was;
        if (error == NULL)
            assert_memory_not_equal(again, head,
                                    32); /* the last line: only the head can tell */
        else
            assert_int_equal(error_code(error), ERROR_VERIFICATION);
        error_free(error);
    }
    char copy[300];
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    check_ok(ledger_import(copy, lines.data, lines.len, NULL));
    check_error(ledger_import(copy, lines.data, lines.len, NULL), ERROR_EXISTS);
    ledger_close(TAKE(ledger));
    check_ok(ledger_open(copy, false, &ledger));
    ledger_head(ledger, again, &count);
    assert_memory_equal(head, again, 32);
    /* The stock checker walks the same chain. */
    char command[900];
    char head_text[65];
    hex_encode(head, 32, head_text);
    (void)snprintf(copy, sizeof copy, "%s/ledger.jsonl", folder);
    check_ok(file_write_new(copy, lines.data, lines.len));
    (void)snprintf(command, sizeof command,
                   "%s/scripts/dev/check-chain %s | grep -q '^%u lines, head %s$'",
                   TEST_SOURCE_DIR, copy, ENTRIES, head_text);
    assert_int_equal(system(command), 0);
}

/* Lines that chain rightly but break a rule. */
static void
append_forged(struct bytes *lines, unsigned char head[32], unsigned seq, const char *kind,
              const char *data)
{
    char prev[65];
    AUTO_BYTES line = {0};
    hex_encode(head, 32, prev);
    check_ok(bytes_format(&line,
                          "{\"ceremony\":\"c\",\"data\":%s,\"kind\":\"%s\",\"prev\":\"%s\","
                          "\"seq\":%u,\"time\":\"2026-11-23T00:00:00.000Z\"}\n",
                          data, kind, prev, seq));
    check_ok(bytes_append(lines, line.data, line.len));
    /* the first line is right, and the second must carry its hash */
    if (seq == 1)
        check_ok(ledger_check_lines(lines->data, lines->len, head, NULL));
}

static void
test_rules_again(void **state)
{
    (void)state;
    static const char *const pairs[][3] = {
        {"token-bind",  "{\"name\":\"a\",\"serial\":\"1\"}",
         "{\"name\":\"a\",\"serial\":\"2\"}"                                                  },
        {"token-bind",  "{\"name\":\"a\",\"serial\":\"1\"}",
         "{\"name\":\"a\",\"serial\":\"1\"}"                                                  },
        {"crl-reserve",
         "{\"issuer\":\"" H1
         "\",\"next_update\":2,\"number\":7,\"scope\":\"full\",\"tbs_sha256\":\"" H2
         "\",\"this_update\":1}",                            "{\"issuer\":\"" H1
         "\",\"next_update\":2,\"number\":6,\"scope\":\"full\",\"tbs_sha256\":\"" H2
         "\",\"this_update\":1}"                             },
        {"custody",     "{\"kind\":\"a\",\"text\":\"b\"}",   "{\"kind\":\"a\"}"               },
        {"custody",     "{\"kind\":\"a\",\"text\":\"b\"}",   "{\"kind\":\"a\",\"text\":1}"    },
        {"custody",     "{\"kind\":\"a\",\"text\":\"b\"}",   "{\"text\":\"a\",\"kind\":\"b\"}"},
        {"custody",     "{\"kind\":\"a\",\"text\":\"b\"}",
         "{\"kind\":\"a\",\"text\":\"b\",\"x\":1}"                                            },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        AUTO_BYTES lines = {0};
        unsigned char head[32] = {0};
        append_forged(&lines, head, 1, pairs[i][0], pairs[i][1]);
        append_forged(&lines, head, 2, pairs[i][0], pairs[i][2]);
        check_error_says(ledger_check_lines(lines.data, lines.len, NULL, NULL),
                         ERROR_VERIFICATION, "entry 2");
    }
}

/* Two programs: the second is refused, readers are not, and no serial comes twice (T21). */
static void
test_two_programs(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    check_ok(ledger_open(path, true, &ledger));
    fill(ledger);
    pid_t child = fork();
    if (child == 0) {
        struct ledger *other = NULL;
        struct error *error = ledger_open(path, true, &other);
        if (error == NULL || error_code(error) != ERROR_REFUSED
            || strcmp(error_what(error), "the ledger is in use by another program") != 0)
            _exit(1);
        error_free(error);
        error = ledger_open_read(path, &other);
        _exit(error == NULL ? 0 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    /* A program that does not ask for our lock is noticed at the next entry. */
    by_sqlite("INSERT INTO entries VALUES (12, 'x', 'x', 'x', '{}', 'x', 'x')");
    check_error(ledger_custody(ledger, "c-1", "bag", "x"), ERROR_VERIFICATION);
}

static void
test_not_a_ledger(void **state)
{
    (void)state;
    struct ledger *ledger = NULL;
    check_ok(file_write_new(path, "This is no ledger at all, only a line of text.\n", 47));
    check_error(ledger_open(path, true, &ledger), ERROR_VERIFICATION);
    check_ok(file_remove(path));
    check_ok(file_write_new(path, "", 0));
    check_error(ledger_open(path, false, &ledger), ERROR_INPUT);
    check_ok(ledger_open(path, true, &ledger));
    ledger_close(ledger);
    check_ok(file_remove(path));
    by_sqlite("CREATE TABLE entries (x)");
    check_error(ledger_open(path, true, &ledger), ERROR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_opens_again, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_rules, scratch_folder_make, scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_edited_rows, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_edited_tables, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_triggers_refuse, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_rollback_and_fork, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_lines, scratch_folder_make, scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_rules_again, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_two_programs, scratch_folder_make,
                                        scratch_folder_remove),
        cmocka_unit_test_setup_teardown(test_not_a_ledger, scratch_folder_make,
                                        scratch_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
