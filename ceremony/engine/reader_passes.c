/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/reader_passes.h"

#include <unistd.h>

#include "ceremony/batch/wire.h"
#include "ceremony/engine/brought_facts.h"
#include "ceremony/engine/crl_read.h"
#include "ceremony/engine/recipient_read.h"
#include "ceremony/engine/revocations_read.h"
#include "ceremony/engine/seeds_read.h"
#include "ceremony/engine/steps/read_requests.h"

typedef size_t paths(const struct reader_task *task, const char *ret_paths[READER_PATHS]);
typedef struct error *serve(const struct reader_task *task);

static size_t
no_paths(const struct reader_task *task, const char *ret_paths[READER_PATHS])
{
    (void)task;
    (void)ret_paths;
    return 0;
}

/* The files come over; the evidence folder that stands beside one is read where it lies. */
static size_t
evidence_paths(const struct reader_task *task, const char *ret_paths[READER_PATHS])
{
    size_t count = 0;
    for (size_t i = 0; i < task->documents->count; i++) {
        const struct site_input *input =
            site_input(task->engine->site, task->documents->items[i].name);
        if (input != NULL && input->evidence[0] != '\0' && access(input->evidence, R_OK) == 0)
            ret_paths[count++] = input->evidence;
    }
    return count;
}

static const struct {
    paths *paths;
    serve *serve;
} passes[READER_PASSES] = {
    [READER_REQUESTS] = {read_requests_paths, read_requests            },
    [READER_REQUEST] = {evidence_paths,      brought_serve_request    },
    [READER_CERTIFICATE] = {evidence_paths,      brought_serve_certificate},
    [READER_EXISTING] = {evidence_paths,      brought_serve_existing   },
    [READER_CRL] = {no_paths,            crl_read_serve           },
    [READER_REVOCATIONS] = {no_paths,            revocations_read_serve   },
    [READER_RECIPIENT] = {no_paths,            recipient_read_serve     },
    [READER_SEEDS] = {no_paths,            seeds_read_serve         },
};

size_t
reader_paths(enum reader_pass pass, const struct reader_task *task,
             const char *ret_paths[READER_PATHS])
{
    return passes[pass].paths(task, ret_paths);
}

struct error *
reader_serve(enum reader_pass pass, const struct reader_task *task)
{
    return passes[pass].serve(task);
}

struct error *
reader_answer(const struct bytes *facts, int out)
{
    AUTO_BYTES frames = {0};
    size_t start = 0;
    TRY(flat_begin(&frames, WIRE_FACTS, &start));
    TRY(bytes_append(&frames, facts->data, facts->len));
    TRY(flat_end(&frames, start));
    TRY(wire_put_end(&frames));
    return flat_send(out, frames.data, frames.len);
}
