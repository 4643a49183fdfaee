/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found again: CRLs that were brought, reserved, signed, one after the other; rows of blocks with all that they
 * hold; serial numbers in whatever way they are written; blocks of revocations. (R47, R53, R69) */
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/revoked.h"
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
test_brought_crl(void **state)
{
    (void)state;
    struct ledger_brought_crl brought = {7, 100, 200, H2, H3};
    struct ledger_crl crl;
    bool found = false;
    check_ok(ledger_import_crl(ledger, "c-1", H1, "full", &brought));
    uint64_t seq = scratch_ledger_entries();
    check_ok(ledger_import_crl(ledger, "c-1", H1, "full", &brought)); /* the same again */
    assert_int_equal(scratch_ledger_entries(), seq);
    brought.sha256 = H4;
    check_error_says(ledger_import_crl(ledger, "c-1", H1, "full", &brought), ERROR_REFUSED,
                     "CRLs of this issuer already");
    check_ok(ledger_crl_last(ledger, H1, "full", &crl, &found));
    assert_true(found);
    assert_int_equal(crl.number, 7);
    assert_int_equal(crl.this_update, 100);
    assert_int_equal(crl.next_update, 200);
    assert_string_equal(crl.tbs_sha256, H2);
    assert_string_equal(crl.sha256, H3);
    assert_int_equal(crl.seq, seq);
    crl.seq = 0;
    check_ok(ledger_crl_find_seq(ledger, &crl));
    assert_int_equal(crl.seq, seq);
    crl.number = 8;
    check_error(ledger_crl_find_seq(ledger, &crl), ERROR_VERIFICATION);
    check_error(ledger_reserve_crl(ledger, "c-1", H1, "full", 7, H2, 300, 400), ERROR_REFUSED);
    check_error_says(ledger_reserve_crl(ledger, "c-1", H1, "full", UINT64_C(1) << 53, H2, 1, 2),
                     ERROR_INPUT, "2^53");
    check_ok(ledger_reserve_crl(ledger, "c-1", H1, "full", 8, H2, 300, 400));
}

static void
test_crls_in_order(void **state)
{
    (void)state;
    struct ledger_crl crl;
    bool found = true;
    bool reserved = true;
    check_ok(ledger_crl_is_reserved(ledger, H1, "full", 3, H2, &reserved));
    assert_false(reserved);
    check_ok(ledger_reserve_crl(ledger, "c-1", H1, "full", 3, H2, 100, 200));
    check_ok(ledger_crl_is_reserved(ledger, H1, "full", 3, H2, &reserved));
    assert_true(reserved);
    check_ok(ledger_crl_is_reserved(ledger, H1, "full", 3, H3, &reserved));
    assert_false(reserved);
    check_ok(ledger_crl_is_reserved(ledger, H1, "delta", 3, H2, &reserved));
    assert_false(reserved);
    check_ok(ledger_crl_is_reserved(ledger, H2, "full", 3, H2, &reserved));
    assert_false(reserved);
    check_error(ledger_issue_crl(ledger, "c-1", H1, "full", 4, H3), ERROR_REFUSED);
    check_ok(ledger_issue_crl(ledger, "c-1", H1, "full", 3, H3));
    check_ok(ledger_issue_crl(ledger, "c-1", H1, "full", 3, H3));
    check_error(ledger_issue_crl(ledger, "c-1", H1, "full", 3, H4), ERROR_REFUSED);
    check_ok(ledger_reserve_crl(ledger, "c-1", H1, "full", 5, H3, 200, 300));
    check_ok(ledger_issue_crl(ledger, "c-1", H1, "full", 5, H4));
    check_ok(ledger_crl_before(ledger, H1, "full", 5, &crl, &found));
    assert_true(found);
    assert_int_equal(crl.number, 3);
    check_ok(ledger_crl_before(ledger, H1, "full", 6, &crl, &found));
    assert_int_equal(crl.number, 5);
    check_ok(ledger_crl_before(ledger, H1, "full", 3, &crl, &found));
    assert_false(found);
}

static struct error *
give_row(void *user, size_t index, struct ledger_row *ret_row)
{
    static const unsigned char modulus[3] = {0xc1, 2, 3};
    (void)user;
    *ret_row = (struct ledger_row){
        .serial = {0x4a, (unsigned char)(index + 1)},
        .serial_len = 2,
        .device = index == 0 ? "SN-1" : "SN-2"
    };
    memset(ret_row->spki, 0x10 + (int)index, 32);
    memset(ret_row->request, 0x20 + (int)index, 32);
    memset(ret_row->tbs, 0x30 + (int)index, 32);
    if (index == 1) {
        ret_row->modulus = modulus;
        ret_row->modulus_len = sizeof modulus;
    }
    return NULL;
}

static void
check_found(const struct ledger_found *found, size_t index, uint64_t block)
{
    struct ledger_row row;
    check_ok(give_row(NULL, index, &row));
    assert_int_equal(found->row.serial_len, 2);
    assert_memory_equal(found->row.serial, row.serial, 2);
    assert_string_equal(found->row.device, row.device);
    assert_memory_equal(found->row.spki, row.spki, 32);
    assert_memory_equal(found->row.request, row.request, 32);
    assert_memory_equal(found->row.tbs, row.tbs, 32);
    assert_int_equal(found->block, block);
    assert_int_equal(found->number, index + 1);
    assert_string_equal(found->issuer, H1);
    assert_string_equal(found->batch, "c-1/devices");
    assert_string_equal(found->ceremony, "c-1");
}

static void
test_rows(void **state)
{
    (void)state;
    struct ledger_row_source rows = {give_row, NULL, 2};
    const struct ledger_block block = {.issuer_spki_sha256 = H1,
                                       .batch = "c-1/devices",
                                       .number = 1,
                                       .profile = "idevid",
                                       .not_before = 1,
                                       .not_after = 700};
    unsigned char hashes[2][32];
    struct ledger_found found;
    struct ledger_row row;
    uint64_t seq = 0;
    bool is_found = true;
    check_ok(ledger_reserve_block(ledger, "c-1", &block, &rows, &seq));
    check_ok(ledger_look_begin(ledger));
    for (size_t i = 0; i < 2; i++) {
        check_ok(give_row(NULL, i, &row));
        check_ok(ledger_find_spki(ledger, row.spki, &found, &is_found));
        assert_true(is_found);
        check_found(&found, i, seq);
        assert_null(found.certificate);
        check_ok(ledger_find_device(ledger, H1, row.device, &found, &is_found));
        assert_true(is_found);
        check_found(&found, i, seq);
        check_ok(ledger_find_serial(ledger, H1, row.serial, 2, &found, &is_found));
        assert_true(is_found);
        check_found(&found, i, seq);
    }
    check_ok(ledger_find_serial(ledger, H2, row.serial, 2, &found, &is_found));
    assert_false(is_found);
    check_ok(ledger_find_device(ledger, H1, "SN-3", &found, &is_found));
    assert_false(is_found);
    check_ok(ledger_look_end(ledger));
    memset(hashes[0], 0x40, 32);
    memset(hashes[1], 0x41, 32);
    check_ok(ledger_issue_block(ledger, "c-1", seq, (const unsigned char(*)[32])hashes, 2));
    check_ok(ledger_find_device(ledger, H1, "SN-2", &found, &is_found));
    check_found(&found, 1, seq);
    assert_memory_equal(found.certificate, hashes[1], 32);
    /* One by one. */
    unsigned char key[32];
    memset(key, 0x22, sizeof key);
    check_ok(ledger_spki_certified(ledger, key, &is_found));
    assert_false(is_found);
    const struct ledger_certificate single = {.issuer_spki_sha256 = H1,
                                              .serial_hex = "0A1",
                                              .subject = "CN=x",
                                              .subject_spki_sha256 = H2,
                                              .tbs_sha256 = H3,
                                              .not_after = 9,
                                              .profile = "ca"};
    check_ok(ledger_reserve_certificate(ledger, "c-1", &single));
    check_ok(ledger_spki_certified(ledger, key, &is_found));
    assert_true(is_found);
}

/* One serial number, however many zeros stand in front, in small letters or capital ones. */
static void
test_serials(void **state)
{
    (void)state;
    bool taken = false;
    char long_text[80];
    static const char *const same[] = {"a1", "A1", "0a1", "00A1", "0000a1"};
    struct ledger_certificate row = {.issuer_spki_sha256 = H1,
                                     .serial_hex = "00A1",
                                     .subject = "CN=x",
                                     .subject_spki_sha256 = H2,
                                     .tbs_sha256 = H3,
                                     .not_after = 9,
                                     .profile = "ca"};
    check_ok(ledger_reserve_certificate(ledger, "c-1", &row));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        check_ok(ledger_serial_taken(ledger, H1, same[i], &taken));
        assert_true(taken);
        row.serial_hex = same[i];
        row.tbs_sha256 = H4; /* another certificate */
        check_error(ledger_reserve_certificate(ledger, "c-1", &row), ERROR_REFUSED);
    }
    check_ok(ledger_serial_taken(ledger, H2, "a1", &taken));
    assert_false(taken);
    check_ok(ledger_serial_taken(ledger, H1, "a10", &taken));
    assert_false(taken);
    memset(long_text, '1', sizeof long_text);
    for (size_t len = 40; len < sizeof long_text; len++) {
        long_text[len] = '\0';
        row.serial_hex = long_text;
        struct error *error = ledger_reserve_certificate(ledger, "c-1", &row);
        assert_int_equal(error == NULL, len == 40); /* twenty octets */
        error_free(error);
        long_text[len] = '1';
    }
}

static struct error *
give_revocation(void *user, size_t index, struct ledger_revocation *ret_row)
{
    *ret_row = (struct ledger_revocation){
        .serial = {*(const unsigned char *)user, (unsigned char)(index + 1)},
        .serial_len = 2,
        .reason = 4,
        .time = 50 + (int64_t)index,
        .invalidity = index == 1 ? 40 : LEDGER_NO_TIME,
        .reference = "R-5"
    };
    return NULL;
}

static void
test_revocations(void **state)
{
    (void)state;
    unsigned char first = 0x51;
    struct ledger_revocation_source rows = {give_revocation, &first, 2};
    struct ledger_revocation row;
    static const unsigned char serial[2] = {0x51, 2};
    static const unsigned char longest[21] = {1};
    uint64_t seqs[2] = {0};
    uint64_t seq = 0;
    bool found = true;
    check_ok(ledger_next_block(ledger, "c-1", true, 0, &seq, &found));
    assert_false(found);
    check_ok(ledger_revoke_block(ledger, "c-1", H1, &rows, &seqs[0]));
    first = 0x52;
    check_ok(ledger_revoke_block(ledger, "c-1", H1, &rows, &seqs[1]));
    check_ok(ledger_next_block(ledger, "c-1", true, 0, &seq, &found));
    assert_true(found);
    assert_int_equal(seq, seqs[0]);
    check_ok(ledger_next_block(ledger, "c-1", true, seqs[0], &seq, &found));
    assert_true(found);
    assert_int_equal(seq, seqs[1]);
    check_ok(ledger_next_block(ledger, "c-1", true, seqs[1], &seq, &found));
    assert_false(found);
    check_ok(ledger_next_block(ledger, "c-2", true, 0, &seq, &found));
    assert_false(found);
    check_ok(ledger_find_revocation(ledger, H1, serial, 2, &row, &found));
    assert_true(found);
    assert_int_equal(row.reason, 4);
    assert_int_equal(row.time, 51);
    assert_int_equal(row.invalidity, 40);
    check_ok(ledger_find_revocation(ledger, H2, serial, 2, &row, &found));
    assert_false(found);
    check_error(ledger_find_revocation(ledger, H1, longest, 21, &row, &found), ERROR_INPUT);
    check_ok(ledger_find_revocation(ledger, H1, longest, 20, &row, &found));
    assert_false(found);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_brought_crl, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_crls_in_order, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_rows, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_serials, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_revocations, set_up, scratch_ledger_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
