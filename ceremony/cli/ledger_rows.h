/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of blocks from the evidence folders of the ceremonies that made them: revocations from
 * rows/SEQ.jsonl, certificates from results.jsonl, of whose lines the rows are a part, or of a batch that was given up
 * likewise from rows/SEQ.jsonl (docs/formats/ledger.md). (R102) */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/ledger/ledger.h"

struct ledger_rows_reader;

void ledger_rows_free(struct ledger_rows_reader *reader);
DEFINE_AUTO(ledger_rows_reader, ledger_rows_free);
MUST_CHECK struct error *ledger_rows_new(struct ledger_rows_reader **ret_reader);
/* Where the evidence of this ceremony lies; both texts are borrowed. */
MUST_CHECK struct error *ledger_rows_add_folder(struct ledger_rows_reader *reader,
                                                const char *ceremony, const char *folder);
/* For ledger_import. */
struct ledger_rows_from ledger_rows_of(struct ledger_rows_reader *reader);
