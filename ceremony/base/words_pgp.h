/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables behind words.h; nobody else includes this. */
#pragma once

extern const char *const words_pgp_even[256];
extern const char *const words_pgp_odd[256];
extern const char *const words_pgp_sorted[512];
