/* SPDX-License-Identifier: Apache-2.0
 *
 * What the line's own readers must know of a line of results.jsonl; the whole of it is for anybody
 * with a JSON parser. */
#pragma once

#include "ceremony/batch/block.h"

struct results_facts {
    uint64_t block;
    uint64_t index;
    enum batch_fate fate;
    bool resigned;
};

/* `len` without the newline. Errors: verification. */
MUST_CHECK struct error *results_line_facts(const char *line, size_t len,
                                            struct results_facts *ret_facts);
