/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder: a key of its own on a token of its own that signs the head of the chain at each act,
 * so that what was written before a power cut can be told from what came after. (R101, DESIGN 3) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/keys.h"
#include "transcripts/seal.h"

#define PAPER_WORDS 12U

struct error *
recorder_key(struct engine *engine, EVP_PKEY **ret_key)
{
    const struct state_recorder *recorder = &engine->state.recorder;
    struct engine_token *token = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, recorder->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(key_id_parse(recorder->id_hex, id, &id_len));
    return tokens_signing_key(engine, token, id, id_len, recorder->spki.data,
                              recorder->spki.len, ret_key);
}

static struct error *
sign_head(struct engine *engine, const char *head, char **ret_signature)
{
    EVP_PKEY *key = NULL;
    TRY(recorder_key(engine, &key));
    AUTO_BYTES signature = {0};
    struct error *error = seal_sign_bytes(key, p11_provider_context(engine->provider), head,
                                          strlen(head), &signature);
    EVP_PKEY_free(key);
    TRY_DOING(tokens_signing_error(engine, error),
              "signing the checkpoint with the recorder's key");
    return base64_encode_new(signature.data, signature.len, ret_signature);
}

static struct error *
checkpoint_body(struct engine *engine, const unsigned char head[32], struct bytes *body)
{
    TRY(bytes_format(body, "Record %llu. The first %u words of the chain's head:\n\n",
                     (unsigned long long)transcript_count(engine->transcript), PAPER_WORDS));
    for (size_t i = 0; i < PAPER_WORDS; i += 4)
        TRY(bytes_format(body, "  %2zu  %s %s %s %s\n", i / 4 + 1, words_pgp_word(head[i], i),
                         words_pgp_word(head[i + 1], i + 1), words_pgp_word(head[i + 2], i + 2),
                         words_pgp_word(head[i + 3], i + 3)));
    return bytes_append_text(body, "\nThe witness writes them on the paper, with the number.");
}

/* The words are shown until nothing moved the head meanwhile (an aside adds records). */
static struct error *
show_head(struct engine *engine, unsigned char ret_head[32])
{
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%zu.written", engine->act_index + 1));
    for (;;) {
        unsigned char after[32];
        AUTO_BYTES body = {0};
        transcript_head(engine->transcript, ret_head);
        TRY(checkpoint_body(engine, ret_head, &body));
        TRY(ask_tell(engine, name, bytes_text(&body), people_name(engine, "witness", 0)));
        transcript_head(engine->transcript, after);
        if (memcmp(ret_head, after, sizeof after) == 0)
            return NULL;
    }
}

static struct error *
take_checkpoint(struct engine *engine, json_t **ret_data)
{
    unsigned char head[32];
    char head_hex[65];
    AUTO_FREE char *signature = NULL;
    bool signs = engine->state.recorder.made;
    if (signs) { /* log in first: a wrong PIN is a record, too */
        struct engine_token *token = NULL;
        TRY(tokens_get(engine, engine->state.recorder.token, &token));
        TRY(tokens_login_user(engine, token));
    }
    TRY(show_head(engine, head));
    hex_encode(head, sizeof head, head_hex);
    if (signs)
        TRY(sign_head(engine, head_hex, &signature));
    *ret_data = json_pack("{s:s,s:s,s:I,s:s,s:s}", "ended_act",
                          engine->script->acts[engine->act_index].title, "head", head_hex,
                          "count", (json_int_t)transcript_count(engine->transcript),
                          "signature", signs ? signature : "", "algorithm",
                          signs ? "ecdsa-sha256" : "none: no recorder yet");
    return NULL;
}

struct error *
recorder_checkpoint(struct engine *engine)
{
    const char *before = engine->prompt_prefix;
    json_t *data = NULL;
    engine->prompt_prefix = "checkpoint";
    struct error *error = take_checkpoint(engine, &data);
    engine->prompt_prefix = before;
    TRY(error);
    return engine_record(engine, TRANSCRIPT_CHECKPOINT, "program", data, NULL);
}
