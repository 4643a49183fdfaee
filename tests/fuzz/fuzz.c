/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* --- Allocations ------------------------------------------------------------------------------ */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static unsigned long allocations; /* since the input began */
static unsigned long fails_at;    /* 0: none */

static bool
is_refused(void)
{
    return ++allocations == fails_at;
}

void *
__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
    return is_refused() ? NULL : __real_realloc(old, size);
}

char *
__wrap_strdup(const char *text)
{
    return is_refused() ? NULL : __real_strdup(text);
}

static void *
openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size == 0 || is_refused() ? NULL : __real_malloc(size);
}

static void *
openssl_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return is_refused() ? NULL : __real_realloc(old, size);
}

static void
openssl_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

/* --- Files ------------------------------------------------------------------------------------ */

static char folder[64];

static void
remove_folder(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
    if (system(command) != 0)
        (void)fprintf(stderr, "%s is left\n", folder);
}

const char *
fuzz_folder(void)
{
    return folder;
}

const char *
fuzz_file(const char *name, const uint8_t *data, size_t size)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size
        || close(descriptor) != 0) {
        perror(path);
        abort();
    }
    return path;
}

const uint8_t *
fuzz_source_file(const char *name, size_t *ret_size)
{
    static uint8_t *kept;
    static size_t size;
    if (kept == NULL) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", TEST_SOURCE_DIR, name);
        FILE *file = fopen(path, "rbe");
        kept = __real_malloc(1 << 16);
        if (file == NULL || kept == NULL || (size = fread(kept, 1, 1 << 16, file)) == 0) {
            perror(path);
            abort();
        }
        (void)fclose(file);
    }
    *ret_size = size;
    return kept;
}

/* --- Inputs ----------------------------------------------------------------------------------- */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%.40s/fuzz-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0
        || CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        abort();
    return 0;
}

static unsigned long
hash_of(const uint8_t *data, size_t size)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 1099511628211U;
    return (unsigned long)(hash >> 8);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fails_at = 0;
    allocations = 0;
    fuzz_one(data, size);
    unsigned long count = allocations;
    if (count > 0) {
        allocations = 0;
        fails_at = 1 + hash_of(data, size) % count;
        fuzz_one(data, size);
        fails_at = 0;
    }
    return 0;
}
