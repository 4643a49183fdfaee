/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine asks of whoever sits before it. The engine runs a ceremony as plain sequential C
 * in a thread of its own; it calls a front end and waits. A front end decides nothing; the engine
 * draws nothing. Every prompt has a stable id ("generate-root.confirm-fingerprint"), which is also
 * its key in an answers file, so screen and headless run cannot drift.
 *
 * A prompt carries everything a view needs. All texts are UTF-8, safe to show (no control characters
 * but newline in `body` and `say`), and belong to the engine; they live until the call returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/base/words.h"

enum prompt_kind {
    PROMPT_TELL,    /* read it; Enter goes on */
    PROMPT_CONFIRM, /* yes or no, deliberately: the answer is "yes" or "no" */
    PROMPT_CHOOSE,  /* one of `choices` */
    PROMPT_TEXT,    /* one line of free text */
    PROMPT_COMMAND, /* `expected_text` must be typed exactly, or Esc: do not */
    PROMPT_SECRET,  /* a PIN: eight marks, whatever is typed; answer in a secret */
    PROMPT_WORDS,   /* `word_count` words of `list`, answer in a secret: "word word ..." */
    PROMPT_REVEAL,  /* shows `secret_body` to one pair of eyes until "written" is typed */
    PROMPT_KINDS
};

struct prompt_choice {
    const char *id; /* the answer */
    const char *text;
};

struct prompt {
    const char *id;
    enum prompt_kind kind;
    const char *title;    /* "Confirm the fingerprint of the root" */
    const char *say;      /* what the administrator reads aloud; "" if nothing */
    const char *body;     /* facts to look at, lines already broken at 54 columns or fewer */
    const char *question; /* the one thing asked now: "Word 3 of group 1" */
    const char *who;      /* who answers: "witness Ada Byron" */
    const char *expect;   /* "all eight groups equal the printout" */
    const char
        *warning; /* why the last answer was not accepted, or what the token warns of; "" */
    const char *usual;                   /* "usually 10 s to 3 min"; "" */
    const struct prompt_choice *choices; /* CHOOSE */
    size_t choice_count;
    const char *expected_text;        /* COMMAND */
    const struct word_list *list;     /* WORDS, and TEXT that wants one word of a list */
    size_t word_count;                /* WORDS: exactly so many; TEXT with list: 1 */
    const struct secret *secret_body; /* REVEAL: share words, blank between; never kept */
    unsigned reveal_seconds;          /* REVEAL: hidden again after so long */
    bool one_pair_of_eyes;            /* the rest of the screen is empty, others look away */
    bool may_decline;                 /* Esc is an answer (ANSWER_DECLINED) */
    size_t secret_max;                /* SECRET: longest accepted, in bytes */
};

enum answer_kind {
    ANSWER_GIVEN,
    ANSWER_DECLINED,  /* Esc, "do not sign", "another person" */
    ANSWER_EXCEPTION, /* F2: note an exception, then ask this again */
    ANSWER_PAUSE,     /* F3 */
    ANSWER_LEAVE,     /* F4: somebody leaves or returns */
    ANSWER_STOP,      /* F10: stop; the ceremony can be resumed */
};

/* What a front end gives back; the engine clears it. */
struct answer {
    enum answer_kind kind;
    char *text;            /* CONFIRM, CHOOSE, TEXT, COMMAND; owned by the answer */
    struct secret *secret; /* SECRET, WORDS; owned by the answer */
};

static inline void
answer_clear(struct answer *answer)
{
    free(answer->text);
    secret_free(answer->secret);
    *answer = (struct answer){.kind = ANSWER_DECLINED};
}

#define AUTO_ANSWER __attribute__((cleanup(answer_clear))) struct answer

enum step_state {
    STEP_TO_COME,
    STEP_NOW,
    STEP_DONE,
    STEP_DONE_WITH_EXCEPTION,
    STEP_VOID
};

struct progress_step {
    const char *id;
    const char *title;
    enum step_state state;
};

struct progress_act {
    const char *title;
    const struct progress_step *steps;
    size_t step_count;
};

/* Where the ceremony stands; sent whenever it changes. Copied by the front end. */
struct progress {
    const char *ceremony_title; /* "Root CA key ceremony 1.0.0" */
    const char *ceremony_id;
    bool rehearsal;
    const struct progress_act *acts;
    size_t act_count;
    size_t act;           /* current */
    size_t step;          /* current, within the act */
    char head_words[128]; /* four words of the chain's head */
    uint64_t records;
    uint64_t exceptions;
};

struct frontend;

struct frontend_ops {
    /* Asks and waits. On ANSWER_GIVEN the answer has the form that `kind` says. Errors: interrupted
     * (terminal gone, signal), input (headless: no answer in the file, with its position). */
    struct error *(*ask)(struct frontend *self, const struct prompt *prompt,
                         struct answer *ret_answer);
    /* Where we are; never waits. */
    void (*progress)(struct frontend *self, const struct progress *progress);
    /* The token works: `what` now runs, `usual` says how long ("" unknown); ended by working(NULL).
     * `may_stop`: long work that tells how far it is by further calls, and asks stop_wanted. Never waits. */
    void (*working)(struct frontend *self, const char *what, const char *usual, bool may_stop);
    /* Somebody wants to end the run (a key while work shows that may stop, SIGTERM, the terminal is gone).
     * Asked during long work, which then ends where it can be gone on with. Never waits. */
    bool (*stop_wanted)(struct frontend *self);
    /* Something went wrong, in the custodian's voice: shown until acknowledged. */
    struct error *(*fault)(struct frontend *self, const char *title, const struct error *error);
    /* A value that later answers may refer to by {shown: PROMPT-ID}: random words asked back, a
     * command to type. Called before `ask` of that id. Secret values (share words) come through
     * secret_body of the REVEAL prompt of that id instead. */
    void (*shown)(struct frontend *self, const char *prompt_id, const char *value);
};

struct frontend {
    const struct frontend_ops *ops;
};
