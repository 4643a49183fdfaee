/* SPDX-License-Identifier: Apache-2.0
 *
 * What the records tell of PINs that are held as shares. */
#include <stdio.h>
#include <string.h>

#include "ceremony/engine/state_private.h"

static const char *
text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text == NULL ? "" : text;
}

#define TAKE_TEXT(field, data, key)                                                            \
    (void)snprintf((field), sizeof(field), "%s", text_of((data), (key)))

static unsigned
number_of(const json_t *data, const char *key)
{
    return (unsigned)json_integer_value(json_object_get(data, key));
}

struct state_pin_set *
state_pin_set(struct state *state, const char *step)
{
    for (size_t i = 0; i < state->pin_set_count; i++)
        if (!state->pin_sets[i].void_set && strcmp(state->pin_sets[i].step, step) == 0)
            return &state->pin_sets[i];
    return NULL;
}

static struct state_pin_set *
by_number(struct state *state, const json_t *data)
{
    for (size_t i = 0; i < state->pin_set_count; i++)
        if (state->pin_sets[i].set_id == number_of(data, "set")
            && strcmp(state->pin_sets[i].user, text_of(data, "user")) == 0
            && strcmp(state->pin_sets[i].token, text_of(data, "token")) == 0)
            return &state->pin_sets[i];
    return NULL;
}

/* A row for a new set: that of a void one, if there is one. */
struct error *
state_pin_cut(struct state *state, const struct telling *telling)
{
    struct state_pin_set *set = NULL;
    for (size_t i = 0; i < state->pin_set_count; i++)
        if (state->pin_sets[i].void_set)
            set = &state->pin_sets[i];
    if (set == NULL && state->pin_set_count == STATE_PINS_MAX)
        return ERROR(ERROR_REFUSED, "the transcript holds more sets of PINs than this program "
                                    "takes");
    if (set == NULL)
        set = &state->pin_sets[state->pin_set_count++];
    *set = (struct state_pin_set){.set_id = number_of(telling->data, "set"),
                                  .before = number_of(telling->data, "before")};
    (void)snprintf(set->step, sizeof set->step, "%s", telling->step);
    TAKE_TEXT(set->token, telling->data, "token");
    TAKE_TEXT(set->serial, telling->data, "serial");
    TAKE_TEXT(set->user, telling->data, "user");
    return NULL;
}

struct error *
state_pin_delivered(struct state *state, const struct telling *telling)
{
    struct state_pin_set *set = by_number(state, telling->data);
    if (set != NULL)
        set->delivered = true;
    return NULL;
}

static bool
is_pin(const struct state_pin_use *use, const json_t *data)
{
    return strcmp(use->token, text_of(data, "token")) == 0
           && strcmp(use->user, text_of(data, "user")) == 0;
}

/* The PIN of one set; NULL. */
static struct state_pin_use *
use_of(struct state *state, const json_t *data)
{
    for (size_t i = 0; i < state->pin_use_count; i++)
        if (is_pin(&state->pin_uses[i], data)
            && state->pin_uses[i].set == number_of(data, "set"))
            return &state->pin_uses[i];
    return NULL;
}

struct error *
state_pin_changing(struct state *state, const struct telling *telling)
{
    struct state_pin_set *set = by_number(state, telling->data);
    if (set != NULL) {
        set->changing = true;
        set->before = number_of(telling->data, "before"); /* the login may have told another */
    }
    return NULL;
}

/* A new PIN ends the use of all before; but one that was adopted was itself put together to find out. */
struct error *
state_pin_changed(struct state *state, const struct telling *telling)
{
    struct state_pin_set *set = by_number(state, telling->data);
    if (set != NULL)
        set->in_use = true;
    for (size_t i = 0; i < state->pin_use_count; i++)
        if (is_pin(&state->pin_uses[i], telling->data)
            && state->pin_uses[i].set != number_of(telling->data, "set"))
            state->pin_uses[i].open = false;
    return NULL;
}

struct error *
state_pin_void(struct state *state, const struct telling *telling)
{
    struct state_pin_set *set = by_number(state, telling->data);
    struct state_pin_use *use = use_of(state, telling->data);
    if (set != NULL)
        set->void_set = true;
    if (use != NULL)
        use->open = false; /* it is the PIN of nothing */
    return NULL;
}

static struct error *
pin_used(struct state *state, const json_t *data)
{
    struct state_pin_use *use = use_of(state, data);
    for (size_t i = 0; use == NULL && i < state->pin_use_count; i++)
        if (!state->pin_uses[i].open)
            use = &state->pin_uses[i];
    if (use == NULL && state->pin_use_count == STATE_PINS_MAX)
        return ERROR(ERROR_REFUSED, "the transcript holds more PINs than this program takes");
    if (use == NULL)
        use = &state->pin_uses[state->pin_use_count++];
    TAKE_TEXT(use->token, data, "token");
    TAKE_TEXT(use->user, data, "user");
    use->set = number_of(data, "set");
    use->open = true;
    return NULL;
}

struct error *
state_pin_fact(struct state *state, const struct telling *telling)
{
    const char *what = text_of(telling->data, "what");
    struct state_pin_use *use = use_of(state, telling->data);
    struct state_pin_set *set = by_number(state, telling->data);
    if (strcmp(what, "quorum-shares") == 0)
        return pin_used(state, telling->data);
    if (strcmp(what, "quorum-kept") == 0 && use != NULL)
        use->open = false;
    if (strcmp(what, "old-pin-shares") == 0 && set != NULL)
        set->old_told = true;
    return NULL;
}
