/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/rows.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/rules_private.h"

#define HEX_PART 64U

static struct error *
put_hex(struct bytes *line, const unsigned char *data, size_t len)
{
    char text[2 * HEX_PART + 1];
    while (len > 0) {
        size_t part = len < HEX_PART ? len : HEX_PART;
        hex_encode(data, part, text);
        TRY(bytes_append(line, text, 2 * part));
        data += part;
        len -= part;
    }
    return NULL;
}

static struct error *
put_pair(struct bytes *line, const char *before, const unsigned char *data, size_t len)
{
    TRY(bytes_append_text(line, before));
    return put_hex(line, data, len);
}

static struct error *
check_row(const unsigned char *serial, size_t serial_len, const char *text)
{
    if (serial_len < 1 || serial_len > LEDGER_SERIAL_MAX || serial[0] == 0)
        return ERROR(ERROR_INPUT, "a serial number of a row of the ledger has the wrong form");
    if (!rules_is_line(text))
        return ERROR(ERROR_INPUT, "a text of a row of the ledger has the wrong form");
    return NULL;
}

struct error *
ledger_row_write(const struct ledger_row *row, struct bytes *line)
{
    TRY(check_row(row->serial, row->serial_len, row->device));
    if (row->modulus != NULL && (row->modulus_len == 0 || row->modulus[0] == 0))
        return ERROR(ERROR_INPUT, "an RSA modulus of a row of the ledger has the wrong form");
    TRY(bytes_append_text(line, "{\"device\":"));
    TRY(ledger_json_write_text(line, row->device));
    TRY(put_pair(line, ",\"request_sha256\":\"", row->request, sizeof row->request));
    TRY(put_pair(line, "\",\"rsa_modulus\":\"", row->modulus,
                 row->modulus == NULL ? 0 : row->modulus_len));
    TRY(put_pair(line, "\",\"serial\":\"", row->serial, row->serial_len));
    TRY(put_pair(line, "\",\"spki_sha256\":\"", row->spki, sizeof row->spki));
    TRY(put_pair(line, "\",\"tbs_sha256\":\"", row->tbs, sizeof row->tbs));
    return bytes_append_text(line, "\"}");
}

struct error *
ledger_issued_write(const unsigned char certificate[32], struct bytes *line)
{
    TRY(put_pair(line, "{\"certificate_sha256\":\"", certificate, 32));
    return bytes_append_text(line, "\"}");
}

static bool
is_time(int64_t time)
{
    return time >= -LEDGER_JSON_NUMBER && time <= LEDGER_JSON_NUMBER;
}

struct error *
ledger_revocation_write(const struct ledger_revocation *row, struct bytes *line)
{
    TRY(check_row(row->serial, row->serial_len, row->reference));
    if (row->reason < 0 || row->reason > 10 || row->reason == 7)
        return ERROR(ERROR_INPUT, "%d is no reason for a revocation", row->reason);
    if (!is_time(row->time) || (row->invalidity != LEDGER_NO_TIME && !is_time(row->invalidity)))
        return ERROR(ERROR_INPUT, "a time of a row of the ledger is 2^53 or more");
    TRY(bytes_append_char(line, '{'));
    if (row->invalidity != LEDGER_NO_TIME)
        TRY(bytes_format(line, "\"invalidity\":%lld,", (long long)row->invalidity));
    TRY(bytes_format(line, "\"reason\":%d,\"reference\":", row->reason));
    TRY(ledger_json_write_text(line, row->reference));
    TRY(put_pair(line, ",\"serial\":\"", row->serial, row->serial_len));
    return bytes_format(line, "\",\"time\":%lld}", (long long)row->time);
}
