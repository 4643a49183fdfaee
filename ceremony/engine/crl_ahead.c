/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_ahead.h"

#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/pki/build.h"
#include "transcripts/digest.h"

struct error *
crl_ahead_require_none(struct engine *engine, const struct state_key *key)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    size_t held = 0;
    uint64_t first = 0;
    TRY(ledger_crls_ahead(engine->ledger, key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].state, "lost") == 0)
            continue;
        first = held == 0 ? rows[i].crl.number : first;
        held++;
    }
    if (held == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "%zu CRLs of \"%s\" were signed ahead and are not released, from number %llu on",
              held, key->name, (unsigned long long)first),
        "They would hide what is revoked now. Use a script that destroys them first, with a step "
        "destroy-series, or release them when their time comes.");
}

/* --- what lies on the medium --- */

/* By the bytes that were signed: an interruption can leave a CRL whose own hash nobody recorded. */
static struct error *
is_crl(const char *path, const struct ledger_crl *crl, bool *ret_same)
{
    AUTO_FILE_MAP map = {0};
    char hash[DIGEST_SHA256_TEXT];
    const unsigned char *tbs = NULL;
    size_t len = 0;
    *ret_same = false;
    TRY(file_map_open(path, &map));
    struct error *error = pki_tbs_of(map.data, map.len, &tbs, &len);
    if (error != NULL) { /* something else lies there */
        error_free(error);
        return NULL;
    }
    TRY(digest_sha256_text(tbs, len, hash));
    *ret_same = strcmp(hash, crl->tbs_sha256) == 0;
    return NULL;
}

struct error *
crl_ahead_find(const struct engine *engine, const struct ledger_crl *crl, char **ret_path)
{
    AUTO_FOLDER_LIST list = {0};
    const char *folder = engine->site->sealed_medium;
    if (folder == NULL || folder[0] == '\0' || !file_exists(folder))
        return NULL;
    TRY(folder_list(folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        bool same = false;
        TRY(path_join(folder, list.names[i], &path));
        TRY(is_crl(path, crl, &same));
        if (!same)
            continue;
        *ret_path = TAKE(path);
        return NULL;
    }
    return NULL;
}
