/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of one secret's mapping: guard page, data pages, guard page. The bytes end at the upper
 * guard (rounded down to 16), so running over the end faults at once. */
#include "ceremony/base/secret.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(CEREMONY_MARK_WIPED)
#    include <valgrind/memcheck.h>
#endif

#define SECRET_SIZE_MAX  65536U
#define SECRET_ALIGNMENT 16U

struct secret {
    unsigned char *data;
    size_t size;
    unsigned char *map;
    size_t map_size;
};

/* What the last mapping achieved; the worst seen so far is what we may claim. */
enum protection {
    PROTECTION_SECRETMEM,
    PROTECTION_LOCKED,
    PROTECTION_NONE
};
static enum protection worst_seen = PROTECTION_SECRETMEM;
static bool anything_mapped;

void
secret_wipe(void *data, size_t size)
{
    if (data == NULL || size == 0)
        return;
    explicit_bzero(data, size);
#if defined(CEREMONY_MARK_WIPED)
    (void)VALGRIND_MAKE_MEM_UNDEFINED(data, size);
#endif
}

static void
note_protection(enum protection protection)
{
    anything_mapped = true;
    if (protection > worst_seen)
        worst_seen = protection;
}

/* Replaces the data pages by memory that not even the kernel maps; false if it cannot be had. The pages are shared
 * with whom they are mapped in, so a child gets none of them. The one flag is O_CLOEXEC: the manual page calls it
 * FD_CLOEXEC, which the kernel refuses (mm/secretmem.c). */
static bool
map_secretmem(unsigned char *pages, size_t size)
{
#if defined(SYS_memfd_secret)
    int descriptor = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool mapped =
        ftruncate(descriptor, (off_t)size) == 0
        && mmap(pages, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor, 0)
               == pages
        && madvise(pages, size, MADV_DONTFORK) == 0;
    (void)close(descriptor);
    return mapped;
#else
    (void)pages;
    (void)size;
    return false;
#endif
}

static bool
map_locked(unsigned char *pages, size_t size)
{
    if (mmap(pages, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0)
        != pages)
        return false;
    bool locked = mlock(pages, size) == 0;
    (void)madvise(pages, size, MADV_DONTDUMP);
    (void)madvise(pages, size, MADV_WIPEONFORK);
    note_protection(locked ? PROTECTION_LOCKED : PROTECTION_NONE);
    return true;
}

struct error *
secret_new(size_t size, struct secret **ret_secret)
{
    BUG_ON(size == 0 || size > SECRET_SIZE_MAX);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (size + SECRET_ALIGNMENT - 1) / SECRET_ALIGNMENT * SECRET_ALIGNMENT;
    size_t data_pages = (room + page - 1) / page * page;
    size_t map_size = data_pages + 2 * page;
    unsigned char *map =
        mmap(NULL, map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return error_memory();
    struct secret *secret = calloc(1, sizeof *secret);
    if (secret == NULL) {
        (void)munmap(map, map_size);
        return error_memory();
    }
    if (map_secretmem(map + page, data_pages)) {
        note_protection(PROTECTION_SECRETMEM);
    } else if (!map_locked(map + page, data_pages)) {
        (void)munmap(map, map_size);
        free(secret);
        return error_memory();
    }
    secret->map = map;
    secret->map_size = map_size;
    secret->data = map + page + data_pages - room;
    secret->size = size;
    *ret_secret = secret;
    return NULL;
}

struct error *
secret_from(const void *data, size_t size, struct secret **ret_secret)
{
    TRY(secret_new(size, ret_secret));
    memcpy((*ret_secret)->data, data, size);
    return NULL;
}

struct error *
secret_dup(const struct secret *secret, struct secret **ret_copy)
{
    return secret_from(secret->data, secret->size, ret_copy);
}

void
secret_free(struct secret *secret)
{
    if (secret == NULL)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    explicit_bzero(secret->map + page, secret->map_size - 2 * page);
    (void)munmap(secret->map, secret->map_size);
    free(secret);
}

size_t
secret_size(const struct secret *secret)
{
    return secret->size;
}

unsigned char *
secret_borrow(struct secret *secret)
{
    return secret->data;
}

const unsigned char *
secret_borrow_const(const struct secret *secret)
{
    return secret->data;
}

void
secret_shrink(struct secret *secret, size_t size)
{
    BUG_ON(size > secret->size);
    if (size < secret->size)
        explicit_bzero(secret->data + size, secret->size - size);
    secret->size = size;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
    return a->size == b->size && secret_memory_equal(a->data, b->data, a->size);
}

const char *
secret_protection(void)
{
    if (!anything_mapped) {
        struct secret *probe = NULL;
        struct error *error = secret_new(1, &probe);
        secret_free(probe);
        if (error != NULL) {
            error_free(error);
            return "none";
        }
    }
    static const char *const names[] = {
        [PROTECTION_SECRETMEM] = "memfd_secret",
        [PROTECTION_LOCKED] = "mlock",
        [PROTECTION_NONE] = "none",
    };
    return names[worst_seen];
}
