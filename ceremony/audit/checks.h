/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of one evidence folder: a row each, with its name and what it stands on. A row whose
 * ground is missing is reported as not done, with the reason; it is never passed over in silence. To
 * add one: a function here, a row in checks.c, a test in tests/unit/audit. */
#pragma once

#include "ceremony/audit/evidence.h"
#include "ceremony/audit/report.h"
#include "ceremony/audit/trust.h"

enum check_needs {
    NEEDS_TRANSCRIPT = 1,
    NEEDS_OPENINGS = 2,
    NEEDS_SCRIPT = 4,
    NEEDS_SITE = 8,
    NEEDS_CLOSING = 16
};

struct check_row {
    const char *name;
    unsigned needs;
    struct error *(*run)(const struct evidence *evidence, struct report *report);
};
const struct check_row *check_rows(size_t *ret_count);

/* All rows, then trust (NULL: none given). Errors: memory only. */
MUST_CHECK struct error *checks_run(const struct evidence *evidence, const struct trust *trust,
                                    struct report *ret_report);
/* One row by name, for tests. */
MUST_CHECK struct error *checks_run_one(const struct evidence *evidence, const char *name,
                                        struct report *report);
/* Several folders as a chain of one ledger. */
MUST_CHECK struct error *checks_chain(const struct evidence *folders, size_t count,
                                      struct report *ret_report);

#define CHECK_FUNCTION(name)                                                                   \
    MUST_CHECK struct error *name(const struct evidence *evidence, struct report *report)

/* checks_folder.c */
CHECK_FUNCTION(check_sums);
CHECK_FUNCTION(check_torn);
CHECK_FUNCTION(check_addenda);
CHECK_FUNCTION(check_outputs);
CHECK_FUNCTION(check_practice);
/* checks_batch.c */
CHECK_FUNCTION(check_batches);
/* checks_blocks.c */
CHECK_FUNCTION(check_blocks);
/* checks_rows.c */
CHECK_FUNCTION(check_revocations);
/* checks_series.c */
CHECK_FUNCTION(check_ahead);
/* checks_seal.c */
CHECK_FUNCTION(check_seal);
CHECK_FUNCTION(check_seal_form);
CHECK_FUNCTION(check_custodians_seal);
/* checks_transcript.c */
CHECK_FUNCTION(check_chain);
CHECK_FUNCTION(check_clock);
CHECK_FUNCTION(check_order);
CHECK_FUNCTION(check_intents);
CHECK_FUNCTION(check_commitments);
/* checks_script.c */
CHECK_FUNCTION(check_script);
CHECK_FUNCTION(check_steps);
CHECK_FUNCTION(check_inputs);
CHECK_FUNCTION(check_approval);
/* checks_acts.c */
CHECK_FUNCTION(check_acts);
/* checks_answers.c */
CHECK_FUNCTION(check_answers);
/* checks_people.c */
CHECK_FUNCTION(check_roles);
CHECK_FUNCTION(check_quorum);
CHECK_FUNCTION(check_actors);
CHECK_FUNCTION(check_fingerprints);
/* checks_keys.c */
CHECK_FUNCTION(check_keys);
CHECK_FUNCTION(check_attributes);
CHECK_FUNCTION(check_possession);
/* checks_inventory.c */
CHECK_FUNCTION(check_inventory);
/* checks_host.c */
CHECK_FUNCTION(check_host);
/* checks_marks.c */
CHECK_FUNCTION(check_marks);
/* checks_tokens.c */
CHECK_FUNCTION(check_tokens);
/* checks_recorder.c */
CHECK_FUNCTION(check_recorder);
CHECK_FUNCTION(check_checkpoints);
/* checks_backup.c */
CHECK_FUNCTION(check_backup);
CHECK_FUNCTION(check_shares);
/* checks_pins.c */
CHECK_FUNCTION(check_pins);
/* One fact "quorum-shares" against its opening; needs script, site and openings. */
MUST_CHECK struct error *check_typed_shares(const struct evidence *evidence,
                                            const struct transcript_record *use,
                                            struct report *report);
/* checks_custody.c */
CHECK_FUNCTION(check_custody);
/* checks_brought.c */
CHECK_FUNCTION(check_brought);
/* checks_destruction.c */
CHECK_FUNCTION(check_destruction);
/* checks_objects.c */
CHECK_FUNCTION(check_signed);
CHECK_FUNCTION(check_commands);
CHECK_FUNCTION(check_lints);
CHECK_FUNCTION(check_crls);
/* checks_agreement.c */
CHECK_FUNCTION(check_agreement);
/* checks_closing.c */
CHECK_FUNCTION(check_ledger);
CHECK_FUNCTION(check_closing);
CHECK_FUNCTION(check_sign_offs);
