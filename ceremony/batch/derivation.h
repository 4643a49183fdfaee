/* SPDX-License-Identifier: Apache-2.0
 *
 * How a device's key follows from the seed that its maker put into it (key origin "carrot";
 * docs/formats/seeds.md): a table, one row for each way. The device does the same by itself, so a row is
 * never changed, only added. */
#pragma once

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/pki/algorithm.h"

#define SEED_SIZE 32U /* octets */

struct derivation {
    const char *name; /* one of key_derivation_names (rules/key_origin.h) */
    const char *describe;
    bool (*makes)(const struct key_kind *kind);
    /* The bits from which key_make makes the key. `seed`: SEED_SIZE octets of a secret. */
    struct error *(*derive)(const unsigned char *seed, const char *serial,
                            const struct key_kind *kind, struct secret **ret_bits);
};

/* NULL: there is none of that name. */
const struct derivation *derivation_find(const char *name);
