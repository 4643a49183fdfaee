/* SPDX-License-Identifier: Apache-2.0
 *
 * The signing line with a software key: everything once, nothing twice, whatever fails where, however
 * many workers there are (R32, R47, R69, R70, R71). */
#include <jansson.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/line_private.h"
#include "ceremony/pki/build.h"
#include "tests/support/batch/batch.h"
#include "tests/support/check.h"
#include "tests/unit/batch/line_fixture.h"
#include "transcripts/digest.h"

struct seen {
    size_t lines;
    size_t issued;
    size_t resigned;
    char serials[100][41];
};

static json_t *
text_at(const json_t *line, const char *key)
{
    json_t *text = json_object_get(line, key);
    assert_true(json_is_string(text));
    return text;
}

static void
check_line(const char *text, size_t len, struct seen *seen)
{
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    char *canonical = json_dumps(line, JSON_SORT_KEYS | JSON_COMPACT);
    assert_int_equal(strlen(canonical), len);
    assert_memory_equal(canonical, text, len);
    free(canonical);
    assert_int_equal(json_object_size(line), 16);
    assert_int_equal(json_integer_value(json_object_get(line, "index")), seen->lines);
    if (strcmp(json_string_value(text_at(line, "verdict")), "issued") == 0) {
        const char *serial = json_string_value(text_at(line, "serial"));
        for (size_t i = 0; i < seen->issued; i++)
            assert_string_not_equal(serial, seen->serials[i]);
        (void)snprintf(seen->serials[seen->issued++], 41, "%s", serial);
        assert_int_equal(strlen(json_string_value(text_at(line, "certificate_sha256"))), 64);
        assert_null(strstr(text, "\"certificate_sha256\":\"00000000"));
    }
    if (json_is_true(json_object_get(line, "resigned")))
        seen->resigned++;
    seen->lines++;
    json_decref(line);
}

static void
read_results(struct table *t, struct seen *seen)
{
    AUTO_BYTES file = {0};
    memset(seen, 0, sizeof *seen);
    check_ok(file_read(t->paths[2], (size_t)1 << 24, &file));
    const char *at = bytes_text(&file);
    for (const char *end = strchr(at, '\n'); end != NULL; end = strchr(at, '\n')) {
        check_line(at, (size_t)(end - at), seen);
        at = end + 1;
    }
    assert_int_equal(*at, '\0');
}

/* Every certificate of the PEM files verifies, in number as many as were issued; each is the one that
 * results and ledger name. */
static void
check_certificates(struct table *t, size_t want)
{
    AUTO_FOLDER_LIST list = {0};
    AUTO_BYTES results = {0};
    size_t found = 0;
    check_ok(file_read(t->paths[2], (size_t)1 << 24, &results));
    check_ok(folder_list(t->paths[1], true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_BYTES pem = {0};
        AUTO_FREE char *path = NULL;
        check_ok(path_join(t->paths[1], list.names[i], &path));
        check_ok(file_read(path, (size_t)1 << 24, &pem));
        assert_true(text_ends_with(path, ".pem")); /* no half file under any name */
        const char *at = bytes_text(&pem);
        for (at = strstr(at, "-----BEGIN"); at != NULL; at = strstr(at + 5, "-----BEGIN")) {
            AUTO_BYTES der = {0};
            char label[32];
            unsigned char hash[32];
            char text[65];
            const char *end = strstr(strstr(at, "-----END"), "-----\n") + 6;
            check_ok(pki_from_file(at, (size_t)(end - at), &der, label));
            check_ok(pki_certificate_verify(der.data, der.len, t->issuer.certificate.data,
                                            t->issuer.certificate.len));
            assert_int_equal(EVP_Digest(der.data, der.len, hash, NULL, EVP_sha256(), NULL), 1);
            hex_encode(hash, 32, text);
            assert_non_null(strstr(bytes_text(&results), text));
            found++;
        }
    }
    assert_int_equal(found, want);
}

static struct error *
block_is_issued(void *user, const struct ledger_block_info *info)
{
    size_t *rows = user;
    assert_true(info->issued);
    *rows += info->count;
    return NULL;
}

static void
check_ledger(struct table *t, size_t want)
{
    size_t rows = 0;
    reopen(t);
    check_ok(ledger_each_block(t->ledger, "c-1/devices", block_is_issued, &rows));
    assert_int_equal(rows, want);
}

static void
test_a_batch(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    struct seen seen;
    bool paused = true;
    check_ok(run(t, &totals, &paused));
    assert_false(paused);
    assert_int_equal(totals.items, 100);
    assert_int_equal(totals.issued, 90);
    assert_int_equal(totals.refused, 10);
    assert_int_equal(totals.resigned, 0);
    assert_int_equal(t->issuer.signed_count, 90);
    read_results(t, &seen);
    assert_int_equal(seen.lines, 100);
    assert_int_equal(seen.issued, 90);
    check_certificates(t, 90);
    check_ledger(t, 90);
    /* Again: nothing is signed, and nothing changes. */
    struct batch_totals again;
    check_ok(run(t, &again, &paused));
    assert_memory_equal(&again, &totals, sizeof totals);
    assert_int_equal(t->issuer.signed_count, 90);
}

/* Another batch over the same medium signs nothing new, and says what each got before. */
static void
test_a_second_batch(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    bool paused = false;
    char results[320];
    check_ok(run(t, &totals, &paused));
    t->line.batch = "c-1/again";
    (void)snprintf(results, sizeof results, "%s.2", t->paths[2]);
    t->line.results = results;
    check_ok(run(t, &totals, &paused));
    assert_int_equal(totals.before, 90);
    assert_int_equal(totals.refused, 10);
    assert_int_equal(totals.issued, 0);
    assert_int_equal(t->issuer.signed_count, 90);
    AUTO_BYTES file = {0};
    check_ok(file_read(results, (size_t)1 << 24, &file));
    assert_non_null(strstr(bytes_text(&file), "\"verdict\":\"issued-before\""));
    /* The devices with other keys are refused, too, unless it is declared. */
    t->feed.seed = 1;
    t->line.batch = "c-1/other-keys";
    t->line.results = results;
    check_ok(file_remove(results));
    check_ok(run(t, &totals, &paused));
    assert_int_equal(totals.refused, 100);
    t->line.reissue = true;
    check_ok(file_remove(results));
    check_ok(run(t, &totals, &paused));
    assert_int_equal(totals.issued, 90);
}

/* The token fails, or lies, at each signature in turn: nothing half is left, and the next run ends it. */
static void
test_failures(void **state)
{
    struct table *t = *state;
    struct seen seen;
    t->feed.count = 40;
    for (int at = 1; at <= 36; at += 5) {
        struct batch_totals totals;
        bool paused = false;
        char command[700];
        (void)snprintf(command, sizeof command, "rm -rf '%s' '%s'/* '%s'/*", t->paths[2],
                       t->paths[1], t->paths[3]);
        assert_int_equal(system(command), 0);
        ledger_close(t->ledger);
        check_ok(file_remove(t->paths[0]));
        check_ok(ledger_open(t->paths[0], true, &t->ledger));
        t->issuer.signed_count = 0;
        t->issuer.fail_at = at % 2 == 0 ? at : 0;
        t->issuer.lie_at = at % 2 == 0 ? 0 : at;
        check_error(run(t, &totals, &paused), at % 2 == 0 ? ERROR_TOKEN : ERROR_VERIFICATION);
        reopen(t);
        t->issuer.fail_at = t->issuer.lie_at = 0;
        check_ok(run(t, &totals, &paused));
        assert_int_equal(totals.issued, 36);
        assert_true(totals.resigned > 0);
        read_results(t, &seen);
        assert_int_equal(seen.issued, 36);
        assert_int_equal(seen.resigned, totals.resigned);
        check_certificates(t, 36);
        check_ledger(t, 36);
    }
}

/* What is signed again is what was announced, or nothing is. */
static void
test_a_changed_journal(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    bool paused = false;
    char path[400];
    AUTO_BYTES journal = {0};
    t->issuer.fail_at = 20;
    check_error(run(t, &totals, &paused), ERROR_TOKEN);
    t->issuer.fail_at = 0;
    (void)snprintf(path, sizeof path, "%s/block-000002", t->paths[3]);
    check_ok(file_read(path, (size_t)1 << 24, &journal));
    journal.data[journal.len / 2] ^= 1;
    check_ok(file_replace(path, journal.data, journal.len));
    check_error_says(run(t, &totals, &paused), ERROR_VERIFICATION, "not whole");
    journal.data[journal.len / 2] ^= 1;
    check_ok(file_replace(path, journal.data, journal.len));
    for (int what = 0; what < 5; what++) { /* by somebody who makes its own hash anew */
        AUTO(batch_block) block = NULL;
        check_ok(batch_block_load(t->paths[3], 2, &block));
        struct batch_entry *entry = &block->entries[block->to_sign[3]];
        const int signed_before = t->issuer.signed_count;
        if (what == 0 || what == 1)
            entry->der.data[entry->der.len / 2] ^= 1;
        if (what == 1)
            check_ok(digest_sha256(entry->der.data, entry->der.len, entry->tbs));
        entry->spki[0] ^= what == 2 ? 1 : 0;
        entry->request[0] ^= what == 3 ? 1 : 0;
        entry->device[0] ^= what == 4 ? 1 : 0;
        check_ok(batch_block_save(block, t->paths[3]));
        reopen(t);
        check_error_says(run(t, &totals, &paused), ERROR_VERIFICATION,
                         "does not hold what the ledger reserved");
        assert_int_equal(t->issuer.signed_count, signed_before);
        check_ok(file_replace(path, journal.data, journal.len));
    }
    check_ok(file_remove(path));
    check_error(run(t, &totals, &paused), ERROR_NOT_FOUND);
}

/* What an aborted ceremony had announced may have been signed, and even written, before: nothing is made anew for it unless
 * the re-issue is declared, and then under other serial numbers. */
static void
test_after_an_abort(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    size_t rows = 0;
    bool paused = false;
    t->issuer.fail_at = 20;
    check_error(run(t, &totals, &paused), ERROR_TOKEN);
    t->issuer.fail_at = 0;
    check_ok(ledger_ceremony_close(t->ledger, "c-1", H1, "closed"));
    for (int again = 2; again < 4; again++) {
        char ceremony[8];
        char batch[24];
        (void)snprintf(ceremony, sizeof ceremony, "c-%d", again);
        (void)snprintf(batch, sizeof batch, "c-%d/devices", again);
        check_ok(ledger_ceremony_open(t->ledger, ceremony, "rehearsal", H1));
        for (size_t i = 1; i < 4; i++) { /* its evidence and journal are its own */
            (void)strcat(t->paths[i], "x");
            if (i != 2)
                check_ok(folder_make(t->paths[i], false));
        }
        t->line.output.folder = t->paths[1];
        t->line.results = t->paths[2];
        t->line.journal = t->paths[3];
        t->line.ceremony = ceremony;
        t->line.batch = batch;
        t->line.reissue = again == 3;
        rows = 0;
        check_ok(run(t, &totals, &paused));
        assert_int_equal(totals.items, 100);
        check_ok(ledger_each_block(t->ledger, batch, block_is_issued, &rows));
        assert_int_equal(rows, totals.issued);
        if (again == 2) { /* 10 by the feed; the others have no certificate, and get none */
            assert_true(totals.refused > 10 && totals.issued > 0 && totals.issued < 90);
            assert_true(totals.refused + totals.issued < 100); /* some had theirs of before */
        } else {
            assert_int_equal(totals.refused, 10);
        }
        check_ok(ledger_ceremony_close(t->ledger, ceremony, H1, "closed"));
    }
}

static struct error *
pause_at(void *user, const struct batch_progress *progress)
{
    struct table *t = user;
    t->reports++;
    if (progress->issued >= t->pause_after)
        t->pause = 1;
    return NULL;
}

static void
test_pause(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    struct seen seen;
    bool paused = false;
    t->line.progress = pause_at;
    t->line.user = t;
    t->pause_after = 30;
    check_ok(run(t, &totals, &paused));
    assert_true(paused);
    assert_true(totals.issued >= 30 && totals.issued < 90);
    assert_true(t->reports > 0);
    check_ledger(t, totals.issued); /* no block is open */
    t->pause = 0;
    t->pause_after = 1000;
    check_ok(run(t, &totals, &paused));
    assert_false(paused);
    assert_int_equal(totals.issued, 90);
    assert_int_equal(totals.resigned, 0);
    read_results(t, &seen);
    assert_int_equal(seen.lines, 100);
    check_certificates(t, 90);
}

/* A feed that gives the same key, and the same device, twice. */
struct twice {
    struct batch_feed feed;
    bool key;
    unsigned seed;
};

static struct error *
next_twice(void *self, struct batch_item **ret_item)
{
    struct twice *twice = self;
    struct batch_test_feed first = {.count = 1, .seed = twice->seed};
    struct batch_feed again = batch_test_feed(&first);
    AUTO(batch_item) item = NULL;
    TRY(twice->feed.next(twice->feed.self, &item));
    if (item != NULL && item->index == 7 && twice->key) {
        AUTO(batch_item) zero = NULL;
        TRY(again.next(again.self, &zero));
        TRY(bytes_copy(&item->request, zero->request.data, zero->request.len));
        item->spki = der_view(item->request.data, item->request.len);
    }
    if (item != NULL && item->index == 8 && !twice->key)
        memcpy(item->fields[0].value, "SN-0000000", 10);
    *ret_item = TAKE(item);
    return NULL;
}

static void
check_twice(struct table *t, size_t block, bool key, const char *code)
{
    static unsigned number;
    struct batch_test_feed feed = {.count = 10, .seed = ++number};
    struct twice twice = {batch_test_feed(&feed), key, feed.seed};
    struct batch_totals totals;
    AUTO_BYTES file = {0};
    bool paused = false;
    check_ok(file_remove(t->paths[2]));
    ledger_close(t->ledger);
    check_ok(file_remove(t->paths[0]));
    check_ok(ledger_open(t->paths[0], true, &t->ledger));
    t->line.ledger = t->ledger;
    t->line.block = block;
    t->line.feed = (struct batch_feed){&twice, next_twice};
    check_ok(batch_line_run(&t->line, &totals, &paused));
    assert_int_equal(totals.refused, 1);
    check_ok(file_read(t->paths[2], (size_t)1 << 24, &file));
    assert_non_null(strstr(bytes_text(&file), code));
}

/* In the same block, and in a later one. */
static void
test_twice_in_one_batch(void **state)
{
    struct table *t = *state;
    check_twice(t, 16, false, "[\"device-twice\"]");
    check_twice(t, 4, false, "[\"device-known\"]");
    check_twice(t, 16, true, "[\"request-twice\"]");
    check_twice(t, 4, true, "[\"request-twice\"]");
}

static void
test_limit(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    bool paused = false;
    struct ledger_limits limits = {.count = 50, .until = INT64_C(253402300799)};
    check_ok(ledger_set_limits(t->ledger, "c-1", t->issuer.spki_sha256, &limits));
    check_error_says(run(t, &totals, &paused), ERROR_REFUSED, "may make 50");
    assert_true(t->issuer.signed_count <= 50);
    check_ledger(t, (size_t)t->issuer.signed_count); /* what was begun is ended */
}

/* The same items give the same results, but for serial numbers, hashes and signatures. */
static void
test_order_does_not_depend_on_workers(void **state)
{
    struct table *t = *state;
    for (unsigned workers = 1; workers <= 9; workers += 4) {
        struct batch_totals totals;
        struct seen seen;
        bool paused = false;
        char batch[32];
        (void)snprintf(batch, sizeof batch, "c-1/%u", workers);
        check_ok(file_remove(t->paths[2]));
        t->feed.seed = workers;
        t->line.reissue = true;
        t->line.workers = workers;
        t->line.batch = batch;
        check_ok(run(t, &totals, &paused));
        read_results(t, &seen); /* checks that items stand in their order */
        assert_int_equal(seen.issued, 90);
    }
}

static void
test_forms_of_output(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    bool paused = false;
    char command[700];
    t->line.output.form = BATCH_FORM_FILES;
    check_ok(run(t, &totals, &paused));
    check_certificates(t, 90);
    (void)snprintf(command, sizeof command, "test -f '%s/000001/SN-0000001.pem'", t->paths[1]);
    assert_int_equal(system(command), 0);
    t->line.output.form = BATCH_FORM_TAR;
    t->line.output.chain = "CHAIN\n";
    t->line.batch = "c-1/tar";
    t->line.reissue = true;
    t->feed.seed = 2;
    check_ok(file_remove(t->paths[2]));
    check_ok(run(t, &totals, &paused));
    (void)snprintf(command, sizeof command,
                   "cd '%s' && for f in *.tar; do tar tf $f; done | wc -l | grep -qx 90"
                   " && tar xOf 000001.tar 000001/SN-0000003.pem | tail -1 | grep -qx CHAIN",
                   t->paths[1]);
    assert_int_equal(system(command), 0);
}

static void
test_names(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *name;
    } rows[] = {
        {"SN-1_a.B",         "SN-1_a.B"                },
        {"../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"},
        {".",                "%2E"                     },
        {"",                 "none"                    },
        {"a b%\xc3\xa4\n",   "a%20b%25%C3%A4%0A"       },
    };

    char name[BATCH_NAME_MAX];
    char text[400];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_ok(batch_safe_name(rows[i].text, name));
        assert_string_equal(name, rows[i].name);
    }
    memset(text, 'x', sizeof text);
    text[150] = '\0';
    check_ok(batch_safe_name(text, name));
    assert_string_equal(name, text);
    text[150] = '/';
    text[399] = '\0';
    check_ok(batch_safe_name(text, name));
    assert_int_equal(strlen(name), 150 + 1 + 16);
    assert_int_equal(name[150], '~');
}

/* A token that signs two a second must not be asked for ten thousand before anybody can stop it. */
static void
test_pace(void **state)
{
    (void)state;
    assert_int_equal(line_room(0, 0), 64);
    assert_int_equal(line_room(0, 100000), 64);
    assert_int_equal(line_room(500, 250000), 30);
    assert_int_equal(line_room(500, 0), BATCH_BLOCK_MAX);
    assert_int_equal(line_room(500, 100), BATCH_BLOCK_MAX);
    assert_int_equal(line_room(1, 3600000), 16);
    assert_int_equal(line_room(1000000, 175000), BATCH_BLOCK_MAX);
}

static struct error *
note_block(void *user, const struct ledger_block_info *info)
{
    struct {
        size_t count;
        size_t sizes[20];
    } *blocks = user;

    assert_true(blocks->count < 20);
    blocks->sizes[blocks->count++] = info->count;
    return NULL;
}

/* A quick one gets large blocks as soon as that is known. */
static void
test_blocks_grow(void **state)
{
    struct table *t = *state;
    struct batch_totals totals;
    bool paused = true;

    struct {
        size_t count;
        size_t sizes[20];
    } blocks = {0};

    t->line.block = 0;
    t->feed = (struct batch_test_feed){.count = 900, .quick = true};
    check_ok(run(t, &totals, &paused));
    assert_false(paused);
    assert_int_equal(totals.issued, 900);
    check_ok(ledger_each_block(t->ledger, "c-1/devices", note_block, &blocks));
    assert_int_equal(blocks.sizes[0], 64);
    assert_int_equal(blocks.sizes[1], 64);
    assert_true(blocks.count < 6 && blocks.sizes[2] > 64);
}

int
main(void)
{
#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TABLE(test_a_batch),
        WITH_TABLE(test_a_second_batch),
        WITH_TABLE(test_failures),
        WITH_TABLE(test_a_changed_journal),
        WITH_TABLE(test_after_an_abort),
        WITH_TABLE(test_pause),
        WITH_TABLE(test_twice_in_one_batch),
        WITH_TABLE(test_limit),
        WITH_TABLE(test_order_does_not_depend_on_workers),
        WITH_TABLE(test_forms_of_output),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_pace),
        WITH_TABLE(test_blocks_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
