/* SPDX-License-Identifier: Apache-2.0
 *
 * What people see of a batch before they approve it (R69, R66, T14). */
#include "tests/unit/batch/review_fixture.h"

/* The digest follows from the lines, which follow from what the feed gives. */
static void
the_digest_is_that_of_the_lines(void **state)
{
    (void)state;
    struct trial trial;
    AUTO_BYTES lines = {0};
    char digest[65];
    trial_open(&trial);
    sandbox_vector(&trial.box, "ok-ec256.der", "1");
    sandbox_vector(&trial.box, "sig-empty.der", "2");
    AUTO_FREE char *fifo = sandbox_path(&trial.box, "3");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    sandbox_vector(&trial.box, "ok-challenge.der", "4");
    trial.check.repeats = true;
    trial_review(&trial);
    AUTO(batch_source) source = trial_source(&trial);
    AUTO(batch_review) review = NULL;
    AUTO(batch_review_feed) taken = NULL;
    check_ok(batch_review_open(trial.path, trial.summary.review_sha256, &review));
    check_ok(batch_review_feed_new(&trial.check, review, source, 0, &taken));
    struct batch_feed feed = batch_review_as_feed(taken);
    for (int i = 0; i < 4; i++) {
        AUTO(batch_item) item = NULL;
        check_ok(feed.next(feed.self, &item));
        check_ok(batch_summary_line(item->index, item->input_sha256,
                                    item->verdict == BATCH_ACCEPTED, item->codes,
                                    item->code_count, &lines));
    }
    assert_non_null(strstr(bytes_text(&lines), "\n2 - refused file-kind\n"));
    assert_non_null(strstr(bytes_text(&lines), " accepted challenge-password,repeated\n"));
    check_ok(pki_sha256_hex(lines.data, lines.len, digest));
    assert_string_equal(digest, trial.summary.digest);
    trial_close(&trial);
}

static void
the_summary_says_what_was_not_checked_and_shows_safely(void **state)
{
    (void)state;
    struct trial trial;
    AUTO_BYTES text = {0};
    trial_open(&trial);
    trial.check.repeats = true;
    sandbox_vector(&trial.box, "ok-challenge.der", "esc\x1b[2J");
    sandbox_vector(&trial.box, "name-ansi-clear.der", "x");
    trial_review(&trial);
    check_ok(batch_summary_text(&trial.summary, &text));
    const char *shown = bytes_text(&text);
    assert_non_null(strstr(shown, "CHECK NOT PERFORMED, there is no list"));
    assert_non_null(strstr(shown, "ledger: CHECK NOT PERFORMED"));
    assert_non_null(strstr(shown, "esc\\x1B[2J"));
    assert_non_null(strstr(shown, "name-control"));
    assert_null(strstr(shown, "hunter2"));
    for (const char *p = shown; *p != '\0'; p++)
        assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
    assert_int_equal(trial.summary.sample_count, 1);
    trial_close(&trial);
}

static void
samples_are_the_first_the_last_and_some_between(void **state)
{
    (void)state;
    struct trial trial;
    trial_open(&trial);
    for (int i = 0; i < 40; i++) {
        char file[16];
        char name[32];
        EVP_PKEY *key = EVP_EC_gen("P-256");
        snprintf(file, sizeof file, "%02d", i);
        snprintf(name, sizeof name, "device %d", i);
        write_request(&trial, file, key, name);
        EVP_PKEY_free(key);
    }
    trial_review(&trial);
    assert_int_equal(trial.summary.accepted, 40);
    assert_int_equal(trial.summary.sample_count, BATCH_SAMPLES_MAX);
    assert_string_equal(trial.summary.samples[0].item, "00");
    assert_string_equal(trial.summary.samples[BATCH_SAMPLES_MAX - 1].item, "39");
    for (size_t i = 1; i < BATCH_SAMPLES_MAX; i++)
        assert_true(trial.summary.samples[i].index > trial.summary.samples[i - 1].index);
    trial_close(&trial);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digest_is_that_of_the_lines),
        cmocka_unit_test(the_summary_says_what_was_not_checked_and_shows_safely),
        cmocka_unit_test(samples_are_the_first_the_last_and_some_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
