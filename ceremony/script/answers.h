/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers to prompts, for rehearsals without a person: a mapping from prompt ids to answers.
 * docs/formats/answers.md. A key may hold '*' (a literal key wins over a pattern). A value is a text,
 * {shown: PROMPT-ID} (what an earlier prompt displayed; '*' stands for what the key's '*' matched), an
 * aside {aside: exception|pause|leave|stop}, {decline: true}, or a list of these, taken one after the
 * other each time the prompt is asked; the last one is repeated. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/script/faults.h"

enum scripted_kind {
    SCRIPTED_TEXT,
    SCRIPTED_SHOWN,
    SCRIPTED_DECLINE,
    SCRIPTED_EXCEPTION,
    SCRIPTED_PAUSE,
    SCRIPTED_LEAVE,
    SCRIPTED_STOP
};

struct scripted_answer {
    enum scripted_kind kind;
    char *text; /* TEXT: the answer; SHOWN: the prompt id, '*' already replaced; owned here */
    unsigned line;
    unsigned repeated; /* so often was it given to this prompt before, beyond the list */
};

struct answers;
MUST_CHECK struct error *answers_load(const char *file, struct faults *faults,
                                      struct answers **ret_answers);
void answers_free(struct answers *answers);
DEFINE_AUTO(answers, answers_free);

/* The answer for this asking of the prompt; moves on in a list. Error: input, naming prompt and file,
 * when there is none. The caller frees ret_answer->text. */
MUST_CHECK struct error *answers_take(struct answers *answers, const char *prompt_id,
                                      struct scripted_answer *ret_answer);
/* Parameters given in the answers file (`parameters:` mapping), for rehearsal. */
size_t answers_parameter_count(const struct answers *answers);
void answers_parameter(const struct answers *answers, size_t index, const char **ret_id,
                       const char **ret_value);
/* Keys that were never asked for, one per line appended: a sign of drift. */
MUST_CHECK struct error *answers_unused(const struct answers *answers, struct bytes *ret_text);
