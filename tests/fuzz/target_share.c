/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares as somebody types them, a line each, joined (R72 to R76). */
#include <string.h>

#include "shamir/slip39.h"
#include "tests/fuzz/fuzz.h"

static struct error *
type_line(struct slip39_collector *collector, const uint8_t *data, size_t size)
{
    AUTO(secret) text = NULL;
    AUTO(slip39_share) share = NULL;
    TRY(secret_from(data, size, &text));
    TRY(slip39_share_parse(text, &share));
    return slip39_collector_add(collector, TAKE(share));
}

static struct error *
collect(const uint8_t *data, size_t size)
{
    AUTO(slip39_collector) collector = NULL;
    AUTO(secret) master = NULL;
    struct slip39_progress progress;
    TRY(slip39_collector_new(&collector));
    for (size_t lines = 0; size > 0 && lines < 8; lines++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - data);
        if (len > 0 && len < 1024)
            error_free(type_line(collector, data, len));
        len += end == NULL ? 0 : 1;
        data += len;
        size -= len;
    }
    slip39_collector_progress(collector, &progress);
    return slip39_combine(collector, NULL, &master);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(collect(data, size));
}
