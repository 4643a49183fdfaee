/* SPDX-License-Identifier: Apache-2.0
 *
 * By itself, so that tests/ct can look at it alone. */
#include "ceremony/base/secret.h"

bool
secret_memory_equal(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *left = a;
    const volatile unsigned char *right = b;
    unsigned char difference = 0;
    for (size_t i = 0; i < size; i++)
        difference = (unsigned char)(difference | (left[i] ^ right[i]));
    return difference == 0;
}
