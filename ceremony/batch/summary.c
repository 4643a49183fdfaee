/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/summary.h"

#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/base/words.h"
#include "ceremony/batch/check_private.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/name.h"

static void
clear_sample(struct batch_sample *sample)
{
    free(sample->item);
    free(sample->subject);
    free(sample->key);
    free(sample->device);
    free(sample->asked);
    *sample = (struct batch_sample){0};
}

void
batch_summary_clear(struct batch_summary *summary)
{
    for (size_t i = 0; i < summary->sample_count; i++)
        clear_sample(&summary->samples[i]);
    *summary = (struct batch_summary){0};
}

static struct error *
asked_names(const struct batch_item *item, char **ret_text)
{
    AUTO_BYTES text = {0};
    for (size_t i = 0; i < item->asked_names.count; i++) {
        const struct pki_general_name *name = &item->asked_names.items[i];
        TRY(bytes_format(&text, "%s%s:", i == 0 ? "" : ", ", name->type));
        TRY(text_append_safe(&text, name->value, strlen(name->value), false));
    }
    return bytes_take_text(&text, ret_text);
}

static struct error *
fill_sample(struct batch_sample *sample, const struct batch_item *item)
{
    AUTO_BYTES subject = {0};
    const struct key_kind *kind = key_kind_of_spki(item->spki);
    sample->index = item->index;
    memcpy(sample->input_sha256, item->input_sha256, sizeof sample->input_sha256);
    TRY(text_copy(item->name, &sample->item));
    TRY(name_append(&subject, item->subject));
    TRY(bytes_take_text(&subject, &sample->subject));
    TRY(text_copy(kind == NULL ? "" : kind->describe, &sample->key));
    TRY(text_safe(item->device, strlen(item->device), &sample->device));
    return asked_names(item, &sample->asked);
}

/* The first stays, the last is always the newest; between stand those whose number among the accepted is a
 * power of two, the newest ones of them. */
struct error *
sample_note(struct batch_summary *summary, const struct batch_item *item)
{
    uint64_t number = ++summary->accepted; /* counted anew at the end */
    size_t last = summary->sample_count;
    if (last < BATCH_SAMPLES_MAX) {
        summary->sample_count++;
        return fill_sample(&summary->samples[last], item);
    }
    last--;
    if (((number - 1) & (number - 2)) == 0) { /* the last one so far is kept */
        clear_sample(&summary->samples[1]);
        memmove(&summary->samples[1], &summary->samples[2],
                (BATCH_SAMPLES_MAX - 2) * sizeof summary->samples[0]);
        summary->samples[last] = (struct batch_sample){0};
    }
    clear_sample(&summary->samples[last]);
    return fill_sample(&summary->samples[last], item);
}

struct error *
batch_summary_line(uint64_t index, const char *input_sha256, bool accepted,
                   const uint16_t *codes, size_t count, struct bytes *line)
{
    TRY(bytes_format(line, "%llu %s %s ", (unsigned long long)index,
                     input_sha256[0] == '\0' ? "-" : input_sha256,
                     accepted ? "accepted" : "refused"));
    for (size_t i = 0; i < count; i++)
        TRY(bytes_format(line, "%s%s", i == 0 ? "" : ",", batch_code_row(codes[i])->code));
    return bytes_append_text(line, count == 0 ? "-\n" : "\n");
}

static struct error *
hash_record(EVP_MD_CTX *md, uint64_t index, const struct review_record *record)
{
    static const unsigned char none[sizeof record->input];
    AUTO_BYTES line = {0};
    char input[65] = "";
    if (memcmp(record->input, none, sizeof none) != 0)
        hex_encode(record->input, sizeof record->input, input);
    TRY(batch_summary_line(index, input, record->verdict == BATCH_ACCEPTED, record->codes,
                           record->code_count, &line));
    return EVP_DigestUpdate(md, line.data, line.len) > 0
               ? NULL
               : ERROR(ERROR_BUG, "a hash could not be made");
}

static void
count_record(struct batch_summary *summary, const struct review_record *record)
{
    summary->items++;
    if (record->verdict == BATCH_REFUSED) {
        summary->refused++;
        summary->by_code[record->codes[0]]++;
        return;
    }
    summary->accepted++;
    summary->remarked += record->code_count > 0 ? 1 : 0;
    for (size_t i = 0; i < record->code_count; i++)
        summary->by_code[record->codes[i]]++;
}

static struct error *
count_all(struct batch_summary *summary, const struct batch_review *review, EVP_MD_CTX *md)
{
    unsigned char hash[32];
    summary->accepted = 0;
    if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) <= 0)
        return ERROR(ERROR_BUG, "a hash could not be made");
    for (uint64_t i = 0; i < review->count; i++) {
        struct review_record record;
        TRY(review_read(review, i, &record));
        count_record(summary, &record);
        TRY(hash_record(md, i, &record));
    }
    if (EVP_DigestFinal_ex(md, hash, NULL) <= 0)
        return ERROR(ERROR_BUG, "a hash could not be made");
    hex_encode(hash, sizeof hash, summary->digest);
    return NULL;
}

/* Samples that were refused after they had been taken. */
static struct error *
drop_refused(struct batch_summary *summary, const struct batch_review *review)
{
    size_t kept = 0;
    for (size_t i = 0; i < summary->sample_count; i++) {
        struct review_record record;
        TRY(review_read(review, summary->samples[i].index, &record));
        if (record.verdict != BATCH_ACCEPTED) {
            clear_sample(&summary->samples[i]);
            continue;
        }
        struct batch_sample sample = summary->samples[i];
        summary->samples[i] = (struct batch_sample){0};
        summary->samples[kept++] = sample;
    }
    summary->sample_count = kept;
    return NULL;
}

struct error *
summary_count(struct batch_summary *summary, const struct batch_review *review)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct error *error = md == NULL ? error_memory() : count_all(summary, review, md);
    EVP_MD_CTX_free(md);
    TRY(error);
    return drop_refused(summary, review);
}
