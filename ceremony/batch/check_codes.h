/* SPDX-License-Identifier: Apache-2.0
 *
 * All codes that an item can have: those of its request first (ceremony/pki/request.h), then those of
 * the medium, the manifest and the batch. */
#pragma once

#include "ceremony/batch/item.h"
#include "ceremony/pki/request.h"

enum batch_code {
    BATCH_CODE_FIRST = REQUEST_CODE_COUNT - 1,
#define CHECK_ROW(name, code, outcome, source, sentence) BATCH_##name,
#include "ceremony/batch/check_rows.h"
#undef CHECK_ROW
    BATCH_CODE_COUNT
};

/* The row of a code (a `request_code` or `batch_code`), which must be one. */
const struct request_row *batch_code_row(unsigned code);
/* By its stable text, or -1. */
int batch_code_find(const char *text);

/* Adds a code, refusals before remarks; a refusal makes the item refused. The words go to `remark` if
 * the code is the first; they are shown, so nothing raw may be in them. */
void batch_item_add_code(struct batch_item *item, unsigned code, const char *format, ...)
    PRINTF_LIKE(3, 4);
