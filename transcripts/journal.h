/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that only grows: one program at a time, whole lines, each on the medium before the call
 * returns. After a failure nothing more is taken, since what stands at the end is not known. (R89) */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct journal;

/* `what` is how people call it: "transcript". New, empty, flushed with its folder. */
MUST_CHECK struct error *journal_create(const char *folder, const char *name, const char *what,
                                        struct journal **ret_journal);
/* Existing; refused while another program holds it. */
MUST_CHECK struct error *journal_open(const char *folder, const char *name, const char *what,
                                      struct journal **ret_journal);
void journal_close(struct journal *journal);
DEFINE_AUTO(journal, journal_close);

MUST_CHECK struct error *journal_read(struct journal *journal, size_t limit,
                                      struct bytes *bytes);
MUST_CHECK struct error *journal_append(struct journal *journal, const char *line, size_t len);
/* Cuts what stands beyond `size`, flushed. */
MUST_CHECK struct error *journal_cut(struct journal *journal, size_t size);
