/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/rows.h"

#include "ceremony/base/text.h"
#include "ceremony/ledger/blocks.h"

static struct error *
append_row(void *user, const char *line, size_t len)
{
    return bytes_append(user, line, len);
}

static struct error *
write_blocks(struct engine *engine, bool revocations)
{
    uint64_t seq = 0;
    for (;;) {
        AUTO_FREE char *name = NULL;
        AUTO_BYTES lines = {0};
        bool found = false;
        TRY(ledger_next_block(engine->ledger, engine->state.ceremony_id, revocations, seq, &seq,
                              &found));
        if (!found)
            return NULL;
        TRY(ledger_each_line(engine->ledger, seq, append_row, &lines));
        TRY(text_format(&name, "rows/%llu.jsonl", (unsigned long long)seq));
        TRY(evidence_write(engine, "rows of the ledger", name, lines.data, lines.len));
    }
}

struct error *
rows_write_revocations(struct engine *engine)
{
    return write_blocks(engine, true);
}

struct error *
rows_write_certificates(struct engine *engine)
{
    return write_blocks(engine, false);
}
