/* SPDX-License-Identifier: Apache-2.0
 *
 * lint: the rows of pki/lint.h on any file. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"

enum {
    OPTION_ISSUER,
    OPTION_JSON
};

#define OBJECT_MAX (64U << 20)

static const char *const severities[] = {"note", "warning", "fault"};

/* What is not armoured is taken as it is, so that the lints can say what is wrong with it. */
static struct error *
read_object(const char *path, struct bytes *der)
{
    AUTO_BYTES file = {0};
    char label[32];
    TRY(file_read(path, OBJECT_MAX, &file));
    struct error *error = pki_from_file(file.data, file.len, der, label);
    if (error == NULL || error_code(error) == ERROR_MEMORY)
        return error;
    bool pem = file.len > 10 && memcmp(file.data, "-----BEGIN", 10) == 0;
    if (pem)
        return error;
    error_free(error);
    bytes_clear(der);
    return bytes_copy(der, file.data, file.len);
}

static struct error *
print_text(const char *path, const struct pki_lint_report *report)
{
    AUTO_BYTES text = {0};
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *first = NULL;
    TRY(text_safe(path, strlen(path), &name));
    TRY(text_format(&first, "%s: ", report->faults > 0 ? "FAULT" : "ok"));
    TRY(wrap_text(&text, first, 4, name));
    for (size_t i = 0; i < report->count; i++) {
        const struct pki_finding *finding = &report->findings[i];
        AUTO_FREE char *line = NULL;
        AUTO_FREE char *safe = NULL;
        TRY(text_format(&line, "%s (%s): %s%s", finding->lint, finding->source, finding->detail,
                        finding->waived ? " (waived)" : ""));
        TRY(text_safe(line, strlen(line), &safe));
        char severity[16];
        (void)snprintf(severity, sizeof severity, "  %-7s ", severities[finding->severity]);
        TRY(wrap_text(&text, severity, 10, safe));
    }
    TRY(bytes_format(&text, "  %zu checks, %zu faults, %zu warnings, %zu notes\n",
                     report->checks, report->faults, report->warnings, report->notes));
    (void)fputs(bytes_text(&text), stdout);
    return NULL;
}

static struct error *
json_of(const char *path, const struct pki_lint_report *report, json_t *all)
{
    AUTO_FREE char *name = NULL;
    json_t *findings = json_array();
    TRY(text_safe(path, strlen(path), &name));
    for (size_t i = 0; findings != NULL && i < report->count; i++) {
        const struct pki_finding *finding = &report->findings[i];
        (void)json_array_append_new(
            findings, json_pack("{s:s,s:s,s:s,s:b,s:s}", "lint", finding->lint, "source",
                                finding->source, "severity", severities[finding->severity],
                                "waived", (int)finding->waived, "detail", finding->detail));
    }
    json_t *row = json_pack("{s:s,s:I,s:I,s:I,s:I,s:o}", "file", name, "checks",
                            (json_int_t)report->checks, "faults", (json_int_t)report->faults,
                            "warnings", (json_int_t)report->warnings, "notes",
                            (json_int_t)report->notes, "findings", findings);
    return json_array_append_new(all, row) == 0 ? NULL : error_memory();
}

static struct error *
lint_one(const char *path, const struct bytes *issuer, json_t *all, int *ret_status)
{
    AUTO_BYTES der = {0};
    AUTO_LINT_REPORT report = {0};
    struct clock_reading now;
    clock_read(&now);
    struct pki_lint_context context = {.issuer = issuer->len > 0 ? issuer->data : NULL,
                                       .issuer_len = issuer->len,
                                       .now = now.wall_ms / 1000};
    TRY(read_object(path, &der));
    TRY(pki_lint(der.data, der.len, &context, &report));
    if (report.faults > 0)
        *ret_status = 4;
    return all == NULL ? print_text(path, &report) : json_of(path, &report, all);
}

struct error *
cmd_lint(const struct arguments *arguments, int *ret_status)
{
    AUTO_BYTES issuer = {0};
    bool json = arguments->values[OPTION_JSON] != NULL;
    struct error *error = NULL;
    if (arguments->values[OPTION_ISSUER] != NULL)
        TRY(read_object(arguments->values[OPTION_ISSUER], &issuer));
    json_t *all = json ? json_array() : NULL;
    if (json && all == NULL)
        return error_memory();
    for (size_t i = 0; i < arguments->count && error == NULL; i++)
        error = lint_one(arguments->words[i], &issuer, all, ret_status);
    if (json && error == NULL) {
        AUTO_FREE char *text = json_dumps(all, JSON_INDENT(2) | JSON_SORT_KEYS);
        error = text == NULL ? error_memory() : NULL;
        if (text != NULL)
            (void)puts(text);
    }
    json_decref(all);
    return error;
}
