/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"

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
fault_draw(struct ui *ui, const struct model_view *model, struct canvas *canvas)
{
    AUTO_LINES lines = {0};
    TRY(add_sentence(&lines, STYLE_WARNING, error_what(model->fault)));
    TRY(lines_gap(&lines));
    TRY(add_sentence(&lines, STYLE_PLAIN, error_hint_text(model->fault)));
    TRY(lines_gap(&lines));
    TRY(lines_add(&lines, STYLE_LABEL, "Enter  go on"));
    (void)box_draw(&lines, canvas, ui_right(canvas), model->fault_title, &ui->scroll);
    return NULL;
}

bool
fault_key(struct ui *ui, int32_t key)
{
    if (ui->too_small)
        return false;
    if (key == UI_ENTER && ui->scroll.seen_all)
        return true;
    if (key == UI_PAGE_UP)
        scroll_by(&ui->scroll, -1);
    else if (key == UI_PAGE_DOWN || key == UI_ENTER)
        scroll_by(&ui->scroll, 1);
    return false;
}
