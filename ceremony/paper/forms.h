/* SPDX-License-Identifier: Apache-2.0
 *
 * Forms that are filled in by hand. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/script/script.h"

/* One blank form for a share of 33 words; print as many as the plan has holders, and spares. */
MUST_CHECK struct error *forms_share(const struct script *script,
                                     const struct script_shares *shares, struct bytes *text);
/* How the key is recovered without this program, with room for what the ceremony records. */
MUST_CHECK struct error *forms_recovery_card(const struct script *script, struct bytes *text);
/* The page on which those without a certificate sign in ink. */
MUST_CHECK struct error *forms_sign_off(const struct script *script, struct bytes *text);
