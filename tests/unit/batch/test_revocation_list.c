/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of revocations: both formats, each kind of bad line with its code and place, and a list that
 * is entered as a whole (R56, R58). */
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/batch/revocation_list.h"
#include "tests/unit/pki/fixture.h"

#define ISSUER "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEADER "serial,date,reason,reference,invalidity\n"
#define DATE   "2026-11-23T00:00:05Z"

static char folder[] = "/tmp/revocations-XXXXXX";

static int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[100];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static const char *
in_folder(const char *name)
{
    static char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static struct revocation_rules rules = {
    .issuer_spki_sha256 = ISSUER, .trust = PKI_TRUST_PUBLIC, .now = NOW, .needs_reason = true};

static struct error *
open_text(const char *text, struct revocation_list **ret_list)
{
    return revocation_list_open(text, strlen(text), "list", &rules, ret_list);
}

static const struct {
    const char *text;
    enum revocation_code code;
    size_t line;
    size_t column;
} bad[] = {
    {HEADER "0a,2026-11-23,superseded,R1\n",                                                           REVOCATION_LINE_FORM,   2, 28},
    {HEADER "0a,2026-11-23,superseded,R1,,x\n",                                                        REVOCATION_LINE_FORM,   2, 29},
    {HEADER "\"0a,2026-11-23\n",                                                                       REVOCATION_LINE_FORM,   2, 16},
    {HEADER "0g,2026-11-23,superseded,R1,\n",                                                          REVOCATION_SERIAL,      2, 1 },
    {HEADER "00,2026-11-23,superseded,R1,\n",                                                          REVOCATION_SERIAL,      2, 1 },
    {HEADER "\n\n0a,23.11.2026,superseded,R1,\n",                                                      REVOCATION_DATE,        4, 4 },
    {HEADER "0a,2026-11-24,superseded,R1,\n",                                                          REVOCATION_DATE_LATER,  2, 4 },
    {HEADER "0a,2026-11-22,superseded,R1,\n",                                                          REVOCATION_BACKDATED,   2, 4 },
    {HEADER "0a,1949-12-31,superseded,R1,1949-01-01\n",                                                REVOCATION_DATE_EARLY,  2, 4 },
    {HEADER "0a,2026-11-23,superseded,R1,1949-12-31\n",                                                REVOCATION_DATE_EARLY,  2, 29},
    {"{\"serial\":\"0a\",\"date\":\"2026-11-22\",\"invalidity\":\"2026-11-22\",\"reference\":\"\"}\n",
     REVOCATION_BACKDATED,                                                                                                     1, 17},
    {HEADER "0a,2026-11-23,lost,R1,\n",                                                                REVOCATION_REASON,      2, 15},
    {HEADER "0a,2026-11-23,,R1,\n",                                                                    REVOCATION_REASON_NONE, 2, 1 },
    {HEADER "0a,2026-11-23,certificateHold,R1,\n",                                                     REVOCATION_HOLD,        2, 15},
    {HEADER "0a,2026-11-23,superseded,R1,2026-11-24\n",                                                REVOCATION_INVALIDITY,  2, 29},
    {HEADER "0a,2026-11-23,superseded,,\n",                                                            REVOCATION_REFERENCE,   2, 1 },
    {HEADER "0a,2026-11-23,superseded,R\x1b[1m,\n",                                                    REVOCATION_REFERENCE,   2, 26},
    {HEADER ",2026-11-23,superseded,R1,\n",                                                            REVOCATION_WHICH,       2, 1 },
    {"{\"serial\":\"0a\",\"when\":\"2026-11-23\"}\n",                                                  REVOCATION_FIELD,       1, 17},
    {"{\"serial\":10}\n",                                                                              REVOCATION_LINE_FORM,   1, 3 },
    {"{\"serial\":\"0a\",\"serial\":\"0b\"}\n",                                                        REVOCATION_LINE_FORM,   1, 23},
    {"{\"certificate\":\"AAAA\",\"date\":\"2026-11-23\"}\n",                                           REVOCATION_CERTIFICATE, 1, 3 },
};

static void
test_bad_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO(revocation_list) list = NULL;
        struct revocation_line line;
        bool end = false;
        check_ok(open_text(bad[i].text, &list));
        check_ok(revocation_list_next(list, &line, &end));
        assert_false(end);
        if (line.code != bad[i].code || line.line != bad[i].line
            || line.column != bad[i].column)
            fail_msg("case %zu: %s at %zu:%zu", i,
                     line.code == REVOCATION_CODES ? "none" : revocation_code_text(line.code),
                     (size_t)line.line, line.column);
    }
}

static void
test_long_line(void **state)
{
    (void)state;
    AUTO_BYTES text = {0};
    AUTO(revocation_list) list = NULL;
    struct revocation_line line;
    bool end = false;
    check_ok(bytes_append_text(&text, HEADER "0a,"));
    for (int i = 0; i < 20000; i++)
        check_ok(bytes_append_char(&text, '2'));
    check_ok(bytes_append_text(&text, "\n0a," DATE ",superseded,R1,\n"));
    check_ok(open_text(bytes_text(&text), &list));
    check_ok(revocation_list_next(list, &line, &end));
    assert_int_equal(line.code, REVOCATION_LINE_LONG);
    check_ok(revocation_list_next(list, &line, &end));
    assert_int_equal(line.code, REVOCATION_CODES);
    assert_int_equal(line.line, 3);
}

static void
test_bad_heads(void **state)
{
    static const char *const heads[] = {"serial,date,colour\n", "serial,serial\n", "0a,0b\n",
                                        "\"serial\n"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        AUTO(revocation_list) list = NULL;
        check_error_says(open_text(heads[i], &list), ERROR_INPUT, "columns");
    }
    AUTO(revocation_list) empty = NULL;
    struct revocation_line line;
    bool end = false;
    check_ok(open_text("", &empty));
    check_ok(revocation_list_next(empty, &line, &end));
    assert_true(end);
}

/* A certificate in the place of its serial number; only of this issuer. */
static void
test_certificates(void **state)
{
    static char other_name[] = "Another Root";
    (void)state;
    struct fixture f;
    struct fixture g;
    fixture_open(&f, "ec-p256");
    fixture_open(&g, "ec-p256");
    AUTO_DRAFT draft = {0};
    struct pki_certificate_order order = fixture_order(&g);
    AUTO_BYTES other = {0};
    g.parts[2].value = other_name;
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, g.key, NULL, g.spki.data, g.spki.len, &other));
    rules.issuer = f.certificate.data;
    rules.issuer_len = f.certificate.len;
    const struct bytes *certificates[2] = {&f.certificate, &other};
    for (int i = 0; i < 2; i++) {
        AUTO_FREE char *base64 = NULL;
        AUTO_BYTES text = {0};
        AUTO(revocation_list) list = NULL;
        struct revocation_line line;
        bool end = false;
        check_ok(base64_encode_new(certificates[i]->data, certificates[i]->len, &base64));
        check_ok(bytes_format(&text,
                              "{\"certificate\":\"%s\",\"date\":\"" DATE
                              "\",\"reason\":\"keyCompromise\",\"reference\":\"R 7\"}\n",
                              base64));
        check_ok(open_text(bytes_text(&text), &list));
        check_ok(revocation_list_next(list, &line, &end));
        assert_int_equal(line.code, i == 0 ? REVOCATION_CODES : REVOCATION_ISSUER);
        if (i == 0) {
            assert_int_equal(line.row.serial_len, f.serial_len);
            assert_memory_equal(line.row.serial, f.serial, f.serial_len);
            assert_int_equal(line.row.reason, 1);
            assert_string_equal(line.row.reference, "R 7");
        }
    }
    fixture_close(&f);
    fixture_close(&g);
}

static void
issue(struct ledger *ledger, const char *serial)
{
    struct ledger_certificate certificate = {.issuer_spki_sha256 = ISSUER,
                                             .serial_hex = serial,
                                             .subject = "CN=x",
                                             .subject_spki_sha256 = HASH,
                                             .tbs_sha256 = HASH,
                                             .not_before = 1,
                                             .not_after = NOW * 2,
                                             .profile = "p"};
    check_ok(ledger_reserve_certificate(ledger, "one", &certificate));
}

static void
test_whole_list(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    struct revocation_summary *summary = calloc(1, sizeof *summary);
    assert_non_null(summary);
    check_ok(ledger_open(in_folder("ledger.db"), true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "one", "rehearsal", HASH));
    issue(ledger, "0a");
    issue(ledger, "0b");
    issue(ledger, "0c");
    {
        AUTO(revocation_list) list = NULL;
        check_ok(open_text(HEADER "0a," DATE ",superseded,R1,\n"
                                  "0d," DATE ",superseded,R1,\n"
                                  "000a," DATE ",superseded,R1,\n"
                                  "0b," DATE ",removeFromCRL,R1,\n",
                           &list));
        check_ok(revocation_list_check(list, ledger, summary));
        assert_int_equal(summary->lines, 4);
        assert_int_equal(summary->fault_count, 3);
        assert_int_equal(summary->faults[0].code, REVOCATION_NOT_ISSUED);
        assert_int_equal(summary->faults[1].code, REVOCATION_NOT_HELD);
        assert_int_equal(summary->faults[2].code, REVOCATION_TWICE);
        assert_int_equal(summary->faults[2].line, 4);
    }
    {
        AUTO(revocation_list) list = NULL;
        uint64_t count = 0;
        check_ok(open_text("{\"serial\":\"0A\",\"date\":\"" DATE
                           "\",\"reason\":\"superseded\",\"reference\":\"R1\"}\r\n\n"
                           "{\"serial\":\"0b\",\"date\":\"" DATE
                           "\",\"reason\":\"keyCompromise\",\"reference\":\"R2\","
                           "\"invalidity\":\"2026-11-01\"}",
                           &list));
        check_ok(revocation_list_check(list, ledger, summary));
        assert_int_equal(summary->fault_count, 0);
        check_ok(revocation_list_enter(list, ledger, "one", false, &count));
        assert_int_equal(count, 2);
        check_ok(revocation_list_enter(list, ledger, "one", true, &count)); /* nothing is new */
        check_ok(revocation_list_rewind(list));
        check_ok(revocation_list_check(list, ledger, summary));
        assert_int_equal(summary->fault_count, 2);
        assert_int_equal(summary->faults[0].code, REVOCATION_REVOKED);
    }
    rules.allows_unknown = true;
    {
        AUTO(revocation_list) list = NULL;
        check_ok(open_text(HEADER "0d," DATE ",superseded,R1,\n", &list));
        check_ok(revocation_list_check(list, ledger, summary));
        assert_int_equal(summary->fault_count, 0);
    }
    free(summary);
}

/* docs/formats/revocations.md has every code, and no two are the same. */
static void
test_document(void **state)
{
    (void)state;
    AUTO_BYTES doc = {0};
    check_ok(file_read(TEST_SOURCE_DIR "/docs/formats/revocations.md", 1 << 20, &doc));
    for (int code = 0; code < REVOCATION_CODES; code++) {
        AUTO_BYTES row = {0};
        check_ok(bytes_format(&row, "| `%s` | %s |\n", revocation_code_text(code),
                              revocation_code_sentence(code)));
        assert_non_null(strstr(bytes_text(&doc), bytes_text(&row)));
        for (int other = 0; other < code; other++)
            assert_string_not_equal(revocation_code_text(code), revocation_code_text(other));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_lines),  cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_bad_heads),  cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_whole_list), cmocka_unit_test(test_document),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
