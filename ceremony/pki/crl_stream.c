/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/crl_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/pki/crl_entry.h"
#include "ceremony/pki/crl_frame.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/ossl.h"
#include "ceremony/pki/pki.h"

#define SIGNATURE_MAX 1100U /* DER of any signature that is made here, with its header */
#define LENGTH_MAX    UINT32_MAX
#define PART          (1U << 18)

struct pki_crl_stream {
    struct crl_frame frame;
    struct pki_crl_facts facts;
    struct file_stage *stage;
    size_t header_len; /* what was left in front of the to-be-signed bytes */
    bool is_signed;
    bool checked;
};

void
pki_crl_stream_free(struct pki_crl_stream *stream)
{
    if (stream == NULL)
        return;
    file_stage_free(stream->stage);
    crl_frame_clear(&stream->frame);
    free(stream);
}

const struct pki_crl_facts *
pki_crl_stream_facts(const struct pki_crl_stream *stream)
{
    return &stream->facts;
}

/* --- a sample --- */

struct sample {
    struct pki_revocation *list;
    unsigned char **issuers;
    size_t count;
};

static void
sample_clear(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++)
        free(sample->issuers[i]);
    free(sample->issuers);
    free(sample->list);
}

static struct error *
sample_add(struct sample *sample, const struct pki_revocation *revocation)
{
    struct pki_revocation *copy = &sample->list[sample->count];
    unsigned char **issuer = &sample->issuers[sample->count];
    *copy = *revocation;
    *issuer = malloc(revocation->issuer_len + 1);
    if (*issuer == NULL)
        return error_memory();
    sample->count++;
    if (revocation->issuer == NULL)
        return NULL;
    memcpy(*issuer, revocation->issuer, revocation->issuer_len);
    copy->issuer = *issuer;
    return NULL;
}

struct error *
pki_crl_sample(const struct pki_crl_order *order, const struct pki_revocations *source,
               size_t most, struct pki_draft *ret_draft)
{
    __attribute__((cleanup(sample_clear))) struct sample sample = {
        .list = calloc(most + 1, sizeof *sample.list),
        .issuers = calloc(most + 1, sizeof *sample.issuers),
    };
    if (sample.list == NULL || sample.issuers == NULL)
        return error_memory();
    TRY(source->rewind(source->self));
    while (sample.count < most) {
        struct pki_revocation revocation = {0};
        bool end = false;
        TRY(source->next(source->self, &revocation, &end));
        if (end)
            break;
        TRY(sample_add(&sample, &revocation));
    }
    struct pki_crl_order some = *order;
    some.revocations = sample.list;
    some.revocation_count = sample.count;
    return pki_crl_draft(&some, ret_draft);
}

/* --- one pass --- */

/* All entries in their order, behind room for what stands before them. */
static struct error *
write_entries(struct pki_crl_stream *stream, const struct pki_crl_order *order,
              const struct pki_revocations *source)
{
    AUTO_CRL_ENTRIES entries = {.order = order};
    AUTO_BYTES entry = {0};
    TRY(source->rewind(source->self));
    for (;;) {
        struct pki_revocation revocation = {0};
        bool end = false;
        TRY(source->next(source->self, &revocation, &end));
        if (end)
            break;
        entry.len = 0;
        TRY(crl_entries_put(&entries, &revocation, &entry));
        TRY(file_stage_write(stream->stage, entry.data, entry.len));
        if (file_stage_size(stream->stage) > LENGTH_MAX - (1U << 20))
            return ERROR(ERROR_INPUT, "this CRL would be larger than 4 GiB");
    }
    stream->facts.entries = entries.count;
    return NULL;
}

static uint64_t
element_len(uint64_t len)
{
    unsigned char header[DER_HEADER_MAX];
    return der_make_header(DER_SEQUENCE, (size_t)len, header) + len;
}

static struct error *
put_header(struct bytes *out, uint64_t len)
{
    unsigned char header[DER_HEADER_MAX];
    return bytes_append(out, header, der_make_header(DER_SEQUENCE, (size_t)len, header));
}

/* Everything before the entries, now that their length is known. The outermost header is a guess at
 * what the signature will need. */
static struct error *
make_front(struct pki_crl_stream *stream, uint64_t size, struct bytes *front)
{
    const struct crl_frame *frame = &stream->frame;
    bool list = stream->facts.entries > 0; /* absent, not empty, when nothing is revoked */
    uint64_t body = frame->head.len + frame->tail.len + (list ? element_len(size) : 0);
    stream->facts.tbs_len = element_len(body);
    TRY(put_header(front, stream->facts.tbs_len + frame->kind->der_len + SIGNATURE_MAX));
    stream->header_len = front->len;
    TRY(put_header(front, body));
    TRY(bytes_append(front, frame->head.data, frame->head.len));
    return list ? put_header(front, size) : NULL;
}

static struct error *
write_tbs(struct pki_crl_stream *stream, const struct pki_crl_order *order,
          const struct pki_revocations *source)
{
    AUTO_BYTES front = {0};
    AUTO_BYTES room = {0};
    size_t reserved = stream->frame.head.len + 3 * (size_t)DER_HEADER_MAX;
    for (size_t i = 0; i < reserved; i++)
        TRY(bytes_append_char(&room, '\0'));
    TRY(file_stage_write(stream->stage, room.data, room.len));
    TRY(write_entries(stream, order, source));
    TRY(make_front(stream, file_stage_size(stream->stage) - reserved, &front));
    TRY(file_stage_write(stream->stage, stream->frame.tail.data, stream->frame.tail.len));
    return file_stage_begin_with(stream->stage, front.data, front.len, reserved);
}

static struct error *
hash_begin(EVP_MD_CTX **ret_hash)
{
    *ret_hash = EVP_MD_CTX_new();
    if (*ret_hash == NULL || EVP_DigestInit_ex(*ret_hash, EVP_sha256(), NULL) != 1)
        return error_memory();
    return NULL;
}

static struct error *
hash_end(EVP_MD_CTX *hash, char ret_text[65])
{
    unsigned char digest[32];
    unsigned len = 0;
    if (EVP_DigestFinal_ex(hash, digest, &len) != 1 || len != sizeof digest)
        return error_memory();
    hex_encode(digest, sizeof digest, ret_text);
    return NULL;
}

static struct error *
hash_range(struct file_map *map, size_t from, size_t len, char ret_text[65])
{
    AUTO_MD_CTX hash = NULL;
    TRY(hash_begin(&hash));
    for (size_t at = from; at < from + len;) {
        size_t part = from + len - at < PART ? from + len - at : PART;
        if (EVP_DigestUpdate(hash, map->data + at, part) != 1)
            return error_memory();
        at += part;
        file_map_passed(map, map->data + at);
    }
    return hash_end(hash, ret_text);
}

static struct error *
hash_tbs(const struct pki_crl_stream *stream, char ret_text[65])
{
    AUTO_FILE_MAP map = {0};
    TRY(file_map_open(file_stage_path(stream->stage), &map));
    if (map.len < stream->header_len + stream->facts.tbs_len)
        return ERROR(ERROR_IO, "the CRL reads back different from what was written");
    return hash_range(&map, stream->header_len, (size_t)stream->facts.tbs_len, ret_text);
}

struct error *
pki_crl_stream_write(const struct pki_crl_order *order, const struct pki_revocations *source,
                     const char *path, struct pki_crl_stream **ret_stream)
{
    AUTO(pki_crl_stream) stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return error_memory();
    TRY(crl_frame_make(order, &stream->frame));
    (void)snprintf(stream->facts.digest, sizeof stream->facts.digest, "%s",
                   stream->frame.kind->digest);
    stream->facts.this_update = order->this_update;
    stream->facts.next_update = stream->frame.next_update;
    TRY(file_stage_begin(path, &stream->stage));
    TRY(write_tbs(stream, order, source));
    TRY(file_stage_flush(stream->stage));
    TRY(hash_tbs(stream, stream->facts.tbs_sha256));
    *ret_stream = TAKE(stream);
    return NULL;
}

/* --- signing --- */

/* The to-be-signed bytes, read back from the file; at their end their hash must be the announced. */
struct reading {
    const struct pki_crl_stream *stream;
    struct file_map *map;
    size_t at;
    EVP_MD_CTX *hash;
};

static struct error *
read_part(void *self, const void **ret_data, size_t *ret_len)
{
    struct reading *reading = self;
    const struct pki_crl_stream *stream = reading->stream;
    size_t end = stream->header_len + (size_t)stream->facts.tbs_len;
    const unsigned char *data = reading->map->data + reading->at;
    size_t part = end - reading->at < PART ? end - reading->at : PART;
    file_map_passed(reading->map, data);
    if (part > 0 && EVP_DigestUpdate(reading->hash, data, part) != 1)
        return error_memory();
    if (part == 0) {
        char text[65];
        TRY(hash_end(reading->hash, text));
        if (strcmp(text, stream->facts.tbs_sha256) != 0)
            return ERROR(ERROR_VERIFICATION,
                         "the bytes to be signed are not those that were announced");
    }
    reading->at += part;
    *ret_data = data;
    *ret_len = part;
    return NULL;
}

static struct error *
append_signature(struct pki_crl_stream *stream, const struct bytes *signature)
{
    const struct signature_kind *kind = stream->frame.kind;
    AUTO_BYTES tail = {0};
    unsigned char header[DER_HEADER_MAX];
    TRY(bytes_append(&tail, kind->der, kind->der_len));
    TRY(der_put_bits(&tail, signature->data, signature->len));
    if (tail.len > kind->der_len + SIGNATURE_MAX)
        return ERROR(ERROR_TOKEN, "the signature is longer than any that is made here");
    TRY(file_stage_write(stream->stage, tail.data, tail.len));
    size_t header_len =
        der_make_header(DER_SEQUENCE, (size_t)stream->facts.tbs_len + tail.len, header);
    TRY(file_stage_begin_with(stream->stage, header, header_len, stream->header_len));
    stream->header_len = header_len;
    stream->is_signed = true;
    return file_stage_flush(stream->stage);
}

struct error *
pki_crl_stream_sign(struct pki_crl_stream *stream, const struct pki_stream_signer *signer)
{
    BUG_ON(stream->is_signed);
    AUTO_FILE_MAP map = {0};
    AUTO_MD_CTX hash = NULL;
    AUTO_BYTES signature = {0};
    TRY(file_map_open(file_stage_path(stream->stage), &map));
    if (map.len != stream->header_len + stream->facts.tbs_len)
        return ERROR(ERROR_IO, "the CRL reads back different from what was written");
    TRY(hash_begin(&hash));
    struct reading reading = {
        .stream = stream, .map = &map, .at = stream->header_len, .hash = hash};
    struct byte_source source = {.next = read_part, .self = &reading};
    TRY(signer->sign(signer->self, stream->facts.digest, &source, &signature));
    if (reading.at != map.len)
        return ERROR(ERROR_TOKEN, "not all of the CRL was signed");
    return append_signature(stream, &signature);
}

/* --- reading back --- */

static struct error *
lint_map(struct file_map *map, const struct pki_lint_context *context,
         struct pki_lint_report *ret_report)
{
    struct pki_passing passing = {.passed = file_map_passed, .self = map};
    struct pki_lint_context flat = context != NULL ? *context : (struct pki_lint_context){0};
    flat.passing = &passing;
    return pki_lint(map->data, map->len, &flat, ret_report);
}

/* No waiver lets a wrong signature out (R32). */
static struct error *
require_signature(const struct pki_lint_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].lint, "signature") == 0)
            return ERROR(ERROR_VERIFICATION, "the new signature does not hold: %s",
                         report->findings[i].detail);
    return NULL;
}

struct error *
pki_crl_stream_check(struct pki_crl_stream *stream, const struct pki_lint_context *context,
                     struct pki_lint_report *ret_report, char ret_sha256[65])
{
    BUG_ON(!stream->is_signed || context->issuer == NULL || context->specimen_signature);
    AUTO_FILE_MAP map = {0};
    char tbs[65];
    char text[65];
    TRY(hash_tbs(stream, tbs));
    TRY(file_map_open(file_stage_path(stream->stage), &map));
    if (strcmp(tbs, stream->facts.tbs_sha256) != 0)
        return ERROR(ERROR_IO, "the CRL reads back different from what was written");
    TRY(lint_map(&map, context, ret_report));
    TRY(require_signature(ret_report));
    TRY(pki_lint_require(ret_report, "CRL"));
    TRY(hash_range(&map, 0, map.len, text));
    memcpy(ret_sha256, text, sizeof text);
    stream->checked = true;
    return NULL;
}

struct error *
pki_crl_stream_publish(struct pki_crl_stream *stream, bool replace)
{
    BUG_ON(!stream->checked);
    return file_stage_publish(stream->stage, replace);
}

struct error *
pki_lint_file(const char *path, const struct pki_lint_context *context,
              struct pki_lint_report *ret_report)
{
    AUTO_FILE_MAP map = {0};
    TRY(file_map_open(path, &map));
    return lint_map(&map, context, ret_report);
}
