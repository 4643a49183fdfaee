/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that lets the N-th allocation fail that the program itself asks for.
 * Libraries get theirs: what SoftHSM or ncurses do without memory is not ours to mend.
 *
 *   LD_PRELOAD=memory_module.so  MEMORY_AT=N       the N-th allocation (from 1) fails
 *                                MEMORY_AT=N+      and every later one
 *                                MEMORY_LOG=FILE   a line for each allocation, at exit: the place that asks for it, as a
 *                                                  number for the calls that led there (of this run alone) */
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

#define PLACES_MAX (1L << 20)
#define DEPTH      64

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static uintptr_t program_start;
static uintptr_t program_end;
static atomic_long allocations;
static long fails_at;
static bool onward;
static uint64_t *places; /* of each allocation, when they are logged */
static __thread bool inside;

/* The first object is the program. */
static int
look(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
            program_start = info->dlpi_addr + part->p_vaddr;
            program_end = program_start + part->p_memsz;
        }
    }
    return 1;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *at = getenv("MEMORY_AT");
    fails_at = at == NULL ? 0 : strtol(at, NULL, 10);
    onward = at != NULL && strchr(at, '+') != NULL;
    (void)dl_iterate_phdr(look, NULL);
    if (getenv("MEMORY_LOG") != NULL)
        places = __libc_calloc(PLACES_MAX, sizeof *places);
}

/* FNV-1a over the return addresses: a loop that allocates is one place. */
static uint64_t
place_now(void)
{
    void *stack[DEPTH];
    uint64_t place = UINT64_C(0xcbf29ce484222325);
    inside = true; /* the unwinder may allocate */
    int depth = backtrace(stack, DEPTH);
    inside = false;
    for (int i = 0; i < depth; i++)
        place = (place ^ (uintptr_t)stack[i]) * UINT64_C(0x100000001b3);
    return place;
}

static bool
is_refused(const void *caller)
{
    uintptr_t from = (uintptr_t)caller;
    if (inside || from < program_start || from >= program_end)
        return false;
    long now = atomic_fetch_add(&allocations, 1) + 1;
    if (places != NULL && now <= PLACES_MAX)
        places[now - 1] = place_now();
    return fails_at > 0 && (now == fails_at || (onward && now > fails_at));
}

static void *
refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

PUBLIC void *
malloc(size_t size)
{
    return is_refused(__builtin_return_address(0)) ? refuse() : __libc_malloc(size);
}

PUBLIC void *
calloc(size_t count, size_t size)
{
    return is_refused(__builtin_return_address(0)) ? refuse() : __libc_calloc(count, size);
}

PUBLIC void *
realloc(void *old, size_t size)
{
    return is_refused(__builtin_return_address(0)) ? refuse() : __libc_realloc(old, size);
}

__attribute__((destructor)) static void
report(void)
{
    const char *path = getenv("MEMORY_LOG");
    FILE *file = path == NULL || places == NULL ? NULL : fopen(path, "we");
    if (file == NULL)
        return;
    for (long i = 0; i < atomic_load(&allocations) && i < PLACES_MAX; i++)
        (void)fprintf(file, "%016jx\n", (uintmax_t)places[i]);
    (void)fclose(file);
}
