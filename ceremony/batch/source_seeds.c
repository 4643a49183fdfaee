/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices whose keys follow from seeds: their list is in memory already, and is not this source's own. */
#include "ceremony/batch/seeds_list.h"
#include "ceremony/batch/source_private.h"

static struct error *
next_device(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    *ret_more = source->index < seeds_list_count(source->seeds);
    if (!*ret_more || skip)
        return NULL;
    return seeds_list_item(source->seeds, (size_t)source->index, item);
}

static const struct source_kind source_seeds = {"seeds", NULL, next_device, NULL};

struct error *
batch_source_open_seeds(const struct seeds_list *list, struct batch_source **ret_source)
{
    struct batch_source *source = calloc(1, sizeof *source);
    if (source == NULL)
        return error_memory();
    source->list = true;
    source->kind = &source_seeds;
    source->seeds = list;
    source->limits.items = SEED_LIST_MAX;
    *ret_source = source;
    return NULL;
}
