/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of known private keys with its description: a folder with badkeys' `blocklist.dat` and
 * `badkeysdata.json`, which says its date and hash (R66). */
#pragma once

#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/pki/weak_list.h"

/* Opens the list. *ret_date: seconds since 1970 when it was made; how old is too old is for the site to
 * say. Errors: not-found (no such folder or file: the check is then not performed, and that is said),
 * input (malformed, another format, another hash). */
MUST_CHECK struct error *batch_list_open(const char *folder, struct weak_list **ret_list,
                                         int64_t *ret_date);
