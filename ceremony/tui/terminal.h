/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written to the terminal past curses: secrets, and what takes them away again. Curses keeps a copy
 * of each cell; this keeps none. There is one terminal, used by one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A terminal that takes nothing more is lost; then nothing is written. */
void terminal_write(const void *data, size_t len);
bool terminal_is_lost(void);
void terminal_set_lost(bool lost);

/* The sequence that moves the cursor; valid until the next call. */
const char *terminal_address(int row, int col);
/* At most 500 each. */
void terminal_size(int *ret_rows, int *ret_cols);

/* Every cell but the last, where writing would scroll, gets another character than it had, in a
 * pattern that no terminal shortens. */
void terminal_overwrite(void);
/* Takes the scrollback away, where the terminal can. */
void terminal_erase_scrollback(void);
/* In the guard's process (screen_guard.h), after ours died: overwrites, clears, gives the terminal back,
 * and says what happened. */
void terminal_clear_after_death(void *self);
