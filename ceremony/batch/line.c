/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of things on the line. What is done to one item is in line_item.c. */
#include "ceremony/batch/line.h"

#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/batch/line_private.h"

#define LOOK_AGAIN 250 /* milliseconds between two reports */
/* A block ends before its number of items where they are large, so that memory stays flat. */
#define BLOCK_OCTETS ((size_t)12 << 20)

/* --- one block through the line --- */

static struct error *
run_phase(struct line_run *run, struct line_block *block, line_phase *phase, size_t count)
{
    block->run = run;
    block->work = (struct work){.run = phase, .user = block, .count = count};
    return workers_do(run->workers, &block->work);
}

/* The next item that this run has not dealt with; NULL at the end. */
static struct error *
next_item(struct line_run *run, struct batch_item **ret_item)
{
    const struct batch_feed *feed = &run->line->feed;
    for (;;) {
        AUTO(batch_item) item = NULL;
        TRY(feed->next(feed->self, &item));
        if (item == NULL || item->index == run->next_index) {
            run->next_index += item == NULL ? 0 : 1;
            *ret_item = TAKE(item);
            return NULL;
        }
        if (item->index > run->next_index)
            return ERROR(ERROR_VERIFICATION,
                         "the requests are not those of the batch: item %llu is missing",
                         (unsigned long long)run->next_index);
    }
}

static struct error *
fill_block(struct line_run *run, struct batch_block *block)
{
    while (block->count < block->room && block->size < BLOCK_OCTETS && !run->at_end) {
        AUTO(batch_item) item = NULL;
        struct batch_entry *entry = NULL;
        TRY(next_item(run, &item));
        run->at_end = item == NULL;
        if (item == NULL)
            return NULL;
        if (item->verdict == BATCH_UNJUDGED)
            return ERROR(ERROR_BUG, "an item came to the line without a verdict");
        TRY(batch_block_add(block, &entry));
        entry->index = item->index;
        entry->fate = item->verdict == BATCH_ACCEPTED ? BATCH_TO_SIGN : BATCH_NOT_SIGNED;
        block->size += 512 + 2 * item->request.len;
        entry->item = TAKE(item);
    }
    return NULL;
}

static struct error *
reserve(struct line_run *run, struct batch_block *block)
{
    const struct batch_line *line = run->line;
    struct ledger_row_source rows = batch_block_rows(block);
    struct ledger_block announced = {
        .issuer_spki_sha256 = line->issuer_spki_sha256,
        .batch = line->batch,
        .number = block->number,
        .profile = line->profile->id,
    };
    batch_template_validity(line->template, &announced.not_before, &announced.not_after);
    TRY(batch_block_save(block, line->journal));
    struct error *error =
        ledger_reserve_block(line->ledger, line->ceremony, &announced, &rows, &block->seq);
    if (error != NULL && error_code(error) == ERROR_REFUSED)
        error_free(batch_block_forget(line->journal, block->number));
    return error;
}

static struct error *
write_block(struct line_run *run, struct batch_block *block)
{
    TRY(batch_output_block(&run->line->output, block));
    return batch_results_append(run->results, block);
}

/* Before anything of the block is on the disk, the key that wrapped its keys is there for the recipient only. */
static struct error *
close_envelope(struct line_run *run, struct line_block *slot)
{
    struct error *error = NULL;
    if (slot->wrapping != NULL && slot->block->sign_count > 0)
        error = device_key_envelope(run->line->made, slot->wrapping, &slot->block->envelope);
    secret_free(slot->wrapping);
    slot->wrapping = NULL;
    return error;
}

/* Reads, looks, builds, and reserves the next block; the slot stays empty when there are no more items. */
static struct error *
prepare(struct line_run *run, struct line_block *slot)
{
    AUTO(batch_block) block = NULL;
    TRY(batch_block_new(run->next_block, run->room, &block));
    TRY(fill_block(run, block));
    if (block->count == 0)
        return NULL;
    run->next_block++;
    slot->block = TAKE(block);
    if (run->line->made != NULL && run->line->made->derivation == NULL)
        TRY(device_key_wrapping(run->line->made, &slot->wrapping));
    TRY(run_phase(run, slot, line_look, slot->block->count));
    TRY(line_decide(run, slot->block));
    TRY(run_phase(run, slot, line_build, slot->block->count));
    TRY(batch_block_close(slot->block));
    TRY(close_envelope(run, slot));
    return slot->block->sign_count > 0 ? reserve(run, slot->block) : NULL;
}

static struct line_block *
free_slot(struct line_run *run)
{
    return &run->slots[(run->oldest + run->under_way) % LINE_SLOTS];
}

static void
start_signing(struct line_run *run, struct line_block *slot)
{
    slot->run = run;
    slot->work =
        (struct work){.run = line_sign, .user = slot, .count = slot->block->sign_count};
    if (slot->work.count > 0)
        workers_submit(run->workers, &slot->work, false);
    run->under_way++;
}

static struct error *
wait_signed(struct line_run *run, struct line_block *slot)
{
    bool done = slot->block->sign_count == 0;
    size_t count = 0;
    while (!done) {
        TRY(workers_wait(run->workers, &slot->work, LOOK_AGAIN, &done, &count));
        TRY(line_report(run, done ? 0 : count));
    }
    return NULL;
}

static struct error *
issue(struct line_run *run, struct batch_block *block)
{
    const struct batch_line *line = run->line;
    AUTO_FREE unsigned char(*hashes)[32] = calloc(block->sign_count, 32);
    if (hashes == NULL)
        return error_memory();
    for (size_t i = 0; i < block->sign_count; i++)
        memcpy(hashes[i], block->entries[block->to_sign[i]].certificate, 32);
    TRY(ledger_issue_block(line->ledger, line->ceremony, block->seq,
                           (const unsigned char(*)[32])hashes, block->sign_count));
    return batch_block_forget(line->journal, block->number);
}

/* Waits for the signatures of the oldest block, and lets the world know of it. */
static struct error *
finish_oldest(struct line_run *run)
{
    struct line_block *slot = &run->slots[run->oldest];
    struct batch_block *block = slot->block;
    TRY(wait_signed(run, slot));
    TRY(write_block(run, block));
    if (block->sign_count > 0)
        TRY(issue(run, block));
    batch_block_free(block);
    *slot = (struct line_block){0};
    run->oldest = (run->oldest + 1) % LINE_SLOTS;
    run->under_way--;
    return line_report(run, 0);
}

/* After a failure nothing more may be finished: the oldest block has holes. */
static struct error *
finish(struct line_run *run)
{
    struct error *error = finish_oldest(run);
    run->broken = run->broken || error != NULL;
    return error;
}

/* --- the whole --- */

struct open_blocks {
    uint64_t last_issued;
    uint64_t first_open; /* 0: none */
    uint64_t last;
};

static struct error *
note_block(void *user, const struct ledger_block_info *info)
{
    struct open_blocks *open = user;
    open->last = info->number;
    if (!info->issued && open->first_open == 0)
        open->first_open = info->number;
    if (info->issued && open->first_open != 0)
        return ERROR(
            ERROR_VERIFICATION,
            "the ledger holds block %llu of the batch as issued, and an earlier one not",
            (unsigned long long)info->number);
    if (info->issued)
        open->last_issued = info->number;
    return NULL;
}

struct again {
    struct line_run *run;

    struct {
        uint64_t number;
        uint64_t seq;
    } blocks[LINE_UNDER_WAY];

    size_t count;
};

static struct error *
note_open(void *user, const struct ledger_block_info *info)
{
    struct again *again = user;
    if (info->issued)
        return NULL;
    if (again->count == LINE_UNDER_WAY)
        return ERROR(ERROR_VERIFICATION, "the ledger holds more open blocks of the batch than "
                                         "this program ever begins");
    again->blocks[again->count].number = info->number;
    again->blocks[again->count++].seq = info->seq;
    return NULL;
}

static struct error *
sign_again(struct line_run *run, uint64_t number, uint64_t seq)
{
    struct line_block *slot = free_slot(run);
    AUTO(batch_block) block = NULL;
    struct error *error = batch_block_load(run->line->journal, number, &block);
    if (error != NULL)
        return error_doing(error, "reading the journal of block %llu, which was interrupted",
                           (unsigned long long)number);
    TRY(batch_block_match(block, run->line->ledger, seq));
    block->resigned = true;
    slot->block = TAKE(block);
    start_signing(run, slot);
    return finish(run);
}

/* Journals of blocks that were issued, or never reserved. */
static struct error *
forget_others(const char *folder, const struct again *again)
{
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        bool open = false;
        for (size_t j = 0; j < again->count; j++) {
            char name[BATCH_JOURNAL_NAME];
            batch_journal_name(again->blocks[j].number, name);
            open = open || strcmp(name, list.names[i]) == 0;
        }
        AUTO_FREE char *path = NULL;
        TRY(path_join(folder, list.names[i], &path));
        if (!open)
            TRY(file_remove(path));
    }
    return NULL;
}

/* Blocks that were reserved and not issued come first: the same bytes are signed again. */
static struct error *
resume(struct line_run *run)
{
    const struct batch_line *line = run->line;
    struct open_blocks open = {0};
    struct again again = {.run = run};
    TRY(ledger_each_block(line->ledger, line->batch, note_block, &open));
    TRY(ledger_each_block(line->ledger, line->batch, note_open, &again));
    TRY(forget_others(line->journal, &again));
    TRY(batch_results_open(line->results,
                           open.first_open != 0 ? open.first_open - 1 : open.last_issued,
                           &run->results));
    struct batch_totals totals;
    TRY(batch_results_totals(run->results, &totals));
    run->issued_at_start = totals.issued;
    run->next_block = (open.last > totals.blocks ? open.last : totals.blocks) + 1;
    for (size_t i = 0; i < again.count; i++)
        TRY(sign_again(run, again.blocks[i].number, again.blocks[i].seq));
    TRY(batch_results_totals(run->results, &totals));
    run->next_index = totals.items;
    return NULL;
}

static bool
is_paused(const struct line_run *run)
{
    return run->line->pause != NULL && *run->line->pause != 0;
}

/* A block of which nothing is signed is in no journal: it is written before the next is reserved, so
 * that no line is ever missing before an open block. */
static struct error *
admit(struct line_run *run)
{
    struct line_block *slot = free_slot(run);
    TRY(prepare(run, slot));
    if (slot->block == NULL)
        return NULL;
    bool drain = slot->block->sign_count == 0;
    start_signing(run, slot);
    while (drain && run->under_way > 0)
        TRY(finish(run));
    return NULL;
}

/* What could not be begun is no reason to leave open what was begun. */
static struct error *
admit_or_end(struct line_run *run)
{
    struct error *error = admit(run);
    struct error *end = NULL;
    if (error == NULL || run->broken)
        return error;
    while (end == NULL && run->under_way > 0)
        end = finish(run);
    error_free(end);
    return error;
}

static struct error *
run_line(struct line_run *run)
{
    while (!run->at_end && !is_paused(run)) {
        TRY(admit_or_end(run));
        if (run->under_way == LINE_UNDER_WAY)
            TRY(finish(run));
    }
    while (run->under_way > 0)
        TRY(finish(run));
    return NULL;
}

static void
run_clear(struct line_run *run)
{
    workers_free(run->workers); /* before what they work on */
    for (size_t i = 0; i < LINE_SLOTS; i++) {
        error_free(run->slots[i].work.error);
        batch_block_free(run->slots[i].block);
        secret_free(run->slots[i].wrapping);
    }
    batch_results_free(run->results);
}

static struct error *
start(struct line_run *run)
{
    const struct batch_line *line = run->line;
    struct clock_reading now;
    if (line->block > BATCH_BLOCK_MAX)
        return ERROR(ERROR_INPUT, "a block has no more than %d items", BATCH_BLOCK_MAX);
    run->room = line->block == 0 ? line_room(0, 0) : line->block;
    clock_read(&now);
    run->started_ms = now.monotonic_ms;
    TRY(workers_new(line->workers, &run->workers));
    TRY(batch_output_begin(&line->output));
    TRY(resume(run));
    TRY(run_line(run));
    return line_report(run, 0);
}

struct error *
batch_line_run(const struct batch_line *line, struct batch_totals *ret_totals, bool *ret_paused)
{
    struct line_run run = {.line = line};
    struct error *error = start(&run);
    if (error == NULL)
        error = batch_results_totals(run.results, ret_totals);
    bool paused = !run.at_end;
    run_clear(&run);
    TRY(error);
    *ret_paused = paused;
    return NULL;
}
