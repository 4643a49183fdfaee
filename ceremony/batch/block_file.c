/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of a block. All numbers are of eight octets, the lowest first:
 *
 *   octets  what
 *   8       "BATCHv2\n"
 *   8       number of the block
 *   8       number of entries
 *   then for each entry
 *   8       fate
 *   8       index of the item
 *   8, n    serial number
 *   96      SHA-256 of key, request, bytes to be signed
 *   8, n    bytes to be signed
 *   8, n    line of results.jsonl
 *   8, n    device
 *   8, n    RSA modulus
 *   8, n    private key that was made here, wrapped
 *   and last
 *   8, n    envelope with the wrapping key
 *   32      SHA-256 of all before
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/block.h"
#include "ceremony/batch/stream.h"

#define SIGNATURE  "BATCHv2\n"
#define FILE_LIMIT ((size_t)1 << 30)
#define ROOM_MAX   100000U

void
batch_journal_name(uint64_t number, char ret_name[BATCH_JOURNAL_NAME])
{
    (void)snprintf(ret_name, BATCH_JOURNAL_NAME, "block-%06llu", (unsigned long long)number);
}

static struct error *
journal_path(const char *folder, uint64_t number, char **ret_path)
{
    char name[BATCH_JOURNAL_NAME];
    batch_journal_name(number, name);
    return path_join(folder, name, ret_path);
}

/* --- writing --- */

struct writer {
    struct batch_stream *stream;
    EVP_MD_CTX *hash;
};

static struct error *
put(const struct writer *writer, const void *data, size_t len)
{
    if (len > 0 && EVP_DigestUpdate(writer->hash, data, len) != 1)
        return error_memory();
    return batch_stream_write(writer->stream, data, len);
}

static struct error *
put_number(const struct writer *writer, uint64_t value)
{
    unsigned char octets[8];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (unsigned char)(value >> (8 * i));
    return put(writer, octets, sizeof octets);
}

static struct error *
put_octets(const struct writer *writer, const void *data, size_t len)
{
    TRY(put_number(writer, len));
    return put(writer, data, len);
}

static struct error *
put_entry(const struct writer *writer, const struct batch_entry *entry)
{
    const char *device = entry->device == NULL ? "" : entry->device;
    TRY(put_number(writer, (uint64_t)entry->fate));
    TRY(put_number(writer, entry->index));
    TRY(put_octets(writer, entry->serial, entry->serial_len));
    TRY(put(writer, entry->spki, sizeof entry->spki));
    TRY(put(writer, entry->request, sizeof entry->request));
    TRY(put(writer, entry->tbs, sizeof entry->tbs));
    TRY(put_octets(writer, entry->der.data, entry->der.len));
    TRY(put_octets(writer, entry->line.data, entry->line.len));
    TRY(put_octets(writer, device, strlen(device)));
    TRY(put_octets(writer, entry->modulus.data, entry->modulus.len));
    return put_octets(writer, entry->wrapped.data, entry->wrapped.len);
}

static struct error *
put_block(const struct writer *writer, const struct batch_block *block)
{
    unsigned char hash[32];
    if (EVP_DigestInit_ex2(writer->hash, EVP_sha256(), NULL) != 1)
        return error_memory();
    TRY(put(writer, SIGNATURE, strlen(SIGNATURE)));
    TRY(put_number(writer, block->number));
    TRY(put_number(writer, block->count));
    for (size_t i = 0; i < block->count; i++)
        TRY(put_entry(writer, &block->entries[i]));
    TRY(put_octets(writer, block->envelope.data, block->envelope.len));
    if (EVP_DigestFinal_ex(writer->hash, hash, NULL) != 1)
        return error_memory();
    TRY(batch_stream_write(writer->stream, hash, sizeof hash));
    return batch_stream_finish(writer->stream);
}

struct error *
batch_block_save(const struct batch_block *block, const char *folder)
{
    AUTO_FREE char *path = NULL;
    AUTO(batch_stream) stream = NULL;
    TRY(journal_path(folder, block->number, &path));
    TRY(batch_stream_new(path, &stream));
    struct writer writer = {stream, EVP_MD_CTX_new()};
    struct error *error = writer.hash == NULL ? error_memory() : put_block(&writer, block);
    EVP_MD_CTX_free(writer.hash);
    return error;
}

struct error *
batch_block_forget(const char *folder, uint64_t number)
{
    AUTO_FREE char *path = NULL;
    TRY(journal_path(folder, number, &path));
    return file_remove(path);
}

/* --- reading --- */

struct reader {
    const unsigned char *at;
    size_t left;
};

static struct error *
torn(void)
{
    return ERROR(ERROR_VERIFICATION, "the journal of a block is not whole");
}

static struct error *
get(struct reader *reader, void *ret_data, size_t len)
{
    if (len > reader->left)
        return torn();
    memcpy(ret_data, reader->at, len);
    reader->at += len;
    reader->left -= len;
    return NULL;
}

static struct error *
get_number(struct reader *reader, uint64_t max, uint64_t *ret_value)
{
    unsigned char octets[8];
    uint64_t value = 0;
    TRY(get(reader, octets, sizeof octets));
    for (size_t i = sizeof octets; i > 0; i--)
        value = value << 8 | octets[i - 1];
    if (value > max)
        return torn();
    *ret_value = value;
    return NULL;
}

static struct error *
get_octets(struct reader *reader, struct bytes *ret_octets)
{
    uint64_t len = 0;
    TRY(get_number(reader, reader->left, &len));
    TRY(bytes_append(ret_octets, reader->at, (size_t)len));
    reader->at += len;
    reader->left -= (size_t)len;
    return NULL;
}

static struct error *
get_entry(struct reader *reader, struct batch_entry *entry)
{
    uint64_t number = 0;
    AUTO_BYTES serial = {0};
    AUTO_BYTES device = {0};
    TRY(get_number(reader, BATCH_HAD_BEFORE, &number));
    entry->fate = (enum batch_fate)number;
    TRY(get_number(reader, UINT64_MAX, &entry->index));
    TRY(get_octets(reader, &serial));
    if (serial.len > sizeof entry->serial)
        return torn();
    if (serial.len > 0)
        memcpy(entry->serial, serial.data, serial.len);
    entry->serial_len = serial.len;
    TRY(get(reader, entry->spki, sizeof entry->spki));
    TRY(get(reader, entry->request, sizeof entry->request));
    TRY(get(reader, entry->tbs, sizeof entry->tbs));
    TRY(get_octets(reader, &entry->der));
    TRY(get_octets(reader, &entry->line));
    TRY(get_octets(reader, &device));
    TRY(get_octets(reader, &entry->modulus));
    TRY(get_octets(reader, &entry->wrapped));
    return text_copy(bytes_text(&device), &entry->device);
}

static struct error *
check_hash(struct reader *reader)
{
    unsigned char hash[32];
    if (reader->left < sizeof hash)
        return torn();
    reader->left -= sizeof hash;
    if (EVP_Digest(reader->at, reader->left, hash, NULL, EVP_sha256(), NULL) != 1)
        return error_memory();
    return memcmp(hash, reader->at + reader->left, sizeof hash) == 0 ? NULL : torn();
}

struct error *
batch_block_load(const char *folder, uint64_t number, struct batch_block **ret_block)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES file = {0};
    AUTO(batch_block) block = NULL;
    char start[sizeof SIGNATURE - 1];
    uint64_t written = 0;
    uint64_t count = 0;
    TRY(journal_path(folder, number, &path));
    TRY(file_read(path, FILE_LIMIT, &file));
    struct reader reader = {file.data, file.len};
    TRY(check_hash(&reader));
    TRY(get(&reader, start, sizeof start));
    TRY(get_number(&reader, UINT64_MAX, &written));
    TRY(get_number(&reader, ROOM_MAX, &count));
    if (memcmp(start, SIGNATURE, sizeof start) != 0 || written != number)
        return torn();
    TRY(batch_block_new(number, count == 0 ? 1 : (size_t)count, &block));
    for (uint64_t i = 0; i < count; i++) {
        struct batch_entry *entry = NULL;
        TRY(batch_block_add(block, &entry));
        TRY(get_entry(&reader, entry));
    }
    TRY(get_octets(&reader, &block->envelope));
    if (reader.left != 0)
        return torn();
    TRY(batch_block_close(block));
    *ret_block = TAKE(block);
    return NULL;
}
