/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver: which rows apply, running them, waivers, the report. */
#include "ceremony/pki/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/pki/lint_internal.h"

static const struct pki_lint_row_info infos[] = {
#define LINT(id, source, severity, kinds, needs, argument, check, text)                        \
    {id, source, severity, text},
#include "ceremony/pki/lint_rows.h"
#undef LINT
};

static const struct lint_row rows[] = {
#define LINT(id, source, severity, kinds, needs, argument, check, text)                        \
    {kinds, needs, 0, argument, lint_##check},
#define ROLE_LINT(id, source, severity, roles, needs, argument, check, text)                   \
    {KIND_CERTIFICATE, NEEDS_PROFILE | (needs), roles, argument, lint_##check},
#include "ceremony/pki/lint_rows.h"
#undef ROLE_LINT
#undef LINT
};

#define ROW_COUNT    (sizeof rows / sizeof rows[0])
#define FINDINGS_MAX 1000
#define ROWS_ALWAYS  2 /* structure and der run on what cannot be taken apart, too */

const struct pki_lint_row_info *
pki_lint_rows(size_t *ret_count)
{
    *ret_count = ROW_COUNT;
    return infos;
}

void
pki_lint_report_clear(struct pki_lint_report *report)
{
    free(report->findings);
    memset(report, 0, sizeof *report);
}

/* A waiver needs its reason and clause, and ends (R36); without a clock none holds. */
static bool
is_waived(const struct pki_lint_context *context, const char *lint)
{
    if (context->profile == NULL || context->now == 0)
        return false;
    for (size_t i = 0; i < context->profile->waiver_count; i++) {
        const struct pki_waiver *waiver = &context->profile->waivers[i];
        if (strcmp(waiver->lint, lint) == 0 && waiver->reason != NULL
            && waiver->reason[0] != '\0' && waiver->clause != NULL && waiver->clause[0] != '\0'
            && context->now < waiver->until)
            return true;
    }
    return false;
}

static void
count_finding(struct pki_lint_report *report, const struct pki_finding *finding)
{
    if (finding->severity == PKI_FAULT)
        report->faults += finding->waived ? 0 : 1;
    else if (finding->severity == PKI_WARNING)
        report->warnings++;
    else
        report->notes++;
}

void
lint_find(struct lint_run *run, const char *format, ...)
{
    struct pki_lint_report *report = run->report;
    if (run->error != NULL || report->count == FINDINGS_MAX)
        return;
    struct pki_finding *grown =
        realloc(report->findings, (report->count + 1) * sizeof *report->findings);
    if (grown == NULL) {
        run->error = error_memory();
        return;
    }
    report->findings = grown;
    struct pki_finding *finding = &grown[report->count++];
    const struct pki_lint_row_info *info = &infos[run->row - rows];
    *finding = (struct pki_finding){.lint = info->id,
                                    .source = info->source,
                                    .severity = info->severity,
                                    .waived = is_waived(run->context, info->id)};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->detail, sizeof finding->detail, format, arguments);
    va_end(arguments);
    count_finding(report, finding);
}

void
lint_fault(struct lint_run *run, const char *where, const char *fault)
{
    if (fault != NULL)
        lint_find(run, "%s: %s", where, fault);
}

const struct x509_extension *
lint_extension(const struct lint_run *run, enum oid id)
{
    return x509_find(run->object, id);
}

bool
lint_is_ca(const struct lint_run *run)
{
    bool ca = false;
    int64_t path_len = -1;
    x509_basic_constraints(run->object, &ca, &path_len);
    return run->object->kind == KIND_CERTIFICATE && ca;
}

bool
lint_is_self_issued(const struct lint_run *run)
{
    return run->object->kind == KIND_CERTIFICATE
           && der_equal(run->object->subject.whole, run->object->issuer.whole);
}

const char *
lint_oid_name(enum oid id)
{
    return oid_row(id)->name;
}

static unsigned
find_needs(const struct lint_run *run)
{
    const struct pki_lint_context *context = run->context;
    unsigned needs = 0;
    needs |= run->issuer != NULL ? NEEDS_ISSUER : 0;
    needs |= context->profile != NULL ? NEEDS_PROFILE : 0;
    needs |= context->profile != NULL && context->profile->trust == PKI_TRUST_PUBLIC
                 ? NEEDS_PUBLIC
                 : 0;
    needs |= context->specimen_signature ? 0 : NEEDS_SIGNATURE;
    needs |= context->profile != NULL && context->profile->trust == PKI_TRUST_PRIVATE
                 ? NEEDS_PRIVATE
                 : 0;
    needs |= context->now != 0 ? NEEDS_NOW : 0;
    needs |= run->existing != NULL ? NEEDS_EXISTING : 0;
    needs |= lint_is_self_issued(run) && lint_is_ca(run) ? NEEDS_ROOT : 0;
    return needs;
}

/* Does the row hold for this object, with what is known of it? */
static bool
is_chosen(const struct lint_run *run, const struct lint_row *row, unsigned has)
{
    const struct pki_profile *profile = run->context->profile;
    if ((row->kinds & run->object->kind) == 0 || (row->needs & ~has) != 0)
        return false;
    return row->roles == 0 || (row->roles >> profile->role & 1U) != 0;
}

static struct error *
run_rows(struct lint_run *run)
{
    unsigned has = run->fault == NULL ? find_needs(run) : 0;
    for (size_t i = 0; i < ROW_COUNT && run->error == NULL; i++) {
        if (run->fault != NULL && i >= ROWS_ALWAYS)
            break;
        if (run->fault == NULL && !is_chosen(run, &rows[i], has))
            continue;
        run->row = &rows[i];
        run->report->checks++;
        rows[i].check(run);
    }
    return run->error;
}

#define PASSED_EVERY 8192 /* entries */

static void
pass(const struct lint_run *run, const void *upto)
{
    const struct pki_passing *passing = run->context->passing;
    if (passing != NULL)
        passing->passed(passing->self, upto);
}

static void
check_entry(struct lint_run *run, const struct lint_row *const *chosen, size_t count)
{
    for (size_t i = 0; i < count && run->error == NULL; i++) {
        run->row = chosen[i];
        run->row->check(run);
    }
}

/* All entries of a CRL, once, in their order; every row looks at each. */
static struct error *
run_entries(struct lint_run *run)
{
    const struct lint_row *chosen[ROW_COUNT];
    size_t count = 0;
    unsigned has = find_needs(run);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].kinds == KIND_ENTRY && (rows[i].needs & ~has) == 0)
            chosen[count++] = &rows[i];
    run->report->checks += count;
    struct der list = run->object->revoked.body;
    struct x509_revoked entry;
    struct der_time made;
    run->made = der_time(&run->object->from, &made) == NULL ? made.seconds : INT64_MAX;
    run->entry = &entry;
    while (list.len > 0 && run->entry_fault == NULL && run->error == NULL) {
        const unsigned char *start = list.p;
        run->entry_fault = x509_next_revoked(&list, &entry);
        run->entry_whole = der_view(start, (size_t)(list.p - start));
        run->entry_number++;
        run->entry_time_fault = der_time(&entry.date, &run->entry_time);
        bool whole = run->entry_fault == NULL;
        check_entry(run, chosen, whole ? count : count > 0); /* the first row is on the form */
        run->entry_previous = entry.serial.body;
        if (run->entry_number % PASSED_EVERY == 0)
            pass(run, start);
    }
    run->entry = NULL;
    return run->error;
}

/* The certificate to check against: the one given, else the object where it issued itself. */
static const struct x509 *
choose_issuer(const struct lint_run *run, struct x509 *given)
{
    const struct pki_lint_context *context = run->context;
    if (run->fault != NULL)
        return NULL;
    if (context->issuer != NULL) {
        if (x509_parse(context->issuer, context->issuer_len, given) == NULL
            && given->kind == KIND_CERTIFICATE)
            return given;
        return NULL;
    }
    return lint_is_self_issued(run) ? run->object : NULL;
}

struct error *
pki_lint(const void *der, size_t len, const struct pki_lint_context *context,
         struct pki_lint_report *ret_report)
{
    static const struct pki_lint_context nothing;
    /* The object, its issuer and an existing certificate are too much for a stack. */
    AUTO_FREE struct x509 *parts = malloc(3 * sizeof *parts);
    struct pki_lint_report report = {0};
    struct lint_run run = {
        .context = context != NULL ? context : &nothing, .object = parts, .report = &report};
    if (parts == NULL)
        return error_memory();
    run.fault = x509_parse(der, len, &parts[0]);
    run.issuer = choose_issuer(&run, &parts[1]);
    if (run.context->existing != NULL
        && x509_parse(run.context->existing, run.context->existing_len, &parts[2]) == NULL
        && parts[2].kind == KIND_CERTIFICATE)
        run.existing = &parts[2];
    struct error *error = run_rows(&run);
    if (error == NULL && run.fault == NULL && parts[0].kind == KIND_CRL)
        error = run_entries(&run);
    if (error != NULL) {
        pki_lint_report_clear(&report);
        return error;
    }
    pki_lint_report_clear(ret_report);
    *ret_report = report;
    return NULL;
}
