/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_series.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/issue.h"
#include "ceremony/pki/build.h"
#include "ceremony/rules/crl_calendar.h"

#define DAY       INT64_C(86400)
#define TEMPORARY ".tmp"

static struct crl_series
series_of(const struct script_step *step, const struct pki_profile *profile, int64_t start,
          uint64_t first)
{
    return (struct crl_series){
        .start = start,
        .step = step->every_days * DAY,
        .overlap = (profile->crl.next_update_days - (int64_t)step->every_days) * DAY,
        .count = (int)step->count,
        .first_number = first};
}

static struct error *
check_series(const struct crl_series *series, const struct bytes *certificate)
{
    int64_t from = 0;
    int64_t until = 0;
    TRY(pki_validity_of(certificate->data, certificate->len, &from, &until));
    return crl_series_check(series, until);
}

/* What stands in the CRLs themselves, not what was planned. */
static struct error *
check_coverage(const struct crl_span *planned, const struct bytes *const crls[], size_t count)
{
    struct crl_span spans[CRL_BATCH_MAX] = {0};
    BUG_ON(count == 0 || count > CRL_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        spans[i] = planned[i];
        TRY(pki_validity_of(crls[i]->data, crls[i]->len, &spans[i].this_update,
                            &spans[i].next_update));
        if (spans[i].this_update != planned[i].this_update
            || spans[i].next_update != planned[i].next_update)
            return ERROR(ERROR_BUG, "CRL %llu of the series has other dates than planned",
                         (unsigned long long)planned[i].number);
    }
    int64_t begin = spans[0].this_update;
    int64_t end = spans[count - 1].next_update;
    return crl_coverage_check(spans, count, begin, end);
}

struct error *
crl_series_build(struct engine *engine, struct crl_batch *batch)
{
    const struct crl_issuer *issuer = &batch->issuers[0];
    struct crl_span planned[CRL_BATCH_MAX];
    const struct bytes *crls[CRL_BATCH_MAX];
    const struct crl_series series =
        series_of(engine->step, batch->items[0].profile, batch->this_update, issuer->number);
    TRY(check_series(&series, &issuer->certificate));
    for (size_t i = 0; i < batch->count; i++) {
        TRY(crl_batch_sample(engine, &batch->items[i], CRL_SERIES_ENTRIES));
        planned[i] = crl_series_at(&series, (int)i);
        crls[i] = &batch->items[i].sample.specimen;
    }
    return check_coverage(planned, crls, batch->count);
}

static struct error *
rehearse_one(const struct pki_profile *profile, const struct bytes *certificate,
             const struct crl_span *span, struct bytes *ret_der)
{
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    struct pki_crl_order order = {.profile = profile,
                                  .issuer_certificate = certificate->data,
                                  .issuer_certificate_len = certificate->len,
                                  .number = span->number,
                                  .this_update = span->this_update};
    TRY(pki_crl_draft(&order, &draft));
    TRY(issue_lint(profile, draft.specimen.data, draft.specimen.len, certificate, NULL,
                   &report));
    TRY(pki_lint_require(&report, "CRL"));
    return bytes_copy(ret_der, draft.specimen.data, draft.specimen.len);
}

/* What plays the series before the ceremony. */
struct rehearsal {
    struct crl_span planned[CRL_BATCH_MAX];
    struct bytes crls[CRL_BATCH_MAX];
    const struct bytes *views[CRL_BATCH_MAX];
};

static struct error *
rehearse_all(const struct crl_series *series, const struct pki_profile *profile,
             const struct bytes *certificate, struct rehearsal *r)
{
    for (int i = 0; i < series->count; i++) {
        r->planned[i] = crl_series_at(series, i);
        r->views[i] = &r->crls[i];
        TRY(rehearse_one(profile, certificate, &r->planned[i], &r->crls[i]));
    }
    return check_coverage(r->planned, r->views, (size_t)series->count);
}

struct error *
crl_series_rehearse(const struct script_step *step, const struct pki_profile *profile,
                    const struct bytes *certificate)
{
    struct clock_reading now;
    clock_read(&now);
    const struct crl_series series = series_of(step, profile, now.wall_ms / 1000, 1);
    TRY(check_series(&series, certificate));
    if (step->count > CRL_BATCH_MAX)
        return ERROR(ERROR_INPUT, "a step signs at most %d CRLs", CRL_BATCH_MAX);
    AUTO_FREE struct rehearsal *r = calloc(1, sizeof *r);
    if (r == NULL)
        return error_memory();
    struct error *error = rehearse_all(&series, profile, certificate, r);
    for (size_t i = 0; i < CRL_BATCH_MAX; i++)
        bytes_clear(&r->crls[i]);
    return error;
}

/* --- the medium --- */

static bool
has_medium(const struct engine *engine)
{
    return engine->site->sealed_medium != NULL && engine->site->sealed_medium[0] != '\0';
}

struct error *
sealed_medium_check(const struct engine *engine, const char *file)
{
    AUTO_FOLDER_LIST list = {0};
    if (!has_medium(engine))
        return error_hint(
            ERROR(ERROR_INPUT, "environment.yaml names no folder for what is sealed"),
            "Say where the media are mounted that the CRLs are sealed on: sealed-medium.");
    TRY_DOING(folder_list(engine->site->sealed_medium, true, false, &list),
              "looking at the medium that is sealed");
    for (size_t i = 0; i < list.count && !engine->site->rehearsal; i++)
        if (strcmp(list.names[i], file) != 0)
            return error_hint(
                ERROR(ERROR_REFUSED, "the medium for \"%s\" holds something else", file),
                "Each CRL that is signed ahead has an empty medium and a bag of its own, so "
                "that one can be released without the others. Insert an empty medium.");
    return NULL;
}

struct error *
sealed_medium_sweep(const struct engine *engine)
{
    AUTO_FOLDER_LIST list = {0};
    if (!has_medium(engine) || !file_exists(engine->site->sealed_medium))
        return NULL;
    TRY(folder_list(engine->site->sealed_medium, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        if (!text_ends_with(list.names[i], TEMPORARY))
            continue;
        TRY(path_join(engine->site->sealed_medium, list.names[i], &path));
        TRY(file_destroy(path));
    }
    return NULL;
}
