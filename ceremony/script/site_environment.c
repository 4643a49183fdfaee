/* SPDX-License-Identifier: Apache-2.0
 *
 * environment.yaml: mode, modules, tokens, media. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

static const char *const pin_entries[] = {"typed", "protected", "split",
                                          NULL};                      /* enum pin_entry */
static const char *const modes[] = {"production", "rehearsal", NULL}; /* as bool rehearsal */

static struct error *
read_mode(struct yaml_file *file, struct yaml_node node, void *target)
{
    bool *rehearsal = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'mode'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    *rehearsal =
        true; /* if it is neither, the fault alone is enough: no production rules besides */
    if (strcmp(text, modes[0]) != 0 && strcmp(text, modes[1]) != 0)
        return yaml_fault(file, node, "'mode' must be 'production' or 'rehearsal', not '%s'",
                          text);
    *rehearsal = strcmp(text, modes[1]) == 0;
    return NULL;
}

static bool
is_variable_name(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return text[0] != '\0' && strchr(letters, text[0]) != NULL
           && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789")
                  == strlen(text);
}

/* They would load other code, or other settings of libcrypto and p11-kit, into this process. */
static const char *const refused_variables[] = {"LD_*",     "PATH",       "HOME",     "IFS",
                                                "MALLOC_*", "GCONV_PATH", "OPENSSL_*"};

static struct error *
read_variable(struct yaml_file *file, const char *key, struct yaml_node at,
              struct yaml_node value, void *self)
{
    struct site_module *module = self;
    struct site_variable *variable =
        yaml_grow(&module->env, &module->env_count, sizeof *variable);
    if (variable == NULL)
        return error_memory();
    TRY(text_copy(key, &variable->name));
    bool good = is_variable_name(key);
    for (size_t i = 0; i < sizeof refused_variables / sizeof refused_variables[0]; i++)
        good = good && !text_matches(refused_variables[i], key);
    if (!good)
        TRY(yaml_fault(file, at, "the variable '%s' cannot be set for a module", key));
    TRY(yaml_text(file, value, key, YAML_TEXT_MAX, false, &variable->value));
    return variable->value == NULL ? text_copy("", &variable->value) : NULL;
}

static struct error *
read_env(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'env'", read_variable, target);
}

static const struct yaml_row module_rows[] = {
    YAML_ROW(struct site_module, path, "path", YAML_TEXT, YAML_REQUIRED,
             "the module's file, from the root folder on"),
    YAML_ROW(struct site_module, sha256, "sha256", YAML_SHA256, 0, "the file's expected hash"),
    YAML_ROW(struct site_module, init_string, "init", YAML_TEXT, YAML_NULLABLE,
             "what C_Initialize is given"),
    {.key = "env",
       .type = YAML_OWN,
       .about = "variables that the module needs",
       .read = read_env},
};
static const struct yaml_schema module_schema = YAML_SCHEMA("a module", module_rows);

static struct error *
check_from_root(struct yaml_file *file, const struct site *site, const char *path)
{
    if (path[0] == '\0' || path[0] == '/')
        return NULL;
    return places_fault(site->places, yaml_faults(file), yaml_name(file), path,
                        "'%s' must be written from the root folder on", path);
}

static struct error *
read_module(struct yaml_file *file, const char *name, struct yaml_node at,
            struct yaml_node value, void *self)
{
    struct site *site = self;
    if (site->module_count == SITE_MODULES_MAX)
        return yaml_fault(file, at, "more than %d modules", SITE_MODULES_MAX);
    struct site_module *module = yaml_grow(&site->modules, &site->module_count, sizeof *module);
    if (module == NULL)
        return error_memory();
    TRY(yaml_take_name(file, name, at, &module->name));
    TRY(yaml_record(file, value, &module_schema, module));
    return check_from_root(file, site, module->path);
}

static struct error *
read_modules(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'modules'", read_module, target);
}

static const struct yaml_row token_rows[] = {
    YAML_ROW(struct site_token, module, "module", YAML_NAME, YAML_REQUIRED,
             "the module that reaches it"),
    YAML_ROW(struct site_token, uri, "uri", YAML_TEXT, 0, "its RFC 7512 address, with serial"),
    YAML_ROW(struct site_token, blank, "blank", YAML_YES, 0, "whether it is initialised here"),
    YAML_ROW(struct site_token, label, "label", YAML_TEXT, 0,
             "the label that a blank one gets"),
    YAML_ROW(struct site_token, store, "store", YAML_TEXT, 0,
             "the folder in which the module keeps it"),
    YAML_ROW_WITH(struct site_token, user_pin, "user-pin", YAML_CHOICE, 0,
                  "how the user PIN is entered", .allowed = pin_entries),
    YAML_ROW_WITH(struct site_token, so_pin, "so-pin", YAML_CHOICE, 0,
                  "how the security officer's PIN is entered", .allowed = pin_entries),
    YAML_ROW(struct site_token, user_pin_holder, "user-pin-holder", YAML_TEXT, 0,
             "the role or person that enters it"),
    YAML_ROW(struct site_token, so_pin_holder, "so-pin-holder", YAML_TEXT, 0,
             "the role or person that enters it"),
    YAML_ROW(struct site_token, validation, "validation", YAML_TEXT, 0,
             "certificate number and level, or 'asserted by NAME'"),
};
static const struct yaml_schema token_schema = YAML_SCHEMA("a token", token_rows);

static struct error *
read_token(struct yaml_file *file, const char *name, struct yaml_node at,
           struct yaml_node value, void *self)
{
    struct site *site = self;
    if (site->token_count == SITE_TOKENS_MAX)
        return yaml_fault(file, at, "more than %d tokens", SITE_TOKENS_MAX);
    struct site_token *token = yaml_grow(&site->tokens, &site->token_count, sizeof *token);
    if (token == NULL)
        return error_memory();
    TRY(yaml_take_name(file, name, at, &token->name));
    return yaml_record(file, value, &token_schema, token);
}

static struct error *
read_tokens(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'tokens'", read_token, target);
}

static const struct yaml_row input_rows[] = {
    YAML_ROW(struct site_input, path, "path", YAML_TEXT, YAML_REQUIRED,
             "the file or folder, from the root folder on"),
    YAML_ROW(struct site_input, evidence, "evidence", YAML_TEXT, 0,
             "the evidence folder of the ceremony it comes from"),
};
static const struct yaml_schema input_schema = YAML_SCHEMA("an input", input_rows);

static struct error *
read_input(struct yaml_file *file, const char *name, struct yaml_node at,
           struct yaml_node value, void *self)
{
    struct site *site = self;
    struct site_input *input = yaml_grow(&site->inputs, &site->input_count, sizeof *input);
    if (input == NULL)
        return error_memory();
    TRY(yaml_take_name(file, name, at, &input->name));
    TRY(yaml_record(file, value, &input_schema, input));
    TRY(check_from_root(file, site, input->path));
    return check_from_root(file, site, input->evidence);
}

static struct error *
read_inputs_of(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return yaml_pairs(file, node, "'inputs'", read_input, *site);
}

/* The site keeps media as a plain array; this is the list as rows read it. */
struct environment_lines {
    struct site *site;
    struct pki_texts media;
    char *confidential_medium;
    char *sealed_medium;
    char *video;
    bool rehearsal;
    bool one_player;
};

static struct error *
read_modules_of(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return read_modules(file, node, *site);
}

static struct error *
read_tokens_of(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct site **site = target;
    return read_tokens(file, node, *site);
}

static const struct yaml_row environment_rows[] = {
    {.key = "schema",
     .type = YAML_OWN,
     .flags = YAML_REQUIRED,
     .about = "the version of this format: 1",
     .read = yaml_read_schema_version},
    YAML_ROW_WITH(struct environment_lines, rehearsal, "mode", YAML_OWN, YAML_REQUIRED,
                  "production or rehearsal", .read = read_mode),
    YAML_ROW(struct environment_lines, one_player, "one-player", YAML_YES, 0,
             "whether one newcomer plays all (rehearsal only)"),
    YAML_ROW_WITH(struct environment_lines, site, "modules", YAML_OWN, YAML_REQUIRED,
                  "the PKCS#11 modules", .read = read_modules_of),
    YAML_ROW_WITH(struct environment_lines, site, "tokens", YAML_OWN, YAML_REQUIRED,
                  "the tokens", .read = read_tokens_of),
    YAML_ROW_WITH(struct environment_lines, site, "inputs", YAML_OWN, 0,
                  "files that are brought to the ceremony", .read = read_inputs_of),
    YAML_ROW(struct environment_lines, media, "media", YAML_TEXTS, YAML_REQUIRED,
             "folders that the outputs are written to"),
    YAML_ROW(struct environment_lines, confidential_medium, "confidential-medium", YAML_TEXT, 0,
             "folder that the whole evidence goes to, confidential files too"),
    YAML_ROW(struct environment_lines, sealed_medium, "sealed-medium", YAML_TEXT, 0,
             "folder of the medium that a CRL signed ahead is sealed on"),
    YAML_ROW(struct environment_lines, video, "video", YAML_TEXT, 0,
             "cameras that record the room"),
};
static const struct yaml_schema environment_schema =
    YAML_SCHEMA("environment.yaml", environment_rows);

struct error *
site_read_environment(struct yaml_file *file, struct site *site)
{
    struct environment_lines lines = {.site = site};
    struct error *error = yaml_record(file, yaml_root(file), &environment_schema, &lines);
    site->media = lines.media.items;
    site->media_count = lines.media.count;
    site->confidential_medium = lines.confidential_medium;
    site->sealed_medium = lines.sealed_medium;
    site->video = lines.video;
    site->rehearsal = lines.rehearsal;
    site->one_player = lines.one_player;
    site->roster.one_player = lines.one_player;
    return error;
}

void
site_clear_environment(struct site *site)
{
    for (size_t i = 0; i < site->module_count; i++) {
        struct site_module *module = &site->modules[i];
        for (size_t v = 0; v < module->env_count; v++) {
            free(module->env[v].name);
            free(module->env[v].value);
        }
        free(module->env);
        free(module->name);
        yaml_record_clear(&module_schema, module);
    }
    for (size_t i = 0; i < site->token_count; i++) {
        free(site->tokens[i].name);
        yaml_record_clear(&token_schema, &site->tokens[i]);
    }
    for (size_t i = 0; i < site->input_count; i++) {
        free(site->inputs[i].name);
        yaml_record_clear(&input_schema, &site->inputs[i]);
    }
    for (size_t i = 0; i < site->media_count; i++)
        free(site->media[i]);
    free(site->inputs);
    free(site->modules);
    free(site->tokens);
    free(site->media);
    free(site->confidential_medium);
    free(site->sealed_medium);
    free(site->video);
}
