/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/terminal.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include <curses.h>

#define SIZE_MAX_CELLS 500

static bool lost;

bool
terminal_is_lost(void)
{
    return lost;
}

void
terminal_set_lost(bool is_lost)
{
    lost = is_lost;
}

void
terminal_write(const void *data, size_t len)
{
    const unsigned char *p = data;
    while (len > 0 && !lost) {
        ssize_t done = write(STDOUT_FILENO, p, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            lost = true;
            return;
        }
        p += done;
        len -= (size_t)done;
    }
}

/* Without the delays ("$<5>") that a real VT100 of 1978 needs. */
static const char *
without_delays(const char *text)
{
    static char sequence[64];
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
write_text(const char *text)
{
    terminal_write(text, strlen(text));
}

const char *
terminal_address(int row, int col)
{
    return without_delays(
        tparm(cursor_address, (long)row, (long)col, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
}

void
terminal_size(int *ret_rows, int *ret_cols)
{
    struct winsize size = {0};
    bool known =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    *ret_rows = known ? size.ws_row : LINES;
    *ret_cols = known ? size.ws_col : COLS;
    *ret_rows = *ret_rows > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : *ret_rows;
    *ret_cols = *ret_cols > SIZE_MAX_CELLS ? SIZE_MAX_CELLS : *ret_cols;
}

void
terminal_overwrite(void)
{
    int rows = 0;
    int cols = 0;
    terminal_size(&rows, &cols);
    char line[SIZE_MAX_CELLS];
    for (int pass = 0; pass < 2; pass++) {
        for (int row = 0; row < rows; row++) {
            for (int col = 0; col < cols; col++)
                line[col] = ".:"[(col + row + pass) % 2];
            write_text(terminal_address(row, 0));
            terminal_write(line, (size_t)(row == rows - 1 ? cols - 1 : cols));
        }
    }
}

/* A terminal that does not know the sequence ignores it; one without an entry for it may know it still. */
void
terminal_erase_scrollback(void)
{
    static char name[] = "E3";
    const char *erase_saved = tigetstr(name);
    if (erase_saved == NULL || (intptr_t)erase_saved == -1)
        erase_saved = "\033[3J";
    write_text(erase_saved);
}

/* Whether nobody took the terminal over: a shell with job control has set it as it wants it. */
static bool
is_still_ours(void)
{
    return tcgetpgrp(STDOUT_FILENO) == getpgrp();
}

void
terminal_clear_after_death(void *self)
{
    const char *const sequences[] = {clear_screen, exit_attribute_mode, cursor_normal,
                                     exit_ca_mode};
    (void)self;
    terminal_overwrite();
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
        write_text(without_delays(sequences[i]));
    terminal_erase_scrollback();
    if (is_still_ours())
        (void)reset_shell_mode();
    write_text("\rKilled while a share stood on the screen: it was cleared.\r\n");
}
