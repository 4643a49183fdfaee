/* SPDX-License-Identifier: Apache-2.0
 *
 * A file written in one go, of any length: beside its place under "NAME.tmp", flushed, renamed, its
 * folder flushed. What an interruption leaves is overwritten by the next run. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct batch_stream;

MUST_CHECK struct error *batch_stream_new(const char *path, struct batch_stream **ret_stream);
/* Without batch_stream_finish nothing stays. */
void batch_stream_free(struct batch_stream *stream);
DEFINE_AUTO(batch_stream, batch_stream_free);

MUST_CHECK struct error *batch_stream_write(struct batch_stream *stream, const void *data,
                                            size_t len);
/* On the disk, under its name, replacing what was there. */
MUST_CHECK struct error *batch_stream_finish(struct batch_stream *stream);
