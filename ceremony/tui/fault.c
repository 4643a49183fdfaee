/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/frame.h"

/* As a sentence: a capital first, a full stop last. */
static struct error *
add_sentence(struct lines *lines, enum style style, const char *text)
{
    if (text[0] == '\0')
        return NULL;
    AUTO_FREE char *sentence = NULL;
    TRY(text_format(&sentence, "%s%s", text, strchr(".!?", text[strlen(text) - 1]) ? "" : "."));
    sentence[0] = (char)toupper((unsigned char)sentence[0]);
    return lines_wrap(lines, style, 0, BOX_TEXT_COLS, sentence);
}

struct error *
fault_draw(const struct model_view *model, struct canvas *canvas)
{
    AUTO_LINES lines = {0};
    TRY(add_sentence(&lines, STYLE_WARNING, error_what(model->fault)));
    TRY(lines_gap(&lines));
    TRY(add_sentence(&lines, STYLE_PLAIN, error_hint_text(model->fault)));
    TRY(lines_gap(&lines));
    TRY(lines_add(&lines, STYLE_LABEL, "Enter  go on"));
    struct scroll scroll = {0};
    (void)box_draw(&lines, canvas, ui_right(canvas), model->fault_title, &scroll);
    return NULL;
}
