/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/archive.h"

#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/ca_request.h"
#include "transcripts/digest.h"

#define ARCHIVE           "archive"
#define FILE_MAX          (256U << 20)
#define TRANSCRIPT_SHELF  "transcripts"
#define TRANSCRIPT_ENDING ".jsonl"

/* As enum archive_shelf; where such files lie in an evidence folder, by their ending. */
static const struct {
    const char *folder;
    const char *ending;
    const char *evidence;
} shelves[] = {
    {"certificates", ".der",  "certificates"},
    {"crls",         ".der",  "crls"        },
    {"wrapped",      ".kwp",  "wrapped"     },
    {"wrapped",      ".json", "wrapped"     },
    {"requests",     ".der",  "requests"    },
};

static struct error *
place(const char *site_folder, const char *folder, const char *name, const char *ending,
      char **ret_path)
{
    AUTO_FREE char *inner = NULL;
    TRY(text_format(&inner, ARCHIVE "/%s/%s%s", folder, name, ending));
    return path_join(site_folder, inner, ret_path);
}

struct error *
archive_read(const char *site_folder, enum archive_shelf shelf, const char *sha256,
             const char *what, struct bytes *ret_data)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES data = {0};
    char hash[DIGEST_SHA256_TEXT];
    TRY(place(site_folder, shelves[shelf].folder, sha256, shelves[shelf].ending, &path));
    if (!file_exists(path))
        return error_hint(ERROR(ERROR_NOT_FOUND, "%s is not in the site's archive", what),
                          "Copy it there from the evidence folder of its ceremony, under the "
                          "name " ARCHIVE "/%s/%s%s.",
                          shelves[shelf].folder, sha256, shelves[shelf].ending);
    TRY(file_read(path, FILE_MAX, &data));
    TRY(digest_sha256_text(data.data, data.len, hash));
    if (strcmp(hash, sha256) != 0)
        return error_hint(ERROR(ERROR_VERIFICATION,
                                "%s in the site's archive is not the one that the ledger "
                                "names",
                                what),
                          "Copy the right one there from the evidence folder of its ceremony.");
    bytes_clear(ret_data);
    *ret_data = data;
    memset(&data, 0, sizeof data);
    return NULL;
}

struct error *
archive_destroy(const char *site_folder, enum archive_shelf shelf, const char *sha256,
                bool *ret_was_there)
{
    AUTO_FREE char *path = NULL;
    TRY(place(site_folder, shelves[shelf].folder, sha256, shelves[shelf].ending, &path));
    if (ret_was_there != NULL)
        *ret_was_there = file_exists(path);
    return file_destroy(path);
}

static struct error *
request_of(const char *path, const struct bytes *spki, struct bytes *ret_der)
{
    AUTO_BYTES der = {0};
    AUTO_CA_REQUEST request = {0};
    TRY(file_read(path, FILE_MAX, &der));
    TRY(pki_ca_request_read(der.data, der.len, &request));
    if (request.spki.len != spki->len || memcmp(request.spki.data, spki->data, spki->len) != 0)
        return NULL;
    bytes_clear(ret_der);
    *ret_der = der;
    memset(&der, 0, sizeof der);
    return NULL;
}

struct error *
archive_find_request(const char *site_folder, const struct bytes *spki, struct bytes *ret_der)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(site_folder, ARCHIVE "/requests", &folder));
    if (!file_exists(folder))
        return NULL;
    TRY(folder_list(folder, true, false, &list));
    for (size_t i = 0; i < list.count && ret_der->len == 0; i++) {
        AUTO_FREE char *path = NULL;
        TRY(path_join(folder, list.names[i], &path));
        TRY(request_of(path, spki, ret_der));
    }
    return NULL;
}

/* The head of a chain is the hash of its last line. */
static struct error *
check_head(const struct bytes *lines, const char *head_sha256, const char *ceremony)
{
    char hash[DIGEST_SHA256_TEXT];
    size_t start = lines->len;
    if (start > 0)
        start--;
    while (start > 0 && lines->data[start - 1] != '\n')
        start--;
    TRY(digest_sha256_text(lines->data + start, lines->len - start, hash));
    if (strcmp(hash, head_sha256) == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_VERIFICATION,
              "the transcript of \"%s\" in the site's archive does not end as the ledger says",
              ceremony),
        "Copy the right one there from the evidence folder of that ceremony.");
}

struct error *
archive_read_transcript(const char *site_folder, const char *ceremony, const char *head_sha256,
                        struct bytes *ret_data)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES data = {0};
    TRY(place(site_folder, TRANSCRIPT_SHELF, ceremony, TRANSCRIPT_ENDING, &path));
    if (!file_exists(path))
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "the transcript of \"%s\" is not in the site's archive",
                  ceremony),
            "Copy it there from the evidence folder of that ceremony, under the name " ARCHIVE
            "/" TRANSCRIPT_SHELF "/%s.jsonl.",
            ceremony);
    TRY(file_read(path, FILE_MAX, &data));
    TRY(check_head(&data, head_sha256, ceremony));
    bytes_clear(ret_data);
    *ret_data = data;
    memset(&data, 0, sizeof data);
    return NULL;
}

static struct error *
refuse_unknown(struct ledger *ledger, const char *file)
{
    AUTO_FREE char *id = NULL;
    bool known = false;
    if (!text_ends_with(file, TRANSCRIPT_ENDING))
        return NULL;
    TRY(text_format(&id, "%.*s", (int)(strlen(file) - strlen(TRANSCRIPT_ENDING)), file));
    TRY(known_ceremony(ledger, id, &known));
    if (known)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the ledger does not know the ceremony \"%s\", whose record is in "
              "the site's archive",
              id),
        "This is an older ledger, or another CA's. Bring the ledger of the last ceremony.");
}

struct error *
archive_check_ledger(const char *site_folder, struct ledger *ledger)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(site_folder, ARCHIVE "/" TRANSCRIPT_SHELF, &folder));
    if (!file_exists(folder))
        return NULL;
    TRY(folder_list(folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++)
        TRY(refuse_unknown(ledger, list.names[i]));
    return NULL;
}

static struct error *
keep(const char *site_folder, const char *shelf_name, const char *name, const char *ending,
     const char *from)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *shelf = NULL;
    AUTO_FREE char *base = NULL;
    TRY(path_join(site_folder, ARCHIVE, &base));
    TRY(folder_make(base, true));
    TRY(path_join(base, shelf_name, &shelf));
    TRY(folder_make(shelf, true));
    TRY(place(site_folder, shelf_name, name, ending, &path));
    return digest_copy_file(from, path);
}

static struct error *
keep_shelf(const char *site_folder, const char *evidence, size_t shelf)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(evidence, shelves[shelf].evidence, &folder));
    if (!file_exists(folder))
        return NULL;
    TRY(folder_list(folder, true, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        char hash[DIGEST_SHA256_TEXT];
        if (!text_ends_with(list.names[i], shelves[shelf].ending))
            continue;
        TRY(path_join(folder, list.names[i], &path));
        TRY(digest_sha256_file(path, hash, NULL));
        TRY(keep(site_folder, shelves[shelf].folder, hash, shelves[shelf].ending, path));
    }
    return NULL;
}

struct error *
archive_keep(const char *site_folder, const char *evidence, const char *ceremony)
{
    AUTO_FREE char *path = NULL;
    for (size_t shelf = 0; shelf < sizeof shelves / sizeof shelves[0]; shelf++)
        TRY(keep_shelf(site_folder, evidence, shelf));
    TRY(path_join(evidence, "transcript.jsonl", &path));
    return keep(site_folder, TRANSCRIPT_SHELF, ceremony, TRANSCRIPT_ENDING, path);
}
