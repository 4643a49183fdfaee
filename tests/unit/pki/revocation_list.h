/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations for tests and benches: made up from their number, none kept, and signing with a
 * software key in parts. */
#pragma once

#include <string.h>

#include "ceremony/pki/crl_stream.h"
#include "tests/unit/pki/fixture.h"

struct revocation_list {
    uint64_t count;
    uint64_t at;
    int64_t date;
    uint64_t fail_at; /* the source breaks before this one; 0: never */
};

static inline void
revocation_make(const struct revocation_list *list, uint64_t number, struct pki_revocation *ret)
{
    static const int reasons[5] = {1, 4, 5, 9, -1}; /* 4 of 5 have one */
    *ret = (struct pki_revocation){.serial_len = 16,
                                   .date = list->date - (int64_t)(number % 1000000),
                                   .reason = reasons[number % 5]};
    for (size_t i = 0; i < 8; i++)
        ret->serial[i] = (unsigned char)((number + 1) >> (56 - 8 * i));
    uint64_t mixed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(ret->serial + 8, &mixed, 8);
    ret->serial[0] = 0x40;
    if (number % 7 == 0)
        ret->invalidity_date = list->date - 86400;
}

static inline struct error *
revocation_rewind(void *self)
{
    struct revocation_list *list = self;
    list->at = 0;
    return NULL;
}

static inline struct error *
revocation_next(void *self, struct pki_revocation *ret, bool *ret_end)
{
    struct revocation_list *list = self;
    if (list->fail_at != 0 && list->at + 1 == list->fail_at)
        return ERROR(ERROR_IO, "the list broke off");
    *ret_end = list->at == list->count;
    if (!*ret_end)
        revocation_make(list, list->at++, ret);
    return NULL;
}

static inline struct pki_revocations
revocation_source(struct revocation_list *list)
{
    return (struct pki_revocations){
        .rewind = revocation_rewind, .next = revocation_next, .self = list};
}

/* `self` is an EVP_PKEY. */
static inline struct error *
sign_in_parts(void *self, const char *digest, const struct byte_source *message,
              struct bytes *ret_signature)
{
    unsigned char signature[1024];
    size_t len = sizeof signature;
    const void *data = NULL;
    size_t part = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    struct error *error = NULL;
    bool good = EVP_DigestSignInit_ex(md, NULL, digest, NULL, NULL, self, NULL) == 1;
    while (good && (error = message->next(message->self, &data, &part)) == NULL && part > 0)
        good = EVP_DigestSignUpdate(md, data, part) == 1;
    if (error == NULL && good)
        good = EVP_DigestSignFinal(md, signature, &len) == 1;
    EVP_MD_CTX_free(md);
    if (error != NULL)
        return error;
    if (!good)
        return ERROR(ERROR_TOKEN, "the key did not sign");
    return bytes_copy(ret_signature, signature, len);
}
