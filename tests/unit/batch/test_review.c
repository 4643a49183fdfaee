/* SPDX-License-Identifier: Apache-2.0
 *
 * Items beside each other and beside what was certified before; the review, and what the signing line
 * takes by it (R67, R69, R71, T18). */
#include "tests/unit/batch/review_fixture.h"

/* Every vector in one folder; keys and names come again in it, which this profile allows. */
static void
every_vector_is_decided_and_the_batch_goes_on_around_it(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    AUTO_BYTES table = {0};
    AUTO_FREE char *text = NULL;
    size_t cases = 0;
    trial_open(&trial);
    trial.check.repeats = true;
    check_ok(file_read(VECTORS "cases.tsv", 1 << 20, &table));
    check_ok(bytes_take_text(&table, &text));
    AUTO_FREE char *copy = strdup(text);
    char *rest = NULL;
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        line[strcspn(line, "\t")] = '\0';
        if (line[0] != '#')
            sandbox_vector(&trial.box, line, line);
    }
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    for (size_t i = 0; i < outcomes.count; i++)
        if (strcmp(outcomes.items[i].code, "repeated") == 0)
            outcomes.items[i].code[0] = '\0';
    rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *columns = NULL;
        const char *file = strtok_r(line, "\t", &columns);
        const char *label = strtok_r(NULL, "\t", &columns);
        const char *decision = strtok_r(NULL, "\t", &columns);
        const char *code = strtok_r(NULL, "\t", &columns);
        if (file[0] == '#')
            continue;
        if (strcmp(file, "empty.der") == 0) /* the medium says it before the request can */
            code = "file-empty";
        if (strcmp(file, "zeros-4k.der") == 0)
            code = "file-format";
        assert_true(label[0] == 'P' || (label[0] == 'A') == (decision[0] == 'a'));
        check_outcome(&outcomes, file, decision[0] == 'a', strcmp(code, "-") == 0 ? "" : code);
        cases++;
    }
    assert_int_equal(cases, 116);
    assert_int_equal(outcomes.count, 116);
    assert_int_equal(trial.summary.items, 116);
    assert_int_equal(trial.summary.accepted + trial.summary.refused, 116);
    trial_close(&trial);
}

static void
the_key_and_the_name_of_a_ca_are_refused(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    AUTO_BYTES certificate = {0};
    AUTO(request_looks) looks = NULL;
    unsigned char key[1][32];
    trial_open(&trial);
    check_ok(
        file_read(TEST_SOURCE_DIR "/tests/vectors/crl/_issuer.der", 1 << 20, &certificate));
    const unsigned char *at = certificate.data;
    X509 *issuer = d2i_X509(NULL, &at, (long)certificate.len);
    unsigned char *spki = NULL;
    unsigned char *name = NULL;
    int spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &spki);
    int name_len = i2d_X509_NAME(X509_get_subject_name(issuer), &name);
    EVP_Q_digest(NULL, "SHA256", NULL, spki, (size_t)spki_len, key[0], NULL);
    struct request_name names[] = {
        {name, (size_t)name_len}
    };
    check_ok(request_looks_new(names, 1, &looks));
    trial.rules.looks = looks;
    trial.check.ca_keys = (const unsigned char(*)[32])key;
    trial.check.ca_key_count = 1;
    sandbox_vector(&trial.box, "key-is-ca-key.der", "1");
    sandbox_vector(&trial.box, "name-equals-issuer.der", "2");
    sandbox_vector(&trial.box, "ok-rsa2048.der", "3");
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "1", false, "key-is-ca");
    check_outcome(&outcomes, "2", false, "name-is-ca");
    check_outcome(&outcomes, "3", true, "");
    OPENSSL_free(spki);
    OPENSSL_free(name);
    X509_free(issuer);
    trial_close(&trial);
}

static void
what_stands_twice_is_refused_or_remarked(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    EVP_PKEY *keys[4];
    trial_open(&trial);
    for (size_t i = 0; i < 4; i++)
        keys[i] = EVP_EC_gen("P-256");
    write_request(&trial, "a1", keys[0], "device a");
    write_request(&trial, "a2", keys[0], "device a"); /* the same key and name */
    write_request(&trial, "b1", keys[1], "device b");
    write_request(&trial, "b2", keys[1], "device b, too"); /* the same key, another name */
    write_request(&trial, "c1", keys[2], "device c");
    write_request(&trial, "c2", keys[3], "device c"); /* the same name, another key */
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "a1", true, "");
    check_outcome(&outcomes, "a2", false, "duplicate-request");
    check_outcome(&outcomes, "b1", false, "key-shared");
    check_outcome(&outcomes, "b2", false, "key-shared");
    check_outcome(&outcomes, "c1", true, "");
    check_outcome(&outcomes, "c2", false, "duplicate-subject");
    assert_int_equal(trial.summary.by_code[BATCH_KEY_SHARED], 2);

    trial.check.repeats = true;
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "a1", true, "");
    check_outcome(&outcomes, "a2", true, "repeated");
    check_outcome(&outcomes, "b1", true, "");
    check_outcome(&outcomes, "b2", true, "repeated");
    check_outcome(&outcomes, "c2", true, "repeated");
    for (size_t i = 0; i < 4; i++)
        EVP_PKEY_free(keys[i]);
    trial_close(&trial);
}

static void
names_that_look_alike_are_remarked_on_both(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    EVP_PKEY *keys[3];
    trial_open(&trial);
    for (size_t i = 0; i < 3; i++)
        keys[i] = EVP_EC_gen("P-256");
    write_request(&trial, "1", keys[0], "Example Works");
    write_request(&trial, "2", keys[1], "Example VVorks");
    write_request(&trial, "3", keys[2], "Another Name");
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "1", true, "name-like-other");
    check_outcome(&outcomes, "2", true, "name-like-other");
    check_outcome(&outcomes, "3", true, "");
    assert_int_equal(trial.summary.remarked, 2);
    for (size_t i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i]);
    trial_close(&trial);
}

/* A device that is named by the manifest, not by its request. */
static void
a_device_comes_once(void **state)
{
    (void)state;
    struct trial trial;
    AUTO_BYTES text = {0};
    AUTO(batch_source) source = NULL;
    EVP_PKEY *key = NULL;
    trial_open(&trial);
    for (int i = 0; i < 3; i++) {
        AUTO_BYTES der = {0};
        AUTO_FREE char *base64 = NULL;
        AUTO_FREE char *name = NULL;
        check_ok(text_format(&name, "device %d", i));
        key = EVP_EC_gen("P-256");
        fixture_request(key, name, "SHA256", false, &der);
        EVP_PKEY_free(key);
        check_ok(base64_encode_new(der.data, der.len, &base64));
        check_ok(bytes_format(&text, "{\"request\":\"%s\",\"serial\":\"SN%d\"}\n", base64,
                              i == 2 ? 0 : i));
    }
    sandbox_write(&trial.box, "m.jsonl", text.data, text.len);
    AUTO_FREE char *path = sandbox_path(&trial.box, "m.jsonl");
    check_ok(batch_source_open(path, BATCH_SOURCE_JSON_LINES, NULL, &source));
    check_ok(batch_review_make(&trial.check, source, trial.path, &trial.summary));
    assert_int_equal(trial.summary.accepted, 2);
    assert_int_equal(trial.summary.by_code[BATCH_DUPLICATE_SERIAL], 1);
    trial_close(&trial);
}

/* A ledger that knows one key by the same request, one by another, and one device. */
struct past {
    unsigned char same[32];
    unsigned char other[32];
    const unsigned char *modulus;
    size_t modulus_len;
};

static void
hash_of_key(EVP_PKEY *key, unsigned char ret[32])
{
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(key, &spki);
    EVP_Q_digest(NULL, "SHA256", NULL, spki, (size_t)len, ret, NULL);
    OPENSSL_free(spki);
}

static struct error *
past_key(void *self, const unsigned char spki[32], const unsigned char request[32],
         enum batch_known *ret_known)
{
    const struct past *past = self;
    (void)request;
    if (memcmp(spki, past->same, 32) == 0)
        *ret_known = BATCH_KNOWN_SAME;
    else if (memcmp(spki, past->other, 32) == 0)
        *ret_known = BATCH_KNOWN_OTHER;
    return NULL;
}

static struct error *
past_device(void *self, const char *device, const unsigned char request[32],
            enum batch_known *ret_known)
{
    (void)self;
    (void)request;
    if (strcmp(device, "SN0001") == 0)
        *ret_known = BATCH_KNOWN_OTHER;
    return NULL;
}

static struct error *
past_moduli(void *self,
            struct error *(*each)(void *user, const unsigned char *modulus, size_t len),
            void *user)
{
    const struct past *past = self;
    return past->modulus == NULL ? NULL : each(user, past->modulus, past->modulus_len);
}

static void
the_ledger_is_asked_for_keys_and_devices(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    struct past past = {0};
    EVP_PKEY *keys[3];
    trial_open(&trial);
    for (size_t i = 0; i < 3; i++)
        keys[i] = EVP_EC_gen("P-256");
    hash_of_key(keys[0], past.same);
    hash_of_key(keys[1], past.other);
    trial.check.past = (struct batch_past){&past, past_key, past_device, past_moduli};
    write_request(&trial, "1", keys[0], "one");
    write_request(&trial, "2", keys[1], "two");
    write_request(&trial, "3", keys[2], "three");
    sandbox_vector(&trial.box, "ok-ec256.der", "4");
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "1", true, "repeated");
    check_outcome(&outcomes, "2", false, "ledger-key");
    check_outcome(&outcomes, "3", true, "");
    check_outcome(&outcomes, "4", false, "ledger-serial");
    assert_true(trial.summary.has_past);
    for (size_t i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i]);
    trial_close(&trial);
}

static void
shared_primes_are_refused_on_both_sides_and_in_the_ledger(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    struct past past = {0};
    gmp_randstate_t chance;
    mpz_t primes[7];
    mpz_t n;
    unsigned char modulus[256];
    trial_open(&trial);
    gmp_randinit_mt(chance);
    gmp_randseed_ui(chance, 4);
    mpz_init(n);
    for (size_t i = 0; i < 7; i++) {
        mpz_init(primes[i]);
        fixture_prime(chance, 1024, primes[i]);
    }
    EVP_PKEY *keys[] = {
        fixture_rsa(primes[0], primes[1], 65537), fixture_rsa(primes[0], primes[2], 65537),
        fixture_rsa(primes[3], primes[4], 65537), fixture_rsa(primes[5], primes[6], 65537)};
    mpz_mul(n, primes[4], primes[2]); /* of the ledger: with the second and the third */
    mpz_export(modulus, NULL, 1, 1, 1, 0, n);
    past.modulus = modulus;
    past.modulus_len = sizeof modulus;
    write_request(&trial, "1", keys[0], "one");
    write_request(&trial, "2", keys[1], "two");
    write_request(&trial, "3", keys[2], "three");
    write_request(&trial, "4", keys[3], "four");
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "1", false, "rsa-shared-prime");
    check_outcome(&outcomes, "2", false, "rsa-shared-prime");
    check_outcome(&outcomes, "3", true, "");
    check_outcome(&outcomes, "4", true, "");
    assert_int_equal(trial.summary.moduli, 4);

    trial.check.past = (struct batch_past){&past, NULL, NULL, past_moduli};
    trial_review(&trial);
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "3", false, "rsa-shared-prime");
    check_outcome(&outcomes, "4", true, "");
    assert_int_equal(trial.summary.moduli, 5);
    assert_int_equal(trial.summary.ledger_primes, 1);

    trial.check.shared_bytes = 600; /* two moduli */
    trial_review(&trial);
    AUTO_BYTES text = {0};
    check_ok(batch_summary_text(&trial.summary, &text));
    assert_int_equal(trial.summary.moduli_beyond, 3);
    assert_non_null(strstr(bytes_text(&text), "CHECK NOT PERFORMED for 3 moduli"));
    for (size_t i = 0; i < 4; i++)
        EVP_PKEY_free(keys[i]);
    for (size_t i = 0; i < 7; i++)
        mpz_clear(primes[i]);
    mpz_clear(n);
    gmp_randclear(chance);
    trial_close(&trial);
}

static void
bytes_that_were_not_reviewed_are_not_accepted(void **state)
{
    (void)state;
    static struct outcomes outcomes;
    struct trial trial;
    trial_open(&trial);
    trial.check.repeats = true;
    sandbox_vector(&trial.box, "ok-ec256.der", "1");
    sandbox_vector(&trial.box, "ok-ec384.der", "2");
    sandbox_vector(&trial.box, "sig-empty.der", "3");
    trial_review(&trial);
    sandbox_vector(&trial.box, "ok-rsa2048.der", "2");
    sandbox_vector(&trial.box, "ok-ec384.der", "3"); /* refused before, sound now */
    sandbox_vector(&trial.box, "ok-san.der", "4");   /* was not there */
    trial_feed(&trial, &outcomes);
    check_outcome(&outcomes, "1", true, "");
    check_outcome(&outcomes, "2", false, "changed-since-review");
    check_outcome(&outcomes, "3", false, "changed-since-review");
    check_outcome(&outcomes, "4", false, "changed-since-review");

    AUTO_FREE char *first = sandbox_path(&trial.box, "1");
    AUTO_FREE char *last = sandbox_path(&trial.box, "4");
    unlink(first);
    unlink(last);
    AUTO(batch_source) source = trial_source(&trial);
    AUTO(batch_review) review = NULL;
    AUTO(batch_review_feed) taken = NULL;
    check_ok(batch_review_open(trial.path, trial.summary.review_sha256, &review));
    check_ok(batch_review_feed_new(&trial.check, review, source, 2, &taken));
    struct batch_feed feed = batch_review_as_feed(taken);
    struct batch_item *item = NULL;
    check_error_says(feed.next(feed.self, &item), ERROR_INPUT, "2 requests, but 3");
    trial_close(&trial);
}

static void
a_review_that_was_changed_is_refused(void **state)
{
    (void)state;
    struct trial trial;
    struct batch_review *review = NULL;
    AUTO_BYTES bytes = {0};
    trial_open(&trial);
    sandbox_vector(&trial.box, "sig-empty.der", "1");
    trial_review(&trial);
    check_ok(file_read(trial.path, 1 << 20, &bytes));
    assert_int_equal(bytes.len, 192);
    bytes.data[96 + 64] = BATCH_ACCEPTED;
    sandbox_write(&trial.scratch, "review", bytes.data, bytes.len);
    check_error_says(batch_review_open(trial.path, trial.summary.review_sha256, &review),
                     ERROR_VERIFICATION, "not the one that was approved");
    static const size_t lens[] = {0, 1, 63, 65, 127}; /* no whole records */
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        sandbox_write(&trial.scratch, "review", bytes.data, lens[i]);
        check_error_says(batch_review_open(trial.path, trial.summary.review_sha256, &review),
                         ERROR_VERIFICATION, "no review of a batch");
    }
    check_error_says(batch_review_open(trial.scratch.path, "", &review), ERROR_VERIFICATION,
                     "no review of a batch");
    trial_close(&trial);
}

static void
an_existing_review_is_not_overwritten(void **state)
{
    (void)state;
    struct trial trial;
    trial_open(&trial);
    trial_review(&trial);
    AUTO(batch_source) source = trial_source(&trial);
    check_error(batch_review_make(&trial.check, source, trial.path, &trial.summary),
                ERROR_EXISTS);
    trial_close(&trial);
}

static struct error *
stop_at_once(void *user, enum batch_stage stage, uint64_t done)
{
    (void)user;
    (void)stage;
    (void)done;
    return ERROR(ERROR_INTERRUPTED, "stopped");
}

static void
who_watches_may_stop_the_review(void **state)
{
    (void)state;
    struct trial trial;
    trial_open(&trial);
    sandbox_vector(&trial.box, "ok-ec256.der", "1");
    trial.check.progress = stop_at_once;
    AUTO(batch_source) source = trial_source(&trial);
    check_error(batch_review_make(&trial.check, source, trial.path, &trial.summary),
                ERROR_INTERRUPTED);
    assert_int_equal(trial.summary.items, 0);
    trial_close(&trial);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_is_decided_and_the_batch_goes_on_around_it),
        cmocka_unit_test(the_key_and_the_name_of_a_ca_are_refused),
        cmocka_unit_test(what_stands_twice_is_refused_or_remarked),
        cmocka_unit_test(names_that_look_alike_are_remarked_on_both),
        cmocka_unit_test(a_device_comes_once),
        cmocka_unit_test(the_ledger_is_asked_for_keys_and_devices),
        cmocka_unit_test(shared_primes_are_refused_on_both_sides_and_in_the_ledger),
        cmocka_unit_test(bytes_that_were_not_reviewed_are_not_accepted),
        cmocka_unit_test(a_review_that_was_changed_is_refused),
        cmocka_unit_test(an_existing_review_is_not_overwritten),
        cmocka_unit_test(who_watches_may_stop_the_review),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
