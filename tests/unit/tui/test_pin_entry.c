/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN while it is typed: what is taken back is gone from memory, whatever is typed the screen looks the same, and what
 * does not fit is not taken in part. */
#include <locale.h>

#include "ceremony/tui/keys.h"
#include "ceremony/tui/pin_entry.h"
#include "tests/support/check.h"

#define MAX 8

static void
type(struct pin_entry *entry, const int32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(pin_entry_key(entry, keys[i]));
}

static void
what_is_taken_back_is_gone(void **state)
{
    (void)state;
    struct pin_entry entry = {0};
    static const unsigned char nothing[MAX];
    static const int32_t typed[] = {'1', 0xE9, 0x1F511, '4'}; /* of 1, 2, 4 and 1 octets */
    check_ok(pin_entry_init(&entry, MAX));
    type(&entry, typed, 4);
    assert_int_equal(entry.len, 8);
    static const size_t left[] = {7, 3, 1, 0, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_true(pin_entry_key(&entry, UI_BACKSPACE));
        assert_int_equal(entry.len, left[i]);
        assert_memory_equal(secret_borrow(entry.bytes) + left[i], nothing, MAX - left[i]);
    }
    type(&entry, typed, 4);
    assert_true(pin_entry_key(&entry, UI_CTRL_U));
    assert_int_equal(entry.len, 0);
    assert_memory_equal(secret_borrow(entry.bytes), nothing, MAX);
    pin_entry_clear(&entry);
    assert_null(entry.bytes);
}

static void
nothing_tells_how_long_it_is(void **state)
{
    (void)state;
    struct pin_entry entry = {0};
    check_ok(pin_entry_init(&entry, 20));
    assert_string_equal(pin_entry_marks(&entry), "________");
    for (size_t i = 0; i < 20; i++) {
        assert_true(pin_entry_key(&entry, 'x'));
        assert_string_equal(pin_entry_marks(&entry), "********");
    }
    pin_entry_clear(&entry);
}

static void
what_does_not_fit_is_not_taken_in_part(void **state)
{
    (void)state;
    struct pin_entry entry = {0};
    static const int32_t seven[] = {'1', '2', '3', '4', '5', '6', '7'};
    check_ok(pin_entry_init(&entry, MAX));
    type(&entry, seven, 7);
    assert_true(pin_entry_key(&entry, 0xE9));
    assert_true(entry.too_long);
    assert_int_equal(entry.len, 7);
    assert_int_equal(secret_borrow(entry.bytes)[7], 0);
    assert_true(pin_entry_key(&entry, '8'));
    assert_false(entry.too_long);
    assert_true(pin_entry_key(&entry, '9'));
    assert_true(entry.too_long);
    assert_false(pin_entry_key(&entry, UI_UP));
    struct secret *pin = pin_entry_take(&entry);
    assert_int_equal(secret_size(pin), 8);
    assert_memory_equal(secret_borrow(pin), "12345678", 8);
    assert_null(entry.bytes);
    secret_free(pin);
}

int
main(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_back_is_gone),
        cmocka_unit_test(nothing_tells_how_long_it_is),
        cmocka_unit_test(what_does_not_fit_is_not_taken_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
