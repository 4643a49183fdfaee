/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands twice in a batch (R67, R71, T16): keys, devices, names that were taken from requests, and
 * how those names look. Marks are sorted; equal ones come together, in the order of the items. */
#include <string.h>

#include <openssl/sha.h>

#include "ceremony/batch/check_private.h"

enum mark_kind {
    MARK_KEY,     /* other: device and name */
    MARK_DEVICE,  /* other: nothing */
    MARK_SUBJECT, /* other: the key */
    MARK_LOOK     /* other: the name as it is */
};

static void
hash_bytes(const void *data, size_t len, unsigned char *ret, size_t ret_len)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(data, len, hash);
    memcpy(ret, hash, ret_len);
}

static struct error *
add_mark(struct check_sort *sort, const struct batch_item *item, enum mark_kind kind,
         struct bytes *what, const struct bytes *other)
{
    struct check_mark mark = {.kind = (unsigned char)kind, .index = item->index};
    TRY(bytes_append_char(what, (char)kind));
    hash_bytes(what->data, what->len, mark.hash, sizeof mark.hash);
    hash_bytes(other->data == NULL ? (const unsigned char *)"" : other->data, other->len,
               mark.other, sizeof mark.other);
    return check_sort_add(sort, &mark);
}

/* All that was taken of the subject: exactly, and as it looks without what numbers things. */
static struct error *
write_name(const struct batch_item *item, struct bytes *exact, struct bytes *telling,
           struct bytes *look)
{
    static const char *const numbering[] = {"serialNumber", "dnQualifier", "UID"};
    for (size_t i = 0; i < item->asked_subject.count; i++) {
        const struct pki_name_part *part = &item->asked_subject.parts[i];
        bool number = false;
        for (size_t n = 0; n < sizeof numbering / sizeof numbering[0]; n++)
            number = number || strcmp(part->type, numbering[n]) == 0;
        TRY(bytes_format(exact, "%s=%s\n", part->type, part->value));
        if (number)
            continue;
        TRY(bytes_format(telling, "%s=%s\n", part->type, part->value));
        TRY(bytes_format(look, "%s=", part->type));
        TRY(request_skeleton(part->value, strlen(part->value), look));
        TRY(bytes_append_char(look, '\n'));
    }
    return NULL;
}

struct error *
double_note(const struct batch_check *check, struct check_sort *sort,
            const struct batch_item *item)
{
    AUTO_BYTES key = {0};
    AUTO_BYTES exact = {0};
    AUTO_BYTES telling = {0};
    AUTO_BYTES look = {0};
    AUTO_BYTES device_mark = {0};
    AUTO_BYTES owner = {0};
    const char *device = item->device;
    TRY(write_name(item, &exact, &telling, &look));
    TRY(bytes_append(&key, item->spki.p, item->spki.len));
    TRY(bytes_format(&owner, "%s\n%s", device, bytes_text(&exact)));
    if (!check->made)
        TRY(add_mark(sort, item, MARK_KEY, &key, &owner));
    key.len = item->spki.len;
    if (exact.len > 0)
        TRY(add_mark(sort, item, MARK_SUBJECT, &exact, &key));
    if (look.len > 0)
        TRY(add_mark(sort, item, MARK_LOOK, &look, &telling));
    if (device[0] == '\0')
        return NULL;
    TRY(bytes_append_text(&device_mark, device));
    return add_mark(sort, item, MARK_DEVICE, &device_mark, &(struct bytes){0});
}

/* Items with the same mark. */
struct group {
    const struct batch_check *check;
    struct batch_review *review;
    struct check_mark first;
    uint64_t *indexes; /* of all, in order; index 0 is the first's */
    size_t count;
    size_t room;
    bool differ; /* in what else is compared */
    uint64_t done;
};

static struct error *
code_item(struct group *group, uint64_t index, unsigned code)
{
    if (group->check->repeats && code != BATCH_NAME_LIKE_OTHER)
        code = BATCH_REPEATED;
    return review_add_code(group->review, index, code);
}

/* Which code the items of a group get, and whether the first of them, too. */
static struct error *
end_group(struct group *group)
{
    static const unsigned codes[] = {
        [MARK_KEY] = BATCH_DUPLICATE_REQUEST,
        [MARK_DEVICE] = BATCH_DUPLICATE_SERIAL,
        [MARK_SUBJECT] = BATCH_DUPLICATE_SUBJECT,
        [MARK_LOOK] = BATCH_NAME_LIKE_OTHER,
    };
    unsigned kind = group->first.kind;
    unsigned code = codes[kind];
    bool all = group->differ && (kind == MARK_LOOK || kind == MARK_KEY);
    if (kind == MARK_KEY && group->differ && !group->check->repeats)
        code = BATCH_KEY_SHARED;
    if ((kind == MARK_LOOK || kind == MARK_SUBJECT) && !group->differ)
        return NULL; /* the same name with the same key is told by the key */
    for (size_t i = all && !(group->check->repeats && kind == MARK_KEY) ? 0 : 1;
         i < group->count; i++)
        TRY(code_item(group, group->indexes[i], code));
    return NULL;
}

static struct error *
take_index(struct group *group, uint64_t index)
{
    if (group->count == group->room) {
        size_t room = group->room == 0 ? 64 : group->room * 2;
        uint64_t *indexes = realloc(group->indexes, room * sizeof *indexes);
        if (indexes == NULL)
            return error_memory();
        group->indexes = indexes;
        group->room = room;
    }
    group->indexes[group->count++] = index;
    return NULL;
}

#define PROGRESS_MARKS 100000

static struct error *
take_mark(void *user, const struct check_mark *mark)
{
    struct group *group = user;
    const struct batch_check *check = group->check;
    bool same =
        group->count > 0 && memcmp(mark->hash, group->first.hash, sizeof mark->hash) == 0;
    if (!same) {
        if (group->count > 1)
            TRY(end_group(group));
        group->first = *mark;
        group->count = 0;
        group->differ = false;
    }
    group->differ =
        group->differ || memcmp(mark->other, group->first.other, sizeof mark->other) != 0;
    TRY(take_index(group, mark->index));
    if (++group->done % PROGRESS_MARKS == 0 && check->progress != NULL)
        return check->progress(check->user, BATCH_STAGE_DOUBLES, group->done);
    return NULL;
}

struct error *
double_find(const struct batch_check *check, struct check_sort *sort,
            struct batch_review *review)
{
    struct group group = {.check = check, .review = review};
    struct error *error = check_sort_each(sort, take_mark, &group);
    if (error == NULL && group.count > 1)
        error = end_group(&group);
    free(group.indexes);
    return error;
}
