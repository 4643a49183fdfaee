/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/weak_list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/hash.h"

#define BLOCK      16
#define BLOCK_HASH 15
#define LIST_MAX   ((off_t)1 << 32)

struct weak_list {
    unsigned char *blocks;
    size_t count;
    char sha256[65];
};

void
weak_list_free(struct weak_list *list)
{
    if (list == NULL)
        return;
    if (list->blocks != NULL)
        munmap(list->blocks, list->count * BLOCK);
    free(list);
}

static struct error *
map_file(int file, const char *path, struct weak_list *list)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        return ERROR_ERRNO(errno, "the list of known keys \"%s\" could not be read", path);
    if (!S_ISREG(facts.st_mode) || facts.st_size == 0 || facts.st_size % BLOCK != 0
        || facts.st_size > LIST_MAX)
        return error_hint(
            ERROR(ERROR_INPUT,
                  "the list of known keys \"%s\" is not a file of whole blocks of "
                  "%d bytes",
                  path, BLOCK),
            "Unpack blocklist.dat again");
    void *blocks = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (blocks == MAP_FAILED)
        return ERROR_ERRNO(errno, "the list of known keys \"%s\" could not be read", path);
    list->blocks = blocks;
    list->count = (size_t)facts.st_size / BLOCK;
    return NULL;
}

static struct error *
check_list(const struct weak_list *list, const char *path, const char *sha256)
{
    if (sha256 != NULL && !text_equal_nocase(sha256, list->sha256))
        return error_hint(
            ERROR(ERROR_INPUT,
                  "the list of known keys \"%s\" has another SHA-256 than the one "
                  "that belongs to it",
                  path),
            "Fetch blocklist.dat and its description together");
    for (size_t i = 1; i < list->count; i++)
        if (memcmp(list->blocks + (i - 1) * BLOCK, list->blocks + i * BLOCK, BLOCK_HASH) > 0)
            return ERROR(ERROR_INPUT, "the list of known keys \"%s\" is not sorted", path);
    return NULL;
}

struct error *
weak_list_open(const char *path, const char *sha256, struct weak_list **ret_list)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return ERROR_ERRNO(errno, "the list of known keys \"%s\" could not be opened", path);
    AUTO(weak_list) list = calloc(1, sizeof *list);
    struct error *error = list == NULL ? error_memory() : map_file(file, path, list);
    close(file);
    TRY(error);
    TRY(pki_sha256_hex(list->blocks, list->count * BLOCK, list->sha256));
    TRY(check_list(list, path, sha256));
    *ret_list = TAKE(list);
    return NULL;
}

const char *
weak_list_sha256(const struct weak_list *list)
{
    return list->sha256;
}

size_t
weak_list_count(const struct weak_list *list)
{
    return list->count;
}

int
weak_list_find(const struct weak_list *list, struct der number)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    while (number.len > 0 && number.p[0] == 0)
        number = der_view(number.p + 1, number.len - 1);
    SHA256(number.p, number.len, hash);
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const unsigned char *block = list->blocks + middle * BLOCK;
        int order = memcmp(hash, block, BLOCK_HASH);
        if (order == 0)
            return block[BLOCK_HASH];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}
