/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of serial numbers and seeds that the maker of a chip sends, as it comes out of its envelope
 * (docs/formats/seeds.md). Seeds are in the pages of secrets only, from the cipher to the end of the
 * batch; what is kept of a line beside its seed is the other values and a hash. The list is taken whole
 * or not at all: it proves by its last line that nothing was changed, and any fault refuses it, with the
 * number of its line and never with what stands there. (R71, R77) */
#pragma once

#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/batch/derivation.h"
#include "ceremony/batch/item.h"

#define SEED_LIST_MAX 100000U /* devices */
#define SEED_LINE_MAX 1024U   /* octets of a line */

struct seeds_list;

MUST_CHECK struct error *seeds_list_new(struct seeds_list **ret_list);
void seeds_list_free(struct seeds_list *list);
DEFINE_AUTO(seeds_list, seeds_list_free);

/* The next octets of the text, in parts of any size; they are not kept. Errors: memory. */
MUST_CHECK struct error *seeds_list_take(struct seeds_list *list, const unsigned char *part,
                                         size_t len);
/* After the last. Errors: refused (all faults, the first few in words), memory. */
MUST_CHECK struct error *seeds_list_finish(struct seeds_list *list);

/* Of a list that is finished: */
size_t seeds_list_count(const struct seeds_list *list);
/* Name, fields and hash of the device's line into a new item. */
MUST_CHECK struct error *seeds_list_item(const struct seeds_list *list, size_t index,
                                         struct batch_item *item);
/* SEED_SIZE octets, borrowed. */
const unsigned char *seeds_list_borrow(const struct seeds_list *list, size_t index);
