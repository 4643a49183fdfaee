/* SPDX-License-Identifier: Apache-2.0
 *
 * The evidence folder of another ceremony, believed only when it is whole: chain, sums, signatures of
 * all who had to sign, and a record that was closed as finished. The confidential files may be
 * absent: they stay with their own auditor. What the closing words on paper say is people's to
 * compare. (R9, R93-R95) */
#pragma once

#include "transcripts/reader.h"

/* Errors: verification, refused (never finished), io. */
MUST_CHECK struct error *other_ceremony_read(const char *folder,
                                             struct transcript_reading *ret_reading);
/* The result "done" of an act that names the file with this hash; NULL if there is none. */
const struct transcript_record *other_ceremony_result(const struct transcript_reading *reading,
                                                      const char *does, const char *sha256);
