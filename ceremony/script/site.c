/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/hash.h"
#include "ceremony/script/places.h"
#include "ceremony/script/site_read.h"

void
site_free(struct site *site)
{
    if (site == NULL)
        return;
    site_clear_environment(site);
    site_clear_roster(site);
    site_clear_custody(site);
    site_clear_approval(site);
    for (size_t i = 0; i < site->file_count; i++) {
        free(site->files[i].name);
        bytes_clear(&site->files[i].raw);
    }
    free(site->files);
    places_free(site->places);
    free(site->folder);
    free(site);
}

struct error *
site_fault(const struct site *site, struct faults *faults, const char *name, const char *text,
           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *raw = NULL;
    int len = vasprintf(&raw, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    AUTO_FREE char *said = raw;
    AUTO_FREE char *path = NULL;
    TRY(path_join(site->folder, name, &path));
    return places_fault(site->places, faults, path, text, "%s", said);
}

/* The bytes as they were read, for hashes and for the evidence folder. */
static struct error *
keep_file(struct site *site, const char *name, const struct bytes *bytes)
{
    struct site_file *kept = yaml_grow(&site->files, &site->file_count, sizeof *kept);
    if (kept == NULL)
        return error_memory();
    TRY(text_copy(name, &kept->name));
    TRY(bytes_copy(&kept->raw, bytes->data, bytes->len));
    return pki_sha256_hex(bytes->data, bytes->len, kept->sha256);
}

static const struct {
    const char *name;
    struct error *(*read)(struct yaml_file *file, struct site *site);
    bool is_optional;
    bool is_approval; /* kept apart: it holds the hashes of the others */
} site_files[] = {
    {"environment.yaml", site_read_environment, false, false},
    {"roster.yaml",      site_read_roster,      false, false},
    {"custody.yaml",     site_read_custody,     false, false},
    {"approval.yaml",    site_read_approval,    true,  true },
};

static struct error *
read_file(struct site *site, size_t index, struct faults *faults)
{
    const char *name = site_files[index].name;
    AUTO_FREE char *path = NULL;
    TRY(path_join(site->folder, name, &path));
    if (site_files[index].is_optional && !file_exists(path))
        return NULL;
    AUTO(yaml_file) file = NULL;
    struct error *error = yaml_open(path, faults, site->places, &file);
    if (error != NULL) {
        if (error_code(error) == ERROR_MEMORY)
            return error;
        struct error *told = faults_add(faults, path, 0, 0, "%s", error_what(error));
        error_free(error);
        return told;
    }
    const struct bytes *bytes = yaml_bytes(file);
    if (site_files[index].is_approval) {
        TRY(pki_sha256_hex(bytes->data, bytes->len, site->approval.sha256));
        site->approval.given = true;
    } else {
        TRY(keep_file(site, name, bytes));
    }
    return site_files[index].read(file, site);
}

/* Texts of files that could not be read are "", not NULL. */
static struct error *
fill_missing(struct site *site)
{
    char **const texts[] = {
        &site->video,         &site->approval.approver, &site->approval.role,
        &site->approval.date, &site->approval.document, &site->approval.ceremony};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (*texts[i] == NULL)
            TRY(text_copy("", texts[i]));
    return NULL;
}

struct error *
site_load(const char *folder, const struct script *script, struct faults *faults,
          struct site **ret_site)
{
    size_t before = faults->count;
    AUTO(site) site = calloc(1, sizeof *site);
    if (site == NULL)
        return error_memory();
    TRY(text_copy(folder, &site->folder));
    TRY(places_new(&site->places));
    if (!file_is_folder(folder))
        return error_hint(ERROR(ERROR_NOT_FOUND, "there is no site folder '%s'", folder),
                          "Give the folder that holds environment.yaml with --site.");
    for (size_t i = 0; i < sizeof site_files / sizeof site_files[0]; i++)
        TRY(read_file(site, i, faults));
    TRY(fill_missing(site));
    if (script != NULL)
        TRY(site_copy_roles(site, script));
    TRY(site_check(site, faults));
    if (faults->count > before)
        return faults_as_error(faults);
    *ret_site = TAKE(site);
    return NULL;
}

const struct site_module *
site_module(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->module_count; i++)
        if (strcmp(site->modules[i].name, name) == 0)
            return &site->modules[i];
    return NULL;
}

const struct site_token *
site_token(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->token_count; i++)
        if (strcmp(site->tokens[i].name, name) == 0)
            return &site->tokens[i];
    return NULL;
}

const struct share_plan *
site_plan(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->plan_count; i++)
        if (strcmp(site->plans[i].name, name) == 0)
            return &site->plans[i];
    return NULL;
}

const struct site_input *
site_input(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->input_count; i++)
        if (strcmp(site->inputs[i].name, name) == 0)
            return &site->inputs[i];
    return NULL;
}
