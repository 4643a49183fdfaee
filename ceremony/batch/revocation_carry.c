/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/revocation_carry.h"

#include <string.h>

#include "ceremony/batch/revocation_block.h"

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
each_entry(void *user, const struct pki_revocation *entry)
{
    struct carrying *carrying = user;
    struct revocation_carry *carry = carrying->carry;
    bool lacking = false;
    struct ledger_revocation row = {
        .serial_len = entry->serial_len,
        .reason = entry->reason < 0 ? 0 : entry->reason,
        .time = entry->date,
        .invalidity = entry->invalidity_date == 0 ? LEDGER_NO_TIME : entry->invalidity_date,
        .reference = carrying->reference};
    memcpy(row.serial, entry->serial, entry->serial_len);
    TRY(is_lacking(carrying, &row, &lacking));
    if (carrying->block != NULL)
        return lacking ? revocation_block_add(carrying->block, &row) : NULL;
    carry->entries++;
    if (lacking && carry->lacking < CARRY_SHOWN)
        carry->first[carry->lacking] = row;
    carry->lacking += lacking ? 1 : 0;
    return NULL;
}

struct error *
revocation_carry_count(struct ledger *ledger, const char *issuer_spki_sha256, const void *crl,
                       size_t len, struct revocation_carry *ret_carry)
{
    struct carrying carrying = {
        .ledger = ledger, .issuer = issuer_spki_sha256, .reference = "", .carry = ret_carry};
    *ret_carry = (struct revocation_carry){0};
    return pki_crl_previous_each(crl, len, each_entry, &carrying);
}

struct error *
revocation_carry_enter(struct ledger *ledger, const char *ceremony,
                       const char *issuer_spki_sha256, const char *reference, const void *crl,
                       size_t len)
{
    AUTO(revocation_block) block = NULL;
    struct carrying carrying = {
        .ledger = ledger, .issuer = issuer_spki_sha256, .reference = reference};
    TRY(revocation_block_new(ledger, ceremony, issuer_spki_sha256, &block));
    carrying.block = block;
    TRY(pki_crl_previous_each(crl, len, each_entry, &carrying));
    return revocation_block_end(block);
}
