/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/recipient_read.h"

#include "ceremony/base/clock.h"
#include "ceremony/batch/wire.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/envelope.h"

#define CERTIFICATE_MAX 65536U

static const struct flat_row rows[] = {
    {FLAT_BYTES, 0, sizeof(struct bytes), CERTIFICATE_MAX},
};
static const struct flat_table table = FLAT_TABLE(rows);

struct error *
recipient_read_serve(const struct reader_task *task)
{
    const struct document *document = NULL;
    AUTO_BYTES der = {0};
    AUTO_BYTES facts = {0};
    char label[32];
    TRY(documents_get(task->documents, task->input, &document));
    TRY(pki_from_file(document->data, document->len, &der, label));
    TRY(envelope_check_recipient(der.data, der.len, task->now));
    TRY(flat_put(&table, &der, &facts));
    return reader_answer(&facts, task->out);
}

static struct error *
take(struct flat_pipe *pipe, struct bytes *der)
{
    struct flat_reading body;
    TRY(wire_expect(pipe, WIRE_FACTS, &body));
    TRY(flat_take(&table, &body, der));
    TRY(flat_take_end(&body));
    TRY(wire_expect(pipe, WIRE_END, &body));
    return flat_take_end(&body);
}

struct error *
recipient_read_ask(struct engine *engine, const char *input, struct bytes *ret_der)
{
    AUTO_DOCUMENTS documents = {0};
    AUTO(flat_pipe) pipe = NULL;
    struct clock_reading now;
    clock_read(&now);
    const struct reader_wish wish = {.pass = READER_RECIPIENT,
                                     .input = input,
                                     .documents = &documents,
                                     .now = now.wall_ms / 1000};
    TRY(documents_read(&documents, engine->site, input, CERTIFICATE_MAX));
    TRY(reader_ask(engine, &wish, &pipe));
    TRY(documents_own_error(&documents, take(pipe, ret_der)));
    return documents_hold(&documents, input, ret_der) ? NULL : flat_malformed();
}
