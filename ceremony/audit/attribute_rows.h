/* SPDX-License-Identifier: Apache-2.0
 *
 * One reading of a key's attributes, judged by the auditor's own table instead of the record's word. */
#pragma once

#include "ceremony/audit/evidence.h"

/* The rows of a fact "attributes" that say of themselves that all agree: each attribute that matters is among
 * them (docs/formats/keys.md), was read as it must be for this key and this act, and no row calls what it
 * read another thing than what was planned. Error: verification, naming the attribute. */
MUST_CHECK struct error *attribute_rows_check(const struct evidence *evidence,
                                              const struct transcript_record *fact);
