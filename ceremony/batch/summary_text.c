/* SPDX-License-Identifier: Apache-2.0
 *
 * The summary as people read it. */
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/words.h"
#include "ceremony/batch/summary.h"

static struct error *
put_number(struct bytes *out, const char *what, uint64_t number)
{
    return bytes_format(out, "%-12s %10llu\n", what, (unsigned long long)number);
}

/* Codes of one outcome that occurred, in the order of the table. */
static struct error *
put_codes(const struct batch_summary *summary, enum request_outcome outcome, const char *title,
          struct bytes *out)
{
    bool any = false;
    for (unsigned code = 0; code < BATCH_CODE_COUNT; code++) {
        const struct request_row *row = batch_code_row(code);
        if (row->outcome != outcome || summary->by_code[code] == 0)
            continue;
        TRY(bytes_format(out, "%s", any ? "" : title));
        any = true;
        TRY(bytes_format(out, "%8llu  %s\n          %s\n",
                         (unsigned long long)summary->by_code[code], row->code, row->sentence));
    }
    return NULL;
}

static struct error *
put_sample(const struct batch_sample *sample, const char *which, struct bytes *out)
{
    TRY(bytes_format(out, "\n%s: item %llu, %s\n", which, (unsigned long long)sample->index + 1,
                     sample->item));
    TRY(bytes_format(out, "  subject  %s\n  key      %s\n", sample->subject, sample->key));
    if (sample->device[0] != '\0')
        TRY(bytes_format(out, "  device   %s\n", sample->device));
    if (sample->asked[0] != '\0')
        TRY(bytes_format(out, "  asks for %s\n", sample->asked));
    return bytes_format(out, "  SHA-256  %.32s\n           %s\n", sample->input_sha256,
                        sample->input_sha256 + 32);
}

static struct error *
put_samples(const struct batch_summary *summary, struct bytes *out)
{
    for (size_t i = 0; i < summary->sample_count; i++) {
        bool last = i + 1 == summary->sample_count;
        TRY(put_sample(&summary->samples[i],
                       i == 0 ? "First accepted"
                       : last ? "Last accepted"
                              : "One between",
                       out));
    }
    return NULL;
}

/* What was compared, and loudly what was not (R66). */
static struct error *
put_checks(const struct batch_summary *summary, struct bytes *out)
{
    TRY(bytes_append_text(out, "\nChecks\n"));
    if (summary->has_list)
        TRY(bytes_format(out, "  known private keys: list of %llu, SHA-256 %.16s...\n",
                         (unsigned long long)summary->list_count, summary->list_sha256));
    else
        TRY(bytes_append_text(out,
                              "  known private keys: CHECK NOT PERFORMED, there is no list\n"));
    TRY(bytes_format(out, "  shared primes: %llu RSA moduli compared\n",
                     (unsigned long long)summary->moduli));
    if (summary->moduli_beyond > 0)
        TRY(bytes_format(out,
                         "  shared primes: CHECK NOT PERFORMED for %llu moduli beyond the "
                         "bound\n",
                         (unsigned long long)summary->moduli_beyond));
    if (summary->ledger_primes > 0)
        TRY(bytes_format(out,
                         "  INCIDENT: %llu keys of the ledger share a prime and can be "
                         "factored\n",
                         (unsigned long long)summary->ledger_primes));
    return bytes_append_text(out, summary->has_past
                                      ? "  ledger: asked for every key and device\n"
                                      : "  ledger: CHECK NOT PERFORMED, it was not asked\n");
}

/* Eight words a line, four groups of them. */
static struct error *
put_digest(const struct batch_summary *summary, struct bytes *out)
{
    unsigned char hash[32];
    TRY(hex_decode(summary->digest, hash, sizeof hash));
    TRY(bytes_format(out, "\nDigest of the batch\n  %.32s\n  %s\n", summary->digest,
                     summary->digest + 32));
    for (size_t i = 0; i < sizeof hash; i++)
        TRY(bytes_format(out, "%s%s%s", i % 4 == 0 ? "  " : " ", words_pgp_word(hash[i], i),
                         i % 4 == 3 ? "\n" : ""));
    return NULL;
}

struct error *
batch_summary_text(const struct batch_summary *summary, struct bytes *ret_text)
{
    bytes_clear(ret_text);
    TRY(put_number(ret_text, "Items", summary->items));
    TRY(put_number(ret_text, "Accepted", summary->accepted));
    TRY(put_number(ret_text, "Refused", summary->refused));
    TRY(put_codes(summary, REQUEST_REFUSED, "\nRefused\n", ret_text));
    TRY(put_codes(summary, REQUEST_REMARK, "\nRemarks on accepted items\n", ret_text));
    TRY(put_samples(summary, ret_text));
    TRY(put_checks(summary, ret_text));
    return put_digest(summary, ret_text);
}
