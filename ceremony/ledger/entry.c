/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/entry.h"

#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/ledger/json.h"

struct error *
ledger_entry_format(const struct ledger_entry *entry, struct bytes *bytes)
{
    AUTO_LEDGER_JSON line = {0};
    TRY(ledger_json_add_text(&line, "ceremony", entry->ceremony));
    TRY(ledger_json_add_object(&line, "data", entry->data));
    TRY(ledger_json_add_text(&line, "kind", entry->kind));
    TRY(ledger_json_add_text(&line, "prev", entry->prev));
    TRY(ledger_json_add_number(&line, "seq", (int64_t)entry->seq));
    TRY(ledger_json_add_text(&line, "time", entry->time));
    TRY(ledger_json_write(&line, bytes));
    return bytes_append_char(bytes, '\n');
}

void
ledger_chain_head_text(const struct ledger_chain *chain, char ret_text[LEDGER_HASH_TEXT])
{
    hex_encode(chain->head, sizeof chain->head, ret_text);
}

static bool
is_time(const char *text)
{
    char again[CLOCK_TEXT_SIZE] = "";
    int64_t wall_ms = 0;
    struct error *error = clock_parse(text, &wall_ms);
    if (error == NULL)
        clock_format_ms(wall_ms, again);
    error_free(error);
    return strcmp(again, text) == 0;
}

struct error *
ledger_chain_follow(struct ledger_chain *chain, const struct ledger_entry *entry,
                    const struct bytes *line)
{
    unsigned long long expected = chain->count + 1;
    char head[LEDGER_HASH_TEXT];
    ledger_chain_head_text(chain, head);
    if (entry->seq != expected)
        return ERROR(ERROR_VERIFICATION,
                     "the ledger has entry %llu where entry %llu belongs: it was changed",
                     (unsigned long long)entry->seq, expected);
    if (strcmp(entry->prev, head) != 0)
        return ERROR(
            ERROR_VERIFICATION,
            "entry %llu of the ledger is not the one that entry %llu was written after",
            expected - 1, expected);
    if (!is_time(entry->time))
        return ERROR(ERROR_VERIFICATION, "entry %llu of the ledger has no proper time",
                     expected);
    if (EVP_Digest(line->data, line->len, chain->head, NULL, EVP_sha256(), NULL) != 1)
        return ERROR(ERROR_MEMORY, "a hash could not be computed");
    chain->count = entry->seq;
    return NULL;
}
