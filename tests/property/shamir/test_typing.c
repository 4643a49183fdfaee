/* SPDX-License-Identifier: Apache-2.0
 *
 * Typing errors (TRUST T9) through the same check that reads a share: all errors of one word, a
 * million random ones of two, all swaps of two words. */
#include "ceremony/base/random.h"
#include "shamir/slip39_internal.h"
#include "tests/support/shares.h"

#define TWO_WORD_ERRORS 1000000U

struct sample {
    uint16_t words[SLIP39_WORDS_MAX];
    size_t count;
};

static void
sample_share(size_t size, bool extendable, struct sample *sample)
{
    struct slip39_plan plan = shares_plan(2, 3);
    plan.extendable = extendable;
    AUTO(slip39_set) set = shares_split(&plan, size);
    const uint16_t *words = slip39_set_words(set, 1, &sample->count);
    memcpy(sample->words, words, sample->count * sizeof *words);
}

static void
all_errors_of_one_word_are_caught(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct sample sample;
        sample_share(kind < 2 ? 16 : 32, kind % 2 == 1, &sample);
        assert_true(slip39_checksum_is_right(sample.words, sample.count));
        unsigned errors = 0;
        for (size_t i = 0; i < sample.count; i++)
            for (uint16_t change = 1; change < 1024; change++, errors++) {
                sample.words[i] ^= change;
                assert_false(slip39_checksum_is_right(sample.words, sample.count));
                sample.words[i] ^= change;
            }
        assert_int_equal(errors, sample.count * 1023);
    }
}

static void
one_word_is_always_located(void **state)
{
    (void)state;
    struct sample sample;
    sample_share(32, false, &sample);
    for (size_t i = 0; i < sample.count; i++) {
        uint32_t change = 0;
        check_ok(random_below(1023, &change));
        sample.words[i] ^= (uint16_t)(change + 1);
        assert_int_equal(slip39_checksum_locate(sample.words, sample.count), (int)i);
        AUTO(slip39_share) share = NULL;
        check_error_says(slip39_share_from_words(sample.words, sample.count, &share),
                         ERROR_ANSWER, "the checksum is wrong");
        sample.words[i] ^= (uint16_t)(change + 1);
    }
    assert_int_equal(slip39_checksum_locate(sample.words, sample.count), -1);
}

static void
random_errors_of_two_words_are_caught(void **state)
{
    (void)state;
    struct sample sample;
    sample_share(32, false, &sample);
    uint32_t random[1024];
    for (unsigned n = 0; n < TWO_WORD_ERRORS; n++) {
        if (n % 1024 == 0)
            check_ok(random_bytes(random, sizeof random));
        uint32_t r = random[n % 1024];
        size_t i = r % sample.count;
        size_t k = (i + 1 + (r >> 8) % (sample.count - 1)) % sample.count;
        uint16_t at_i = (uint16_t)(1 + (r >> 2) % 1023);
        uint16_t at_k = (uint16_t)(1 + (r >> 17) % 1023);
        sample.words[i] ^= at_i;
        sample.words[k] ^= at_k;
        assert_false(slip39_checksum_is_right(sample.words, sample.count));
        sample.words[i] ^= at_i;
        sample.words[k] ^= at_k;
    }
}

static void
two_wrong_words_are_never_taken_for_one(void **state)
{
    (void)state;
    struct sample sample;
    sample_share(16, false, &sample);
    for (unsigned n = 0; n < 40; n++) {
        struct sample wrong = sample;
        uint32_t place[2];
        check_ok(random_below((uint32_t)sample.count, &place[0]));
        check_ok(random_below((uint32_t)sample.count - 1, &place[1]));
        place[1] += place[1] >= place[0];
        for (int e = 0; e < 2; e++) {
            uint32_t change = 0;
            check_ok(random_below(1023, &change));
            /* Not the flag that chooses the customisation string: that is an error everywhere. */
            change = place[e] == 1 ? (change & 0x3EFU) | 1U : change + 1;
            wrong.words[place[e]] ^= (uint16_t)change;
        }
        assert_int_equal(slip39_checksum_locate(wrong.words, wrong.count), -1);
    }
}

static void
all_swaps_are_caught(void **state)
{
    (void)state;
    struct sample sample;
    sample_share(32, true, &sample);
    for (size_t i = 0; i < sample.count; i++)
        for (size_t k = i + 1; k < sample.count; k++) {
            struct sample swapped = sample;
            swapped.words[i] = sample.words[k];
            swapped.words[k] = sample.words[i];
            assert_int_equal(slip39_checksum_is_right(swapped.words, swapped.count),
                             sample.words[i] == sample.words[k]);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_errors_of_one_word_are_caught),
        cmocka_unit_test(one_word_is_always_located),
        cmocka_unit_test(random_errors_of_two_words_are_caught),
        cmocka_unit_test(two_wrong_words_are_never_taken_for_one),
        cmocka_unit_test(all_swaps_are_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
