/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/token_paper.h"

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/base/words_pgp.h"

#define PAPER_WORDS 2U
#define HASH_SIZE   32U

static struct error *
refused(struct error *error, const struct engine_token *token, const char *ceremony)
{
    if (error == NULL || error_code(error) != ERROR_REFUSED)
        return error;
    error_free(error);
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the paper of the last ceremony with token \"%s\" does not have the words that "
              "the ledger has of \"%s\"",
              token->site->name, ceremony),
        "Either the paper is another one, or the ledger is an older one or a copy. Find the "
        "newest paper and the newest ledger before anything is signed.");
}

static struct error *
ask_one(struct engine *engine, const struct engine_token *token, const char *ceremony,
        const unsigned char head[HASH_SIZE], unsigned number)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *question = NULL;
    AUTO_BYTES body = {0};
    uint32_t place = 0;
    unsigned wrong = 0;
    TRY(random_below(HASH_SIZE, &place));
    TRY(text_format(&name, "%s.paper-word-%u", token->site->name, number));
    TRY(text_format(&question, "Word %u of that paper", place + 1));
    TRY(bytes_format(&body,
                     "Token \"%s\" bears no mark of the last ceremony\n"
                     "that used it. The ledger says that this was\n\n  %s\n\n"
                     "If somebody here knows of a later one, stop: the\n"
                     "ledger is too old. Otherwise take the paper with the\n"
                     "closing words of that ceremony.\n",
                     token->site->name, ceremony));
    return refused(ask_word(engine, name, bytes_text(&body), question,
                            people_name(engine, "auditor", 0),
                            words_pgp_word(head[place], place), &wrong),
                   token, ceremony);
}

struct error *
token_paper_compare(struct engine *engine, const struct engine_token *token,
                    const struct known_head *announced, bool *ret_compared)
{
    char hex[65];
    unsigned char head[HASH_SIZE];
    *ret_compared = false;
    TRY(known_ceremony_head(engine->ledger, announced->ceremony, hex));
    if (hex[0] == '\0')
        return NULL;
    TRY(hex_decode(hex, head, sizeof head));
    for (unsigned n = 1; n <= PAPER_WORDS; n++)
        TRY(ask_one(engine, token, announced->ceremony, head, n));
    *ret_compared = true;
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, people_name(engine, "auditor", 0),
                         json_pack("{s:s,s:s,s:s,s:s}", "prompt", "last-paper", "token",
                                   token->site->name, "ceremony", announced->ceremony, "answer",
                                   "equal"),
                         NULL);
}
