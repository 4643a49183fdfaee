/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/earlier.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/issue.h"
#include "ceremony/pki/pki.h"

struct error *
earlier_label(struct engine *engine, const struct script_key *planned, char **ret_label)
{
    return text_format(ret_label, "%s%s", evidence_prefix(engine),
                       planned->label[0] != '\0' ? planned->label : planned->id);
}

struct error *
earlier_check_type(const struct script_key *planned, const struct known_key *known)
{
    if (strcmp(planned->type, SCRIPT_TYPE_AS_MADE) == 0
        || strcmp(known->type, planned->type) == 0)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the ledger knows the key \"%s\" as %s, the script "
                            "as %s",
                            known->label, known->type, planned->type),
                      "Correct the type in the script, and have it approved.");
}

static struct error *
public_key(struct engine *engine, const struct known_key *known, struct state_key *key)
{
    AUTO_BYTES certificate = {0};
    TRY(issue_earlier_certificate(engine->ledger, engine->site->folder, known->label,
                                  &certificate));
    TRY(pki_certificate_spki(certificate.data, certificate.len, &key->spki));
    TRY(pki_spki_hash(key->spki.data, key->spki.len, key->spki_sha256));
    if (strcmp(key->spki_sha256, known->spki_sha256) == 0)
        return NULL;
    return ERROR(ERROR_VERIFICATION, "the certificate in the archive is not of the key \"%s\"",
                 known->label);
}

struct error *
earlier_key(struct engine *engine, const struct script_key *planned, struct state_key *ret_key)
{
    struct known_key known;
    struct state_key key = {0};
    AUTO_FREE char *label = NULL;
    TRY(earlier_label(engine, planned, &label));
    TRY(known_key_by_label(engine->ledger, label, &known));
    TRY(earlier_check_type(planned, &known));
    (void)snprintf(key.name, sizeof key.name, "%s", planned->id);
    (void)snprintf(key.token, sizeof key.token, "%s", planned->token);
    (void)snprintf(key.label, sizeof key.label, "%.90s", known.label);
    (void)snprintf(key.id_hex, sizeof key.id_hex, "%.128s", known.id_hex);
    (void)snprintf(key.type, sizeof key.type, "%.90s", known.type);
    key.pin_each_signature = planned->pin == PIN_EACH_SIGNATURE;
    key.decrypts = planned->use == USE_DECRYPT;
    struct error *error = public_key(engine, &known, &key);
    if (error != NULL) {
        bytes_clear(&key.spki);
        return error;
    }
    *ret_key = key;
    return NULL;
}

struct error *
earlier_backup(struct engine *engine, const struct state_key *key,
               struct known_backup *ret_backup, struct bytes *ret_blob)
{
    AUTO_FREE char *what = NULL;
    TRY(known_backup_live(engine->ledger, key->spki_sha256, ret_backup));
    TRY(text_format(&what, "the wrapped copy of key \"%s\"", key->label));
    return archive_read(engine->site->folder, ARCHIVE_WRAPPED_KEY, ret_backup->blob_sha256,
                        what, ret_blob);
}
