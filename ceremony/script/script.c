/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/hash.h"
#include "ceremony/script/script_read.h"

static const char *const key_types[] = {"ec-p256",  "ec-p384",           "ec-p521",
                                        "rsa-2048", "rsa-3072",          "rsa-4096",
                                        "ed25519",  SCRIPT_TYPE_AS_MADE, NULL};
static const char *const backups[] = {"none", "wrapped", NULL}; /* as enum script_backup */
static const char *const origins[] = {"here", "earlier", "elsewhere", NULL}; /* script_made */

static const char *const uses[] = {"sign", "decrypt", NULL};           /* as enum script_use */
static const char *const pins[] = {"session", "each-signature", NULL}; /* as enum script_pin */

static const struct yaml_row key_rows[] = {
    YAML_ROW_WITH(struct script_key, type, "type", YAML_TEXT, YAML_REQUIRED, "the kind of key",
                  .allowed = key_types),
    YAML_ROW(struct script_key, token, "token", YAML_NAME, 0,
             "the token it lives on, as the environment names it"),
    YAML_ROW_WITH(struct script_key, backup, "backup", YAML_CHOICE, YAML_REQUIRED,
                  "whether there is a wrapped copy", .allowed = backups),
    YAML_ROW_WITH(struct script_key, pin, "pin", YAML_CHOICE, 0,
                  "whether the token wants the PIN at each signature", .allowed = pins),
    YAML_ROW_WITH(struct script_key, use, "use", YAML_CHOICE, 0,
                  "whether it signs, or decrypts what others encrypted to it", .allowed = uses),
    YAML_ROW_WITH(struct script_key, made, "made", YAML_CHOICE, 0, "where it comes from",
                  .allowed = origins),
    YAML_ROW(struct script_key, label, "label", YAML_TEXT, 0, "its label on the token"),
};
static const struct yaml_schema key_schema = YAML_SCHEMA("a key", key_rows);

static const char *const pins_held[] = {"user", "so", NULL};

static const struct yaml_row shares_rows[] = {
    YAML_ROW(struct script_shares, of, "of", YAML_NAME, 0, "the key they recover"),
    YAML_ROW(struct script_shares, token, "token", YAML_NAME, 0,
             "the token whose PIN they hold, instead of a key"),
    YAML_ROW_WITH(struct script_shares, pin, "pin", YAML_TEXT, 0,
                  "which PIN of the token: 'user' or 'so'", .allowed = pins_held),
    YAML_ROW(struct script_shares, holders, "holders", YAML_NAME, YAML_REQUIRED,
             "the role of those who hold them"),
};
static const struct yaml_schema shares_schema = YAML_SCHEMA("a share set", shares_rows);

static const struct yaml_row parameter_rows[] = {
    YAML_ROW(struct script_parameter, text, "text", YAML_TEXT, YAML_REQUIRED, "what it means"),
    YAML_ROW(struct script_parameter, default_value, "default", YAML_TEXT, YAML_NULLABLE,
             "its value when nobody gives one"),
    YAML_ROW(struct script_parameter, pattern, "pattern", YAML_TEXT, YAML_NULLABLE,
             "what values look like; '*' stands for anything"),
};
static const struct yaml_schema parameter_schema = YAML_SCHEMA("a parameter", parameter_rows);

static struct error *
read_key(struct yaml_file *file, const char *name, struct yaml_node at, struct yaml_node value,
         void *self)
{
    struct script *script = self;
    if (script->key_count == SCRIPT_KEYS_MAX)
        return yaml_fault(file, at, "more than %d keys", SCRIPT_KEYS_MAX);
    struct script_key *key = yaml_grow(&script->keys, &script->key_count, sizeof *key);
    if (key == NULL)
        return error_memory();
    key->place = (struct script_place){at.line, at.column};
    TRY(yaml_take_name(file, name, at, &key->id));
    return yaml_record(file, value, &key_schema, key);
}

static struct error *
read_keys(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'keys'", read_key, target);
}

static struct error *
read_share_set(struct yaml_file *file, const char *name, struct yaml_node at,
               struct yaml_node value, void *self)
{
    struct script *script = self;
    struct script_shares *shares =
        yaml_grow(&script->shares, &script->share_count, sizeof *shares);
    if (shares == NULL)
        return error_memory();
    shares->place = (struct script_place){at.line, at.column};
    TRY(yaml_take_name(file, name, at, &shares->id));
    return yaml_record(file, value, &shares_schema, shares);
}

static struct error *
read_shares(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'shares'", read_share_set, target);
}

static struct error *
read_parameter(struct yaml_file *file, const char *name, struct yaml_node at,
               struct yaml_node value, void *self)
{
    struct script *script = self;
    if (script->parameter_count == SCRIPT_PARAMETERS_MAX)
        return yaml_fault(file, at, "more than %d parameters", SCRIPT_PARAMETERS_MAX);
    struct script_parameter *parameter =
        yaml_grow(&script->parameters, &script->parameter_count, sizeof *parameter);
    if (parameter == NULL)
        return error_memory();
    parameter->place = (struct script_place){at.line, at.column};
    TRY(yaml_take_name(file, name, at, &parameter->id));
    return yaml_record(file, value, &parameter_schema, parameter);
}

static struct error *
read_parameters(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'parameters'", read_parameter, target);
}

static struct error *
read_profile_ref(struct yaml_file *file, const char *name, struct yaml_node at,
                 struct yaml_node value, void *self)
{
    struct script *script = self;
    struct script_profile_ref *ref =
        yaml_grow(&script->profiles, &script->profile_count, sizeof *ref);
    if (ref == NULL)
        return error_memory();
    ref->place = (struct script_place){value.line, value.column};
    TRY(yaml_take_name(file, name, at, &ref->id));
    TRY(yaml_take_text(file, value, "the profile's file", YAML_TEXT_MAX, false, &ref->file));
    if (ref->file == NULL)
        return text_copy("", &ref->file);
    if (!yaml_is_inner_path(ref->file))
        return yaml_fault(file, value,
                          "'%s' must lie below the script's folder: no leading '/', no '..'",
                          ref->file);
    return NULL;
}

static struct error *
read_profiles(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'profiles'", read_profile_ref, target);
}

/* Rows whose reader wants the script itself: offset 0. */
#define SCRIPT_ROW_OWN(name, how, what, reader)                                                \
    {                                                                                          \
        .key = (name), .type = YAML_OWN, .flags = (how), .about = (what), .read = (reader)     \
    }

static const struct yaml_row script_rows[] = {
    SCRIPT_ROW_OWN("schema", YAML_REQUIRED, "the version of this format: 1",
                   yaml_read_schema_version),
    YAML_ROW(struct script, ceremony, "ceremony", YAML_NAME, YAML_REQUIRED,
             "the script's name"),
    YAML_ROW(struct script, version, "version", YAML_TEXT, YAML_REQUIRED, "such as 1.0.0"),
    YAML_ROW(struct script, date, "date", YAML_DATE, YAML_REQUIRED, "when it was written"),
    YAML_ROW(struct script, title, "title", YAML_TEXT, YAML_REQUIRED, "the headline"),
    YAML_ROW(struct script, policy, "policy", YAML_TEXT, YAML_REQUIRED,
             "the clause of CP or CPS that it carries out"),
    YAML_ROW(struct script, objectives, "objectives", YAML_TEXTS, 0,
             "what the ceremony is for"),
    SCRIPT_ROW_OWN("roles", YAML_REQUIRED, "who takes part, with which duty",
                   script_read_roles),
    YAML_ROW(struct script, approval, "approval", YAML_PROSE, YAML_REQUIRED,
             "who approves the script, by what document"),
    YAML_ROW(struct script, materials, "materials", YAML_TEXTS, YAML_REQUIRED,
             "hardware and activation material that must be at hand"),
    YAML_ROW(struct script, conditions, "conditions", YAML_TEXTS, YAML_REQUIRED,
             "what the room must be like"),
    YAML_ROW(struct script, storage, "storage", YAML_PROSE, YAML_REQUIRED,
             "where everything is kept afterwards"),
    YAML_ROW(struct script, deviations, "deviations", YAML_PROSE, YAML_REQUIRED,
             "what is done when something does not go as written"),
    YAML_ROW(struct script, sign_off, "sign-off", YAML_PROSE, YAML_REQUIRED,
             "what people attest at the end"),
    SCRIPT_ROW_OWN("parameters", 0, "what may differ from one ceremony to the next",
                   read_parameters),
    SCRIPT_ROW_OWN("keys", 0, "the keys that it makes", read_keys),
    SCRIPT_ROW_OWN("shares", 0, "the share sets that it makes", read_shares),
    SCRIPT_ROW_OWN("profiles", 0, "the profiles that it signs by", read_profiles),
    SCRIPT_ROW_OWN("acts", YAML_REQUIRED, "the steps, act by act", script_read_acts),
};
static const struct yaml_schema script_schema = YAML_SCHEMA("a script", script_rows);

void
script_free(struct script *script)
{
    if (script == NULL)
        return;
    script_clear_roles(script);
    script_clear_acts(script);
    for (size_t i = 0; i < script->parameter_count; i++) {
        yaml_record_clear(&parameter_schema, &script->parameters[i]);
        free(script->parameters[i].id);
        free(script->parameters[i].value);
    }
    for (size_t i = 0; i < script->key_count; i++) {
        yaml_record_clear(&key_schema, &script->keys[i]);
        free(script->keys[i].id);
    }
    for (size_t i = 0; i < script->share_count; i++) {
        yaml_record_clear(&shares_schema, &script->shares[i]);
        free(script->shares[i].id);
    }
    for (size_t i = 0; i < script->profile_count; i++) {
        free(script->profiles[i].id);
        free(script->profiles[i].file);
        pki_profile_free(script->profiles[i].profile);
    }
    free(script->parameters);
    free(script->keys);
    free(script->shares);
    free(script->profiles);
    yaml_record_clear(&script_schema, script);
    bytes_clear(&script->raw);
    places_free(script->places);
    free(script->file);
    free(script);
}

/* "NAME REST": the key of that name, and what stands behind the blank ("" for no blank); NULL: no key. */
static const struct script_key *
take_key(const struct script *script, const char *text, const char **ret_rest)
{
    size_t len = strcspn(text, " ");
    char name[64];
    if (len >= sizeof name)
        return NULL;
    (void)snprintf(name, sizeof name, "%.*s", (int)len, text);
    *ret_rest = text[len] == '\0' ? "" : text + len + 1;
    return script_key(script, name);
}

bool
script_crl(const struct script *script, const struct script_step *step, size_t n,
           const struct script_key **ret_key, const struct pki_profile **ret_profile)
{
    const char *rest = "";
    *ret_key = take_key(script, step->crls.items[n], &rest);
    *ret_profile = script_profile(script, rest);
    return *ret_key != NULL && *ret_profile != NULL;
}

bool
script_covered(const struct script *script, const struct script_step *step, size_t n,
               const struct script_key **ret_key, const struct pki_profile **ret_profile)
{
    const char *rest = "";
    *ret_key = take_key(script, step->covers.items[n], &rest);
    *ret_profile = rest[0] == '\0' ? NULL : script_profile(script, rest);
    return *ret_key != NULL && (rest[0] == '\0' || *ret_profile != NULL);
}

const struct script_key *
script_key(const struct script *script, const char *id)
{
    for (size_t i = 0; i < script->key_count; i++)
        if (strcmp(script->keys[i].id, id) == 0)
            return &script->keys[i];
    return NULL;
}

const struct script_shares *
script_shares(const struct script *script, const char *id)
{
    for (size_t i = 0; i < script->share_count; i++)
        if (strcmp(script->shares[i].id, id) == 0)
            return &script->shares[i];
    return NULL;
}

const struct pki_profile *
script_profile(const struct script *script, const char *id)
{
    for (size_t i = 0; i < script->profile_count; i++)
        if (strcmp(script->profiles[i].id, id) == 0)
            return script->profiles[i].profile;
    return NULL;
}

static struct error *
fill_if_empty(char **field, const char *value)
{
    if ((*field)[0] != '\0')
        return NULL;
    char *copy = NULL;
    TRY(text_copy(value, &copy));
    free(*field);
    *field = copy;
    return NULL;
}

/* A step that names one of key, `of` and shares implies the others; all are filled in, so that a
 * step's code need not search. Not where a field has another meaning or none. */
static struct error *
fill_implied(struct script *script, struct script_step *step)
{
    const struct script_shares *shares = script_shares(script, step->shares);
    if (shares != NULL) {
        TRY(fill_if_empty(&step->of, shares->of));
        TRY(fill_if_empty(&step->key, shares->of));
        if (step->kind == STEP_SPLIT_PIN)
            TRY(fill_if_empty(&step->token, shares->token));
    }
    TRY(fill_if_empty(&step->of, step->key));
    return fill_if_empty(&step->key, step->of);
}

static struct error *
fill_all_implied(struct script *script)
{
    for (size_t i = 0; i < script->key_count; i++)
        TRY(fill_if_empty(&script->keys[i].label, script->keys[i].id));
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            TRY(fill_implied(script, &script->acts[a].steps[s]));
    return NULL;
}

static struct error *
load_profiles(struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < script->profile_count; i++) {
        struct script_profile_ref *ref = &script->profiles[i];
        if (!yaml_is_inner_path(ref->file))
            continue;
        AUTO_FREE char *path = NULL;
        TRY(path_beside(script->file, ref->file, &path));
        struct error *error = profile_read(path, faults, script->places, &ref->profile);
        if (error == NULL)
            continue;
        if (error_code(error) == ERROR_MEMORY)
            return error;
        struct error *told = places_fault(script->places, faults, script->file, ref->file, "%s",
                                          error_what(error));
        error_free(error);
        TRY(told);
    }
    return NULL;
}

static struct error *
read_script(const char *path, struct faults *faults, struct script *script)
{
    TRY(text_copy(path, &script->file));
    TRY(places_new(&script->places));
    AUTO(yaml_file) file = NULL;
    TRY(yaml_open(path, faults, script->places, &file));
    const struct bytes *bytes = yaml_bytes(file);
    TRY(bytes_copy(&script->raw, bytes->data, bytes->len));
    TRY(pki_sha256_hex(bytes->data, bytes->len, script->sha256));
    TRY(pki_sha384_hex(bytes->data, bytes->len, script->sha384));
    if (!yaml_parsed(file))
        return NULL;
    TRY(yaml_record(file, yaml_root(file), &script_schema, script));
    TRY(load_profiles(script, faults));
    TRY(script_check(script, faults));
    TRY(script_check_parameters(script, faults));
    return fill_all_implied(script);
}

struct error *
script_load(const char *file, struct faults *faults, struct script **ret_script)
{
    size_t before = faults->count;
    AUTO(script) script = calloc(1, sizeof *script);
    if (script == NULL)
        return error_memory();
    TRY(read_script(file, faults, script));
    if (faults->count > before)
        return faults_as_error(faults);
    *ret_script = TAKE(script);
    return NULL;
}
