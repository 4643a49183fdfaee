/* SPDX-License-Identifier: Apache-2.0
 *
 * What is printed before a ceremony, as plain text at 80 columns: the script as a booklet with room
 * for times and initials, blank share forms, a recovery card. No secret ever goes to a printer. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/script/script.h"

/* The whole booklet, pages apart by form feeds. Parameters of the script are applied. */
MUST_CHECK struct error *booklet_text(const struct script *script, struct bytes *ret_text);
