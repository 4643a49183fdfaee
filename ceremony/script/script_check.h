/* SPDX-License-Identifier: Apache-2.0
 *
 * Between script_check.c (names) and script_order.c (order). Private to script/. */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ceremony/script/script_read.h"

/* The steps of all acts in a row. */
struct script_view {
    const struct script *script;
    struct faults *faults;
    const struct script_step *steps[SCRIPT_STEPS_MAX];
    size_t step_count;
};

/* A fault at a text of the script. */
MUST_CHECK struct error *script_fault(struct script_view *view, const char *text,
                                      const char *format, ...) PRINTF_LIKE(3, 4);
/* script_pins.c */
/* A step that looks at what earlier ceremonies gave out, and uses no key. */
bool script_is_custody(enum step_kind kind);
MUST_CHECK struct error *script_check_pins(struct script_view *view);
/* script_origin.c: the key origin of a step that signs a batch. */
MUST_CHECK struct error *script_check_origin(struct script_view *view,
                                             const struct script_step *step);
/* script_covers.c: indirect CRLs, and whose revocations they list. */
MUST_CHECK struct error *script_check_covers(struct script_view *view,
                                             const struct script_step *step);
/* script_use.c: keys that decrypt. */
MUST_CHECK struct error *script_check_use(struct script_view *view);
MUST_CHECK struct error *script_check_order(struct script_view *view);
