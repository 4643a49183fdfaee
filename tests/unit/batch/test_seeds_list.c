/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of seeds: taken whole or refused with the numbers of its lines, and never with a seed. */
#include <openssl/sha.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/seeds_list.h"
#include "tests/support/check.h"

#define SEED_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SEED_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEAD   "serial,seed\n"

/* With the line that a body deserves. */
static void
close_text(const char *body, size_t devices, struct bytes *ret_text)
{
    unsigned char hash[32];
    char hex[65];
    SHA256((const unsigned char *)body, strlen(body), hash);
    hex_encode(hash, sizeof hash, hex);
    ret_text->len = 0;
    check_ok(bytes_format(ret_text, "%send,%zu,%s\n", body, devices, hex));
}

/* In parts of so many octets. */
static struct error *
take(const char *text, size_t part, struct seeds_list **ret_list)
{
    AUTO(seeds_list) list = NULL;
    TRY(seeds_list_new(&list));
    for (size_t at = 0; at < strlen(text); at += part) {
        size_t rest = strlen(text) - at;
        TRY(seeds_list_take(list, (const unsigned char *)text + at, rest < part ? rest : part));
    }
    TRY(seeds_list_finish(list));
    *ret_list = TAKE(list);
    return NULL;
}

static void
check_refused(const char *text, const char *words)
{
    for (size_t part = 1; part < 5000; part *= 17) {
        struct seeds_list *list = NULL;
        struct error *error = take(text, part, &list);
        assert_non_null(error);
        assert_null(strstr(error_what(error), "0102030405"));
        if (strstr(error_what(error), words) == NULL)
            print_error("said: %s\nmissing: %s\n", error_what(error), words);
        assert_non_null(strstr(error_what(error), words));
        assert_int_equal(error_code(error), ERROR_REFUSED);
        error_free(error);
        assert_null(list);
    }
}

/* A body whose end is right. */
static void
check_body(const char *body, size_t devices, const char *words)
{
    AUTO_BYTES text = {0};
    close_text(body, devices, &text);
    check_refused(bytes_text(&text), words);
}

static void
check_item(const struct seeds_list *list, size_t index, const char *name, const char *line,
           const char *serial, unsigned char first)
{
    AUTO(batch_item) item = NULL;
    AUTO_FREE char *marked = NULL;
    unsigned char hash[32];
    char hex[65];
    check_ok(batch_item_new(&item));
    check_ok(seeds_list_item(list, index, item));
    check_ok(text_format(&marked, "ceremony seed line 1\n%s", line));
    SHA256((const unsigned char *)marked, strlen(marked), hash);
    hex_encode(hash, sizeof hash, hex);
    assert_string_equal(item->name, name);
    assert_string_equal(item->input_sha256, hex);
    assert_string_equal(batch_item_field(item, "serial"), serial);
    assert_null(batch_item_field(item, "seed"));
    assert_int_equal(seeds_list_borrow(list, index)[0], first);
    assert_int_equal(seeds_list_borrow(list, index)[31], 0x1f);
}

static void
a_list_is_taken_in_parts_of_any_size(void **state)
{
    (void)state;
    AUTO_BYTES text = {0};
    close_text("serial,seed,chip\nXY-1," SEED_A ",0a0b\nXY-2," SEED_B ",\n", 2, &text);
    for (size_t part = 1; part < 500; part++) {
        AUTO(seeds_list) list = NULL;
        check_ok(take(bytes_text(&text), part, &list));
        assert_int_equal(seeds_list_count(list), 2);
        check_item(list, 0, "seeds:2", "XY-1," SEED_A ",0a0b", "XY-1", 0x00);
        check_item(list, 1, "seeds:3", "XY-2," SEED_B ",", "XY-2", 0xff);
    }
}

static void
a_fault_is_said_with_its_line_and_without_the_seed(void **state)
{
    (void)state;
    check_body("serial,seed\n", 0, "line 1: there is no device");
    check_body("seed,serial\n" SEED_A ",XY-1\n", 1, "line 1: the columns are not");
    check_body("serial\nXY-1\n", 1, "line 1: the columns are not");
    check_body("serial,seed,Chip\nA," SEED_A ",1\n", 1, "line 1: a column has no name");
    check_body("serial,seed,chip,chip\nA," SEED_A ",1,1\n", 1, "line 1: a column has no name");
    check_body(HEAD "XY-1," SEED_A "\n\n", 2, "line 3: its seed is not");
    check_body(HEAD "XY-1,0102030405\n", 1, "line 2: its seed is not 64");
    check_body(HEAD "XY-1," SEED_A "00\n", 1, "line 2: its seed is not 64");
    check_body(HEAD "XY-1,"
                    "AA0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n",
               1, "line 2: its seed is not 64");
    check_body(HEAD "XY-1,"
                    "0000000000000000000000000000000000000000000000000000000000000000\n",
               1, "line 2: its seed is not 64 small hexadecimal digits that somebody drew");
    check_body(HEAD "XY-1\n", 1, "line 2: its seed is not 64");
    check_body(HEAD "," SEED_A "\n", 1, "line 2: it has no serial number");
    check_body(HEAD SEED_A "," SEED_A "\n", 1, "line 2: a seed stands where none belongs");
    check_body(HEAD "XY\t1," SEED_A "\n", 1, "line 2: its serial number is no plain text");
    check_body(HEAD "XY-1," SEED_A "\r\n", 1, "line 2: its seed is not 64");
    check_body(HEAD "XY-1," SEED_A ",more\n", 1, "line 2: it has another number of values");
    check_body("serial,seed,chip\nXY-1," SEED_A "\n", 1, "line 2: it has another number");
    check_body("serial,seed,chip\nXY-1," SEED_A ",\"1\"\n", 1, "line 2: a value is no plain");
    check_body(HEAD "A," SEED_A "\nB," SEED_B "\nA,1" SEED_B "\n", 3,
               "line 4: its seed is not");
}

static void
what_stands_twice_is_refused(void **state)
{
    (void)state;
    check_body(HEAD "A," SEED_A "\nA," SEED_B "\n", 2,
               "line 3: the serial number of line 2 stands here again");
    check_body(HEAD "A," SEED_A "\nB," SEED_A "\n", 2,
               "line 3: the seed of line 2 stands here again");
}

static void
what_was_changed_or_cut_off_is_refused(void **state)
{
    (void)state;
    AUTO_BYTES text = {0};
    AUTO_FREE char *changed = NULL;
    close_text(HEAD "A," SEED_A "\nB," SEED_B "\n", 2, &text);
    check_ok(text_format(&changed, "%s", bytes_text(&text)));
    changed[strlen(HEAD)] = 'C';
    check_refused(changed,
                  "line 4: the end names another number of devices, or another SHA-256");
    changed[text.len - 1] = '\0';
    check_refused(changed, "line 4: it does not end with a line feed");
    changed[strlen(HEAD) + 2 * (strlen("A," SEED_A) + 1)] = '\0';
    check_refused(changed, "line 4: the line \"end\" is missing: the list is cut off");
    check_refused("", "line 1: the line \"end\" is missing");
    check_body(HEAD "A," SEED_A "\n", 2, "line 3: the end names another number");
    text.len--; /* a line more */
    check_ok(bytes_format(&text, "\nB," SEED_B "\nC\n"));
    check_refused(bytes_text(&text), "line 5: something stands after the end");
}

static void
many_faults_are_counted_and_five_are_said(void **state)
{
    (void)state;
    check_body(HEAD "A,1\nB,2\nC,3\nD,4\nE,5\nF,6\nG,7\n", 7, "; and 2 more");
    check_body(HEAD "A,1\nB,2\nC,3\nD,4\nE,5\nF,6\nG,7\n", 7, "line 6: its seed");
}

static void
a_list_has_its_limits(void **state)
{
    (void)state;
    AUTO_BYTES body = {0};
    AUTO_BYTES text = {0};
    AUTO(seeds_list) list = NULL;
    check_ok(bytes_format(&body, HEAD));
    for (unsigned i = 0; i < SEED_LIST_MAX; i++)
        check_ok(bytes_format(&body, "%u,%064x\n", i, i + 1));
    close_text(bytes_text(&body), SEED_LIST_MAX, &text);
    check_ok(take(bytes_text(&text), 4096, &list));
    assert_int_equal(seeds_list_count(list), SEED_LIST_MAX);
    assert_int_equal(seeds_list_borrow(list, SEED_LIST_MAX - 1)[29], SEED_LIST_MAX >> 16);
    check_ok(
        bytes_format(&body, "one,%064x\ntwo,%064x\n", SEED_LIST_MAX + 1, SEED_LIST_MAX + 2));
    close_text(bytes_text(&body), SEED_LIST_MAX + 2, &text);
    struct seeds_list *none = NULL;
    check_error_says(take(bytes_text(&text), 4096, &none), ERROR_REFUSED,
                     "line 100002: there are more than 100000 devices");
    AUTO_FREE char *wide = NULL;
    check_ok(text_format(&wide, HEAD "%0*d," SEED_A "\n", (int)SEED_LINE_MAX, 0));
    check_body(wide, 1, "line 2: it has more than 1024 octets");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_taken_in_parts_of_any_size),
        cmocka_unit_test(a_fault_is_said_with_its_line_and_without_the_seed),
        cmocka_unit_test(what_stands_twice_is_refused),
        cmocka_unit_test(what_was_changed_or_cut_off_is_refused),
        cmocka_unit_test(many_faults_are_counted_and_five_are_said),
        cmocka_unit_test(a_list_has_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
