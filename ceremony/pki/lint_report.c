/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "ceremony/pki/lint.h"

static const char *
severity_text(const struct pki_finding *finding)
{
    if (finding->waived)
        return "waived";
    switch (finding->severity) {
    case PKI_FAULT:
        return "fault";
    case PKI_WARNING:
        return "warning";
    case PKI_NOTE:
        break;
    }
    return "note";
}

static struct error *
append_count(struct bytes *out, size_t count, const char *one)
{
    return bytes_format(out, "%zu %s%s", count, one, count == 1 ? "" : "s");
}

struct error *
pki_lint_text(const struct pki_lint_report *report, struct bytes *ret_text)
{
    bytes_clear(ret_text);
    for (size_t i = 0; i < report->count; i++) {
        const struct pki_finding *finding = &report->findings[i];
        TRY(bytes_format(ret_text, "%-8s %s: %s (%s)\n", severity_text(finding), finding->lint,
                         finding->detail, finding->source));
    }
    TRY(append_count(ret_text, report->checks, "check"));
    TRY(bytes_append_text(ret_text, ", "));
    TRY(append_count(ret_text, report->faults, "fault"));
    TRY(bytes_append_text(ret_text, ", "));
    TRY(append_count(ret_text, report->warnings, "warning"));
    TRY(bytes_append_text(ret_text, ", "));
    TRY(append_count(ret_text, report->notes, "note"));
    return bytes_append_char(ret_text, '\n');
}

struct error *
pki_lint_require(const struct pki_lint_report *report, const char *object)
{
    if (report->faults == 0)
        return NULL;
    AUTO_BYTES text = {0};
    for (size_t i = 0; i < report->count; i++) {
        const struct pki_finding *finding = &report->findings[i];
        if (finding->severity == PKI_FAULT && !finding->waived)
            TRY(bytes_format(&text, "%s%s (%s)", text.len > 0 ? "; " : "", finding->lint,
                             finding->detail));
    }
    return error_hint(
        ERROR(ERROR_REFUSED, "%s does not pass lint: %s", object, bytes_text(&text)),
        "Mend the profile or the input; nothing is signed");
}
