/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of revocations between two processes: all come over as they were judged, twice and the same, and whatever else
 * a taken-over process may send is refused, or is a line within its bounds (T17, R56). */
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/batch/revocation_wire.h"
#include "ceremony/batch/wire.h"
#include "tests/unit/pki/fixture.h"

#define OCTETS 1000 /* more than the list has */
#define ROW_AT 9    /* length and kind of the frame stand before */

static const struct revocation_rules rules = {
    .issuer_spki_sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    .trust = PKI_TRUST_PRIVATE,
    .now = NOW};

static const char text[] = "serial,date,reason,reference,invalidity\n"
                           "0a,2026-11-20,superseded,\"R, 1\",\n"
                           "0b,2026-11-20T01:02:03Z,keyCompromise,,2026-11-01\n"
                           "0c,20.11.2026,lost,,\n"
                           "ffffffffffffffffffffffffffffffff,2026-11-20,,,\n";

static void
open_list(struct revocation_list **ret_list)
{
    check_ok(revocation_list_open(text, strlen(text), "list", &rules, ret_list));
}

static void
frames_of(struct bytes *ret_frames)
{
    AUTO(revocation_list) list = NULL;
    unsigned char octets[4096];
    int ends[2];
    open_list(&list);
    assert_int_equal(pipe(ends), 0);
    check_ok(revocation_send_list(list, ends[1]));
    assert_int_equal(close(ends[1]), 0);
    ssize_t got = read(ends[0], octets, sizeof octets);
    assert_true(got > 0 && got < 4096);
    check_ok(bytes_append(ret_frames, octets, (size_t)got));
    assert_int_equal(close(ends[0]), 0);
}

static struct error *
receive(const struct bytes *frames, uint64_t *ret_count, struct revocation_list **ret_list)
{
    AUTO(flat_pipe) pipe_of_frames = NULL;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], frames->data, frames->len), frames->len);
    assert_int_equal(close(ends[1]), 0);
    check_ok(flat_pipe_open(ends[0], &pipe_of_frames));
    return revocation_list_receive(pipe_of_frames, &rules, OCTETS, ret_count, ret_list);
}

static void
same_line(const struct revocation_line *a, const struct revocation_line *b)
{
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->code, b->code);
    if (a->code != REVOCATION_CODES)
        return;
    assert_int_equal(a->row.serial_len, b->row.serial_len);
    assert_memory_equal(a->row.serial, b->row.serial, a->row.serial_len);
    assert_int_equal(a->row.reason, b->row.reason);
    assert_int_equal(a->row.time, b->row.time);
    assert_int_equal(a->row.invalidity, b->row.invalidity);
    assert_string_equal(a->row.reference, b->row.reference);
}

static void
test_all_come_over(void **state)
{
    AUTO_BYTES frames = {0};
    AUTO(revocation_list) far = NULL;
    uint64_t count = 0;
    (void)state;
    frames_of(&frames);
    check_ok(receive(&frames, &count, &far));
    assert_int_equal(count, 4);
    assert_int_equal(strlen(revocation_list_sha256(far)), 64);
    for (int pass = 0; pass < 2; pass++) {
        AUTO(revocation_list) near = NULL;
        open_list(&near);
        check_ok(revocation_list_rewind(far));
        for (;;) {
            struct revocation_line here;
            struct revocation_line there;
            bool end = false;
            bool far_end = false;
            check_ok(revocation_list_next(near, &here, &end));
            check_ok(revocation_list_next(far, &there, &far_end));
            assert_int_equal(end, far_end);
            if (end)
                break;
            same_line(&here, &there);
        }
    }
}

/* More than lies in one frame, or in the memory that is read at a time. */
static void
test_many(void **state)
{
    enum {
        MANY = 3000
    };

    AUTO_BYTES frames = {0};
    AUTO(revocation_list) list = NULL;
    AUTO(revocation_list) far = NULL;
    AUTO(flat_pipe) pipe_of_frames = NULL;
    AUTO_BYTES many = {0};
    uint64_t count = 0;
    char reference[200];
    int ends[2];
    (void)state;
    memset(reference, 'r', sizeof reference);
    check_ok(bytes_append_text(&many, "serial,date,reference\n"));
    for (unsigned i = 1; i <= MANY; i++)
        check_ok(bytes_format(&many, "%08x,2026-11-20,%.*s\n", i, (int)(i % 201), reference));
    check_ok(revocation_list_open(many.data, many.len, "list", &rules, &list));
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        error_free(revocation_send_list(list, ends[1]));
        _exit(0);
    }
    assert_int_equal(close(ends[1]), 0);
    check_ok(flat_pipe_open(ends[0], &pipe_of_frames));
    check_ok(revocation_list_receive(pipe_of_frames, &rules, many.len, &count, &far));
    check_ok(revocation_list_rewind(list));
    for (uint64_t i = 0;; i++) {
        struct revocation_line here;
        struct revocation_line there;
        bool end = false;
        bool far_end = false;
        check_ok(revocation_list_next(list, &here, &end));
        check_ok(revocation_list_next(far, &there, &far_end));
        assert_int_equal(end, far_end);
        if (end) {
            assert_int_equal(i, count);
            break;
        }
        same_line(&here, &there);
    }
    assert_int_equal(count, MANY);
}

static void
within_bounds(struct revocation_list *list)
{
    uint64_t before = 0;
    for (;;) {
        struct revocation_line line;
        bool end = false;
        check_ok(revocation_list_next(list, &line, &end));
        if (end)
            return;
        assert_true(line.line > before && line.code <= REVOCATION_CODES);
        before = line.line;
        if (line.code != REVOCATION_CODES)
            continue;
        assert_true(line.row.serial_len >= 1 && line.row.serial_len <= LEDGER_SERIAL_MAX);
        assert_true(line.row.reason >= 0 && line.row.reason <= 10 && line.row.reason != 7);
        for (const char *c = line.row.reference; *c != '\0'; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

static void
test_every_changed_octet(void **state)
{
    AUTO_BYTES frames = {0};
    AUTO(revocation_list) sent = NULL;
    size_t refused = 0;
    uint64_t all = 0;
    char as_sent[65];
    (void)state;
    frames_of(&frames);
    check_ok(receive(&frames, &all, &sent));
    (void)snprintf(as_sent, sizeof as_sent, "%s", revocation_list_sha256(sent));
    for (size_t at = 0; at < frames.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            AUTO(revocation_list) list = NULL;
            uint64_t count = 0;
            frames.data[at] ^= (unsigned char)(1U << bit);
            struct error *error = receive(&frames, &count, &list);
            frames.data[at] ^= (unsigned char)(1U << bit);
            if (error == NULL) {
                within_bounds(list);
                assert_string_not_equal(revocation_list_sha256(list), as_sent);
            } else
                assert_null(list);
            refused += error != NULL ? 1 : 0;
            error_free(error);
        }
    assert_true(refused > 500);
}

/* Octets of the first row and what they must not be. */
static void
test_what_no_reader_sends(void **state)
{
    static const struct {
        size_t at;
        unsigned char value;
    } wrong[] = {
        {3,  0  }, /* before the first line */
        {3,  200}, /* after the second one */
        {8,  255}, /* a code that does not exist */
        {9,  7  }, /* a reason that does not exist */
        {10, 0  }, /* no serial number */
        {10, 21 }, /* one that is too long */
        {12, 0  }, /* zeros, and a length of two */
        {31, 1  }, /* more than its length says */
        {11, 201}, /* a reference that is too long */
        {48, 27 }, /* one that steers a terminal */
        {0,  1  }, /* line numbers that go back */
        {32, 1  }, /* a date beyond the year 9999 */
        {32, 255}, /* before 1950 */
        {36, 255}, /* later than now */
        {40, 1  }, /* such an invalidity date */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        AUTO_BYTES frames = {0};
        AUTO(revocation_list) list = NULL;
        uint64_t count = 0;
        frames_of(&frames);
        frames.data[ROW_AT + wrong[i].at] = wrong[i].value;
        if (wrong[i].at == 12)
            frames.data[ROW_AT + 10] = 2;
        check_error_says(receive(&frames, &count, &list), ERROR_VERIFICATION,
                         "sent what is no answer");
    }
    AUTO_BYTES frames = {0};
    AUTO(revocation_list) list = NULL;
    uint64_t count = 0;
    frames_of(&frames);
    frames.len -= 9; /* no end */
    check_error_says(receive(&frames, &count, &list), ERROR_IO, "ended before");
}

/* Where the list is of CA certificates, or the PKI public, a line that its own reader would not have let pass. */
static void
test_what_the_rules_refuse(void **state)
{
    static const struct {
        struct revocation_rules rules;
        bool refused;
    } rows[] = {
        {{.trust = PKI_TRUST_PRIVATE, .now = NOW},                       false},
        {{.trust = PKI_TRUST_PUBLIC, .now = NOW},                        true }, /* on hold */
        {{.trust = PKI_TRUST_PRIVATE, .now = NOW, .needs_reason = true},
         true                                                                 }, /* no reference */
        {{.trust = PKI_TRUST_PRIVATE, .now = NOW - 864000},              true }, /* in the future */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const char hold[] = "serial,date,reason\n0a,2026-11-20,certificateHold\n";
        AUTO(revocation_list) list = NULL;
        AUTO(revocation_list) far = NULL;
        AUTO(flat_pipe) pipe_of_frames = NULL;
        uint64_t count = 0;
        int ends[2];
        check_ok(revocation_list_open(hold, strlen(hold), "list", &rules, &list));
        assert_int_equal(pipe(ends), 0);
        check_ok(revocation_send_list(list, ends[1]));
        assert_int_equal(close(ends[1]), 0);
        check_ok(flat_pipe_open(ends[0], &pipe_of_frames));
        struct error *error =
            revocation_list_receive(pipe_of_frames, &rows[i].rules, sizeof hold, &count, &far);
        if (rows[i].refused)
            check_error_says(error, ERROR_VERIFICATION, "sent what is no answer");
        else
            check_ok(error);
    }
}

/* A file of so many octets has no more lines than that, however many are sent. */
static void
test_more_than_the_file_holds(void **state)
{
    AUTO_BYTES rows = {0};
    unsigned char row[48] = {[10] = 1, [12] = 1, [40] = 0x80};
    (void)state;
    for (unsigned i = 1; i <= 2 * REVOCATION_FAULTS_MAX; i++) {
        row[1] = (unsigned char)(i >> 16);
        row[2] = (unsigned char)(i >> 8);
        row[3] = (unsigned char)i;
        row[8] = REVOCATION_CODES;
        check_ok(bytes_append(&rows, row, sizeof row));
    }
    for (int fits = 0; fits < 2; fits++) {
        AUTO(flat_pipe) pipe_of_frames = NULL;
        AUTO(revocation_list) far = NULL;
        uint64_t count = 0;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            (void)close(ends[0]);
            for (size_t at = 0; at < rows.len; at += sizeof row * 1000) {
                AUTO_BYTES frame = {0};
                size_t start = 0;
                check_ok(flat_begin(&frame, WIRE_ROWS, &start));
                check_ok(bytes_append(&frame, rows.data + at, sizeof row * 1000));
                check_ok(flat_end(&frame, start));
                error_free(flat_send(ends[1], frame.data, frame.len));
            }
            AUTO_BYTES end = {0};
            check_ok(wire_put_end(&end));
            error_free(flat_send(ends[1], end.data, end.len));
            _exit(0);
        }
        assert_int_equal(close(ends[1]), 0);
        check_ok(flat_pipe_open(ends[0], &pipe_of_frames));
        size_t octets = fits == 1 ? 14U * REVOCATION_FAULTS_MAX : 5U * REVOCATION_FAULTS_MAX;
        struct error *error =
            revocation_list_receive(pipe_of_frames, &rules, octets, &count, &far);
        if (fits == 1)
            check_ok(error);
        else
            check_error_says(error, ERROR_VERIFICATION, "sent what is no answer");
        flat_pipe_close(TAKE(pipe_of_frames));
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

static void
test_entries_of_a_crl(void **state)
{
    struct pki_revocation entry = {
        .serial = {1, 2},
          .serial_len = 2, .date = 7, .reason = -1, .invalidity_date = 0
    };
    struct revocation_line line;
    (void)state;
    check_ok(revocation_of_entry(&entry, 3, NOW, &line));
    assert_int_equal(line.line, 3);
    assert_int_equal(line.row.reason, 0);
    assert_int_equal(line.row.time, 7);
    assert_true(line.row.invalidity == LEDGER_NO_TIME);
    entry.reason = 7;
    check_error_says(revocation_of_entry(&entry, 3, NOW, &line), ERROR_INPUT, "does not exist");
    entry.reason = 1;
    entry.date = NOW + 1;
    check_error_says(revocation_of_entry(&entry, 3, NOW, &line), ERROR_INPUT, "in the future");
    entry.date = PKI_ENTRY_FROM - 1;
    check_error_says(revocation_of_entry(&entry, 3, NOW, &line), ERROR_INPUT, "1950 to 9999");
    entry.date = PKI_ENTRY_FROM;
    entry.invalidity_date = PKI_ENTRY_UNTIL + 1;
    check_error_says(revocation_of_entry(&entry, 3, NOW, &line), ERROR_INPUT, "1950 to 9999");
    entry.invalidity_date = PKI_ENTRY_UNTIL;
    check_ok(revocation_of_entry(&entry, 3, NOW, &line));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_over),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_every_changed_octet),
        cmocka_unit_test(test_what_no_reader_sends),
        cmocka_unit_test(test_what_the_rules_refuse),
        cmocka_unit_test(test_more_than_the_file_holds),
        cmocka_unit_test(test_entries_of_a_crl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
