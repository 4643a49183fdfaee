/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/rules/key_origin.h"
#include "ceremony/script/script_read.h"
#include "ceremony/script/step_fields.h"

static struct error *
read_kind(struct yaml_file *file, struct yaml_node node, void *target)
{
    enum step_kind *kind = target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'do'", YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    int found = step_kind_parse(text);
    if (found >= 0) {
        *kind = (enum step_kind)found;
        return NULL;
    }
    const char *names[STEP_KINDS];
    for (unsigned i = 0; i < STEP_KINDS; i++)
        names[i] = step_kind_name(i);
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(text, names, STEP_KINDS, &advice));
    return yaml_fault(file, node, "unknown kind of step '%s'%s", text, advice);
}

static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const by_whom[] = {"user", "so", NULL};
/* Those that pki/key_make.h makes. */
static const char *const device_keys[] = {"ec-p256", "ec-p384", "ed25519", NULL};

#define STEP_ROW(field, name, type, about)                                                     \
    YAML_ROW(struct script_step, field, name, type, 0, about)

static const struct yaml_row step_rows[] = {
    YAML_ROW(struct script_step, id, "id", YAML_NAME, YAML_REQUIRED,
             "the step's name; its prompts and records carry it"),
    YAML_ROW_WITH(struct script_step, kind, "do", YAML_OWN, YAML_REQUIRED, "the kind of step",
                  .read = read_kind),
    YAML_ROW(struct script_step, performs, "performs", YAML_NAME, YAML_REQUIRED,
             "the role that does it"),
    STEP_ROW(verifies, "verifies", YAML_NAME, "the role that watches it being done"),
    STEP_ROW(title, "title", YAML_TEXT, "the headline"),
    STEP_ROW(say, "say", YAML_PROSE, "what the administrator reads aloud"),
    STEP_ROW(expect, "expect", YAML_PROSE, "what people should then see"),
    STEP_ROW(evidence, "evidence", YAML_TEXT, "what the transcript keeps of it"),
    YAML_ROW_NUMBER(struct script_step, minutes, "minutes", 0, "how long it usually takes", 1,
                    600),
    STEP_ROW(key, "key", YAML_NAME, "a key of the script"),
    STEP_ROW(of, "of", YAML_NAME, "the key that it is about"),
    STEP_ROW(token, "token", YAML_NAME, "a token, as the environment names it"),
    STEP_ROW(profile, "profile", YAML_NAME, "a profile of the script"),
    STEP_ROW(shares, "shares", YAML_NAME, "a share set of the script"),
    STEP_ROW(question, "question", YAML_TEXT, "the question"),
    STEP_ROW(attests, "attests", YAML_PROSE, "the text that people attest"),
    STEP_ROW(input, "input", YAML_NAME, "a file that is brought, as the environment names it"),
    YAML_ROW_WITH(struct script_step, unknown, "unknown-serials", YAML_TEXT, 0,
                  "whether serial numbers that this CA never issued are let in",
                  .allowed = yes_no),
    STEP_ROW(crls, "crls", YAML_TEXTS, "the CRLs: a key and a profile each"),
    STEP_ROW(covers, "covers", YAML_TEXTS,
             "the issuers whose revocations an indirect CRL lists"),
    YAML_ROW_WITH(struct script_step, keep_restored, "keep-restored", YAML_TEXT, 0,
                  "whether the restored key stays on its token", .allowed = yes_no),
    YAML_ROW_WITH(struct script_step, repeats, "repeats", YAML_TEXT, 0,
                  "whether a key, device or name may come again", .allowed = yes_no),
    YAML_ROW_WITH(struct script_step, by, "by", YAML_TEXT, 0,
                  "who sets the user PIN: its holders, or the security officer",
                  .allowed = by_whom),
    STEP_ROW(blocklist, "blocklist", YAML_NAME,
             "the list of known private keys, as the environment names it"),
    YAML_ROW_WITH(struct script_step, chain, "chain", YAML_TEXT, 0,
                  "whether the issuer's chain goes with the certificates", .allowed = yes_no),
    YAML_ROW_WITH(struct script_step, origin, "origin", YAML_TEXT, 0,
                  "where the keys of the devices come from", .allowed = key_origin_names),
    YAML_ROW_WITH(struct script_step, transfer, "transfer", YAML_TEXT, 0,
                  "how what is made gets into the devices", .allowed = key_origin_transfers),
    STEP_ROW(line, "line", YAML_TEXT, "the production line"),
    STEP_ROW(shift, "shift", YAML_TEXT, "the shift"),
    STEP_ROW(operators, "operators", YAML_TEXT, "how many people work there"),
    YAML_ROW_WITH(struct script_step, device_key, "device-key", YAML_TEXT, 0,
                  "the type of key that is made for each device", .allowed = device_keys),
    STEP_ROW(recipient, "recipient", YAML_NAME,
             "whose certificate the keys are wrapped for, as the environment names it"),
    YAML_ROW_WITH(struct script_step, derivation, "derivation", YAML_TEXT, 0,
                  "how the keys follow from the seeds", .allowed = key_derivation_names),
    STEP_ROW(seed_key, "seed-key", YAML_NAME,
             "the key of the script to which the list of seeds is encrypted"),
    YAML_ROW_NUMBER(struct script_step, people, "people", 0, "how many confirm", 1, 16),
    YAML_ROW_NUMBER(struct script_step, words, "words", 0, "words asked of each", 1,
                    SCRIPT_WORDS_MAX),
    YAML_ROW_NUMBER(struct script_step, count, "count", 0, "how many CRLs of a series", 2, 60),
    YAML_ROW_NUMBER(struct script_step, every_days, "every-days", 0,
                    "days from the beginning of one CRL of a series to that of the next", 1,
                    3650),
};
static const struct yaml_schema step_schema = YAML_SCHEMA("a step", step_rows);

/* "generate-root" becomes "Generate root". */
static struct error *
title_from_id(struct script_step *step)
{
    free(step->title);
    step->title = NULL;
    TRY(text_copy(step->id, &step->title));
    for (char *p = step->title; *p != '\0'; p++)
        if (*p == '-')
            *p = ' ';
    step->title[0] = (char)toupper((unsigned char)step->title[0]);
    return NULL;
}

static struct error *
fill_defaults(struct script_step *step)
{
    if (step->title[0] == '\0')
        TRY(title_from_id(step));
    if (step->kind == STEP_COMPARE_FINGERPRINT) {
        step->people = step->people == 0 ? 1 : step->people;
        step->words = step->words == 0 ? 2 : step->words;
    }
    bool restores = step->kind == STEP_PROVE_RESTORE || step->kind == STEP_RESTORE_KEY;
    if (restores && step->keep_restored[0] == '\0') {
        free(step->keep_restored);
        step->keep_restored = NULL;
        TRY(text_copy("no", &step->keep_restored));
    }
    return NULL;
}

struct acts_reader {
    struct script *script;
    struct script_act *act;
    size_t step_total;
};

static struct error *
read_step(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct acts_reader *reader = self;
    if (++reader->step_total == SCRIPT_STEPS_MAX + 1)
        return yaml_fault(file, item, "more than %d steps", SCRIPT_STEPS_MAX);
    if (reader->step_total > SCRIPT_STEPS_MAX)
        return NULL;
    struct script_step *step =
        yaml_grow(&reader->act->steps, &reader->act->step_count, sizeof *step);
    if (step == NULL)
        return error_memory();
    step->place = (struct script_place){item.line, item.column};
    step->kind = STEP_KINDS;
    return yaml_record(file, item, &step_schema, step);
}

struct act_lines {
    char *title;
    struct yaml_node steps;
};

static struct error *
keep_node(struct yaml_file *file, struct yaml_node node, void *target)
{
    (void)file;
    struct yaml_node *kept = target;
    *kept = node;
    return NULL;
}

static const struct yaml_row act_rows[] = {
    YAML_ROW(struct act_lines, title, "act", YAML_TEXT, YAML_REQUIRED, "the act's headline"),
    YAML_ROW_WITH(struct act_lines, steps, "steps", YAML_OWN, YAML_REQUIRED,
                  "what is done in it", .read = keep_node),
};
static const struct yaml_schema act_schema = YAML_SCHEMA("an act", act_rows);

static struct error *
read_act(struct yaml_file *file, struct yaml_node item, void *self)
{
    struct acts_reader *reader = self;
    struct script *script = reader->script;
    if (script->act_count == SCRIPT_ACTS_MAX)
        return yaml_fault(file, item, "more than %d acts", SCRIPT_ACTS_MAX);
    reader->act = yaml_grow(&script->acts, &script->act_count, sizeof *reader->act);
    if (reader->act == NULL)
        return error_memory();
    reader->act->place = (struct script_place){item.line, item.column};
    struct act_lines lines = {0};
    struct error *error = yaml_record(file, item, &act_schema, &lines);
    reader->act->title = lines.title;
    if (error == NULL && lines.steps.line != 0)
        error = yaml_items(file, lines.steps, "'steps'", read_step, reader);
    return error;
}

/* Defaults come last: whether a field stands in the file must be seen by step_fields_check. */
static struct error *
finish_steps(struct yaml_file *file, struct script *script, struct faults *faults)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            struct script_step *step = &script->acts[a].steps[s];
            TRY(step_fields_check(step, yaml_name(file), script->places, faults));
            TRY(fill_defaults(step));
        }
    return NULL;
}

struct error *
script_read_acts(struct yaml_file *file, struct yaml_node node, void *target)
{
    struct acts_reader reader = {.script = target};
    TRY(yaml_items(file, node, "'acts'", read_act, &reader));
    return finish_steps(file, target, yaml_faults(file));
}

void
script_clear_acts(struct script *script)
{
    for (size_t a = 0; a < script->act_count; a++) {
        struct script_act *act = &script->acts[a];
        for (size_t s = 0; s < act->step_count; s++)
            yaml_record_clear(&step_schema, &act->steps[s]);
        free(act->steps);
        free(act->title);
    }
    free(script->acts);
    script->acts = NULL;
    script->act_count = 0;
}
