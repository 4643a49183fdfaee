/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/check_codes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct request_row rows[] = {
#define CHECK_ROW(name, code, outcome, source, sentence)                                       \
    {code, REQUEST_##outcome, source, sentence},
#include "ceremony/batch/check_rows.h"
#undef CHECK_ROW
};

const struct request_row *
batch_code_row(unsigned code)
{
    size_t count = 0;
    const struct request_row *of_requests = request_rows(&count);
    BUG_ON(code >= BATCH_CODE_COUNT);
    return code < count ? &of_requests[code] : &rows[code - count];
}

int
batch_code_find(const char *text)
{
    for (unsigned code = 0; code < BATCH_CODE_COUNT; code++)
        if (strcmp(batch_code_row(code)->code, text) == 0)
            return (int)code;
    return -1;
}

static bool
is_refusal(unsigned code)
{
    return batch_code_row(code)->outcome == REQUEST_REFUSED;
}

/* Where a code goes: behind its like, refusals first. */
static size_t
place_for(const struct batch_item *item, bool refusal)
{
    size_t at = 0;
    while (at < item->code_count && (!refusal || is_refusal(item->codes[at])))
        at++;
    return at;
}

void
batch_item_add_code(struct batch_item *item, unsigned code, const char *format, ...)
{
    for (size_t i = 0; i < item->code_count; i++)
        if (item->codes[i] == code)
            return;
    size_t at = place_for(item, is_refusal(code));
    if (is_refusal(code))
        item->verdict = BATCH_REFUSED;
    if (at == BATCH_CODES_MAX)
        return;
    if (item->code_count < BATCH_CODES_MAX)
        item->code_count++;
    memmove(&item->codes[at + 1], &item->codes[at],
            (item->code_count - at - 1) * sizeof item->codes[0]);
    item->codes[at] = (uint16_t)code;
    if (at > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(item->remark, sizeof item->remark, format, arguments);
    va_end(arguments);
}
