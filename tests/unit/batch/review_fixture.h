/* SPDX-License-Identifier: Apache-2.0
 *
 * A medium, a review of it, and what the feed of the review gives. */
#pragma once

#include "ceremony/batch/check.h"
#include "tests/unit/batch/fixture.h"
#include "tests/unit/pki/request_fixture.h"

struct trial {
    struct sandbox box;     /* the medium */
    struct sandbox scratch; /* the review */
    char *path;
    struct request_rules rules;
    struct batch_check check;
    struct batch_summary summary;
};

static inline void
trial_open(struct trial *trial)
{
    *trial = (struct trial){.rules = fixture_rules()};
    sandbox_open(&trial->box);
    sandbox_open(&trial->scratch);
    trial->path = sandbox_path(&trial->scratch, "review");
    trial->check = (struct batch_check){.rules = &trial->rules, .workers = 2};
}

static inline void
trial_close(struct trial *trial)
{
    batch_summary_clear(&trial->summary);
    free(trial->path);
    sandbox_close(&trial->box);
    sandbox_close(&trial->scratch);
}

static inline struct batch_source *
trial_source(const struct trial *trial)
{
    struct batch_source *source = NULL;
    check_ok(batch_source_open(trial->box.path, BATCH_SOURCE_FOLDER, NULL, &source));
    return source;
}

static inline void
trial_review(struct trial *trial)
{
    AUTO(batch_source) source = trial_source(trial);
    unlink(trial->path);
    check_ok(batch_review_make(&trial->check, source, trial->path, &trial->summary));
}

/* The feed of the review, read into a table of "name verdict code" for names that are asked for. */
struct outcome {
    char name[64];
    char code[40];
    bool accepted;
};

struct outcomes {
    struct outcome items[256];
    size_t count;
};

static inline void
trial_feed(struct trial *trial, struct outcomes *outcomes)
{
    AUTO(batch_source) source = trial_source(trial);
    AUTO(batch_review) review = NULL;
    AUTO(batch_review_feed) taken = NULL;
    check_ok(batch_review_open(trial->path, trial->summary.review_sha256, &review));
    check_ok(batch_review_feed_new(&trial->check, review, source, 0, &taken));
    struct batch_feed feed = batch_review_as_feed(taken);
    outcomes->count = 0;
    for (;;) {
        AUTO(batch_item) item = NULL;
        check_ok(feed.next(feed.self, &item));
        if (item == NULL)
            return;
        struct outcome *outcome = &outcomes->items[outcomes->count++];
        snprintf(outcome->name, sizeof outcome->name, "%s", item->name);
        snprintf(outcome->code, sizeof outcome->code, "%s", first_code(item));
        outcome->accepted = item->verdict == BATCH_ACCEPTED;
        assert_int_equal(item->index, outcomes->count - 1);
        if (outcome->accepted)
            assert_true(item->spki.len > 0 && item->asked_subject.count > 0);
    }
}

static inline void
check_outcome(const struct outcomes *outcomes, const char *name, bool accepted,
              const char *code)
{
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome *outcome = &outcomes->items[i];
        if (strcmp(outcome->name, name) != 0)
            continue;
        if (outcome->accepted != accepted || strcmp(outcome->code, code) != 0)
            fail_msg("%s: %s, \"%s\" instead of \"%s\"", name,
                     outcome->accepted ? "accepted" : "refused", outcome->code, code);
        return;
    }
    fail_msg("%s did not come", name);
}

static inline void
write_request(const struct trial *trial, const char *file, EVP_PKEY *key, const char *name)
{
    AUTO_BYTES der = {0};
    fixture_request(key, name, "SHA256", false, &der);
    sandbox_write(&trial->box, file, der.data, der.len);
}
