/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/wire.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/check_codes.h"

#define PARTS_MAX 1024U /* fields, parts of a name, names: none of ours has more */

/* --- written --- */

static struct error *
put_number(struct bytes *frame, uint64_t number)
{
    unsigned char octets[8];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (unsigned char)(number >> (8 * (7 - i)));
    return bytes_append(frame, octets, sizeof octets);
}

static struct error *
put_octets(struct bytes *frame, const void *data, size_t len)
{
    TRY(put_number(frame, len));
    return bytes_append(frame, data, len);
}

static struct error *
put_text(struct bytes *frame, const char *text)
{
    return put_octets(frame, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* Where in the request a view lies. */
static struct error *
put_view(struct bytes *frame, const struct batch_item *item, struct der view)
{
    TRY(put_number(frame, view.len > 0 ? (uint64_t)(view.p - item->request.data) : 0));
    return put_number(frame, view.len);
}

static struct error *
put_asked(struct bytes *frame, const struct batch_item *item)
{
    TRY(put_number(frame, item->asked_subject.count));
    for (size_t i = 0; i < item->asked_subject.count; i++) {
        TRY(put_text(frame, item->asked_subject.parts[i].type));
        TRY(put_text(frame, item->asked_subject.parts[i].value));
    }
    TRY(put_number(frame, item->asked_names.count));
    for (size_t i = 0; i < item->asked_names.count; i++) {
        TRY(put_text(frame, item->asked_names.items[i].type));
        TRY(put_text(frame, item->asked_names.items[i].value));
    }
    return NULL;
}

static struct error *
put_parts(struct bytes *frame, const struct batch_item *item)
{
    TRY(put_number(frame, item->index));
    TRY(put_text(frame, item->name));
    TRY(put_text(frame, item->input_sha256));
    TRY(put_octets(frame, item->request.data, item->request.len));
    TRY(put_view(frame, item, item->spki));
    TRY(put_view(frame, item, item->subject));
    TRY(put_number(frame, item->field_count));
    for (size_t i = 0; i < item->field_count; i++) {
        TRY(put_text(frame, item->fields[i].name));
        TRY(put_text(frame, item->fields[i].value));
    }
    TRY(put_number(frame, (uint64_t)item->verdict));
    TRY(put_number(frame, item->code_count));
    for (size_t i = 0; i < item->code_count; i++)
        TRY(put_number(frame, item->codes[i]));
    TRY(put_text(frame, item->remark));
    return put_asked(frame, item);
}

/* The length goes before what was appended since `start`. */
static struct error *
end_frame(struct bytes *frame, size_t start)
{
    size_t len = frame->len - start - 8;
    if (len > WIRE_FRAME_MAX)
        return ERROR(ERROR_INPUT, "an item takes more than %zu bytes", WIRE_FRAME_MAX);
    for (size_t i = 0; i < 8; i++)
        frame->data[start + i] = (unsigned char)((uint64_t)len >> (8 * (7 - i)));
    return NULL;
}

struct error *
wire_put_item(struct bytes *frame, const struct batch_item *item)
{
    size_t start = frame->len;
    TRY(put_number(frame, 0));
    TRY(bytes_append_char(frame, WIRE_ITEM));
    TRY(put_parts(frame, item));
    return end_frame(frame, start);
}

struct error *
wire_put_end(struct bytes *frame)
{
    size_t start = frame->len;
    TRY(put_number(frame, 0));
    TRY(bytes_append_char(frame, WIRE_END));
    return end_frame(frame, start);
}

struct error *
wire_put_error(struct bytes *frame, const struct error *error)
{
    size_t start = frame->len;
    TRY(put_number(frame, 0));
    TRY(bytes_append_char(frame, WIRE_ERROR));
    TRY(put_number(frame, (uint64_t)error_code(error)));
    TRY(put_text(frame, error_what(error)));
    TRY(put_text(frame, error_detail_text(error)));
    TRY(put_text(frame, error_own_hint(error)));
    return end_frame(frame, start);
}

/* --- read --- */

struct reading {
    const unsigned char *p;
    size_t left;
};

static struct error *
malformed(void)
{
    return error_hint(
        ERROR(ERROR_VERIFICATION, "the process that reads requests sent what is no item"),
        "Something on the medium may have taken it over. Nothing of this was "
        "signed. Keep the medium, and abort the ceremony.");
}

static struct error *
take_number(struct reading *in, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (in->left < 8)
        return malformed();
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | in->p[i];
    in->p += 8;
    in->left -= 8;
    if (number > max)
        return malformed();
    *ret_number = number;
    return NULL;
}

static struct error *
take_octets(struct reading *in, const unsigned char **ret_data, size_t *ret_len)
{
    uint64_t len = 0;
    TRY(take_number(in, in->left, &len));
    if (len > in->left)
        return malformed();
    *ret_data = in->p;
    *ret_len = (size_t)len;
    in->p += len;
    in->left -= (size_t)len;
    return NULL;
}

/* Safe to show: as the readers make all texts. */
static struct error *
take_text(struct reading *in, char **ret_text)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    AUTO_FREE char *safe = NULL;
    TRY(take_octets(in, &data, &len));
    TRY(text_safe(data, len, &safe));
    if (strlen(safe) != len || (len > 0 && memcmp(safe, data, len) != 0))
        return malformed();
    *ret_text = TAKE(safe);
    return NULL;
}

static struct error *
take_fixed(struct reading *in, char *ret_text, size_t size)
{
    AUTO_FREE char *text = NULL;
    TRY(take_text(in, &text));
    if (text == NULL || strlen(text) >= size)
        return malformed();
    memcpy(ret_text, text, strlen(text) + 1);
    return NULL;
}

static struct error *
take_view(struct reading *in, const struct batch_item *item, struct der *ret_view)
{
    uint64_t at = 0;
    uint64_t len = 0;
    TRY(take_number(in, item->request.len, &at));
    TRY(take_number(in, item->request.len - at, &len));
    *ret_view = len > 0 ? der_view(item->request.data + at, (size_t)len) : (struct der){0};
    return NULL;
}

static struct error *
take_fields(struct reading *in, struct batch_item *item)
{
    uint64_t count = 0;
    TRY(take_number(in, PARTS_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *value = NULL;
        TRY(take_text(in, &name));
        TRY(take_text(in, &value));
        TRY(batch_item_add_field(item, name, value));
    }
    return NULL;
}

static struct error *
take_verdict(struct reading *in, struct batch_item *item)
{
    uint64_t number = 0;
    uint64_t count = 0;
    TRY(take_number(in, BATCH_REFUSED, &number));
    item->verdict = (enum batch_verdict)number;
    TRY(take_number(in, BATCH_CODES_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        TRY(take_number(in, BATCH_CODE_COUNT - 1, &number));
        item->codes[item->code_count++] = (uint16_t)number;
    }
    TRY(take_fixed(in, item->remark, sizeof item->remark));
    /* Refused without a reason, or accepted without a key: nobody said so. */
    bool reason = item->code_count > 0;
    if (item->verdict == BATCH_UNJUDGED || (item->verdict == BATCH_REFUSED && !reason)
        || (item->verdict == BATCH_ACCEPTED && item->request.len > 0 && item->spki.len == 0))
        return malformed();
    return NULL;
}

static struct error *
take_asked_subject(struct reading *in, struct pki_name *name)
{
    uint64_t count = 0;
    TRY(take_number(in, PARTS_MAX, &count));
    if (count == 0)
        return NULL;
    name->parts = calloc((size_t)count, sizeof *name->parts);
    if (name->parts == NULL)
        return error_memory();
    for (; name->count < count; name->count++) {
        struct pki_name_part *part = &name->parts[name->count];
        TRY(take_text(in, &part->type));
        struct error *error = take_text(in, &part->value);
        if (error != NULL) {
            free(TAKE(part->type));
            return error;
        }
    }
    return NULL;
}

static struct error *
take_asked_names(struct reading *in, struct pki_general_names *names)
{
    uint64_t count = 0;
    TRY(take_number(in, PARTS_MAX, &count));
    if (count == 0)
        return NULL;
    names->items = calloc((size_t)count, sizeof *names->items);
    if (names->items == NULL)
        return error_memory();
    for (; names->count < count; names->count++) {
        struct pki_general_name *name = &names->items[names->count];
        TRY(take_text(in, &name->type));
        struct error *error = take_text(in, &name->value);
        if (error != NULL) {
            free(TAKE(name->type));
            return error;
        }
    }
    return NULL;
}

static struct error *
take_item(struct reading *in, struct batch_item *item)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    TRY(take_number(in, UINT64_MAX, &item->index));
    TRY(take_text(in, &item->name));
    TRY(take_fixed(in, item->input_sha256, sizeof item->input_sha256));
    TRY(take_octets(in, &data, &len));
    TRY(bytes_copy(&item->request, data, len));
    TRY(take_view(in, item, &item->spki));
    TRY(take_view(in, item, &item->subject));
    TRY(take_fields(in, item));
    TRY(take_verdict(in, item));
    TRY(take_asked_subject(in, &item->asked_subject));
    TRY(take_asked_names(in, &item->asked_names));
    return in->left == 0 ? NULL : malformed();
}

/* What the other process could not do, in its words. */
static struct error *
take_error(struct reading *in)
{
    uint64_t code = 0;
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *detail = NULL;
    AUTO_FREE char *hint = NULL;
    TRY(take_number(in, ERROR_MEMORY, &code));
    TRY(take_text(in, &what));
    TRY(take_text(in, &detail));
    TRY(take_text(in, &hint));
    struct error *error = ERROR((enum error_code)code, "%s", what);
    if (detail != NULL && detail[0] != '\0')
        error = error_detail(error, "%s", detail);
    return hint != NULL && hint[0] != '\0' ? error_hint(error, "%s", hint) : error;
}

struct error *
wire_take(const void *frame, size_t len, struct batch_item **ret_item)
{
    struct reading in = {frame, len};
    AUTO(batch_item) item = NULL;
    *ret_item = NULL;
    if (frame == NULL || len == 0 || len > WIRE_FRAME_MAX)
        return malformed();
    unsigned char kind = *in.p++;
    in.left--;
    if (kind == WIRE_END && in.left == 0)
        return NULL;
    if (kind == WIRE_ERROR)
        return take_error(&in);
    if (kind != WIRE_ITEM)
        return malformed();
    TRY(batch_item_new(&item));
    TRY(take_item(&in, item));
    *ret_item = TAKE(item);
    return NULL;
}
