/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"

#define SUMS_LIMIT  ((size_t)64 << 20)
#define HASH_DIGITS ((size_t)64)
#define ADDENDA     "addenda/"

/* What may be absent from a public extract. */
static const char *const confidential_files[] = {CONFIDENTIAL_FILE, "custody.yaml",
                                                 SEAL_CUSTODIANS};

static bool
is_left_out(const char *name)
{
    return strcmp(name, SEAL_SUMS) == 0 || strcmp(name, SEAL_SIGNATURE) == 0
           || strcmp(name, SEAL_CUSTODIANS) == 0 || text_starts_with(name, ADDENDA);
}

bool
seal_is_confidential(const char *name)
{
    for (size_t i = 0; i < sizeof confidential_files / sizeof confidential_files[0]; i++) {
        if (strcmp(name, confidential_files[i]) == 0)
            return true;
    }
    return text_starts_with(name, SEAL_DEVICE_KEYS);
}

/* sha256sum escapes backslash and newline; such names are refused rather than written two ways. */
static bool
is_plain_name(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || !text_is_utf8(name, strlen(name)))
        return false;
    for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f || *p == '\\')
            return false;
    }
    for (const char *part = name; part != NULL;
         part = strchr(part, '/') == NULL ? NULL : strchr(part, '/') + 1) {
        size_t len = strcspn(part, "/");
        if (len == 0 || (len == 1 && part[0] == '.')
            || (len == 2 && memcmp(part, "..", 2) == 0))
            return false;
    }
    return true;
}

static struct error *
file_hash(const char *folder, const char *name, char ret_text[DIGEST_SHA256_TEXT])
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, name, &path));
    return digest_sha256_file(path, ret_text, NULL);
}

struct error *
seal_write_sums(const char *folder)
{
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(folder, true, true, &list));
    AUTO_BYTES sums = {0};
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.names[i];
        if (is_left_out(name))
            continue;
        if (!is_plain_name(name))
            return error_hint(ERROR(ERROR_INPUT,
                                    "the evidence folder holds a file whose name has "
                                    "control characters or a backslash"),
                              "Rename it, then close the ceremony again.");
        char hash[DIGEST_SHA256_TEXT];
        TRY(file_hash(folder, name, hash));
        TRY(bytes_format(&sums, "%s  %s\n", hash, name));
    }
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, SEAL_SUMS, &path));
    return file_replace(path, sums.data == NULL ? (const void *)"" : sums.data, sums.len);
}

struct checks {
    struct seal_check *rows;
    size_t count;
};

static struct error *
add_check(struct checks *checks, const char *file, const char *fault)
{
    size_t count = checks->count;
    if ((count & (count + 1)) == 0) { /* grow at 0, 1, 3, 7, ... */
        struct seal_check *rows = realloc(checks->rows, (count + 1) * 2 * sizeof *rows);
        if (rows == NULL)
            return error_memory();
        checks->rows = rows;
    }
    char *copy = NULL;
    TRY(text_copy(file, &copy));
    checks->rows[count] = (struct seal_check){.file = copy, .fault = fault};
    checks->count++;
    return NULL;
}

void
seal_checks_free(struct seal_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(checks[i].file);
    free(checks);
}

/* Splits "HASH  NAME" in place; NAME must come after `before` in byte order. */
static struct error *
parse_line(char *line, size_t number, const char *before, const char **ret_name)
{
    bool form = strlen(line) > HASH_DIGITS + 2
                && strspn(line, "0123456789abcdef") == HASH_DIGITS
                && memcmp(line + HASH_DIGITS, "  ", 2) == 0;
    const char *name = form ? line + HASH_DIGITS + 2 : "";
    if (!form || !is_plain_name(name))
        return ERROR(ERROR_VERIFICATION, "line %zu of " SEAL_SUMS " is not a hash and a name",
                     number);
    if (is_left_out(name))
        return ERROR(ERROR_VERIFICATION, "line %zu of " SEAL_SUMS " lists \"%s\"", number,
                     name);
    if (before != NULL && strcmp(before, name) >= 0)
        return ERROR(ERROR_VERIFICATION, "line %zu of " SEAL_SUMS " is out of order", number);
    line[HASH_DIGITS] = '\0';
    *ret_name = name;
    return NULL;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
list_has(const struct folder_list *list, const char *name)
{
    return list->count > 0
           && bsearch(&name, list->names, list->count, sizeof *list->names, compare_names)
                  != NULL;
}

static struct error *
check_listed(const char *folder, const struct folder_list *list, const char *hash,
             const char *name, bool public_extract, struct checks *checks)
{
    if (!list_has(list, name)) {
        if (public_extract && seal_is_confidential(name))
            return NULL;
        return add_check(checks, name, "missing");
    }
    char now[DIGEST_SHA256_TEXT];
    TRY(file_hash(folder, name, now));
    return add_check(checks, name, strcmp(now, hash) == 0 ? NULL : "changed");
}

static struct error *
check_lines(const char *folder, char *text, const struct folder_list *list, bool public_extract,
            struct checks *checks)
{
    const char *before = NULL;
    size_t number = 1;
    for (char *line = text; *line != '\0'; number++) {
        char *end = strchr(line, '\n');
        if (end == NULL)
            return ERROR(ERROR_VERIFICATION, "line %zu of " SEAL_SUMS " is not complete",
                         number);
        *end = '\0';
        const char *name = NULL;
        TRY(parse_line(line, number, before, &name));
        TRY(check_listed(folder, list, line, name, public_extract, checks));
        before = name;
        line = end + 1;
    }
    return NULL;
}

/* The names of the sums, once more, to look the folder's files up in; they stand sorted. */
static struct error *
check_unlisted(const char *text_start, size_t len, const struct folder_list *list,
               struct checks *checks)
{
    AUTO_FREE const char **names = calloc(len / (HASH_DIGITS + 3) + 1, sizeof *names);
    if (names == NULL)
        return error_memory();
    size_t count = 0;
    for (size_t at = 0; at < len; count++) { /* each line is now HASH NUL blank NAME NUL */
        names[count] = text_start + at + HASH_DIGITS + 2;
        at += HASH_DIGITS + 2 + strlen(names[count]) + 1;
    }
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->names[i];
        if (!is_left_out(name)
            && (count == 0
                || bsearch(&name, names, count, sizeof *names, compare_names) == NULL))
            TRY(add_check(checks, name, "not listed"));
    }
    return NULL;
}

static struct error *
check_folder(const char *folder, bool public_extract, struct checks *checks)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, SEAL_SUMS, &path));
    AUTO_BYTES sums = {0};
    TRY(file_read(path, SUMS_LIMIT, &sums));
    if (sums.len == 0)
        return ERROR(ERROR_VERIFICATION, SEAL_SUMS " is empty");
    if (memchr(sums.data, 0, sums.len) != NULL)
        return ERROR(ERROR_VERIFICATION, SEAL_SUMS " holds a zero byte");
    AUTO_FOLDER_LIST list = {0};
    struct error *error = folder_list(folder, true, true, &list);
    if (error != NULL)
        return error_code(error) == ERROR_INPUT ? error_recode(error, ERROR_VERIFICATION)
                                                : error;
    TRY(check_lines(folder, (char *)sums.data, &list, public_extract, checks));
    return check_unlisted((const char *)sums.data, sums.len, &list, checks);
}

struct error *
seal_check_sums(const char *folder, bool public_extract, struct seal_check **ret_checks,
                size_t *ret_count)
{
    struct checks checks = {0};
    struct error *error = check_folder(folder, public_extract, &checks);
    if (error != NULL) {
        seal_checks_free(checks.rows, checks.count);
        return error;
    }
    *ret_checks = checks.rows;
    *ret_count = checks.count;
    return NULL;
}
