/* SPDX-License-Identifier: Apache-2.0
 *
 * A token that knows no quorum gets one: its PIN is random, and exists as shares. Which set holds it, the
 * ledger knows by the token's serial. Whoever logs in to such a token, in whatever step, is asked for shares
 * instead of a PIN. The shares hold the PIN's own letters, so that any SLIP-39 program gives it back.
 * (R14, R19, R72; docs/decisions/0017) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/ledger/known.h"

#define QUORUM_PIN_SIZE    16U /* letters, 62 different ones: 95 bits */
#define QUORUM_SHARE_WORDS 20U

/* "user" or "SO", as records and ledger call them. */
const char *quorum_user_name(enum p11_user user);
/* The other way round; anything else is the user. */
enum p11_user quorum_user(const char *name);

/* The state of a set of this PIN; "" if the ledger knows none with the number. */
MUST_CHECK struct error *quorum_state_of(struct engine *engine, const char *serial,
                                         enum p11_user user, unsigned set,
                                         char ret_state[KNOWN_TEXT_MAX]);
/* Whether this PIN of the token is held as shares, and in which set; 0 while a change was left open. */
MUST_CHECK struct error *quorum_set_of(struct engine *engine, struct engine_token *token,
                                       enum p11_user user, bool *ret_held, unsigned *ret_set);
/* Refused with `hint`, where a step cannot go on with a user PIN that is held as shares. */
MUST_CHECK struct error *quorum_refuse_held(struct engine *engine, struct engine_token *token,
                                            const char *hint);
/* Whether shares are to be asked for, rather than a PIN. Where a change of the PIN was left open, people are
 * asked which they brought. */
MUST_CHECK struct error *quorum_wanted(struct engine *engine, struct engine_token *token,
                                       enum p11_user user, bool *ret_shares);
/* Asks custodians for shares until they give the PIN; prompts are "STEP.TOKEN.user-pin.N.share". Tokens are
 * logged out. `only`: shares of that set, 0 for the one that the ledger names. Recorded with what custodians
 * did as one committed value; the ledger learns that the shares were proven. */
MUST_CHECK struct error *quorum_ask_pin(struct engine *engine, struct engine_token *token,
                                        enum p11_user user, unsigned only,
                                        struct secret **ret_pin);
/* After the token took the PIN: if nobody knew until now that it has that of the set, the ledger does. */
MUST_CHECK struct error *quorum_confirm(struct engine *engine, struct engine_token *token,
                                        enum p11_user user);
/* Whole shares of the right set gave a PIN that the token refuses: recorded. Takes `error`, and returns it with
 * what to do. */
struct error *quorum_refused(struct engine *engine, struct engine_token *token,
                             enum p11_user user, struct error *error);

/* Whether this PIN of the token can be held as shares at all. Errors: refused, with the reason. */
MUST_CHECK struct error *quorum_possible(const struct site_token *site,
                                         const struct p11_token_info *info, enum p11_user user);
/* Sixteen random letters, at least one capital, one small letter and one digit among them. */
MUST_CHECK struct error *quorum_make_pin(struct p11_session *session, struct secret **ret_pin);
/* Split by the plan under a number that no live set has, every qualified subset recombined. */
MUST_CHECK struct error *quorum_split_pin(struct engine *engine, struct p11_session *session,
                                          const struct share_plan *plan,
                                          const struct secret *pin, struct slip39_set **ret_set,
                                          struct slip39_subsets *ret_subsets);

/* A token that was initialised anew has none of the PINs that were held as shares. */
MUST_CHECK struct error *quorum_forget(struct engine *engine, const char *serial);

/* PINs that were recombined and not changed since: the risk is said in the room, and recorded. */
MUST_CHECK struct error *quorum_tell_kept(struct engine *engine);

/* --- quorum_recover.c: after an interruption --- */

/* An open "change-pin": the token has the old PIN or the new one, and both are held. Holders of the new set
 * type their shares, and the token says which it is. */
MUST_CHECK struct error *quorum_settle(struct engine *engine,
                                       const struct state_intent *intent);
/* The ledger hears what the transcript says already; before anybody logs in. */
MUST_CHECK struct error *quorum_tell_ledger(struct engine *engine);
/* Sets that were made and are on no token are void, their forms shredded; their steps begin again. */
MUST_CHECK struct error *quorum_void_unused(struct engine *engine);
