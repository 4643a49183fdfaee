/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine's own files share: the context of one ceremony. Nobody outside engine/ includes
 * this. `state` is a fold over the transcript (state.h): it changes only through engine_record, so
 * that a resumed ceremony knows exactly what the first run knew. All else here is of this process:
 * open modules, sessions, keys, who is in the room. */
#pragma once

#include <jansson.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/engine/engine.h"
#include "ceremony/engine/state.h"
#include "ceremony/ledger/ledger.h"
#include "p11/module.h"
#include "p11/provider.h"
#include "p11/session.h"
#include "shamir/slip39.h"
#include "transcripts/writer.h"

#define ENGINE_TOKENS_MAX  16
#define ENGINE_MODULES_MAX 8
#define ENGINE_PINS_MAX    32
#define ENGINE_ACTS_MAX    64

struct engine_module {
    const struct site_module *site;
    struct p11_module *module; /* NULL while closed */
    char *path;                /* with links resolved */
    char sha256[65];
};

struct engine_token {
    struct engine *engine; /* it is of */
    const struct site_token *site;
    struct engine_module *module;
    struct p11_session *session; /* NULL while none is open */
    bool user_logged_in;
    bool so_logged_in;
    unsigned quorum_set
        [2];       /* of user and SO: the set whose shares gave the PIN last; 0 (quorum.h) */
    bool given_up; /* lost; people decided to close without it (lost.h) */
    int lock;      /* nobody else works with it; 0: not held (token_lock.h) */
    char locked[DIGEST_SHA256_TEXT]; /* under which name */
    bool head_checked;               /* against the ledger, by this process (token_head.h) */
};

struct engine {
    const struct engine_options *options;
    struct frontend *frontend;
    struct script *script;
    struct site *site;
    const char *evidence;

    struct transcript *transcript;
    struct ledger *ledger;
    struct state state;

    struct engine_module modules[ENGINE_MODULES_MAX];
    size_t module_count;
    struct engine_token tokens[ENGINE_TOKENS_MAX];
    size_t token_count;
    struct p11_provider *provider;

    const struct script_act *act; /* current; NULL outside acts */
    const struct script_step *step;
    size_t act_index;
    size_t step_index;
    const struct script_step *said; /* whose text was read aloud already */
    const char *prompt_prefix; /* instead of the step's id, outside steps ("resume"); NULL */

    /* The shares between back-up-key and deliver-shares; wiped then, and on any way out. */
    struct slip39_set *share_set;

    json_t *bags; /* numbers that were given in this sitting, with what they hold; NULL: none */
    json_t *opening; /* data of the opening record, to be compared with the last ceremony's */
    struct engine_outcome *outcome;
    /* What the front end was last told; here because it is too large for a stack. */
    struct progress_act progress_acts[ENGINE_ACTS_MAX];
    struct progress_step progress_steps[STATE_STEPS_MAX];
    bool approval_confirmed; /* by this process's roll call; production only */

    /* HMACs of the PINs typed today, under a key of this process, so that free text that holds one
     * can be refused without keeping any. */
    unsigned char pin_key[32];
    unsigned char pin_marks[ENGINE_PINS_MAX][32];
    size_t pin_sizes[ENGINE_PINS_MAX];
    size_t pin_count;
};

/* --- record.c: the one way into transcript and state --- */

/* Appends (data's reference is taken; NULL means out of memory) and folds into the state. */
MUST_CHECK struct error *engine_record(struct engine *engine, enum transcript_type type,
                                       const char *actor, json_t *data, uint64_t *ret_seq);
/* "role name" of who performs the current step. */
const char *engine_actor(struct engine *engine);
/* An intent, flushed before the act; then its result. `does` names the act; data as above. */
MUST_CHECK struct error *engine_intent(struct engine *engine, const char *does, json_t *data,
                                       uint64_t *ret_seq);
MUST_CHECK struct error *engine_result(struct engine *engine, uint64_t intent,
                                       const char *outcome, json_t *data);
/* The result of a failed act: outcome "failed" with the error's own words. Returns `error`. */
struct error *engine_result_failed(struct engine *engine, uint64_t intent, struct error *error);
/* A fact: {"what": what, ...}. */
MUST_CHECK struct error *engine_fact(struct engine *engine, const char *what, json_t *data);
MUST_CHECK struct error *engine_commit(struct engine *engine, const char *about, json_t *value,
                                       char ret_text[DIGEST_SHA256_TEXT]);
void engine_show_progress(struct engine *engine);

/* --- ask.c: prompts with asides, retries and checks --- */

/* Ids are "STEP.name"; `name` may hold dots and numbers. */
MUST_CHECK struct error *ask_tell(struct engine *engine, const char *name, const char *body,
                                  const char *who);
/* Yes or no; no is an answer, not an error. */
MUST_CHECK struct error *ask_confirm(struct engine *engine, const char *name, const char *body,
                                     const char *question, const char *who, bool *ret_yes);
#define ASK_FORMS_MISSING                                                                          \
    "It waits until every form is shredded. One that is missing is looked for now, or noted with " \
    "F2 before the answer is yes; F10 ends for today."
/* Waits for yes: after a no, `otherwise` stands above the question, which is asked again. */
MUST_CHECK struct error *ask_until_yes(struct engine *engine, const char *name,
                                       const char *body, const char *question, const char *who,
                                       const char *otherwise);
MUST_CHECK struct error *ask_choose(struct engine *engine, const char *name, const char *body,
                                    const char *question, const char *who,
                                    const struct prompt_choice *choices, size_t count,
                                    char **ret_choice);
/* Free text, 1 .. 400 characters; refused when it looks like share words or holds a PIN of today. */
MUST_CHECK struct error *ask_text(struct engine *engine, const char *name, const char *body,
                                  const char *question, const char *who, char **ret_text);
/* The command typed exactly; declined is ret_typed false. */
MUST_CHECK struct error *ask_command(struct engine *engine, const char *name, const char *body,
                                     const char *command, const char *who, bool *ret_typed);
/* One word of the PGP list, compared with `word`; wrong ones are counted and recorded, after three
 * the step fails. */
MUST_CHECK struct error *ask_word(struct engine *engine, const char *name, const char *body,
                                  const char *question, const char *who, const char *word,
                                  unsigned *ret_wrong);
MUST_CHECK struct error *ask_secret(struct engine *engine, const char *name, const char *body,
                                    const char *question, const char *who, const char *warning,
                                    size_t max, struct secret **ret_secret);
MUST_CHECK struct error *ask_words(struct engine *engine, const char *name, const char *body,
                                   const char *question, const char *who, const char *warning,
                                   const struct word_list *list, size_t count,
                                   struct secret **ret_words);
MUST_CHECK struct error *ask_reveal(struct engine *engine, const char *name, const char *body,
                                    const char *who, const struct secret *words,
                                    unsigned seconds);
/* Tells people what went wrong, in the custodian's voice; the error stays the caller's. */
MUST_CHECK struct error *ask_fault(struct engine *engine, const char *title,
                                   const struct error *error);
/* The token works, until working_end. */
void working_begin(struct engine *engine, const char *what, const char *usual);
/* Long work, told again as it goes on, which ends where it can be gone on with when somebody wants it. */
void working_on(struct engine *engine, const char *what, const char *usual);
void working_end(struct engine *engine);
/* Somebody has ended the run: long work stops where it can be gone on with. */
MUST_CHECK bool working_stop_wanted(struct engine *engine);

/* --- asides.c: exception, pause, leaving --- */
MUST_CHECK struct error *aside_exception(struct engine *engine);
MUST_CHECK struct error *aside_pause(struct engine *engine);
MUST_CHECK struct error *aside_leave(struct engine *engine);
/* An exception that the program itself notes. */
MUST_CHECK struct error *exception_note(struct engine *engine, const char *expected,
                                        const char *observed, const char *decision);

/* --- people.c --- */
/* "witness Ada Byron": the n-th present person of the role (the role alone if none is). It stays as long as the
 * program. */
const char *people_name(struct engine *engine, const char *role, size_t n);
/* "ROLE NAME" for somebody who is named, cut between letters. */
void people_as(const char *role, const char *name, char *ret_text, size_t size);
/* The person of whom a prompt's `who` speaks ("NAME", "ROLE NAME"); NULL for a role alone. */
const struct person *people_of(struct engine *engine, const char *who);
const struct person *people_person(struct engine *engine, const char *role, size_t n);
/* A roll call: everyone of roster and custody, present or not, recorded; then the quorum. */
MUST_CHECK struct error *people_roll_call(struct engine *engine);
/* Somebody present for each role of the current step (R13). */
MUST_CHECK struct error *people_quorum_of_step(struct engine *engine);
MUST_CHECK struct error *people_quorum_or_lock(struct engine *engine);

/* --- tokens.c --- */
/* Modules' hashes compared; nothing loaded. */
MUST_CHECK struct error *tokens_prepare(struct engine *engine);
MUST_CHECK struct error *tokens_load_modules(struct engine *engine);
void tokens_close_all(struct engine *engine);
/* Loads the modules when they are needed first; in production not before the approval's words. */
MUST_CHECK struct error *tokens_get(struct engine *engine, const char *name,
                                    struct engine_token **ret_token);
/* What the token in the slot says now; found by binding, or by the environment's URI. */
MUST_CHECK struct error *tokens_info(struct engine *engine, struct engine_token *token,
                                     struct p11_token_info *ret_info);
/* A session, opened if there is none. */
MUST_CHECK struct error *tokens_session(struct engine *engine, struct engine_token *token,
                                        struct p11_session **ret_session);
/* Asks for the PIN, sends it once, asks again (three times at most, never before a last try) when it
 * was wrong. `ret_pin` NULL, or the PIN that was accepted (NULL on a protected path), for the one
 * case in which it is needed again (DESIGN 2: across a KEK's import). */
MUST_CHECK struct error *tokens_login(struct engine *engine, struct engine_token *token,
                                      enum p11_user user, struct secret **ret_pin);
/* Logs in as user unless already; asks for the PIN as the environment says ("STEP.user-pin"). */
MUST_CHECK struct error *tokens_login_user(struct engine *engine, struct engine_token *token);
/* The same, but with a PIN collected before. `pin` NULL: protected path. It is wiped by the caller. */
MUST_CHECK struct error *tokens_login_with(struct engine *engine, struct engine_token *token,
                                           enum p11_user user, const struct secret *pin);
/* Only collects: typed or split; protected path gives NULL. `warning` may be "". */
MUST_CHECK struct error *tokens_ask_pin(struct engine *engine, struct engine_token *token,
                                        enum p11_user user, const char *warning,
                                        struct secret **ret_pin);
MUST_CHECK struct error *tokens_ask_new_pin(struct engine *engine, struct engine_token *token,
                                            enum p11_user user, struct secret **ret_pin);
/* A wrong PIN: recorded with what the token says of itself; an error when another would lock it. */
MUST_CHECK struct error *tokens_note_wrong_pin(struct engine *engine,
                                               struct engine_token *token, enum p11_user user,
                                               unsigned wrong);
/* An error where the next wrong PIN would lock it; before one is sent that may be wrong. */
MUST_CHECK struct error *tokens_refuse_last_try(struct engine *engine,
                                                struct engine_token *token, enum p11_user user);
MUST_CHECK struct error *tokens_logout(struct engine *engine, struct engine_token *token);
/* All but the recorder's. */
MUST_CHECK struct error *tokens_logout_all(struct engine *engine);
/* Flushes the token store to disk, closes the module with all its sessions, and opens it anew: what
 * is seen then is what was really stored (TRUST 1.1, 1.2). */
MUST_CHECK struct error *tokens_reopen(struct engine *engine, struct engine_token *token);
/* Flushes the stores of all tokens that are in use: what was done on them outlives a power cut. A store that is
 * not there any more is passed over; what is missed on it, is noticed when the token is asked. */
MUST_CHECK struct error *tokens_flush(struct engine *engine);
/* Copies of token.object around what may empty it (FACTS 2). */
MUST_CHECK struct error *tokens_guard_begin(struct engine *engine, struct engine_token *token);
MUST_CHECK struct error *tokens_guard_end(struct engine *engine, struct engine_token *token);
/* Puts copies back where the file is found empty; before modules are loaded. */
MUST_CHECK struct error *tokens_guard_repair(struct engine *engine);
/* The EVP_PKEY of a key on the token, for signing (logged in). The caller frees. */
MUST_CHECK struct error *tokens_signing_key(struct engine *engine, struct engine_token *token,
                                            const unsigned char *id, size_t id_len,
                                            const void *spki, size_t spki_len,
                                            EVP_PKEY **ret_key);
/* OpenSSL only knows that a signature failed; the token's own error says why. Takes `error`, gives back
 * the better one. */
struct error *tokens_signing_error(struct engine *engine, struct error *error);

/* --- evidence.c --- */
/* Writes a new file below the evidence folder (folders made) with intent, result and output record.
 * The same bytes there already are fine. */
MUST_CHECK struct error *evidence_write(struct engine *engine, const char *kind,
                                        const char *name, const void *data, size_t len);
/* A file that lies there already, announced and recorded as it is. */
MUST_CHECK struct error *evidence_record(struct engine *engine, const char *kind,
                                         const char *name);
/* The same as evidence_write, but where another file has the name (an attempt before), "-2", "-3" ... is put before the
 * ending. */
MUST_CHECK struct error *evidence_write_numbered(struct engine *engine, const char *kind,
                                                 const char *stem, const char *ending,
                                                 const void *data, size_t len);
MUST_CHECK struct error *evidence_read(struct engine *engine, const char *name, size_t limit,
                                       struct bytes *ret_data);
/* "PRACTICE-" in rehearsal (R4). */
const char *evidence_prefix(const struct engine *engine);

/* "NAME" and, below, the beginning of its SHA-256 in digits and words, to be read aloud. */
MUST_CHECK struct error *evidence_hash_line(struct bytes *body, const char *name,
                                            const char *hex);
/* All 32 words of the hash of a file that leaves for another ceremony: they go there on paper. `what`:
 * "request", "certificate". */
MUST_CHECK struct error *evidence_paper(struct engine *engine, const char *what,
                                        const char *sha256);
/* Removes the temporary files of writes that an interruption cut off; none of them has a name yet. */
MUST_CHECK struct error *evidence_sweep(struct engine *engine, size_t *ret_swept);

/* --- recorder.c --- */
/* A checkpoint: head signed by the recorder (if there is one yet), words for the paper. */
MUST_CHECK struct error *recorder_checkpoint(struct engine *engine);
MUST_CHECK struct error *recorder_key(struct engine *engine, EVP_PKEY **ret_key);

/* --- opening.c --- */
/* Ledger, evidence folder, transcript, opening record, copies of script and site files. */
MUST_CHECK struct error *opening_begin(struct engine *engine);
/* The copies of script, profiles and site files as outputs; again when resumed before any step. */
MUST_CHECK struct error *opening_record_inputs(struct engine *engine);
/* What this is and how long it takes, before the first step. */
MUST_CHECK struct error *opening_welcome(struct engine *engine);
/* In production: two witnesses type words of the approval's hash from paper (DESIGN 3). */
MUST_CHECK struct error *opening_approval(struct engine *engine);

/* --- closing.c --- */
/* The closing record; `state` is "finished" or "aborted". */
MUST_CHECK struct error *closing_record(struct engine *engine, const char *state);
/* All that follows it, each part repeatable: sums, signatures, recorder destroyed, media, ledger. */
MUST_CHECK struct error *closing_seal(struct engine *engine, struct engine_outcome *outcome);

/* --- recover.c, recover_open.c, recover_clock.c --- */
/* Opens transcript and ledger of an interrupted ceremony, folds the state. */
MUST_CHECK struct error *recover_open(struct engine *engine);
/* Roster taken again, open intents reconciled with the tokens; afterwards steps go on. */
MUST_CHECK struct error *recover_continue(struct engine *engine);
/* Half-made keys destroyed, inventory; afterwards the closing. */
MUST_CHECK struct error *recover_abort(struct engine *engine);
/* Asks and records, if the clock went back over an interruption and nobody has said so yet. */
MUST_CHECK struct error *recover_clock(struct engine *engine);
