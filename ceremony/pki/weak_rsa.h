/* SPDX-License-Identifier: Apache-2.0
 *
 * RSA public keys that look sound and are not (R63). Numbers are big-endian octets. */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

enum weak_rsa {
    WEAK_RSA_NONE,
    WEAK_RSA_FACTOR, /* even, or a factor below 65,537 */
    WEAK_RSA_POWER,  /* a prime, or a power of a number */
    WEAK_RSA_ROCA,
    WEAK_RSA_FERMAT,
    WEAK_RSA_WIENER
};

/* Numbers that all keys are tried with, and room to work in. One thread each. */
struct weak_rsa_bench;
MUST_CHECK struct error *weak_rsa_bench_new(struct weak_rsa_bench **ret_bench);
void weak_rsa_bench_free(struct weak_rsa_bench *bench);
DEFINE_AUTO(weak_rsa_bench, weak_rsa_bench_free);

/* The first weakness found, of a modulus of 512 bits or more. Wiener's method is tried when the
 * exponent has more than 64 bits. */
enum weak_rsa weak_rsa_find(struct weak_rsa_bench *bench, struct der modulus,
                            struct der exponent);
