/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/answers.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/loader.h"

#define STARS_MAX 4

struct answer_key {
    char *pattern;
    size_t stars;
    struct scripted_answer *items;
    size_t count;
    bool asked;
};

/* How often each prompt was asked. */
struct answer_counter {
    char *prompt;
    size_t taken;
};

struct answer_parameter {
    char *id;
    char *value;
};

struct answers {
    char *file;
    struct answer_key *keys;
    size_t key_count;
    struct answer_counter *counters;
    size_t counter_count;
    struct answer_parameter *parameters;
    size_t parameter_count;
};

void
answers_free(struct answers *answers)
{
    if (answers == NULL)
        return;
    for (size_t i = 0; i < answers->key_count; i++) {
        for (size_t a = 0; a < answers->keys[i].count; a++)
            free(answers->keys[i].items[a].text);
        free(answers->keys[i].items);
        free(answers->keys[i].pattern);
    }
    for (size_t i = 0; i < answers->counter_count; i++)
        free(answers->counters[i].prompt);
    for (size_t i = 0; i < answers->parameter_count; i++) {
        free(answers->parameters[i].id);
        free(answers->parameters[i].value);
    }
    free(answers->keys);
    free(answers->counters);
    free(answers->parameters);
    free(answers->file);
    free(answers);
}

/* --- reading ---------------------------------------------------------------------------------- */

static const char *const asides[] = {"exception", "pause", "leave", "stop", NULL};

static const enum scripted_kind aside_kinds[] = {SCRIPTED_EXCEPTION, SCRIPTED_PAUSE,
                                                 SCRIPTED_LEAVE, SCRIPTED_STOP};

/* An answer that is a mapping. */
struct answer_lines {
    char *shown;
    int aside; /* index, -1 none */
    bool decline;
};
static const struct yaml_row answer_rows[] = {
    YAML_ROW(struct answer_lines, shown, "shown", YAML_TEXT, 0,
             "what an earlier prompt displayed"),
    YAML_ROW_WITH(struct answer_lines, aside, "aside", YAML_CHOICE, 0,
                  "a key that is no answer", .allowed = asides),
    YAML_ROW(struct answer_lines, decline, "decline", YAML_YES, 0, "the prompt is declined"),
};
static const struct yaml_schema answer_schema = YAML_SCHEMA("an answer", answer_rows);

static size_t
count_stars(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '*' ? 1 : 0;
    return count;
}

static struct error *
read_mapping(struct yaml_file *file, struct yaml_node node, const struct answer_key *key,
             struct scripted_answer *answer)
{
    struct answer_lines lines = {.aside = -1};
    struct error *error = yaml_record(file, node, &answer_schema, &lines);
    bool shown = lines.shown != NULL && lines.shown[0] != '\0';
    if (error == NULL && shown + (lines.aside >= 0) + lines.decline != 1)
        error =
            yaml_fault(file, node, "an answer is exactly one of 'shown', 'aside', 'decline'");
    else if (error == NULL && shown && count_stars(lines.shown) > key->stars)
        error =
            yaml_fault(file, node, "'%s' has more '*' than '%s'", lines.shown, key->pattern);
    answer->kind = shown              ? SCRIPTED_SHOWN
                   : lines.aside >= 0 ? aside_kinds[lines.aside]
                                      : SCRIPTED_DECLINE;
    answer->text = TAKE(lines.shown);
    yaml_record_clear(&answer_schema, &lines);
    return error;
}

static struct error *
read_answer(struct yaml_file *file, struct yaml_node node, void *self)
{
    struct answer_key *key = self;
    struct scripted_answer *answer = yaml_grow(&key->items, &key->count, sizeof *answer);
    if (answer == NULL)
        return error_memory();
    answer->line = node.line;
    if (yaml_is_mapping(node))
        return read_mapping(file, node, key, answer);
    TRY(yaml_text(file, node, key->pattern, YAML_TEXT_MAX, false, &answer->text));
    return answer->text == NULL ? text_copy("", &answer->text) : NULL;
}

static struct error *
read_answer_parameter(struct yaml_file *file, const char *id, struct yaml_node at,
                      struct yaml_node value, void *self)
{
    struct answers *answers = self;
    struct answer_parameter *parameter =
        yaml_grow(&answers->parameters, &answers->parameter_count, sizeof *parameter);
    if (parameter == NULL)
        return error_memory();
    TRY(yaml_take_name(file, id, at, &parameter->id));
    TRY(yaml_text(file, value, id, YAML_TEXT_MAX, false, &parameter->value));
    return parameter->value == NULL ? text_copy("", &parameter->value) : NULL;
}

static struct error *
read_key(struct yaml_file *file, const char *pattern, struct yaml_node at,
         struct yaml_node value, void *self)
{
    struct answers *answers = self;
    if (strcmp(pattern, "schema") == 0)
        return yaml_read_schema_version(file, value, NULL);
    if (strcmp(pattern, "parameters") == 0)
        return yaml_pairs(file, value, "'parameters'", read_answer_parameter, answers);
    struct answer_key *key = yaml_grow(&answers->keys, &answers->key_count, sizeof *key);
    if (key == NULL)
        return error_memory();
    TRY(text_copy(pattern, &key->pattern));
    key->stars = count_stars(pattern);
    if (key->stars > STARS_MAX)
        TRY(yaml_fault(file, at, "'%s' has more than %d '*'", pattern, STARS_MAX));
    if (strchr(pattern, '.') == NULL && key->stars == 0)
        TRY(yaml_fault(file, at, "'%s' is no prompt: a prompt is called STEP.NAME", pattern));
    if (yaml_is_list(value))
        return yaml_items(file, value, "a list of answers", read_answer, key);
    return read_answer(file, value, key);
}

struct error *
answers_load(const char *file, struct faults *faults, struct answers **ret_answers)
{
    size_t before = faults->count;
    AUTO(answers) answers = calloc(1, sizeof *answers);
    if (answers == NULL)
        return error_memory();
    TRY(text_copy(file, &answers->file));
    AUTO(yaml_file) yaml = NULL;
    TRY(yaml_open(file, faults, NULL, &yaml));
    if (yaml_parsed(yaml))
        TRY(yaml_pairs(yaml, yaml_root(yaml), "an answers file", read_key, answers));
    if (faults->count > before)
        return faults_as_error(faults);
    *ret_answers = TAKE(answers);
    return NULL;
}

/* --- answering -------------------------------------------------------------------------------- */

struct capture {
    const char *text;
    size_t len;
};

/* Like text_matches, and keeps what each '*' stood for (the shortest that fits, from the left). */
static bool
match(const char *pattern, const char *text, struct capture *captures)
{
    for (; *pattern != '*'; pattern++, text++) {
        if (*pattern != *text)
            return false;
        if (*pattern == '\0')
            return true;
    }
    for (size_t len = 0;; len++) {
        if (match(pattern + 1, text + len, captures + 1)) {
            *captures = (struct capture){text, len};
            return true;
        }
        if (text[len] == '\0')
            return false;
    }
}

/* A literal key wins; of patterns the longest, of equally long ones the first. */
static struct answer_key *
find_key(struct answers *answers, const char *prompt_id)
{
    struct answer_key *best = NULL;
    for (size_t i = 0; i < answers->key_count; i++) {
        struct answer_key *key = &answers->keys[i];
        if (!text_matches(key->pattern, prompt_id))
            continue;
        if (key->stars == 0)
            return key;
        if (best == NULL || strlen(key->pattern) > strlen(best->pattern))
            best = key;
    }
    return best;
}

static struct error *
count_asking(struct answers *answers, const char *prompt_id, size_t *ret_before)
{
    for (size_t i = 0; i < answers->counter_count; i++)
        if (strcmp(answers->counters[i].prompt, prompt_id) == 0) {
            *ret_before = answers->counters[i].taken++;
            return NULL;
        }
    struct answer_counter *counter =
        yaml_grow(&answers->counters, &answers->counter_count, sizeof *counter);
    if (counter == NULL)
        return error_memory();
    TRY(text_copy(prompt_id, &counter->prompt));
    counter->taken = 1;
    *ret_before = 0;
    return NULL;
}

/* The first '*' of `shown` stands for what the key's first '*' matched, and so on. */
static struct error *
fill_stars(const struct answer_key *key, const char *prompt_id, const char *shown,
           char **ret_text)
{
    struct capture captures[STARS_MAX + 1] = {0};
    if (!match(key->pattern, prompt_id, captures))
        return ERROR(ERROR_BUG, "a key that matched does not match");
    AUTO_BYTES text = {0};
    size_t star = 0;
    for (; *shown != '\0'; shown++) {
        if (*shown == '*' && star < key->stars) {
            TRY(bytes_append(&text, captures[star].text, captures[star].len));
            star++;
        } else {
            TRY(bytes_append_char(&text, *shown));
        }
    }
    return bytes_take_text(&text, ret_text);
}

/* What comes instead of an answer; to stop ends the run. */
static bool
is_aside(enum scripted_kind kind)
{
    return kind == SCRIPTED_EXCEPTION || kind == SCRIPTED_PAUSE || kind == SCRIPTED_LEAVE;
}

struct error *
answers_take(struct answers *answers, const char *prompt_id, struct scripted_answer *ret_answer)
{
    struct answer_key *key = find_key(answers, prompt_id);
    if (key == NULL || key->count == 0)
        return error_hint(ERROR(ERROR_INPUT, "the answers file %s has no answer to '%s'",
                                answers->file, prompt_id),
                          "Add a line with this prompt's name.");
    key->asked = true;
    size_t before = 0;
    TRY(count_asking(answers, prompt_id, &before));
    const struct scripted_answer *item =
        &key->items[before < key->count ? before : key->count - 1];
    if (before >= key->count && is_aside(item->kind))
        return error_hint(
            ERROR(ERROR_INPUT,
                  "%s:%u: '%s' is asked once more, and its last answer is none: after it "
                  "everything would begin again",
                  answers->file, item->line, prompt_id),
            "Write a list of answers that ends in one: [{aside: pause}, \"yes\"].");
    struct scripted_answer answer = {
        .kind = item->kind,
        .line = item->line,
        .repeated = before < key->count ? 0 : (unsigned)(before - key->count + 1)};
    if (item->kind == SCRIPTED_SHOWN)
        TRY(fill_stars(key, prompt_id, item->text, &answer.text));
    else
        TRY(text_copy(item->text == NULL ? "" : item->text, &answer.text));
    *ret_answer = answer;
    return NULL;
}

size_t
answers_parameter_count(const struct answers *answers)
{
    return answers->parameter_count;
}

void
answers_parameter(const struct answers *answers, size_t index, const char **ret_id,
                  const char **ret_value)
{
    *ret_id = answers->parameters[index].id;
    *ret_value = answers->parameters[index].value;
}

struct error *
answers_unused(const struct answers *answers, struct bytes *ret_text)
{
    for (size_t i = 0; i < answers->key_count; i++)
        if (!answers->keys[i].asked)
            TRY(bytes_format(ret_text, "%s\n", answers->keys[i].pattern));
    return NULL;
}
