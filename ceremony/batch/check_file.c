/* SPDX-License-Identifier: Apache-2.0
 *
 * The review file: 96 bytes an item. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/check_private.h"
#include "ceremony/batch/wire.h"

static const char head[REVIEW_RECORD] = "ceremony review 2\n";

#define AT_PARTS   32
#define AT_VERDICT 64
#define AT_COUNT   65
#define AT_CODES   66

void
batch_review_free(struct batch_review *review)
{
    if (review == NULL)
        return;
    if (review->file >= 0)
        close(review->file);
    free(review->path);
    free(review);
}

uint64_t
batch_review_count(const struct batch_review *review)
{
    return review->count;
}

static struct error *
write_at(const struct batch_review *review, const void *data, uint64_t place)
{
    ssize_t written = 0;
    do
        written = pwrite(review->file, data, REVIEW_RECORD, (off_t)(place * REVIEW_RECORD));
    while (written < 0 && errno == EINTR);
    if (written != REVIEW_RECORD)
        return ERROR_ERRNO(written < 0 ? errno : ENOSPC,
                           "the review \"%s\" could not be written", review->path);
    return NULL;
}

static struct error *
read_at(const struct batch_review *review, void *data, uint64_t place)
{
    ssize_t got = 0;
    do
        got = pread(review->file, data, REVIEW_RECORD, (off_t)(place * REVIEW_RECORD));
    while (got < 0 && errno == EINTR);
    if (got != REVIEW_RECORD)
        return ERROR_ERRNO(got < 0 ? errno : EIO, "the review \"%s\" could not be read",
                           review->path);
    return NULL;
}

static struct error *
new_review(const char *path, int flags, struct batch_review **ret_review)
{
    AUTO(batch_review) review = calloc(1, sizeof *review);
    if (review == NULL)
        return error_memory();
    review->file = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (review->file < 0)
        return ERROR_ERRNO(errno, "the review \"%s\" could not be opened", path);
    TRY(text_copy(path, &review->path));
    *ret_review = TAKE(review);
    return NULL;
}

struct error *
review_create(const char *path, struct batch_review **ret_review)
{
    AUTO(batch_review) review = NULL;
    TRY(new_review(path, O_RDWR | O_CREAT | O_EXCL, &review));
    TRY(write_at(review, head, 0));
    *ret_review = TAKE(review);
    return NULL;
}

struct error *
review_write(struct batch_review *review, uint64_t index, const struct review_record *record)
{
    unsigned char data[REVIEW_RECORD] = {0};
    memcpy(data, record->input, sizeof record->input);
    memcpy(data + AT_PARTS, record->parts, sizeof record->parts);
    data[AT_VERDICT] = (unsigned char)record->verdict;
    data[AT_COUNT] = (unsigned char)record->code_count;
    for (size_t i = 0; i < record->code_count; i++) {
        data[AT_CODES + 2 * i] = (unsigned char)(record->codes[i] >> 8);
        data[AT_CODES + 2 * i + 1] = (unsigned char)record->codes[i];
    }
    TRY(write_at(review, data, index + 1));
    if (index >= review->count)
        review->count = index + 1;
    return NULL;
}

struct error *
review_read(const struct batch_review *review, uint64_t index, struct review_record *ret_record)
{
    unsigned char data[REVIEW_RECORD];
    TRY(read_at(review, data, index + 1));
    memcpy(ret_record->input, data, sizeof ret_record->input);
    memcpy(ret_record->parts, data + AT_PARTS, sizeof ret_record->parts);
    ret_record->verdict = (enum batch_verdict)data[AT_VERDICT];
    ret_record->code_count = data[AT_COUNT];
    if (ret_record->code_count > BATCH_CODES_MAX
        || (ret_record->verdict != BATCH_ACCEPTED && ret_record->verdict != BATCH_REFUSED))
        return ERROR(ERROR_VERIFICATION, "the review \"%s\" is damaged", review->path);
    for (size_t i = 0; i < ret_record->code_count; i++) {
        ret_record->codes[i] =
            (uint16_t)(data[AT_CODES + 2 * i] << 8 | data[AT_CODES + 2 * i + 1]);
        if (ret_record->codes[i] >= BATCH_CODE_COUNT)
            return ERROR(ERROR_VERIFICATION, "the review \"%s\" is of another version",
                         review->path);
    }
    return NULL;
}

void
review_of_item(const struct batch_item *item, struct review_record *ret_record)
{
    *ret_record =
        (struct review_record){.verdict = item->verdict, .code_count = item->code_count};
    memcpy(ret_record->codes, item->codes, sizeof ret_record->codes);
    if (item->input_sha256[0] != '\0')
        error_free(hex_decode(item->input_sha256, ret_record->input,
                              sizeof ret_record->input)); /* ours: 64 digits */
}

struct error *
review_bind(const struct batch_item *item, unsigned char ret_parts[32])
{
    AUTO_BYTES bound = {0};
    TRY(wire_put_bound(&bound, item));
    SHA256(bound.data, bound.len, ret_parts);
    return NULL;
}

struct error *
review_add_code(struct batch_review *review, uint64_t index, unsigned code)
{
    struct review_record record;
    struct batch_item item = {0};
    TRY(review_read(review, index, &record));
    item.verdict = record.verdict;
    item.code_count = record.code_count;
    memcpy(item.codes, record.codes, sizeof item.codes);
    batch_item_add_code(&item, code, "%s", "");
    record.verdict = item.verdict;
    record.code_count = item.code_count;
    memcpy(record.codes, item.codes, sizeof record.codes);
    return review_write(review, index, &record);
}

static struct error *
hash_file(const struct batch_review *review, char ret_sha256[65])
{
    unsigned char block[REVIEW_RECORD];
    unsigned char hash[32];
    unsigned len = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct error *error = md == NULL ? error_memory() : NULL;
    bool well = error == NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) > 0;
    for (uint64_t i = 0; well && error == NULL && i <= review->count; i++) {
        error = read_at(review, block, i);
        well = error != NULL || EVP_DigestUpdate(md, block, sizeof block) > 0;
    }
    well = well && EVP_DigestFinal_ex(md, hash, &len) > 0;
    EVP_MD_CTX_free(md);
    if (error == NULL && !well)
        error = ERROR(ERROR_BUG, "a hash could not be made");
    if (error == NULL)
        hex_encode(hash, sizeof hash, ret_sha256);
    return error;
}

struct error *
review_finish(struct batch_review *review, char ret_sha256[65])
{
    if (fsync(review->file) != 0)
        return ERROR_ERRNO(errno, "the review \"%s\" could not be flushed", review->path);
    TRY(folder_sync_above(review->path));
    return hash_file(review, ret_sha256);
}

struct error *
batch_review_open(const char *path, const char *sha256, struct batch_review **ret_review)
{
    AUTO(batch_review) review = NULL;
    struct stat facts;
    char found[65];
    TRY(new_review(path, O_RDONLY | O_NONBLOCK, &review));
    if (fstat(review->file, &facts) != 0 || !S_ISREG(facts.st_mode)
        || facts.st_size < REVIEW_RECORD || facts.st_size % REVIEW_RECORD != 0)
        return ERROR(ERROR_VERIFICATION, "\"%s\" is no review of a batch", path);
    review->count = (uint64_t)facts.st_size / REVIEW_RECORD - 1;
    TRY(hash_file(review, found));
    if (strcmp(found, sha256) != 0)
        return error_hint(ERROR(ERROR_VERIFICATION,
                                "the review \"%s\" is not the one that was approved", path),
                          "Look who had access to the evidence folder; abort and begin anew");
    *ret_review = TAKE(review);
    return NULL;
}
