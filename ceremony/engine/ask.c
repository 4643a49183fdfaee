/* SPDX-License-Identifier: Apache-2.0
 *
 * Every question to people goes through ask(): it fills in what the step says, handles the asides
 * that may come instead of an answer, and asks again after them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/privacy.h"

#define TEXT_MAX       400U
#define WRONG_WORD_MAX 3U

/* The aside's own questions must not lead into asides again; a second F2 is simply not taken. */
static struct error *
aside(struct engine *engine, enum answer_kind kind)
{
    switch (kind) {
    case ANSWER_EXCEPTION:
        return aside_exception(engine);
    case ANSWER_PAUSE:
        return aside_pause(engine);
    case ANSWER_LEAVE:
        return aside_leave(engine);
    case ANSWER_STOP:
        return ERROR(ERROR_INTERRUPTED, "the ceremony was stopped at the table");
    case ANSWER_GIVEN:
    case ANSWER_DECLINED:
        break;
    }
    return NULL;
}

/* What is asked between the steps has a title of its own. */
static const char *
title_of(const struct engine *engine, const char *prefix)
{
    static const char *const titles[][2] = {
        {"abort",      "The ceremony is given up"  },
        {"approval",   "The approval"              },
        {"checkpoint", "The words of the record"   },
        {"closed",     "The record is closed"      },
        {"exception",  "An exception is noted"     },
        {"leave",      "Somebody leaves or returns"},
        {"pause",      "Pause"                     },
        {"resume",     "The ceremony goes on"      },
    };
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (strcmp(titles[i][0], prefix) == 0)
            return titles[i][1];
    return engine->script->title;
}

/* Whoever is asked may have left in an aside: nobody answers for somebody who is not in the room. (R13, R14) */
static bool
has_left(const struct engine *engine, const struct prompt *prompt)
{
    const struct person *person = roster_person(&engine->site->roster, prompt->who);
    return person != NULL && !person->present;
}

static struct error *
ask(struct engine *engine, const char *name, struct prompt *prompt, struct answer *ret_answer)
{
    const struct script_step *step = engine->step;
    const char *prefix = engine->prompt_prefix;
    if (prefix == NULL)
        prefix = step != NULL ? step->id : "ceremony";
    bool from_step = step != NULL && engine->prompt_prefix == NULL;
    AUTO_FREE char *id = NULL;
    TRY(text_format(&id, "%s.%s", prefix, name));
    prompt->id = id;
    if (prompt->title == NULL)
        prompt->title = from_step ? step->title : title_of(engine, prefix);
    /* Read aloud once, before everything else that the step asks; never to one person alone. */
    bool first = from_step && engine->said != step && !prompt->one_pair_of_eyes;
    prompt->say = first ? step->say : "";
    if (first)
        engine->said = step;
    prompt->expect = from_step ? step->expect : "";
    if (prompt->body == NULL)
        prompt->body = "";
    if (prompt->question == NULL)
        prompt->question = "";
    bool anybody = prompt->who == NULL; /* who performs the step, or stands in */
    bool left = false;
    if (prompt->warning == NULL)
        prompt->warning = "";
    prompt->usual = "";
    if (prompt->expected_text != NULL)
        engine->frontend->ops->shown(engine->frontend, id, prompt->expected_text);
    for (;;) {
        if (anybody)
            prompt->who = engine_actor(engine);
        answer_clear(ret_answer);
        TRY(engine->frontend->ops->ask(engine->frontend, prompt, ret_answer));
        bool is_answer = ret_answer->kind == ANSWER_GIVEN
                         || (ret_answer->kind == ANSWER_DECLINED && prompt->may_decline);
        if (is_answer && left && prompt->kind != PROMPT_TELL && has_left(engine, prompt)) {
            prompt->warning =
                "Whoever is asked has left, as you noted, and nobody else can answer. "
                "Note the return first, or stop.";
            continue;
        }
        if (is_answer)
            return NULL;
        if (ret_answer->kind != ANSWER_DECLINED)
            TRY(aside(engine, ret_answer->kind));
        left = left || ret_answer->kind == ANSWER_LEAVE;
    }
}

struct error *
ask_tell(struct engine *engine, const char *name, const char *body, const char *who)
{
    struct prompt prompt = {.kind = PROMPT_TELL, .body = body, .who = who};
    AUTO_ANSWER answer = {0};
    return ask(engine, name, &prompt, &answer);
}

struct error *
ask_confirm(struct engine *engine, const char *name, const char *body, const char *question,
            const char *who, bool *ret_yes)
{
    struct prompt prompt = {
        .kind = PROMPT_CONFIRM, .body = body, .question = question, .who = who};
    for (;;) {
        AUTO_ANSWER answer = {0};
        TRY(ask(engine, name, &prompt, &answer));
        if (strcmp(answer.text, "yes") == 0 || strcmp(answer.text, "no") == 0) {
            *ret_yes = answer.text[0] == 'y';
            return NULL;
        }
        prompt.warning = "Answer yes or no.";
    }
}

struct error *
ask_choose(struct engine *engine, const char *name, const char *body, const char *question,
           const char *who, const struct prompt_choice *choices, size_t count,
           char **ret_choice)
{
    struct prompt prompt = {.kind = PROMPT_CHOOSE,
                            .body = body,
                            .question = question,
                            .who = who,
                            .choices = choices,
                            .choice_count = count};
    for (;;) {
        AUTO_ANSWER answer = {0};
        TRY(ask(engine, name, &prompt, &answer));
        for (size_t i = 0; i < count; i++)
            if (strcmp(answer.text, choices[i].id) == 0) {
                *ret_choice = TAKE(answer.text);
                return NULL;
            }
        prompt.warning = "Choose one of those shown.";
    }
}

struct error *
ask_text(struct engine *engine, const char *name, const char *body, const char *question,
         const char *who, char **ret_text)
{
    struct prompt prompt = {
        .kind = PROMPT_TEXT, .body = body, .question = question, .who = who};
    for (;;) {
        AUTO_ANSWER answer = {0};
        TRY(ask(engine, name, &prompt, &answer));
        size_t len = strlen(answer.text);
        if (len == 0 || len > TEXT_MAX) {
            prompt.warning = "Between 1 and 400 characters, please.";
        } else if (privacy_looks_secret(engine, answer.text)) {
            secret_wipe(answer.text, len);
            prompt.warning = "That looks like a PIN or share words. Nothing of it was kept. "
                             "Say it in other words.";
        } else {
            return text_safe(answer.text, len, ret_text);
        }
    }
}

struct error *
ask_command(struct engine *engine, const char *name, const char *body, const char *command,
            const char *who, bool *ret_typed)
{
    struct prompt prompt = {.kind = PROMPT_COMMAND,
                            .body = body,
                            .question = "Nothing happens until this is typed:",
                            .who = who,
                            .expected_text = command,
                            .may_decline = true};
    for (;;) {
        AUTO_ANSWER answer = {0};
        TRY(ask(engine, name, &prompt, &answer));
        *ret_typed = answer.kind == ANSWER_GIVEN;
        if (!*ret_typed || strcmp(answer.text, command) == 0)
            return NULL;
        prompt.warning = "That is not the command. Nothing was done.";
    }
}

static struct error *
record_wrong_word(struct engine *engine, const char *name, const char *who, unsigned wrong)
{
    return engine_record(
        engine, TRANSCRIPT_CONFIRMATION, who,
        json_pack("{s:s,s:s,s:i}", "prompt", name, "answer", "wrong word", "wrong", (int)wrong),
        NULL);
}

struct error *
ask_word(struct engine *engine, const char *name, const char *body, const char *question,
         const char *who, const char *word, unsigned *ret_wrong)
{
    struct prompt prompt = {.kind = PROMPT_TEXT,
                            .body = body,
                            .question = question,
                            .who = who,
                            .list = &words_pgp,
                            .word_count = 1};
    AUTO_FREE char *id = NULL;
    TRY(text_format(&id, "%s.%s",
                    engine->prompt_prefix != NULL ? engine->prompt_prefix : engine->step->id,
                    name));
    engine->frontend->ops->shown(engine->frontend, id, word);
    for (*ret_wrong = 0; *ret_wrong < WRONG_WORD_MAX;) {
        AUTO_ANSWER answer = {0};
        TRY(ask(engine, name, &prompt, &answer));
        if (text_equal_nocase(answer.text, word))
            return NULL;
        (*ret_wrong)++;
        TRY(record_wrong_word(engine, name, who, *ret_wrong));
        prompt.warning = "That is not the word of your copy. Look at the place again.";
    }
    return error_hint(
        ERROR(ERROR_REFUSED, "the words typed do not belong to what is shown here"),
        "The two copies differ, or were read at the wrong place. Compare them whole "
        "before you resume.");
}

struct error *
ask_secret(struct engine *engine, const char *name, const char *body, const char *question,
           const char *who, const char *warning, size_t max, struct secret **ret_secret)
{
    struct prompt prompt = {.kind = PROMPT_SECRET,
                            .body = body,
                            .question = question,
                            .who = who,
                            .warning = warning,
                            .secret_max = max};
    AUTO_ANSWER answer = {0};
    TRY(ask(engine, name, &prompt, &answer));
    *ret_secret = TAKE(answer.secret);
    return NULL;
}

struct error *
ask_words(struct engine *engine, const char *name, const char *body, const char *question,
          const char *who, const char *warning, const struct word_list *list, size_t count,
          struct secret **ret_words)
{
    struct prompt prompt = {.kind = PROMPT_WORDS,
                            .body = body,
                            .question = question,
                            .who = who,
                            .warning = warning,
                            .list = list,
                            .word_count = count,
                            .one_pair_of_eyes = true};
    AUTO_ANSWER answer = {0};
    TRY(ask(engine, name, &prompt, &answer));
    *ret_words = TAKE(answer.secret);
    return NULL;
}

struct error *
ask_reveal(struct engine *engine, const char *name, const char *body, const char *who,
           const struct secret *words, unsigned seconds)
{
    struct prompt prompt = {.kind = PROMPT_REVEAL,
                            .body = body,
                            .who = who,
                            .expected_text = "written",
                            .secret_body = words,
                            .reveal_seconds = seconds,
                            .one_pair_of_eyes = true};
    AUTO_ANSWER answer = {0};
    return ask(engine, name, &prompt, &answer);
}

struct error *
ask_fault(struct engine *engine, const char *title, const struct error *error)
{
    return engine->frontend->ops->fault(engine->frontend, title, error);
}
