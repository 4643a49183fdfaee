/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger remembers, as the intake asks for it (R67, R71). */
#include "ceremony/batch/check_past.h"
#include "tests/unit/batch/fixture.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"

static unsigned char modulus[4] = {0xc1, 2, 3, 4};

static struct error *
one_row(void *user, size_t index, struct ledger_row *ret_row)
{
    (void)user;
    (void)index;
    *ret_row = (struct ledger_row){
        .serial = {0x4a, 1},
        .serial_len = 2,
        .device = "SN1",
        .modulus = modulus,
        .modulus_len = sizeof modulus
    };
    memset(ret_row->spki, 7, 32);
    memset(ret_row->request, 8, 32);
    memset(ret_row->tbs, 9, 32);
    return NULL;
}

static struct ledger *
open_ledger(const struct sandbox *box)
{
    struct ledger *ledger = NULL;
    uint64_t seq = 0;
    unsigned char hash[1][32] = {{1}};
    AUTO_FREE char *path = sandbox_path(box, "ledger.db");
    struct ledger_block block = {.issuer_spki_sha256 = H1,
                                 .batch = "c-1/devices",
                                 .number = 1,
                                 .profile = "idevid",
                                 .not_before = 10,
                                 .not_after = 20};
    struct ledger_row_source rows = {one_row, NULL, 1};
    check_ok(ledger_open(path, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H1));
    check_ok(ledger_reserve_block(ledger, "c-1", &block, &rows, &seq));
    check_ok(ledger_issue_block(ledger, "c-1", seq, (const unsigned char(*)[32])hash, 1));
    return ledger;
}

static struct error *
count_modulus(void *user, const unsigned char *octets, size_t len)
{
    assert_int_equal(len, sizeof modulus);
    assert_memory_equal(octets, modulus, len);
    ++*(size_t *)user;
    return NULL;
}

static void
keys_devices_and_moduli_are_remembered(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    AUTO(ledger) ledger = open_ledger(&box);
    struct batch_ledger_past memory = {ledger, H1};
    struct batch_past past = batch_past_of_ledger(&memory);
    enum batch_known known = BATCH_KNOWN_NOT;
    unsigned char spki[32];
    unsigned char request[32];
    size_t moduli = 0;
    memset(spki, 7, sizeof spki);
    memset(request, 8, sizeof request);
    check_ok(past.key(past.self, spki, request, &known));
    assert_int_equal(known, BATCH_KNOWN_SAME);
    check_ok(past.device(past.self, "SN1", request, &known));
    assert_int_equal(known, BATCH_KNOWN_SAME);
    request[0] = 0;
    check_ok(past.key(past.self, spki, request, &known));
    assert_int_equal(known, BATCH_KNOWN_OTHER);
    check_ok(past.device(past.self, "SN1", request, &known));
    assert_int_equal(known, BATCH_KNOWN_OTHER);
    check_ok(past.device(past.self, "SN2", request, &known));
    assert_int_equal(known, BATCH_KNOWN_NOT);
    spki[0] = 0;
    check_ok(past.key(past.self, spki, request, &known));
    assert_int_equal(known, BATCH_KNOWN_NOT);
    check_ok(past.each_modulus(past.self, count_modulus, &moduli));
    assert_int_equal(moduli, 1);
    sandbox_close(&box);
}

/* A key is known whoever certified it; the same request of another issuer is another one. */
static void
another_issuer_knows_the_key_and_not_the_device(void **state)
{
    (void)state;
    struct sandbox box;
    sandbox_open(&box);
    AUTO(ledger) ledger = open_ledger(&box);
    struct batch_ledger_past memory = {ledger, H2};
    struct batch_past past = batch_past_of_ledger(&memory);
    enum batch_known known = BATCH_KNOWN_NOT;
    unsigned char spki[32];
    unsigned char request[32];
    memset(spki, 7, sizeof spki);
    memset(request, 8, sizeof request);
    check_ok(past.key(past.self, spki, request, &known));
    assert_int_equal(known, BATCH_KNOWN_OTHER);
    check_ok(past.device(past.self, "SN1", request, &known));
    assert_int_equal(known, BATCH_KNOWN_NOT);
    sandbox_close(&box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_devices_and_moduli_are_remembered),
        cmocka_unit_test(another_issuer_knows_the_key_and_not_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
