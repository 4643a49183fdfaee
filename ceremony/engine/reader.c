/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/confine/confine.h"
#include "ceremony/engine/steps/read_requests.h"

#define ISSUER_MAX 65536U
#define KEPT       3 /* the descriptor that the other processes keep; 0 to 2 lead nowhere */

/* One message: which step, and what reader_wish says. */
struct wish_head {
    uint32_t act;
    uint32_t step;
    uint32_t made;
    uint32_t issuer_len;
};

/* --- in the other processes --- */

/* Signals are meant for the program, or for all of its terminal: who reads ends when nobody listens. */
static void
be_alone(int kept)
{
    sigset_t all;
    int nowhere = open("/dev/null", O_RDWR);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)prctl(PR_SET_NAME, "reader", 0, 0, 0);
    if (kept != KEPT && dup2(kept, KEPT) < 0)
        _exit(1);
    for (int file = 0; file < KEPT; file++)
        if (nowhere < 0 || dup2(nowhere, file) < 0)
            _exit(1);
    (void)close_range(KEPT + 1, ~0U, 0);
}

static bool
take_wish(int listening, struct wish_head *head, struct bytes *issuer, int *ret_out)
{
    static unsigned char octets[ISSUER_MAX]; /* of a process with one thread */

    union {
        struct cmsghdr align;
        char octets[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec parts[] = {
        {head,   sizeof *head },
        {octets, sizeof octets}
    };
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control.octets,
                             .msg_controllen = sizeof control.octets};
    ssize_t got = 0;
    do
        got = recvmsg(listening, &message, 0);
    while (got < 0 && errno == EINTR);
    const struct cmsghdr *first = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (first == NULL || (size_t)got < sizeof *head || head->issuer_len > sizeof octets)
        return false;
    memcpy(ret_out, CMSG_DATA(first), sizeof *ret_out);
    struct error *error = bytes_copy(issuer, octets, head->issuer_len);
    bool taken = error == NULL;
    error_free(error);
    return taken;
}

/* The process of one pass: confined first, then reading. */
static void
read_once(struct engine *engine, const struct wish_head *head, const struct bytes *issuer)
{
    struct confinement confinement;
    const char *readable[READ_REQUESTS_PATHS];
    engine->step = &engine->script->acts[head->act].steps[head->step];
    size_t count = read_requests_paths(engine, readable);
    struct error *error = confine_self(readable, count, &confinement);
    unsigned char landlock = (unsigned char)confinement.landlock;
    if (error != NULL || write(KEPT, &landlock, 1) != 1)
        _exit(1);
    error = read_requests(engine, issuer, head->made != 0, KEPT);
    _exit(error == NULL ? 0 : 1);
}

static void
serve(struct engine *engine, int listening)
{
    for (;;) {
        struct wish_head head = {0};
        struct bytes issuer = {0};
        int out = -1;
        if (!take_wish(listening, &head, &issuer, &out))
            _exit(0);
        pid_t process = fork();
        if (process == 0) {
            be_alone(out);
            read_once(engine, &head, &issuer);
        }
        (void)close(out);
        bytes_clear(&issuer);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}

/* --- in the program --- */

static bool
script_reads(const struct script *script)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (script->acts[a].steps[s].kind == STEP_SIGN_REQUESTS)
                return true;
    return false;
}

struct error *
reader_start(struct engine *engine)
{
    int ends[2];
    engine->reader = -1;
    if (!script_reads(engine->script))
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return ERROR_ERRNO(errno, "the process that reads requests could not be started");
    pid_t process = fork();
    if (process == 0) {
        be_alone(ends[1]);
        serve(engine, KEPT);
    }
    int number = errno;
    (void)close(ends[1]);
    if (process < 0) {
        (void)close(ends[0]);
        return ERROR_ERRNO(number, "the process that reads requests could not be started");
    }
    engine->reader = ends[0];
    engine->reader_process = process;
    return NULL;
}

void
reader_stop(struct engine *engine)
{
    if (engine->reader <= 0)
        return;
    (void)close(engine->reader);
    while (waitpid(engine->reader_process, NULL, 0) < 0 && errno == EINTR)
        continue;
    engine->reader = -1;
}

static void
find_place(const struct engine *engine, struct wish_head *head)
{
    for (size_t a = 0; a < engine->script->act_count; a++)
        for (size_t s = 0; s < engine->script->acts[a].step_count; s++)
            if (&engine->script->acts[a].steps[s] == engine->step) {
                head->act = (uint32_t)a;
                head->step = (uint32_t)s;
            }
}

static struct error *
send_wish(struct engine *engine, const struct reader_wish *wish, int out)
{
    struct wish_head head = {.made = wish->made ? 1 : 0,
                             .issuer_len = (uint32_t)wish->issuer->len};

    union {
        struct cmsghdr align;
        char octets[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec parts[] = {
        {&head,              sizeof head      },
        {wish->issuer->data, wish->issuer->len}
    };
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control.octets,
                             .msg_controllen = sizeof control.octets};
    if (wish->issuer->len > ISSUER_MAX)
        return ERROR(ERROR_INPUT, "the issuer's certificate has more than %u bytes",
                     ISSUER_MAX);
    find_place(engine, &head);
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof out);
    memcpy(CMSG_DATA(first), &out, sizeof out);
    if (sendmsg(engine->reader, &message, MSG_NOSIGNAL) < 0)
        return error_hint(
            ERROR_ERRNO(errno, "the process that reads requests is gone"),
            "Resume: that starts another one. If it is gone again, abort, and keep the medium.");
    return NULL;
}

static struct error *
record_confinement(struct engine *engine, int in)
{
    unsigned char landlock = 0;
    ssize_t got = 0;
    do
        got = read(in, &landlock, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        return error_hint(
            ERROR(ERROR_IO, "the process that reads requests could not be confined"),
            "The kernel of this computer is not the one that was approved, or lacks seccomp.");
    return engine_fact(engine, "reader",
                       json_pack("{s:s,s:b,s:i}", "input", engine->step->id, "seccomp", 1,
                                 "landlock", (int)landlock));
}

struct error *
reader_open(struct engine *engine, const struct reader_wish *wish,
            struct batch_source **ret_source)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ERROR_ERRNO(errno, "the requests cannot be read");
    (void)fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); /* not needed, faster */
    struct error *error = send_wish(engine, wish, ends[1]);
    (void)close(ends[1]);
    if (error == NULL)
        error = record_confinement(engine, ends[0]);
    if (error != NULL) {
        (void)close(ends[0]);
        return error;
    }
    return batch_source_open_stream(ends[0], ret_source);
}
