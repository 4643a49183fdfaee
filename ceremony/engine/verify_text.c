/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/verify_text.h"

#include <string.h>

#include "ceremony/base/text.h"

static struct error *
object_commands(const struct state *state, struct bytes *text)
{
    for (size_t i = 0; i < state->object_count; i++) {
        const struct state_object *object = &state->objects[i];
        int stem = (int)(strlen(object->file) - strlen(".der"));
        if (strcmp(object->kind, "certificate") == 0)
            TRY(bytes_format(
                text, "$ openssl verify -x509_strict -check_ss_sig -CAfile %.*s.pem %.*s.pem\n",
                stem, object->file, stem, object->file));
        for (size_t c = 0; c < state->object_count && strcmp(object->kind, "crl") == 0; c++) {
            const struct state_object *issuer = &state->objects[c];
            if (strcmp(issuer->kind, "certificate") != 0
                || strcmp(issuer->key, object->key) != 0)
                continue;
            /* OpenSSL 3.0 ends with 0 either way, and only says which it was. */
            TRY(bytes_format(text,
                             "$ openssl crl -in %.*s.pem -CAfile %.*s.pem -noout 2>&1 | "
                             "grep -x \"verify OK\"\n",
                             stem, object->file, (int)(strlen(issuer->file) - strlen(".der")),
                             issuer->file));
        }
    }
    return NULL;
}

static struct error *
seal_commands(const struct verify_seal *seal, struct bytes *text)
{
    if (!seal->by_anyone)
        return bytes_append_text(
            text,
            "No key sealed this folder: the ceremony was aborted without its recorder, and all\n"
            "who were there signed in ink. Only the head of the chain, as it stands on their\n"
            "paper, says that this is the folder of that day.\n");
    return bytes_append_text(
        text,
        "The seal was made by those it names (trust them by the fingerprints on paper):\n\n"
        "$ openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s "
        "-content SHA256SUMS -noverify -purpose any -out /dev/null\n");
}

static struct error *
recorder_commands(const struct state *state, const struct verify_seal *seal, struct bytes *text)
{
    if (!state->recorder.made)
        return bytes_append_text(text, "\nThis ceremony ended before it had a recorder.\n");
    if (!seal->by_recorder)
        TRY(bytes_append_text(
            text, "\nThe recorder's token was lost: its key did not seal this folder. "
                  "It signed\nthe checkpoints that were taken before.\n"));
    return bytes_append_text(
        text,
        "\nThe SHA-256 of the recorder's certificate; compare it with the paper:\n\n"
        "$ openssl x509 -in certificates/recorder.pem -outform DER | sha256sum\n"
        "\nEach checkpoint is the recorder's signature over the 64 hexadecimal digits of the head\n"
        "that its record names. All of them:\n\n"
        "$ d=$(mktemp -d); openssl x509 -in certificates/recorder.pem -pubkey -noout > $d/key; "
        "grep '\"type\":\"checkpoint\"' transcript.jsonl | grep ecdsa-sha256 | while read -r r; do "
        "h=$(printf %s \"$r\" | sed 's/.*\"head\":\"\\([0-9a-f]*\\)\".*/\\1/'); "
        "printf %s \"$r\" | sed 's/.*\"signature\":\"\\([^\"]*\\)\".*/\\1/' | base64 -d "
        "> $d/signature; printf %s \"$h\" | openssl dgst -sha256 -verify $d/key "
        "-signature $d/signature || exit 1; done\n");
}

struct error *
verify_text_make(struct engine *engine, const struct verify_seal *seal, struct bytes *ret_text)
{
    const struct state *state = &engine->state;
    TRY(bytes_format(
        ret_text,
        "How to check this folder with stock tools\n"
        "Ceremony %s (%s)\n\n"
        "Run each line that begins with \"$ \" in this folder, in a POSIX shell. Each\n"
        "must end with status 0.\n\n"
        "Every file is as it was sealed:\n\n"
        "$ sha256sum --quiet -c SHA256SUMS\n\n",
        state->ceremony_id, engine->site->rehearsal ? "PRACTICE, a rehearsal" : "production"));
    TRY(seal_commands(seal, ret_text));
    TRY(recorder_commands(state, seal, ret_text));
    TRY(bytes_append_text(
        ret_text,
        "\nThe records form a chain: each line carries the SHA-256 of the line before.\n\n"
        "$ want=$(printf '%064d' 0); while IFS= read -r line; do case $line in "
        "*'\"prev\":\"'\"$want\"'\"'*) ;; *) echo \"broken: $line\"; exit 1;; esac; "
        "want=$(printf '%s\\n' \"$line\" | sha256sum | cut -c1-64); done < transcript.jsonl\n"
        "\nThe head of the chain; its 64 digits (or 32 words) stand on the paper of those who were\n"
        "there. Only this comparison says that the folder is the one of that day:\n\n"
        "$ tail -n 1 transcript.jsonl | sha256sum\n"
        "\nCertificates and CRLs:\n\n"));
    return object_commands(state, ret_text);
}
