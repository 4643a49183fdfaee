/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames (flat.h) through a pipe, from the process that reads to the one that signs. */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/base/flat.h"

/* All of it: frames. A reader that went away is an error. */
MUST_CHECK struct error *flat_send(int out, const void *data, size_t len);

struct flat_pipe;
/* `in` is taken, on errors, too. */
MUST_CHECK struct error *flat_pipe_open(int in, struct flat_pipe **ret_pipe);
void flat_pipe_close(struct flat_pipe *pipe);
/* While nothing comes, `is_unwanted` is asked every two seconds; true ends the waiting (interrupted). Without it, a
 * process that never answers is waited for. */
void flat_pipe_ask(struct flat_pipe *pipe, bool (*is_unwanted)(void *self), void *self);
DEFINE_AUTO(flat_pipe, flat_pipe_close);
/* The next frame, kind first, without its length; valid until the next call. Errors: io (the other process ended
 * early), verification (a length that no frame has). */
MUST_CHECK struct error *flat_pipe_next(struct flat_pipe *pipe, struct flat_reading *ret_frame);
