/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/source_pem_block.h"

#include <string.h>

#include "ceremony/batch/check_codes.h"

#define BEGIN  "-----BEGIN "
#define END    "-----END "
#define DASHES "-----"

void
pem_init(struct pem_reader *reader, size_t base64_max)
{
    *reader = (struct pem_reader){.code = -1, .base64_max = base64_max};
}

void
pem_clear(struct pem_reader *reader)
{
    bytes_clear(&reader->base64);
}

void
pem_next(struct pem_reader *reader)
{
    reader->inside = false;
    reader->code = -1;
    reader->outside = 0;
    reader->base64.len = 0;
}

static void
blame(struct pem_reader *reader, int code)
{
    if (reader->code < 0)
        reader->code = code;
}

static bool
begins_with(const unsigned char *line, size_t len, const char *prefix)
{
    size_t wanted = strlen(prefix);
    return len >= wanted && memcmp(line, prefix, wanted) == 0;
}

/* The label of an armour line; false if it has no end or is too long. */
static bool
has_label(const unsigned char *line, size_t len, const char *prefix, char ret_label[32])
{
    size_t skip = strlen(prefix);
    size_t dashes = strlen(DASHES);
    if (len < skip + dashes || memcmp(line + len - dashes, DASHES, dashes) != 0
        || len - skip - dashes >= 32)
        return false;
    memcpy(ret_label, line + skip, len - skip - dashes);
    ret_label[len - skip - dashes] = '\0';
    return true;
}

/* Text for people around a block: counted, and nothing in it that steers. */
static void
read_outside(struct pem_reader *reader, const unsigned char *line, size_t len)
{
    reader->outside += len + 1;
    if (reader->outside > PEM_OUTSIDE_MAX)
        blame(reader, BATCH_PEM_OUTSIDE);
    while (len > 0) { /* tabs are no harm */
        const unsigned char *tab = memchr(line, '\t', len);
        size_t part = tab == NULL ? len : (size_t)(tab - line);
        if (request_text_judge(line, part) != REQUEST_CODE_COUNT)
            blame(reader, BATCH_PEM_OUTSIDE);
        part += tab == NULL ? 0 : 1;
        line += part;
        len -= part;
    }
}

static void
begin_block(struct pem_reader *reader, const unsigned char *line, size_t len)
{
    reader->inside = true;
    reader->label[0] = '\0';
    if (!has_label(line, len, BEGIN, reader->label)
        || (strcmp(reader->label, "CERTIFICATE REQUEST") != 0
            && strcmp(reader->label, "NEW CERTIFICATE REQUEST") != 0))
        blame(reader, BATCH_PEM_LABEL);
}

static struct error *
read_letters(struct pem_reader *reader, const unsigned char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = line[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                      || c == '+' || c == '/' || c == '=';
        if (!letter) {
            bool header = memchr(line, ':', len) != NULL;
            blame(reader, header ? BATCH_PEM_HEADER : BATCH_PEM_BASE64);
            return NULL;
        }
    }
    if (reader->base64.len + len > reader->base64_max) {
        blame(reader, BATCH_FILE_SIZE);
        return NULL;
    }
    return bytes_append(&reader->base64, line, len);
}

struct error *
pem_line(struct pem_reader *reader, const unsigned char *line, size_t len,
         enum pem_event *ret_event)
{
    *ret_event = PEM_NOTHING;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    bool begin = begins_with(line, len, BEGIN);
    if (!reader->inside && begin) {
        begin_block(reader, line, len);
    } else if (!reader->inside) {
        read_outside(reader, line, len);
    } else if (begin) {
        blame(reader, BATCH_PEM_END);
        *ret_event = PEM_BLOCK_AGAIN;
    } else if (begins_with(line, len, END)) {
        char label[32];
        if (!has_label(line, len, END, label) || strcmp(label, reader->label) != 0)
            blame(reader, BATCH_PEM_END);
        *ret_event = PEM_BLOCK;
    } else
        return read_letters(reader, line, len);
    return NULL;
}

enum pem_event
pem_end(struct pem_reader *reader)
{
    if (!reader->inside && reader->code < 0)
        return PEM_NOTHING;
    if (reader->inside)
        blame(reader, BATCH_PEM_END);
    return PEM_BLOCK;
}
