/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "shamir/slip39.h"

struct input {
    int descriptor;
    bool own; /* opened here */
    bool terminal;
    bool ended;
    size_t line;
    size_t held; /* bytes in the buffer */
    struct secret *buffer;
};

/* What a signal handler needs to give the terminal back; one input at a time hides. */
static struct termios terminal_before;
static volatile sig_atomic_t terminal_hidden = -1;
static struct termios terminal_quiet; /* without echo */
static const int deadly_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void
give_terminal_back(int number)
{
    if (terminal_hidden >= 0)
        (void)tcsetattr((int)terminal_hidden, TCSANOW, &terminal_before);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* The shell that had the terminal meanwhile made it echo. */
static void
hide_again(int number)
{
    (void)number;
    if (terminal_hidden >= 0)
        (void)tcsetattr((int)terminal_hidden, TCSAFLUSH, &terminal_quiet);
}

static struct error *
hide_typing(struct input *input)
{
    if (tcgetattr(input->descriptor, &terminal_before) != 0)
        return ERROR_ERRNO(errno, "the terminal could not be asked for its settings");
    terminal_hidden = input->descriptor;
    for (size_t i = 0; i < sizeof deadly_signals / sizeof deadly_signals[0]; i++) {
        struct sigaction action = {.sa_handler = give_terminal_back};
        (void)sigaction(deadly_signals[i], &action, NULL);
    }
    const struct sigaction again = {.sa_handler = hide_again, .sa_flags = SA_RESTART};
    (void)sigaction(SIGCONT, &again, NULL);
    terminal_quiet = terminal_before;
    terminal_quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    if (tcsetattr(input->descriptor, TCSAFLUSH, &terminal_quiet) != 0)
        return ERROR_ERRNO(errno, "the terminal could not be made to hide what is typed");
    return NULL;
}

struct error *
input_open(const char *path, struct input **ret_input)
{
    int descriptor = path == NULL ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path);
    AUTO(input) input = calloc(1, sizeof *input);
    if (input == NULL) {
        if (path != NULL)
            (void)close(descriptor);
        return error_memory();
    }
    input->descriptor = descriptor;
    input->own = path != NULL;
    TRY(secret_new(INPUT_LINE_MAX + 1U, &input->buffer));
    if (isatty(descriptor)) {
        input->terminal = true;
        TRY(hide_typing(input));
    }
    *ret_input = TAKE(input);
    return NULL;
}

void
input_free(struct input *input)
{
    if (input == NULL)
        return;
    if (input->terminal && terminal_hidden == input->descriptor) {
        (void)tcsetattr(input->descriptor, TCSANOW, &terminal_before);
        terminal_hidden = -1;
    }
    if (input->own)
        (void)close(input->descriptor);
    secret_free(input->buffer);
    free(input);
}

bool
input_is_terminal(const struct input *input)
{
    return input->terminal;
}

size_t
input_line_number(const struct input *input)
{
    return input->line;
}

/* One read into the buffer; sets `ended`. */
static struct error *
read_more(struct input *input)
{
    if (input->held == INPUT_LINE_MAX)
        return ERROR(ERROR_INPUT, "line %zu is longer than %u characters", input->line + 1,
                     INPUT_LINE_MAX);
    unsigned char *buffer = secret_borrow(input->buffer);
    ssize_t got = 0;
    do
        got = read(input->descriptor, buffer + input->held, INPUT_LINE_MAX - input->held);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERROR_ERRNO(errno, "the shares could not be read");
    input->ended = got == 0;
    input->held += (size_t)got;
    return NULL;
}

/* The first `size` bytes of the buffer become a line; they and the newline leave the buffer. */
static struct error *
take_line(struct input *input, size_t size, size_t with_newline, struct secret **ret_line)
{
    unsigned char *buffer = secret_borrow(input->buffer);
    AUTO(secret) line = NULL;
    TRY(secret_new(size + 1U, &line));
    memcpy(secret_borrow(line), buffer, size);
    memmove(buffer, buffer + with_newline, input->held - with_newline);
    secret_wipe(buffer + input->held - with_newline, with_newline);
    input->held -= with_newline;
    input->line++;
    *ret_line = TAKE(line);
    return NULL;
}

static struct error *
any_line(struct input *input, struct secret **ret_line)
{
    for (;;) {
        const unsigned char *buffer = secret_borrow_const(input->buffer);
        const unsigned char *newline = memchr(buffer, '\n', input->held);
        if (newline != NULL) {
            size_t size = (size_t)(newline - buffer);
            return take_line(input, size, size + 1U, ret_line);
        }
        if (input->ended && input->held > 0)
            return take_line(input, input->held, input->held, ret_line);
        if (input->ended) {
            *ret_line = NULL;
            return NULL;
        }
        TRY(read_more(input));
    }
}

static bool
is_blank(const struct secret *line)
{
    const char *text = (const char *)secret_borrow_const(line);
    return text[strspn(text, " \t\r")] == '\0';
}

struct error *
input_line(struct input *input, const char *prompt, struct secret **ret_line)
{
    for (;;) {
        if (input->terminal)
            (void)fprintf(stderr, "%s: ", prompt);
        AUTO(secret) line = NULL;
        TRY(any_line(input, &line));
        if (input->terminal)
            (void)fputc('\n', stderr);
        if (line == NULL || !is_blank(line)) {
            *ret_line = TAKE(line);
            return NULL;
        }
    }
}

static int
digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

struct error *
input_hex(const struct secret *line, struct secret **ret_bytes)
{
    const char *text = (const char *)secret_borrow_const(line);
    text += strspn(text, " \t\r");
    size_t len = strcspn(text, " \t\r");
    if (text[len + strspn(text + len, " \t\r")] != '\0')
        return ERROR(ERROR_INPUT, "the secret is more than one word of hexadecimal digits");
    if (len == 0 || len % 2 != 0)
        return ERROR(ERROR_INPUT,
                     "the secret has %zu hexadecimal digits; an even number is wanted", len);
    AUTO(secret) bytes = NULL;
    TRY(secret_new(len / 2, &bytes));
    for (size_t i = 0; i < len; i += 2) {
        int high = digit((unsigned char)text[i]);
        int low = digit((unsigned char)text[i + 1]);
        if (high < 0 || low < 0)
            return ERROR(ERROR_INPUT, "character %zu of the secret is not a hexadecimal digit",
                         high < 0 ? i + 1 : i + 2);
        secret_borrow(bytes)[i / 2] = (unsigned char)(high * 16 + low);
    }
    *ret_bytes = TAKE(bytes);
    return NULL;
}

struct error *
input_passphrase(const char *path, struct secret **ret_passphrase)
{
    AUTO(input) input = NULL;
    TRY(input_open(path, &input));
    BUG_ON(input == NULL);
    while (!input->ended)
        TRY(read_more(input));
    unsigned char *text = secret_borrow(input->buffer);
    size_t size = input->held;
    if (size > 0 && text[size - 1] == '\n')
        size--;
    if (size > 0 && text[size - 1] == '\r')
        size--;
    if (size > SLIP39_PASSPHRASE_MAX)
        return ERROR(ERROR_INPUT, "the passphrase has more than %u characters",
                     SLIP39_PASSPHRASE_MAX);
    *ret_passphrase = NULL;
    return size == 0 ? NULL : secret_from(text, size, ret_passphrase);
}

struct error *
output_secret(const struct secret *secret)
{
    const unsigned char *data = secret_borrow_const(secret);
    size_t left = secret_size(secret);
    while (left > 0) {
        ssize_t done = write(STDOUT_FILENO, data, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "the result could not be written");
        data += done;
        left -= (size_t)done;
    }
    return NULL;
}

struct error *
output_hex(const struct secret *secret)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = secret_size(secret);
    const unsigned char *data = secret_borrow_const(secret);
    AUTO(secret) text = NULL;
    TRY(secret_new(size * 2 + 1, &text));
    unsigned char *at = secret_borrow(text);
    for (size_t i = 0; i < size; i++) {
        *at++ = (unsigned char)digits[data[i] >> 4];
        *at++ = (unsigned char)digits[data[i] & 0xFU];
    }
    *at = '\n';
    return output_secret(text);
}
