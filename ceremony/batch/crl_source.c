/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/crl_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/rules/crl_partition.h"

/* What one issuer revoked. */
struct part {
    unsigned char
        *name; /* DER Name of another issuer, owned; NULL: the CRL's own, which is first */
    size_t name_len;
    struct ledger_revoked *revoked;
    /* Serial numbers of CA certificates: few, and only needed where the kind of certificate counts. */
    struct ledger_serial *cas;
    size_t ca_count;
};

struct crl_source {
    struct ledger *ledger;
    const struct pki_profile *profile;
    int partition;
    uint64_t since;
    struct part *parts; /* in the order of their entries */
    size_t count;
    size_t at; /* the part whose entries are read */
};

static void
part_clear(struct part *part)
{
    ledger_revoked_close(part->revoked);
    free(part->cas);
    free(part->name);
}

void
crl_source_close(struct crl_source *source)
{
    if (source == NULL)
        return;
    for (size_t i = 0; i < source->count; i++)
        part_clear(&source->parts[i]);
    free(source->parts);
    free(source);
}

static struct error *
open_part(const struct crl_source *source, const char *issuer_spki_sha256, struct part *part)
{
    const struct pki_crl_profile *crl = &source->profile->crl;
    if (crl->only_ca_certs || crl->only_user_certs)
        TRY(ledger_ca_serials(source->ledger, issuer_spki_sha256, &part->cas, &part->ca_count));
    return ledger_revoked_open(source->ledger, issuer_spki_sha256, source->since,
                               &part->revoked);
}

/* Room for one more at `place`; it is empty. */
static struct error *
make_room(struct crl_source *source, size_t place)
{
    struct part *grown = realloc(source->parts, (source->count + 1) * sizeof *grown);
    if (grown == NULL)
        return error_memory();
    source->parts = grown;
    memmove(grown + place + 1, grown + place, (source->count - place) * sizeof *grown);
    grown[place] = (struct part){0};
    source->count++;
    return NULL;
}

struct error *
crl_source_open(struct ledger *ledger, const char *issuer_spki_sha256,
                const struct pki_profile *profile, int partition, uint64_t since,
                struct crl_source **ret_source)
{
    AUTO(crl_source) source = calloc(1, sizeof *source);
    if (source == NULL)
        return error_memory();
    source->ledger = ledger;
    source->profile = profile;
    source->partition = partition;
    source->since = since;
    TRY(make_room(source, 0));
    TRY(open_part(source, issuer_spki_sha256, &source->parts[0]));
    *ret_source = TAKE(source);
    return NULL;
}

struct error *
crl_source_add(struct crl_source *source, const char *issuer_spki_sha256, const void *name,
               size_t name_len)
{
    size_t place = 1;
    int order = 1;
    BUG_ON(!source->profile->crl.indirect || name_len == 0);
    for (; place < source->count; place++) {
        const struct part *there = &source->parts[place];
        order = name_len != there->name_len ? (name_len > there->name_len) * 2 - 1
                                            : memcmp(name, there->name, name_len);
        if (order <= 0)
            break;
    }
    if (place < source->count && order == 0)
        return ERROR(ERROR_REFUSED,
                     "two issuers of one indirect CRL have the same name, so its "
                     "entries could not be told apart");
    TRY(make_room(source, place));
    struct part *part = &source->parts[place];
    part->name = malloc(name_len);
    if (part->name == NULL)
        return error_memory();
    memcpy(part->name, name, name_len);
    part->name_len = name_len;
    return open_part(source, issuer_spki_sha256, part);
}

static bool
is_ca(const struct part *part, const struct ledger_revocation *row)
{
    for (size_t i = 0; i < part->ca_count; i++)
        if (part->cas[i].len == row->serial_len
            && memcmp(part->cas[i].octets, row->serial, row->serial_len) == 0)
            return true;
    return false;
}

static bool
belongs(const struct crl_source *source, const struct part *part,
        const struct ledger_revocation *row)
{
    const struct pki_crl_profile *crl = &source->profile->crl;
    if (crl->partitions > 0
        && crl_partition_of(row->serial, row->serial_len, crl->partitions) != source->partition)
        return false;
    if ((crl->only_ca_certs || crl->only_user_certs) && is_ca(part, row) != crl->only_ca_certs)
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
    source->at = 0;
    for (size_t i = 0; i < source->count; i++)
        TRY(ledger_revoked_rewind(source->parts[i].revoked));
    return NULL;
}

/* The next row of any part, and whose it is. */
static struct error *
next_row(struct crl_source *source, struct ledger_revocation *ret_row,
         const struct part **ret_part, bool *ret_end)
{
    for (;; source->at++) {
        const struct part *part = &source->parts[source->at];
        TRY(ledger_revoked_next(part->revoked, ret_row, ret_end));
        *ret_part = part;
        if (!*ret_end || source->at + 1 == source->count)
            return NULL;
    }
}

static struct error *
next_of_source(void *self, struct pki_revocation *ret, bool *ret_end)
{
    struct crl_source *source = self;
    const struct part *part = NULL;
    struct ledger_revocation row;
    do {
        TRY(next_row(source, &row, &part, ret_end));
        if (*ret_end)
            return NULL;
    } while (!belongs(source, part, &row));
    memcpy(ret->serial, row.serial, row.serial_len);
    ret->serial_len = row.serial_len;
    ret->date = row.time;
    ret->reason = row.reason;
    ret->invalidity_date = row.invalidity == LEDGER_NO_TIME ? 0 : row.invalidity;
    ret->issuer = part->name;
    ret->issuer_len = part->name_len;
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
