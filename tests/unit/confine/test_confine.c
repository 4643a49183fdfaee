/* SPDX-License-Identifier: Apache-2.0
 *
 * A confined process reads what it was given, computes, and does nothing else: each other thing ends it, or is
 * denied. Each is tried in a process of its own, once free and once confined, so that a test that could not fail
 * would be seen (T17). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/confine/confine.h"
#include "tests/support/check.h"

static char folder[] = "/tmp/confine-XXXXXX";
static char inside[64];
static char outside[64];

static int
set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(inside, sizeof inside, "%s/in", folder);
    (void)snprintf(outside, sizeof outside, "%s.out", folder);
    for (int i = 0; i < 2; i++) {
        int file = open(i == 0 ? inside : outside, O_CREAT | O_WRONLY, 0600);
        if (file < 0 || write(file, "x", 1) != 1 || close(file) != 0)
            return -1;
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    (void)unlink(inside);
    (void)unlink(outside);
    return rmdir(folder);
}

/* What is tried: true when it could be done. */
typedef bool trial(void);

static bool
reads_inside(void)
{
    char octet = 0;
    int file = open(inside, O_RDONLY | O_CLOEXEC);
    return file >= 0 && read(file, &octet, 1) == 1 && octet == 'x';
}

static bool
reads_outside(void)
{
    return open(outside, O_RDONLY | O_CLOEXEC) >= 0;
}

static bool
writes_inside(void)
{
    int file = open(inside, O_WRONLY | O_CLOEXEC);
    return file >= 0 && write(file, "x", 1) == 1;
}

static bool
makes_a_file(void)
{
    char path[80];
    (void)snprintf(path, sizeof path, "%s/new", folder);
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    (void)unlink(path);
    return file >= 0;
}

/* What a folder may be read with is no right to write, but Linux before 6.2 has Landlock let it empty a file. */
static bool
empties_a_file(void)
{
    return open(inside, O_RDONLY | O_TRUNC | O_CLOEXEC) >= 0;
}

static bool
creates_a_file(void)
{
    return open(outside, O_RDONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

static bool
writes_to_a_device(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC) >= 0;
}

static bool
lists_a_folder(void)
{
    DIR *opened = opendir(folder);
    return opened != NULL && readdir(opened) != NULL && closedir(opened) == 0;
}

static bool
removes_a_file(void)
{
    return unlink(outside) == 0 && close(open(outside, O_CREAT | O_WRONLY, 0600)) == 0;
}

static bool
makes_a_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool
starts_a_program(void)
{
    char *const words[] = {(char *)(uintptr_t) "true", NULL};
    (void)execv("/bin/true", words); /* ends with 0, as the trial does when it could be done */
    return false;
}

static bool
makes_a_process(void)
{
    pid_t process = fork();
    if (process == 0)
        _exit(0);
    return process > 0;
}

static bool
looks_into_another(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
signals_another(void)
{
    return kill(getppid(), 0) == 0;
}

static bool
signals_by_thread(void)
{
    return tgkill(getppid(), getppid(), 0) == 0;
}

static bool
has_signals_sent(void)
{
    int file = open(inside, O_RDONLY | O_CLOEXEC);
    return fcntl(file, F_SETOWN, getppid()) == 0;
}

static bool
asks_about_a_file(void)
{
    int file = open(inside, O_RDONLY | O_CLOEXEC);
    return file >= 0 && fcntl(file, F_GETFL) >= 0;
}

static bool
runs_what_it_wrote(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0)
           != MAP_FAILED;
}

static bool
makes_memory_runnable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static void *
nothing(void *user)
{
    return user;
}

static bool
has_threads(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool
takes_memory(void)
{
    void *block = malloc((size_t)1 << 24);
    if (block == NULL)
        return false;
    memset(block, 1, (size_t)1 << 24);
    free(block);
    return true;
}

/* 0: done; 1: not done; -1: ended by the kernel; 2: not confined. */
static int
try_in_process(trial *tried, bool confined, int *ret_landlock)
{
    int ends[2];
    int status = 0;
    unsigned char version = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t process = fork();
    if (process == 0) {
        struct confinement found = {0};
        const char *readable[] = {folder};
        if (confined && confine_self(readable, 1, &found) != NULL)
            _exit(2);
        version = (unsigned char)found.landlock;
        if (write(ends[1], &version, 1) != 1)
            _exit(2);
        _exit(tried() ? 0 : 1);
    }
    assert_int_equal(close(ends[1]), 0);
    if (read(ends[0], &version, 1) == 1)
        *ret_landlock = version;
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(process, &status, 0), process);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? -1 : 2;
    return WEXITSTATUS(status);
}

static const struct {
    const char *what;
    trial *tried;
    int confined;  /* how it ends then */
    bool landlock; /* ... where the kernel has it; else it can be done */
} rows[] = {
    {"reads inside",          reads_inside,          0,  false},
    {"has threads",           has_threads,           0,  false},
    {"takes memory",          takes_memory,          0,  false},
    {"reads outside",         reads_outside,         1,  true },
    {"lists a folder",        lists_a_folder,        0,  false},
    {"writes inside",         writes_inside,         -1, false},
    {"empties a file",        empties_a_file,        -1, false},
    {"creates a file",        creates_a_file,        -1, false},
    {"writes to a device",    writes_to_a_device,    -1, false},
    {"makes a file",          makes_a_file,          -1, false}, /* unlink */
    {"removes a file",        removes_a_file,        -1, false},
    {"makes a socket",        makes_a_socket,        -1, false},
    {"starts a program",      starts_a_program,      -1, false},
    {"makes a process",       makes_a_process,       -1, false},
    {"looks into another",    looks_into_another,    -1, false},
    {"signals another",       signals_another,       -1, false},
    {"signals by thread",     signals_by_thread,     -1, false},
    {"has signals sent",      has_signals_sent,      -1, false},
    {"asks about a file",     asks_about_a_file,     0,  false},
    {"runs what it wrote",    runs_what_it_wrote,    -1, false},
    {"makes memory runnable", makes_memory_runnable, -1, false},
};

static void
test_each(void **state)
{
    int landlock = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int free_end = try_in_process(rows[i].tried, false, &landlock);
        int end = try_in_process(rows[i].tried, true, &landlock);
        int wanted = rows[i].landlock && landlock == 0 ? 0 : rows[i].confined;
        if (free_end != 0 || end != wanted)
            print_error("%s: free %d, confined %d, not %d\n", rows[i].what, free_end, end,
                        wanted);
        assert_int_equal(free_end, 0);
        assert_int_equal(end, wanted);
    }
}

static void
test_what_is_not_there(void **state)
{
    (void)state;
    struct confinement found;
    const char *readable[] = {"/nowhere/at/all"};
    pid_t process = fork();
    int status = 0;
    if (process == 0) {
        struct error *error = confine_self(readable, 1, &found);
        _exit(found.landlock == 0 || error != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
