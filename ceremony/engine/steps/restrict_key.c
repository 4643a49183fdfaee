/* SPDX-License-Identifier: Apache-2.0
 *
 * After a rollover the old key signs only CRLs, for as long as something that it signed is valid. Its token
 * cannot know that; the ledger does, and every ceremony asks the ledger. (REQUIREMENTS 4.5) */
#include <ctype.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known.h"

static struct error *
approve(struct engine *engine, const struct state_key *key, const char *command)
{
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *who = NULL;
    bool typed = false;
    TRY(text_format(&body,
                    "Key    %s\n\nFrom now on no ceremony lets it certify anything. It signs\n"
                    "its CRLs, and one day it is destroyed. The ledger holds\n"
                    "this; whoever has the token and its PIN, and not this\n"
                    "program, is not held by it.\n",
                    key->label));
    TRY(text_copy(engine_actor(engine), &who));
    TRY(ask_command(engine, "restrict", body, command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "the people did not restrict the key"),
                          "Resume to be asked again, or abort the ceremony.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s}", "prompt", "restrict", "answer", command), NULL);
}

struct error *
step_run_restrict_key(struct engine *engine)
{
    struct state_key *key = NULL;
    struct known_key known;
    AUTO_FREE char *command = NULL;
    uint64_t intent = 0;
    TRY(key_of_step(engine, engine->step->key, &key));
    TRY(known_key(engine->ledger, key->spki_sha256, &known));
    TRY(text_format(&command, "RESTRICT %.60s TO CRLS", key->label));
    for (char *c = command; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    TRY(approve(engine, key, command));
    TRY(engine_intent(engine, "restrict-key",
                      json_pack("{s:s,s:s}", "key", key->name, "spki_sha256", key->spki_sha256),
                      &intent));
    struct error *error = ledger_key_state(engine->ledger, engine->state.ceremony_id,
                                           key->spki_sha256, KEY_CRL_ONLY);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "spki_sha256",
                                   key->spki_sha256, "before", known.state, "state",
                                   KEY_CRL_ONLY));
}
