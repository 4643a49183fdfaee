/* SPDX-License-Identifier: Apache-2.0
 *
 * What custodians typed when a secret was put together: each share once, each sealed again in a bag of its own,
 * and as many of each group as it takes. (R13, R76, R80) */
#pragma once

#include "ceremony/audit/evidence.h"
#include "ceremony/audit/report.h"
#include "ceremony/rules/share_plan.h"

/* `record` holds the commitment under `details`. `plan` NULL: how many it took is not known here. */
MUST_CHECK struct error *typed_shares_check(const struct evidence *evidence,
                                            const struct transcript_record *record,
                                            const struct share_plan *plan,
                                            struct report *report);
