/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of steps. Two tables: what must have happened to the same thing before a step, and what
 * must happen to a backed-up key before it certifies. */
#include <string.h>

#include "ceremony/script/places.h"
#include "ceremony/script/script_check.h"

#define NOWHERE SIZE_MAX

/* The key that a step is about, "" if none. */
static const char *
key_of(const struct script_view *view, const struct script_step *step)
{
    if (step->key[0] != '\0')
        return step->key;
    if (step->of[0] != '\0')
        return step->of;
    const struct script_shares *shares = script_shares(view->script, step->shares);
    return shares == NULL ? "" : shares->of;
}

/* The first step of that kind about the key (NULL: any), before `end`; NOWHERE if there is none. */
static size_t
find_step(const struct script_view *view, enum step_kind kind, const char *key, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (view->steps[i]->kind == kind
            && (key == NULL || strcmp(key_of(view, view->steps[i]), key) == 0))
            return i;
    return NOWHERE;
}

static struct error *
fault_at_step(struct script_view *view, const struct script_step *step, const char *text)
{
    return faults_add(view->faults, view->script->file, step->place.line, step->place.column,
                      "step '%s' %s", step->id, text);
}

/* Each needs an earlier step about the same key. */
static const struct {
    enum step_kind kind;
    enum step_kind before;
    bool backed_up_only; /* only asked of keys with `backup: wrapped` */
    const char *text;
} key_order[] = {
    {STEP_COMPARE_FINGERPRINT, STEP_GENERATE_KEY,      false,
     "uses the key '%s' before a step generates it"                                                         },
    {STEP_PROVE_POSSESSION,    STEP_GENERATE_KEY,      false,
     "uses the key '%s' before a step generates it"                                                         },
    {STEP_BACK_UP_KEY,         STEP_GENERATE_KEY,      false,
     "uses the key '%s' before a step generates it"                                                         },
    {STEP_LOCK_KEY,            STEP_GENERATE_KEY,      false, "uses the key '%s' before a step generates it"},
    {STEP_ISSUE_CERTIFICATE,   STEP_GENERATE_KEY,      false,
     "uses the key '%s' before a step generates it"                                                         },
    {STEP_DELIVER_SHARES,      STEP_BACK_UP_KEY,       false,
     "delivers shares before a step backs up the key '%s'"                                                  },
    {STEP_PROVE_RESTORE,       STEP_DELIVER_SHARES,    false,
     "restores the key '%s' before a step delivers its shares"                                              },
    {STEP_LOCK_KEY,            STEP_PROVE_RESTORE,     true,
     "locks the key '%s' before a step proves that it can be restored"                                      },
    {STEP_ISSUE_CERTIFICATE,   STEP_LOCK_KEY,          true,
     "certifies the key '%s' before a step locks it"                                                        },
    {STEP_ISSUE_CRL,           STEP_ISSUE_CERTIFICATE, false,
     "issues a CRL before a step issues the certificate of the key '%s'"                                    },
};

static bool
is_backed_up(const struct script_view *view, const char *key)
{
    const struct script_key *declared = script_key(view->script, key);
    return declared != NULL && declared->backup == BACKUP_WRAPPED;
}

static struct error *
check_key_order(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const char *key = key_of(view, step);
    if (key[0] == '\0' || script_key(view->script, key) == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof key_order / sizeof key_order[0]; i++) {
        if (key_order[i].kind != step->kind
            || (key_order[i].backed_up_only && !is_backed_up(view, key))
            || find_step(view, key_order[i].before, key, index) != NOWHERE)
            continue;
        AUTO_BYTES text = {0};
        const char *rest = strstr(key_order[i].text, "%s");
        TRY(bytes_append(&text, key_order[i].text, (size_t)(rest - key_order[i].text)));
        TRY(bytes_append_text(&text, key));
        TRY(bytes_append_text(&text, rest + 2));
        TRY(fault_at_step(view, step, bytes_text(&text)));
    }
    return NULL;
}

/* Done once and no more to one key. */
static const struct {
    enum step_kind kind;
    const char *text;
} once[] = {
    {STEP_GENERATE_KEY, "generates the key a second time"},
    {STEP_BACK_UP_KEY,  "backs up the key a second time" },
    {STEP_LOCK_KEY,     "locks the key a second time"    },
};

static struct error *
check_once(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (once[i].kind == step->kind && key_of(view, step)[0] != '\0'
            && find_step(view, step->kind, key_of(view, step), index) != NOWHERE)
            TRY(fault_at_step(view, step, once[i].text));
    return NULL;
}

/* Steps that a backed-up key must have at all. */
static const enum step_kind backup_steps[] = {STEP_BACK_UP_KEY, STEP_DELIVER_SHARES,
                                              STEP_PROVE_RESTORE, STEP_LOCK_KEY};

static struct error *
check_key(struct script_view *view, const struct script_key *key)
{
    if (find_step(view, STEP_GENERATE_KEY, key->id, view->step_count) == NOWHERE)
        TRY(script_fault(view, key->id, "no step generates the key '%s'", key->id));
    for (size_t i = 0; i < sizeof backup_steps / sizeof backup_steps[0]; i++) {
        enum step_kind kind = backup_steps[i];
        size_t at = find_step(view, kind, key->id, view->step_count);
        if (key->backup == BACKUP_WRAPPED && at == NOWHERE)
            TRY(script_fault(view, key->id,
                             "the key '%s' has a wrapped backup, but no step '%s'", key->id,
                             step_kind_name(kind)));
        if (key->backup == BACKUP_NONE && at != NOWHERE)
            return script_fault(view, view->steps[at]->id,
                                "step '%s' (%s) is for a key with a backup, and '%s' has none",
                                view->steps[at]->id, step_kind_name(kind), key->id);
    }
    return NULL;
}

static struct error *
check_shares_fit(struct script_view *view, const struct script_step *step)
{
    const struct script_shares *shares = script_shares(view->script, step->shares);
    if (shares == NULL)
        return NULL;
    const char *named = step->key[0] != '\0' ? step->key : step->of;
    if (named[0] != '\0' && strcmp(named, shares->of) != 0)
        TRY(script_fault(view, step->shares,
                         "the share set '%s' is of the key '%s', not of '%s'", shares->id,
                         shares->of, named));
    const struct script_key *key = script_key(view->script, shares->of);
    if (step->kind == STEP_PROVE_RESTORE && key != NULL && step->token[0] != '\0'
        && strcmp(step->token, key->token) == 0)
        TRY(script_fault(view, step->token,
                         "the key '%s' lives on the token '%s'; a restore is proven on another",
                         key->id, key->token));
    return NULL;
}

/* Whether the step changes or uses a token or key. */
static bool
touches_token(enum step_kind kind)
{
    return kind >= STEP_CHECK_TOKEN && kind <= STEP_ISSUE_CRL;
}

static struct error *
check_pins(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    for (size_t i = index + 1; i < view->step_count; i++)
        if (view->steps[i]->kind == STEP_INITIALISE_TOKEN && step->token[0] != '\0'
            && strcmp(view->steps[i]->token, step->token) == 0)
            return script_fault(view, view->steps[i]->token,
                                "step '%s' initialises the token '%s' after step '%s' used it",
                                view->steps[i]->id, step->token, step->id);
    return NULL;
}

static struct error *
check_frame(struct script_view *view)
{
    const struct script_step *last = view->steps[view->step_count - 1];
    if (last->kind != STEP_CLOSE)
        TRY(fault_at_step(view, last, "is the last, but the last step must be a 'close'"));
    if (view->step_count < 2 || view->steps[view->step_count - 2]->kind != STEP_SIGN_OFF)
        TRY(fault_at_step(view, last, "must have a 'sign-off' right before it"));
    size_t recorder = find_step(view, STEP_CREATE_RECORDER, NULL, view->step_count);
    if (recorder == NOWHERE)
        TRY(fault_at_step(view, last,
                          "closes, but no step 'create-recorder' made its recorder"));
    bool called = false;
    for (size_t i = 0; i < view->step_count; i++) {
        const struct script_step *step = view->steps[i];
        called = called || step->kind == STEP_ROLL_CALL;
        if (touches_token(step->kind) && !called) {
            TRY(fault_at_step(view, step, "touches a token before the roll call"));
            called = true; /* said once */
        }
        if (step->kind == STEP_CREATE_RECORDER && i != recorder)
            TRY(fault_at_step(view, step, "makes a second recorder"));
        if (step->kind == STEP_GENERATE_KEY && recorder != NOWHERE && i < recorder)
            TRY(fault_at_step(view, step, "generates a key before the recorder is made"));
        if ((step->kind == STEP_CLOSE && i + 1 != view->step_count)
            || (step->kind == STEP_SIGN_OFF && i + 2 != view->step_count))
            TRY(fault_at_step(view, step, "stands too early: sign-off and close come last"));
    }
    return NULL;
}

struct error *
script_check_order(struct script_view *view)
{
    for (size_t i = 0; i < view->script->key_count; i++)
        TRY(check_key(view, &view->script->keys[i]));
    for (size_t i = 0; i < view->step_count; i++) {
        TRY(check_key_order(view, i));
        TRY(check_once(view, i));
        TRY(check_shares_fit(view, view->steps[i]));
        if (view->steps[i]->kind != STEP_CHECK_TOKEN)
            TRY(check_pins(view, i));
    }
    return view->step_count == 0 ? NULL : check_frame(view);
}
