/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows are no lines of the ledger: those that a ceremony entered travel beside them in files of the evidence, so that
 * the ledger can be made again from evidence alone (R102; docs/formats/ledger.md). */
#pragma once

#include "ceremony/engine/context.h"

/* rows/SEQ.jsonl for every block of revocations that this ceremony entered. */
MUST_CHECK struct error *rows_write_revocations(struct engine *engine);
/* Likewise for every block of certificates, reserved or issued: of a batch that is given up. One that was finished has
 * them in its results. */
MUST_CHECK struct error *rows_write_certificates(struct engine *engine);
