/* SPDX-License-Identifier: Apache-2.0
 *
 * The TBSCertList of a short list: built in memory, entries sorted by serial number (R52). A long one
 * is written by crl_stream.c, byte for byte the same. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/pki/crl_entry.h"
#include "ceremony/pki/crl_frame.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"

static int
compare(const void *a, const void *b)
{
    return crl_compare(*(const struct pki_revocation *const *)a,
                       *(const struct pki_revocation *const *)b);
}

/* Absent, not empty, when nothing is revoked. */
static struct error *
put_revocations(struct bytes *out, const struct pki_crl_order *order)
{
    if (order->revocation_count == 0)
        return NULL;
    AUTO_FREE const struct pki_revocation **sorted =
        calloc(order->revocation_count, sizeof(struct pki_revocation *));
    if (sorted == NULL)
        return error_memory();
    for (size_t i = 0; i < order->revocation_count; i++)
        sorted[i] = &order->revocations[i];
    qsort(sorted, order->revocation_count, sizeof *sorted, compare);
    AUTO_CRL_ENTRIES entries = {.order = order};
    size_t start = out->len;
    for (size_t i = 0; i < order->revocation_count; i++)
        TRY(crl_entries_put(&entries, sorted[i], out));
    return der_close(out, start, DER_SEQUENCE);
}

struct error *
pki_crl_draft(const struct pki_crl_order *order, struct pki_draft *ret_draft)
{
    AUTO_CRL_FRAME frame = {0};
    AUTO_BYTES tbs = {0};
    TRY(crl_frame_make(order, &frame));
    TRY(bytes_append(&tbs, frame.head.data, frame.head.len));
    TRY(put_revocations(&tbs, order));
    TRY(bytes_append(&tbs, frame.tail.data, frame.tail.len));
    TRY(der_close(&tbs, 0, DER_SEQUENCE));
    return draft_finish(&tbs, frame.kind, frame.spki.data, frame.spki.len, ret_draft);
}
