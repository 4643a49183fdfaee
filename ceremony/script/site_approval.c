/* SPDX-License-Identifier: Apache-2.0
 *
 * approval.yaml: management's approval of exactly these bytes. (R1, R3) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

/* --- reading ---------------------------------------------------------------------------------- */

struct pairs_reader {
    struct site_parameter **items;
    size_t *count;
};

static struct error *
read_value(struct yaml_file *file, const char *key, struct yaml_node at, struct yaml_node value,
           void *self)
{
    (void)at;
    struct pairs_reader *reader = self;
    struct site_parameter *pair = yaml_grow(reader->items, reader->count, sizeof *pair);
    if (pair == NULL)
        return error_memory();
    TRY(text_copy(key, &pair->id));
    TRY(yaml_text(file, value, key, YAML_TEXT_MAX, false, &pair->value));
    return pair->value == NULL ? text_copy("", &pair->value) : NULL;
}

static struct error *
read_hashes(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site_approval *approval = target;
    struct pairs_reader reader = {&approval->hashes, &approval->hash_count};
    return yaml_pairs(file, node, "'hashes'", read_value, &reader);
}

static struct error *
read_parameters(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site_approval *approval = target;
    struct pairs_reader reader = {&approval->parameters, &approval->parameter_count};
    return yaml_pairs(file, node, "'parameters'", read_value, &reader);
}

#define APPROVAL_OWN(name, how, what, reader)                                                  \
    {                                                                                          \
        .key = (name), .type = YAML_OWN, .flags = (how), .about = (what), .read = (reader)     \
    }

static const struct yaml_row approval_rows[] = {
    APPROVAL_OWN("schema", YAML_REQUIRED, "the version of this format: 1",
                 yaml_read_schema_version),
    YAML_ROW(struct site_approval, ceremony, "ceremony", YAML_TEXT, YAML_REQUIRED,
             "name and version of the script"),
    YAML_ROW(struct site_approval, approver, "approver", YAML_TEXT, YAML_REQUIRED,
             "who approves"),
    YAML_ROW(struct site_approval, role, "role", YAML_TEXT, YAML_REQUIRED, "in which role"),
    YAML_ROW(struct site_approval, date, "date", YAML_DATE, YAML_REQUIRED, "on which day"),
    YAML_ROW(struct site_approval, document, "document", YAML_TEXT, YAML_REQUIRED,
             "by which document"),
    APPROVAL_OWN("hashes", YAML_REQUIRED, "what is approved, by SHA-256", read_hashes),
    APPROVAL_OWN("parameters", 0, "the value of every parameter", read_parameters),
};
static const struct yaml_schema approval_schema = YAML_SCHEMA("approval.yaml", approval_rows);

struct error *
site_read_approval(struct yaml_file *file, struct site *site)
{
    return yaml_record(file, yaml_root(file), &approval_schema, &site->approval);
}

static void
clear_pairs(struct site_parameter *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i].id);
        free(items[i].value);
    }
    free(items);
}

void
site_clear_approval(struct site *site)
{
    clear_pairs(site->approval.parameters, site->approval.parameter_count);
    clear_pairs(site->approval.hashes, site->approval.hash_count);
    yaml_record_clear(&approval_schema, &site->approval);
}

/* --- checking --------------------------------------------------------------------------------- */

static const char *
find_value(const struct site_parameter *items, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].id, id) == 0)
            return items[i].value;
    return NULL;
}

/* The script goes by one name wherever its file lies: in the evidence folder it is called so too. */
#define SCRIPT_NAME "script.yaml"

/* One line for each thing that differs. */
static struct error *
compare_hash(const struct site_approval *approval, const char *name, const char *sha256,
             size_t *known, struct bytes *differences)
{
    const char *approved = find_value(approval->hashes, approval->hash_count, name);
    if (approved == NULL)
        return bytes_format(differences, "the approval does not name %s\n", name);
    (*known)++;
    if (strcmp(approved, sha256) != 0)
        return bytes_format(
            differences, "%s is not what was approved (SHA-256 %.16s..., approved %.16s...)\n",
            name, sha256, approved);
    return NULL;
}

static struct error *
compare_files(const struct site *site, const struct script *script, struct bytes *differences)
{
    const struct site_approval *approval = &site->approval;
    size_t known = 0;
    TRY(compare_hash(approval, SCRIPT_NAME, script->sha256, &known, differences));
    for (size_t i = 0; i < script->profile_count; i++)
        TRY(compare_hash(approval, script->profiles[i].file,
                         script->profiles[i].profile->sha256, &known, differences));
    for (size_t i = 0; i < site->file_count; i++)
        TRY(compare_hash(approval, site->files[i].name, site->files[i].sha256, &known,
                         differences));
    if (known < approval->hash_count)
        TRY(bytes_format(differences,
                         "the approval names files that are not part of this ceremony\n"));
    return NULL;
}

static struct error *
compare_parameters(const struct site *site, const struct script *script,
                   struct bytes *differences)
{
    const struct site_approval *approval = &site->approval;
    for (size_t i = 0; i < script->parameter_count; i++) {
        const struct script_parameter *parameter = &script->parameters[i];
        const char *approved =
            find_value(approval->parameters, approval->parameter_count, parameter->id);
        const char *value =
            parameter->value != NULL ? parameter->value : parameter->default_value;
        if (approved == NULL)
            TRY(bytes_format(differences, "the approval has no value of the parameter '%s'\n",
                             parameter->id));
        else if (value == NULL || strcmp(approved, value) != 0)
            TRY(bytes_format(differences, "the parameter '%s' is '%s', approved was '%s'\n",
                             parameter->id, value == NULL ? "" : value, approved));
    }
    for (size_t i = 0; i < approval->parameter_count; i++) {
        bool known = false;
        for (size_t p = 0; p < script->parameter_count; p++)
            known = known || strcmp(script->parameters[p].id, approval->parameters[i].id) == 0;
        if (!known)
            TRY(bytes_format(differences,
                             "the approval has a parameter '%s' that the script has not\n",
                             approval->parameters[i].id));
    }
    return NULL;
}

struct error *
site_approval_check(const struct site *site, const struct script *script)
{
    if (!site->approval.given) {
        if (site->rehearsal)
            return NULL;
        return error_hint(
            ERROR(ERROR_REFUSED, "there is no approval.yaml, and production needs one"),
            "Have the script approved: 'ceremony approve' writes the file to be signed off.");
    }
    AUTO_BYTES differences = {0};
    AUTO_FREE char *ceremony = NULL;
    TRY(text_format(&ceremony, "%s %s", script->ceremony, script->version));
    if (strcmp(ceremony, site->approval.ceremony) != 0)
        TRY(bytes_format(&differences, "the approval is for '%s', this is '%s'\n",
                         site->approval.ceremony, ceremony));
    TRY(compare_files(site, script, &differences));
    TRY(compare_parameters(site, script, &differences));
    if (differences.len == 0)
        return NULL;
    const char *text = bytes_text(&differences);
    int first = (int)strcspn(text, "\n");
    struct error *error = ERROR(ERROR_REFUSED, "the approval does not fit: %.*s", first, text);
    return error_hint(error_detail(error, "%s", text),
                      "Bring the approved files, or have these approved anew.");
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A double-quoted YAML text. Texts here are checked: no control characters. */
static struct error *
append_quoted(struct bytes *out, const char *text)
{
    TRY(bytes_append_char(out, '"'));
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            TRY(bytes_append_char(out, '\\'));
        TRY(bytes_append_char(out, *p));
    }
    return bytes_append_char(out, '"');
}

static struct error *
append_line(struct bytes *out, const char *indent, const char *key, const char *value)
{
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(value, strlen(value), &safe));
    if (strcmp(safe, value) != 0 || value[0] == '\0' || strlen(value) > YAML_TEXT_MAX)
        return ERROR(ERROR_INPUT,
                     "the approval's '%s' is empty, too long, or has control characters", key);
    TRY(bytes_append_text(out, indent));
    TRY(bytes_append_text(out, key));
    TRY(bytes_append_text(out, ": "));
    TRY(append_quoted(out, value));
    return bytes_append_char(out, '\n');
}

#define SALT_BYTES 32

/* A line at the end of a file whose outermost mapping is written in lines. */
static struct error *
write_salt(const struct site *site)
{
    if (site->custody_salt[0] != '\0')
        return NULL;
    AUTO_FREE char *path = NULL;
    TRY(path_join(site->folder, "custody.yaml", &path));
    AUTO_BYTES text = {0};
    TRY(file_read(path, YAML_FILE_MAX, &text));
    if (text.data[strspn(bytes_text(&text), " \n")] == '{')
        return ERROR(ERROR_INPUT,
                     "custody.yaml is written in braces; 'approve' must add a line to it");
    unsigned char salt[SALT_BYTES];
    char hex[2 * SALT_BYTES + 1];
    TRY(random_bytes(salt, sizeof salt));
    hex_encode(salt, sizeof salt, hex);
    if (text.data[text.len - 1] != '\n')
        TRY(bytes_append_char(&text, '\n'));
    TRY(bytes_format(&text, "salt: %s\n", hex));
    return file_replace(path, text.data, text.len);
}

static struct error *
append_approved(struct bytes *out, const struct site *site, const struct script *script)
{
    TRY(bytes_append_text(out, "hashes:\n"));
    TRY(append_line(out, "  ", SCRIPT_NAME, script->sha256));
    for (size_t i = 0; i < script->profile_count; i++)
        TRY(append_line(out, "  ", script->profiles[i].file,
                        script->profiles[i].profile->sha256));
    for (size_t i = 0; i < site->file_count; i++)
        TRY(append_line(out, "  ", site->files[i].name, site->files[i].sha256));
    if (script->parameter_count > 0)
        TRY(bytes_append_text(out, "parameters:\n"));
    for (size_t i = 0; i < script->parameter_count; i++) {
        const struct script_parameter *parameter = &script->parameters[i];
        const char *value =
            parameter->value != NULL ? parameter->value : parameter->default_value;
        if (value == NULL)
            return error_hint(ERROR(ERROR_INPUT, "the parameter '%s' has no value: %s",
                                    parameter->id, parameter->text),
                              "An approval holds the value of every parameter.");
        TRY(append_line(out, "  ", parameter->id, value));
    }
    return NULL;
}

static struct error *
load_for_approval(const char *folder, const struct script *script, struct site **ret_site)
{
    AUTO_FAULTS faults = {0};
    AUTO(site) site = NULL;
    TRY(site_load(folder, script, &faults, &site));
    TRY(site_cross_check(site, script, &faults));
    TRY(faults_as_error(&faults));
    *ret_site = TAKE(site);
    return NULL;
}

struct error *
site_approval_write(const char *folder, const struct script *script, const char *approver,
                    const char *role, const char *date, const char *document)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, "approval.yaml", &path));
    if (file_exists(path))
        return error_hint(ERROR(ERROR_EXISTS, "approval.yaml is there already"),
                          "Move it away if this ceremony is to be approved anew.");
    AUTO(site) before = NULL;
    TRY(load_for_approval(folder, script, &before));
    TRY(write_salt(before));
    AUTO(site) site = NULL;
    TRY(load_for_approval(folder, script, &site));
    if (site->custody_salt[0] == '\0')
        return ERROR(ERROR_BUG, "the salt of custody.yaml did not stay");
    AUTO_FREE char *ceremony = NULL;
    TRY(text_format(&ceremony, "%s %s", script->ceremony, script->version));
    AUTO_BYTES text = {0};
    TRY(bytes_append_text(&text, "schema: 1\n"));
    TRY(append_line(&text, "", "ceremony", ceremony));
    TRY(append_line(&text, "", "approver", approver));
    TRY(append_line(&text, "", "role", role));
    TRY(append_line(&text, "", "date", date));
    TRY(append_line(&text, "", "document", document));
    TRY(append_approved(&text, site, script));
    return file_write_new(path, text.data, text.len);
}
