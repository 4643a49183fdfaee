/* SPDX-License-Identifier: Apache-2.0
 *
 * Which revocations a CRL of a part must list, by the name of its scope (R52, R54). */
#include <string.h>

#include <jansson.h>

#include "ceremony/audit/revoked_scope.h"
#include "ceremony/rules/crl_partition.h"
#include "tests/support/check.h"

#define ISSUER "aa"

static void
test_names(void **state)
{
    (void)state;

    static const struct {
        const char *name;
        bool known;
        struct revoked_scope scope;
    } rows[] = {
        {"full",                                           true,  {0}                              },
        {"ca-certificates",                                true,  {.only_ca_certs = true}          },
        {"user-certificates",                              true,  {.only_user_certs = true}        },
        {"full-partition-3-of-4",                          true,  {.partition = 3, .partitions = 4}},
        {"full-reasons-12",                                true,  {.reasons = 0x12}                },
        {"user-certificates-partition-1-of-256-reasons-2", true,  {false, true, 1, 256, 2}         },
        {"indirect",                                       false, {0}                              },
        {"full-delta",                                     false, {0}                              },
        {"full-partition-1-of-4-delta",                    false, {0}                              },
        {"full-partition-x-of-4",                          false, {0}                              },
        {"full-partition-1-of-",                           false, {0}                              },
        {"full-reasons-",                                  false, {0}                              },
        {"fuller",                                         false, {0}                              },
        {"",                                               false, {0}                              },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct revoked_scope scope;
        bool known = revoked_scope_read(rows[i].name, &scope);
        if (known != rows[i].known)
            fail_msg("%s", rows[i].name);
        if (!known)
            continue;
        assert_int_equal(scope.only_ca_certs, rows[i].scope.only_ca_certs);
        assert_int_equal(scope.only_user_certs, rows[i].scope.only_user_certs);
        assert_int_equal(scope.partition, rows[i].scope.partition);
        assert_int_equal(scope.partitions, rows[i].scope.partitions);
        assert_int_equal(scope.reasons, rows[i].scope.reasons);
    }
}

/* Serial numbers 1 to 8: 1 and 2 are of CAs, 2 of another issuer's; the reason of each is its number but for 7, which
 * there is none of; 8 releases. */
static void
keep(const char *name, const char *expected)
{
    struct revoked_scope scope;
    struct revoked_rows rows = {0};
    size_t released = 0;
    char found[32] = "";
    size_t len = 0;
    json_t *objects = json_array();
    struct ledger_line lines[2] = {0};
    for (int i = 0; i < 2; i++) {
        json_t *entry =
            json_pack("{s:s,s:{s:s,s:s,s:b}}", "kind",
                      i == 0 ? "certificate-reserve" : "certificate-import", "data", "serial",
                      i == 0 ? "01" : "02", "issuer", i == 0 ? ISSUER : "bb", "is_ca", 1);
        lines[i].object = entry;
        assert_int_equal(json_array_append_new(objects, entry), 0);
    }
    const struct ledger_lines ledger = {.rows = lines, .count = 2, .objects = objects};
    for (unsigned char serial = 1; serial <= 8; serial++) {
        struct pki_revocation row = {
            .serial = {serial}, .serial_len = 1, .reason = serial == 7 ? 0 : serial};
        check_ok(revoked_rows_add(&rows, &row));
    }
    assert_true(revoked_scope_read(name, &scope));
    revoked_scope_keep(&scope, &ledger, ISSUER, &rows, &released);
    bool releases = false;
    for (size_t i = 0; i < rows.count; i++) {
        found[len++] = (char)('0' + rows.items[i].is.serial[0]);
        releases = releases || rows.items[i].is.serial[0] == 8;
    }
    found[len] = '\0';
    assert_string_equal(found, expected);
    assert_int_equal(released, releases);
    revoked_rows_clear(&rows);
    json_decref(objects);
}

static void
test_rows(void **state)
{
    (void)state;
    char first[16] = "";
    size_t len = 0;
    keep("full", "12345678");
    keep("ca-certificates", "1");
    keep("user-certificates", "2345678");
    keep("full-reasons-2", "18");             /* keyCompromise, and releases */
    keep("full-reasons-12", "148");           /* and superseded */
    keep("user-certificates-reasons-2", "8"); /* 1 is a CA's */
    for (unsigned char serial = 1; serial <= 8; serial++)
        if (crl_partition_of(&serial, 1, 2) == 1)
            first[len++] = (char)('0' + serial);
    assert_true(len > 0 && len < 8);
    keep("full-partition-1-of-2", first);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
