/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of keys whose private half is publicly known, as it is brought to a ceremony: badkeys' blocklist.dat,
 * and beside it badkeysdata.json, which says its date and hash (R66; docs/formats/requests.md). */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/pki/weak_list.h"

#define BLOCKLIST_DATE 64

struct blocklist {
    struct weak_list *list; /* NULL: none was brought, and the check is not performed */
    char date[BLOCKLIST_DATE];
};

void blocklist_clear(struct blocklist *blocklist);
/* The list that the step names among the site's inputs; none where the step names none, or the site has no such
 * input. Errors: not-found, input (no list, or not the one that badkeysdata.json is for). */
MUST_CHECK struct error *blocklist_open(struct engine *engine, struct blocklist *ret_blocklist);
/* For the screen that is approved; how many keys it has stands in the batch's summary. */
MUST_CHECK struct error *blocklist_text(const struct blocklist *blocklist, struct bytes *body);
/* For the record: a new reference; an empty object without list. */
json_t *blocklist_json(const struct blocklist *blocklist);
