/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a share set is, as the table of share sets names it: a key by the SHA-256 of its public key, a PIN by
 * "pin SERIAL USER". */
#pragma once

#include <stdbool.h>

#include "ceremony/base/text.h"

#define SHARE_OWNER_PIN "pin "

/* `user` is "user" or "SO". */
static inline MUST_CHECK struct error *
share_owner_pin(const char *serial, const char *user, char **ret_owner)
{
    return text_format(ret_owner, SHARE_OWNER_PIN "%s %s", serial, user);
}
