/* SPDX-License-Identifier: Apache-2.0
 *
 * Items as they go from the process that reads a medium to the one that signs, as frames (base/flat.h). What comes out is
 * believed no more than a stranger's file: views lie within the request, verdicts and codes are ones that exist. (T17, R69) */
#pragma once

#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/item.h"

#define WIRE_FRAME_MAX FLAT_FRAME_MAX

enum wire_kind {
    WIRE_ITEM = 'I',
    WIRE_FACTS = 'F', /* a struct by its table */
    WIRE_DATA = 'D',  /* a part of a long file */
    WIRE_ROWS = 'R',  /* lines of revocations (revocation_wire.h) */
    WIRE_END = 'E',   /* there are no more */
    WIRE_ERROR = 'X'  /* the source cannot be read on */
};

/* One frame each, appended to `frame`, its length first. */
MUST_CHECK struct error *wire_put_item(struct bytes *frame, const struct batch_item *item);
/* All of an item that a certificate is made from: the request, where key and name lie in it, fields and names. */
MUST_CHECK struct error *wire_put_bound(struct bytes *bound, const struct batch_item *item);
MUST_CHECK struct error *wire_put_end(struct bytes *frame);
MUST_CHECK struct error *wire_put_error(struct bytes *frame, const struct error *error);

/* The next frame of what is no batch, without its kind. Errors: the one that a frame tells; as flat_pipe_next. */
MUST_CHECK struct error *wire_next(struct flat_pipe *pipe, enum wire_kind *ret_kind,
                                   struct flat_reading *ret_body);
/* The same; any other kind is verification. */
MUST_CHECK struct error *wire_expect(struct flat_pipe *pipe, enum wire_kind kind,
                                     struct flat_reading *ret_body);

/* A long file in parts, through the pipe; its length goes before as a fact. `ret_data` is empty. */
MUST_CHECK struct error *wire_send_data(const struct bytes *data, int out);
MUST_CHECK struct error *wire_take_data(struct flat_pipe *pipe, size_t len,
                                        struct bytes *ret_data);

/* A frame without its length. `*ret_item`: judged; NULL at the end. Errors: the one that the frame tells; verification,
 * for a frame that is none. */
MUST_CHECK struct error *wire_take(const void *frame, size_t len, struct batch_item **ret_item);
