/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ceremony/base/cleanup.h"

/* --- Landlock: what of the file system can be reached --- */

/* All that versions 1 to 5 know to deny; headers of 2022 name those of version 2 only. */
static const uint64_t denied[] = {
    [1] = (UINT64_C(1) << 13) - 1, [2] = (UINT64_C(1) << 14) - 1, [3] = (UINT64_C(1) << 15) - 1,
    [4] = (UINT64_C(1) << 15) - 1, [5] = (UINT64_C(1) << 16) - 1,
};
#define NEWEST ((int)(sizeof denied / sizeof denied[0]) - 1)

static struct error *
allow_below(int rules, const char *path)
{
    struct stat about;
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0)
        return ERROR_ERRNO(errno, "\"%s\" could not be opened", path);
    struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
                                              .parent_fd = file};
    if (fstat(file, &about) == 0 && S_ISDIR(about.st_mode))
        rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    long result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int number = errno;
    (void)close(file);
    return result == 0
               ? NULL
               : ERROR_ERRNO(number, "the kernel does not take \"%s\" as all to be read", path);
}

static struct error *
limit_files(const char *const *readable, size_t count, int version)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs =
                                                   denied[version < NEWEST ? version : NEWEST]};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules < 0)
        return ERROR_ERRNO(errno, "the file system could not be closed off");
    struct error *error = NULL;
    for (size_t i = 0; i < count && error == NULL; i++)
        error = allow_below(rules, readable[i]);
    if (error == NULL && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        error = ERROR_ERRNO(errno, "the file system could not be closed off");
    (void)close(rules);
    return error;
}

/* --- seccomp: what can be asked of the kernel at all --- */

/* To read, to compute in several threads, to answer through what is open already, to end. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(getdents64),
    SCMP_SYS(fadvise64),
    SCMP_SYS(poll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
};

/* Files are opened to be read, and neither made nor emptied: that Landlock alone would let a readable file be emptied
 * before its third version (Linux 6.2), and there may be none at all. */
static int
allow_opening(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp reading =
        SCMP_A2_64(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, &reading);
}

/* Memory that is written is never run: both ways to get such are closed. */
static int
allow_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp not_run = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_run);
    if (result == 0)
        result =
            seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_run);
    return result;
}

/* Threads, and no processes. What clone3 is asked cannot be looked at: the C library does without it. */
static int
allow_threads(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp thread =
        SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return result;
}

/* A process may end itself (abort), and no other. Of what fcntl can do, some commands have signals sent to others: only
 * those that ask about a descriptor, or copy it, are left. */
static int
allow_own(scmp_filter_ctx filter)
{
    static const int commands[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC};
    const struct scmp_arg_cmp self = SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid());
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &self);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && result == 0; i++) {
        const struct scmp_arg_cmp command = SCMP_A1_64(SCMP_CMP_EQ, (scmp_datum_t)commands[i]);
        result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, &command);
    }
    return result;
}

static struct error *
limit_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return error_memory();
    int result = allow_memory(filter);
    if (result == 0)
        result = allow_opening(filter);
    if (result == 0)
        result = allow_threads(filter);
    if (result == 0)
        result = allow_own(filter);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? NULL
                       : ERROR_ERRNO(-result, "the calls to the kernel could not be limited");
}

/* A request that makes its reader take all memory must not cost the process that holds the session: the kernel ends this
 * one first. Where /proc is not there or cannot be written, it chooses by size, as always. The files of a process that
 * cannot be dumped are root's: it can be for a moment, in which it holds nothing secret. */
static void
be_ended_first(void)
{
    int dumpable = prctl(PR_GET_DUMPABLE);
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t written = write(file, "1000", 4);
        (void)written;
        (void)close(file);
    }
    (void)prctl(PR_SET_DUMPABLE, dumpable == 1 ? 1 : 0, 0, 0, 0);
}

static struct error *
limit_resources(void)
{
    be_ended_first();
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_FSIZE, &none) != 0 || setrlimit(RLIMIT_CORE, &none) != 0
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ERROR_ERRNO(errno, "files and privileges could not be limited");
    return NULL;
}

struct error *
confine_self(const char *const *readable, size_t count, struct confinement *ret_confinement)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    *ret_confinement = (struct confinement){.landlock = version > 0 ? (int)version : 0};
    TRY(limit_resources());
    if (version > 0)
        TRY(limit_files(readable, count, (int)version));
    return limit_calls();
}
