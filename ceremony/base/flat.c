/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/flat.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

#define NUMBER_SIZE 8U
#define ERROR_TEXT_MAX                                                                         \
    4096U /* octets of each of an error's texts: people read it, and it is recorded */
/* The years 0 to 9999: nobody who takes a date has to think of more. */
#define TIME_FIRST INT64_C(-62167219200)
#define TIME_LAST  INT64_C(253402300799)

/* --- written --- */

static void
encode_number(uint64_t number, unsigned char *octets)
{
    for (size_t i = 0; i < NUMBER_SIZE; i++)
        octets[i] = (unsigned char)(number >> (8 * (NUMBER_SIZE - 1 - i)));
}

struct error *
flat_put_number(struct bytes *frame, uint64_t number)
{
    unsigned char octets[NUMBER_SIZE];
    encode_number(number, octets);
    return bytes_append(frame, octets, sizeof octets);
}

struct error *
flat_put_octets(struct bytes *frame, const void *data, size_t len)
{
    TRY(flat_put_number(frame, len));
    return bytes_append(frame, data, len);
}

struct error *
flat_put_text(struct bytes *frame, const char *text)
{
    return flat_put_octets(frame, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static struct error *
put_safe(struct bytes *frame, const char *text)
{
    AUTO_FREE char *safe = NULL;
    char cut[ERROR_TEXT_MAX + 1];
    TRY(text_safe(text, strlen(text), &safe));
    text_fit(safe, cut, sizeof cut);
    return flat_put_text(frame, cut);
}

struct error *
flat_put_error(struct bytes *frame, const struct error *error)
{
    TRY(flat_put_number(frame, (uint64_t)error_code(error)));
    TRY(put_safe(frame, error_what(error)));
    TRY(put_safe(frame, error_detail_text(error)));
    return put_safe(frame, error_own_hint(error));
}

struct error *
flat_begin(struct bytes *frames, char kind, size_t *ret_start)
{
    *ret_start = frames->len;
    TRY(flat_put_number(frames, 0));
    return bytes_append_char(frames, kind);
}

struct error *
flat_end(struct bytes *frames, size_t start)
{
    size_t len = frames->len - start - NUMBER_SIZE;
    if (len > FLAT_FRAME_MAX)
        return ERROR(ERROR_INPUT, "an item takes more than %zu bytes", FLAT_FRAME_MAX);
    encode_number(len, frames->data + start);
    return NULL;
}

/* --- taken --- */

struct error *
flat_malformed(void)
{
    return error_hint(ERROR(ERROR_VERIFICATION, "the process that reads what was brought sent "
                                                "what is no answer"),
                      "Something on the medium may have taken it over. Nothing of this was "
                      "signed or entered. Keep the medium, and abort the ceremony.");
}

struct error *
flat_take_number(struct flat_reading *in, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (in->left < NUMBER_SIZE)
        return flat_malformed();
    for (size_t i = 0; i < NUMBER_SIZE; i++)
        number = number << 8 | in->p[i];
    in->p += NUMBER_SIZE;
    in->left -= NUMBER_SIZE;
    if (number > max)
        return flat_malformed();
    *ret_number = number;
    return NULL;
}

struct error *
flat_take_octets(struct flat_reading *in, size_t max, const unsigned char **ret_data,
                 size_t *ret_len)
{
    uint64_t len = 0;
    TRY(flat_take_number(in, max, &len));
    if (len > in->left)
        return flat_malformed();
    *ret_data = in->p;
    *ret_len = (size_t)len;
    in->p += len;
    in->left -= (size_t)len;
    return NULL;
}

/* Safe to show: as the readers make all texts. */
static struct error *
take_safe(struct flat_reading *in, size_t max, bool lines, char **ret_text)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    AUTO_BYTES safe = {0};
    TRY(flat_take_octets(in, max, &data, &len));
    TRY(text_append_safe(&safe, data, len, lines));
    if (safe.len != len || (len > 0 && memcmp(safe.data, data, len) != 0))
        return flat_malformed();
    return bytes_take_text(&safe, ret_text);
}

struct error *
flat_take_text(struct flat_reading *in, size_t max, char **ret_text)
{
    return take_safe(in, max, false, ret_text);
}

struct error *
flat_take_fixed(struct flat_reading *in, char *ret_text, size_t size)
{
    AUTO_FREE char *text = NULL;
    TRY(flat_take_text(in, size - 1, &text));
    if (text == NULL)
        return flat_malformed();
    memcpy(ret_text, text, strlen(text) + 1);
    return NULL;
}

struct error *
flat_take_end(const struct flat_reading *in)
{
    return in->left == 0 ? NULL : flat_malformed();
}

/* Nothing that only tokens, PINs or people at the terminal bring about. */
static bool
can_be_told(uint64_t code)
{
    static const enum error_code told[] = {
        ERROR_BUG,         ERROR_INPUT, ERROR_NOT_FOUND,    ERROR_EXISTS, ERROR_REFUSED,
        ERROR_UNSUPPORTED, ERROR_IO,    ERROR_VERIFICATION, ERROR_ORIGIN, ERROR_MEMORY};

    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (told[i] == code)
            return true;
    return false;
}

struct error *
flat_take_error(struct flat_reading *in)
{
    uint64_t code = 0;
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *detail = NULL;
    AUTO_FREE char *hint = NULL;
    TRY(flat_take_number(in, ERROR_MEMORY, &code));
    TRY(flat_take_text(in, ERROR_TEXT_MAX, &what));
    TRY(flat_take_text(in, ERROR_TEXT_MAX, &detail));
    TRY(flat_take_text(in, ERROR_TEXT_MAX, &hint));
    TRY(flat_take_end(in));
    if (!can_be_told(code))
        return flat_malformed();
    struct error *error = ERROR((enum error_code)code, "%s", what);
    if (detail != NULL && detail[0] != '\0')
        error = error_detail(error, "%s", detail);
    return hint != NULL && hint[0] != '\0' ? error_hint(error, "%s", hint) : error;
}

/* --- structs by table: a pair of functions for each kind --- */

typedef struct error *put_member(const struct flat_row *row, const void *from,
                                 struct bytes *frame);
typedef struct error *take_member(const struct flat_row *row, struct flat_reading *in,
                                  void *to);

static struct error *
put_bytes(const struct flat_row *row, const void *from, struct bytes *frame)
{
    const struct bytes *bytes = from;
    (void)row;
    return flat_put_octets(frame, bytes->data, bytes->len);
}

static struct error *
take_bytes(const struct flat_row *row, struct flat_reading *in, void *to)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    TRY(flat_take_octets(in, (size_t)row->limit, &data, &len));
    return bytes_copy(to, data, len);
}

static struct error *
put_text(const struct flat_row *row, const void *from, struct bytes *frame)
{
    (void)row;
    return flat_put_text(frame, *(char *const *)from);
}

static struct error *
take_text(const struct flat_row *row, struct flat_reading *in, void *to)
{
    return take_safe(in, (size_t)row->limit, row->kind == FLAT_LINES, to);
}

static struct error *
put_fixed(const struct flat_row *row, const void *from, struct bytes *frame)
{
    return flat_put_octets(frame, from, strnlen(from, row->size));
}

static struct error *
take_fixed(const struct flat_row *row, struct flat_reading *in, void *to)
{
    return flat_take_fixed(in, to, row->size);
}

static struct error *
take_digits(const struct flat_row *row, struct flat_reading *in, void *to)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    TRY(flat_take_octets(in, row->size - 1, &data, &len));
    if (data == NULL || len % 2 != 0 || (row->kind == FLAT_HASH && len != row->size - 1))
        return flat_malformed();
    for (size_t i = 0; i < len; i++)
        if ((data[i] < '0' || data[i] > '9') && (data[i] < 'a' || data[i] > 'f'))
            return flat_malformed();
    memcpy(to, data, len);
    ((char *)to)[len] = '\0';
    return NULL;
}

static struct error *
put_octets(const struct flat_row *row, const void *from, struct bytes *frame)
{
    return bytes_append(frame, from, row->size);
}

static struct error *
take_octets(const struct flat_row *row, struct flat_reading *in, void *to)
{
    if (in->left < row->size)
        return flat_malformed();
    memcpy(to, in->p, row->size);
    in->p += row->size;
    in->left -= row->size;
    return NULL;
}

static struct error *
put_bool(const struct flat_row *row, const void *from, struct bytes *frame)
{
    (void)row;
    return flat_put_number(frame, *(const bool *)from ? 1 : 0);
}

static struct error *
take_bool(const struct flat_row *row, struct flat_reading *in, void *to)
{
    uint64_t number = 0;
    (void)row;
    TRY(flat_take_number(in, 1, &number));
    *(bool *)to = number == 1;
    return NULL;
}

static struct error *
put_time(const struct flat_row *row, const void *from, struct bytes *frame)
{
    (void)row;
    return flat_put_number(frame, (uint64_t) * (const int64_t *)from);
}

static struct error *
take_time(const struct flat_row *row, struct flat_reading *in, void *to)
{
    uint64_t number = 0;
    (void)row;
    TRY(flat_take_number(in, UINT64_MAX, &number));
    int64_t time = (int64_t)number;
    if (time < TIME_FIRST || time > TIME_LAST)
        return flat_malformed();
    *(int64_t *)to = time;
    return NULL;
}

static struct error *
put_uint64(const struct flat_row *row, const void *from, struct bytes *frame)
{
    (void)row;
    return flat_put_number(frame, *(const uint64_t *)from);
}

static struct error *
take_uint64(const struct flat_row *row, struct flat_reading *in, void *to)
{
    return flat_take_number(in, row->limit, to);
}

static struct error *
put_size(const struct flat_row *row, const void *from, struct bytes *frame)
{
    (void)row;
    return flat_put_number(frame, *(const size_t *)from);
}

static struct error *
take_size(const struct flat_row *row, struct flat_reading *in, void *to)
{
    uint64_t number = 0;
    TRY(flat_take_number(in, row->limit, &number));
    *(size_t *)to = (size_t)number;
    return NULL;
}

static const struct {
    put_member *put;
    take_member *take;
} kinds[FLAT_KINDS] = {
    [FLAT_BYTES] = {put_bytes,  take_bytes },
      [FLAT_TEXT] = {put_text,   take_text  },
    [FLAT_LINES] = {put_text,   take_text  },
      [FLAT_FIXED] = {put_fixed,  take_fixed },
    [FLAT_HASH] = {put_fixed,  take_digits},
      [FLAT_HEX] = {put_fixed,  take_digits},
    [FLAT_OCTETS] = {put_octets, take_octets},
      [FLAT_BOOL] = {put_bool,   take_bool  },
    [FLAT_TIME] = {put_time,   take_time  },
      [FLAT_NUMBER] = {put_uint64, take_uint64},
    [FLAT_SIZE] = {put_size,   take_size  },
};

struct error *
flat_put(const struct flat_table *table, const void *from, struct bytes *frame)
{
    const char *base = from;
    for (size_t i = 0; i < table->count; i++)
        TRY(kinds[table->rows[i].kind].put(&table->rows[i], base + table->rows[i].offset,
                                           frame));
    return NULL;
}

struct error *
flat_take(const struct flat_table *table, struct flat_reading *in, void *to)
{
    char *base = to;
    for (size_t i = 0; i < table->count; i++)
        TRY(kinds[table->rows[i].kind].take(&table->rows[i], in, base + table->rows[i].offset));
    return NULL;
}
