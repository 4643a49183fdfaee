/* SPDX-License-Identifier: Apache-2.0
 *
 * What is revoked, as CRLs list it: ascending as numbers, once each, as it stands; and what changed
 * since a CRL (R52, R55). Numbers over all CRLs of an issuer (R53). */
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/revoked.h"
#include "tests/support/check.h"
#include "tests/support/scratch_folder.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

struct list {
    const struct ledger_revocation *rows;
};

static struct error *
row_of(void *user, size_t index, struct ledger_revocation *ret_row)
{
    const struct list *list = user;
    *ret_row = list->rows[index];
    ret_row->reference = "R-1";
    if (ret_row->invalidity == 0)
        ret_row->invalidity = LEDGER_NO_TIME;
    return NULL;
}

static uint64_t
revoke(struct ledger *ledger, const char *issuer, const struct ledger_revocation *rows,
       size_t count)
{
    struct list list = {rows};
    struct ledger_revocation_source source = {row_of, &list, count};
    uint64_t seq = 0;
    check_ok(ledger_revoke_block(ledger, "one", issuer, &source, &seq));
    return seq;
}

/* As text: serial:reason, a blank between. */
static void
check_list(struct ledger *ledger, const char *issuer, uint64_t since, const char *expected)
{
    AUTO(ledger_revoked) revoked = NULL;
    check_ok(ledger_revoked_open(ledger, issuer, since, &revoked));
    for (int reading = 0; reading < 2; reading++) {
        AUTO_BYTES text = {0};
        for (;;) {
            struct ledger_revocation row;
            bool end = false;
            check_ok(ledger_revoked_next(revoked, &row, &end));
            if (end)
                break;
            check_ok(bytes_format(&text, "%s", text.len > 0 ? " " : ""));
            bool has_time = row.serial_len == 3; /* that of test_lists */
            assert_int_equal(row.invalidity, has_time ? 5 : LEDGER_NO_TIME);
            assert_string_equal(row.reference, "");
            for (size_t i = 0; i < row.serial_len; i++)
                check_ok(bytes_format(&text, "%02x", row.serial[i]));
            check_ok(bytes_format(&text, ":%d", row.reason));
        }
        assert_string_equal(bytes_text(&text), expected);
        check_ok(ledger_revoked_rewind(revoked));
    }
}

static void
test_lists(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    check_ok(ledger_open(path, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_C));
    check_list(ledger, HASH_A, 0, "");
    static const struct ledger_revocation first[] = {
        {.serial = {0x90, 1},    .serial_len = 2, .reason = 1,        .time = 10                   },
        {.serial = {0x70},       .serial_len = 1, .reason = 6,        .time = 11                   },
        {.serial = {0x10, 0, 0}, .serial_len = 3, .reason = 0,        .time = 12,                    .invalidity = 5},
        {.serial = {0x20, 2},                      .serial_len = 2,                   .reason = 6, .time = 13},
        {.serial = {0x71},                      .serial_len = 1,                      .reason = 6,    .time = 11},
    };
    uint64_t base = revoke(ledger, HASH_A, first, 5);
    revoke(ledger, HASH_B, first, 1);
    check_list(ledger, HASH_A, 0, "70:6 71:6 2002:6 9001:1 100000:0");
    check_list(ledger, HASH_B, 0, "9001:1");
    static const struct ledger_revocation second[] = {
        {.serial = {0x70},    .serial_len = 1, .reason = 8, .time = 20}, /* released */
        {.serial = {0x20, 2}, .serial_len = 2, .reason = 4, .time = 21}, /* for good */
        {.serial = {0x33},    .serial_len = 1, .reason = 6, .time = 22}, /* held and released */
        {.serial = {0x33},    .serial_len = 1, .reason = 8, .time = 23}, /* in between */
        {.serial = {0x05},    .serial_len = 1, .reason = 9, .time = 24},
    };
    revoke(ledger, HASH_A, second, 3);
    revoke(ledger, HASH_A, second + 3, 2);
    check_list(ledger, HASH_A, 0, "05:9 71:6 2002:4 9001:1 100000:0");
    check_list(ledger, HASH_A, base, "05:9 70:8 2002:4");
    check_list(ledger, HASH_B, base, "9001:1"); /* its entry came after */
}

static void
test_numbers(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    uint64_t number = 0;
    bool found = false;
    struct ledger_crl crl;
    check_ok(ledger_open(path, true, &ledger));
    check_ok(ledger_crl_highest(ledger, HASH_A, &number));
    assert_int_equal(number, 0);
    check_ok(ledger_reserve_crl(ledger, "one", HASH_A, "full", 4, HASH_B, 100, 200));
    check_ok(
        ledger_reserve_crl(ledger, "one", HASH_A, "partition-1-of-2", 9, HASH_B, 100, 300));
    check_ok(ledger_crl_highest(ledger, HASH_A, &number));
    assert_int_equal(number, 9);
    check_ok(ledger_crl_last(ledger, HASH_A, "full", &crl, &found));
    assert_false(found); /* reserved, not signed */
    check_ok(ledger_issue_crl(ledger, "one", HASH_A, "full", 4, HASH_C));
    check_ok(ledger_crl_last(ledger, HASH_A, "full", &crl, &found));
    assert_true(found);
    assert_int_equal(crl.number, 4);
    assert_int_equal(crl.this_update, 100);
    assert_int_equal(crl.next_update, 200);
    assert_string_equal(crl.issuer, HASH_A);
    assert_string_equal(crl.scope, "full");
    assert_string_equal(crl.tbs_sha256, HASH_B);
    assert_string_equal(crl.sha256, HASH_C);
    assert_true(crl.seq > 0);
    check_list(ledger, HASH_A, crl.seq, "");
}

static struct error *
add_number(void *user, const struct ledger_crl *crl)
{
    return bytes_format(user, "%.1s:%s:%llu ", crl->issuer, crl->scope,
                        (unsigned long long)crl->number);
}

static struct error *
stop_at_once(void *user, const struct ledger_crl *crl)
{
    (void)crl;
    (*(int *)user)++;
    return ERROR(ERROR_REFUSED, "no more");
}

static void
test_each_crl(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    AUTO_BYTES text = {0};
    int calls = 0;
    char other[300];
    (void)snprintf(other, sizeof other, "%s/each.db", folder);
    check_ok(ledger_open(other, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_C));
    check_ok(ledger_each_crl(ledger, add_number, &text));
    assert_int_equal(text.len, 0);
    check_ok(ledger_reserve_crl(ledger, "one", HASH_B, "full", 1, HASH_B, 100, 200));
    check_ok(ledger_issue_crl(ledger, "one", HASH_B, "full", 1, HASH_C));
    check_ok(ledger_reserve_crl(ledger, "one", HASH_A, "full", 4, HASH_B, 100, 200));
    check_ok(ledger_issue_crl(ledger, "one", HASH_A, "full", 4, HASH_C));
    check_ok(ledger_each_crl(ledger, add_number, &text));
    assert_non_null(strstr(bytes_text(&text), "a:full:4 "));
    assert_non_null(strstr(bytes_text(&text), "b:full:1 "));
    check_error(ledger_each_crl(ledger, stop_at_once, &calls), ERROR_REFUSED);
    assert_int_equal(calls, 1);
    check_error(ledger_each_crl(ledger, stop_at_once, &calls), ERROR_REFUSED);
    assert_int_equal(calls, 2); /* begun anew */
}

/* CAs below an issuer, by serial number: up to twenty octets, as long as one can be. */
static void
test_ca_serials(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    AUTO_FREE struct ledger_serial *serials = NULL;
    size_t count = 0;
    check_ok(ledger_open(path, true, &ledger));
    for (int i = 0; i < 3; i++) {
        const struct ledger_certificate row = {
            .issuer_spki_sha256 = HASH_C,
            .serial_hex = i == 0   ? "0a"
                          : i == 1 ? "7f010203040506070809101112131415161718ff"
                                   : "0c",
            .subject = "CN=Example",
            .subject_spki_sha256 = HASH_A,
            .tbs_sha256 = HASH_B,
            .not_after = 100,
            .profile = "ca",
            .is_ca = i < 2};
        check_ok(ledger_reserve_certificate(ledger, "one", &row));
    }
    check_ok(ledger_ca_serials(ledger, HASH_C, &serials, &count));
    assert_int_equal(count, 2);
    size_t longest = serials[0].len == 20 ? 0 : 1;
    assert_int_equal(serials[longest].len, 20);
    assert_int_equal(serials[longest].octets[0], 0x7f);
    assert_int_equal(serials[longest].octets[19], 0xff);
    assert_int_equal(serials[1 - longest].len, 1);
    assert_int_equal(serials[1 - longest].octets[0], 0x0a);
}

/* A line with a number of 2^53 or more could be written, and not be read again. */
static void
test_times_beyond_a_line(void **state)
{
    static const struct ledger_revocation rows[] = {
        {.serial = {0x7f}, .serial_len = 1, .reason = 1,                 .time = INT64_C(1) << 53},
        {                .serial = {0x7f}, .serial_len = 1,     .reason = 1, .time = -(INT64_C(1) << 53)                        },
        { .serial = {0x7f},
         .serial_len = 1,
         .reason = 1,
         .time = 1,
         .invalidity = INT64_C(1) << 53},
    };

    (void)state;
    AUTO(ledger) ledger = NULL;
    check_ok(ledger_open(path, false, &ledger));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct list list = {&rows[i]};
        struct ledger_revocation_source source = {row_of, &list, 1};
        check_error_says(ledger_revoke_block(ledger, "one", HASH_A, &source, NULL), ERROR_INPUT,
                         "a time of a row");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_each_crl), cmocka_unit_test(test_ca_serials),
        cmocka_unit_test(test_times_beyond_a_line)};
    return cmocka_run_group_tests(tests, scratch_folder_make, scratch_folder_remove);
}
