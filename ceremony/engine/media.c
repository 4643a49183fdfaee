/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/media.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "p11/key.h"
#include "p11/object.h"
#include "transcripts/seal.h"

static struct error *
make_parents(const char *base, const char *name)
{
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        AUTO_FREE char *part = NULL;
        AUTO_FREE char *path = NULL;
        TRY(text_format(&part, "%.*s", (int)(slash - name), name));
        TRY(path_join(base, part, &path));
        TRY(folder_make(path, true));
    }
    return NULL;
}

static bool
is_confidential(const char *name)
{
    static const char *const names[] = {"confidential.jsonl", "custody.yaml", SEAL_CUSTODIANS};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static struct error *
copy_folder(struct engine *engine, const char *base, const char *folder, bool confidential,
            size_t *files)
{
    AUTO_FREE char *source = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(folder[0] == '\0' ? text_copy(engine->evidence, &source)
                          : path_join(engine->evidence, folder, &source));
    if (!file_exists(source))
        return NULL;
    TRY(folder_list(source, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *from = NULL;
        AUTO_FREE char *to = NULL;
        TRY(folder[0] == '\0' ? text_copy(list.names[i], &name)
                              : path_join(folder, list.names[i], &name));
        if (!confidential && is_confidential(name))
            continue;
        TRY(path_join(engine->evidence, name, &from));
        TRY(path_join(base, name, &to));
        TRY(make_parents(base, name));
        TRY_DOING(digest_copy_file(from, to), "copying \"%s\" to the medium", name);
        (*files)++;
    }
    return NULL;
}

struct error *
media_write(struct engine *engine, const char *medium, const char *const *folders,
            size_t folder_count, bool confidential, size_t *ret_files)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *base = NULL;
    size_t files = 0;
    if (!file_is_folder(medium))
        return error_hint(ERROR(ERROR_IO, "the output medium \"%s\" is not there", medium),
                          "Connect it, then resume the ceremony.");
    TRY(text_format(&name, "%s%s", evidence_prefix(engine), engine->state.ceremony_id));
    TRY(path_join(medium, name, &base));
    TRY(folder_make(base, true));
    for (size_t i = 0; i < folder_count; i++)
        TRY(copy_folder(engine, base, folders[i], confidential, &files));
    *ret_files = files;
    return NULL;
}

static struct error *
describe_folder(struct engine *engine, const char *folder, struct bytes *body)
{
    AUTO_FREE char *source = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(engine->evidence, folder, &source));
    if (!file_exists(source))
        return NULL;
    TRY(folder_list(source, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        char hash[DIGEST_SHA256_TEXT];
        unsigned long long size = 0;
        TRY(path_join(source, list.names[i], &path));
        TRY(digest_sha256_file(path, hash, &size));
        TRY(evidence_hash_line(body, list.names[i], hash));
    }
    return NULL;
}

struct error *
media_describe(struct engine *engine, const char *const *folders, size_t folder_count,
               struct bytes *body)
{
    TRY(bytes_append_text(body, "The beginning of each SHA-256:\n\n"));
    for (size_t i = 0; i < folder_count; i++)
        TRY(describe_folder(engine, folders[i], body));
    return NULL;
}

/* A custodian's name is confidential, and stands in files' names too: what an error says is recorded. */
static const char *
public_name(const struct person *person)
{
    return person_has_role(person, "custodian") ? "a custodian" : person->name;
}

static struct error *
cannot_use(const struct person *person, const char *what, const char *path, struct error *cause)
{
    AUTO_FREE char *why = NULL;
    struct error *second = text_copy(error_what(cause), &why);
    error_free(cause);
    TRY(second);
    return error_hint(
        ERROR(ERROR_REFUSED, "the sign-off %s of %s cannot be used", what, public_name(person)),
        "\"%s\": %s. Put it right, then resume the ceremony.", path, why);
}

static struct error *
certificate_path(struct engine *engine, const struct person *person, char **ret_path)
{
    if (person->sign_off_certificate[0] == '\0')
        return ERROR(ERROR_INPUT, "%s has no certificate to sign off with",
                     public_name(person));
    return person->sign_off_certificate[0] == '/'
               ? text_copy(person->sign_off_certificate, ret_path)
               : path_join(engine->site->folder, person->sign_off_certificate, ret_path);
}

struct error *
signer_certificate_sha256(struct engine *engine, const struct person *person,
                          char ret_hash[DIGEST_SHA256_TEXT])
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES file = {0};
    AUTO_BYTES der = {0};
    char label[32];
    TRY(certificate_path(engine, person, &path));
    struct error *error = file_read(path, 65536, &file);
    if (error == NULL)
        error = pki_from_file(file.data, file.len, &der, label);
    if (error != NULL)
        return cannot_use(person, "certificate", path, error);
    return digest_sha256_text(der.data, der.len, ret_hash);
}

static struct error *
sign_with_file(struct engine *engine, const struct person *person, const char *certificate_path,
               const char *signature)
{
    AUTO_FREE char *path = NULL;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    if (person->sign_off_key[0] == '\0')
        return ERROR(ERROR_INPUT, "%s has no key to sign off with", person->name);
    TRY(path_join(engine->site->folder, person->sign_off_key, &path));
    TRY(seal_load_signer(path, certificate_path, &key, &certificate));
    struct error *error = seal_sign(engine->evidence, signature, key, certificate, NULL);
    EVP_PKEY_free(key);
    X509_free(certificate);
    return error;
}

/* The id of the key on the token whose public half is the certificate's. */
static struct error *
find_own_key(struct p11_session *session, const struct person *person, const struct bytes *spki,
             unsigned char ret_id[P11_ID_MAX], size_t *ret_len)
{
    AUTO_FREE struct p11_object *keys = NULL;
    size_t count = 0;
    TRY(p11_objects_find(session, P11_PRIVATE_KEY, NULL, 0, NULL, &keys, &count));
    for (size_t i = 0; i < count; i++) {
        AUTO_BYTES own = {0};
        struct error *error = p11_key_spki(session, keys[i].id, keys[i].id_len, &own);
        bool same =
            error == NULL && own.len == spki->len && memcmp(own.data, spki->data, own.len) == 0;
        error_free(error);
        if (!same)
            continue;
        memcpy(ret_id, keys[i].id, keys[i].id_len);
        *ret_len = keys[i].id_len;
        return NULL;
    }
    return error_hint(
        ERROR(ERROR_NOT_FOUND, "the token of %s holds no key that fits the certificate",
              person->name),
        "Connect the right token, then resume: only the signatures are left to do.");
}

static struct error *
sign_with_token(struct engine *engine, const struct person *person, const struct bytes *der,
                const char *signature)
{
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    EVP_PKEY *key = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    AUTO_BYTES spki = {0};
    TRY(pki_certificate_spki(der->data, der->len, &spki));
    TRY(tokens_get(engine, person->sign_off_token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(find_own_key(session, person, &spki, id, &id_len));
    TRY(tokens_signing_key(engine, token, id, id_len, spki.data, spki.len, &key));
    const unsigned char *next = der->data;
    X509 *certificate = d2i_X509(NULL, &next, (long)der->len);
    struct error *error =
        certificate == NULL
            ? ERROR(ERROR_INPUT, "the certificate of %s cannot be read", person->name)
            : seal_sign(engine->evidence, signature, key, certificate,
                        p11_provider_context(engine->provider));
    X509_free(certificate);
    EVP_PKEY_free(key);
    TRY(tokens_signing_error(engine, error));
    return tokens_logout(engine, token);
}

struct error *
signer_sign(struct engine *engine, const struct person *person, const char *signature)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES file = {0};
    AUTO_BYTES der = {0};
    char label[32];
    TRY(certificate_path(engine, person, &path));
    if (person->sign_off_token[0] == '\0')
        return sign_with_file(engine, person, path, signature);
    TRY(file_read(path, 65536, &file));
    TRY(pki_from_file(file.data, file.len, &der, label));
    return sign_with_token(engine, person, &der, signature);
}

struct error *
signer_check(struct engine *engine, const struct person *person)
{
    char hash[DIGEST_SHA256_TEXT];
    AUTO_FREE char *certificate_file = NULL;
    AUTO_FREE char *key_file = NULL;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    if (person->wet_ink)
        return NULL;
    TRY(signer_certificate_sha256(engine, person, hash));
    if (person->sign_off_key[0] == '\0')
        return NULL;
    TRY(certificate_path(engine, person, &certificate_file));
    TRY(path_join(engine->site->folder, person->sign_off_key, &key_file));
    TRY(seal_load_signer(key_file, certificate_file, &key, &certificate));
    EVP_PKEY_free(key);
    X509_free(certificate);
    return NULL;
}
