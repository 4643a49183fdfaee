/* SPDX-License-Identifier: Apache-2.0
 *
 * A line, all numbers big-endian:
 *
 *   offset size
 *        0    4  number of the line or entry, from 1, ascending
 *        4    4  column of the fault, from 1; 0 where there is none
 *        8    1  code of the fault; REVOCATION_CODES for none: else all that follows is 0
 *        9    1  reason
 *       10    1  octets of the serial number, 1 to 20
 *       11    1  octets of the reference, at most 200
 *       12   20  serial number, zeros behind it
 *       32    8  time, seconds since 1970
 *       40    8  invalidity date, or LEDGER_NO_TIME
 *       48       reference */
#include "ceremony/batch/revocation_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/revocation_private.h"
#include "ceremony/batch/wire.h"

#define HEAD          48U
#define AT_COLUMN     4U
#define AT_CODE       8U
#define AT_REASON     9U
#define AT_SERIAL_LEN 10U
#define AT_TEXT_LEN   11U
#define AT_SERIAL     12U
#define AT_TIME       32U
#define AT_INVALIDITY 40U
#define TEXT_MAX      200U
#define ROWS_SENT     ((size_t)1 << 16) /* a frame is sent when it has as much */
#define SHORTEST      12U /* octets of a file that a good line or an entry of a CRL takes at least */

/* --- numbers --- */

static void
encode(uint64_t number, size_t size, unsigned char *to)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(number >> (8 * (size - 1 - i)));
}

static uint64_t
decode(const unsigned char *from, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | from[i];
    return number;
}

/* --- sent --- */

void
revocation_sender_clear(struct revocation_sender *sender)
{
    bytes_clear(&sender->rows);
}

static struct error *
flush(struct revocation_sender *sender, bool end)
{
    AUTO_BYTES frames = {0};
    size_t start = 0;
    if (sender->rows.len > 0) {
        TRY(flat_begin(&frames, WIRE_ROWS, &start));
        TRY(bytes_append(&frames, sender->rows.data, sender->rows.len));
        TRY(flat_end(&frames, start));
        sender->rows.len = 0;
    }
    if (end)
        TRY(wire_put_end(&frames));
    return flat_send(sender->out, frames.data, frames.len);
}

struct error *
revocation_send(struct revocation_sender *sender, const struct revocation_line *line)
{
    unsigned char head[HEAD] = {0};
    const struct ledger_revocation *row = &line->row;
    bool good = line->code == REVOCATION_CODES;
    size_t text_len = good && row->reference != NULL ? strlen(row->reference) : 0;
    if (line->line > UINT32_MAX || text_len > TEXT_MAX)
        return ERROR(ERROR_INPUT, "the list of revocations is too long");
    encode(line->line, 4, head);
    encode(line->column, 4, head + AT_COLUMN);
    head[AT_CODE] = (unsigned char)line->code;
    if (good) {
        head[AT_REASON] = (unsigned char)row->reason;
        head[AT_SERIAL_LEN] = (unsigned char)row->serial_len;
        head[AT_TEXT_LEN] = (unsigned char)text_len;
        memcpy(head + AT_SERIAL, row->serial, row->serial_len);
        encode((uint64_t)row->time, 8, head + AT_TIME);
        encode((uint64_t)row->invalidity, 8, head + AT_INVALIDITY);
    }
    TRY(bytes_append(&sender->rows, head, sizeof head));
    TRY(bytes_append(&sender->rows, row->reference, text_len));
    sender->count++;
    return sender->rows.len < ROWS_SENT ? NULL : flush(sender, false);
}

struct error *
revocation_send_end(struct revocation_sender *sender)
{
    return flush(sender, true);
}

struct error *
revocation_send_list(struct revocation_list *list, int out)
{
    AUTO_REVOCATION_SENDER sender = {.out = out};
    for (unsigned faults = 0;;) {
        struct revocation_line line;
        bool end = false;
        TRY(revocation_list_next(list, &line, &end));
        if (end)
            return revocation_send_end(&sender);
        faults += line.code == REVOCATION_CODES ? 0 : 1;
        if (faults > REVOCATION_FAULTS_MAX)
            return error_hint(ERROR(ERROR_INPUT, "more than %u lines of the list are wrong",
                                    REVOCATION_FAULTS_MAX),
                              "It is most likely another kind of file.");
        TRY(revocation_send(&sender, &line));
    }
}

struct error *
revocation_of_entry(const struct pki_revocation *entry, uint64_t number, int64_t now,
                    struct revocation_line *ret_line)
{
    int reason = entry->reason < 0 ? 0 : entry->reason;
    if (pki_reason_by_code(reason) == NULL)
        return ERROR(ERROR_INPUT,
                     "the CRL that was brought could not be read: the reason %d does not exist",
                     reason);
    if (entry->date > now)
        return error_hint(
            ERROR(ERROR_INPUT,
                  "entry %llu of the CRL that was brought is revoked in the future",
                  (unsigned long long)number),
            "No CRL could repeat it before that time. Look whether the clock of this computer "
            "is right; else have the CRL mended by whoever made it.");
    if (entry->date < PKI_ENTRY_FROM || entry->invalidity_date < PKI_ENTRY_FROM
        || entry->invalidity_date > PKI_ENTRY_UNTIL)
        return ERROR(ERROR_INPUT,
                     "a date of entry %llu of the CRL that was brought lies outside the years "
                     "1950 to 9999",
                     (unsigned long long)number);
    *ret_line = (struct revocation_line){
        .line = number,
        .code = REVOCATION_CODES,
        .row = {.serial_len = entry->serial_len,
                .reason = reason,
                .time = entry->date,
                .invalidity =
                    entry->invalidity_date == 0 ? LEDGER_NO_TIME : entry->invalidity_date,
                .reference = ""}
    };
    memcpy(ret_line->row.serial, entry->serial, entry->serial_len);
    return NULL;
}

/* --- received --- */

static bool
is_zero(const unsigned char *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static bool
is_safe(const unsigned char *text, size_t len)
{
    AUTO_BYTES safe = {0};
    struct error *error = text_append_safe(&safe, text, len, false);
    bool same =
        error == NULL && safe.len == len && (len == 0 || memcmp(safe.data, text, len) == 0);
    error_free(error);
    return same;
}

static void
decode_row(const unsigned char *head, const char *reference, struct ledger_revocation *row)
{
    row->serial_len = head[AT_SERIAL_LEN];
    memcpy(row->serial, head + AT_SERIAL, sizeof row->serial);
    row->reason = head[AT_REASON];
    row->time = (int64_t)decode(head + AT_TIME, 8);
    row->invalidity = (int64_t)decode(head + AT_INVALIDITY, 8);
    row->reference = reference;
}

/* Whether a row begins here that the other process may send; `*ret_len`: with its reference. */
static bool
is_row(const struct flat_reading *in, const struct revocation_rules *rules, uint64_t before,
       size_t *ret_len)
{
    const unsigned char *head = in->p;
    if (in->left < HEAD || decode(head, 4) <= before || head[AT_CODE] > REVOCATION_CODES)
        return false;
    *ret_len = HEAD;
    if (head[AT_CODE] < REVOCATION_CODES)
        return is_zero(head + AT_REASON, HEAD - AT_REASON);
    size_t serial_len = head[AT_SERIAL_LEN];
    size_t text_len = head[AT_TEXT_LEN];
    struct ledger_revocation row;
    *ret_len += text_len;
    decode_row(head, text_len > 0 ? "given" : "", &row);
    return revocation_row_fits(rules, &row)
           && is_zero(head + AT_SERIAL + serial_len, LEDGER_SERIAL_MAX - serial_len)
           && text_len <= TEXT_MAX && in->left >= HEAD + text_len
           && is_safe(head + HEAD, text_len);
}

struct receiving {
    struct revocation_list *list;
    uint64_t last; /* number of the line before */
    uint64_t count;
    size_t left; /* octets that may still come */
    EVP_MD_CTX *hash;
};

static struct error *
keep_rows(struct receiving *receiving, struct flat_reading in)
{
    const struct flat_reading all = in;
    if (all.left > receiving->left)
        return flat_malformed();
    receiving->left -= all.left;
    while (in.left > 0) {
        size_t len = 0;
        if (!is_row(&in, &receiving->list->rules, receiving->last, &len))
            return flat_malformed();
        receiving->last = decode(in.p, 4);
        receiving->count++;
        in.p += len;
        in.left -= len;
    }
    if (EVP_DigestUpdate(receiving->hash, all.p, all.left) != 1)
        return error_memory();
    return flat_send(receiving->list->lines.file, all.p, all.left);
}

static struct error *
receive(struct flat_pipe *pipe, struct receiving *receiving)
{
    for (;;) {
        enum wire_kind kind = WIRE_END;
        struct flat_reading body = {0};
        TRY(wire_next(pipe, &kind, &body));
        if (kind == WIRE_END)
            return flat_take_end(&body);
        if (kind != WIRE_ROWS)
            return flat_malformed();
        TRY(keep_rows(receiving, body));
    }
}

static struct error *
receive_hashed(struct flat_pipe *pipe, struct receiving *receiving)
{
    unsigned char hash[32];
    receiving->hash = EVP_MD_CTX_new();
    struct error *error = NULL;
    if (receiving->hash == NULL || EVP_DigestInit_ex(receiving->hash, EVP_sha256(), NULL) != 1)
        error = error_memory();
    if (error == NULL)
        error = receive(pipe, receiving);
    if (error == NULL && EVP_DigestFinal_ex(receiving->hash, hash, NULL) != 1)
        error = error_memory();
    if (error == NULL)
        hex_encode(hash, sizeof hash, receiving->list->sha256);
    EVP_MD_CTX_free(receiving->hash);
    return error;
}

const char *
revocation_list_sha256(const struct revocation_list *list)
{
    return list->sha256;
}

struct error *
revocation_list_receive(struct flat_pipe *pipe, const struct revocation_rules *rules,
                        size_t octets, uint64_t *ret_count, struct revocation_list **ret_list)
{
    AUTO(revocation_list) list = calloc(1, sizeof *list);
    struct receiving receiving = {
        .list = list, .left = HEAD * (octets / SHORTEST + REVOCATION_FAULTS_MAX) + octets};
    if (list == NULL)
        return error_memory();
    list->rules = *rules;
    list->received = true;
    list->lines.file = memfd_create("revocations", MFD_CLOEXEC);
    if (list->lines.file < 0)
        return ERROR_ERRNO(errno, "the revocations could not be kept in memory");
    TRY(receive_hashed(pipe, &receiving));
    *ret_count = receiving.count;
    TRY(revocation_list_rewind(list));
    *ret_list = TAKE(list);
    return NULL;
}

/* At least `wanted` octets lie at `at`; `*ret_end` where there are none at all. */
static struct error *
fill(struct source_lines *lines, size_t wanted, bool *ret_end)
{
    *ret_end = false;
    if (lines->have - lines->at >= wanted)
        return NULL;
    memmove(lines->block, lines->block + lines->at, lines->have - lines->at);
    lines->have -= lines->at;
    lines->at = 0;
    while (lines->have < wanted) {
        ssize_t got =
            read(lines->file, lines->block + lines->have, sizeof lines->block - lines->have);
        if (got < 0 && errno == EINTR)
            continue;
        *ret_end = got == 0 && lines->have == 0;
        if (*ret_end)
            return NULL;
        if (got <= 0)
            return ERROR(ERROR_IO, "the list of revocations could not be read again");
        lines->have += (size_t)got;
    }
    return NULL;
}

struct error *
revocation_next_received(struct revocation_list *list, struct revocation_line *ret_line,
                         bool *ret_end)
{
    struct source_lines *lines = &list->lines;
    TRY(fill(lines, HEAD, ret_end));
    if (*ret_end)
        return NULL;
    size_t text_len = lines->block[lines->at + AT_TEXT_LEN];
    TRY(fill(lines, HEAD + text_len, ret_end));
    const unsigned char *head = lines->block + lines->at;
    lines->at += HEAD + text_len;
    *ret_line = (struct revocation_line){.line = decode(head, 4),
                                         .column = (size_t)decode(head + AT_COLUMN, 4),
                                         .code = (enum revocation_code)head[AT_CODE]};
    list->line.text.len = 0;
    TRY(bytes_append(&list->line.text, head + HEAD, text_len));
    decode_row(head, bytes_text(&list->line.text), &ret_line->row);
    return NULL;
}
