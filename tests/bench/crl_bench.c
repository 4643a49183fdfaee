/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL of so many entries, from the ledger to its name: number, checks, both passes, signature,
 * reading back, lints. Beside it a bare sorted SELECT of the same rows. One JSON line with times in
 * milliseconds and peak memory (docs/PERFORMANCE.md).
 *
 *   crl_bench make FOLDER COUNT     a ledger with so many revocations, issuer and key
 *   crl_bench select FOLDER        the bare SELECT
 *   crl_bench sign FOLDER OUTPUT   the CRL
 */
#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>

#include <openssl/pem.h>
#include <sqlite3.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/crl_source.h"
#include "ceremony/ledger/blocks.h"
#include "tests/unit/pki/revocation_list.h"

static double
milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Of this process, user and system. */
static double
cpu_milliseconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
           + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static long
peak_kib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static char *
in_folder(const char *folder, const char *name)
{
    char *path = NULL;
    check_ok(path_join(folder, name, &path));
    return path;
}

/* --- make --- */

static bool reasons = true; /* four of five entries have one */

static struct error *
bench_row(void *user, size_t index, struct ledger_revocation *ret_row)
{
    const struct revocation_list *list = user;
    struct pki_revocation made;
    revocation_make(list, list->at + index, &made);
    *ret_row =
        (struct ledger_revocation){.serial_len = made.serial_len,
                                   .reason = made.reason < 0 || !reasons ? 0 : made.reason,
                                   .time = made.date,
                                   .invalidity = LEDGER_NO_TIME,
                                   .reference = "mass revocation 7"};
    memcpy(ret_row->serial, made.serial, made.serial_len);
    return NULL;
}

static void
spki_hash(const struct bytes *spki, char ret_text[65])
{
    unsigned char hash[32];
    unsigned len = 0;
    assert_int_equal(EVP_Digest(spki->data, spki->len, hash, &len, EVP_sha256(), NULL), 1);
    hex_encode(hash, sizeof hash, ret_text);
}

static void
make_ledger(const char *folder, uint64_t count)
{
    struct fixture f;
    char issuer[65];
    AUTO(ledger) ledger = NULL;
    AUTO_FREE char *database = in_folder(folder, "ledger.db");
    AUTO_FREE char *certificate = in_folder(folder, "issuer.der");
    AUTO_FREE char *key = in_folder(folder, "issuer.key");
    fixture_open(&f, "ec-p256");
    spki_hash(&f.spki, issuer);
    struct revocation_list list = {.count = count, .date = f.now};
    check_ok(ledger_open(database, true, &ledger));
    check_ok(ledger_ceremony_open(ledger, "bench", "rehearsal", issuer));
    while (list.at < count) {
        size_t part =
            count - list.at < LEDGER_BLOCK_MAX ? (size_t)(count - list.at) : LEDGER_BLOCK_MAX;
        struct ledger_revocation_source rows = {bench_row, &list, part};
        uint64_t seq = 0;
        check_ok(ledger_revoke_block(ledger, "bench", issuer, &rows, &seq));
        list.at += part;
    }
    check_ok(file_write_new(certificate, f.certificate.data, f.certificate.len));
    FILE *file = fopen(key, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, f.key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
    fixture_close(&f);
}

/* --- select --- */

static void
select_rows(const char *folder)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *rows = NULL;
    uint64_t count = 0;
    uint64_t octets = 0;
    AUTO_FREE char *path = in_folder(folder, "ledger.db");
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    double start = milliseconds();
    double cpu = cpu_milliseconds();
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT serial, reason, time, invalidity FROM"
                           " revocations WHERE issuer = 1 ORDER BY length(serial), serial",
                           -1, &rows, NULL),
        SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        octets += (uint64_t)sqlite3_column_bytes(rows, 0);
        octets += (uint64_t)sqlite3_column_int(rows, 1);
        octets += (uint64_t)sqlite3_column_int64(rows, 2);
        octets += (uint64_t)sqlite3_column_int64(rows, 3);
        count++;
    }
    printf("{\"what\":\"select\",\"rows\":%" PRIu64
           ",\"ms\":%.1f,\"cpu\":%.1f,\"kib\":%ld,\"sum\":%" PRIu64 "}\n",
           count, milliseconds() - start, cpu_milliseconds() - cpu, peak_kib(), octets);
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
}

/* --- sign --- */

struct times {
    double write;
    double sign;
    double check;
    double publish;
    double cpu;
};

static void
make_crl(struct ledger *ledger, const struct bytes *certificate, EVP_PKEY *key,
         const char *output, struct times *times, uint64_t *ret_entries)
{
    char hash[65];
    char sha256[65];
    AUTO_BYTES spki = {0};
    AUTO(crl_source) source = NULL;
    AUTO(pki_crl_stream) stream = NULL;
    AUTO_LINT_REPORT report = {0};
    AUTO_DRAFT sample = {0};
    struct pki_profile profile = {
        .id = text_crl_id, .digest = text_none, .kind = PKI_PROFILE_CRL};
    struct clock_reading now;
    clock_read(&now);
    profile.crl.next_update_days = 7;
    struct pki_crl_order order = {.profile = &profile,
                                  .issuer_certificate = certificate->data,
                                  .issuer_certificate_len = certificate->len,
                                  .this_update = now.wall_ms / 1000};
    struct pki_lint_context context = {.issuer = certificate->data,
                                       .issuer_len = certificate->len,
                                       .profile = &profile,
                                       .now = now.wall_ms / 1000};
    struct pki_stream_signer signer = {.sign = sign_in_parts, .self = key};
    check_ok(pki_spki_of(key, &spki));
    spki_hash(&spki, hash);
    double start = milliseconds();
    double cpu = cpu_milliseconds();
    check_ok(ledger_crl_highest(ledger, hash, &order.number));
    order.number++;
    check_ok(crl_source_open(ledger, hash, &profile, 0, 0, &source));
    struct pki_revocations revocations = crl_source_revocations(source);
    check_ok(pki_crl_sample(&order, &revocations, 100, &sample));
    check_ok(pki_crl_stream_write(&order, &revocations, output, &stream));
    times->write = milliseconds() - start;
    check_ok(pki_crl_stream_sign(stream, &signer));
    times->sign = milliseconds() - start - times->write;
    check_ok(pki_crl_stream_check(stream, &context, &report, sha256));
    times->check = milliseconds() - start - times->write - times->sign;
    check_ok(pki_crl_stream_publish(stream, true));
    times->publish = milliseconds() - start - times->write - times->sign - times->check;
    times->cpu = cpu_milliseconds() - cpu;
    *ret_entries = pki_crl_stream_facts(stream)->entries;
}

static void
sign_crl(const char *folder, const char *output)
{
    AUTO(ledger) ledger = NULL;
    AUTO_BYTES certificate = {0};
    AUTO_FREE char *database = in_folder(folder, "ledger.db");
    AUTO_FREE char *issuer = in_folder(folder, "issuer.der");
    AUTO_FREE char *key_path = in_folder(folder, "issuer.key");
    struct times t = {0};
    uint64_t entries = 0;
    check_ok(ledger_open_read(database, &ledger));
    check_ok(file_read(issuer, 1 << 16, &certificate));
    FILE *file = fopen(key_path, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    (void)fclose(file);
    long before = peak_kib();
    make_crl(ledger, &certificate, key, output, &t, &entries);
    printf(
        "{\"what\":\"sign\",\"rows\":%" PRIu64
        ",\"ms\":%.1f,\"cpu\":%.1f,\"write\":%.1f,\"sign\":%.1f,\"check\":%.1f,\"publish\":%.1f,"
        "\"kib\":%ld,\"kib_before\":%ld}\n",
        entries, t.write + t.sign + t.check + t.publish, t.cpu, t.write, t.sign, t.check,
        t.publish, peak_kib(), before);
    EVP_PKEY_free(key);
}

int
main(int argc, char **argv)
{
    reasons = argc != 5;
    if ((argc == 4 || (argc == 5 && strcmp(argv[4], "no-reasons") == 0))
        && strcmp(argv[1], "make") == 0)
        make_ledger(argv[2], strtoull(argv[3], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "select") == 0)
        select_rows(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "sign") == 0)
        sign_crl(argv[2], argv[3]);
    else
        return 2;
    return 0;
}
