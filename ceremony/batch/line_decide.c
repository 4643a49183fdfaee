/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was here before: in this block, in this batch, in the ledger. The intake has looked, too,
 * before people approved; this look is the one that the ledger's state at the signature decides.
 * (R47, R71) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/random.h"
#include "ceremony/batch/line_private.h"
#include "ceremony/pki/build.h"

/* --- within one block --- */

struct seen {
    size_t *slots; /* number of an entry + 1; 0: free */
    size_t mask;
    const struct batch_block *block;
    bool (*same)(const struct batch_entry *a, const struct batch_entry *b);
    uint64_t (*key)(const struct batch_entry *entry);
};

static bool
same_key(const struct batch_entry *a, const struct batch_entry *b)
{
    return memcmp(a->spki, b->spki, sizeof a->spki) == 0;
}

static uint64_t
key_of_key(const struct batch_entry *entry)
{
    uint64_t key = 0;
    memcpy(&key, entry->spki, sizeof key); /* a hash already */
    return key;
}

static bool
same_request(const struct batch_entry *a, const struct batch_entry *b)
{
    return memcmp(a->request, b->request, sizeof a->request) == 0;
}

static uint64_t
key_of_request(const struct batch_entry *entry)
{
    uint64_t key = 0;
    memcpy(&key, entry->request, sizeof key);
    return key;
}

static bool
same_device(const struct batch_entry *a, const struct batch_entry *b)
{
    return a->device[0] != '\0' && strcmp(a->device, b->device) == 0;
}

static uint64_t
key_of_device(const struct batch_entry *entry)
{
    uint64_t key = UINT64_C(14695981039346656037); /* FNV-1a; a slow case costs time only */
    for (const char *p = entry->device; *p != '\0'; p++)
        key = (key ^ (unsigned char)*p) * UINT64_C(1099511628211);
    return key ^ key >> 32;
}

/* Whether an earlier entry is the same; else this one is remembered. */
static bool
see(struct seen *seen, size_t index)
{
    const struct batch_entry *entry = &seen->block->entries[index];
    size_t at = (size_t)seen->key(entry) & seen->mask;
    for (; seen->slots[at] != 0; at = (at + 1) & seen->mask)
        if (seen->same(&seen->block->entries[seen->slots[at] - 1], entry))
            return true;
    seen->slots[at] = index + 1;
    return false;
}

static struct error *
seen_init(struct seen *seen, const struct batch_block *block)
{
    size_t size = 16;
    while (size < 2 * block->count)
        size *= 2;
    seen->block = block;
    seen->mask = size - 1;
    seen->slots = calloc(size, sizeof *seen->slots);
    return seen->slots == NULL ? error_memory() : NULL;
}

/* --- in the ledger --- */

static void
refuse(struct batch_entry *entry, const char *code)
{
    entry->fate = BATCH_NOT_SIGNED;
    entry->extra = code;
}

/* The same request again: nothing is signed, and what was made is said. */
static void
had_before(struct batch_entry *entry, const struct ledger_found *found)
{
    entry->fate = BATCH_HAD_BEFORE;
    memcpy(entry->serial, found->row.serial, sizeof entry->serial);
    entry->serial_len = found->row.serial_len;
    memcpy(entry->tbs, found->row.tbs, sizeof entry->tbs);
    memcpy(entry->spki, found->row.spki, sizeof entry->spki); /* not of a key made just now */
    memcpy(entry->certificate, found->certificate, sizeof entry->certificate);
}

static struct error *
look_for_key(struct line_run *run, struct batch_entry *entry)
{
    const struct batch_line *line = run->line;
    struct ledger_found found;
    bool there = false;
    TRY(ledger_find_spki(line->ledger, entry->spki, &found, &there));
    if (!there) {
        TRY(ledger_spki_certified(line->ledger, entry->spki, &there));
        if (there && !line->reissue)
            refuse(entry, "key-known");
        return NULL;
    }
    bool same = memcmp(found.row.request, entry->request, sizeof entry->request) == 0
                && strcmp(found.issuer, line->issuer_spki_sha256) == 0;
    bool here = strcmp(found.batch, line->batch) == 0;
    if (same && !here && found.certificate != NULL)
        had_before(entry, &found);
    else if (!line->reissue)
        refuse(entry, same && here ? "request-twice" : "key-known");
    return NULL;
}

static struct error *
look_for_device(struct line_run *run, struct batch_entry *entry)
{
    const struct batch_line *line = run->line;
    struct ledger_found found;
    bool there = false;
    if (line->reissue || entry->device[0] == '\0')
        return NULL;
    TRY(ledger_find_device(line->ledger, line->issuer_spki_sha256, entry->device, &found,
                           &there));
    if (!there)
        return NULL;
    /* Where keys are made here no key is ever known: it is the device that was here before. */
    if (line->made != NULL && found.certificate != NULL
        && memcmp(found.row.request, entry->request, sizeof entry->request) == 0
        && strcmp(found.batch, line->batch) != 0)
        had_before(entry, &found);
    else
        refuse(entry, "device-known");
    return NULL;
}

/* --- serial numbers --- */

/* Serial numbers of one block share their first octets where they have 128 random bits besides, so
 * that they stand together in the ledger's index and a million of them cost no more than a thousand. */
#define SHARED 4U
#define ENOUGH 16U

static struct error *
give_serials(const struct line_run *run, struct batch_block *block)
{
    unsigned char shared[SHARED];
    size_t shared_len = 0;
    for (size_t i = 0; i < block->count; i++) {
        struct batch_entry *entry = &block->entries[i];
        if (entry->fate != BATCH_TO_SIGN)
            continue;
        TRY(pki_serial_make(run->line->profile->certificate.serial_bits, entry->serial,
                            &entry->serial_len));
        if (shared_len == 0 && entry->serial_len >= SHARED + ENOUGH) {
            memcpy(shared, entry->serial, SHARED);
            shared_len = SHARED;
        }
        memcpy(entry->serial, shared, shared_len);
    }
    return NULL;
}

enum seen_by {
    SEEN_REQUEST,
    SEEN_KEY,
    SEEN_DEVICE,
    SEEN_BY
};

/* What stands twice in one block; where that is declared, it may. */
static const char *
twice(struct line_run *run, struct seen seen[SEEN_BY], size_t index)
{
    static const char *const codes[] = {"request-twice", "key-twice", "device-twice"};
    for (int by = 0; by < SEEN_BY && !run->line->reissue; by++)
        if (see(&seen[by], index))
            return codes[by];
    return NULL;
}

static struct error *
look_for_all(struct line_run *run, struct batch_block *block, struct seen seen[SEEN_BY])
{
    for (size_t i = 0; i < block->count; i++) {
        struct batch_entry *entry = &block->entries[i];
        if (entry->fate == BATCH_TO_SIGN)
            TRY(look_for_key(run, entry));
        if (entry->fate == BATCH_TO_SIGN)
            TRY(look_for_device(run, entry));
        const char *code = entry->fate == BATCH_TO_SIGN ? twice(run, seen, i) : NULL;
        if (code != NULL)
            refuse(entry, code);
    }
    return NULL;
}

static struct error *
decide(struct line_run *run, struct batch_block *block, struct seen seen[SEEN_BY])
{
    TRY(ledger_look_begin(run->line->ledger));
    struct error *error = look_for_all(run, block, seen);
    struct error *end = ledger_look_end(run->line->ledger);
    if (error != NULL) {
        error_free(end);
        return error;
    }
    TRY(end);
    return give_serials(run, block);
}

struct error *
line_decide(struct line_run *run, struct batch_block *block)
{
    struct seen seen[SEEN_BY] = {
        [SEEN_REQUEST] = {.same = same_request, .key = key_of_request},
        [SEEN_KEY] = {.same = same_key,     .key = key_of_key    },
        [SEEN_DEVICE] = {.same = same_device,  .key = key_of_device },
    };
    struct error *error = NULL;
    for (int i = 0; i < SEEN_BY && error == NULL; i++)
        error = seen_init(&seen[i], block);
    if (error == NULL)
        error = decide(run, block, seen);
    for (int i = 0; i < SEEN_BY; i++)
        free(seen[i].slots);
    return error;
}
