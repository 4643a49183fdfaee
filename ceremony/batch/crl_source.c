/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/crl_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/rules/crl_partition.h"

struct crl_source {
    struct ledger_revoked *revoked;
    const struct pki_profile *profile;
    int partition;
    /* Serial numbers of CA certificates: few, and only needed where the kind of certificate counts. */
    struct ledger_serial *cas;
    size_t ca_count;
};

void
crl_source_close(struct crl_source *source)
{
    if (source == NULL)
        return;
    ledger_revoked_close(source->revoked);
    free(source->cas);
    free(source);
}

struct error *
crl_source_open(struct ledger *ledger, const char *issuer_spki_sha256,
                const struct pki_profile *profile, int partition, uint64_t since,
                struct crl_source **ret_source)
{
    AUTO(crl_source) source = calloc(1, sizeof *source);
    if (source == NULL)
        return error_memory();
    source->profile = profile;
    source->partition = partition;
    if (profile->crl.only_ca_certs || profile->crl.only_user_certs)
        TRY(ledger_ca_serials(ledger, issuer_spki_sha256, &source->cas, &source->ca_count));
    TRY(ledger_revoked_open(ledger, issuer_spki_sha256, since, &source->revoked));
    *ret_source = TAKE(source);
    return NULL;
}

static bool
is_ca(const struct crl_source *source, const struct ledger_revocation *row)
{
    for (size_t i = 0; i < source->ca_count; i++)
        if (source->cas[i].len == row->serial_len
            && memcmp(source->cas[i].octets, row->serial, row->serial_len) == 0)
            return true;
    return false;
}

static bool
belongs(const struct crl_source *source, const struct ledger_revocation *row)
{
    const struct pki_crl_profile *crl = &source->profile->crl;
    if (crl->partitions > 0
        && crl_partition_of(row->serial, row->serial_len, crl->partitions) != source->partition)
        return false;
    if ((crl->only_ca_certs || crl->only_user_certs)
        && is_ca(source, row) != crl->only_ca_certs)
        return false;
    if (crl->only_reasons == 0)
        return true;
    const struct pki_reason *reason = pki_reason_by_code(row->reason);
    return reason != NULL
           && (reason->delta_only
               || (reason->flag >= 0 && (crl->only_reasons >> reason->flag & 1U) != 0));
}

static struct error *
rewind_source(void *self)
{
    struct crl_source *source = self;
    return ledger_revoked_rewind(source->revoked);
}

static struct error *
next_of_source(void *self, struct pki_revocation *ret, bool *ret_end)
{
    struct crl_source *source = self;
    struct ledger_revocation row;
    do {
        TRY(ledger_revoked_next(source->revoked, &row, ret_end));
        if (*ret_end)
            return NULL;
    } while (!belongs(source, &row));
    memcpy(ret->serial, row.serial, row.serial_len);
    ret->serial_len = row.serial_len;
    ret->date = row.time;
    ret->reason = row.reason;
    ret->invalidity_date = row.invalidity == LEDGER_NO_TIME ? 0 : row.invalidity;
    ret->issuer = NULL;
    ret->issuer_len = 0;
    return NULL;
}

struct pki_revocations
crl_source_revocations(struct crl_source *source)
{
    return (struct pki_revocations){
        .rewind = rewind_source, .next = next_of_source, .self = source};
}

static void
name_scope(const struct pki_crl_profile *crl, int partition, bool delta,
           char ret_name[CRL_SCOPE_SIZE])
{
    char reasons[24] = "";
    char part[32] = "";
    const char *kind = crl->only_ca_certs     ? "ca-certificates"
                       : crl->only_user_certs ? "user-certificates"
                       : crl->indirect        ? "indirect"
                                              : "full";
    if (crl->partitions > 0)
        (void)snprintf(part, sizeof part, "-partition-%d-of-%d", partition, crl->partitions);
    if (crl->only_reasons != 0)
        (void)snprintf(reasons, sizeof reasons, "-reasons-%x", crl->only_reasons);
    (void)snprintf(ret_name, CRL_SCOPE_SIZE, "%s%s%s%s", kind, part, reasons,
                   delta ? "-delta" : "");
}

void
crl_scope_name(const struct pki_profile *profile, int partition, char ret_name[CRL_SCOPE_SIZE])
{
    name_scope(&profile->crl, partition, profile->crl.delta, ret_name);
}

void
crl_base_scope_name(const struct pki_profile *profile, int partition,
                    char ret_name[CRL_SCOPE_SIZE])
{
    name_scope(&profile->crl, partition, false, ret_name);
}
