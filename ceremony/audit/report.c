/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

#define FAULTS_KEPT 40U
#define TEXT_MAX    1000

void
report_clear(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct check_result *check = &report->checks[i];
        for (size_t f = 0; f < check->count && f < FAULTS_KEPT; f++) {
            free(check->faults[f].file);
            free(check->faults[f].text);
        }
        free(check->faults);
        free(check->note);
    }
    free(report->checks);
    free(report->subject);
    free(report->ceremony);
    *report = (struct report){0};
}

struct error *
report_begin(struct report *report, const char *name)
{
    struct check_result *rows =
        realloc(report->checks, (report->count + 1) * sizeof *report->checks);
    if (rows == NULL)
        return error_memory();
    report->checks = rows;
    rows[report->count] = (struct check_result){.name = name};
    TRY(text_copy("", &rows[report->count].note));
    report->count++;
    return NULL;
}

static struct check_result *
current(struct report *report)
{
    BUG_ON(report->count == 0);
    return &report->checks[report->count - 1];
}

/* Formatted, and safe to show: much of it comes out of files that may be forged. */
static struct error *format_safe(const char *format, va_list arguments, char **ret_text)
    PRINTF_LIKE(1, 0);

static struct error *
format_safe(const char *format, va_list arguments, char **ret_text)
{
    char text[TEXT_MAX];
    int len = vsnprintf(text, sizeof text, format, arguments);
    if (len < 0)
        return ERROR(ERROR_BUG, "a text could not be formatted");
    return text_safe(text, strlen(text), ret_text);
}

static struct error *
add_fault(struct report *report, const char *file, uint64_t seq, char *text)
{
    struct check_result *check = current(report);
    check->state = CHECK_FAULT;
    report->faults++;
    if (check->count++ >= FAULTS_KEPT) {
        free(text);
        return NULL;
    }
    struct check_fault *rows = realloc(check->faults, check->count * sizeof *rows);
    AUTO_FREE char *copy = NULL;
    struct error *error = rows == NULL ? error_memory() : NULL;
    if (rows != NULL)
        check->faults = rows;
    if (error == NULL)
        error = text_safe(file, strlen(file), &copy);
    if (error != NULL) {
        check->count--;
        free(text);
        return error;
    }
    rows[check->count - 1] = (struct check_fault){TAKE(copy), seq, text};
    return NULL;
}

struct error *
report_fault(struct report *report, const char *file, uint64_t seq, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    struct error *error = format_safe(format, arguments, &text);
    va_end(arguments);
    TRY(error);
    return add_fault(report, file, seq, text);
}

struct error *
report_error(struct report *report, const char *file, uint64_t seq, struct error *error)
{
    if (error == NULL || error_code(error) == ERROR_MEMORY)
        return error;
    const char *detail = error_detail_text(error);
    struct error *second = report_fault(report, file, seq, "%s%s%s", error_what(error),
                                        detail[0] != '\0' ? ": " : "", detail);
    error_free(error);
    return second;
}

static struct error *
add_note(struct report *report, char *note)
{
    struct check_result *check = current(report);
    AUTO_FREE char *owned = note;
    char *joined = NULL;
    TRY(text_format(&joined, "%s%s%s", check->note, check->note[0] != '\0' ? "; " : "", owned));
    free(check->note);
    check->note = joined;
    return NULL;
}

struct error *
report_note(struct report *report, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    struct error *error = format_safe(format, arguments, &text);
    va_end(arguments);
    TRY(error);
    return add_note(report, text);
}

struct error *
report_not_done(struct report *report, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    struct error *error = format_safe(format, arguments, &text);
    va_end(arguments);
    TRY(error);
    if (current(report)->state == CHECK_OK) {
        current(report)->state = CHECK_NOT_DONE;
        report->not_done++;
    }
    return add_note(report, text);
}

bool
report_has_fault(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->checks[i].name, name) == 0)
            return report->checks[i].state == CHECK_FAULT;
    return false;
}

/* --- the verdict --- */

int
report_status(const struct report *report)
{
    if (report->faults > 0)
        return 4;
    return report->origin ? 0 : 5;
}

const char *
report_verdict(const struct report *report)
{
    if (report->faults > 0)
        return "FAULT";
    return report->origin ? "VERIFIED" : "CONSISTENT, ORIGIN NOT ESTABLISHED";
}
