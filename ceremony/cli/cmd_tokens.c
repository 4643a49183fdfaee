/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "ceremony/cli/command.h"
#include "ceremony/cli/load.h"
#include "p11/token.h"

static const char *
pin_state(bool locked, bool final, bool low)
{
    if (locked)
        return "locked";
    if (final)
        return "one try left";
    return low ? "a wrong one was entered" : "no wrong one entered";
}

static struct error *
print_token(const struct p11_token_info *token)
{
    AUTO_FREE char *uri = NULL;
    if (!token->initialized) {
        (void)printf("  blank token in slot \"%s\" (%s, %s)\n", token->slot_description,
                     token->manufacturer, token->model);
        return NULL;
    }
    TRY(p11_token_uri(token, &uri));
    (void)printf(
        "  %s\n    serial %s, %s %s, hardware %s, firmware %s\n"
        "    user PIN: %s%s; SO PIN: %s%s%s\n",
        uri, token->serial, token->manufacturer, token->model, token->hardware_version,
        token->firmware_version, token->user_pin_set ? "" : "not set, ",
        pin_state(token->user_pin_locked, token->user_pin_final_try, token->user_pin_count_low),
        pin_state(token->so_pin_locked, token->so_pin_final_try, token->so_pin_count_low),
        token->protected_path ? "; PIN on the token's keypad" : "",
        token->error_state ? "; OUT OF ORDER" : "");
    return NULL;
}

static struct error *
print_module(const char *name, const char *path, const char *init_string)
{
    AUTO(p11_module) module = NULL;
    AUTO_FREE struct p11_token_info *tokens = NULL;
    size_t count = 0;
    struct p11_module_facts facts;
    TRY(p11_module_open(name, path, init_string, &module));
    TRY(p11_module_facts(module, &facts));
    (void)printf("%s: %s %s, PKCS#11 %s\n", name, facts.description, facts.library_version,
                 facts.cryptoki_version);
    TRY(p11_tokens_list(module, &tokens, &count));
    for (size_t i = 0; i < count; i++)
        TRY(print_token(&tokens[i]));
    if (count == 0)
        (void)printf("  no token is connected\n");
    return NULL;
}

static struct error *
print_site(const char *folder)
{
    AUTO(site) site = NULL;
    AUTO_FAULTS faults = {0};
    struct error *error = site_load(folder, NULL, &faults, &site);
    if (faults.count > 0) {
        error_free(error);
        return report_faults(&faults);
    }
    TRY(error);
    for (size_t i = 0; i < site->module_count; i++) {
        const struct site_module *module = &site->modules[i];
        for (size_t v = 0; v < module->env_count; v++)
            if (setenv(module->env[v].name, module->env[v].value, 1) != 0)
                return error_memory();
        TRY(print_module(module->name, module->path, module->init_string));
    }
    return NULL;
}

struct error *
cmd_tokens(const struct command *command)
{
    (void)command;
    const char *site = option_value("--site");
    const char *path = option_value("--module");
    if ((site == NULL) == (path == NULL))
        return error_hint(ERROR(ERROR_USAGE, "one of --site and --module is wanted"),
                          "See ceremony tokens --help.");
    return site != NULL ? print_site(site) : print_module("module", path, NULL);
}
