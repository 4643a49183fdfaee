/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies over a prompt: help, the menu for consoles without function keys, and the question that
 * says the consequence before a wish to stop, pause, leave or decline becomes an answer. */
#include <string.h>

#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

struct consequence {
    const char *title;
    const char *text;
    const char *question;
};

static const struct consequence consequences[] = {
    [ANSWER_GIVEN] = {"",                           "",                   ""                                     },
    [ANSWER_DECLINED] = {"Decline",
                      "What is asked here is not done, and the record says that it was "
                         "declined. What was typed here is thrown away.", "Decline?  y / n"                      },
    [ANSWER_EXCEPTION] =
        {"Note an exception",
                      "An exception is something that does not go as the script says. You "
         "will be asked what it is; it is written into the record and stays "
         "there. Then the same question is asked again; what was typed for it is "
         "thrown away.",                                                  "Note an exception?  y / n"            },
    [ANSWER_PAUSE] =
        {"Pause",
                      "The ceremony rests until its people are back. Beginning and end are written "
         "into the record. Then the same question is asked again; what was typed for "
         "it is thrown away.",                                            "Pause?  y / n"                        },
    [ANSWER_LEAVE] =
        {"Somebody leaves or returns",
                      "You will be asked who. It is written into the record. When too few people "
         "remain for what the script does next, the ceremony waits for them. What "
         "was typed here is thrown away.",                                "Does somebody leave or return?  y / n"},
    [ANSWER_STOP] =
        {"Stop",
                      "The ceremony stops here. What is recorded stays; what was typed here is "
         "thrown away. It can be resumed later: the people are called again, and the "
         "tokens are looked at before anything goes on.",                 "Stop the ceremony?  y / n"            },
};

/* The menu's rows, in order; `key` is what the row stands for. */
static const struct {
    int32_t key;
    enum answer_kind wanted;
    const char *text;
} menu[] = {
    {UI_F1,     ANSWER_GIVEN,     "1  help                            F1" },
    {UI_F2,     ANSWER_EXCEPTION, "2  note an exception               F2" },
    {UI_F3,     ANSWER_PAUSE,     "3  pause                           F3" },
    {UI_F4,     ANSWER_LEAVE,     "4  somebody leaves or returns      F4" },
    {UI_F10,    ANSWER_STOP,      "5  stop; can be resumed            F10"},
    {UI_ESCAPE, ANSWER_DECLINED,  "6  decline what is asked           Esc"},
};

#define MENU_COUNT (sizeof menu / sizeof menu[0])

static const char *const common_help =
    "On every screen:\n"
    "  PgUp PgDn  read a longer text (Ctrl-B Ctrl-V)\n"
    "  F2         note an exception, then go on here\n"
    "  F3         pause\n"
    "  F4         somebody leaves or returns\n"
    "  F10        stop; the ceremony can be resumed\n"
    "  Ctrl-X     all of these without function keys\n"
    "  Ctrl-U     throw away what was typed here\n"
    "\n"
    "F2, F3, F4, F10 first say what follows, and ask.\n"
    "\n"
    "On the left:  * done    ! done with an exception\n"
    "              > now     . to come    x void\n"
    "\n"
    "The four words at the bottom name the newest line of the record; each new line changes "
    "them.";

void
overlay_want(struct ui *ui, enum answer_kind wanted)
{
    ui->wanted = wanted;
    ui->overlay = OVERLAY_CONSEQUENCE;
    ui->overlay_scroll = (struct scroll){0};
    /* Another person for a PIN loses nothing and needs no second thought. */
    if (wanted == ANSWER_DECLINED && ui->prompt->kind == PROMPT_SECRET) {
        ui->overlay = OVERLAY_NONE;
        ui->answer = (struct answer){.kind = ANSWER_DECLINED};
        ui->answered = true;
    }
}

static void
menu_key(struct ui *ui, int32_t key)
{
    for (size_t i = 0; i < MENU_COUNT; i++) {
        if (key != (int32_t)('1' + i) && key != menu[i].key)
            continue;
        if (menu[i].wanted == ANSWER_GIVEN)
            ui->overlay = OVERLAY_HELP;
        else if (menu[i].wanted == ANSWER_DECLINED
                 && (key == UI_ESCAPE || !ui->prompt->may_decline))
            ui->overlay = OVERLAY_NONE;
        else
            overlay_want(ui, menu[i].wanted);
        return;
    }
}

void
overlay_key(struct ui *ui, int32_t key)
{
    if (key == UI_PAGE_UP || key == UI_PAGE_DOWN) {
        scroll_by(&ui->overlay_scroll, key == UI_PAGE_UP ? -1 : 1);
        return;
    }
    if (ui->overlay == OVERLAY_CONSEQUENCE && (key == 'y' || key == 'Y')) {
        ui->answer = (struct answer){.kind = ui->wanted};
        ui->answered = true;
        return;
    }
    if (ui->overlay == OVERLAY_CONSEQUENCE && key != 'n' && key != 'N' && key != UI_ESCAPE)
        return;
    if (ui->overlay == OVERLAY_MENU) {
        menu_key(ui, key);
        return;
    }
    ui->overlay = OVERLAY_NONE;
}

static struct error *
draw_consequence(struct ui *ui, struct canvas *canvas)
{
    const struct consequence *consequence = &consequences[ui->wanted];
    AUTO_LINES lines = {0};
    TRY(lines_wrap(&lines, STYLE_PLAIN, 0, BOX_TEXT_COLS, consequence->text));
    TRY(lines_gap(&lines));
    TRY(lines_add(&lines, STYLE_NOW, consequence->question));
    (void)box_draw(&lines, canvas, ui_box(ui, canvas), consequence->title, &ui->overlay_scroll);
    return NULL;
}

static struct error *
draw_menu(struct ui *ui, struct canvas *canvas)
{
    AUTO_LINES lines = {0};
    for (size_t i = 0; i < MENU_COUNT; i++)
        if (menu[i].wanted != ANSWER_DECLINED || ui->prompt->may_decline)
            TRY(lines_add(&lines, STYLE_PLAIN, menu[i].text));
    TRY(lines_gap(&lines));
    TRY(lines_add(&lines, STYLE_LABEL, "Type the number, or Esc to go back."));
    (void)box_draw(&lines, canvas, ui_box(ui, canvas), "Menu", &ui->overlay_scroll);
    return NULL;
}

static struct error *
draw_help(struct ui *ui, struct canvas *canvas)
{
    int width = BOX_TEXT_COLS;
    AUTO_LINES lines = {0};
    TRY(lines_wrap(
        &lines, STYLE_NOW, 0, width,
        ui->view != NULL
            ? ui->view->help
            : "The program or the token works. Wait; the next question comes by itself. "
              "To stop, wait for it: a token that is stopped at work may be left "
              "half-done. Where P is offered below, it ends long work at a good place: what "
              "is under way is finished, and the ceremony goes on when it is resumed."));
    TRY(lines_gap(&lines));
    TRY(lines_wrap(&lines, STYLE_PLAIN, 0, width, common_help));
    (void)box_draw(&lines, canvas, ui_box(ui, canvas), "Help", &ui->overlay_scroll);
    return NULL;
}

struct error *
overlay_draw(struct ui *ui, struct canvas *canvas)
{
    canvas_cursor(canvas, -1, -1);
    if (ui->overlay == OVERLAY_CONSEQUENCE)
        return draw_consequence(ui, canvas);
    if (ui->overlay == OVERLAY_MENU)
        return draw_menu(ui, canvas);
    return draw_help(ui, canvas);
}
