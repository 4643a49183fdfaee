/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/steps/step.h"

static const struct step_row rows[] = {
    {STEP_ROLL_CALL,           RULE_REPEAT, step_run_roll_call,           false},
    {STEP_READ_ALOUD,          RULE_REPEAT, step_run_read_aloud,          false},
    {STEP_RECORD_FACTS,        RULE_REPEAT, step_run_record_facts,        true },
    {STEP_CONFIRM,             RULE_REPEAT, step_run_confirm,             false},
    {STEP_CHECK_TOKEN,         RULE_REPEAT, step_run_check_token,         true },
    {STEP_INITIALISE_TOKEN,    RULE_ASK,    step_run_initialise_token,    true },
    {STEP_SET_PINS,            RULE_REPEAT, step_run_set_pins,            true },
    {STEP_SPLIT_PIN,           RULE_VOID,   step_run_split_pin,           true },
    {STEP_UNLOCK_BY_QUORUM,    RULE_REPEAT, step_run_unlock_by_quorum,    true },
    {STEP_CREATE_RECORDER,     RULE_ASK,    step_run_create_recorder,     true },
    {STEP_GENERATE_KEY,        RULE_ASK,    step_run_generate_key,        true },
    {STEP_FIND_KEY,            RULE_REPEAT, step_run_find_key,            true },
    {STEP_RESTORE_KEY,         RULE_REPEAT, step_run_restore_key,         true },
    {STEP_IMPORT_REQUEST,      RULE_REPEAT, step_run_import_request,      true },
    {STEP_IMPORT_EXISTING,     RULE_REPEAT, step_run_import_existing,     true },
    {STEP_IMPORT_CERTIFICATE,  RULE_REPEAT, step_run_import_certificate,  true },
    {STEP_COMPARE_FINGERPRINT, RULE_REPEAT, step_run_compare_fingerprint, true },
    {STEP_PROVE_POSSESSION,    RULE_REPEAT, step_run_prove_possession,    true },
    {STEP_BACK_UP_KEY,         RULE_VOID,   step_run_back_up_key,         true },
    {STEP_DELIVER_SHARES,      RULE_VOID,   step_run_deliver_shares,      false},
    {STEP_PROVE_RESTORE,       RULE_VOID,   step_run_prove_restore,       true },
    {STEP_LOCK_KEY,            RULE_REPEAT, step_run_lock_key,            true },
    {STEP_RE_SHARE,            RULE_VOID,   step_run_re_share,            true },
    {STEP_RETIRE_BACKUP,       RULE_REPEAT, step_run_retire_backup,       true },
    {STEP_CREATE_REQUEST,      RULE_REPEAT, step_run_create_request,      true },
    {STEP_ISSUE_CERTIFICATE,   RULE_REPEAT, step_run_issue_certificate,   true },
    {STEP_ISSUE_CRL,           RULE_REPEAT, step_run_issue_crl,           true },
    {STEP_REVOKE,              RULE_REPEAT, step_run_revoke,              true },
    {STEP_SIGN_CRLS,           RULE_REPEAT, step_run_sign_crls,           true },
    {STEP_SIGN_SERIES,         RULE_REPEAT, step_run_sign_series,         true },
    {STEP_RELEASE_CRL,         RULE_REPEAT, step_run_release_crl,         true },
    {STEP_DESTROY_SERIES,      RULE_REPEAT, step_run_destroy_series,      true },
    {STEP_SIGN_REQUESTS,       RULE_REPEAT, step_run_sign_requests,       true },
    {STEP_CROSS_CERTIFY,       RULE_REPEAT, step_run_cross_certify,       true },
    {STEP_RESTRICT_KEY,        RULE_REPEAT, step_run_restrict_key,        true },
    {STEP_DESTROY_KEY,         RULE_REPEAT, step_run_destroy_key,         true },
    {STEP_CUSTODY_CHECK,       RULE_REPEAT, step_run_custody_check,       true },
    {STEP_CHECK_SHARES,        RULE_REPEAT, step_run_check_shares,        true },
    {STEP_WRITE_MEDIA,         RULE_REPEAT, step_run_write_media,         false},
    {STEP_SEAL_BAGS,           RULE_REPEAT, step_run_seal_bags,           false},
    {STEP_SIGN_OFF,            RULE_REPEAT, step_run_sign_off,            true },
    {STEP_CLOSE,               RULE_REPEAT, step_run_close,               false},
};

const struct step_row *
step_row(enum step_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    BUG("a step kind has no row");
}
