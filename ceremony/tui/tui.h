/* SPDX-License-Identifier: Apache-2.0
 *
 * The front end at the table: the whole screen of one terminal, driven from one loop. The engine
 * runs in a thread of its own and asks through `engine/frontend.h`; this folder draws, reads keys
 * and decides nothing. It is the only one that includes <curses.h>, in screen.c and
 * terminal_keys.c alone.
 *
 * Secrets: a PIN is read straight into a `struct secret`; share words, shown or typed, never enter a
 * curses window but are written to the terminal from secret memory, are overwritten when they go,
 * and are taken out of the scrollback where the terminal lets us. (R24, R76)
 * A kill that cannot be caught (SIGKILL, power) while a share is shown leaves it on the screen. */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/engine/frontend.h"

struct tui;

/* Takes the terminal of standard input and output. Call it before any other thread is made: signals
 * SIGINT, SIGTERM, SIGHUP, SIGWINCH and SIGTSTP are blocked in the calling thread until tui_free,
 * and inherited so. One at a time. Errors: unsupported (no terminal, or of an unknown type), io,
 * memory. */
MUST_CHECK struct error *tui_new(struct tui **ret_tui);
/* Gives the terminal back. NULL is fine. */
void tui_free(struct tui *tui);
DEFINE_AUTO(tui, tui_free);

/* The operations, to be called by the engine's thread only; lives as long as `tui`. */
struct frontend *tui_frontend(struct tui *tui);

/* Runs `engine_main(self)` in a thread of its own and the screen in this one, until the engine
 * returns; gives back the engine's error. On SIGINT, SIGTERM, SIGHUP or a lost terminal the screen is
 * wiped and given back at once, the pending question and every later one fail with `interrupted`,
 * and the engine is waited for, so that its record stays true; these signals are ignored from then
 * on, for the process is to end. May be called again. */
MUST_CHECK struct error *tui_run(struct tui *tui, struct error *(*engine_main)(void *self),
                                 void *self);
