/* SPDX-License-Identifier: Apache-2.0
 *
 * The reviewed items once more, for the signing line: only bytes that were reviewed are accepted (T18). */
#include <string.h>

#include "ceremony/batch/check_private.h"
#include "ceremony/pki/x509.h"

struct batch_review_feed {
    const struct batch_check *check;
    const struct batch_review *review;
    struct batch_source *source;
    struct request_checker *checker;
    uint64_t next;
};

struct error *
batch_review_feed_new(const struct batch_check *check, const struct batch_review *review,
                      struct batch_source *source, uint64_t from,
                      struct batch_review_feed **ret_feed)
{
    AUTO(batch_review_feed) feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return error_memory();
    feed->check = check;
    feed->review = review;
    feed->source = source;
    feed->next = from;
    TRY(request_checker_new(&feed->checker));
    TRY(batch_source_skip(source, from));
    *ret_feed = TAKE(feed);
    return NULL;
}

void
batch_review_feed_free(struct batch_review_feed *feed)
{
    if (feed == NULL)
        return;
    request_checker_free(feed->checker);
    free(feed);
}

/* Of an accepted item that no other process read: its parts, as they were when it was reviewed. */
static struct error *
read_parts(const struct batch_review_feed *feed, struct batch_item *item)
{
    struct x509 parts;
    if (feed->check->made || item->spki.len > 0)
        return NULL;
    if (x509_parse(item->request.data, item->request.len, &parts) != NULL)
        return ERROR(ERROR_BUG, "a reviewed request cannot be read again");
    item->spki = parts.spki.whole;
    item->subject = parts.subject.whole;
    return request_asked(item->request.data, item->request.len, feed->check->rules,
                         &item->asked_subject, &item->asked_names);
}

/* What was reviewed: its codes, and the words for the first of them found again. */
static struct error *
as_reviewed(struct batch_review_feed *feed, const struct review_record *record,
            struct batch_item *item)
{
    if (record->verdict != BATCH_ACCEPTED)
        TRY(batch_check_item(feed->check, feed->checker, item));
    if (record->verdict != BATCH_ACCEPTED && item->verdict == BATCH_ACCEPTED)
        TRY(batch_check_device(feed->check, item));
    bool told =
        item->code_count > 0 && record->code_count > 0 && item->codes[0] == record->codes[0];
    if (!told)
        item->remark[0] = '\0';
    item->verdict = record->verdict;
    item->code_count = record->code_count;
    memcpy(item->codes, record->codes, sizeof item->codes);
    return NULL;
}

/* The same input, and, where it will be certified, the same found in it. */
static struct error *
compare(const struct batch_review_feed *feed, const struct review_record *reviewed,
        struct batch_item *item, bool *ret_same)
{
    struct review_record found;
    review_of_item(item, &found);
    *ret_same = memcmp(reviewed->input, found.input, sizeof found.input) == 0
                && (item->verdict == BATCH_REFUSED) <= (reviewed->verdict == BATCH_REFUSED);
    if (!*ret_same || reviewed->verdict != BATCH_ACCEPTED)
        return NULL;
    TRY(read_parts(feed, item));
    TRY(review_bind(item, found.parts));
    *ret_same = memcmp(reviewed->parts, found.parts, sizeof found.parts) == 0;
    return NULL;
}

static struct error *
take_item(struct batch_review_feed *feed, struct batch_item *item)
{
    struct review_record reviewed = {0};
    bool known = item->index < feed->review->count;
    bool same = false;
    if (known) {
        TRY(review_read(feed->review, item->index, &reviewed));
        TRY(compare(feed, &reviewed, item, &same));
    }
    if (same)
        return as_reviewed(feed, &reviewed, item);
    item->code_count = 0;
    batch_item_add_code(item, BATCH_CHANGED, "%s", known ? "" : "it was not there");
    return NULL;
}

static struct error *
next_item(void *self, struct batch_item **ret_item)
{
    struct batch_review_feed *feed = self;
    AUTO(batch_item) item = NULL;
    TRY(batch_source_next(feed->source, &item));
    if (item == NULL && feed->next < feed->review->count)
        return error_hint(
            ERROR(ERROR_INPUT, "the medium holds %llu requests, but %llu were reviewed",
                  (unsigned long long)feed->next, (unsigned long long)feed->review->count),
            "Bring the medium as it was when it was reviewed");
    if (item != NULL)
        TRY(take_item(feed, item));
    feed->next++;
    *ret_item = TAKE(item);
    return NULL;
}

struct batch_feed
batch_review_as_feed(struct batch_review_feed *feed)
{
    return (struct batch_feed){feed, next_item};
}
