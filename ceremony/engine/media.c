/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/media.h"

#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "transcripts/seal.h"

#define COPY_MAX ((size_t)1 << 30)

/* Copies with read-back; an equal file is fine. The folder bears this ceremony's id, so another file of
 * the name is an earlier copy of ours (transcript, sums), and is replaced. */
static struct error *
copy_file(const char *from, const char *to)
{
    AUTO_BYTES contents = {0};
    TRY(file_read(from, COPY_MAX, &contents));
    if (file_exists(to)) {
        AUTO_BYTES there = {0};
        TRY(file_read(to, COPY_MAX, &there));
        if (there.len == contents.len && memcmp(there.data, contents.data, there.len) == 0)
            return NULL;
    }
    return file_replace(to, contents.data, contents.len);
}

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

static struct error *
copy_folder(struct engine *engine, const char *base, const char *folder, size_t *files)
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
        TRY(path_join(engine->evidence, name, &from));
        TRY(path_join(base, name, &to));
        TRY(make_parents(base, name));
        TRY_DOING(copy_file(from, to), "copying \"%s\" to the medium", name);
        (*files)++;
    }
    return NULL;
}

struct error *
media_write(struct engine *engine, const char *medium, const char *const *folders,
            size_t folder_count, size_t *ret_files)
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
        TRY(copy_folder(engine, base, folders[i], &files));
    *ret_files = files;
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

struct error *
signer_load(struct engine *engine, const struct person *person, EVP_PKEY **ret_key,
            X509 **ret_certificate)
{
    AUTO_FREE char *certificate = NULL;
    AUTO_FREE char *key = NULL;
    TRY(certificate_path(engine, person, &certificate));
    if (person->sign_off_key[0] == '\0')
        return ERROR(ERROR_INPUT, "%s has no key file to sign off with", public_name(person));
    TRY(person->sign_off_key[0] == '/'
            ? text_copy(person->sign_off_key, &key)
            : path_join(engine->site->folder, person->sign_off_key, &key));
    struct error *error = seal_load_signer(key, certificate, ret_key, ret_certificate);
    return error == NULL ? NULL : cannot_use(person, "key", key, error);
}
