/* SPDX-License-Identifier: Apache-2.0
 *
 * A cross-certificate, or a renewal, against the existing certificate of the same key (P2, R38). */
#include "ceremony/pki/lint_internal.h"

void
lint_cross_subject(struct lint_run *run)
{
    if (!der_equal(run->object->subject.whole, run->existing->subject.whole))
        lint_find(run, "another subject than the existing certificate's");
}

void
lint_cross_key(struct lint_run *run)
{
    if (!der_equal(run->object->spki.whole, run->existing->spki.whole))
        lint_find(run, "another key than the existing certificate's");
}

void
lint_cross_key_id(struct lint_run *run)
{
    struct der wanted = x509_ski(run->existing);
    if (wanted.len > 0 && !der_equal(x509_ski(run->object), wanted))
        lint_find(run, "another subject key identifier than the existing certificate's");
}

void
lint_cross_usage(struct lint_run *run)
{
    unsigned have = 0;
    unsigned allowed = 0;
    bool ca = false;
    bool existing_ca = false;
    int64_t path_len = -1;
    int64_t existing_path_len = -1;
    if (x509_has_key_usage(run->existing, &allowed) && x509_has_key_usage(run->object, &have)
        && (have & ~allowed) != 0)
        lint_find(run, "a key usage that the existing certificate does not have");
    if (!lint_is_purpose_within(run->object, run->existing, OID_UNKNOWN))
        lint_find(run, "an extended usage that the existing certificate does not have");
    x509_basic_constraints(run->object, &ca, &path_len);
    x509_basic_constraints(run->existing, &existing_ca, &existing_path_len);
    if (ca
        && (!existing_ca || (existing_path_len >= 0 && path_len < 0)
            || (existing_path_len >= 0 && path_len > existing_path_len)))
        lint_find(run, "a longer path than the existing certificate's");
}

void
lint_cross_not_before(struct lint_run *run)
{
    struct der_time from;
    struct der_time existing;
    if (der_time(&run->object->from, &from) == NULL
        && der_time(&run->existing->from, &existing) == NULL && from.seconds < existing.seconds)
        lint_find(run, "it begins %lld seconds earlier",
                  (long long)(existing.seconds - from.seconds));
}

void
lint_cross_not_after(struct lint_run *run)
{
    struct der_time until;
    struct der_time existing;
    if (der_time(&run->object->until, &until) == NULL
        && der_time(&run->existing->until, &existing) == NULL
        && until.seconds > existing.seconds)
        lint_find(run, "it ends %lld seconds later",
                  (long long)(until.seconds - existing.seconds));
}
