/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of rows, read back into the tables of a ledger that is made anew. What they say is believed only
 * when the root of their block has been computed from them (check_blocks). */
#include "ceremony/ledger/rows_read.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/ledger_private.h"

struct line {
    struct ledger_json json;
    struct bytes octets;
};

static struct error *
other_form(void)
{
    return ERROR(ERROR_VERIFICATION, "a line of a row of the ledger has the wrong form");
}

static const char *
text_of(const struct line *line, const char *key)
{
    const struct ledger_json_field *field = ledger_json_find(&line->json, key);
    return field == NULL || field->type != LEDGER_JSON_TEXT ? NULL : field->text;
}

static struct error *
number_of(const struct line *line, const char *key, int64_t *ret_number)
{
    const struct ledger_json_field *field = ledger_json_find(&line->json, key);
    if (field == NULL || field->type != LEDGER_JSON_NUMBER_VALUE)
        return other_form();
    *ret_number = field->number;
    return NULL;
}

static struct error *
octets_of(struct line *line, const char *key, size_t min, size_t max)
{
    const char *text = text_of(line, key);
    if (text == NULL)
        return other_form();
    line->octets.len = 0;
    TRY(hex_decode_append(text, &line->octets));
    return line->octets.len < min || line->octets.len > max ? other_form() : NULL;
}

static struct error *
hash_of(struct line *line, const char *key, unsigned char ret_hash[32])
{
    TRY(octets_of(line, key, 32, 32));
    memcpy(ret_hash, line->octets.data, 32);
    return NULL;
}

/* --- one kind each --- */

static struct error *
add_certificate(struct store *store, const struct row_place *place, struct line *line)
{
    unsigned char serial[LEDGER_SERIAL_MAX];
    unsigned char spki[32];
    unsigned char request[32];
    unsigned char tbs[32];
    const char *device = text_of(line, "device");
    if (device == NULL)
        return other_form();
    TRY(hash_of(line, "spki_sha256", spki));
    TRY(hash_of(line, "request_sha256", request));
    TRY(hash_of(line, "tbs_sha256", tbs));
    TRY(octets_of(line, "serial", 1, sizeof serial));
    size_t serial_len = line->octets.len;
    memcpy(serial, line->octets.data, serial_len);
    TRY(octets_of(line, "rsa_modulus", 0, SIZE_MAX));
    const void *modulus = line->octets.len == 0 ? NULL : line->octets.data;
    TRY(store_bind(store, STORE_ROW_ADD, "iibsbbbb", place->row, place->block,
                   (const void *)serial, serial_len, device, (const void *)spki, sizeof spki,
                   (const void *)request, sizeof request, (const void *)tbs, sizeof tbs,
                   modulus, line->octets.len));
    return store_do(store, STORE_ROW_ADD);
}

static struct error *
add_issued(struct store *store, const struct row_place *place, struct line *line)
{
    unsigned char hash[32];
    TRY(hash_of(line, "certificate_sha256", hash));
    TRY(store_bind(store, STORE_ISSUED_ADD, "ib", place->row, (const void *)hash, sizeof hash));
    return store_do(store, STORE_ISSUED_ADD);
}

static struct error *
add_revocation(struct store *store, const struct row_place *place, struct line *line)
{
    int64_t reason = 0;
    int64_t time = 0;
    int64_t invalidity = LEDGER_NO_TIME;
    const char *reference = text_of(line, "reference");
    if (reference == NULL)
        return other_form();
    TRY(number_of(line, "reason", &reason));
    TRY(number_of(line, "time", &time));
    if (ledger_json_find(&line->json, "invalidity") != NULL)
        TRY(number_of(line, "invalidity", &invalidity));
    TRY(octets_of(line, "serial", 1, LEDGER_SERIAL_MAX));
    TRY(store_bind(store, STORE_REVOCATION_ADD, "iisbiiiis", place->row, place->block,
                   place->issuer, (const void *)line->octets.data, line->octets.len, reason,
                   time, invalidity, LEDGER_NO_TIME, reference));
    return store_do(store, STORE_REVOCATION_ADD);
}

static const struct {
    const char *kind;
    struct error *(*add)(struct store *store, const struct row_place *place, struct line *line);
} kinds[] = {
    {"certificates-reserve", add_certificate},
    {"certificates-issue",   add_issued     },
    {"revocations",          add_revocation },
};

static int
find_kind(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return (int)i;
    return -1;
}

bool
rows_read_is_block(const char *kind)
{
    return find_kind(kind) >= 0;
}

struct error *
rows_read_add(struct store *store, const struct row_place *place, const char *text, size_t len)
{
    struct line line = {0};
    int kind = find_kind(place->kind);
    if (kind < 0)
        return other_form();
    struct error *error = ledger_json_parse(text, len, &line.json);
    if (error == NULL)
        error = kinds[kind].add(store, place, &line);
    ledger_json_clear(&line.json);
    bytes_clear(&line.octets);
    return error;
}
