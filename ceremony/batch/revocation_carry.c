/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/revocation_carry.h"

#include "ceremony/batch/revocation_block.h"
#include "ceremony/pki/profile.h"

#define REASON_RELEASED 8

struct carrying {
    struct ledger *ledger;
    const char *issuer;
    const char *reference;
    struct revocation_carry *carry; /* counted, or */
    struct revocation_block *block; /* entered */
};

/* What the ledger says later counts: a certificate that it released after the CRL's date is not
 * revoked by the CRL again. */
static struct error *
is_lacking(const struct carrying *carrying, const struct ledger_revocation *row,
           bool *ret_lacking)
{
    struct ledger_revocation last = {0};
    bool found = false;
    TRY(ledger_find_revocation(carrying->ledger, carrying->issuer, row->serial, row->serial_len,
                               &last, &found));
    *ret_lacking = !found || (last.reason == REASON_RELEASED && row->time > last.time);
    return NULL;
}

static struct error *
take_entry(const struct carrying *carrying, const struct ledger_revocation *entry)
{
    struct revocation_carry *carry = carrying->carry;
    struct ledger_revocation row = *entry;
    bool lacking = false;
    row.reference = carrying->reference;
    TRY(is_lacking(carrying, &row, &lacking));
    if (carrying->block != NULL)
        return lacking ? revocation_block_add(carrying->block, &row) : NULL;
    carry->entries++;
    if (lacking && carry->lacking < CARRY_SHOWN)
        carry->first[carry->lacking] = row;
    carry->lacking += lacking ? 1 : 0;
    const struct pki_reason *reason = pki_reason_by_code(row.reason);
    carry->held += lacking && reason != NULL && reason->private_only ? 1 : 0;
    return NULL;
}

static struct error *
each_entry(const struct carrying *carrying, struct revocation_list *entries)
{
    TRY(revocation_list_rewind(entries));
    for (;;) {
        struct revocation_line line;
        bool end = false;
        TRY(revocation_list_next(entries, &line, &end));
        if (end)
            return NULL;
        if (line.code != REVOCATION_CODES)
            return ERROR(ERROR_VERIFICATION, "an entry of the CRL that was brought is none");
        TRY(take_entry(carrying, &line.row));
    }
}

struct error *
revocation_carry_count(struct ledger *ledger, const char *issuer_spki_sha256,
                       struct revocation_list *entries, struct revocation_carry *ret_carry)
{
    struct carrying carrying = {
        .ledger = ledger, .issuer = issuer_spki_sha256, .reference = "", .carry = ret_carry};
    *ret_carry = (struct revocation_carry){0};
    return each_entry(&carrying, entries);
}

struct error *
revocation_carry_enter(struct ledger *ledger, const char *ceremony,
                       const char *issuer_spki_sha256, const char *reference,
                       struct revocation_list *entries)
{
    AUTO(revocation_block) block = NULL;
    struct carrying carrying = {
        .ledger = ledger, .issuer = issuer_spki_sha256, .reference = reference};
    TRY(revocation_block_new(ledger, ceremony, issuer_spki_sha256, &block));
    carrying.block = block;
    TRY(each_entry(&carrying, entries));
    return revocation_block_end(block);
}
