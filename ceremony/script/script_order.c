/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of steps. Two tables: what must have happened to the same thing before a step, and what
 * must happen to a backed-up key before it certifies. */
#include <string.h>

#include "ceremony/script/places.h"
#include "ceremony/script/script_check.h"
#include "ceremony/script/step_fields.h"

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

/* The key whose certificate an issue-certificate step issues, "" for other steps. */
static const char *
certified_by(const struct script_step *step)
{
    if (step->kind != STEP_ISSUE_CERTIFICATE)
        return "";
    return step->of[0] != '\0' ? step->of : step->key;
}

/* How each sort of key comes into a script. */
static const struct {
    enum script_made made;
    enum step_kind kind;
} comings[] = {
    {MADE_HERE,      STEP_GENERATE_KEY   },
    {MADE_EARLIER,   STEP_FIND_KEY       },
    {MADE_EARLIER,   STEP_RESTORE_KEY    },
    {MADE_EARLIER,   STEP_RE_SHARE       },
    {MADE_EARLIER,   STEP_RELEASE_CRL    }, /* known by the ledger; its token stays away */
    {MADE_ELSEWHERE, STEP_IMPORT_REQUEST },
    {MADE_ELSEWHERE, STEP_IMPORT_EXISTING},
};

/* As enum script_made. */
static const struct {
    const char *missing;  /* when no step lets the key come */
    const char *too_late; /* when a step uses the key before */
} coming_texts[] = {
    {"no step generates the key '%s'",                                                         "uses the key '%s' before a step generates it"},
    {"no step finds or restores the key '%s', which was made earlier",
     "uses the key '%s' before a step finds it"                                                                                              },
    {"no step reads the request or the certificate of the key '%s', which was made elsewhere",
     "uses the key '%s' before a step reads the request or the certificate of it"                                                            },
};

/* The first step before `end` by which the key comes as it says; NOWHERE if there is none. */
static size_t
find_coming(const struct script_view *view, const struct script_key *key, size_t end)
{
    size_t first = NOWHERE;
    for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++) {
        size_t at = comings[i].made == key->made
                        ? find_step(view, comings[i].kind, key->id, end)
                        : NOWHERE;
        first = at < first ? at : first;
    }
    return first;
}

static bool
is_coming(const struct script_key *key, enum step_kind kind)
{
    for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++)
        if (comings[i].made == key->made && comings[i].kind == kind)
            return true;
    return false;
}

/* Each needs an earlier step about the same key. */
static const struct {
    enum step_kind kind;
    enum step_kind before;
    bool backed_up_only; /* only asked of keys made here with `backup: wrapped` */
    const char *text;
} key_order[] = {
    {STEP_RETIRE_BACKUP,     STEP_PROVE_RESTORE,  false,
     "destroys the old backup of the key '%s' before the new one is proven"},
    {STEP_DELIVER_SHARES,    STEP_BACK_UP_KEY,    false,
     "delivers shares before a step backs up the key '%s'"                 },
    {STEP_PROVE_RESTORE,     STEP_DELIVER_SHARES, false,
     "restores the key '%s' before a step delivers its shares"             },
    {STEP_LOCK_KEY,          STEP_PROVE_RESTORE,  true,
     "locks the key '%s' before a step proves that it can be restored"     },
    {STEP_CREATE_REQUEST,    STEP_LOCK_KEY,       true,
     "requests a certificate of the key '%s' before a step locks it"       },
    {STEP_ISSUE_CERTIFICATE, STEP_LOCK_KEY,       true,
     "certifies the key '%s' before a step locks it"                       },
};

static bool
is_backed_up(const struct script_view *view, const char *key)
{
    const struct script_key *declared = script_key(view->script, key);
    return declared != NULL && declared->backup == BACKUP_WRAPPED
           && declared->made == MADE_HERE;
}

/* A text of a table with the key in place of its %s. */
static struct error *
name_key(const char *text, const char *key, struct bytes *said)
{
    const char *rest = strstr(text, "%s");
    TRY(bytes_append(said, text, (size_t)(rest - text)));
    TRY(bytes_append_text(said, key));
    return bytes_append_text(said, rest + 2);
}

static struct error *
key_fault(struct script_view *view, const struct script_step *step, const char *text,
          const char *key)
{
    AUTO_BYTES said = {0};
    TRY(name_key(text, key, &said));
    return fault_at_step(view, step, bytes_text(&said));
}

/* The key must have come before the step. */
static struct error *
check_came(struct script_view *view, size_t index, const char *key)
{
    const struct script_step *step = view->steps[index];
    const struct script_key *declared = script_key(view->script, key);
    if (declared == NULL || is_coming(declared, step->kind)
        || find_coming(view, declared, index) != NOWHERE)
        return NULL;
    return key_fault(view, step, coming_texts[declared->made].too_late, key);
}

/* A first backup begins with back-up-key, a new one with re-share. */
static size_t
find_before(const struct script_view *view, enum step_kind kind, const char *key, size_t end)
{
    size_t at = find_step(view, kind, key, end);
    return at == NOWHERE && kind == STEP_BACK_UP_KEY ? find_step(view, STEP_RE_SHARE, key, end)
                                                     : at;
}

static bool
is_certified_before(const struct script_view *view, size_t index, const char *key)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(certified_by(view->steps[i]), key) == 0)
            return true;
    return false;
}

/* A key signs for others only when it has a certificate itself. */
static struct error *
check_signer(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const struct script_key *signer = script_key(view->script, step->key);
    bool signs_own =
        step->kind == STEP_ISSUE_CERTIFICATE && strcmp(certified_by(step), step->key) == 0;
    if ((step->kind != STEP_ISSUE_CERTIFICATE && step->kind != STEP_ISSUE_CRL
         && step->kind != STEP_SIGN_SERIES && step->kind != STEP_SIGN_REQUESTS)
        || signs_own || signer == NULL || signer->made == MADE_EARLIER)
        return NULL;
    if (signer->made == MADE_ELSEWHERE)
        return key_fault(view, step, "cannot sign with the key '%s', which was made elsewhere",
                         step->key);
    if (is_certified_before(view, index, step->key))
        return NULL;
    return key_fault(view, step,
                     step->kind == STEP_ISSUE_CRL || step->kind == STEP_SIGN_SERIES
                         ? "issues a CRL before a step issues the certificate of the key '%s'"
                         : "signs before a step issues the certificate of the key '%s'",
                     step->key);
}

/* Every key that signs CRLs has come, and has a certificate; so has every one that is covered. */
static struct error *
check_crl_keys(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; i < step->crls.count; i++) {
        if (!script_crl(view->script, step, i, &key, &profile))
            continue;
        TRY(check_came(view, index, key->id));
        if (key->made == MADE_ELSEWHERE
            || (key->made == MADE_HERE && !is_certified_before(view, index, key->id)))
            TRY(key_fault(view, step,
                          "signs lists with the key '%s', which no earlier ceremony made and "
                          "no step before certifies",
                          key->id));
    }
    for (size_t i = 0; i < step->covers.count; i++) {
        if (!script_covered(view->script, step, i, &key, &profile))
            continue;
        TRY(check_came(view, index, key->id));
        if (key->made != MADE_EARLIER)
            TRY(key_fault(view, step, "covers the key '%s', which no earlier ceremony made",
                          key->id));
    }
    return NULL;
}

static struct error *
check_key_order(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    if (script_is_custody(step->kind))
        return NULL;
    TRY(check_crl_keys(view, index));
    const char *subject = certified_by(step);
    const char *key = subject[0] != '\0' ? subject : key_of(view, step);
    if (key[0] == '\0' || script_key(view->script, key) == NULL)
        return NULL;
    TRY(check_came(view, index, key));
    if (step->key[0] != '\0' && strcmp(step->key, key) != 0)
        TRY(check_came(view, index, step->key));
    for (size_t i = 0; i < sizeof key_order / sizeof key_order[0]; i++)
        if (key_order[i].kind == step->kind
            && (!key_order[i].backed_up_only || is_backed_up(view, key))
            && find_before(view, key_order[i].before, key, index) == NOWHERE)
            TRY(key_fault(view, step, key_order[i].text, key));
    return check_signer(view, index);
}

/* Done once and no more to one key. */
static const struct {
    enum step_kind kind;
    const char *text;
} once[] = {
    {STEP_GENERATE_KEY,       "generates the key a second time"               },
    {STEP_FIND_KEY,           "finds the key a second time"                   },
    {STEP_IMPORT_REQUEST,     "reads the request for the key a second time"   },
    {STEP_IMPORT_EXISTING,    "reads the certificate of the key a second time"},
    {STEP_IMPORT_CERTIFICATE, "reads the certificate of the key a second time"},
    {STEP_BACK_UP_KEY,        "backs up the key a second time"                },
    {STEP_LOCK_KEY,           "locks the key a second time"                   },
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

/* Both keys have a certificate: the one to sign with, the other to be repeated. */
static struct error *
check_cross(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const char *const keys[] = {step->key, step->of};
    const struct script_key *signer = script_key(view->script, step->key);
    if (step->kind != STEP_CROSS_CERTIFY)
        return NULL;
    if (signer != NULL && signer->made == MADE_ELSEWHERE)
        return key_fault(view, step, "cannot sign with the key '%s', which was made elsewhere",
                         step->key);
    for (size_t k = 0; k < 2; k++) {
        const struct script_key *key = script_key(view->script, keys[k]);
        bool certified = key == NULL || key->made == MADE_EARLIER
                         || find_step(view, STEP_IMPORT_EXISTING, keys[k], index) != NOWHERE;
        for (size_t i = 0; i < index; i++)
            certified = certified || strcmp(certified_by(view->steps[i]), keys[k]) == 0;
        if (key != NULL)
            TRY(check_came(view, index, keys[k]));
        if (!certified)
            TRY(key_fault(view, step, "cross-certifies, and the key '%s' has no certificate",
                          keys[k]));
    }
    return NULL;
}

/* Nothing is asked of a key after its end. */
static struct error *
check_end(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const struct script_key *key = script_key(view->script, step->key);
    if (step->kind != STEP_DESTROY_KEY || key == NULL)
        return NULL;
    if (key->made != MADE_EARLIER)
        TRY(key_fault(view, step, "destroys the key '%s', which no earlier ceremony made",
                      step->key));
    for (size_t i = index + 1; i < view->step_count; i++)
        if (strcmp(view->steps[i]->key, step->key) == 0
            || strcmp(view->steps[i]->of, step->key) == 0)
            TRY(key_fault(view, view->steps[i], "uses the key '%s' after a step destroyed it",
                          step->key));
    return NULL;
}

/* Whoever has the ledger of a key enters what came back for it. */
static struct error *
check_import(struct script_view *view, const struct script_step *step)
{
    const struct script_key *key = script_key(view->script, step->key);
    if (step->kind != STEP_IMPORT_CERTIFICATE || key == NULL || key->made == MADE_EARLIER)
        return NULL;
    return key_fault(view, step,
                     "reads a certificate for the key '%s', which no earlier ceremony made",
                     step->key);
}

/* Only its shares are looked at, and it stays where it is. */
static bool
stays_away(const struct script_view *view, const struct script_key *key)
{
    bool looked_at = false;
    for (size_t i = 0; i < view->step_count; i++) {
        if (strcmp(key_of(view, view->steps[i]), key->id) != 0)
            continue;
        if (!script_is_custody(view->steps[i]->kind))
            return false;
        looked_at = true;
    }
    return looked_at && key->made == MADE_EARLIER;
}

/* Each key comes as it says, and in no other way. */
static struct error *
check_coming(struct script_view *view, const struct script_key *key)
{
    static const char *const made[] = {"here", "earlier", "elsewhere"};
    if (find_coming(view, key, view->step_count) == NOWHERE && !stays_away(view, key)) {
        AUTO_BYTES said = {0};
        TRY(name_key(coming_texts[key->made].missing, key->id, &said));
        TRY(script_fault(view, key->id, "%s", bytes_text(&said)));
    }
    for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++) {
        size_t at = find_step(view, comings[i].kind, key->id, view->step_count);
        if (at != NOWHERE && comings[i].made != key->made)
            TRY(script_fault(view, view->steps[at]->id,
                             "step '%s' (%s) is not for a key with 'made: %s', such as '%s'",
                             view->steps[at]->id, step_kind_name(comings[i].kind),
                             made[key->made], key->id));
    }
    return NULL;
}

static struct error *
check_place(struct script_view *view, const struct script_key *key)
{
    bool elsewhere = key->made == MADE_ELSEWHERE;
    if (key->made == MADE_HERE && strcmp(key->type, SCRIPT_TYPE_AS_MADE) == 0)
        return script_fault(view, key->type,
                            "the key '%s' is made here, so its type must be said", key->id);
    if (!elsewhere && key->token[0] == '\0')
        return script_fault(view, key->id, "the key '%s' needs 'token', the token it lives on",
                            key->id);
    if (elsewhere && (key->token[0] != '\0' || key->backup != BACKUP_NONE))
        return script_fault(view, key->id,
                            "the key '%s' was made elsewhere: it has no 'token' here, and "
                            "'backup: none'",
                            key->id);
    return NULL;
}

/* Steps of a backup: which a key that is backed up here must have, and which one that is shared again. */
static const struct {
    enum step_kind kind;
    bool first;
    bool again;
} backup_steps[] = {
    {STEP_BACK_UP_KEY,    true,  false},
    {STEP_DELIVER_SHARES, true,  true },
    {STEP_PROVE_RESTORE,  true,  true },
    {STEP_LOCK_KEY,       true,  false},
    {STEP_RETIRE_BACKUP,  false, true },
};

static struct error *
check_key(struct script_view *view, const struct script_key *key)
{
    bool first = is_backed_up(view, key->id);
    bool again = find_step(view, STEP_RE_SHARE, key->id, view->step_count) != NOWHERE;
    TRY(check_coming(view, key));
    TRY(check_place(view, key));
    for (size_t i = 0; i < sizeof backup_steps / sizeof backup_steps[0]; i++) {
        enum step_kind kind = backup_steps[i].kind;
        bool wants = (first && backup_steps[i].first) || (again && backup_steps[i].again);
        size_t at = find_step(view, kind, key->id, view->step_count);
        if (wants && at == NOWHERE)
            TRY(script_fault(view, key->id, "the key '%s' %s, but no step '%s'", key->id,
                             first ? "has a wrapped backup" : "is shared again",
                             step_kind_name(kind)));
        if (!wants && at != NOWHERE)
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
        if (step->kind < STEP_KINDS && step_rule(step->kind)->touches_token && !called) {
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
        TRY(check_import(view, view->steps[i]));
        TRY(check_end(view, i));
        TRY(check_cross(view, i));
        TRY(check_shares_fit(view, view->steps[i]));
        if (view->steps[i]->kind != STEP_CHECK_TOKEN)
            TRY(check_pins(view, i));
    }
    return view->step_count == 0 ? NULL : check_frame(view);
}
