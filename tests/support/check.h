/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with its headers in the right order, and checks on our error objects. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ceremony/base/error.h"

/* The call succeeds; otherwise the error is printed and the test fails. */
#define check_ok(call) check_ok_at((call), #call, __FILE__, __LINE__)
/* The call fails with this code (and is freed). */
#define check_error(call, code) check_error_at((call), (code), NULL, #call, __FILE__, __LINE__)
/* ... and `words` stand in what it says (what, hint or detail). */
#define check_error_says(call, code, words)                                                    \
    check_error_at((call), (code), (words), #call, __FILE__, __LINE__)

void check_ok_at(struct error *error, const char *call, const char *file, int line);
void check_error_at(struct error *error, enum error_code code, const char *words,
                    const char *call, const char *file, int line);
