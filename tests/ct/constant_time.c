/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs under memcheck with everything secret marked undefined: a branch or an address that depends on
 * it is reported. `broken` does the same with a table, which must be reported (or the tool sees
 * nothing). Built with the core alone. */
#include <stdio.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "shamir/shamir_core.h"

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

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "broken") == 0)
        run_broken();
    else
        run_core();
    return RUNNING_ON_VALGRIND ? 0 : 3;
}
