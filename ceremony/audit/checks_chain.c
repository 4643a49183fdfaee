/* SPDX-License-Identifier: Apache-2.0
 *
 * Several folders as one past: of the same ledger, each in its place, none twice, none left out.
 * (R53, R102) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

struct link {
    const struct evidence *evidence;
    struct ledger_lines lines;
};

static void
links_clear(struct link **links)
{
    if (*links == NULL)
        return;
    for (struct link *link = *links; link->evidence != NULL; link++)
        ledger_lines_clear(&link->lines);
    free(*links);
}

#define AUTO_LINKS __attribute__((cleanup(links_clear))) struct link

static int
by_length(const void *a, const void *b)
{
    const struct link *one = a;
    const struct link *two = b;
    return (one->lines.count > two->lines.count) - (one->lines.count < two->lines.count);
}

/* The shorter ledger is the beginning of the longer one. */
static bool
is_beginning(const struct link *older, const struct link *newer)
{
    size_t count = older->lines.count;
    return count > 0 && count <= newer->lines.count
           && memcmp(older->lines.rows[count - 1].hash, newer->lines.rows[count - 1].hash, 32)
                  == 0;
}

static bool
is_given(const struct link *links, size_t count, const char *ceremony)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(evidence_id(links[i].evidence), ceremony) == 0)
            return true;
    return false;
}

static struct error *
check_succession(const struct link *links, size_t count, struct report *report)
{
    TRY(report_begin(report, "succession"));
    for (size_t i = 1; i < count; i++) {
        const char *older = evidence_id(links[i - 1].evidence);
        const char *newer = evidence_id(links[i].evidence);
        if (strcmp(older, newer) == 0)
            TRY(report_fault(report, links[i].evidence->folder, 0,
                             "the ceremony \"%s\" is given twice", newer));
        else if (!is_beginning(&links[i - 1], &links[i]))
            TRY(report_fault(
                report, links[i].evidence->folder, 1,
                "its ledger does not go on from that of \"%s\": a fork, or another CA", older));
    }
    return report_note(report, "%zu folders", count);
}

static struct error *
check_completeness(const struct link *links, size_t count, struct report *report)
{
    const struct ledger_lines *lines = &links[count - 1].lines;
    TRY(report_begin(report, "completeness"));
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const char *id = data_text(row, "ceremony");
        if (strcmp(data_text(row, "kind"), "ceremony-open") == 0 && !is_given(links, count, id))
            TRY(report_fault(report, lines->name, i + 1,
                             "\"%s\" was held, and its folder is not given", id));
    }
    return NULL;
}

struct error *
checks_chain(const struct evidence *folders, size_t count, struct report *ret_report)
{
    AUTO_LINKS *links = calloc(count + 1, sizeof *links);
    if (links == NULL)
        return error_memory();
    TRY(text_copy("the folders as a chain", &ret_report->subject));
    TRY(text_copy("", &ret_report->ceremony));
    TRY(report_begin(ret_report, "ledgers"));
    for (size_t i = 0; i < count; i++) {
        links[i].evidence = &folders[i];
        TRY(report_error(ret_report, folders[i].folder, 0,
                         ledger_lines_read(&folders[i], &links[i].lines)));
    }
    qsort(links, count, sizeof *links, by_length);
    TRY(check_succession(links, count, ret_report));
    return check_completeness(links, count, ret_report);
}
