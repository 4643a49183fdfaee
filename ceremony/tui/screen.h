/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal itself: only screen.c, terminal.c and terminal_keys.c behind this header include curses, read
 * keys and write to the terminal. One at a time; used by one thread. */
#pragma once

#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/tui/canvas.h"
#include "ceremony/tui/paint.h"

struct screen;

/* `wake_fd`, which becomes readable to end a wait in screen_key, stays the caller's. Blocks the
 * signals that screen_key reports, and starts the guard's process (screen_guard.h): so call it before
 * there are threads, modules and secrets. Errors: unsupported, io, memory. */
MUST_CHECK struct error *screen_open(int wake_fd, struct screen **ret_screen);
/* Overwrites what was secret, gives the terminal and the signals back. NULL is fine. */
void screen_close(struct screen *screen);
DEFINE_AUTO(screen, screen_close);

/* The next key of keys.h, waiting at most `wait_ms`. The only reader of the terminal. */
int32_t screen_key(struct screen *screen, int wait_ms);
/* Throws away what was typed before it was asked for. */
void screen_drop_typed(struct screen *screen);
void screen_size(const struct screen *screen, int *ret_rows, int *ret_cols);
/* Takes the terminal's present size; everything is drawn anew next. */
void screen_resize(struct screen *screen);

/* Brings the canvas to the terminal. */
void screen_show(struct screen *screen, const struct canvas *canvas);
/* Empty paint to be filled; screen_paint writes and wipes it. */
struct paint *screen_begin_paint(struct screen *screen);
/* Writes what was painted over what is shown. */
void screen_paint(struct screen *screen);
bool screen_has_paint(const struct screen *screen);
/* Overwrites the whole terminal where something was painted, cell by cell, before anything is
 * cleared: clearing alone moves a page into the scrollback of some terminals. The next screen_show
 * draws everything anew. Does nothing when nothing is painted. (TRUST 1.5, T15) */
void screen_scrub(struct screen *screen);
