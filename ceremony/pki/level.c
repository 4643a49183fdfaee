/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/level.h"

#include <stdlib.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/x509.h"

#define LEVEL_MAX       8U
#define CERTIFICATE_MAX (1U << 20)

static struct der
authority_key_id(const struct x509 *certificate)
{
    const struct x509_extension *found = x509_find(certificate, OID_AUTHORITY_KEY_IDENTIFIER);
    struct der_item list;
    struct der_item id;
    if (found == NULL || der_only(found->value, DER_SEQUENCE, &list) != NULL
        || !der_is_next(list.body, DER_CONTEXT(0)) || der_next(&list.body, &id) != NULL)
        return der_view(NULL, 0);
    return id.body;
}

static bool
may_be_issuer(const struct x509 *issuer, const struct x509 *certificate)
{
    struct der wanted = authority_key_id(certificate);
    struct der found = x509_ski(issuer);
    return name_equal(issuer->subject.whole, certificate->issuer.whole)
           && (wanted.len == 0 || found.len == 0 || der_equal(wanted, found));
}

/* The shortest way up, of at most `left` steps. */
static unsigned
level_within(const void *der, size_t len, const struct bytes *known, size_t count,
             unsigned left)
{
    struct x509 certificate;
    unsigned best = PKI_LEVEL_UNKNOWN;
    if (x509_parse(der, len, &certificate) != NULL || certificate.kind != KIND_CERTIFICATE)
        return PKI_LEVEL_UNKNOWN;
    if (may_be_issuer(&certificate, &certificate))
        return 1;
    for (size_t i = 0; i < count && left > 1; i++) {
        struct x509 issuer;
        if (x509_parse(known[i].data, known[i].len, &issuer) != NULL
            || issuer.kind != KIND_CERTIFICATE || !may_be_issuer(&issuer, &certificate))
            continue;
        unsigned level = level_within(known[i].data, known[i].len, known, count, left - 1);
        if (level != PKI_LEVEL_UNKNOWN && (best == PKI_LEVEL_UNKNOWN || level + 1 < best))
            best = level + 1;
    }
    return best;
}

unsigned
pki_level(const void *der, size_t len, const struct bytes *known, size_t count)
{
    return level_within(der, len, known, count, LEVEL_MAX);
}

struct pool {
    struct bytes *items;
    size_t count;
};

static void
pool_clear(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        bytes_clear(&pool->items[i]);
    free(pool->items);
}

static struct error *
add_folder(struct pool *pool, const char *folder)
{
    AUTO_FOLDER_LIST list = {0};
    if (!file_exists(folder))
        return NULL;
    TRY(folder_list(folder, false, false, &list));
    struct bytes *items =
        realloc(pool->items, (pool->count + list.count + 1) * sizeof *pool->items);
    if (items == NULL)
        return error_memory();
    pool->items = items;
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        if (!text_ends_with(list.names[i], ".der"))
            continue;
        TRY(path_join(folder, list.names[i], &path));
        pool->items[pool->count] = (struct bytes){0};
        TRY(file_read(path, CERTIFICATE_MAX, &pool->items[pool->count]));
        pool->count++;
    }
    return NULL;
}

struct error *
pki_level_among(const char *const *folders, size_t folder_count, const void *der, size_t len,
                unsigned *ret_level)
{
    __attribute__((cleanup(pool_clear))) struct pool pool = {0};
    for (size_t i = 0; i < folder_count; i++)
        TRY(add_folder(&pool, folders[i]));
    *ret_level = pki_level(der, len, pool.items, pool.count);
    return NULL;
}

struct error *
pki_level_line(struct bytes *body, unsigned level)
{
    if (level == PKI_LEVEL_UNKNOWN)
        return bytes_append_text(body,
                                 "Level        not known: the way to its anchor is not here\n");
    return bytes_format(body, "Level        %u%s\n", level,
                        level == 1 ? " (a trust anchor)" : " (the trust anchor is level 1)");
}
