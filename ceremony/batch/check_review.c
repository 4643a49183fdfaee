/* SPDX-License-Identifier: Apache-2.0
 *
 * The pass over a source that makes the review: blocks of items are read, judged by several threads,
 * and noted in order; then what stands twice, then shared primes. */
#include <string.h>

#include <openssl/sha.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/check_private.h"
#include "ceremony/batch/workers.h"
#include "ceremony/pki/algorithm.h"

#define BLOCK_ITEMS 512
#define PRIME_STEPS 1000

struct pass {
    const struct batch_check *check;
    struct batch_review *review;
    struct check_sort *sort;
    struct weak_shared *shared;
    struct batch_summary *summary;
    struct workers *workers;
    struct request_checker **checkers; /* one each worker */
    unsigned worker_count;
    struct batch_item *items[BLOCK_ITEMS];
    size_t count;
    uint64_t ledger_moduli;
};

static void
drop_items(struct pass *pass)
{
    for (size_t i = 0; i < pass->count; i++)
        batch_item_free(pass->items[i]);
    pass->count = 0;
}

static void
pass_clear(struct pass *pass)
{
    workers_free(pass->workers);
    for (unsigned i = 0; i < pass->worker_count && pass->checkers != NULL; i++)
        request_checker_free(pass->checkers[i]);
    free(pass->checkers);
    drop_items(pass);
    batch_review_free(pass->review);
    check_sort_free(pass->sort);
    weak_shared_free(pass->shared);
}

static struct error *
read_block(struct pass *pass, struct batch_source *source)
{
    struct batch_item *item = NULL;
    while (pass->count < BLOCK_ITEMS) {
        TRY(batch_source_next(source, &item));
        if (item == NULL)
            return NULL;
        pass->items[pass->count++] = item;
    }
    return NULL;
}

static struct error *
judge(void *user, unsigned worker, size_t index)
{
    struct pass *pass = user;
    struct batch_item *item = pass->items[index];
    TRY(batch_check_item(pass->check, pass->checkers[worker], item));
    return item->verdict == BATCH_ACCEPTED ? batch_check_device(pass->check, item) : NULL;
}

static struct error *
ask_past(const struct batch_check *check, struct batch_item *item)
{
    unsigned char spki[SHA256_DIGEST_LENGTH];
    unsigned char request[SHA256_DIGEST_LENGTH];
    enum batch_known key = BATCH_KNOWN_NOT;
    enum batch_known device = BATCH_KNOWN_NOT;
    SHA256(item->spki.p, item->spki.len, spki);
    TRY(batch_item_request_hash(item, request));
    if (check->past.key != NULL && !check->made)
        TRY(check->past.key(check->past.self, spki, request, &key));
    if (check->past.device != NULL && item->device[0] != '\0')
        TRY(check->past.device(check->past.self, item->device, request, &device));
    bool other = key == BATCH_KNOWN_OTHER || device == BATCH_KNOWN_OTHER;
    if (!other && (key == BATCH_KNOWN_SAME || device == BATCH_KNOWN_SAME))
        batch_item_add_code(item, BATCH_REPEATED, "%s", "by this very request");
    else if (other && check->repeats)
        batch_item_add_code(item, BATCH_REPEATED, "%s", "in the ledger");
    else if (other)
        batch_item_add_code(
            item, key == BATCH_KNOWN_OTHER ? BATCH_LEDGER_KEY : BATCH_LEDGER_SERIAL, "%s", "");
    return NULL;
}

static struct error *
add_modulus(struct pass *pass, struct der modulus, uint64_t tag)
{
    bool within = false;
    TRY(weak_shared_add(pass->shared, modulus, tag, &within));
    if (within)
        pass->summary->moduli++;
    else
        pass->summary->moduli_beyond++;
    return NULL;
}

/* One item that was judged. Moduli of refused ones are compared, too: a key that shares a prime with a
 * weak one is as weak. */
static struct error *
note_item(struct pass *pass, struct batch_item *item)
{
    struct review_record record;
    struct der modulus = key_rsa_modulus(item->spki);
    if (item->verdict == BATCH_ACCEPTED)
        TRY(ask_past(pass->check, item));
    if (modulus.len > 0 && key_kind_of_spki(item->spki) != NULL)
        TRY(add_modulus(pass, modulus, item->index));
    review_of_item(item, &record);
    if (item->verdict == BATCH_ACCEPTED)
        TRY(review_bind(item, record.parts));
    TRY(review_write(pass->review, item->index, &record));
    if (item->verdict != BATCH_ACCEPTED)
        return NULL;
    TRY(double_note(pass->check, pass->sort, item));
    return sample_note(pass->summary, item);
}

static struct error *
read_all(struct pass *pass, struct batch_source *source)
{
    const struct batch_check *check = pass->check;
    for (;;) {
        TRY(read_block(pass, source));
        if (pass->count == 0)
            return NULL;
        struct work work = {.run = judge, .user = pass, .count = pass->count};
        TRY(workers_do(pass->workers, &work));
        for (size_t i = 0; i < pass->count; i++)
            TRY(note_item(pass, pass->items[i]));
        drop_items(pass);
        if (check->progress != NULL)
            TRY(check->progress(check->user, BATCH_STAGE_ITEMS, pass->review->count));
    }
}

/* Moduli of the ledger have tags above all items. */
#define LEDGER_TAG (UINT64_C(1) << 62)

static struct error *
add_past_modulus(void *user, const unsigned char *modulus, size_t len)
{
    struct pass *pass = user;
    return add_modulus(pass, der_view(modulus, len), LEDGER_TAG + pass->ledger_moduli++);
}

static struct error *
found_prime(void *user, uint64_t tag, uint64_t with)
{
    struct pass *pass = user;
    (void)with;
    if (tag < LEDGER_TAG)
        return review_add_code(pass->review, tag, BATCH_SHARED_PRIME);
    pass->summary->ledger_primes++;
    return NULL;
}

static struct error *
prime_progress(void *user, double part)
{
    const struct pass *pass = user;
    const struct batch_check *check = pass->check;
    if (check->progress == NULL)
        return NULL;
    return check->progress(check->user, BATCH_STAGE_PRIMES, (uint64_t)(part * PRIME_STEPS));
}

static struct error *
find_primes(struct pass *pass)
{
    const struct batch_past *past = &pass->check->past;
    struct weak_shared_report report = {pass, prime_progress, found_prime};
    if (past->each_modulus != NULL)
        TRY(past->each_modulus(past->self, add_past_modulus, pass));
    return weak_shared_find(pass->shared, &report);
}

static struct error *
begin(struct pass *pass, const char *path)
{
    AUTO_FREE char *folder = NULL;
    size_t folder_len = (size_t)(path_name(path) - path);
    unsigned count = pass->check->workers == 0 ? 1 : pass->check->workers;
    TRY(text_format(&folder, "%.*s.", (int)folder_len, path)); /* "FOLDER/.", or "." */
    TRY(review_create(path, &pass->review));
    TRY(check_sort_new(folder, &pass->sort));
    TRY(weak_shared_new(pass->check->shared_bytes, &pass->shared));
    pass->checkers = calloc(count, sizeof *pass->checkers);
    if (pass->checkers == NULL)
        return error_memory();
    pass->worker_count = count;
    for (unsigned i = 0; i < count; i++)
        TRY(request_checker_new(&pass->checkers[i]));
    return workers_new(count, &pass->workers);
}

static struct error *
run(struct pass *pass, struct batch_source *source, const char *path)
{
    struct batch_summary *summary = pass->summary;
    const struct weak_list *list = pass->check->rules->list;
    TRY(begin(pass, path));
    TRY(read_all(pass, source));
    TRY(double_find(pass->check, pass->sort, pass->review));
    TRY(find_primes(pass));
    TRY(review_finish(pass->review, summary->review_sha256));
    summary->has_list = list != NULL;
    if (list != NULL) {
        memcpy(summary->list_sha256, weak_list_sha256(list), sizeof summary->list_sha256);
        summary->list_count = weak_list_count(list);
    }
    summary->has_past = pass->check->past.key != NULL;
    return summary_count(summary, pass->review);
}

struct error *
batch_review_make(const struct batch_check *check, struct batch_source *source,
                  const char *path, struct batch_summary *ret_summary)
{
    batch_summary_clear(ret_summary);
    struct pass pass = {.check = check, .summary = ret_summary};
    struct error *error = run(&pass, source, path);
    pass_clear(&pass);
    if (error != NULL)
        batch_summary_clear(ret_summary);
    return error;
}
