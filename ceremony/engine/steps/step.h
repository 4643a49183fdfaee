/* SPDX-License-Identifier: Apache-2.0
 *
 * Step kinds: one file each, one row each in steps.c. To add a kind: its name in script.h's enum and
 * tables, its fields in script/step_fields.c, its file here with `step_run_NAME`, its row in steps.c
 * with what an interruption does to it. */
#pragma once

#include "ceremony/engine/context.h"

/* What an interruption does to a step. */
enum step_rule {
    RULE_REPEAT, /* harmless: begins again */
    RULE_ASK,    /* the token is inspected, what was found is said, people decide (recover.c) */
    RULE_VOID,   /* its unit is undone and begins anew */
};

struct step_row {
    enum step_kind kind;
    enum step_rule rule;
    struct error *(*run)(struct engine *engine);
    bool
        read_first; /* acts, or shows much, before it asks: its text is read aloud before that */
};

const struct step_row *step_row(enum step_kind kind);

MUST_CHECK struct error *step_run_roll_call(struct engine *engine);
MUST_CHECK struct error *step_run_read_aloud(struct engine *engine);
MUST_CHECK struct error *step_run_record_facts(struct engine *engine);
MUST_CHECK struct error *step_run_confirm(struct engine *engine);
MUST_CHECK struct error *step_run_check_token(struct engine *engine);
MUST_CHECK struct error *step_run_initialise_token(struct engine *engine);
MUST_CHECK struct error *step_run_set_pins(struct engine *engine);
MUST_CHECK struct error *step_run_split_pin(struct engine *engine);
MUST_CHECK struct error *step_run_unlock_by_quorum(struct engine *engine);
MUST_CHECK struct error *step_run_create_recorder(struct engine *engine);
MUST_CHECK struct error *step_run_generate_key(struct engine *engine);
MUST_CHECK struct error *step_run_find_key(struct engine *engine);
MUST_CHECK struct error *step_run_restore_key(struct engine *engine);
MUST_CHECK struct error *step_run_re_share(struct engine *engine);
MUST_CHECK struct error *step_run_retire_backup(struct engine *engine);
MUST_CHECK struct error *step_run_import_request(struct engine *engine);
MUST_CHECK struct error *step_run_import_existing(struct engine *engine);
MUST_CHECK struct error *step_run_import_certificate(struct engine *engine);
MUST_CHECK struct error *step_run_compare_fingerprint(struct engine *engine);
MUST_CHECK struct error *step_run_prove_possession(struct engine *engine);
MUST_CHECK struct error *step_run_back_up_key(struct engine *engine);
MUST_CHECK struct error *step_run_deliver_shares(struct engine *engine);
MUST_CHECK struct error *step_run_prove_restore(struct engine *engine);
MUST_CHECK struct error *step_run_lock_key(struct engine *engine);
MUST_CHECK struct error *step_run_create_request(struct engine *engine);
MUST_CHECK struct error *step_run_issue_certificate(struct engine *engine);
MUST_CHECK struct error *step_run_issue_crl(struct engine *engine);
MUST_CHECK struct error *step_run_revoke(struct engine *engine);
MUST_CHECK struct error *step_run_sign_crls(struct engine *engine);
MUST_CHECK struct error *step_run_sign_series(struct engine *engine);
MUST_CHECK struct error *step_run_release_crl(struct engine *engine);
MUST_CHECK struct error *step_run_destroy_series(struct engine *engine);
MUST_CHECK struct error *step_run_sign_requests(struct engine *engine);
MUST_CHECK struct error *step_run_cross_certify(struct engine *engine);
MUST_CHECK struct error *step_run_restrict_key(struct engine *engine);
MUST_CHECK struct error *step_run_destroy_key(struct engine *engine);
MUST_CHECK struct error *step_run_custody_check(struct engine *engine);
MUST_CHECK struct error *step_run_check_shares(struct engine *engine);
MUST_CHECK struct error *step_run_write_media(struct engine *engine);
MUST_CHECK struct error *step_run_seal_bags(struct engine *engine);
MUST_CHECK struct error *step_run_sign_off(struct engine *engine);
MUST_CHECK struct error *step_run_close(struct engine *engine);
