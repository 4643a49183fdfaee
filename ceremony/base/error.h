/* SPDX-License-Identifier: Apache-2.0
 *
 * The one error convention of this program. A function that can fail returns `struct error *`:
 * NULL is success, otherwise the caller owns the object and must return or free it. The object
 * speaks with three voices: the custodian's (what and hint), the operator's (all of it), and the
 * transcript's (code name, what, detail). It never carries a secret; `what` and `hint` never
 * carry a file-system path of the machine's own layout unless the person named that file. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Grouped by what the reader can do about it; the table in error.c gives each its short name, exit
 * status and default hint. */
enum error_code {
    ERROR_BUG,          /* ours: report it */
    ERROR_USAGE,        /* the command line is wrong (exit 2) */
    ERROR_INPUT,        /* a file or value brought along is wrong: mend it */
    ERROR_ANSWER,       /* what was typed is not accepted: type again */
    ERROR_PIN,          /* the token did not accept the PIN: type again */
    ERROR_PIN_LAST,     /* the next wrong PIN locks the token: stop and decide */
    ERROR_PIN_LOCKED,   /* the token is locked */
    ERROR_NOT_FOUND,    /* a named thing is not there */
    ERROR_EXISTS,       /* a name is taken already */
    ERROR_REFUSED,      /* a rule of the ceremony forbids it */
    ERROR_UNSUPPORTED,  /* the token or build cannot do it: choose otherwise */
    ERROR_TOKEN,        /* the token failed or lied: inspect, resume or abort (exit 3) */
    ERROR_TOKEN_GONE,   /* the token was removed (exit 3) */
    ERROR_IO,           /* a file or medium failed (exit 3) */
    ERROR_INTERRUPTED,  /* stopped by a person or a signal; can be resumed (exit 3) */
    ERROR_VERIFICATION, /* evidence or signature found wrong (exit 4) */
    ERROR_ORIGIN,       /* consistent, but the origin is not established (exit 5) */
    ERROR_MEMORY,       /* out of memory (exit 3) */
};

struct error;

/* Makes an error; never returns NULL (out of memory yields one static object). */
struct error *error_new(enum error_code code, const char *file, int line, const char *format,
                        ...) PRINTF_LIKE(4, 5);

/* gcc's analyzer and clang-tidy assume a variadic maker may return NULL; this tells them not. */
#define ERROR(code, ...)                                                                       \
    __extension__({                                                                            \
        struct error *error_made_ = error_new((code), __FILE__, __LINE__, __VA_ARGS__);        \
        if (error_made_ == NULL)                                                               \
            __builtin_unreachable();                                                           \
        error_made_;                                                                           \
    })

/* Out of memory: the static object, usable anywhere. */
struct error *error_memory(void);
#define error_memory()                                                                         \
    __extension__({                                                                            \
        struct error *error_made_ = error_memory();                                            \
        if (error_made_ == NULL)                                                               \
            __builtin_unreachable(); /* so that analyzers know */                              \
        error_made_;                                                                           \
    })

/* errno, converted in this one place. `format` says what could not be done. */
struct error *error_errno(int number, const char *file, int line, const char *format, ...)
    PRINTF_LIKE(4, 5);
#define ERROR_ERRNO(number, ...)                                                               \
    __extension__({                                                                            \
        struct error *error_made_ = error_errno((number), __FILE__, __LINE__, __VA_ARGS__);    \
        if (error_made_ == NULL)                                                               \
            __builtin_unreachable();                                                           \
        error_made_;                                                                           \
    })

/* Each sets one field and returns its first argument, so calls chain. Last hint and origin win;
 * details and phrases of "while doing" add up. NULL error is passed through. */
struct error *error_hint(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
struct error *error_detail(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
struct error *error_origin(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
struct error *error_doing(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
/* Replaces the code (e.g. a token failure that the caller knows to be a refusal). */
struct error *error_recode(struct error *error, enum error_code code);

/* Frees; NULL and the static object are fine. */
void error_free(struct error *error);

enum error_code error_code(const struct error *error);
const char *error_code_name(enum error_code code); /* "pin-last", for tests and transcript */
int error_exit_status(const struct error *error);  /* NULL: 0 */
bool error_may_retry(const struct error *error); /* asking the same person again makes sense */
const char *error_what(const struct error *error);
const char *error_hint_text(const struct error *error);   /* own hint or the code's default */
const char *error_own_hint(const struct error *error);    /* own hint, or "" */
const char *error_detail_text(const struct error *error); /* "" if none */
const char *error_origin_text(const struct error *error); /* "" if none */

/* The custodian's voice: "what. Hint." as sentences; the caller frees. NULL when out of memory. */
char *error_format_plain(const struct error *error);
/* The operator's voice, several lines: chain, detail, origin, source location. */
char *error_format_verbose(const struct error *error);

#define TRY(call)                                                                              \
    do {                                                                                       \
        struct error *try_error_ = (call);                                                     \
        if (try_error_ != NULL)                                                                \
            return try_error_;                                                                 \
    } while (0)

/* Like TRY and adds a phrase: TRY_DOING(token_open(t), "opening token \"%s\"", name). */
#define TRY_DOING(call, ...)                                                                   \
    do {                                                                                       \
        struct error *try_error_ = (call);                                                     \
        if (try_error_ != NULL)                                                                \
            return error_doing(try_error_, __VA_ARGS__);                                       \
    } while (0)

/* A programming mistake: runs the registered cleanups (secrets wiped, terminal restored), aborts. */
_Noreturn void bug_at(const char *file, int line, const char *text);
#define BUG(text) bug_at(__FILE__, __LINE__, (text))
#define BUG_ON(condition)                                                                      \
    do {                                                                                       \
        if (condition)                                                                         \
            bug_at(__FILE__, __LINE__, #condition);                                            \
    } while (0)
/* At most eight; called in reverse order by bug_at. */
void bug_register_cleanup(void (*cleanup)(void));
