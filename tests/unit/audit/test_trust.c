/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines that were carried home on paper. */
#include "ceremony/audit/trust.h"
#include "ceremony/base/bytes.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/words.h"
#include "tests/support/check.h"

#define HASH "00112233445566778899aabbccddeeff0123456789abcdef0011223344556677"

static struct error *
parse(const char *text, struct trust *trust)
{
    return trust_parse(text, strlen(text), trust);
}

static void
reads_all_kinds(void **state)
{
    (void)state;
    AUTO_TRUST trust = {0};
    check_ok(parse("# from the paper\n\nroot-1 recorder " HASH "\n  root-1\tsigner " HASH "\r\n"
                   "root-1 head " HASH,
                   &trust));
    assert_int_equal(trust.count, 3);
    assert_int_equal(trust.lines[0].kind, TRUST_RECORDER);
    assert_int_equal(trust.lines[1].kind, TRUST_SIGNER);
    assert_int_equal(trust.lines[2].kind, TRUST_HEAD);
    assert_int_equal(trust.lines[2].line, 5);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(trust.lines[i].ceremony, "root-1");
        assert_string_equal(trust.lines[i].sha256, HASH);
    }
}

static void
reads_words_as_digits(void **state)
{
    (void)state;
    unsigned char hash[32];
    AUTO_BYTES line = {0};
    AUTO_TRUST trust = {0};
    check_ok(hex_decode(HASH, hash, sizeof hash));
    check_ok(bytes_append_text(&line, "root-1 head "));
    check_ok(words_pgp_append(&line, hash, sizeof hash));
    check_ok(parse(bytes_text(&line), &trust));
    assert_int_equal(trust.count, 1);
    assert_string_equal(trust.lines[0].sha256, HASH);
}

static void
reads_digits_of_either_case(void **state)
{
    (void)state;
    AUTO_TRUST trust = {0};
    check_ok(parse("a head 00112233445566778899AABBCCDDEEFF0123456789ABCDEF0011223344556677\n",
                   &trust));
    assert_string_equal(trust.lines[0].sha256, HASH);
}

static void
refuses_what_is_no_line(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "root-1 head\n",
        "root-1 head " HASH " " HASH "\n",
        "root-1 witness " HASH "\n",
        "root-1 head 0011\n",
        "root-1 head g0112233445566778899aabbccddeeff0123456789abcdef0011223344556677\n",
        "root-1 head " HASH "00\n",
        "root-1 head aardvark aardvark aardvark aardvark aardvark aardvark aardvark aardvark "
        "aardvark aardvark aardvark aardvark aardvark aardvark aardvark aardvark aardvark "
        "aardvark aardvark aardvark aardvark aardvark aardvark aardvark aardvark aardvark "
        "aardvark aardvark aardvark aardvark aardvark aardvark\n",
        "\xff\xfe head " HASH "\n",
        HASH HASH HASH HASH " head " HASH "\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct trust trust = {0};
        check_error(parse(bad[i], &trust), ERROR_INPUT);
        assert_null(trust.lines);
    }
    struct trust trust = {0};
    check_error_says(parse("a head " HASH "\nb nobody " HASH "\n", &trust), ERROR_INPUT,
                     "line 2");
    check_error(trust_parse("a\0b", 3, &trust), ERROR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_kinds),
        cmocka_unit_test(reads_words_as_digits),
        cmocka_unit_test(reads_digits_of_either_case),
        cmocka_unit_test(refuses_what_is_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
