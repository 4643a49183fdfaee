/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/seeds_read.h"

#include "ceremony/batch/wire.h"
#include "ceremony/engine/seeds.h"

#define KEY_MAX  1024U /* octets of a key encrypted by RSA */
#define IV_LEN   16U
#define BLOCK_OF 16U

/* Where in the DER the parts lie. */
struct parts {
    size_t der_len;
    bool sha1;
    size_t key_at;
    size_t key_len;
    size_t iv_at;
    size_t contents_at;
    size_t contents_len;
};

static const struct flat_row rows[] = {
    FLAT(FLAT_SIZE, struct parts, der_len, SEEDS_FILE_MAX),
    FLAT(FLAT_BOOL, struct parts, sha1, 0),
    FLAT(FLAT_SIZE, struct parts, key_at, SEEDS_FILE_MAX),
    FLAT(FLAT_SIZE, struct parts, key_len, KEY_MAX),
    FLAT(FLAT_SIZE, struct parts, iv_at, SEEDS_FILE_MAX),
    FLAT(FLAT_SIZE, struct parts, contents_at, SEEDS_FILE_MAX),
    FLAT(FLAT_SIZE, struct parts, contents_len, SEEDS_FILE_MAX),
};
static const struct flat_table table = FLAT_TABLE(rows);

/* --- the process that reads --- */

struct error *
seeds_read_serve(const struct reader_task *task)
{
    const struct document *document = NULL;
    struct envelope_sealed sealed;
    AUTO_BYTES der = {0};
    AUTO_BYTES frame = {0};
    size_t start = 0;
    TRY(documents_get(task->documents, task->input, &document));
    TRY(envelope_from_file(document->data, document->len, &der));
    TRY(envelope_read(der.data, der.len, &sealed));
    TRY(envelope_check_for(&sealed, task->issuer->data, task->issuer->len));
    const struct parts parts = {.der_len = der.len,
                                .sha1 = sealed.sha1,
                                .key_at = (size_t)(sealed.key.p - der.data),
                                .key_len = sealed.key.len,
                                .iv_at = (size_t)(sealed.iv.p - der.data),
                                .contents_at = (size_t)(sealed.contents.p - der.data),
                                .contents_len = sealed.contents.len};
    TRY(flat_begin(&frame, WIRE_FACTS, &start));
    TRY(flat_put(&table, &parts, &frame));
    TRY(flat_end(&frame, start));
    TRY(flat_send(task->out, frame.data, frame.len));
    TRY(wire_send_data(&der, task->out));
    bytes_clear(&frame);
    TRY(wire_put_end(&frame));
    return flat_send(task->out, frame.data, frame.len);
}

/* --- the process that signs --- */

static bool
lies_within(const struct bytes *der, size_t at, size_t len)
{
    return at <= der->len && len <= der->len - at;
}

static struct error *
take_parts(const struct parts *parts, struct seeds_envelope *envelope)
{
    const struct bytes *der = &envelope->der;
    if (!lies_within(der, parts->key_at, parts->key_len) || parts->key_len == 0
        || !lies_within(der, parts->iv_at, IV_LEN)
        || !lies_within(der, parts->contents_at, parts->contents_len)
        || parts->contents_len == 0 || parts->contents_len % BLOCK_OF != 0)
        return flat_malformed();
    envelope->sealed = (struct envelope_sealed){
        .sha1 = parts->sha1,
        .key = der_view(der->data + parts->key_at, parts->key_len),
        .iv = der_view(der->data + parts->iv_at, IV_LEN),
        .contents = der_view(der->data + parts->contents_at, parts->contents_len)};
    return NULL;
}

static struct error *
take(struct flat_pipe *pipe, struct seeds_envelope *envelope)
{
    struct flat_reading body;
    struct parts parts = {0};
    TRY(wire_expect(pipe, WIRE_FACTS, &body));
    TRY(flat_take(&table, &body, &parts));
    TRY(flat_take_end(&body));
    TRY(wire_take_data(pipe, parts.der_len, &envelope->der));
    TRY(wire_expect(pipe, WIRE_END, &body));
    TRY(flat_take_end(&body));
    return take_parts(&parts, envelope);
}

struct error *
seeds_read_ask(struct engine *engine, struct documents *documents, const char *input,
               const struct bytes *certificate, struct seeds_envelope *ret_envelope)
{
    AUTO(flat_pipe) pipe = NULL;
    const struct reader_wish wish = {
        .pass = READER_SEEDS, .input = input, .issuer = certificate, .documents = documents};
    TRY(reader_ask(engine, &wish, &pipe));
    TRY(documents_own_error(documents, take(pipe, ret_envelope)));
    return documents_hold(documents, input, &ret_envelope->der) ? NULL : flat_malformed();
}
