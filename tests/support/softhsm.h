/* SPDX-License-Identifier: Apache-2.0
 *
 * A fresh, empty SoftHSM store in a folder of its own, and SOFTHSM2_CONF pointing at it. Knows
 * nothing of our token layer: tokens are initialised by the code under test. */
#pragma once

#include <stdbool.h>

#define SOFTHSM_MODULE "/usr/lib/softhsm/libsofthsm2.so"

struct softhsm {
    char folder[64];        /* holds everything below */
    char tokens[80];        /* one folder per token */
    char configuration[80]; /* SOFTHSM2_CONF */
};

/* Aborts the test when it cannot be made. */
void softhsm_make(struct softhsm *ret_softhsm);
/* Removes the folder and unsets SOFTHSM2_CONF. */
void softhsm_remove(struct softhsm *softhsm);
