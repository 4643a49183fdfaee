/* SPDX-License-Identifier: Apache-2.0
 *
 * GeneralName, judged; inside pki/ only. */
#pragma once

#include "ceremony/pki/lint_internal.h"

/* One name: known form, right tag, not empty, contents as RFC 5280 4.2.1.6 (or, as a constraint,
 * 4.2.1.10) wants them. */
MUST_CHECK const char *lint_check_general_name(const struct der_item *name, bool constraint);
/* One or more of them. */
MUST_CHECK const char *lint_check_general_names(struct der names, bool constraint);
