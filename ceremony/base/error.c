/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/text.h"

struct error {
    enum error_code code;
    const char *file;
    int line;
    char *what;
    char *hint;
    char *detail;
    char *origin;
    char *doing;
};

static char memory_text[] = "the computer has no memory left for this program";

static struct error memory_error = {
    .code = ERROR_MEMORY,
    .file = "",
    .what = memory_text,
};

static const struct {
    const char *name;
    int exit_status;
    bool may_retry;
    const char *hint;
} code_table[] = {
    [ERROR_BUG] = {"bug",          1, false, "This is a mistake in the program. Stop, and report it."},
    [ERROR_USAGE] = {"usage",        2, false, "See --help."                                           },
    [ERROR_INPUT] = {"input",        1, false, "Mend it and start again; nothing was changed."         },
    [ERROR_ANSWER] = {"answer",       1, true,  "Type it again."                                        },
    [ERROR_PIN] = {"pin",          1, true,  "Ask the PIN holder to type it again."                  },
    [ERROR_PIN_LAST] = {"pin-last",     1, false,
                   "Do not try again. Fetch the right PIN, or have the SO reset it."                 },
    [ERROR_PIN_LOCKED] = {"pin-locked",   1, false, "The security officer must set a new PIN."              },
    [ERROR_NOT_FOUND] = {"not-found",    1, false,
                   "Look at the name, and whether it is plugged in."                                 },
    [ERROR_EXISTS] = {"exists",       1, false, "Choose another name, or remove what is there."         },
    [ERROR_REFUSED] = {"refused",      1, false,
                   "The script decides; change it and have it approved."                             },
    [ERROR_UNSUPPORTED] = {"unsupported",  1, false, "Choose another token or another method."               },
    [ERROR_TOKEN] =
        {"token",        3, false,
                   "Leave the token as it is. Resume the ceremony, which looks what happened."       },
    [ERROR_TOKEN_GONE] = {"token-gone",   3, false,
                   "Connect the token again, then resume the ceremony."                              },
    [ERROR_IO] = {"io",           3, false, "Look at the disk or medium, then resume the ceremony." },
    [ERROR_INTERRUPTED] = {"interrupted",  3, false, "It can be resumed."                                    },
    [ERROR_VERIFICATION] = {"verification", 4, false, "Do not rely on it. Keep it as it is."                  },
    [ERROR_ORIGIN] = {"origin",       5, false,
                   "Give the trust file that was carried home on paper."                             },
    [ERROR_MEMORY] = {"memory",       3, false, "Close other programs, then resume."                    },
};

/* Whatever a library, a token or a file's name put into it: a message is recorded, and a record is UTF-8. */
static char *
made_safe(char *text)
{
    AUTO_BYTES safe = {0};
    char *made = NULL;
    struct error *error = text_append_safe(&safe, text, strlen(text), true);
    if (error == NULL)
        error = bytes_take_text(&safe, &made);
    error_free(error);
    free(text);
    return made;
}

static char *format_text(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

static char *
format_text(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        return NULL;
    return made_safe(text);
}

static struct error *
new_from(enum error_code code, const char *file, int line, char *what)
{
    struct error *error = calloc(1, sizeof *error);
    if (error == NULL || what == NULL) {
        free(error);
        free(what);
        return &memory_error;
    }
    error->code = code;
    error->file = file;
    error->line = line;
    error->what = what;
    return error;
}

struct error *
error_new(enum error_code code, const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *what = format_text(format, arguments);
    va_end(arguments);
    return new_from(code, file, line, what);
}

struct error *(error_memory)(void)
{
    return &memory_error;
}

static enum error_code
code_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERROR_NOT_FOUND;
    case EEXIST:
        return ERROR_EXISTS;
    case ELOOP:
    case EISDIR:
        return ERROR_INPUT;
    default:
        return ERROR_IO;
    }
}

struct error *
error_errno(int number, const char *file, int line, const char *format, ...)
{
    if (number == ENOMEM)
        return &memory_error;
    va_list arguments;
    va_start(arguments, format);
    char *what = format_text(format, arguments);
    va_end(arguments);
    char *whole = NULL;
    if (what != NULL && asprintf(&whole, "%s: %s", what, strerror(number)) < 0)
        whole = NULL;
    free(what);
    struct error *error = new_from(code_of_errno(number), file, line, whole);
    return error_origin(error, "errno %d", number);
}

static void set_field(char **field, const char *joint, const char *format, va_list arguments)
    PRINTF_LIKE(3, 0);

/* Replaces (or adds to) one text field; losing a hint for lack of memory is no reason to fail. */
static void
set_field(char **field, const char *joint, const char *format, va_list arguments)
{
    char *text = format_text(format, arguments);
    if (text == NULL)
        return;
    if (joint != NULL && *field != NULL) {
        char *joined = NULL;
        if (asprintf(&joined, "%s%s%s", *field, joint, text) >= 0) {
            free(*field);
            *field = joined;
        }
        free(text);
        return;
    }
    free(*field);
    *field = text;
}

#define DEFINE_SETTER(function, field, joint)                                                  \
    struct error *function(struct error *error, const char *format, ...)                       \
    {                                                                                          \
        if (error == NULL || error == &memory_error)                                           \
            return error;                                                                      \
        va_list arguments;                                                                     \
        va_start(arguments, format);                                                           \
        set_field(&error->field, joint, format, arguments);                                    \
        va_end(arguments);                                                                     \
        return error;                                                                          \
    }

DEFINE_SETTER(error_hint, hint, NULL)
DEFINE_SETTER(error_origin, origin, NULL)
DEFINE_SETTER(error_detail, detail, "; ")
DEFINE_SETTER(error_doing, doing, "; ")

struct error *
error_recode(struct error *error, enum error_code code)
{
    if (error != NULL && error != &memory_error)
        error->code = code;
    return error;
}

void
error_free(struct error *error)
{
    if (error == NULL || error == &memory_error)
        return;
    free(error->what);
    free(error->hint);
    free(error->detail);
    free(error->origin);
    free(error->doing);
    free(error);
}

enum error_code
error_code(const struct error *error)
{
    return error->code;
}

const char *
error_code_name(enum error_code code)
{
    return code_table[code].name;
}

int
error_exit_status(const struct error *error)
{
    return error == NULL ? 0 : code_table[error->code].exit_status;
}

bool
error_may_retry(const struct error *error)
{
    return code_table[error->code].may_retry;
}

const char *
error_what(const struct error *error)
{
    return error->what;
}

const char *
error_own_hint(const struct error *error)
{
    return error->hint != NULL ? error->hint : "";
}

const char *
error_hint_text(const struct error *error)
{
    return error->hint != NULL ? error->hint : code_table[error->code].hint;
}

const char *
error_detail_text(const struct error *error)
{
    return error->detail != NULL ? error->detail : "";
}

const char *
error_origin_text(const struct error *error)
{
    return error->origin != NULL ? error->origin : "";
}

char *
error_format_plain(const struct error *error)
{
    char *text = NULL;
    if (asprintf(&text, "%s. %s", error->what, error_hint_text(error)) < 0)
        return NULL;
    /* A sentence begins with a capital letter; the name of a file stays as it is. */
    bool is_name = strcspn(text, "/.:") < strcspn(text, " ");
    if (text[0] >= 'a' && text[0] <= 'z' && !is_name)
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

char *
error_format_verbose(const struct error *error)
{
    char *text = NULL;
    if (asprintf(&text,
                 "%s [%s]\n  hint: %s\n  while: %s\n  detail: %s\n  origin: %s\n  at: %s:%d\n",
                 error->what, error_code_name(error->code), error_hint_text(error),
                 error->doing != NULL ? error->doing : "-",
                 error->detail != NULL ? error->detail : "-",
                 error->origin != NULL ? error->origin : "-", error->file, error->line)
        < 0)
        return NULL;
    return text;
}

#define CLEANUPS_MAX 8
static void (*cleanups[CLEANUPS_MAX])(void);
static size_t cleanup_count;

void
bug_register_cleanup(void (*cleanup)(void))
{
    if (cleanup_count < CLEANUPS_MAX)
        cleanups[cleanup_count++] = cleanup;
}

_Noreturn void
bug_at(const char *file, int line, const char *text)
{
    while (cleanup_count > 0)
        cleanups[--cleanup_count]();
    (void)fprintf(stderr, "ceremony: mistake in the program at %s:%d: %s\n", file, line, text);
    abort();
}
