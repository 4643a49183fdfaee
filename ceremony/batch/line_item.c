/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done to one item, by any of the workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/line_private.h"
#include "ceremony/batch/values.h"
#include "ceremony/pki/algorithm.h"

static struct error *
sha256(const void *data, size_t len, unsigned char ret_hash[32])
{
    if (EVP_Digest(data, len, ret_hash, NULL, EVP_sha256(), NULL) != 1)
        return error_memory();
    return NULL;
}

static void
refuse(struct batch_entry *entry, const char *code, struct error *error)
{
    entry->fate = BATCH_NOT_SIGNED;
    entry->extra = code;
    if (error != NULL)
        text_fit(error_what(error), entry->item->remark, sizeof entry->item->remark);
    error_free(error);
}

static struct error *
subject_of(const struct batch_line *line, const struct batch_entry *entry,
           struct batch_values *values, struct batch_subject *ret_subject)
{
    TRY(batch_values_of(line->profile, entry->item, values));
    *ret_subject = (struct batch_subject){
        .spki = entry->item->spki.p,
        .spki_len = entry->item->spki.len,
        .values = values->items,
        .value_count = values->count,
        .serial = entry->serial,
        .serial_len = entry->serial_len,
    };
    return NULL;
}

struct error *
batch_line_device(const struct batch_template *template, const struct pki_profile *profile,
                  const struct batch_item *item, char **ret_device)
{
    static const unsigned char serial[] = {1};
    AUTO_BATCH_VALUES values = {0};
    AUTO_BYTES tbs = {0};
    TRY(batch_values_of(profile, item, &values));
    const struct batch_subject subject = {.spki = item->spki.p,
                                          .spki_len = item->spki.len,
                                          .values = values.items,
                                          .value_count = values.count,
                                          .serial = serial,
                                          .serial_len = sizeof serial};
    if (item->spki.len > 0) /* not where the key is made only when it is signed */
        TRY(batch_template_build(template, &subject, &tbs));
    return batch_template_device(template, &subject, ret_device);
}

static struct error *
take_modulus(struct batch_entry *entry)
{
    const struct key_kind *kind = key_kind_of_spki(entry->item->spki);
    if (kind == NULL || kind->family != KEY_RSA)
        return NULL;
    struct der modulus = key_rsa_modulus(entry->item->spki);
    return bytes_copy(&entry->modulus, modulus.p, modulus.len);
}

struct error *
line_look(void *user, unsigned worker, size_t index)
{
    const struct line_block *slot = user;
    const struct batch_line *line = slot->run->line;
    struct batch_entry *entry = &slot->block->entries[index];
    struct batch_item *item = entry->item;
    AUTO_BATCH_VALUES values = {0};
    struct batch_subject subject;
    (void)worker;
    TRY(batch_item_request_hash(item, entry->request));
    if (line->made != NULL && entry->fate == BATCH_TO_SIGN)
        TRY(device_key_make(line->made, slot->wrapping, item, &entry->wrapped));
    TRY(sha256(item->spki.p == NULL ? (const unsigned char *)"" : item->spki.p, item->spki.len,
               entry->spki));
    if (entry->fate != BATCH_TO_SIGN)
        return NULL;
    TRY(take_modulus(entry));
    TRY(subject_of(line, entry, &values, &subject));
    struct error *error = batch_template_device(line->template, &subject, &entry->device);
    if (error != NULL && batch_is_verdict(error)) {
        refuse(entry, "profile-values", error);
        return NULL;
    }
    return error;
}

/* The template against the slow path. */
static struct error *
compare(const struct batch_line *line, const struct batch_subject *subject,
        const struct bytes *tbs)
{
    AUTO_BYTES slow = {0};
    TRY(batch_template_slow(line->template, subject, &slow));
    if (slow.len != tbs->len || memcmp(slow.data, tbs->data, slow.len) != 0)
        return ERROR(ERROR_BUG, "the template and the profile make different certificates");
    return NULL;
}

/* Buffers grow by doubling; those of twenty thousand items are given back what they do not need. */
static void
trim(struct bytes *bytes)
{
    unsigned char *data = bytes->data == NULL ? NULL : realloc(bytes->data, bytes->len + 1);
    if (data == NULL)
        return;
    bytes->data = data;
    bytes->cap = bytes->len + 1;
}

static struct error *
build_tbs(const struct line_block *slot, struct batch_entry *entry)
{
    const struct batch_line *line = slot->run->line;
    AUTO_BATCH_VALUES values = {0};
    struct batch_subject subject;
    TRY(subject_of(line, entry, &values, &subject));
    TRY(batch_template_build(line->template, &subject, &entry->der));
    bool sampled = line->sample > 0 && entry->index % line->sample == 0;
    if (entry == slot->block->entries || sampled)
        TRY(compare(line, &subject, &entry->der));
    return sha256(entry->der.data, entry->der.len, entry->tbs);
}

struct error *
line_build(void *user, unsigned worker, size_t index)
{
    const struct line_block *slot = user;
    struct batch_entry *entry = &slot->block->entries[index];
    (void)worker;
    if (entry->fate == BATCH_TO_SIGN) {
        struct error *error = build_tbs(slot, entry);
        if (error != NULL && !batch_is_verdict(error))
            return error;
        if (error != NULL)
            refuse(entry, "profile-values", error);
    }
    if (entry->fate != BATCH_TO_SIGN)
        bytes_clear(&entry->wrapped); /* a key that nobody gets */
    TRY(batch_line_build(entry, slot->block->number, slot->run->line->code_name, entry->extra));
    batch_item_free(entry->item);
    entry->item = NULL;
    trim(&entry->der);
    trim(&entry->line);
    return NULL;
}

struct error *
line_sign(void *user, unsigned worker, size_t index)
{
    const struct line_block *slot = user;
    const struct batch_line *line = slot->run->line;
    const struct batch_block *block = slot->block;
    struct batch_entry *entry = &block->entries[block->to_sign[index]];
    AUTO_BYTES signature = {0};
    unsigned char hash[32];
    TRY(sha256(entry->der.data, entry->der.len, hash));
    if (memcmp(hash, entry->tbs, sizeof hash) != 0)
        return ERROR(
            ERROR_VERIFICATION,
            "item %llu of block %llu is not what the ledger reserved: it is not signed",
            (unsigned long long)entry->index, (unsigned long long)block->number);
    TRY(line->signer.sign(line->signer.self, worker, entry->der.data, entry->der.len,
                          &signature));
    TRY(batch_template_assemble(line->template, &signature, &entry->der));
    trim(&entry->der);
    TRY(sha256(entry->der.data, entry->der.len, entry->certificate));
    return batch_line_finish(entry, block->resigned);
}
