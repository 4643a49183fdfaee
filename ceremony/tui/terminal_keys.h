/* SPDX-License-Identifier: Apache-2.0
 *
 * From the terminal's way of spelling a key to keys.h. For screen.c alone, which has curses open. */
#pragma once

#include <stdint.h>

/* Keys as the usual terminals spell them, whatever TERM says: a console with the wrong TERM must not
 * lose its way to stop. */
void terminal_keys_define(void);
/* A key if one was pressed, else TICK; does not wait. */
int32_t terminal_key_read(void);
