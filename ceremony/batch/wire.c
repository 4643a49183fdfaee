/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/wire.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/flat.h"
#include "ceremony/batch/check_codes.h"

#define DATA_PART ((size_t)1 << 19)
#define PARTS_MAX 1024U /* fields, parts of a name, names: none of ours has more */

/* --- written --- */

/* Where in the request a view lies. */
static struct error *
put_view(struct bytes *frame, const struct batch_item *item, struct der view)
{
    TRY(flat_put_number(frame, view.len > 0 ? (uint64_t)(view.p - item->request.data) : 0));
    return flat_put_number(frame, view.len);
}

static struct error *
put_asked(struct bytes *frame, const struct batch_item *item)
{
    TRY(flat_put_number(frame, item->asked_subject.count));
    for (size_t i = 0; i < item->asked_subject.count; i++) {
        TRY(flat_put_text(frame, item->asked_subject.parts[i].type));
        TRY(flat_put_text(frame, item->asked_subject.parts[i].value));
    }
    TRY(flat_put_number(frame, item->asked_names.count));
    for (size_t i = 0; i < item->asked_names.count; i++) {
        TRY(flat_put_text(frame, item->asked_names.items[i].type));
        TRY(flat_put_text(frame, item->asked_names.items[i].value));
    }
    return NULL;
}

static struct error *
put_fields(struct bytes *frame, const struct batch_item *item)
{
    TRY(flat_put_number(frame, item->field_count));
    for (size_t i = 0; i < item->field_count; i++) {
        TRY(flat_put_text(frame, item->fields[i].name));
        TRY(flat_put_text(frame, item->fields[i].value));
    }
    return NULL;
}

struct error *
wire_put_bound(struct bytes *bound, const struct batch_item *item)
{
    TRY(flat_put_octets(bound, item->request.data, item->request.len));
    TRY(put_view(bound, item, item->spki));
    TRY(put_view(bound, item, item->subject));
    TRY(put_fields(bound, item));
    return put_asked(bound, item);
}

static struct error *
put_parts(struct bytes *frame, const struct batch_item *item)
{
    TRY(flat_put_number(frame, item->index));
    TRY(flat_put_text(frame, item->name));
    TRY(flat_put_text(frame, item->input_sha256));
    TRY(flat_put_octets(frame, item->request.data, item->request.len));
    TRY(put_view(frame, item, item->spki));
    TRY(put_view(frame, item, item->subject));
    TRY(put_fields(frame, item));
    TRY(flat_put_number(frame, (uint64_t)item->verdict));
    TRY(flat_put_number(frame, item->code_count));
    for (size_t i = 0; i < item->code_count; i++)
        TRY(flat_put_number(frame, item->codes[i]));
    TRY(flat_put_text(frame, item->remark));
    return put_asked(frame, item);
}

struct error *
wire_put_item(struct bytes *frame, const struct batch_item *item)
{
    size_t start = 0;
    TRY(flat_begin(frame, WIRE_ITEM, &start));
    TRY(put_parts(frame, item));
    return flat_end(frame, start);
}

struct error *
wire_put_end(struct bytes *frame)
{
    size_t start = 0;
    TRY(flat_begin(frame, WIRE_END, &start));
    return flat_end(frame, start);
}

struct error *
wire_put_error(struct bytes *frame, const struct error *error)
{
    size_t start = 0;
    TRY(flat_begin(frame, WIRE_ERROR, &start));
    TRY(flat_put_error(frame, error));
    return flat_end(frame, start);
}

/* --- read --- */

static struct error *
take_view(struct flat_reading *in, const struct batch_item *item, struct der *ret_view)
{
    uint64_t at = 0;
    uint64_t len = 0;
    TRY(flat_take_number(in, item->request.len, &at));
    TRY(flat_take_number(in, item->request.len - at, &len));
    *ret_view = len > 0 ? der_view(item->request.data + at, (size_t)len) : (struct der){0};
    return NULL;
}

static struct error *
take_fields(struct flat_reading *in, struct batch_item *item)
{
    uint64_t count = 0;
    TRY(flat_take_number(in, PARTS_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *value = NULL;
        TRY(flat_take_text(in, WIRE_FRAME_MAX, &name));
        TRY(flat_take_text(in, WIRE_FRAME_MAX, &value));
        TRY(batch_item_add_field(item, name, value));
    }
    return NULL;
}

static struct error *
take_verdict(struct flat_reading *in, struct batch_item *item)
{
    uint64_t number = 0;
    uint64_t count = 0;
    TRY(flat_take_number(in, BATCH_REFUSED, &number));
    item->verdict = (enum batch_verdict)number;
    TRY(flat_take_number(in, BATCH_CODES_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        TRY(flat_take_number(in, BATCH_CODE_COUNT - 1, &number));
        item->codes[item->code_count++] = (uint16_t)number;
    }
    TRY(flat_take_fixed(in, item->remark, sizeof item->remark));
    /* Refused without a reason, or accepted without a key: nobody said so. */
    bool reason = item->code_count > 0;
    if (item->verdict == BATCH_UNJUDGED || (item->verdict == BATCH_REFUSED && !reason)
        || (item->verdict == BATCH_ACCEPTED && item->request.len > 0 && item->spki.len == 0))
        return flat_malformed();
    return NULL;
}

static struct error *
take_asked_subject(struct flat_reading *in, struct pki_name *name)
{
    uint64_t count = 0;
    TRY(flat_take_number(in, PARTS_MAX, &count));
    if (count == 0)
        return NULL;
    name->parts = calloc((size_t)count, sizeof *name->parts);
    if (name->parts == NULL)
        return error_memory();
    for (; name->count < count; name->count++) {
        struct pki_name_part *part = &name->parts[name->count];
        TRY(flat_take_text(in, WIRE_FRAME_MAX, &part->type));
        struct error *error = flat_take_text(in, WIRE_FRAME_MAX, &part->value);
        if (error != NULL) {
            free(TAKE(part->type));
            return error;
        }
    }
    return NULL;
}

static struct error *
take_asked_names(struct flat_reading *in, struct pki_general_names *names)
{
    uint64_t count = 0;
    TRY(flat_take_number(in, PARTS_MAX, &count));
    if (count == 0)
        return NULL;
    names->items = calloc((size_t)count, sizeof *names->items);
    if (names->items == NULL)
        return error_memory();
    for (; names->count < count; names->count++) {
        struct pki_general_name *name = &names->items[names->count];
        TRY(flat_take_text(in, WIRE_FRAME_MAX, &name->type));
        struct error *error = flat_take_text(in, WIRE_FRAME_MAX, &name->value);
        if (error != NULL) {
            free(TAKE(name->type));
            return error;
        }
    }
    return NULL;
}

static struct error *
take_item(struct flat_reading *in, struct batch_item *item)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    TRY(flat_take_number(in, UINT64_MAX, &item->index));
    TRY(flat_take_text(in, WIRE_FRAME_MAX, &item->name));
    TRY(flat_take_fixed(in, item->input_sha256, sizeof item->input_sha256));
    TRY(flat_take_octets(in, WIRE_FRAME_MAX, &data, &len));
    TRY(bytes_copy(&item->request, data, len));
    TRY(take_view(in, item, &item->spki));
    TRY(take_view(in, item, &item->subject));
    TRY(take_fields(in, item));
    TRY(take_verdict(in, item));
    TRY(take_asked_subject(in, &item->asked_subject));
    TRY(take_asked_names(in, &item->asked_names));
    return flat_take_end(in);
}

struct error *
wire_take(const void *frame, size_t len, struct batch_item **ret_item)
{
    struct flat_reading in = {frame, len};
    AUTO(batch_item) item = NULL;
    *ret_item = NULL;
    if (frame == NULL || len == 0 || len > WIRE_FRAME_MAX)
        return flat_malformed();
    unsigned char kind = *in.p++;
    in.left--;
    if (kind == WIRE_END && in.left == 0)
        return NULL;
    if (kind == WIRE_ERROR)
        return flat_take_error(&in);
    if (kind != WIRE_ITEM)
        return flat_malformed();
    TRY(batch_item_new(&item));
    TRY(take_item(&in, item));
    *ret_item = TAKE(item);
    return NULL;
}

struct error *
wire_next(struct flat_pipe *pipe, enum wire_kind *ret_kind, struct flat_reading *ret_body)
{
    struct flat_reading frame = {0};
    TRY(flat_pipe_next(pipe, &frame));
    unsigned char kind = *frame.p++;
    frame.left--;
    if (kind == WIRE_ERROR)
        return flat_take_error(&frame);
    if (kind != WIRE_FACTS && kind != WIRE_DATA && kind != WIRE_ROWS && kind != WIRE_END)
        return flat_malformed();
    *ret_kind = (enum wire_kind)kind;
    *ret_body = frame;
    return NULL;
}

struct error *
wire_expect(struct flat_pipe *pipe, enum wire_kind kind, struct flat_reading *ret_body)
{
    enum wire_kind found = WIRE_END;
    TRY(wire_next(pipe, &found, ret_body));
    return found == kind ? NULL : flat_malformed();
}

struct error *
wire_send_data(const struct bytes *data, int out)
{
    for (size_t at = 0; at < data->len; at += DATA_PART) {
        AUTO_BYTES frame = {0};
        size_t start = 0;
        size_t left = data->len - at;
        TRY(flat_begin(&frame, WIRE_DATA, &start));
        TRY(bytes_append(&frame, data->data + at, left < DATA_PART ? left : DATA_PART));
        TRY(flat_end(&frame, start));
        TRY(flat_send(out, frame.data, frame.len));
    }
    return NULL;
}

struct error *
wire_take_data(struct flat_pipe *pipe, size_t len, struct bytes *ret_data)
{
    while (ret_data->len < len) {
        struct flat_reading body = {0};
        TRY(wire_expect(pipe, WIRE_DATA, &body));
        if (body.left == 0 || body.left > len - ret_data->len)
            return flat_malformed();
        TRY(bytes_append(ret_data, body.p, body.left));
    }
    return NULL;
}
