/* SPDX-License-Identifier: Apache-2.0
 *
 * A clock that went back while the ceremony was interrupted: an empty battery, a computer that was exchanged.
 * It cannot be undone, and must not keep the ceremony from its end; but it is said, a witness states the
 * time, and the record holds both (R91, decision 0015). */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"

static struct error *
ask_to_go_on(struct engine *engine, const char *body)
{
    static const struct prompt_choice choices[] = {
        {"go-on", "the clock is right now, or as right as it gets"},
        {"stop",  "stop, set the clock, and resume then"          },
    };
    AUTO_FREE char *choice = NULL;
    TRY(ask_choose(engine, "clock", body, "What shall be done?",
                   people_name(engine, "administrator", 0), choices, 2, &choice));
    if (strcmp(choice, "go-on") == 0)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the clock of this computer is to be set first"),
                      "Set it by a time signal, then resume.");
}

struct error *
recover_clock(struct engine *engine)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *witnessed = NULL;
    AUTO_FREE char *observed = NULL;
    struct clock_reading now;
    char now_text[CLOCK_TEXT_SIZE];
    long long back = (long long)engine->state.clock_back_ms;
    const char *witness = people_name(engine, "witness", 0);
    if (back == 0)
        return NULL;
    clock_read(&now);
    clock_format_seconds(now.wall_ms / 1000, now_text);
    TRY(bytes_format(&body,
                     "While the ceremony was interrupted, the clock of this\n"
                     "computer went back by %lld seconds. Now it says\n\n  %s (UTC)\n\n"
                     "Certificates and records bear its time.\n",
                     back / 1000, now_text));
    TRY(ask_to_go_on(engine, bytes_text(&body)));
    TRY(ask_text(engine, "wall-clock", "", "The witness reads the time from the wall clock",
                 witness, &witnessed));
    TRY(text_format(&observed, "it went back by %lld ms during the interruption", back));
    return engine_record(engine, TRANSCRIPT_EXCEPTION, witness,
                         json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s}", "expected",
                                   "the clock goes on", "observed", observed, "decision",
                                   "goes on; the witness stated the time", "noted_by", "people",
                                   "clock_back_ms", (json_int_t)back, "witness_clock",
                                   witnessed, "host_clock", now_text),
                         NULL);
}
