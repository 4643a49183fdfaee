/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/brought.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"

#define PAPER_WORDS 2U
#define WITNESSES   2U
#define HASH_WORDS  32U

void
brought_clear(struct brought *brought)
{
    bytes_clear(&brought->der);
}

void
brought_request_clear(struct brought_request *request)
{
    brought_clear(&request->file);
    pki_ca_request_clear(&request->request);
    free(request->key_text);
}

void
brought_certificate_clear(struct brought_certificate *certificate)
{
    brought_clear(&certificate->file);
    bytes_clear(&certificate->spki);
    bytes_clear(&certificate->issuer_spki);
    bytes_clear(&certificate->tbs);
    free(certificate->subject);
    free(certificate->shown);
    free(certificate->anchor);
    for (size_t i = 0; i < BROUGHT_ISSUERS_MAX; i++)
        bytes_clear(&certificate->issuers[i]);
}

struct error *
brought_certificate_is_for(const struct brought_certificate *certificate,
                           const char *spki_sha256, const char *label)
{
    struct error *error = NULL;
    if (strcmp(certificate->spki_sha256, spki_sha256) != 0)
        error = ERROR(ERROR_REFUSED,
                      "the certificate that was brought is not for the key \"%s\"", label);
    else if (certificate->issuer_count == 0)
        error = ERROR(ERROR_REFUSED, "the certificate that was brought is signed by its own "
                                     "key, so nobody issued it");
    return error_hint(error,
                      "Bring the certificate that was issued for the request of this key.");
}

/* --- paper --- */

static struct error *
ask_paper_word(struct engine *engine, const struct brought *brought, const char *what,
               size_t witness, size_t number, const char *who)
{
    unsigned char hash[HASH_WORDS];
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *question = NULL;
    AUTO_BYTES body = {0};
    uint32_t place = 0;
    unsigned wrong = 0;
    TRY(hex_decode(brought->sha256, hash, sizeof hash));
    TRY(random_below(HASH_WORDS, &place));
    TRY(text_format(&name, "%zu.word-%zu", witness + 1, number + 1));
    TRY(text_format(&question, "Word %u of the %s's paper", place + 1, what));
    TRY(bytes_format(&body,
                     "The paper that came by another way carries 32 words:\n"
                     "the SHA-256 of the %s. The program has read\n"
                     "the %s from the medium.\n",
                     what, what));
    return ask_word(engine, name, bytes_text(&body), question, who,
                    words_pgp_word(hash[place], place), &wrong);
}

struct error *
brought_compare_paper(struct engine *engine, const struct brought *brought, const char *what)
{
    for (size_t w = 0; w < WITNESSES; w++) {
        AUTO_FREE char *who = NULL;
        TRY(text_copy(people_name(engine, "witness", w), &who));
        for (size_t n = 0; n < PAPER_WORDS; n++)
            TRY(ask_paper_word(engine, brought, what, w, n, who));
        TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                          json_pack("{s:s,s:s,s:s}", "prompt", what, "answer", "equal",
                                    "sha256", brought->sha256),
                          NULL));
    }
    return NULL;
}

struct error *
brought_compare_closing(struct engine *engine, const struct brought *brought,
                        const char **ret_compared)
{
    *ret_compared = "paper alone: no evidence folder of the other ceremony was at hand";
    if (!brought->has_evidence)
        return NULL;
    uint32_t place = 0;
    unsigned wrong = 0;
    AUTO_FREE char *question = NULL;
    TRY(random_below(HASH_WORDS, &place));
    TRY(text_format(&question, "Word %u of the closing words", place + 1));
    TRY(ask_word(engine, "closing-word",
                 "The paper of the other ceremony carries the 32 words of\n"
                 "its closing record. They say that its record was not\n"
                 "changed on the way.\n",
                 question, people_name(engine, "auditor", 0),
                 words_pgp_word(brought->closing[place], place), &wrong));
    *ret_compared = "paper, and the closed record of the other ceremony";
    return NULL;
}
