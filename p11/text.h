/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: the blank-padded texts of PKCS#11 structures, made safe to show. */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

/* Trims trailing blanks and NULs, makes the rest safe (TRUST 1.4); cut to fit `size`. */
MUST_CHECK struct error *p11_padded_text(const void *data, size_t len, char *ret_text,
                                         size_t size);
/* "2.6" */
void p11_version_text(unsigned major, unsigned minor, char ret_text[16]);
