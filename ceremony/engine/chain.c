/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/chain.h"

#include <string.h>

#include "ceremony/engine/archive.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/build.h"
#include "transcripts/digest.h"

#define LEVELS_MAX 8

/* Who issued this certificate of the key; "" if the ledger does not know, or the key itself did. */
static struct error *
issuer_of(struct engine *engine, const char *spki_sha256, const char *sha256,
          char ret_issuer[65])
{
    AUTO_FREE struct known_certificate *list = NULL;
    size_t count = 0;
    ret_issuer[0] = '\0';
    TRY(known_certificates(engine->ledger, spki_sha256, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].sha256, sha256) == 0
            && strcmp(list[i].issuer_spki_sha256, spki_sha256) != 0)
            memcpy(ret_issuer, list[i].issuer_spki_sha256, 65);
    return NULL;
}

/* The newest certificate of a CA that is not its own; "" if it has none but that: it is a root. */
static struct error *
newest_of(struct engine *engine, const char *spki_sha256, char ret_sha256[65])
{
    AUTO_FREE struct known_certificate *list = NULL;
    size_t count = 0;
    ret_sha256[0] = '\0';
    TRY(known_certificates(engine->ledger, spki_sha256, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].issuer_spki_sha256, spki_sha256) == 0) {
            ret_sha256[0] = '\0';
            return NULL;
        }
        if (ret_sha256[0] == '\0')
            memcpy(ret_sha256, list[i].sha256, 65);
    }
    return NULL;
}

struct error *
chain_pem(struct engine *engine, const char *spki_sha256, const struct bytes *certificate,
          struct bytes *ret_pem)
{
    AUTO_BYTES below = {0};
    char key[65];
    char sha256[DIGEST_SHA256_TEXT];
    ret_pem->len = 0;
    memcpy(key, spki_sha256, sizeof key);
    TRY(bytes_copy(&below, certificate->data, certificate->len));
    for (int level = 0; level < LEVELS_MAX; level++) {
        AUTO_BYTES above = {0};
        char issuer[65];
        TRY(pki_pem("CERTIFICATE", below.data, below.len, ret_pem));
        TRY(digest_sha256_text(below.data, below.len, sha256));
        TRY(issuer_of(engine, key, sha256, issuer));
        if (issuer[0] == '\0')
            return NULL;
        TRY(newest_of(engine, issuer, sha256));
        if (sha256[0] == '\0')
            return NULL;
        TRY(archive_read(engine->site->folder, ARCHIVE_CERTIFICATE, sha256,
                         "a certificate of the chain", &above));
        TRY(pki_certificate_verify(below.data, below.len, above.data, above.len));
        TRY(bytes_copy(&below, above.data, above.len));
        memcpy(key, issuer, sizeof key);
    }
    return ERROR(ERROR_VERIFICATION, "the chain above the issuer has more than %d levels",
                 LEVELS_MAX);
}
