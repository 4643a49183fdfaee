/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys that were made for devices, as they go to whoever builds those in: one line each, wrapped, and
 * the key that wrapped them in an envelope. */
#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/output.h"
#include "ceremony/batch/stream.h"
#include "ceremony/ledger/json.h"

static struct error *
write_line(const struct batch_entry *entry, struct bytes *line)
{
    AUTO_FREE char *key = NULL;
    char certificate[2 * sizeof entry->certificate + 1];
    char serial[2 * LEDGER_SERIAL_MAX + 1];
    char spki[2 * sizeof entry->spki + 1];
    hex_encode(entry->certificate, sizeof entry->certificate, certificate);
    hex_encode(entry->serial, entry->serial_len, serial);
    hex_encode(entry->spki, sizeof entry->spki, spki);
    TRY(base64_encode_new(entry->wrapped.data, entry->wrapped.len, &key));
    line->len = 0;
    TRY(bytes_format(line, "{\"certificate_sha256\":\"%s\",\"device\":", certificate));
    TRY(ledger_json_write_text(line, entry->device));
    return bytes_format(line, ",\"key\":\"%s\",\"serial\":\"%s\",\"spki_sha256\":\"%s\"}\n",
                        key, serial, spki);
}

static struct error *
write_envelope(const struct batch_output *output, const struct batch_block *block)
{
    AUTO_FREE char *path = NULL;
    AUTO(batch_stream) stream = NULL;
    TRY(text_format(&path, "%s/%06llu.p7m", output->keys, (unsigned long long)block->number));
    TRY(batch_stream_new(path, &stream));
    TRY(batch_stream_write(stream, block->envelope.data, block->envelope.len));
    return batch_stream_finish(stream);
}

struct error *
batch_output_keys(const struct batch_output *output, const struct batch_block *block)
{
    AUTO_FREE char *path = NULL;
    AUTO(batch_stream) stream = NULL;
    AUTO_BYTES line = {0};
    TRY(write_envelope(output, block));
    TRY(text_format(&path, "%s/%06llu.jsonl", output->keys, (unsigned long long)block->number));
    TRY(batch_stream_new(path, &stream));
    for (size_t i = 0; i < block->sign_count; i++) {
        TRY(write_line(&block->entries[block->to_sign[i]], &line));
        TRY(batch_stream_write(stream, line.data, line.len));
    }
    return batch_stream_finish(stream);
}
