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

#include "ceremony/base/text.h"
#include "ceremony/batch/serve.h"
#include "ceremony/confine/confine.h"
#include "ceremony/engine/reader_passes.h"

#define ISSUER_MAX 65536U
#define KEPT       3 /* the descriptor that the other processes keep; 0 to 2 lead nowhere */
#define INPUT_MAX  128U
#define FILES      2 /* that go with a message: where the answer goes, and the documents */

struct engine_reader {
    int socket;
    pid_t process;
};

/* One message: which step, and what reader_wish says. */
struct wish_head {
    uint32_t pass;
    uint32_t act;
    uint32_t step;
    uint32_t flag;
    uint32_t issuer_len;
    int64_t now;
    char input[INPUT_MAX];
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
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* whoever waited for the answer is gone */
    if (kept != KEPT && dup2(kept, KEPT) < 0)
        _exit(1);
    for (int file = 0; file < KEPT; file++)
        if (nowhere < 0 || dup2(nowhere, file) < 0)
            _exit(1);
    (void)close_range(KEPT + 1, ~0U, 0);
}

union control {
    struct cmsghdr align;
    char octets[CMSG_SPACE(FILES * sizeof(int))];
};

static bool
take_wish(int listening, struct wish_head *head, struct bytes *issuer, int ret_files[FILES])
{
    static unsigned char octets[ISSUER_MAX]; /* of a process with one thread */
    union control control;
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
    if (first == NULL || (size_t)got < sizeof *head || head->issuer_len > sizeof octets
        || first->cmsg_len != CMSG_LEN(FILES * sizeof(int)) || head->pass >= READER_PASSES)
        return false;
    memcpy(ret_files, CMSG_DATA(first), FILES * sizeof *ret_files);
    struct error *error = bytes_copy(issuer, octets, head->issuer_len);
    bool taken = error == NULL;
    error_free(error);
    return taken;
}

/* The process of one pass: confined first, then reading. */
static void
read_once(struct engine *engine, const struct wish_head *head, const struct bytes *issuer,
          const int files[FILES])
{
    struct confinement confinement;
    struct documents documents = {0};
    const char *readable[READER_PATHS];
    struct error *error = documents_open(files[1], &documents);
    be_alone(files[0]);
    engine->step = &engine->script->acts[head->act].steps[head->step];
    const struct reader_task task = {.engine = engine,
                                     .input = head->input,
                                     .issuer = issuer,
                                     .documents = &documents,
                                     .now = head->now,
                                     .flag = head->flag != 0,
                                     .out = KEPT};
    enum reader_pass pass = (enum reader_pass)head->pass;
    size_t count = reader_paths(pass, &task, readable);
    if (error == NULL)
        error = confine_self(readable, count, &confinement);
    unsigned char landlock = error == NULL ? (unsigned char)confinement.landlock : 0;
    if (error != NULL || write(KEPT, &landlock, 1) != 1)
        _exit(1);
    error = reader_serve(pass, &task);
    if (error != NULL)
        error = batch_serve_error(error, KEPT);
    _exit(error == NULL ? 0 : 1);
}

static void
serve(struct script *script, struct site *site, int listening)
{
    struct engine *engine = calloc(1, sizeof *engine); /* only what reader_passes.h says */
    if (engine == NULL)
        _exit(1);
    engine->script = script;
    engine->site = site;
    for (;;) {
        struct wish_head head = {0};
        struct bytes issuer = {0};
        int files[FILES] = {-1, -1};
        if (!take_wish(listening, &head, &issuer, files))
            _exit(0);
        pid_t process = fork();
        if (process == 0)
            read_once(engine, &head, &issuer, files);
        for (size_t i = 0; i < FILES; i++)
            (void)close(files[i]);
        bytes_clear(&issuer);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}

/* --- in the program --- */

/* Steps whose files are read so, whatever the site brings. */
static const enum step_kind reading_kinds[] = {
    STEP_SIGN_REQUESTS,   STEP_IMPORT_REQUEST, STEP_IMPORT_CERTIFICATE,
    STEP_IMPORT_EXISTING, STEP_REVOKE,
};

static bool
step_reads(const struct script_step *step)
{
    for (size_t i = 0; i < sizeof reading_kinds / sizeof reading_kinds[0]; i++)
        if (step->kind == reading_kinds[i])
            return true;
    return false;
}

/* CRLs are signed by many a script; the last one is brought along to few of them. */
static bool
site_brings_crl(const struct site *site)
{
    for (size_t i = 0; i < site->input_count; i++)
        if (text_ends_with(site->inputs[i].name, "-crl"))
            return true;
    return false;
}

static bool
is_needed(const struct script *script, const struct site *site)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (step_reads(&script->acts[a].steps[s]))
                return true;
    return site_brings_crl(site);
}

static struct error *
start(struct script *script, struct site *site, struct engine_reader *reader)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return ERROR_ERRNO(errno,
                           "the process that reads what was brought could not be started");
    reader->process = fork();
    if (reader->process == 0) {
        be_alone(ends[1]);
        serve(script, site, KEPT);
    }
    int number = errno;
    (void)close(ends[1]);
    reader->socket = ends[0];
    return reader->process > 0
               ? NULL
               : ERROR_ERRNO(number,
                             "the process that reads what was brought could not be started");
}

struct error *
engine_reader_start(struct script *script, struct site *site, struct engine_reader **ret_reader)
{
    AUTO(engine_reader) reader = NULL;
    *ret_reader = NULL;
    if (!is_needed(script, site))
        return NULL;
    reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return error_memory();
    reader->socket = -1;
    TRY(start(script, site, reader));
    *ret_reader = TAKE(reader);
    return NULL;
}

void
engine_reader_stop(struct engine_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->socket >= 0) {
        (void)shutdown(reader->socket, SHUT_RDWR);
        (void)close(reader->socket);
    }
    while (reader->process > 0 && waitpid(reader->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(reader);
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
send_wish(const struct engine *engine, const struct reader_wish *wish, const int files[FILES])
{
    const struct engine_reader *reader = engine->options->reader;
    const struct bytes none = {0};
    const struct bytes *issuer = wish->issuer != NULL ? wish->issuer : &none;
    struct wish_head head = {.pass = (uint32_t)wish->pass,
                             .flag = wish->flag ? 1 : 0,
                             .issuer_len = (uint32_t)issuer->len,
                             .now = wish->now};
    union control control = {0};
    struct iovec parts[] = {
        {&head,        sizeof head},
        {issuer->data, issuer->len}
    };
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control.octets,
                             .msg_controllen = sizeof control.octets};
    if (issuer->len > ISSUER_MAX)
        return ERROR(ERROR_INPUT, "the issuer's certificate has more than %u bytes",
                     ISSUER_MAX);
    if (reader == NULL)
        return ERROR(ERROR_BUG, "nobody reads the input \"%s\"", wish->input);
    if (strlen(wish->input) >= sizeof head.input)
        return ERROR(ERROR_INPUT, "the name of the input \"%s\" is too long", wish->input);
    memcpy(head.input, wish->input, strlen(wish->input));
    find_place(engine, &head);
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(FILES * sizeof(int));
    memcpy(CMSG_DATA(first), files, FILES * sizeof(int));
    if (sendmsg(reader->socket, &message, MSG_NOSIGNAL) < 0)
        return error_hint(
            ERROR_ERRNO(errno, "the process that reads what was brought is gone"),
            "Resume: that starts another one. If it is gone again, abort, and keep the medium.");
    return NULL;
}

static struct error *
record_confinement(struct engine *engine, const char *input, int in)
{
    unsigned char landlock = 0;
    ssize_t got = 0;
    do
        got = read(in, &landlock, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        return error_hint(
            ERROR(ERROR_IO, "the process that reads what was brought could not be confined"),
            "The kernel of this computer is not the one that was approved, or lacks seccomp.");
    if (engine->transcript == NULL)
        return NULL; /* a check, of which nothing is recorded */
    return engine_fact(
        engine, "reader",
        json_pack("{s:s,s:b,s:i}", "input", input, "seccomp", 1, "landlock", (int)landlock));
}

/* A confined process is at it: its answer comes from `*ret_in`. */
static struct error *
begin(struct engine *engine, const struct reader_wish *wish, int *ret_in)
{
    static const struct documents none;
    int ends[2];
    int documents = -1;
    TRY(documents_pack(wish->documents != NULL ? wish->documents : &none, &documents));
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)close(documents);
        return ERROR_ERRNO(errno, "the files that were brought cannot be read");
    }
    (void)fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); /* not needed, faster */
    struct error *error = send_wish(engine, wish, (const int[FILES]){ends[1], documents});
    (void)close(ends[1]);
    (void)close(documents);
    if (error == NULL)
        error = record_confinement(engine, wish->input, ends[0]);
    if (error != NULL) {
        (void)close(ends[0]);
        return error;
    }
    *ret_in = ends[0];
    return NULL;
}

static bool
is_unwanted(void *engine)
{
    return working_stop_wanted(engine);
}

struct error *
reader_ask(struct engine *engine, const struct reader_wish *wish, struct flat_pipe **ret_pipe)
{
    int in = -1;
    TRY(begin(engine, wish, &in));
    TRY(flat_pipe_open(in, ret_pipe));
    if (engine->frontend != NULL) /* none while a script is checked */
        flat_pipe_ask(*ret_pipe, is_unwanted, engine);
    return NULL;
}

struct error *
reader_open(struct engine *engine, const struct reader_wish *wish,
            struct batch_source **ret_source)
{
    AUTO(flat_pipe) pipe = NULL;
    TRY(reader_ask(engine, wish, &pipe));
    return batch_source_open_stream(TAKE(pipe), ret_source);
}
