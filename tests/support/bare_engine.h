/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony without people: an engine with a transcript, a ledger and three people in the room, before a front end that
 * gives the answers a test wants. */
#pragma once

#include <unistd.h>

#include "ceremony/engine/context.h"
#include "tests/support/check.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static char folder[256];
static struct engine *engine;
static struct script script;
static struct site site;

/* --- a front end --- */

static char shown[64];                /* what the last word should be */
static unsigned mistakes;             /* so many words are typed wrongly, from now on */
static unsigned absent;               /* so many people are not there */
static const char *const *pins;       /* what is typed where a PIN is asked for, in turn */
static char warning[200];             /* what the last prompt warned of */
static const struct secret *forms[4]; /* the shares that are typed, in turn */
static size_t forms_typed;

static inline struct error *
answer_prompt(struct frontend *self, const struct prompt *prompt, struct answer *ret_answer)
{
    const char *text = "yes";
    (void)self;
    (void)snprintf(warning, sizeof warning, "%s", prompt->warning);
    *ret_answer = (struct answer){.kind = ANSWER_GIVEN};
    if (prompt->kind == PROMPT_SECRET) {
        assert_non_null(*pins);
        text = *pins++;
        return secret_from(text, strlen(text), &ret_answer->secret);
    }
    if (prompt->kind == PROMPT_WORDS) {
        assert_true(forms_typed < 4 && forms[forms_typed] != NULL);
        return secret_dup(forms[forms_typed++], &ret_answer->secret);
    }
    if (prompt->kind == PROMPT_TEXT)
        text = prompt->list == NULL ? "R-17" : mistakes > 0 ? "adrift" : shown;
    if (prompt->kind == PROMPT_TEXT && prompt->list != NULL && mistakes > 0)
        mistakes--;
    if (prompt->kind == PROMPT_CONFIRM && absent > 0) {
        absent--;
        text = "no";
    }
    ret_answer->text = strdup(text);
    assert_non_null(ret_answer->text);
    return NULL;
}

static inline void
take_progress(struct frontend *self, const struct progress *progress)
{
    (void)self;
    assert_non_null(progress->ceremony_title);
}

static inline void
take_shown(struct frontend *self, const char *id, const char *value)
{
    (void)self;
    (void)id;
    (void)snprintf(shown, sizeof shown, "%s", value);
}

static inline void
take_working(struct frontend *self, const char *what, const char *usual, bool may_stop)
{
    (void)self;
    (void)what;
    (void)usual;
    (void)may_stop;
}

static const struct frontend_ops ops = {.ask = answer_prompt,
                                        .progress = take_progress,
                                        .shown = take_shown,
                                        .working = take_working};
static struct frontend frontend = {&ops};

/* --- a ceremony --- */

static struct script_step step = {.id = (char[]){"step-1"},
                                  .kind = STEP_CONFIRM,
                                  .title = (char[]){"A step"},
                                  .say = (char[]){""},
                                  .performs = (char[]){"operator"},
                                  .verifies = (char[]){"witness"},
                                  .expect = (char[]){""},
                                  .evidence = (char[]){""}};

static inline void
add_person(const char *name, const char *role)
{
    struct person *person = &site.roster.people[site.roster.people_count++];
    *person = (struct person){.name = name,
                              .organisation = "Example",
                              .document = "passport",
                              .roles = {role},
                              .role_count = 1,
                              .wet_ink = true,
                              .present = true};
}

/* Production, in an open ceremony "c-1" of the ledger. */
static inline void
bare_engine_make(void)
{
    char path[300];
    (void)snprintf(folder, sizeof folder, "%s/engine.XXXXXX", TEST_BINARY_DIR);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/ledger.db", folder);
    static char title[] = "Title";
    static char number[] = "1";
    script = (struct script){.title = title, .version = number};
    site = (struct site){.folder = folder};
    mistakes = absent = 0;
    engine = calloc(1, sizeof *engine);
    assert_non_null(engine);
    engine->script = &script;
    engine->site = &site;
    engine->frontend = &frontend;
    engine->evidence = folder;
    engine->step = &step;
    check_ok(transcript_create(folder, &engine->transcript));
    check_ok(ledger_open(path, true, &engine->ledger));
    check_ok(ledger_ceremony_open(engine->ledger, "c-1", "production", HASH_B));
    (void)snprintf(engine->state.ceremony_id, sizeof engine->state.ceremony_id, "c-1");
    add_person("Ada", "operator");
    add_person("Bob", "witness");
    add_person("Cleo", "witness");
}

static inline void
bare_engine_remove(void)
{
    char command[300];
    tokens_close_all(engine);
    transcript_close(engine->transcript);
    ledger_close(engine->ledger);
    state_clear(&engine->state);
    free(engine);
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    assert_int_equal(system(command), 0);
}

static inline uint64_t
records(void)
{
    return transcript_count(engine->transcript);
}
