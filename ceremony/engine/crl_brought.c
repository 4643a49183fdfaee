/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_brought.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/revocation_carry.h"
#include "ceremony/batch/revocation_wire.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/crl_batch.h"
#include "ceremony/engine/crl_read.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/revocations_read.h"
#include "ceremony/ledger/revoked.h"

#define SCOPE "full"
#define CARRY "carry-crl"

struct brought {
    const struct state_key *key;
    struct crl_read crl;
    char file[160]; /* its copy in the evidence */
    struct revocation_carry carry;
    uint64_t highest; /* number that the ledger knows of this issuer */
    uint64_t intent;
};

static void
brought_clear(struct brought *brought)
{
    crl_read_clear(&brought->crl);
}

#define AUTO_BROUGHT __attribute__((cleanup(brought_clear))) struct brought

/* --- read and compared --- */

/* `*ret_there` false: the site brings none of this key. What was read is what goes into the evidence. */
static struct error *
read_crl(struct engine *engine, struct brought *brought, bool *ret_there)
{
    AUTO_FREE char *name = NULL;
    AUTO_BYTES issuer = {0};
    TRY(text_format(&name, "%s-crl", brought->key->name));
    *ret_there = site_input(engine->site, name) != NULL;
    if (!*ret_there)
        return NULL;
    TRY(issue_certificate_of(engine, brought->key->name, &issuer));
    TRY_DOING(crl_read_ask(engine, name, &issuer, &brought->crl),
              "reading the CRL that was brought");
    (void)snprintf(brought->file, sizeof brought->file, "inputs/%s%.60s-crl-%llu.der",
                   evidence_prefix(engine), brought->key->name,
                   (unsigned long long)brought->crl.facts.number);
    TRY(evidence_write(engine, "CRL that was brought", brought->file, brought->crl.der.data,
                       brought->crl.der.len));
    return engine_fact(engine, "previous-crl",
                       json_pack("{s:s,s:I,s:s,s:I}", "key", brought->key->name, "number",
                                 (json_int_t)brought->crl.facts.number, "sha256",
                                 brought->crl.facts.sha256, "entries",
                                 (json_int_t)brought->crl.facts.entries));
}

/* It must not be ahead of the ledger, and where the ledger knows its number, it must be that very one. */
static struct error *
compare(struct engine *engine, struct brought *brought)
{
    struct ledger_crl known;
    bool found = false;
    const struct state_key *key = brought->key;
    const unsigned long long number = brought->crl.facts.number;
    TRY(ledger_crl_highest(engine->ledger, key->spki_sha256, &brought->highest));
    if (brought->highest > 0 && number > brought->highest)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the CRL of \"%s\" that was brought has number %llu, and this "
                  "ledger has signed none above %llu",
                  key->name, number, (unsigned long long)brought->highest),
            "This ledger is an older one, or a copy. Bring the ledger of the last "
            "ceremony.");
    TRY(ledger_crl_before(engine->ledger, key->spki_sha256, SCOPE, number + 1, &known, &found));
    if (found && known.number == number && strcmp(known.sha256, brought->crl.facts.sha256) != 0)
        return ERROR(ERROR_REFUSED,
                     "CRL %llu of \"%s\" that was brought is not the one that the ledger knows",
                     number, key->name);
    return revocation_carry_count(engine->ledger, key->spki_sha256, brought->crl.entries,
                                  &brought->carry);
}

/* The ledger forgets nothing: with such a row in it, no CRL of this issuer could be signed any more. */
static struct error *
refuse_held(const struct engine *engine, const struct brought *brought)
{
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; brought->carry.held > 0 && i < crl_batch_listed(engine); i++)
        if (crl_batch_list_at(engine, i, &key, &profile)
            && strcmp(key->id, brought->key->name) == 0 && profile->trust == PKI_TRUST_PUBLIC)
            return error_hint(
                ERROR(
                    ERROR_REFUSED,
                    "CRL %llu of \"%s\" that was brought lists %llu with reason certificateHold, "
                    "and profile \"%s\" is of a public PKI, whose CRLs may list none (R56)",
                    (unsigned long long)brought->crl.facts.number, brought->key->name,
                    (unsigned long long)brought->carry.held, profile->id),
                "Nothing was entered. Have each of them revoked or released where the CRL comes from, "
                "and bring the CRL that says so.");
    return NULL;
}

/* --- carried forward --- */

static bool
is_taken_over(const struct brought *brought)
{
    return brought->highest == 0;
}

static struct error *
put_entries(const struct brought *brought, struct bytes *body)
{
    const struct revocation_carry *carry = &brought->carry;
    for (size_t i = 0; i < carry->lacking && i < CARRY_SHOWN; i++) {
        char date[CLOCK_TEXT_SIZE];
        const struct pki_reason *reason = pki_reason_by_code(carry->first[i].reason);
        clock_format_seconds(carry->first[i].time, date);
        for (size_t at = 0; at < carry->first[i].serial_len; at++)
            TRY(bytes_format(body, "%02x", carry->first[i].serial[at]));
        TRY(bytes_format(body, "\n  %.10s  %s\n", date, reason == NULL ? "?" : reason->name));
    }
    if (carry->lacking <= CARRY_SHOWN)
        return NULL;
    return bytes_format(body, "... and more: %llu in all\n",
                        (unsigned long long)carry->lacking);
}

static struct error *
put_body(const struct brought *brought, struct bytes *body)
{
    const unsigned long long number = brought->crl.facts.number;
    if (is_taken_over(brought))
        TRY(bytes_format(
            body,
            "This ledger has never seen a CRL of \"%s\".\nCRL %llu was brought: "
            "another program signed it. Its number\nis taken over, and the next one "
            "is above it.\n\n",
            brought->key->label, number));
    TRY(bytes_format(
        body,
        "CRL %llu of \"%s\" lists %llu certificates.\nThe ledger lacks %llu of them. "
        "They are revoked, and are entered:\n\n",
        number, brought->key->label, (unsigned long long)brought->carry.entries,
        (unsigned long long)brought->carry.lacking));
    TRY(put_entries(brought, body));
    return evidence_hash_line(body, "the CRL", brought->crl.facts.sha256);
}

static struct error *
approve(struct engine *engine, const struct brought *brought)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    AUTO_FREE char *name = NULL;
    char command[120];
    bool typed = false;
    TRY(text_copy(engine_actor(engine), &who));
    TRY(text_format(&name, "carry.%s", brought->key->name));
    (void)snprintf(command, sizeof command, "%s %llu REVOCATIONS OF %.60s FROM CRL %llu",
                   is_taken_over(brought) ? "TAKE OVER" : "CARRY",
                   (unsigned long long)brought->carry.lacking, brought->key->name,
                   (unsigned long long)brought->crl.facts.number);
    for (char *p = command; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    TRY(put_body(brought, &body));
    TRY(ask_command(engine, name, bytes_text(&body), command, who, &typed));
    if (!typed)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the people did not enter what the CRL that was brought lists"),
            "Nothing was entered or signed. Resume to see it again, bring another "
            "CRL, or abort the ceremony.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "carry", "answer", command,
                                   "sha256", brought->crl.facts.sha256),
                         NULL);
}

/* The interrupted run had it commanded and begun. */
static const struct state_intent *
open_intent(const struct engine *engine, const struct brought *brought)
{
    for (size_t i = 0; i < engine->state.intent_count; i++) {
        const struct state_intent *intent = &engine->state.intents[i];
        const char *hash = json_string_value(json_object_get(intent->data, "sha256"));
        if (strcmp(intent->does, CARRY) == 0 && hash != NULL
            && strcmp(hash, brought->crl.facts.sha256) == 0)
            return intent;
    }
    return NULL;
}

static struct error *
announce(struct engine *engine, struct brought *brought)
{
    return engine_intent(engine, CARRY,
                         json_pack("{s:s,s:I,s:s,s:I,s:b,s:s}", "key", brought->key->name,
                                   "number", (json_int_t)brought->crl.facts.number, "sha256",
                                   brought->crl.facts.sha256, "count",
                                   (json_int_t)brought->carry.lacking, "taken_over",
                                   is_taken_over(brought), "rows_sha256",
                                   revocation_list_sha256(brought->crl.entries)),
                         &brought->intent);
}

/* Rows before the number: an interruption between them leaves what can be gone on with. */
static struct error *
enter(struct engine *engine, const struct brought *brought)
{
    AUTO_FREE char *reference = NULL;
    const char *issuer = brought->key->spki_sha256;
    const struct ledger_brought_crl crl = {.number = brought->crl.facts.number,
                                           .this_update = brought->crl.facts.this_update,
                                           .next_update = brought->crl.facts.next_update,
                                           .tbs_sha256 = brought->crl.facts.tbs_sha256,
                                           .sha256 = brought->crl.facts.sha256};
    TRY(text_format(&reference, "carried from CRL %llu", (unsigned long long)crl.number));
    TRY(revocation_carry_enter(engine->ledger, engine->state.ceremony_id, issuer, reference,
                               brought->crl.entries));
    if (is_taken_over(brought))
        TRY(ledger_import_crl(engine->ledger, engine->state.ceremony_id, issuer, SCOPE, &crl));
    return engine_result(engine, brought->intent, "done",
                         json_pack("{s:s,s:I,s:s,s:s}", "key", brought->key->name, "number",
                                   (json_int_t)crl.number, "file", brought->file, "sha256",
                                   crl.sha256));
}

static struct error *
take_one(struct engine *engine, const struct script_key *planned)
{
    AUTO_BROUGHT brought = {0};
    struct state_key *key = NULL;
    bool there = false;
    TRY(key_of_step(engine, planned->id, &key));
    brought.key = key;
    TRY(read_crl(engine, &brought, &there));
    if (!there)
        return NULL;
    TRY(compare(engine, &brought));
    const struct state_intent *open = open_intent(engine, &brought);
    if (open != NULL) {
        TRY(revocations_require_same(open, brought.crl.entries, "the CRL that was brought"));
        brought.intent = open->seq;
        return enter(engine, &brought);
    }
    if (!is_taken_over(&brought) && brought.carry.lacking == 0)
        return NULL;
    TRY(refuse_held(engine, &brought));
    TRY(crl_ahead_require_none(engine, key));
    TRY(approve(engine, &brought));
    TRY(announce(engine, &brought));
    return enter(engine, &brought);
}

struct error *
crl_brought_take(struct engine *engine)
{
    const struct script_key *before[ENGINE_TOKENS_MAX] = {0};
    size_t count = 0;
    for (size_t i = 0; i < crl_batch_listed(engine); i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        bool seen = !crl_batch_list_at(engine, i, &key, &profile);
        for (size_t k = 0; k < count; k++)
            seen = seen || before[k] == key;
        if (seen || count == ENGINE_TOKENS_MAX)
            continue;
        before[count++] = key;
        TRY(take_one(engine, key));
    }
    return NULL;
}
