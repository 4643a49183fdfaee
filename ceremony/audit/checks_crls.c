/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs: numbers that rise, no gap, and sets that agree: the partitions of one number hold together what
 * the full CRL of that number holds, and a delta holds nothing that the full one contradicts. (R52-R55) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/revoked_scope.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_partition.h"
#include "transcripts/record.h"

static bool
is_crl(const struct transcript_record *record)
{
    return strcmp(data_text(record->data, "object"), "crl") == 0;
}

static struct error *
number_of(const struct bytes *der, int64_t *ret_number)
{
    struct x509 x509;
    struct der_item item;
    TRY(x509_read(der->data, der->len, KIND_CRL, "the CRL", &x509));
    const struct x509_extension *extension = x509_find(&x509, OID_CRL_NUMBER);
    if (extension == NULL || der_only(extension->value, DER_INTEGER, &item) != NULL
        || der_small_integer(item.body, ret_number) != NULL)
        return ERROR(ERROR_VERIFICATION, "the CRL has no number");
    return NULL;
}

/* What a CRL covers: those of one key and scope have rising numbers. */
static const char *
scope_of(const struct evidence *evidence, const struct transcript_record *result)
{
    const struct transcript_record *intent = intent_of(evidence, result);
    const char *scope = intent == NULL ? "" : data_text(intent->data, "scope");
    return scope[0] == '\0' ? "full" : scope;
}

static bool
is_same_scope(const struct evidence *evidence, const struct transcript_record *a,
              const struct transcript_record *b)
{
    return strcmp(data_text(a->data, "key"), data_text(b->data, "key")) == 0
           && strcmp(scope_of(evidence, a), scope_of(evidence, b)) == 0;
}

/* The CRL of the same key and scope before; NULL. */
static const struct transcript_record *
crl_before(const struct evidence *evidence, const struct transcript_record *result)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (record->seq < result->seq && is_signed(record) && is_crl(record)
        && is_same_scope(evidence, record, result))
        found = record;
    return found;
}

static struct error *
check_crl(const struct evidence *evidence, const struct transcript_record *result,
          struct report *report)
{
    AUTO_BYTES der = {0};
    int64_t number = 0;
    const char *file = data_text(result->data, "file");
    const struct transcript_record *intent = intent_of(evidence, result);
    TRY(evidence_file(evidence, file, &der));
    TRY(number_of(&der, &number));
    if (intent == NULL || number != data_number(intent->data, "number"))
        TRY(report_fault(report, file, result->seq, "its number is not the one announced"));
    if (data_number(result->data, "valid_until") <= data_number(result->data, "valid_from"))
        TRY(report_fault(report, file, result->seq, "it ends before it begins"));
    const struct transcript_record *before = crl_before(evidence, result);
    if (before == NULL)
        return NULL;
    const struct transcript_record *said = intent_of(evidence, before);
    if (said != NULL && number <= data_number(said->data, "number"))
        TRY(report_fault(report, file, result->seq, "its number does not rise"));
    if (data_number(result->data, "valid_from") > data_number(before->data, "valid_until"))
        TRY(report_fault(report, file, result->seq, "there is a gap after the CRL before it"));
    return NULL;
}

static bool
has_crl(const struct evidence *evidence, const char *step)
{
    EACH_RECORD(record, evidence)
    if (is_signed(record) && is_crl(record) && strcmp(record->step, step) == 0)
        return true;
    return false;
}

/* Whoever has a CA certificate of this ceremony has a CRL, too (R53), unless it was aborted. */
static struct error *
check_crl_wanted(const struct evidence *evidence, struct report *report)
{
    for (size_t a = 0; a < evidence->script->act_count; a++)
        for (size_t s = 0; s < evidence->script->acts[a].step_count; s++) {
            const struct script_step *step = &evidence->script->acts[a].steps[s];
            if ((step->kind == STEP_ISSUE_CRL || step->kind == STEP_SIGN_CRLS)
                && !evidence_is_aborted(evidence) && !has_crl(evidence, step->id))
                return report_fault(report, TRANSCRIPT_FILE, 0,
                                    "the script issues a CRL, and there is none");
        }
    return NULL;
}

/* --- sets --- */

/* A CRL taken apart, its entries sorted. */
struct listed {
    struct bytes der;
    struct der *serials;
    bool *released;
    size_t count;
};

static void
listed_clear(struct listed *listed)
{
    free(listed->serials);
    free(listed->released);
    bytes_clear(&listed->der);
}

#define AUTO_LISTED __attribute__((cleanup(listed_clear))) struct listed

static int
compare_serials(const void *a, const void *b)
{
    const struct der *left = a;
    const struct der *right = b;
    if (left->len != right->len)
        return left->len < right->len ? -1 : 1;
    return left->len == 0 ? 0 : memcmp(left->p, right->p, left->len);
}

static bool
is_released(const struct x509_revoked *entry)
{
    for (size_t i = 0; i < entry->extensions.count; i++) {
        struct der_item item;
        if (entry->extensions.items[i].id == OID_REASON_CODE
            && der_only(entry->extensions.items[i].value, DER_ENUMERATED, &item) == NULL)
            return item.body.len == 1 && item.body.p[0] == 8;
    }
    return false;
}

static struct error *
list_entries(const struct evidence *evidence, const struct transcript_record *result,
             struct listed *listed)
{
    struct x509 crl;
    struct x509_revoked entry;
    TRY(evidence_file(evidence, data_text(result->data, "file"), &listed->der));
    TRY(x509_read(listed->der.data, listed->der.len, KIND_CRL, "the CRL", &crl));
    struct der list = crl.revoked.body;
    size_t room = list.len / 10 + 1; /* no entry is shorter */
    listed->serials = calloc(room, sizeof *listed->serials);
    listed->released = calloc(room, sizeof *listed->released);
    if (listed->serials == NULL || listed->released == NULL)
        return error_memory();
    while (list.len > 0 && listed->count < room) {
        const char *fault = x509_next_revoked(&list, &entry);
        if (fault != NULL)
            return ERROR(ERROR_VERIFICATION, "an entry cannot be read: %s", fault);
        struct der serial = entry.serial.body;
        while (serial.len > 1 && serial.p[0] == 0)
            serial = der_view(serial.p + 1, serial.len - 1);
        listed->released[listed->count] = is_released(&entry);
        listed->serials[listed->count++] = serial;
    }
    for (size_t i = 1; i < listed->count; i++)
        if (compare_serials(&listed->serials[i - 1], &listed->serials[i]) >= 0)
            return ERROR(ERROR_VERIFICATION, "its entries are not sorted");
    return NULL;
}

static bool
has_serial(const struct listed *listed, const struct der *serial)
{
    return bsearch(serial, listed->serials, listed->count, sizeof *serial, compare_serials)
           != NULL;
}

/* The CRL of this key and number with this scope; NULL. */
static const struct transcript_record *
find_crl(const struct evidence *evidence, const struct transcript_record *like,
         const char *scope)
{
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign-crl")
        && strcmp(data_text(record->data, "key"), data_text(like->data, "key")) == 0
        && data_number(record->data, "number") == data_number(like->data, "number")
        && strcmp(scope_of(evidence, record), scope) == 0)
        return record;
    return NULL;
}

/* The scope that a delta is of; NULL: it is none. The caller frees. */
static struct error *
base_of(const char *scope, char **ret_base)
{
    static const char end[] = "-delta";
    size_t len = strlen(scope);
    if (!text_ends_with(scope, end))
        return NULL;
    return text_format(ret_base, "%.*s", (int)(len - strlen(end)), scope);
}

/* What a delta says is what the CRL of the same scope and number says, where there is one beside it. */
static struct error *
check_delta(const struct evidence *evidence, const struct transcript_record *result,
            struct report *report)
{
    AUTO_LISTED delta = {0};
    AUTO_LISTED whole = {0};
    AUTO_FREE char *scope = NULL;
    TRY(base_of(scope_of(evidence, result), &scope));
    const struct transcript_record *beside =
        scope == NULL ? NULL : find_crl(evidence, result, scope);
    if (beside == NULL)
        return NULL;
    TRY(list_entries(evidence, beside, &whole));
    TRY(list_entries(evidence, result, &delta));
    for (size_t i = 0; i < delta.count; i++)
        if (has_serial(&whole, &delta.serials[i]) == delta.released[i])
            return report_fault(report, data_text(result->data, "file"), result->seq,
                                "entry %zu contradicts the full CRL of the same number", i + 1);
    return NULL;
}

/* All partitions are there, each entry in its own, and together they are the full CRL. */
static struct error *
check_partitions(const struct evidence *evidence, const struct transcript_record *result,
                 const struct listed *full, int count, struct report *report)
{
    size_t entries = 0;
    const char *file = data_text(result->data, "file");
    for (int partition = 1; partition <= count; partition++) {
        AUTO_LISTED part = {0};
        AUTO_FREE char *scope = NULL;
        TRY(text_format(&scope, "full-partition-%d-of-%d", partition, count));
        const struct transcript_record *one = find_crl(evidence, result, scope);
        if (one == NULL && evidence_is_aborted(evidence))
            return NULL; /* given up before it */
        if (one == NULL)
            return report_fault(report, file, result->seq, "partition %d of %d is missing",
                                partition, count);
        TRY(list_entries(evidence, one, &part));
        entries += part.count;
        for (size_t i = 0; i < part.count; i++)
            if (!has_serial(full, &part.serials[i])
                || crl_partition_of(part.serials[i].p, part.serials[i].len, count) != partition)
                return report_fault(report, data_text(one->data, "file"), one->seq,
                                    "entry %zu does not belong into this partition", i + 1);
    }
    if (entries != full->count)
        return report_fault(report, file, result->seq,
                            "its partitions hold %zu entries, the full CRL %zu", entries,
                            full->count);
    return NULL;
}

/* Into how many parts its entries were cut beside it: the least such number above `above`; 0 for none. Parts of other
 * scopes (users, reasons) have a whole of their own, or none. */
static int
partitions_beside(const struct evidence *evidence, const struct transcript_record *full,
                  int above)
{
    int least = 0;
    EACH_RECORD(record, evidence)
    {
        struct revoked_scope scope;
        if (!is_done(record, "sign-crl")
            || !revoked_scope_read(scope_of(evidence, record), &scope) || scope.only_ca_certs
            || scope.only_user_certs || scope.reasons != 0
            || strcmp(data_text(record->data, "key"), data_text(full->data, "key")) != 0
            || data_number(record->data, "number") != data_number(full->data, "number"))
            continue;
        int count = scope.partitions;
        if (count > above && (least == 0 || count < least))
            least = count;
    }
    return least;
}

static struct error *
check_set(const struct evidence *evidence, const struct transcript_record *result,
          struct report *report)
{
    AUTO_LISTED full = {0};
    TRY(list_entries(evidence, result, &full));
    if ((int64_t)full.count != data_number(result->data, "entries"))
        TRY(report_fault(report, data_text(result->data, "file"), result->seq,
                         "it has %zu entries, the record says %lld", full.count,
                         (long long)data_number(result->data, "entries")));
    for (int count = 0; (count = partitions_beside(evidence, result, count)) > 0;)
        TRY(check_partitions(evidence, result, &full, count, report));
    return NULL;
}

static struct error *
check_crl_sets(const struct evidence *evidence, struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        if (!is_done(record, "sign-crl"))
            continue;
        const char *file = data_text(record->data, "file");
        TRY(report_error(report, file, record->seq, check_delta(evidence, record, report)));
        if (strcmp(scope_of(evidence, record), "full") == 0)
            TRY(report_error(report, file, record->seq, check_set(evidence, record, report)));
    }
    return NULL;
}

/* As many as were planned, with that date and those numbers. */
static struct error *
check_plan(const struct evidence *evidence, const struct transcript_record *done,
           struct report *report)
{
    int64_t count = 0;
    const struct transcript_record *plan = intent_of(evidence, done);
    const json_t *numbers = plan == NULL ? NULL : data_inner(plan->data, "numbers");
    EACH_RECORD(record, evidence)
    {
        if (!is_done(record, "sign-crl") && !is_done(record, "sign-crl-ahead"))
            continue;
        if (plan == NULL || strcmp(record->step, plan->step) != 0)
            continue;
        count++;
        if (is_done(record, "sign-crl")
            && (data_number(record->data, "valid_from")
                    != data_number(plan->data, "this_update")
                || data_number(record->data, "number")
                       != data_number(numbers, data_text(record->data, "key"))))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "it has another number or date than was planned"));
    }
    if (count == data_number(done->data, "crls"))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, done->seq,
                        "%lld CRLs were signed here, and the record says %lld",
                        (long long)count, (long long)data_number(done->data, "crls"));
}

struct error *
check_crls(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_done(record, "plan-crls"))
            TRY(check_plan(evidence, record, report));
        if (!is_signed(record) || !is_crl(record))
            continue;
        count++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_crl(evidence, record, report)));
    }
    TRY(check_crl_wanted(evidence, report));
    TRY(check_crl_sets(evidence, report));
    return report_note(report, "%zu: numbers, dates, sets", count);
}
