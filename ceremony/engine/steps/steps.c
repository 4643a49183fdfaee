/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/steps/step.h"

static const struct step_row rows[] = {
    {STEP_ROLL_CALL,           RULE_REPEAT, step_run_roll_call          },
    {STEP_READ_ALOUD,          RULE_REPEAT, step_run_read_aloud         },
    {STEP_RECORD_FACTS,        RULE_REPEAT, step_run_record_facts       },
    {STEP_CONFIRM,             RULE_REPEAT, step_run_confirm            },
    {STEP_CHECK_TOKEN,         RULE_REPEAT, step_run_check_token        },
    {STEP_INITIALISE_TOKEN,    RULE_ASK,    step_run_initialise_token   },
    {STEP_SET_PINS,            RULE_REPEAT, step_run_set_pins           },
    {STEP_CREATE_RECORDER,     RULE_ASK,    step_run_create_recorder    },
    {STEP_GENERATE_KEY,        RULE_ASK,    step_run_generate_key       },
    {STEP_COMPARE_FINGERPRINT, RULE_REPEAT, step_run_compare_fingerprint},
    {STEP_PROVE_POSSESSION,    RULE_REPEAT, step_run_prove_possession   },
    {STEP_BACK_UP_KEY,         RULE_VOID,   step_run_back_up_key        },
    {STEP_DELIVER_SHARES,      RULE_VOID,   step_run_deliver_shares     },
    {STEP_PROVE_RESTORE,       RULE_VOID,   step_run_prove_restore      },
    {STEP_LOCK_KEY,            RULE_REPEAT, step_run_lock_key           },
    {STEP_ISSUE_CERTIFICATE,   RULE_REPEAT, step_run_issue_certificate  },
    {STEP_ISSUE_CRL,           RULE_REPEAT, step_run_issue_crl          },
    {STEP_WRITE_MEDIA,         RULE_REPEAT, step_run_write_media        },
    {STEP_SEAL_BAGS,           RULE_REPEAT, step_run_seal_bags          },
    {STEP_SIGN_OFF,            RULE_REPEAT, step_run_sign_off           },
    {STEP_CLOSE,               RULE_REPEAT, step_run_close              },
};

const struct step_row *
step_row(enum step_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    BUG("a step kind has no row");
}
