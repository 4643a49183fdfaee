/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/screen_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct screen_guard {
    atomic_bool *secret_shown; /* a page that both processes see */
    int alive;                 /* the writing end of a pipe, open as long as we live */
    pid_t process;
};

/* In the other process: nothing of ours stays open but the terminal, and no signal that is meant for us, or for
 * all of the terminal, ends it before its work is done. */
static void
watch(const atomic_bool *secret_shown, int watched, void (*clear)(void *self), void *self)
{
    sigset_t all;
    char byte = 0;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)prctl(PR_SET_NAME, "screen-guard", 0, 0, 0);
    if (watched != STDERR_FILENO + 1 && dup3(watched, STDERR_FILENO + 1, O_CLOEXEC) < 0)
        return;
    (void)close_range(STDERR_FILENO + 2, ~0U, 0);
    while (read(STDERR_FILENO + 1, &byte, 1) < 0 && errno == EINTR)
        continue;
    if (atomic_load(secret_shown))
        clear(self);
}

static struct error *
start(struct screen_guard *guard, void (*clear)(void *self), void *self)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ERROR_ERRNO(errno, "the screen could not be guarded");
    guard->process = fork();
    if (guard->process == 0) {
        watch(guard->secret_shown, ends[0], clear, self);
        _exit(0);
    }
    int number = errno;
    (void)close(ends[0]);
    guard->alive = ends[1];
    return guard->process > 0 ? NULL : ERROR_ERRNO(number, "the screen could not be guarded");
}

struct error *
screen_guard_open(void (*clear)(void *self), void *self, struct screen_guard **ret_guard)
{
    AUTO(screen_guard) guard = calloc(1, sizeof *guard);
    if (guard == NULL)
        return error_memory();
    guard->alive = -1;
    void *page = mmap(NULL, sizeof *guard->secret_shown, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return error_memory();
    guard->secret_shown = page;
    atomic_init(guard->secret_shown, false);
    TRY(start(guard, clear, self));
    *ret_guard = TAKE(guard);
    return NULL;
}

void
screen_guard_close(struct screen_guard *guard)
{
    if (guard == NULL)
        return;
    if (guard->alive >= 0)
        (void)close(guard->alive);
    while (guard->process > 0 && waitpid(guard->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (guard->secret_shown != NULL)
        (void)munmap(guard->secret_shown, sizeof *guard->secret_shown);
    free(guard);
}

void
screen_guard_tell(struct screen_guard *guard, bool secret_shown)
{
    atomic_store(guard->secret_shown, secret_shown);
}
