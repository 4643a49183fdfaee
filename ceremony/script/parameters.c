/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters: `${name}` in titles, prose, labels, subjects and addresses becomes its value. A value is
 * one line without control characters and without `${`: nothing is filled in twice. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/script_read.h"

#define VALUE_MAX 200 /* bytes; more than any subject attribute may have */

typedef struct error *(*text_visitor)(char **text, void *self);

static struct error *
visit_texts(struct pki_texts *texts, text_visitor visit, void *self)
{
    for (size_t i = 0; i < texts->count; i++)
        TRY(visit(&texts->items[i], self));
    return NULL;
}

static struct error *
visit_general_names(struct pki_general_names *names, text_visitor visit, void *self)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->items[i].value != NULL)
            TRY(visit(&names->items[i].value, self));
        if (names->items[i].hardware_type != NULL)
            TRY(visit(&names->items[i].hardware_type, self));
    }
    return NULL;
}

static struct error *
visit_profile(struct pki_profile *profile, text_visitor visit, void *self)
{
    struct pki_certificate_profile *certificate = &profile->certificate;
    TRY(visit(&profile->title, self));
    for (size_t i = 0; i < certificate->subject.count; i++)
        if (certificate->subject.parts[i].value != NULL)
            TRY(visit(&certificate->subject.parts[i].value, self));
    TRY(visit_general_names(&certificate->subject_alt_names, visit, self));
    char **const texts[] = {&certificate->policy_cps, &certificate->crl_issuer,
                            &certificate->outlives_reason};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (*texts[i] != NULL)
            TRY(visit(texts[i], self));
    TRY(visit_texts(&certificate->policy_oids, visit, self));
    TRY(visit_texts(&certificate->ext_key_usages, visit, self));
    TRY(visit_texts(&certificate->freshest_uris, visit, self));
    TRY(visit_texts(&certificate->crl_uris, visit, self));
    TRY(visit_texts(&certificate->ca_issuers_uris, visit, self));
    TRY(visit_texts(&certificate->ocsp_uris, visit, self));
    TRY(visit_general_names(&certificate->permitted, visit, self));
    TRY(visit_general_names(&certificate->excluded, visit, self));
    TRY(visit_texts(&profile->crl.distribution_uris, visit, self));
    TRY(visit_texts(&profile->crl.freshest_uris, visit, self));
    return visit_texts(&profile->crl.ca_issuers_uris, visit, self);
}

static struct error *
visit_step(struct script_step *step, text_visitor visit, void *self)
{
    char **const texts[] = {&step->title,    &step->say,      &step->expect,
                            &step->evidence, &step->question, &step->attests,
                            &step->line,     &step->shift,    &step->operators};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(visit(texts[i], self));
    return NULL;
}

/* Every text in which a parameter may stand. */
static struct error *
visit_script(const struct script *script, text_visitor visit, void *self)
{
    /* The visitor decides whether it changes anything; the tree itself is not const. */
    struct script *own = NULL;
    memcpy(&own, &script, sizeof own);
    char **const texts[] = {&own->title,    &own->approval,   &own->storage,
                            &own->sign_off, &own->deviations, &own->policy};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(visit(texts[i], self));
    TRY(visit_texts(&own->objectives, visit, self));
    TRY(visit_texts(&own->materials, visit, self));
    TRY(visit_texts(&own->conditions, visit, self));
    for (size_t i = 0; i < own->key_count; i++)
        TRY(visit(&own->keys[i].label, self));
    for (size_t a = 0; a < own->act_count; a++) {
        TRY(visit(&own->acts[a].title, self));
        for (size_t s = 0; s < own->acts[a].step_count; s++)
            TRY(visit_step(&own->acts[a].steps[s], visit, self));
    }
    for (size_t i = 0; i < own->profile_count; i++)
        if (own->profiles[i].profile != NULL)
            TRY(visit_profile(own->profiles[i].profile, visit, self));
    return NULL;
}

static struct script_parameter *
find_parameter(const struct script *script, const char *id, size_t len)
{
    for (size_t i = 0; i < script->parameter_count; i++) {
        struct script_parameter *parameter = &script->parameters[i];
        if (strlen(parameter->id) == len && memcmp(parameter->id, id, len) == 0)
            return parameter;
    }
    return NULL;
}

struct parameters_check {
    const struct script *script;
    struct faults *faults;
    bool used[SCRIPT_PARAMETERS_MAX];
};

static struct error *
fault_unknown(struct parameters_check *check, const char *text, const char *id, size_t len)
{
    const struct script *script = check->script;
    const char *ids[SCRIPT_PARAMETERS_MAX];
    for (size_t i = 0; i < script->parameter_count; i++)
        ids[i] = script->parameters[i].id;
    AUTO_FREE char *word = strndup(id, len);
    if (word == NULL)
        return error_memory();
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(word, ids, script->parameter_count, &advice));
    return places_fault(script->places, check->faults, script->file, text,
                        "'${%s}' is no parameter of this script%s", word, advice);
}

static struct error *
check_text(char **text, void *self)
{
    struct parameters_check *check = self;
    for (const char *at = strstr(*text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        const char *id = at + 2;
        const char *end = strchr(id, '}');
        if (end == NULL)
            return places_fault(check->script->places, check->faults, check->script->file,
                                *text, "'${' without its '}'");
        const struct script_parameter *parameter =
            find_parameter(check->script, id, (size_t)(end - id));
        if (parameter == NULL)
            TRY(fault_unknown(check, *text, id, (size_t)(end - id)));
        else
            check->used[parameter - check->script->parameters] = true;
    }
    return NULL;
}

/* Why a value cannot be taken; NULL if it can. */
static struct error *
check_value(const struct script_parameter *parameter, const char *value)
{
    size_t len = strlen(value);
    if (len == 0)
        return ERROR(ERROR_INPUT, "the parameter '%s' is empty", parameter->id);
    if (len > VALUE_MAX)
        return ERROR(ERROR_INPUT, "the parameter '%s' is longer than %d bytes", parameter->id,
                     VALUE_MAX);
    if (!text_is_utf8(value, len))
        return ERROR(ERROR_INPUT, "the parameter '%s' is not UTF-8", parameter->id);
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(value, len, &safe));
    if (strcmp(safe, value) != 0)
        return ERROR(ERROR_INPUT, "the parameter '%s' has a control or invisible character: %s",
                     parameter->id, safe);
    if (strstr(value, "${") != NULL)
        return ERROR(ERROR_INPUT, "the parameter '%s' has '${' in its value", parameter->id);
    if (parameter->pattern != NULL && !text_matches(parameter->pattern, value))
        return ERROR(ERROR_INPUT, "the parameter '%s' must look like '%s', not '%s'",
                     parameter->id, parameter->pattern, value);
    return NULL;
}

static struct error *
check_default(const struct script *script, const struct script_parameter *parameter,
              struct faults *faults)
{
    if (parameter->default_value == NULL)
        return NULL;
    struct error *error = check_value(parameter, parameter->default_value);
    if (error == NULL || error_code(error) == ERROR_MEMORY)
        return error;
    struct error *told = places_fault(script->places, faults, script->file,
                                      parameter->default_value, "%s", error_what(error));
    error_free(error);
    return told;
}

struct error *
script_check_parameters(const struct script *script, struct faults *faults)
{
    struct parameters_check check = {.script = script, .faults = faults};
    TRY(visit_script(script, check_text, &check));
    for (size_t i = 0; i < script->parameter_count; i++) {
        const struct script_parameter *parameter = &script->parameters[i];
        TRY(check_default(script, parameter, faults));
        if (!check.used[i])
            TRY(faults_add(faults, script->file, parameter->place.line, parameter->place.column,
                           "the parameter '%s' is used nowhere", parameter->id));
    }
    return NULL;
}

struct error *
script_set_parameter(struct script *script, const char *id, const char *value)
{
    struct script_parameter *parameter = find_parameter(script, id, strlen(id));
    if (parameter == NULL) {
        const char *ids[SCRIPT_PARAMETERS_MAX];
        for (size_t i = 0; i < script->parameter_count; i++)
            ids[i] = script->parameters[i].id;
        AUTO_FREE char *advice = NULL;
        AUTO_FREE char *safe = NULL;
        TRY(text_safe(id, strlen(id), &safe));
        TRY(yaml_did_you_mean(id, ids, script->parameter_count, &advice));
        return ERROR(ERROR_INPUT, "the script has no parameter '%s'%s", safe, advice);
    }
    TRY(check_value(parameter, value));
    char *copy = NULL;
    TRY(text_copy(value, &copy));
    free(parameter->value);
    parameter->value = copy;
    return NULL;
}

static struct error *
fill_text(char **text, void *self)
{
    const struct script *script = self;
    if (strstr(*text, "${") == NULL)
        return NULL;
    AUTO_BYTES filled = {0};
    const char *rest = *text;
    for (const char *at = strstr(rest, "${"); at != NULL; at = strstr(rest, "${")) {
        const char *id = at + 2;
        const char *end = strchr(id, '}');
        const struct script_parameter *parameter =
            end == NULL ? NULL : find_parameter(script, id, (size_t)(end - id));
        if (parameter == NULL)
            return ERROR(ERROR_BUG, "a parameter without a name passed the checks");
        TRY(bytes_append(&filled, rest, (size_t)(at - rest)));
        TRY(bytes_append_text(&filled, parameter->value));
        rest = end + 1;
    }
    TRY(bytes_append_text(&filled, rest));
    char *replacement = NULL;
    TRY(bytes_take_text(&filled, &replacement));
    places_move(script->places, *text, replacement);
    free(*text);
    *text = replacement;
    return NULL;
}

struct error *
script_apply_parameters(struct script *script)
{
    for (size_t i = 0; i < script->parameter_count; i++) {
        struct script_parameter *parameter = &script->parameters[i];
        if (parameter->value == NULL && parameter->default_value != NULL)
            TRY(text_copy(parameter->default_value, &parameter->value));
        if (parameter->value == NULL)
            return error_hint(ERROR(ERROR_INPUT, "the parameter '%s' has no value: %s",
                                    parameter->id, parameter->text),
                              "Give it in the approval, or for a rehearsal in the answers.");
    }
    return visit_script(script, fill_text, script);
}
