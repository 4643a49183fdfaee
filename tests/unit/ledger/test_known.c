/* SPDX-License-Identifier: Apache-2.0
 *
 * What a later ceremony asks of the ledger: keys by label, their copies, wrapped copies and
 * certificates (R87, R102). */
#include "ceremony/ledger/known.h"
#include "tests/support/check.h"
#include "tests/support/scratch_ledger.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"
#define H3 "3333333333333333333333333333333333333333333333333333333333333333"
#define H4 "4444444444444444444444444444444444444444444444444444444444444444"

static int
set_up(void **state)
{
    if (scratch_ledger_make(state) != 0)
        return -1;
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H4));
    return 0;
}

static void
add_key(const char *label, const char *spki)
{
    const struct ledger_key key = {label, "0a", "primary", spki, "ec-p384", "generated"};
    check_ok(ledger_add_key(ledger, "c-1", &key));
}

static void
test_keys(void **state)
{
    (void)state;
    struct known_key key;
    AUTO_FREE struct known_key *keys = NULL;
    size_t count = 0;
    check_error_says(known_key_by_label(ledger, "root", &key), ERROR_NOT_FOUND,
                     "no key with the label \"root\"");
    char long_id[1200];
    memset(long_id, 'a', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    const char *const odd_ids[] = {"0g", "0 ", "x", long_id};
    for (size_t i = 0; i < sizeof odd_ids / sizeof odd_ids[0]; i++) {
        const struct ledger_key odd = {"root", odd_ids[i], "primary",
                                       H1,     "ec-p384",  "generated"};
        check_error_says(ledger_add_key(ledger, "c-1", &odd), ERROR_INPUT, "wrong form");
    }
    add_key("root", H1);
    check_ok(known_key_by_label(ledger, "root", &key));
    assert_string_equal(key.spki_sha256, H1);
    assert_string_equal(key.type, "ec-p384");
    assert_string_equal(key.id_hex, "0a");
    assert_string_equal(key.state, "generated");
    check_ok(known_key(ledger, H1, &key));
    assert_string_equal(key.spki_sha256, H1);
    assert_string_equal(key.label, "root");
    assert_string_equal(key.id_hex, "0a");
    assert_string_equal(key.token, "primary");
    assert_string_equal(key.type, "ec-p384");
    add_key("root", H1); /* the same again */
    const struct ledger_key others[] = {
        {"other", "0a", "primary", H1, "ec-p384", "generated"},
        {"root",  "0b", "primary", H1, "ec-p384", "generated"},
        {"root",  "0a", "spare",   H1, "ec-p384", "generated"}
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        check_error(ledger_add_key(ledger, "c-1", &others[i]), ERROR_REFUSED);
    add_key("root", H2);
    check_error_says(known_key_by_label(ledger, "root", &key), ERROR_REFUSED, "2 keys");
    check_ok(ledger_key_state(ledger, "c-1", H1, "destroyed"));
    check_ok(known_key_by_label(ledger, "root", &key)); /* a destroyed one is out of the way */
    assert_string_equal(key.spki_sha256, H2);
    check_ok(known_keys(ledger, &keys, &count));
    assert_int_equal(count, 2);
    assert_string_equal(keys[0].state, "destroyed");
    check_error(known_key(ledger, H3, &key), ERROR_NOT_FOUND);
}

/* R87: every copy is found again when the key is destroyed one day. */
static void
test_copies(void **state)
{
    (void)state;
    AUTO_FREE struct known_copy *copies = NULL;
    size_t count = 0;
    uint64_t before = 0;
    uint64_t after = 0;
    unsigned char head[32];
    check_error_says(ledger_key_copy(ledger, "c-1", H1, "01", "generated", "present"),
                     ERROR_REFUSED, "does not know the key");
    add_key("root", H1);
    check_error_says(ledger_key_copy(ledger, "c-1", H1, "01", "generated", "destroyed"),
                     ERROR_REFUSED, "no copy of the key on the token 01");
    check_ok(ledger_key_copy(ledger, "c-1", H1, "01", "generated", "present"));
    ledger_head(ledger, head, &before);
    check_ok(ledger_key_copy(ledger, "c-1", H1, "01", "generated", "present"));
    ledger_head(ledger, head, &after);
    assert_int_equal(before, after); /* nothing new was said */
    check_ok(ledger_key_copy(ledger, "c-1", H1, "02", "restored", "present"));
    check_ok(ledger_key_copy(ledger, "c-1", H1, "01", "generated", "destroyed"));
    check_ok(known_copies(ledger, H1, &copies, &count));
    assert_int_equal(count, 2);
    assert_string_equal(copies[0].serial, "01");
    assert_string_equal(copies[0].state, "destroyed");
    assert_string_equal(copies[1].how, "restored");
    assert_string_equal(copies[1].state, "present");
}

static void
test_backups(void **state)
{
    (void)state;
    struct known_backup live;
    const struct ledger_backup first = {H1, H2, H3, "0102030405060708", "AES key wrap", 7};
    const struct ledger_backup second = {H1, H3, H3, "0102030405060709", "AES key wrap", 8};
    add_key("root", H1);
    check_error(known_backup_live(ledger, H1, &live), ERROR_NOT_FOUND);
    check_error(ledger_backup(ledger, "c-1", &first, "void"), ERROR_REFUSED);
    check_ok(ledger_backup(ledger, "c-1", &first, "live"));
    check_ok(known_backup_live(ledger, H1, &live));
    assert_string_equal(live.blob_sha256, H2);
    assert_string_equal(live.kcv, "0102030405060708");
    assert_int_equal(live.set_id, 7);
    assert_string_equal(live.card_sha256, H3);
    assert_string_equal(live.mechanism, "AES key wrap");
    assert_string_equal(live.state, "live");
    check_ok(ledger_backup(ledger, "c-1", &second, "live"));
    check_error(known_backup_live(ledger, H1, &live), ERROR_REFUSED);
    check_ok(ledger_backup(ledger, "c-1", &first, "destroyed"));
    check_ok(known_backup_live(ledger, H1, &live));
    assert_string_equal(live.blob_sha256, H3);
    check_error_says(ledger_backup(ledger, "c-1", &first, "live"), ERROR_REFUSED, "final");
}

static void
issue(const char *issuer, const char *subject, const char *serial, int64_t from,
      const char *hash)
{
    const struct ledger_certificate row = {.issuer_spki_sha256 = issuer,
                                           .serial_hex = serial,
                                           .subject = "CN=Example",
                                           .subject_spki_sha256 = subject,
                                           .tbs_sha256 = H4,
                                           .not_before = from,
                                           .not_after = from + 1000,
                                           .profile = "ca",
                                           .is_ca = true};
    check_ok(ledger_reserve_certificate(ledger, "c-1", &row));
    if (hash != NULL)
        check_ok(ledger_issue_certificate(ledger, "c-1", issuer, serial, hash));
}

static void
test_certificates(void **state)
{
    (void)state;
    AUTO_FREE struct known_certificate *rows = NULL;
    struct known_certificate named;
    size_t count = 0;
    bool found = false;
    issue(H2, H1, "0a", 300, H2); /* by another, newer */
    issue(H1, H1, "0b", 100, H1); /* its own */
    issue(H2, H1, "0c", 200, H3);
    issue(H2, H1, "0d", 400, NULL); /* reserved, never issued */
    check_ok(known_certificates(ledger, H1, &rows, &count));
    assert_int_equal(count, 3);
    assert_string_equal(rows[0].sha256, H1);
    assert_string_equal(rows[1].sha256, H2);
    assert_string_equal(rows[2].sha256, H3);
    check_ok(known_ca_of_name(ledger, "CN=Example", &named, &found));
    assert_true(found);
    check_ok(known_ca_of_name(ledger, "CN=Other", &named, &found));
    assert_false(found);
}

/* What an indirect CRL would have to cover: what a key signed for others, issued and not over. */
static void
test_signed_by(void **state)
{
    (void)state;
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 7;
    check_ok(known_signed_by(ledger, H2, 0, &rows, &count));
    assert_int_equal(count, 0);
    issue(H2, H1, "0a", 300, H2); /* until 1300 */
    issue(H2, H2, "0b", 300, H4); /* its own */
    issue(H2, H3, "0c", 200, H3); /* until 1200 */
    issue(H2, H1, "0d", 400, NULL);
    issue(H1, H3, "0e", 400, H1);
    free(TAKE(rows));
    check_ok(known_signed_by(ledger, H2, 1199, &rows, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].issuer_spki_sha256, H2);
    assert_string_equal(rows[0].serial_hex, "0a");
    assert_string_equal(rows[0].sha256, H2);
    assert_string_equal(rows[0].subject, "CN=Example");
    assert_string_equal(rows[0].profile, "ca");
    assert_int_equal(rows[0].not_before, 300);
    assert_int_equal(rows[0].not_after, 1300);
    assert_true(rows[0].is_ca);
    assert_string_equal(rows[1].serial_hex, "0c");
    free(TAKE(rows));
    check_ok(known_signed_by(ledger, H2, 1200, &rows, &count));
    assert_int_equal(count, 1);
}

/* What another CA signed for a key of ours is known like one that was issued here. */
static void
test_imported(void **state)
{
    (void)state;
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 0;
    struct ledger_certificate row = {.issuer_spki_sha256 = H2,
                                     .serial_hex = "00A1",
                                     .subject = "CN=Example",
                                     .subject_spki_sha256 = H1,
                                     .tbs_sha256 = H4,
                                     .not_before = 100,
                                     .not_after = 200,
                                     .is_ca = true};
    check_error_says(ledger_import_certificate(ledger, "c-1", &row, H3), ERROR_REFUSED,
                     "does not know the key");
    add_key("sub", H1);
    check_ok(ledger_import_certificate(ledger, "c-1", &row, H3));
    check_ok(ledger_import_certificate(ledger, "c-1", &row, H3)); /* the same again */
    check_error_says(ledger_import_certificate(ledger, "c-1", &row, H4), ERROR_REFUSED,
                     "another certificate");
    check_ok(known_certificates(ledger, H1, &rows, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].sha256, H3);
    assert_string_equal(rows[0].serial_hex, "a1");
    assert_true(rows[0].is_ca);
}

static void
test_last_ceremony(void **state)
{
    (void)state;
    char id[KNOWN_TEXT_MAX];
    char head[65];
    check_ok(known_last_ceremony(ledger, id, head));
    assert_string_equal(id, "");
    check_ok(ledger_ceremony_close(ledger, "c-1", H1, "closed"));
    check_ok(ledger_ceremony_open(ledger, "c-2", "rehearsal", H4));
    check_ok(known_last_ceremony(ledger, id, head));
    assert_string_equal(id, "c-1"); /* not the one that is open */
    assert_string_equal(head, H1);
    check_ok(ledger_ceremony_close(ledger, "c-2", H2, "closed"));
    check_ok(known_last_ceremony(ledger, id, head));
    assert_string_equal(id, "c-2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_copies, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_backups, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_certificates, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_signed_by, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_imported, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_last_ceremony, set_up, scratch_ledger_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
