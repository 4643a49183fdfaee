/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of seeds (R71): by the first byte its envelope, opened with a key of zeros as if a token had
 * given it; or its text, in parts of that size. */
#include "ceremony/batch/seeds_list.h"
#include "ceremony/batch/source.h"
#include "ceremony/pki/envelope_open.h"
#include "tests/fuzz/fuzz.h"

static struct error *
use(struct seeds_list *list)
{
    AUTO(batch_source) source = NULL;
    TRY(seeds_list_finish(list));
    TRY(batch_source_open_seeds(list, &source));
    for (size_t i = 0; i < seeds_list_count(list); i++) {
        AUTO(batch_item) item = NULL;
        TRY(batch_source_next(source, &item));
        (void)seeds_list_borrow(list, i);
    }
    return NULL;
}

static struct error *
take(void *self, const unsigned char *part, size_t len)
{
    return seeds_list_take(self, part, len);
}

static struct error *
open_envelope(const uint8_t *data, size_t size)
{
    AUTO(seeds_list) list = NULL;
    AUTO(secret) key = NULL;
    AUTO_BYTES der = {0};
    struct envelope_sealed sealed;
    TRY(envelope_from_file(data, size, &der));
    TRY(envelope_read(der.data, der.len, &sealed));
    TRY(secret_new(ENVELOPE_KEY, &key));
    TRY(seeds_list_new(&list));
    const struct envelope_reader reader = {list, take};
    TRY(envelope_decrypt(&sealed, key, &reader));
    return use(list);
}

static struct error *
take_text(const uint8_t *data, size_t size, size_t part)
{
    AUTO(seeds_list) list = NULL;
    TRY(seeds_list_new(&list));
    for (size_t at = 0; at < size; at += part)
        TRY(seeds_list_take(list, data + at, size - at < part ? size - at : part));
    return use(list);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    if (size == 0)
        return;
    error_free(data[0] == 0 ? open_envelope(data + 1, size - 1)
                            : take_text(data + 1, size - 1, data[0]));
}
