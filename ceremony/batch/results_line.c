/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of results.jsonl: canonical JSON, keys sorted, every key always there. A quotation mark in
 * a value is escaped, so a key with its marks is found nowhere but in its place. */
#include "ceremony/batch/results_line.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/batch/results.h"
#include "ceremony/ledger/json.h"

#define HASH_KEY     "\"certificate_sha256\":\""
#define RESIGNED_NO  "\"resigned\":false"
#define RESIGNED_YES "\"resigned\":true"

static const char *const verdicts[] = {
    [BATCH_TO_SIGN] = "issued",
    [BATCH_NOT_SIGNED] = "refused",
    [BATCH_HAD_BEFORE] = "issued-before",
};

static const unsigned char no_hash[32];

/* ,"key":"hex"; nothing between the marks where there is none. */
static struct error *
put_hex(struct bytes *line, const char *key, const unsigned char *data, size_t len)
{
    AUTO_FREE char *text = NULL;
    TRY(bytes_append_text(line, key));
    if (len > 0) {
        TRY(hex_encode_new(data, len, &text));
        TRY(bytes_append(line, text, 2 * len));
    }
    return bytes_append_char(line, '"');
}

static struct error *
put_text(struct bytes *line, const char *key, const char *text)
{
    TRY(bytes_append_text(line, key));
    return ledger_json_write_text(line, text == NULL ? "" : text);
}

static struct error *
put_codes(struct bytes *line, const struct batch_item *item,
          const char *(*code_name)(unsigned code), const char *extra)
{
    const char *comma = "";
    TRY(bytes_append_text(line, ",\"codes\":["));
    if (extra != NULL) {
        TRY(put_text(line, comma, extra));
        comma = ",";
    }
    for (size_t i = 0; i < item->code_count; i++) {
        TRY(put_text(line, comma, code_name(item->codes[i])));
        comma = ",";
    }
    return bytes_append_char(line, ']');
}

static int
by_name(const void *a, const void *b)
{
    const struct batch_field *const *left = a;
    const struct batch_field *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static struct error *
put_fields(struct bytes *line, const struct batch_item *item)
{
    AUTO_FREE const struct batch_field **sorted =
        calloc(item->field_count + 1, sizeof(const struct batch_field *));
    if (sorted == NULL)
        return error_memory();
    for (size_t i = 0; i < item->field_count; i++)
        sorted[i] = &item->fields[i];
    qsort(sorted, item->field_count, sizeof(const struct batch_field *), by_name);
    TRY(bytes_append_text(line, ",\"fields\":{"));
    for (size_t i = 0; i < item->field_count; i++) {
        if (i > 0)
            TRY(bytes_append_char(line, ','));
        TRY(put_text(line, "", sorted[i]->name));
        TRY(put_text(line, ":", sorted[i]->value));
    }
    return bytes_append_char(line, '}');
}

struct error *
batch_line_build(struct batch_entry *entry, uint64_t block,
                 const char *(*code_name)(unsigned code), const char *extra)
{
    const struct batch_item *item = entry->item;
    struct bytes *line = &entry->line;
    bool made = entry->fate != BATCH_NOT_SIGNED;
    size_t hash = made ? 32 : 0;
    line->len = 0;
    TRY(bytes_format(line, "{\"block\":%llu", (unsigned long long)block));
    TRY(put_hex(line, "," HASH_KEY,
                entry->fate == BATCH_HAD_BEFORE ? entry->certificate : no_hash, hash));
    TRY(put_codes(line, item, code_name, extra));
    TRY(put_text(line, ",\"device\":", entry->device));
    TRY(put_fields(line, item));
    TRY(bytes_format(line, ",\"index\":%llu", (unsigned long long)entry->index));
    TRY(put_text(line, ",\"input_sha256\":", item->input_sha256));
    TRY(put_text(line, ",\"item\":", item->name));
    TRY(put_text(line, ",\"remark\":", item->remark));
    TRY(put_hex(line, ",\"request_sha256\":\"", entry->request,
                item->request.len > 0 || item->made.len > 0 ? sizeof entry->request : 0));
    TRY(put_hex(line, "," RESIGNED_NO ",\"rsa_modulus\":\"", entry->modulus.data,
                made ? entry->modulus.len : 0));
    TRY(put_hex(line, ",\"serial\":\"", entry->serial, made ? entry->serial_len : 0));
    TRY(put_hex(line, ",\"spki_sha256\":\"", entry->spki,
                item->spki.len > 0 ? sizeof entry->spki : 0));
    TRY(put_hex(line, ",\"tbs_sha256\":\"", entry->tbs, hash));
    return bytes_format(line, ",\"verdict\":\"%s\"}\n", verdicts[entry->fate]);
}

/* The place behind a key, or NULL. */
static char *
find_key(const struct bytes *line, const char *key)
{
    size_t len = strlen(key);
    char *at = line->len == 0 ? NULL : memmem(line->data, line->len, key, len);
    return at == NULL ? NULL : at + len;
}

struct error *
batch_line_finish(struct batch_entry *entry, bool resigned)
{
    char text[65];
    char *hash = find_key(&entry->line, HASH_KEY);
    char *mark = find_key(&entry->line, RESIGNED_NO);
    if (hash == NULL || (size_t)((char *)entry->line.data + entry->line.len - hash) < 64
        || mark == NULL)
        return ERROR(ERROR_VERIFICATION, "a line of a block's journal is not one of ours");
    hex_encode(entry->certificate, sizeof entry->certificate, text);
    memcpy(hash, text, sizeof text - 1);
    if (!resigned)
        return NULL;
    /* "false" becomes "true", which is shorter. */
    size_t rest = (size_t)((char *)entry->line.data + entry->line.len - mark);
    static const char yes[4] = {'t', 'r', 'u', 'e'};
    memcpy(mark - 5, yes, sizeof yes);
    memmove(mark - 1, mark, rest);
    entry->line.len--;
    return NULL;
}

/* --- read back --- */

static struct error *
not_ours(void)
{
    return ERROR(ERROR_VERIFICATION, "results.jsonl has a line that is not one of ours");
}

static bool
read_number(const char *line, size_t len, const char *key, uint64_t *ret_number)
{
    const char *at = memmem(line, len, key, strlen(key));
    if (at == NULL)
        return false;
    uint64_t number = 0;
    const char *digit = at + strlen(key);
    const char *first = digit;
    for (; digit < line + len && *digit >= '0' && *digit <= '9' && digit - first < 19; digit++)
        number = number * 10 + (uint64_t)(*digit - '0');
    *ret_number = number;
    return digit > first;
}

static bool
ends_with(const char *line, size_t len, const char *end)
{
    size_t size = strlen(end);
    return len >= size && memcmp(line + len - size, end, size) == 0;
}

struct error *
results_line_facts(const char *line, size_t len, struct results_facts *ret_facts)
{
    struct results_facts facts = {.fate = BATCH_HAD_BEFORE};
    if (len < 2 || line[0] != '{' || !read_number(line, len, "{\"block\":", &facts.block)
        || !read_number(line, len, "},\"index\":", &facts.index))
        return not_ours();
    if (ends_with(line, len, ",\"verdict\":\"issued\"}"))
        facts.fate = BATCH_TO_SIGN;
    else if (ends_with(line, len, ",\"verdict\":\"refused\"}"))
        facts.fate = BATCH_NOT_SIGNED;
    else if (!ends_with(line, len, ",\"verdict\":\"issued-before\"}"))
        return not_ours();
    facts.resigned = memmem(line, len, RESIGNED_YES, strlen(RESIGNED_YES)) != NULL;
    *ret_facts = facts;
    return NULL;
}
