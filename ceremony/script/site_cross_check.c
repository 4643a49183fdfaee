/* SPDX-License-Identifier: Apache-2.0
 *
 * What script and site must be together. (R11-R13, R16, R74) */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/site_read.h"

#define ENVIRONMENT "environment.yaml"
#define ROSTER      "roster.yaml"
#define CUSTODY     "custody.yaml"

static struct error *
fault_token(const struct site *site, const struct script *script, const char *name,
            struct faults *faults)
{
    const char *names[SITE_TOKENS_MAX];
    for (size_t i = 0; i < site->token_count; i++)
        names[i] = site->tokens[i].name;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(name, names, site->token_count, &advice));
    return places_fault(script->places, faults, script->file, name,
                        "the environment has no token '%s'%s", name, advice);
}

static struct error *
check_step_token(const struct site *site, const struct script *script,
                 const struct script_step *step, struct faults *faults)
{
    if (step->token[0] == '\0')
        return NULL;
    const struct site_token *token = site_token(site, step->token);
    if (token == NULL)
        return fault_token(site, script, step->token, faults);
    if (step->kind == STEP_INITIALISE_TOKEN && !token->blank)
        return site_fault(site, faults, ENVIRONMENT, token->name,
                          "step '%s' initialises the token '%s', which is not 'blank: true'",
                          step->id, token->name);
    return NULL;
}

static struct error *
check_tokens(const struct site *site, const struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < script->share_count; i++)
        if (script->shares[i].token[0] != '\0'
            && site_token(site, script->shares[i].token) == NULL)
            TRY(fault_token(site, script, script->shares[i].token, faults));
    for (size_t i = 0; i < script->key_count; i++)
        if (script->keys[i].made != MADE_ELSEWHERE
            && site_token(site, script->keys[i].token) == NULL)
            TRY(fault_token(site, script, script->keys[i].token, faults));
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            TRY(check_step_token(site, script, &script->acts[a].steps[s], faults));
    return NULL;
}

/* A request comes for each key made elsewhere. */
static struct error *
check_inputs(const struct site *site, const struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < script->key_count; i++) {
        const struct script_key *key = &script->keys[i];
        if (key->made == MADE_ELSEWHERE && site_input(site, key->id) == NULL)
            TRY(site_fault(site, faults, ENVIRONMENT, NULL,
                           "'inputs' names no file '%s', the request for that key", key->id));
    }
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            if (step->input[0] != '\0' && site_input(site, step->input) == NULL)
                TRY(site_fault(site, faults, ENVIRONMENT, NULL,
                               "'inputs' names no file '%s', which step '%s' reads",
                               step->input, step->id));
            if (step->recipient[0] != '\0' && site_input(site, step->recipient) == NULL)
                TRY(site_fault(site, faults, ENVIRONMENT, NULL,
                               "'inputs' names no file '%s', the certificate that step '%s' "
                               "makes keys for",
                               step->recipient, step->id));
        }
    return NULL;
}

/* A blank token that no step initialises cannot be used. */
static struct error *
check_blank_tokens(const struct site *site, const struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < site->token_count; i++) {
        const struct site_token *token = &site->tokens[i];
        bool initialised = !token->blank;
        for (size_t a = 0; a < script->act_count; a++)
            for (size_t s = 0; s < script->acts[a].step_count; s++) {
                const struct script_step *step = &script->acts[a].steps[s];
                initialised = initialised
                              || (step->kind == STEP_INITIALISE_TOKEN
                                  && strcmp(step->token, token->name) == 0);
            }
        if (!initialised)
            TRY(site_fault(site, faults, ENVIRONMENT, token->name,
                           "the token '%s' is blank, and no step initialises it", token->name));
    }
    return NULL;
}

static const struct person *
find_person(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->roster.people_count; i++)
        if (strcmp(site->roster.people[i].name, name) == 0)
            return &site->roster.people[i];
    return NULL;
}

static struct error *
check_pin_holder(const struct site *site, const char *holder, struct faults *faults)
{
    if (holder[0] == '\0' || roster_role(&site->roster, holder) != NULL
        || find_person(site, holder) != NULL)
        return NULL;
    return site_fault(site, faults, ENVIRONMENT, holder,
                      "'%s' is neither a role of the script nor a person of the roster",
                      holder);
}

static bool
is_holder(const struct person *person, const char *holder)
{
    return strcmp(person->name, holder) == 0 || person_has_role(person, holder);
}

/* The two PINs of a token by different people: nobody may be able to enter both. (R13) */
static struct error *
check_pin_holders(const struct site *site, const struct site_token *token,
                  struct faults *faults)
{
    TRY(check_pin_holder(site, token->user_pin_holder, faults));
    TRY(check_pin_holder(site, token->so_pin_holder, faults));
    if (site->one_player || token->user_pin_holder[0] == '\0'
        || token->so_pin_holder[0] == '\0')
        return NULL;
    for (size_t i = 0; i < site->roster.people_count; i++) {
        const struct person *person = &site->roster.people[i];
        if (is_holder(person, token->user_pin_holder)
            && is_holder(person, token->so_pin_holder))
            return site_fault(site, faults, ENVIRONMENT, token->so_pin_holder,
                              "%s would hold both PINs of the token '%s'", person->name,
                              token->name);
    }
    return NULL;
}

static struct error *
check_plan_holders(const struct site *site, const struct script_shares *shares,
                   const struct share_plan *plan, struct faults *faults)
{
    const char *able[ROSTER_PEOPLE_MAX];
    size_t able_count = 0;
    for (size_t i = 0; i < site->roster.people_count; i++)
        if (person_has_role(&site->roster.people[i], shares->holders))
            able[able_count++] = site->roster.people[i].name;
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t h = 0; h < plan->groups[g].count; h++) {
            const char *name = plan->groups[g].holders[h].person;
            const struct person *person = find_person(site, name);
            if (person != NULL && !person_has_role(person, shares->holders))
                TRY(site_fault(site, faults, CUSTODY, name,
                               "%s holds a share of '%s' without the role '%s'", name,
                               shares->id, shares->holders));
        }
    if (!share_plan_can_meet(plan, able, able_count))
        TRY(site_fault(
            site, faults, CUSTODY, plan->name,
            "nobody can meet the share plan '%s': too few of its holders have the role "
            "'%s'",
            plan->name, shares->holders));
    return NULL;
}

/* The security officer can set the user PIN alone: so it takes more people to be one. (R13) */
static struct error *
check_pin_plans(const struct site *site, const struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < script->share_count; i++)
        for (size_t j = 0; j < script->share_count; j++) {
            const struct script_shares *user = &script->shares[i];
            const struct script_shares *so = &script->shares[j];
            const struct share_plan *user_plan = site_plan(site, user->id);
            const struct share_plan *so_plan = site_plan(site, so->id);
            if (strcmp(user->pin, "user") != 0 || strcmp(so->pin, "so") != 0
                || strcmp(user->token, so->token) != 0 || user_plan == NULL || so_plan == NULL
                || share_plan_least(so_plan) > share_plan_least(user_plan))
                continue;
            TRY(site_fault(site, faults, CUSTODY, so_plan->name,
                           "the SO PIN of the token '%s' ('%s') must take more shares than its "
                           "user PIN ('%s'): who has the SO PIN sets the user PIN",
                           so->token, so->id, user->id));
        }
    return NULL;
}

static struct error *
check_plans(const struct site *site, const struct script *script, struct faults *faults)
{
    for (size_t i = 0; i < script->share_count; i++) {
        const struct script_shares *shares = &script->shares[i];
        const struct share_plan *plan = site_plan(site, shares->id);
        if (plan != NULL)
            TRY(check_plan_holders(site, shares, plan, faults));
        else
            TRY(site_fault(site, faults, CUSTODY, NULL,
                           "there is no plan for the share set '%s'", shares->id));
    }
    for (size_t i = 0; i < site->plan_count; i++)
        if (script_shares(script, site->plans[i].name) == NULL)
            TRY(site_fault(site, faults, CUSTODY, site->plans[i].name,
                           "the plan '%s' is for no share set of the script",
                           site->plans[i].name));
    return check_pin_plans(site, script, faults);
}

struct roster_teller {
    const struct site *site;
    struct faults *faults;
    struct error *error;
};

/* A fault that begins with a person's name points at that person. */
static void
tell_roster_fault(void *self, const char *text)
{
    struct roster_teller *teller = self;
    const char *at = NULL;
    for (size_t i = 0; i < teller->site->roster.people_count; i++) {
        const char *name = teller->site->roster.people[i].name;
        if (text_starts_with(text, name) && (at == NULL || strlen(name) > strlen(at)))
            at = name;
    }
    if (teller->error == NULL)
        teller->error = site_fault(teller->site, teller->faults, ROSTER, at, "%s", text);
}

static bool
has_step(const struct script *script, enum step_kind kind)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (script->acts[a].steps[s].kind == kind)
                return true;
    return false;
}

bool
site_has_video(const struct site *site)
{
    static const char *const nothing[] = {"", "no", "none", "not"};
    char word[8] = "";
    if (site->video == NULL)
        return false;
    size_t len = strcspn(site->video, " ,.;:");
    if (len >= sizeof word)
        return true;
    memcpy(word, site->video, len);
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (text_equal_nocase(word, nothing[i]))
            return false;
    return true;
}

/* An independent witness: an auditor in the room, or a film of it. The roll call asks the same. (R16) */
static struct error *
check_independent_witness(const struct site *site, struct faults *faults)
{
    if (site->rehearsal || site_has_video(site))
        return NULL;
    for (size_t i = 0; i < site->roster.people_count; i++)
        if (person_has_role(&site->roster.people[i], "auditor"))
            return NULL;
    return site_fault(
        site, faults, ENVIRONMENT, NULL,
        "a ceremony of a production PKI is held before an auditor or cameras: nobody has the role "
        "'auditor', and no 'video' is declared");
}

#define MEDIA_MIN 2

struct error *
site_cross_check(const struct site *site, const struct script *script, struct faults *faults)
{
    TRY(check_tokens(site, script, faults));
    TRY(check_blank_tokens(site, script, faults));
    TRY(check_inputs(site, script, faults));
    for (size_t i = 0; i < site->token_count; i++)
        TRY(check_pin_holders(site, &site->tokens[i], faults));
    struct roster_teller teller = {site, faults, NULL};
    (void)roster_check(&site->roster, tell_roster_fault, &teller);
    TRY(teller.error);
    TRY(check_plans(site, script, faults));
    if (has_step(script, STEP_WRITE_MEDIA) && site->media_count < MEDIA_MIN)
        TRY(site_fault(site, faults, ENVIRONMENT, NULL,
                       "the outputs go to %d media, and 'media' names %zu", MEDIA_MIN,
                       site->media_count));
    return check_independent_witness(site, faults);
}
