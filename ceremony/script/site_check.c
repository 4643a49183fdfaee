/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold within the site files, whatever the script. Only strings are compared here; tokens
 * are looked at later, by those who can. */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

#define ENVIRONMENT "environment.yaml"
#define ROSTER      "roster.yaml"
#define CUSTODY     "custody.yaml"

static struct error *
check_module(const struct site *site, const struct site_module *module, struct faults *faults)
{
    if (!site->rehearsal && module->sha256[0] == '\0')
        TRY(site_fault(site, faults, ENVIRONMENT, module->name,
                       "the module '%s' has no 'sha256'; production needs it", module->name));
    return NULL;
}

/* Attributes that would put a PIN, or another program, into a file. */
static const char *const refused_attributes[] = {"pin-value", "pin-source", "module-path",
                                                 "module-name"};

static struct error *
check_uri(const struct site *site, const struct site_token *token, struct faults *faults)
{
    if (!text_starts_with(token->uri, "pkcs11:"))
        TRY(site_fault(site, faults, ENVIRONMENT, token->uri,
                       "'%s' is no PKCS#11 address: it begins with 'pkcs11:'", token->uri));
    for (size_t i = 0; i < sizeof refused_attributes / sizeof refused_attributes[0]; i++) {
        const char *at = strstr(token->uri, refused_attributes[i]);
        if (at != NULL && at[strlen(refused_attributes[i])] == '=')
            TRY(site_fault(site, faults, ENVIRONMENT, token->uri,
                           "the address of the token '%s' must not hold '%s'", token->name,
                           refused_attributes[i]));
    }
    if (strstr(token->uri, "serial=") == NULL)
        TRY(site_fault(site, faults, ENVIRONMENT, token->uri,
                       "the address of the token '%s' needs the serial number (serial=...)",
                       token->name));
    return NULL;
}

static struct error *
check_token_module(const struct site *site, const struct site_token *token,
                   struct faults *faults)
{
    if (token->module[0] == '\0' || site_module(site, token->module) != NULL)
        return NULL;
    const char *names[SITE_MODULES_MAX];
    for (size_t i = 0; i < site->module_count; i++)
        names[i] = site->modules[i].name;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(token->module, names, site->module_count, &advice));
    return site_fault(site, faults, ENVIRONMENT, token->module,
                      "the environment has no module '%s'%s", token->module, advice);
}

#define TOKEN_LABEL_MAX 32U /* PKCS #11, CK_TOKEN_INFO */

static struct error *
check_token(const struct site *site, size_t index, struct faults *faults)
{
    const struct site_token *token = &site->tokens[index];
    TRY(check_token_module(site, token, faults));
    if (token->blank == (token->uri[0] != '\0'))
        TRY(site_fault(site, faults, ENVIRONMENT, token->name,
                       "the token '%s' needs either 'uri' or 'blank: true'", token->name));
    if (token->blank && token->label[0] == '\0')
        TRY(site_fault(site, faults, ENVIRONMENT, token->name,
                       "the blank token '%s' needs the 'label' that it will get", token->name));
    size_t most =
        site->rehearsal ? TOKEN_LABEL_MAX - (sizeof "PRACTICE-" - 1) : TOKEN_LABEL_MAX;
    if (strlen(token->label) > most)
        TRY(site_fault(site, faults, ENVIRONMENT, token->label,
                       "the label of the token '%s' is longer than %zu bytes%s", token->name,
                       most, site->rehearsal ? ", as PRACTICE- is put before it" : ""));
    if (token->uri[0] != '\0')
        TRY(check_uri(site, token, faults));
    for (size_t i = 0; i < index; i++) {
        const struct site_token *other = &site->tokens[i];
        if (token->uri[0] != '\0' && strcmp(other->uri, token->uri) == 0)
            TRY(site_fault(site, faults, ENVIRONMENT, token->uri,
                           "the tokens '%s' and '%s' have the same address", other->name,
                           token->name));
        if (token->label[0] != '\0' && strcmp(other->label, token->label) == 0)
            TRY(site_fault(site, faults, ENVIRONMENT, token->label,
                           "the tokens '%s' and '%s' have the same label", other->name,
                           token->name));
    }
    return NULL;
}

static bool
is_in_roster(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->roster.people_count; i++)
        if (strcmp(site->roster.people[i].name, name) == 0)
            return true;
    return false;
}

static struct error *
check_holder(const struct site *site, const char *holder, struct faults *faults)
{
    if (is_in_roster(site, holder))
        return NULL;
    const char *names[ROSTER_PEOPLE_MAX];
    for (size_t i = 0; i < site->roster.people_count; i++)
        names[i] = site->roster.people[i].name;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(holder, names, site->roster.people_count, &advice));
    return site_fault(site, faults, CUSTODY, holder, "%s does not stand in the roster%s",
                      holder, advice);
}

static bool
is_whole(const struct share_plan *plan)
{
    for (size_t g = 0; g < plan->group_count; g++) {
        if (plan->groups[g].name == NULL || plan->groups[g].threshold == 0)
            return false;
        for (size_t h = 0; h < plan->groups[g].count; h++)
            if (plan->groups[g].holders[h].person[0] == '\0')
                return false;
    }
    return plan->group_threshold > 0;
}

static struct error *
check_plan(const struct site *site, const struct share_plan *plan, struct faults *faults)
{
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t h = 0; h < plan->groups[g].count; h++)
            if (plan->groups[g].holders[h].person[0] != '\0')
                TRY(check_holder(site, plan->groups[g].holders[h].person, faults));
    if (!is_whole(plan))
        return NULL; /* a missing key is at fault already */
    struct error *error = share_plan_check(plan, site->one_player);
    if (error == NULL || error_code(error) == ERROR_MEMORY)
        return error;
    struct error *told = site_fault(site, faults, CUSTODY, plan->name, "%s", error_what(error));
    error_free(error);
    return told;
}

static struct error *
check_people(const struct site *site, struct faults *faults)
{
    for (size_t i = 0; i < site->roster.people_count; i++) {
        const struct person *person = &site->roster.people[i];
        if (person->sign_off_token[0] != '\0'
            && site_token(site, person->sign_off_token) == NULL)
            TRY(site_fault(site, faults, ROSTER, person->sign_off_token,
                           "environment.yaml has no token '%s' with which %s could sign off",
                           person->sign_off_token, person->name));
        if (!site->rehearsal && person->sign_off_key[0] != '\0')
            TRY(site_fault(site, faults, ROSTER, person->sign_off_key,
                           "a 'sign-off-key' in a file is for rehearsals only"));
    }
    return NULL;
}

struct error *
site_check(const struct site *site, struct faults *faults)
{
    if (site->one_player && !site->rehearsal)
        TRY(site_fault(site, faults, ENVIRONMENT, NULL,
                       "'one-player' is for rehearsals only; production needs all its people"));
    for (size_t i = 0; i < site->module_count; i++)
        TRY(check_module(site, &site->modules[i], faults));
    for (size_t i = 0; i < site->token_count; i++)
        TRY(check_token(site, i, faults));
    TRY(check_people(site, faults));
    for (size_t i = 0; i < site->plan_count; i++)
        TRY(check_plan(site, &site->plans[i], faults));
    return NULL;
}
