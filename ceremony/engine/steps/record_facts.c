/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of host and software, measured by the program and confirmed by a person (R7, R10,
 * R91). */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/process.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/rules/clock_doubt.h"
#include "ceremony/rules/host_faults.h"

struct measured {
    struct process_facts process;
    uint64_t free_bytes;
    bool free_known;
    char clock[CLOCK_TEXT_SIZE];
};

static void
measure(struct engine *engine, struct measured *ret_measured)
{
    struct clock_reading now;
    process_read_facts(&ret_measured->process);
    clock_read(&now);
    clock_format_seconds(now.wall_ms / 1000, ret_measured->clock);
    struct error *error = file_system_free(engine->evidence, &ret_measured->free_bytes);
    ret_measured->free_known = error == NULL;
    error_free(error);
}

static const char *
yes_no_unread(bool known, bool yes)
{
    if (!known)
        return "not read";
    return yes ? "yes" : "no";
}

static struct error *
describe(const struct measured *m, struct bytes *body)
{
    const struct process_facts *p = &m->process;
    char interfaces[24] = "not read";
    if (p->interfaces_up >= 0)
        (void)snprintf(interfaces, sizeof interfaces, "%d", p->interfaces_up);
    TRY(bytes_format(body, "Clock                 %s\n", m->clock));
    TRY(bytes_format(body, "Kernel                %.*s\n",
                     (int)strcspn(p->kernel, "#") < 30 ? (int)strcspn(p->kernel, "#") : 30,
                     p->kernel));
    TRY(bytes_format(body, "Host name             %.30s\n", p->hostname));
    TRY(bytes_format(body, "Network cards up      %s\n", interfaces));
    TRY(bytes_format(body, "Swap in use           %s\n",
                     yes_no_unread(p->swap_known, p->swap_active)));
    TRY(bytes_format(body, "Core files possible   %s\n", p->core_dumps_off ? "no" : "yes"));
    TRY(bytes_format(body, "Watched by a debugger %s\n",
                     yes_no_unread(p->tracer >= 0, p->tracer > 0)));
    TRY(bytes_format(body, "Secrets kept in       %s\n", secret_protection()));
    if (m->free_known)
        return bytes_format(body, "Free space            %llu MiB\n",
                            (unsigned long long)(m->free_bytes >> 20));
    return bytes_append_text(body, "Free space            not read\n");
}

/* A clock that a script written on `date` ("2026-11-23") can hardly be read under: an empty battery says 1970. */
static bool
clock_is_early(const struct measured *m, const char *date)
{
    return strncmp(m->clock, date, 10) < 0;
}

static bool
clock_is_late(const struct measured *m, const char *date)
{
    return strtol(m->clock, NULL, 10) > strtol(date, NULL, 10) + CLOCK_DOUBT_YEARS;
}

/* What a ceremony room must not have; each becomes a noted exception. */
static struct error *
note_faults(struct engine *engine, const struct measured *m)
{
    const struct process_facts *p = &m->process;
    bool early = clock_is_early(m, engine->script->date);
    bool late = clock_is_late(m, engine->script->date);
    bool unlocked = strcmp(secret_protection(), "none") == 0;

    const struct {
        bool wrong;
        const char *expected;
        const char *observed;
    } rows[] = {
        {p->interfaces_up > 0,            HOST_NO_NETWORK,   "at least one is up"    },
        {p->interfaces_up < 0,            HOST_CARDS_READ,   "they were not read"    },
        {p->swap_known && p->swap_active, HOST_NO_SWAP,      "swap is in use"        },
        {p->tracer > 0,                   HOST_NO_DEBUGGER,  "one does"              },
        {!p->core_dumps_off,              HOST_NO_CORES,     "they are on"           },
        {unlocked,                        HOST_LOCKED_PAGES, "it could not be locked"},
        {early,                           CLOCK_DOUBT_EARLY, "it is before its date" },
        {late,                            CLOCK_DOUBT_LATE,  "by the clock it is not"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wrong)
            TRY(exception_note(engine, rows[i].expected, rows[i].observed,
                               engine->site->rehearsal ? "accepted, this is a rehearsal"
                                                       : "shown to the people, who decide"));
    return NULL;
}

/* Two people say that it is right all the same; who doubts it sets it first (T19). */
static struct error *
confirm_clock(struct engine *engine, const struct measured *m)
{
    static const char *const roles[CLOCK_CONFIRMERS] = {"administrator", "witness"};
    AUTO_BYTES body = {0};
    if (!clock_is_early(m, engine->script->date) && !clock_is_late(m, engine->script->date))
        return NULL;
    TRY(bytes_format(&body,
                     "The clock of this computer says\n\n  %s (UTC)\n\n"
                     "and the script is of %s. An empty battery,\n"
                     "or a clock that was set wrongly, looks like this.\n"
                     "Certificates, CRLs and the record bear its time.\n",
                     m->clock, engine->script->date));
    for (size_t i = 0; i < CLOCK_CONFIRMERS; i++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *who = NULL;
        bool right = false;
        TRY(text_format(&name, "clock.%s", roles[i]));
        TRY(text_copy(people_name(engine, roles[i], 0), &who));
        TRY(ask_confirm(engine, name, bytes_text(&body), "Is that the time?", who, &right));
        TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                          json_pack("{s:s,s:s,s:s}", "prompt", "clock", "answer",
                                    right ? "right" : "wrong", "host_clock", m->clock),
                          NULL));
        if (!right)
            return error_hint(
                ERROR(ERROR_REFUSED, "the clock of this computer is to be set first"),
                "Set it by a time signal, then resume.");
    }
    return NULL;
}

/* --- hashes, read aloud and compared with the paper (R1, R7) --- */

static struct error *
describe_hashes(struct engine *engine, struct bytes *body)
{
    char program[DIGEST_SHA256_TEXT];
    unsigned long long size = 0;
    char path[PATH_MAX] = "";
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    TRY(bytes_append_text(body, "The beginning of each SHA-256:\n\n"));
    TRY(evidence_hash_line(body, "script", engine->script->sha256));
    for (size_t i = 0; i < engine->script->profile_count; i++)
        TRY(evidence_hash_line(body, engine->script->profiles[i].profile->id,
                               engine->script->profiles[i].profile->sha256));
    for (size_t i = 0; i < engine->site->file_count; i++)
        TRY(evidence_hash_line(body, engine->site->files[i].name,
                               engine->site->files[i].sha256));
    for (size_t i = 0; i < engine->module_count; i++)
        TRY(evidence_hash_line(body, engine->modules[i].site->name, engine->modules[i].sha256));
    if (len <= 0)
        return bytes_append_text(body, "program\n    not read\n");
    TRY(digest_sha256_file(path, program, &size));
    return evidence_hash_line(body, "program", program);
}

static struct error *
confirm_hashes(struct engine *engine, const char *who)
{
    AUTO_BYTES body = {0};
    bool yes = false;
    TRY(describe_hashes(engine, &body));
    TRY(ask_confirm(engine, "hashes", bytes_text(&body), "Are these the hashes on the paper?",
                    who, &yes));
    if (!yes)
        TRY(aside_exception(engine));
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "hashes", "answer",
                                   yes ? "yes" : "no", "script_sha256", engine->script->sha256),
                         NULL);
}

struct error *
step_run_record_facts(struct engine *engine)
{
    struct measured measured = {0};
    AUTO_BYTES body = {0};
    measure(engine, &measured);
    TRY(describe(&measured, &body));
    const struct process_facts *p = &measured.process;
    TRY(engine_fact(
        engine, "host",
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:b,s:i,s:s,s:I}", "boot_medium_hash",
                  "not read", "write_once_medium", "not read", "time_zone", "UTC", "kernel",
                  p->kernel, "hostname", p->hostname, "interfaces_up", p->interfaces_up, "swap",
                  yes_no_unread(p->swap_known, p->swap_active), "core_dumps_off",
                  (int)p->core_dumps_off, "tracer", p->tracer, "secret_memory",
                  secret_protection(), "free_bytes",
                  measured.free_known ? (json_int_t)measured.free_bytes : (json_int_t)-1)));
    TRY(note_faults(engine, &measured));
    TRY(confirm_clock(engine, &measured));
    bool yes = false;
    const char *verifier =
        engine->step->verifies[0] != '\0' ? engine->step->verifies : engine->step->performs;
    const char *who = people_name(engine, verifier, 0);
    TRY(ask_confirm(engine, "facts", bytes_text(&body), "Is this what you see in the room?",
                    who, &yes));
    if (!yes)
        TRY(aside_exception(engine));
    AUTO_FREE char *clock = NULL;
    TRY(ask_text(engine, "wall-clock", bytes_text(&body),
                 "The witness reads the time from the wall clock",
                 people_name(engine, "witness", 0), &clock));
    TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                      json_pack("{s:s,s:s,s:s,s:s}", "prompt", "facts", "answer",
                                yes ? "yes" : "no", "witness_clock", clock, "host_clock",
                                measured.clock),
                      NULL));
    return confirm_hashes(engine, who);
}
