/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests on a medium: the first byte says in which form, JSON lines, CSV, PEM blocks or an
 * archive (T17). */
#include "ceremony/batch/source.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    static const enum batch_source_kind kinds[] = {BATCH_SOURCE_JSON_LINES, BATCH_SOURCE_CSV,
                                                   BATCH_SOURCE_PEM, BATCH_SOURCE_TAR};

    if (size == 0)
        return;
    AUTO(batch_source) source = NULL;
    struct error *error = batch_source_open(fuzz_file("requests", data + 1, size - 1),
                                            kinds[data[0] % 4], NULL, &source);
    for (int i = 0; error == NULL && i < 100; i++) {
        AUTO(batch_item) item = NULL;
        error = batch_source_next(source, &item);
        if (item == NULL)
            break;
    }
    error_free(error);
}
