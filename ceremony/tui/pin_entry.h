/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN while it is typed: its bytes in secret memory, and nothing else anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

#define PIN_ENTRY_DEFAULT_MAX 255 /* bytes, where the prompt names no bound */

struct pin_entry {
    struct secret *bytes;
    size_t len;
    size_t max;
    bool too_long; /* the last character did not fit and was not taken */
};

MUST_CHECK struct error *pin_entry_init(struct pin_entry *entry, size_t max);
void pin_entry_clear(struct pin_entry *entry);
/* Characters, Backspace, Ctrl-U. True if the key was for it. */
bool pin_entry_key(struct pin_entry *entry, int32_t key);
/* Hands over the PIN, one byte at least; leaves the entry cleared. */
struct secret *pin_entry_take(struct pin_entry *entry);
/* Eight marks, whatever is typed; eight lines while nothing is. Never tells the length. */
const char *pin_entry_marks(const struct pin_entry *entry);
