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
has_left(struct engine *engine, const struct prompt *prompt)
{
    const struct person *person = people_of(engine, prompt->who);
    return person != NULL && !person->present;
}

/* Why an aside is not taken here; NULL: it is. What is asked in an aside is answered first, but for a pause, in which people
 * come and go; and behind the closing record nothing is recorded. */
static const char *
no_aside(const struct engine *engine, enum answer_kind kind)
{
    const char *prefix = engine->prompt_prefix;
    if (kind == ANSWER_STOP)
        return NULL;
    if (engine->state.closed)
        return "The record is closed: nothing can be noted in it any more. Write it on paper.";
    if (prefix == NULL)
        return NULL;
    bool pause = strcmp(prefix, "pause") == 0;
    bool other = strcmp(prefix, "exception") == 0 || strcmp(prefix, "leave") == 0;
    return other || (pause && kind == ANSWER_PAUSE) ? "Answer this first, then the next."
                                                    : NULL;
}

/* --- one pair of eyes --- */

static struct error *
tell_again(struct engine *engine, const struct prompt *prompt, const char *name,
           const char *body)
{
    AUTO_FREE char *id = NULL;
    AUTO_FREE char *who = NULL;
    TRY(text_format(&id, "%s-%s", prompt->id, name));
    TRY(text_copy(prompt->who, &who));
    struct prompt again = {.kind = PROMPT_TELL,
                           .id = id,
                           .title = prompt->title,
                           .body = body,
                           .who = who,
                           .say = "",
                           .expect = "",
                           .question = "",
                           .warning = "",
                           .usual = ""};
    for (;;) {
        AUTO_ANSWER answer = {0};
        TRY(engine->frontend->ops->ask(engine->frontend, &again, &answer));
        if (answer.kind == ANSWER_GIVEN)
            return NULL;
        const char *refused = no_aside(engine, answer.kind);
        again.warning = refused == NULL ? "" : refused;
        if (refused == NULL && answer.kind != ANSWER_DECLINED)
            TRY(aside(engine, answer.kind));
    }
}

/* Before a share shows again: everybody looked at what came between. */
static struct error *
call_again(struct engine *engine, const struct prompt *prompt)
{
    AUTO_FREE char *body = NULL;
    if (has_left(engine, prompt)) {
        TRY(text_format(&body,
                        "%s\nis not in the room by the record.\n"
                        "Whoever came back is noted with F4, here and now.\n"
                        "Without that, the step stops.\n",
                        prompt->who));
        TRY(tell_again(engine, prompt, "absent", body));
    }
    if (has_left(engine, prompt))
        return error_hint(
            ERROR(ERROR_REFUSED, "%s is not in the room", prompt->who),
            "What is for one pair of eyes is shown to nobody instead. Resume when that "
            "person is there: the roll is called again then.");
    free(TAKE(body));
    TRY(text_format(&body,
                    "%s comes to the screen again, alone.\n"
                    "Everyone else turns away.\n",
                    prompt->who));
    return tell_again(engine, prompt, "again", body);
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
    bool interrupted = false;
    if (prompt->warning == NULL)
        prompt->warning = "";
    prompt->usual = "";
    if (prompt->expected_text != NULL)
        engine->frontend->ops->shown(engine->frontend, id, prompt->expected_text);
    for (;;) {
        if (anybody)
            prompt->who = engine->step == NULL ? people_name(engine, "administrator", 0)
                                               : engine_actor(engine);
        if (prompt->one_pair_of_eyes && (interrupted || has_left(engine, prompt)))
            TRY(call_again(engine, prompt));
        interrupted = false;
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
        if (ret_answer->kind == ANSWER_DECLINED)
            continue;
        const char *refused = no_aside(engine, ret_answer->kind);
        if (refused != NULL) {
            prompt->warning = refused;
            continue;
        }
        TRY(aside(engine, ret_answer->kind));
        interrupted = true;
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

/* Asks until it is one of both. */
static struct error *
yes_or_no(struct engine *engine, const char *name, struct prompt *prompt, const char *who,
          bool *ret_yes)
{
    for (;;) {
        AUTO_ANSWER answer = {0};
        prompt->who = who; /* whoever stood in may have left meanwhile */
        TRY(ask(engine, name, prompt, &answer));
        if (strcmp(answer.text, "yes") == 0 || strcmp(answer.text, "no") == 0) {
            *ret_yes = answer.text[0] == 'y';
            return NULL;
        }
        prompt->warning = "Answer yes or no.";
    }
}

struct error *
ask_confirm(struct engine *engine, const char *name, const char *body, const char *question,
            const char *who, bool *ret_yes)
{
    struct prompt prompt = {.kind = PROMPT_CONFIRM, .body = body, .question = question};
    return yes_or_no(engine, name, &prompt, who, ret_yes);
}

struct error *
ask_until_yes(struct engine *engine, const char *name, const char *body, const char *question,
              const char *who, const char *otherwise)
{
    struct prompt prompt = {.kind = PROMPT_CONFIRM, .body = body, .question = question};
    bool yes = false;
    for (;;) {
        TRY(yes_or_no(engine, name, &prompt, who, &yes));
        if (yes)
            return NULL;
        prompt.warning = otherwise;
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
        prompt.who = who; /* whoever stood in may have left meanwhile */
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
        prompt.who = who; /* whoever stood in may have left meanwhile */
        TRY(ask(engine, name, &prompt, &answer));
        size_t len = strlen(answer.text);
        if (len == 0 || len > TEXT_MAX) {
            prompt.warning =
                len == 0
                    ? "Something must be written here."
                    : "That is too long: 400 letters at most, and those with accents or of "
                      "other scripts count double or more.";
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
        prompt.who = who; /* whoever stood in may have left meanwhile */
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
