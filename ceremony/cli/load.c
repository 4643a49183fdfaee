/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/cli/load.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "transcripts/reader.h"

void
loaded_clear(struct loaded *loaded)
{
    answers_free(loaded->answers);
    site_free(loaded->site);
    script_free(loaded->script);
    *loaded = (struct loaded){0};
}

struct error *
report_faults(const struct faults *faults)
{
    AUTO_BYTES text = {0};
    if (faults->count == 0)
        return NULL;
    TRY(faults_text(faults, &text));
    (void)fputs(bytes_text(&text), stderr);
    return faults_as_error(faults);
}

/* A loader that fails has put its faults into the list; those say more than its error. */
static struct error *
prefer_faults(struct error *error, const struct faults *faults)
{
    if (error == NULL || faults->count == 0)
        return error;
    error_free(error);
    return report_faults(faults);
}

static struct error *
set_one(struct script *script, const char *setting)
{
    AUTO_FREE char *copy = NULL;
    TRY(text_copy(setting, &copy));
    char *equals = strchr(copy, '=');
    if (equals == NULL)
        return ERROR(ERROR_USAGE, "--set wants NAME=VALUE, not \"%.60s\"", setting);
    *equals = '\0';
    return script_set_parameter(script, copy, equals + 1);
}

static struct error *
set_from_options(struct script *script)
{
    const char *setting = NULL;
    for (size_t i = 0; (setting = option_nth("--set", i)) != NULL; i++)
        TRY(set_one(script, setting));
    return NULL;
}

static struct error *
set_from_answers(const struct loaded *loaded)
{
    for (size_t i = 0; loaded->answers != NULL && i < answers_parameter_count(loaded->answers);
         i++) {
        const char *id = NULL;
        const char *value = NULL;
        answers_parameter(loaded->answers, i, &id, &value);
        TRY(script_set_parameter(loaded->script, id, value));
    }
    return NULL;
}

static struct error *
set_from_approval(const struct loaded *loaded)
{
    const struct site_approval *approval = &loaded->site->approval;
    if (approval->given && option_value("--set") != NULL)
        return error_hint(ERROR(ERROR_REFUSED, "parameters come from the approval alone"),
                          "Leave --set out, or have the new values approved.");
    for (size_t i = 0; i < approval->parameter_count; i++)
        TRY(script_set_parameter(loaded->script, approval->parameters[i].id,
                                 approval->parameters[i].value));
    return NULL;
}

/* The values that the interrupted ceremony began with. */
static struct error *
set_from_evidence(struct script *script, const char *evidence)
{
    AUTO_FREE char *path = NULL;
    AUTO_READING reading = {0};
    const char *name = NULL;
    json_t *value = NULL;
    TRY(path_join(evidence, "transcript.jsonl", &path));
    TRY(transcript_read(path, true, &reading));
    if (reading.count == 0)
        return NULL;
    json_object_foreach(json_object_get(reading.records[0].data, "parameters"), name, value)
        TRY(script_set_parameter(script, name, json_string_value(value)));
    return NULL;
}

static struct error *
set_parameters(const struct load_order *order, const struct loaded *loaded)
{
    switch (order->parameters) {
    case PARAMETERS_RUN:
        TRY(set_from_approval(loaded));
        if (!loaded->site->approval.given)
            TRY(set_from_answers(loaded));
        TRY(set_from_options(loaded->script));
        break;
    case PARAMETERS_APPROVAL:
        TRY(set_from_options(loaded->script));
        break;
    case PARAMETERS_EVIDENCE:
        TRY(set_from_evidence(loaded->script, order->evidence));
        break;
    }
    return script_apply_parameters(loaded->script);
}

static struct error *
load_answers(const struct load_order *order, struct loaded *loaded, struct faults *faults)
{
    if (order->answers == NULL)
        return NULL;
    if (!loaded->site->rehearsal)
        return error_hint(ERROR(ERROR_REFUSED, "production takes no answers from a file"),
                          "Run it at the table, without --headless.");
    return prefer_faults(answers_load(order->answers, faults, &loaded->answers), faults);
}

struct error *
load_all(const struct load_order *order, struct loaded *ret_loaded)
{
    AUTO_LOADED loaded = {0};
    AUTO_FAULTS faults = {0};
    TRY(prefer_faults(script_load(order->script, &faults, &loaded.script), &faults));
    TRY(prefer_faults(site_load(order->site, loaded.script, &faults, &loaded.site), &faults));
    TRY(load_answers(order, &loaded, &faults));
    TRY(site_cross_check(loaded.site, loaded.script, &faults));
    TRY(report_faults(&faults));
    TRY(set_parameters(order, &loaded));
    if (order->parameters != PARAMETERS_APPROVAL)
        TRY(site_approval_check(loaded.site, loaded.script));
    *ret_loaded = loaded;
    loaded = (struct loaded){0};
    return NULL;
}
