/* SPDX-License-Identifier: Apache-2.0
 *
 * What a power cut leaves at the end of the two files, set aside so that nothing is lost and
 * everything is named (R90). */
#pragma once

#include "transcripts/journal.h"
#include "transcripts/reader.h"

#define TORN_FOLDER "torn"

/* Moves a torn last line to torn/NNN (flushed) before it is cut. `ret_torn`: NULL, or an object with
 * file, sha256 and size of it; files in torn/ that no record names yet (the program died before it
 * could) are named too: the newest in the object itself, others as its list "earlier". */
MUST_CHECK struct error *torn_move_line(const char *folder, struct journal *lines,
                                        const struct transcript_reading *reading,
                                        json_t **ret_torn);
/* The same for confidential values. No record refers to a line that was never finished, so it is kept
 * as an opening of its own; `*torn` gains "confidential": {commitment, size}. */
MUST_CHECK struct error *torn_mend_openings(struct journal *openings, json_t **torn);
