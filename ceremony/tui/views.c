/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/view.h"

static const struct view *const views[PROMPT_KINDS] = {
    [PROMPT_TELL] = &view_tell,       [PROMPT_CONFIRM] = &view_confirm,
    [PROMPT_CHOOSE] = &view_choose,   [PROMPT_TEXT] = &view_text,
    [PROMPT_COMMAND] = &view_command, [PROMPT_SECRET] = &view_secret,
    [PROMPT_WORDS] = &view_words,     [PROMPT_REVEAL] = &view_reveal,
};

const struct view *
view_of(enum prompt_kind kind)
{
    BUG_ON((unsigned)kind >= PROMPT_KINDS);
    return views[kind];
}
