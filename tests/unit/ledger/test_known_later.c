/* SPDX-License-Identifier: Apache-2.0
 *
 * What the next ceremony asks about the ones before: marks on tokens, heads, custody, how long records are kept, what is
 * not over yet, shares; and a ledger made anew in which a serial number stands twice. (R53, R58, R98, R102) */
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/entry.h"
#include "ceremony/ledger/known.h"
#include "tests/support/scratch_ledger.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"
#define H3 "3333333333333333333333333333333333333333333333333333333333333333"
#define H4 "4444444444444444444444444444444444444444444444444444444444444444"

static void
begin(void)
{
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H4));
}

static void
test_marks(void **state)
{
    (void)state;
    struct known_head head;
    begin();
    check_ok(known_head_of(ledger, "47 11", &head));
    assert_int_equal(head.counter, 0);
    assert_string_equal(head.ceremony, "");
    check_ok(ledger_custody(ledger, "c-1", "ceremony-head", "47 11 5"));
    check_ok(ledger_custody(ledger, "c-1", "ceremony-head", "47 7"));
    check_ok(ledger_custody(ledger, "c-1", "bag", "47 11 9"));
    check_ok(known_head_of(ledger, "47 11", &head));
    assert_int_equal(head.counter, 5);
    assert_int_equal(head.seq, 2);
    assert_string_equal(head.ceremony, "c-1");
    check_ok(known_head_of(ledger, "47 1", &head)); /* no other serial begins so */
    assert_int_equal(head.counter, 0);
    assert_int_equal(head.seq, 0);
    check_ok(ledger_custody(ledger, "c-1", "ceremony-head", "47 11 6"));
    check_ok(known_head_of(ledger, "47 11", &head));
    assert_int_equal(head.counter, 6);
}

static void
test_ceremonies(void **state)
{
    (void)state;
    bool known = true;
    char head[65];
    check_ok(known_ceremony(ledger, "c-1", &known));
    assert_false(known);
    begin();
    check_ok(known_ceremony(ledger, "c-1", &known));
    assert_true(known);
    check_ok(known_ceremony(ledger, "c-2", &known));
    assert_false(known);
    check_ok(known_ceremony_head(ledger, "c-1", head));
    assert_string_equal(head, ""); /* open */
    check_ok(ledger_custody(ledger, "c-1", "bag", "R-1 shares"));
    check_ok(known_custody(ledger, "c-1", "bag", "R-1 shares", &known));
    assert_true(known);
    check_ok(known_custody(ledger, "c-1", "bag", "R-1", &known));
    assert_false(known);
    check_ok(known_custody(ledger, "c-1", "token", "R-1 shares", &known));
    assert_false(known);
    check_ok(known_custody(ledger, "c-2", "bag", "R-1 shares", &known));
    assert_false(known);
    check_ok(ledger_ceremony_close(ledger, "c-1", H1, "closed"));
    check_ok(known_ceremony_head(ledger, "c-1", head));
    assert_string_equal(head, H1);
    check_ok(known_ceremony_head(ledger, "c-9", head));
    assert_string_equal(head, "");
}

static void
add_key(const char *label, const char *spki)
{
    const struct ledger_key key = {label, "0a", "primary", spki, "ec-p384", "generated"};
    check_ok(ledger_add_key(ledger, "c-1", &key));
}

static void
issue(const char *issuer, const char *subject, const char *serial, int64_t until, bool is_ca)
{
    const struct ledger_certificate row = {.issuer_spki_sha256 = issuer,
                                           .serial_hex = serial,
                                           .subject = "CN=Example",
                                           .subject_spki_sha256 = subject,
                                           .tbs_sha256 = H4,
                                           .not_before = 1,
                                           .not_after = until,
                                           .profile = "ca",
                                           .is_ca = is_ca};
    check_ok(ledger_reserve_certificate(ledger, "c-1", &row));
    check_ok(ledger_issue_certificate(ledger, "c-1", issuer, serial, H3));
}

static void
test_retention(void **state)
{
    (void)state;
    int64_t last = 7;
    size_t alive = 7;
    struct clock_reading now;
    clock_read(&now);
    check_ok(known_retention(ledger, &last, &alive));
    assert_int_equal(last, 0);
    assert_int_equal(alive, 0);
    begin();
    add_key("root", H1);
    add_key("sub", H2);
    check_ok(known_retention(ledger, &last, &alive));
    assert_true(last >= now.wall_ms / 1000 && last < now.wall_ms / 1000 + 600);
    assert_int_equal(alive, 2);
    check_ok(ledger_key_state(ledger, "c-1", H2, "destroyed"));
    issue(H1, H1, "0a", INT64_C(4000000000), true);
    issue(H1, H2, "0b", INT64_C(5000000000), false); /* no CA */
    check_ok(known_retention(ledger, &last, &alive));
    assert_int_equal(last, INT64_C(4000000000));
    assert_int_equal(alive, 1);
}

static struct error *
give_row(void *user, size_t index, struct ledger_row *ret_row)
{
    *ret_row = (struct ledger_row){
        .serial = {0x4a, (unsigned char)index},
          .serial_len = 2, .device = "SN-1"
    };
    memset(ret_row->spki, *(const char *)user + (int)index, 32);
    return NULL;
}

static struct error *
reserve(const char *profile, size_t count, int64_t until)
{
    char first = 1;
    struct ledger_row_source rows = {give_row, &first, count};
    const struct ledger_block block = {.issuer_spki_sha256 = H1,
                                       .batch = profile,
                                       .number = 1,
                                       .profile = profile,
                                       .not_before = 1,
                                       .not_after = until};
    uint64_t seq = 0;
    return ledger_reserve_block(ledger, "c-1", &block, &rows, &seq);
}

static void
test_not_over(void **state)
{
    (void)state;
    uint64_t count = 7;
    int64_t until = 7;
    size_t profiles = 7;
    AUTO_FREE struct known_profile *rows = NULL;
    begin();
    check_ok(known_unexpired(ledger, H1, 0, &count, &until));
    assert_int_equal(count, 0);
    assert_int_equal(until, 0);
    issue(H1, H1, "0a", 900, true); /* its own is not counted */
    issue(H1, H2, "0b", 500, true);
    issue(H1, H3, "0c", 600, false);
    issue(H2, H3, "0d", 800, false);
    check_ok(known_unexpired(ledger, H1, 499, &count, &until));
    assert_int_equal(count, 2);
    assert_int_equal(until, 600);
    check_ok(known_unexpired(ledger, H1, 500, &count, &until));
    assert_int_equal(count, 1);
    check_error_says(reserve("none", 0, 700), ERROR_INPUT, "1 to 100000 rows");
    check_error_says(reserve("many", LEDGER_BLOCK_MAX + 1, 700), ERROR_INPUT, "no more than");
    check_ok(known_batch_profiles(ledger, H1, 0, &rows, &profiles));
    assert_int_equal(profiles, 0);
    check_ok(reserve("idevid", 3, 700));
    check_ok(known_unexpired(ledger, H1, 499, &count, &until));
    assert_int_equal(count, 5);
    assert_int_equal(until, 700);
    free(TAKE(rows));
    check_ok(known_batch_profiles(ledger, H1, 699, &rows, &profiles));
    assert_int_equal(profiles, 1);
    assert_string_equal(rows[0].id, "idevid");
    free(TAKE(rows));
    check_ok(known_batch_profiles(ledger, H1, 700, &rows, &profiles));
    assert_int_equal(profiles, 0);
}

/* An issuer's limits in time, with and without one in number. */
static void
test_limits(void **state)
{
    (void)state;
    struct ledger_limits limits = {.from = INT64_C(5000000000), .until = INT64_C(6000000000)};
    begin();
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_error_says(reserve("idevid", 1, 700), ERROR_REFUSED, "from 2128-06-11 08:53:20Z to");
    limits.from = 0;
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_ok(reserve("idevid", 3, 700)); /* no number: no limit */
    limits.count = 3;
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_error_says(reserve("ldevid", 1, 700), ERROR_REFUSED, "has made 3, and 1 more");
    limits.until = 1;
    check_ok(ledger_set_limits(ledger, "c-1", H1, &limits));
    check_error_says(reserve("ldevid", 1, 700), ERROR_REFUSED, "1970-01-01 00:00:01Z only");
}

static void
test_shares(void **state)
{
    (void)state;
    char said[KNOWN_TEXT_MAX];
    AUTO_FREE struct known_share_set *sets = NULL;
    size_t count = 7;
    begin();
    add_key("root", H1);
    check_ok(known_share_set(ledger, H1, 5, said));
    assert_string_equal(said, "");
    check_error(ledger_share_set(ledger, "c-1", H1, 5, "proven", ""), ERROR_REFUSED);
    check_ok(ledger_share_set(ledger, "c-1", H1, 5, "made", H2));
    check_error_says(ledger_share_set(ledger, "c-1", H2, 5, "made", H2), ERROR_REFUSED,
                     "number 5 already");
    check_ok(ledger_share_set(ledger, "c-1", H1, 5, "proven", H2));
    check_ok(ledger_share_set(ledger, "c-1", H1, 6, "made", H2));
    check_ok(ledger_share_set(ledger, "c-1", H1, 6, "void", H2));
    check_ok(known_share_set(ledger, H1, 5, said));
    assert_string_equal(said, "proven");
    check_ok(known_share_set(ledger, H2, 5, said)); /* of another key */
    assert_string_equal(said, "");
    check_ok(known_share_sets(ledger, H1, &sets, &count));
    assert_int_equal(count, 2);
    assert_int_equal(sets[0].set_id + sets[1].set_id, 11);
    assert_string_equal(sets[sets[0].set_id == 6 ? 0 : 1].state, "void");
}

/* --- made anew --- */

static struct error *
give_revocation(void *user, size_t index, struct ledger_revocation *ret_row)
{
    assert_int_equal(index, 0);
    *ret_row = *(const struct ledger_revocation *)user;
    return NULL;
}

static struct error *
give_line(void *user, const struct ledger_wanted_rows *wanted,
          struct error *(*add)(void *with, const char *line, size_t len), void *with)
{
    const struct bytes *line = user;
    assert_int_equal(wanted->count, 1);
    return add(with, bytes_text(line), line->len);
}

/* An entry and a row each right by itself; together they give one serial number to two certificates. */
static void
test_serial_twice(void **state)
{
    (void)state;
    AUTO_BYTES lines = {0};
    AUTO_BYTES row_line = {0};
    unsigned char head[32];
    char prev[65];
    char other[310];
    char text[2000];
    uint64_t count = 0;
    struct ledger_row row;
    char first = 1;
    /* The block as an honest ledger has it. */
    begin();
    check_ok(reserve("idevid", 1, 700));
    check_ok(ledger_export(ledger, &lines));
    const char *data =
        strstr(strchr(bytes_text(&lines), '\n'), "\"data\":") + strlen("\"data\":");
    (void)snprintf(text, sizeof text, "%.*s", (int)(strstr(data, ",\"kind\"") - data), data);
    check_ok(give_row(&first, 0, &row));
    check_ok(ledger_row_write(&row, &row_line));
    ledger_close(ledger);
    /* And after a certificate of its own that has the same serial number. */
    (void)snprintf(other, sizeof other, "%s/other.db", folder);
    check_ok(ledger_open(other, true, &ledger));
    begin();
    issue(H1, H2, "4a00", 700, false);
    lines.len = 0;
    check_ok(ledger_export(ledger, &lines));
    ledger_head(ledger, head, &count);
    hex_encode(head, sizeof head, prev);
    const struct ledger_entry entry = {.seq = count + 1,
                                       .time = "2026-11-23T14:32:07.123Z",
                                       .ceremony = "c-1",
                                       .kind = "certificates-reserve",
                                       .data = text,
                                       .prev = prev};
    check_ok(ledger_entry_format(&entry, &lines));
    const struct ledger_rows_from from = {give_line, &row_line};
    (void)snprintf(other, sizeof other, "%s/anew.db", folder);
    check_error_says(ledger_import(other, lines.data, lines.len, &from), ERROR_VERIFICATION,
                     "the serial number 4a00 twice");
    assert_int_not_equal(access(other, F_OK), 0); /* nothing is left of it */
}

/* Lines of rows that no ledger writes; the serial number is one octet, as short as one can be. */
static void
test_lines_of_rows(void **state)
{
    (void)state;
    AUTO_BYTES lines = {0};
    AUTO_BYTES good = {0};
    char other[310];
    char first = 1;
    struct ledger_row row;
    static const unsigned char zero[] = {0, 1};
    begin();
    check_ok(give_row(&first, 0, &row));
    row.modulus = zero;
    for (size_t len = 0; len < 3; len++) { /* nothing, and with a zero in front */
        AUTO_BYTES none = {0};
        row.modulus_len = len;
        check_error(ledger_row_write(&row, &none), ERROR_INPUT);
    }
    row.modulus = NULL;
    row.modulus_len = 0;
    check_ok(ledger_row_write(&row, &good));
    assert_non_null(strstr(bytes_text(&good), "\"serial\":\"4a00\""));
    check_ok(reserve("idevid", 1, 700));
    check_ok(ledger_export(ledger, &lines));
    (void)snprintf(other, sizeof other, "%s/anew.db", folder);

    const struct {
        const char *from;
        const char *to;
    } changes[] = {
        {"\"serial\":\"4a00\"",  "\"serial\":\"\""                                          },
        {"\"serial\":\"4a00\"",  "\"serial\":\"4a0000000000000000000000000000000000000000\""},
        {"\"serial\":\"4a00\"",  "\"serial\":\"4\""                                         },
        {"\"serial\":\"4a00\"",  "\"serial\":7"                                             },
        {"\"serial\"",           "\"series\""                                               },
        {"\"device\"",           "\"devise\""                                               },
        {"\"tbs_sha256\":\"",    "\"tbs_sha256\":\"00"                                      },
        {"\"spki_sha256\":\"01", "\"spki_sha256\":\""                                       },
    };

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        AUTO_BYTES bad = {0};
        const char *at = strstr(bytes_text(&good), changes[i].from);
        assert_non_null(at);
        check_ok(bytes_append(&bad, good.data, (size_t)(at - bytes_text(&good))));
        check_ok(bytes_append_text(&bad, changes[i].to));
        check_ok(bytes_append_text(&bad, at + strlen(changes[i].from)));
        const struct ledger_rows_from from = {give_line, &bad};
        struct error *error = ledger_import(other, lines.data, lines.len, &from);
        assert_true(error_code(error) == ERROR_VERIFICATION
                    || error_code(error) == ERROR_INPUT);
        error_free(error);
        assert_int_not_equal(access(other, F_OK), 0);
    }
    const struct ledger_rows_from from = {give_line, &good};
    check_ok(ledger_import(other, lines.data, lines.len, &from));
}

/* The reasons of RFC 5280 5.3.1: 0 to 10, and 7 is none. */
static void
test_reasons(void **state)
{
    (void)state;
    struct ledger_revocation row = {
        .serial = {0x4a}, .serial_len = 1, .invalidity = LEDGER_NO_TIME, .reference = "R-1"};
    for (row.reason = -1; row.reason < 13; row.reason++) {
        AUTO_BYTES line = {0};
        struct error *error = ledger_revocation_write(&row, &line);
        assert_int_equal(error == NULL, row.reason >= 0 && row.reason <= 10 && row.reason != 7);
        error_free(error);
    }
    row.reason = 1;
    AUTO_BYTES line = {0};
    row.reference = "two\nlines";
    check_error(ledger_revocation_write(&row, &line), ERROR_INPUT);
    row.reference = "R-1";
    row.serial_len = 0;
    check_error(ledger_revocation_write(&row, &line), ERROR_INPUT);
    row.serial_len = 2;
    row.serial[0] = 0; /* no zero octet in front */
    check_error(ledger_revocation_write(&row, &line), ERROR_INPUT);
}

/* Revoked once is enough: an entry and its rows that are right by themselves, twice. */
static void
test_revoked_twice(void **state)
{
    (void)state;
    AUTO_BYTES lines = {0};
    AUTO_BYTES row_line = {0};
    unsigned char head[32];
    char prev[65];
    char text[2000];
    char other[310];
    uint64_t count = 0;
    struct ledger_revocation row = {.serial = {0x4a},
                                    .serial_len = 1,
                                    .reason = 1,
                                    .time = 9,
                                    .invalidity = LEDGER_NO_TIME,
                                    .reference = "R-1"};
    struct ledger_revocation_source rows = {give_revocation, &row, 1};
    begin();
    check_ok(ledger_revoke_block(ledger, "c-1", H1, &rows, &count));
    check_error(ledger_revoke_block(ledger, "c-1", H1, &rows, &count), ERROR_REFUSED);
    check_ok(ledger_export(ledger, &lines));
    check_ok(ledger_revocation_write(&row, &row_line));
    const char *data =
        strstr(strchr(bytes_text(&lines), '\n'), "\"data\":") + strlen("\"data\":");
    (void)snprintf(text, sizeof text, "%.*s", (int)(strstr(data, ",\"kind\"") - data), data);
    ledger_head(ledger, head, &count);
    hex_encode(head, sizeof head, prev);
    const struct ledger_rows_from from = {give_line, &row_line};
    (void)snprintf(other, sizeof other, "%s/anew.db", folder);
    check_ok(ledger_import(other, lines.data, lines.len, &from)); /* once is fine */
    assert_int_equal(unlink(other), 0);
    const struct ledger_entry entry = {.seq = count + 1,
                                       .time = "2026-11-23T14:32:07.123Z",
                                       .ceremony = "c-1",
                                       .kind = "revocations",
                                       .data = text,
                                       .prev = prev};
    check_ok(ledger_entry_format(&entry, &lines));
    check_error(ledger_import(other, lines.data, lines.len, &from), ERROR_VERIFICATION);
    assert_int_not_equal(access(other, F_OK), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_marks, scratch_ledger_make, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_ceremonies, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_retention, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_not_over, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_limits, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_shares, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_serial_twice, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_lines_of_rows, scratch_ledger_make,
                                        scratch_ledger_remove),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test_setup_teardown(test_revoked_twice, scratch_ledger_make,
                                        scratch_ledger_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
