/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/screen.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <unistd.h>

#include <curses.h>

#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/terminal_keys.h"

#define ESCAPE_DELAY_MS 50

struct screen {
    SCREEN *curses;
    int signal_fd;
    int wake_fd;
    sigset_t old_mask;
    struct canvas shown; /* as last brought to the terminal */
    struct paint paint;
    bool painted;      /* secrets stand on the terminal */
    bool ever_painted; /* ... or stood there once */
    bool redraw;       /* the next show draws everything */
    bool lost;         /* the terminal is gone */
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

/* Writes to the terminal past curses. */
static void
write_all(struct screen *screen, const void *data, size_t len)
{
    const unsigned char *p = data;
    while (len > 0 && !screen->lost) {
        ssize_t done = write(STDOUT_FILENO, p, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            screen->lost = true;
            return;
        }
        p += done;
        len -= (size_t)done;
    }
}

/* The cursor's way to a place, without the delays ("$<5>") that a real VT100 of 1978 needs. */
static const char *
address(int row, int col)
{
    static char sequence[64];
    const char *text = tparm(cursor_address, (long)row, (long)col, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    size_t len = 0;
    while (text != NULL && *text != '\0' && len + 1 < sizeof sequence) {
        const char *delay_end = strncmp(text, "$<", 2) == 0 ? strchr(text, '>') : NULL;
        if (delay_end == NULL)
            sequence[len++] = *text;
        text = delay_end != NULL ? delay_end + 1 : text + 1;
    }
    sequence[len] = '\0';
    return sequence;
}

static void
terminal_size(int *ret_rows, int *ret_cols)
{
    struct winsize size = {0};
    bool known =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    *ret_rows = known ? size.ws_row : LINES;
    *ret_cols = known ? size.ws_col : COLS;
    *ret_rows = *ret_rows > 500 ? 500 : *ret_rows;
    *ret_cols = *ret_cols > 500 ? 500 : *ret_cols;
}

/* Every cell but the last, where writing would scroll, gets another character than it had, in a
 * pattern that no terminal shortens. */
static void
overwrite_all(struct screen *screen)
{
    int rows = 0;
    int cols = 0;
    terminal_size(&rows, &cols);
    char line[500];
    for (int pass = 0; pass < 2; pass++) {
        for (int row = 0; row < rows; row++) {
            for (int col = 0; col < cols; col++)
                line[col] = ".:"[(col + row + pass) % 2];
            const char *place = address(row, 0);
            write_all(screen, place, strlen(place));
            write_all(screen, line, (size_t)(row == rows - 1 ? cols - 1 : cols));
        }
    }
}

/* Takes the scrollback away, where the terminal can. A terminal that does not know the sequence
 * ignores it; one without an entry for it may know it still. */
static void
erase_scrollback(struct screen *screen)
{
    static char name[] = "E3";
    const char *erase_saved = tigetstr(name);
    if (erase_saved == NULL || (intptr_t)erase_saved == -1)
        erase_saved = "\033[3J";
    write_all(screen, erase_saved, strlen(erase_saved));
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
        erase_scrollback(screen);
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
    (void)nodelay(stdscr, TRUE);
    prepare_colours();
    screen_resize(screen);
    return NULL;
}

static struct error *
open_descriptors(struct screen *screen)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
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
    TRY(paint_init(&screen->paint, address));
    TRY(open_descriptors(screen));
    TRY(start_curses(screen));
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
        erase_scrollback(screen);
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
        if (info.ssi_signo == SIGWINCH)
            key = UI_RESIZE;
    }
    return key;
}

int32_t
screen_key(struct screen *screen, int wait_ms)
{
    for (int round = 0; round < 2; round++) {
        int32_t signalled = read_signals(screen);
        if (signalled != UI_TICK || screen->lost)
            return screen->lost ? UI_ABORT : signalled;
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
            screen->lost = true;
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
    wchar_t text[2] = {cell->character, L'\0'};
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
    write_all(screen, secret_borrow(screen->paint.memory), screen->paint.len);
    secret_wipe(secret_borrow(screen->paint.memory), screen->paint.len);
    screen->paint.len = 0;
    /* Back to where curses believes the cursor to be. */
    int row = 0;
    int col = 0;
    getyx(curscr, row, col);
    const char *place = address(row, col);
    write_all(screen, place, strlen(place));
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
    overwrite_all(screen);
    screen->painted = false;
    screen->redraw = true;
}
