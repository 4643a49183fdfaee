/* SPDX-License-Identifier: Apache-2.0
 *
 * A share plan in words. (R85) */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/rules/share_plan.h"

/* How many shares may be lost, whichever they are: for one group n-k. For every copy. */
unsigned plan_spare(const struct share_plan *plan);
/* Appends thresholds, holders and places: for the confidential copy only. */
MUST_CHECK struct error *plan_describe(const struct share_plan *plan, struct bytes *text);
