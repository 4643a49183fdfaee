/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs under memcheck with everything secret marked undefined: a branch or an address that
 * depends on it is reported. "all": sharing and joining, the lookup of a typed word, the
 * comparison of secrets; the results of the last two are told, and so made defined before
 * they are used. `broken` does the same with a table, `broken-word` compares as the C
 * library does: both must be reported (or the tool sees nothing). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "ceremony/base/secret.h"
#include "shamir/shamir_core.h"
#include "shamir/slip39.h"

#define SIZE      32U
#define THRESHOLD 3U
#define COUNT     5U

static volatile uint8_t table[256]; /* so that it is really read */

static void
run_core(void)
{
    uint8_t points[THRESHOLD][SIZE];
    uint8_t values[COUNT][SIZE];
    uint8_t found[SIZE];
    memset(points, 0x3C, sizeof points);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(points, sizeof points);
    const uint8_t xs[THRESHOLD] = {0, 254, 255};
    const uint8_t *const ys[THRESHOLD] = {points[0], points[1], points[2]};
    uint8_t *shares[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        shares[i] = values[i];
    shamir_split_ct(xs, ys, THRESHOLD, SIZE, shares, COUNT);
    const uint8_t from[THRESHOLD] = {4, 1, 2};
    const uint8_t *const back[THRESHOLD] = {values[4], values[1], values[2]};
    shamir_interpolate_ct(from, back, THRESHOLD, SIZE, 255, found);
    for (size_t i = 0; i < SIZE; i++)
        found[i] = shamir_gf_inv_ct(shamir_gf_mul_ct(found[i], points[0][i]));
    (void)VALGRIND_MAKE_MEM_DEFINED(found, sizeof found);
    (void)printf("%02x\n", found[0]);
}

static void
run_broken(void)
{
    uint8_t secret = 7;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(&secret, sizeof secret);
    volatile uint8_t looked_up = table[secret];
    (void)looked_up;
}

static void
run_words(void)
{
    static const char *const typed[] = {"academic", "ZERO",     "acad", "acid",
                                        "keyb",     "xylophon", "ac",   "Duckling"};
    static const int wanted[] = {0, 1023, 0, 1, -1, -1, -1, -1}; /* -1: not looked at here */
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        char word[16] = {0};
        size_t len = strlen(typed[i]);
        memcpy(word, typed[i], len);
        (void)VALGRIND_MAKE_MEM_UNDEFINED(word, len);
        int found = word_list_find_letters(&slip39_word_list, word, len);
        (void)VALGRIND_MAKE_MEM_DEFINED(&found, sizeof found);
        if (wanted[i] >= 0 && found != wanted[i])
            exit(4);
        (void)printf("%d\n", found);
    }
}

static void
run_compare(void)
{
    unsigned char one[SIZE];
    unsigned char two[SIZE];
    memset(one, 0x3C, sizeof one);
    memset(two, 0x3C, sizeof two);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(one, sizeof one);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(two, sizeof two);
    bool same = secret_memory_equal(one, two, sizeof one);
    (void)VALGRIND_MAKE_MEM_DEFINED(&same, sizeof same);
    (void)printf("%d\n", same);
}

static void
run_broken_word(void)
{
    char word[] = "keyboard";
    volatile int found = -1;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(word, 4);
    for (size_t i = 0; i < slip39_word_list.count; i++)
        if (slip39_word_list.words[i][0] == word[0])
            found = (int)i;
    (void)found;
}

static void
run_all(void)
{
    run_core();
    run_words();
    run_compare();
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } runs[] = {
        {"all",         run_all        },
        {"broken",      run_broken     },
        {"broken-word", run_broken_word}
    };

    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        if (argc > 1 && strcmp(argv[1], runs[i].name) == 0) {
            runs[i].run();
            return RUNNING_ON_VALGRIND ? 0 : 3;
        }
    return 2;
}
