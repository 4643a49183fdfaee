/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/screen.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <term.h>
#include <unistd.h>

#include <curses.h>

#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/screen_guard.h"
#include "ceremony/tui/terminal.h"
#include "ceremony/tui/terminal_keys.h"

#define ESCAPE_DELAY_MS 50
#define LETTER_MS                                                                              \
    25 /* so long the rest of a letter is waited for that comes in several bytes */

struct screen {
    SCREEN *curses;
    int signal_fd;
    int wake_fd;
    sigset_t old_mask;
    struct canvas shown; /* as last brought to the terminal */
    struct paint paint;
    struct screen_guard *guard;
    bool painted;      /* secrets stand on the terminal */
    bool ever_painted; /* ... or stood there once */
    bool redraw;       /* the next show draws everything */
};

/* For bug_at, which knows nobody. */
static struct screen *open_screen;

static const chtype attributes_plain[STYLES] = {
    [STYLE_TITLE] = A_BOLD, [STYLE_NOW] = A_BOLD,       [STYLE_WARNING] = A_BOLD,
    [STYLE_INPUT] = A_BOLD, [STYLE_REHEARSAL] = A_BOLD, [STYLE_PRODUCTION] = A_REVERSE,
    [STYLE_KEYS] = A_BOLD,
};

/* Only these: yellow cannot be read on white, nor blue on black. */
static const struct {
    short pair;
    short colour;
} colours[STYLES] = {
    [STYLE_WARNING] = {1, COLOR_RED  },
    [STYLE_REHEARSAL] = {2, COLOR_GREEN},
    [STYLE_PRODUCTION] = {3, COLOR_RED  },
};

static bool colours_on;

static void
prepare_colours(void)
{
    const char *no_color = getenv("NO_COLOR");
    colours_on = false;
    if ((no_color != NULL && no_color[0] != '\0') || !has_colors() || start_color() == ERR)
        return;
    short background = use_default_colors() == OK ? -1 : COLOR_BLACK;
    for (size_t i = 0; i < STYLES; i++)
        if (colours[i].pair > 0)
            (void)init_pair(colours[i].pair, colours[i].colour, background);
    colours_on = true;
}

static void
restore_terminal(struct screen *screen)
{
    bool has_page = enter_ca_mode != NULL;
    screen_scrub(screen);
    if (screen->curses != NULL) {
        (void)erase();
        (void)clearok(curscr, TRUE);
        (void)refresh();
        (void)endwin();
    }
    if (screen->ever_painted || !has_page)
        terminal_erase_scrollback();
}

static void
restore_after_bug(void)
{
    if (open_screen != NULL)
        restore_terminal(open_screen);
}

static struct error *
start_curses(struct screen *screen)
{
    const char *type = getenv("TERM");
    screen->curses = newterm(NULL, stdout, stdin);
    if (screen->curses == NULL)
        return error_hint(
            ERROR(ERROR_UNSUPPORTED,
                  "terminals of the type \"%.40s\" are not known to this computer",
                  type != NULL ? type : ""),
            "Set TERM to what the terminal is, for example linux or xterm.");
    if (cursor_address == NULL)
        return error_hint(ERROR(ERROR_UNSUPPORTED,
                                "a terminal of the type \"%.40s\" cannot show a full screen",
                                type != NULL ? type : ""),
                          "Use another terminal, or run with --headless.");
    (void)raw();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    terminal_keys_define();
    (void)set_escdelay(ESCAPE_DELAY_MS);
    wtimeout(stdscr, LETTER_MS);
    prepare_colours();
    (void)def_prog_mode();
    screen_resize(screen);
    return NULL;
}

static struct error *
open_descriptors(struct screen *screen)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t mask;
    (void)sigemptyset(&mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaddset(&mask, signals[i]);
    int number = pthread_sigmask(SIG_BLOCK, &mask, &screen->old_mask);
    if (number != 0)
        return ERROR_ERRNO(number, "signals could not be held back");
    screen->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (screen->signal_fd < 0)
        return ERROR_ERRNO(errno, "the screen could not be prepared");
    return NULL;
}

struct error *
screen_open(int wake_fd, struct screen **ret_screen)
{
    static bool registered;
    BUG_ON(open_screen != NULL);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_hint(
            ERROR(ERROR_UNSUPPORTED, "there is no terminal to show the ceremony on"),
            "Run it at a terminal, or with --headless and an answers file.");
    /* Not LC_ALL: numbers in files keep their form. Without UTF-8 texts would vanish. */
    (void)setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX < 3)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    AUTO(screen) screen = calloc(1, sizeof *screen);
    if (screen == NULL)
        return error_memory();
    screen->signal_fd = -1;
    screen->wake_fd = wake_fd;
    terminal_set_lost(false);
    TRY(paint_init(&screen->paint, terminal_address));
    TRY(open_descriptors(screen));
    TRY(start_curses(screen));
    TRY(screen_guard_open(terminal_clear_after_death, NULL, &screen->guard));
    if (!registered)
        bug_register_cleanup(restore_after_bug);
    registered = true;
    open_screen = screen;
    *ret_screen = TAKE(screen);
    return NULL;
}

void
screen_close(struct screen *screen)
{
    if (screen == NULL)
        return;
    open_screen = NULL;
    if (screen->curses != NULL) {
        restore_terminal(screen);
        delscreen(screen->curses);
    }
    screen_guard_close(screen->guard);
    paint_clear(&screen->paint);
    canvas_clear(&screen->shown);
    if (screen->signal_fd >= 0) {
        (void)close(screen->signal_fd);
        (void)pthread_sigmask(SIG_SETMASK, &screen->old_mask, NULL);
    }
    free(screen);
}

void
screen_size(const struct screen *screen, int *ret_rows, int *ret_cols)
{
    (void)screen;
    terminal_size(ret_rows, ret_cols);
}

void
screen_resize(struct screen *screen)
{
    bool was_painted = screen->painted;
    screen_scrub(screen);
    int rows = 0;
    int cols = 0;
    terminal_size(&rows, &cols);
    (void)resize_term(rows, cols);
    screen->redraw = true;
    /* A terminal without a second page has moved lines into its scrollback already. */
    if (was_painted)
        terminal_erase_scrollback();
}

/* Ends and resizes first, then news; TICK when there is none of these. */
static int32_t
read_signals(struct screen *screen)
{
    struct signalfd_siginfo info;
    int32_t key = UI_TICK;
    while (read(screen->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
            return UI_ABORT;
        if (info.ssi_signo
            == SIGCONT) { /* a shell had the terminal: what is typed would show */
            (void)reset_prog_mode();
            (void)flushinp();
        }
        if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT)
            key = UI_RESIZE;
    }
    return key;
}

int32_t
screen_key(struct screen *screen, int wait_ms)
{
    for (int round = 0; round < 2; round++) {
        int32_t signalled = read_signals(screen);
        if (signalled != UI_TICK || terminal_is_lost())
            return terminal_is_lost() ? UI_ABORT : signalled;
        int32_t key = terminal_key_read();
        if (key != UI_TICK)
            return key;
        if (round > 0)
            break;
        struct pollfd waits[] = {
            {STDIN_FILENO,      POLLIN, 0},
            {screen->signal_fd, POLLIN, 0},
            {screen->wake_fd,   POLLIN, 0},
        };
        (void)poll(waits, 3, wait_ms);
        if ((waits[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
            terminal_set_lost(true);
        uint64_t news = 0;
        if (read(screen->wake_fd, &news, sizeof news) > 0)
            return UI_TICK;
    }
    return UI_TICK;
}

void
screen_drop_typed(struct screen *screen)
{
    (void)screen;
    (void)flushinp();
}

static void
show_cell(const struct canvas_cell *cell, int row, int col)
{
    if (cell->character == 0)
        return;
    wchar_t text[CANVAS_MARKS + 2] = {cell->character, L'\0'};
    wmemcpy(text + 1, cell->marks, CANVAS_MARKS);
    attr_t attributes = attributes_plain[cell->style];
    cchar_t drawn;
    short pair = 0;
    if (colours_on)
        pair = colours[cell->style].pair;
    if (setcchar(&drawn, text, attributes, pair, NULL) == OK)
        (void)mvadd_wch(row, col, &drawn);
}

static void
remember(struct screen *screen, const struct canvas *canvas)
{
    struct error *error = canvas_reset(&screen->shown, canvas->rows, canvas->cols);
    if (error != NULL) {
        /* Without memory everything is simply shown each time. */
        error_free(error);
        canvas_clear(&screen->shown);
        return;
    }
    memcpy(screen->shown.cells, canvas->cells,
           (size_t)canvas->rows * (size_t)canvas->cols * sizeof *canvas->cells);
    canvas_cursor(&screen->shown, canvas->cursor_row, canvas->cursor_col);
}

void
screen_show(struct screen *screen, const struct canvas *canvas)
{
    if (!screen->redraw && canvas_equal(canvas, &screen->shown))
        return;
    (void)erase();
    for (int row = 0; row < canvas->rows; row++)
        for (int col = 0; col < canvas->cols; col++)
            show_cell(&canvas->cells[row * canvas->cols + col], row, col);
    bool cursor = canvas->cursor_row >= 0 && canvas->cursor_col < canvas->cols;
    (void)curs_set(cursor ? 1 : 0);
    if (cursor)
        (void)move(canvas->cursor_row, canvas->cursor_col);
    if (screen->redraw)
        (void)clearok(curscr, TRUE);
    screen->redraw = false;
    (void)refresh();
    remember(screen, canvas);
}

struct paint *
screen_begin_paint(struct screen *screen)
{
    screen->paint.len = 0;
    return &screen->paint;
}

void
screen_paint(struct screen *screen)
{
    if (screen->paint.len == 0)
        return;
    screen->painted = true;
    screen->ever_painted = true;
    screen_guard_tell(screen->guard, true);
    terminal_write(secret_borrow(screen->paint.memory), screen->paint.len);
    secret_wipe(secret_borrow(screen->paint.memory), screen->paint.len);
    screen->paint.len = 0;
    /* Back to where curses believes the cursor to be. */
    int row = 0;
    int col = 0;
    getyx(curscr, row, col);
    const char *place = terminal_address(row, col);
    terminal_write(place, strlen(place));
}

bool
screen_has_paint(const struct screen *screen)
{
    return screen->painted;
}

void
screen_scrub(struct screen *screen)
{
    if (!screen->painted)
        return;
    terminal_overwrite();
    screen_guard_tell(screen->guard, false);
    screen->painted = false;
    screen->redraw = true;
}
