/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole list: against itself, against the ledger, and into it. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/batch/revocation_block.h"
#include "ceremony/batch/revocation_private.h"

#define REASON_HOLD     6
#define REASON_RELEASED 8

/* --- check --- */

struct seen { /* one serial number */
    unsigned char serial[LEDGER_SERIAL_MAX];
    uint32_t line;
};

struct seen_list {
    struct seen *items;
    size_t count;
    size_t room;
};

static struct error *
note_seen(struct seen_list *list, const struct revocation_line *line)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 1024 : list->room * 2;
        struct seen *items = realloc(list->items, room * sizeof *items);
        if (items == NULL)
            return error_memory();
        list->items = items;
        list->room = room;
    }
    struct seen *item = &list->items[list->count++];
    size_t len = line->row.serial_len;
    memset(item, 0, sizeof *item);
    memcpy(item->serial + LEDGER_SERIAL_MAX - len, line->row.serial, len);
    item->line = (uint32_t)line->line;
    return NULL;
}

static int
compare_seen(const void *a, const void *b)
{
    const struct seen *left = a;
    const struct seen *right = b;
    int order = memcmp(left->serial, right->serial, sizeof left->serial);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

static void
add_fault(struct revocation_summary *summary, const struct revocation_line *line,
          enum revocation_code code)
{
    size_t room = sizeof summary->faults / sizeof summary->faults[0];
    if (summary->fault_count < room) {
        summary->faults[summary->fault_count] = *line;
        summary->faults[summary->fault_count].code = code;
        summary->faults[summary->fault_count].row.reference = "";
    }
    summary->fault_count++;
}

static struct error *
check_with_ledger(const struct revocation_rules *rules, struct ledger *ledger,
                  const struct ledger_revocation *row, enum revocation_code *ret_code)
{
    char hex[2 * LEDGER_SERIAL_MAX + 1];
    bool known = false;
    bool found = false;
    struct ledger_revocation last = {0};
    *ret_code = REVOCATION_CODES;
    hex_encode(row->serial, row->serial_len, hex);
    TRY(ledger_serial_taken(ledger, rules->issuer_spki_sha256, hex, &known));
    TRY(ledger_find_revocation(ledger, rules->issuer_spki_sha256, row->serial, row->serial_len,
                               &last, &found));
    bool held = found && last.reason == REASON_HOLD;
    if (!known && !rules->allows_unknown)
        *ret_code = REVOCATION_NOT_ISSUED;
    else if (row->reason == REASON_RELEASED)
        *ret_code = held ? REVOCATION_CODES : REVOCATION_NOT_HELD;
    else if (found && !held && last.reason != REASON_RELEASED)
        *ret_code = REVOCATION_REVOKED;
    return NULL;
}

static struct error *
check_line(struct revocation_list *list, struct ledger *ledger, struct seen_list *seen,
           const struct revocation_line *line, struct revocation_summary *summary)
{
    enum revocation_code code = line->code;
    summary->lines++;
    if (code == REVOCATION_CODES) {
        TRY(note_seen(seen, line));
        TRY(check_with_ledger(&list->rules, ledger, &line->row, &code));
    }
    if (code == REVOCATION_CODES)
        summary->good++;
    else
        add_fault(summary, line, code);
    return NULL;
}

static void
find_twins(struct seen_list *seen, struct revocation_summary *summary)
{
    if (seen->count > 1)
        qsort(seen->items, seen->count, sizeof *seen->items, compare_seen);
    for (size_t i = 1; i < seen->count; i++) {
        struct revocation_line line = {.line = seen->items[i].line, .column = 1};
        if (memcmp(seen->items[i].serial, seen->items[i - 1].serial, LEDGER_SERIAL_MAX) == 0)
            add_fault(summary, &line, REVOCATION_TWICE);
    }
}

struct error *
revocation_list_check(struct revocation_list *list, struct ledger *ledger,
                      struct revocation_summary *ret_summary)
{
    struct seen_list seen = {0};
    struct error *error = NULL;
    memset(ret_summary, 0, sizeof *ret_summary);
    for (;;) {
        struct revocation_line line;
        bool end = false;
        error = revocation_list_next(list, &line, &end);
        if (error == NULL && !end)
            error = check_line(list, ledger, &seen, &line, ret_summary);
        if (error != NULL || end)
            break;
    }
    if (error == NULL)
        find_twins(&seen, ret_summary);
    free(seen.items);
    return error;
}

/* --- enter --- */

static struct error *
was_entered(const struct revocation_list *list, struct ledger *ledger,
            const struct ledger_revocation *row, bool *ret_entered)
{
    struct ledger_revocation last = {0};
    TRY(ledger_find_revocation(ledger, list->rules.issuer_spki_sha256, row->serial,
                               row->serial_len, &last, ret_entered));
    *ret_entered = *ret_entered && last.reason == row->reason && last.time == row->time
                   && last.invalidity == row->invalidity;
    return NULL;
}

struct error *
revocation_list_enter(struct revocation_list *list, struct ledger *ledger, const char *ceremony,
                      bool again, uint64_t *ret_count)
{
    AUTO(revocation_block) block = NULL;
    TRY(revocation_block_new(ledger, ceremony, list->rules.issuer_spki_sha256, &block));
    TRY(revocation_list_rewind(list));
    *ret_count = 0;
    for (;;) {
        struct revocation_line line;
        bool end = false;
        TRY(revocation_list_next(list, &line, &end));
        if (end)
            break;
        if (line.code != REVOCATION_CODES)
            return ERROR(ERROR_REFUSED, "line %llu: %s", (unsigned long long)line.line,
                         revocation_code_sentence(line.code));
        ++*ret_count;
        bool entered = false;
        if (again)
            TRY(was_entered(list, ledger, &line.row, &entered));
        if (entered)
            continue;
        TRY(revocation_block_add(block, &line.row));
    }
    return revocation_block_end(block);
}
