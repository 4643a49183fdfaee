/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/verify_text.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"

#define DER  ".der"
#define STEM 200

/* "certificates/X" of "certificates/X.der" */
static void
stem_of(const char *file, char ret_stem[STEM])
{
    (void)snprintf(ret_stem, STEM, "%.*s", (int)(strlen(file) - strlen(DER)), file);
}

static bool
is_certificate_of(const struct state_object *object, const char *key)
{
    return strcmp(object->kind, "certificate") == 0 && strcmp(object->subject, key) == 0;
}

/* The certificate of the key that signed it: named by its record, issued or brought in this ceremony, or that of a
 * key of an earlier one. "" for none. */
static const char *
issuer_file(struct state *state, const struct state_object *object, bool *ret_armoured)
{
    *ret_armoured = false;
    if (object->issuer[0] != '\0')
        return object->issuer;
    for (size_t i = 0; i < state->object_count; i++)
        if (is_certificate_of(&state->objects[i], object->key)) {
            *ret_armoured = state->objects[i].armoured;
            return state->objects[i].file;
        }
    const struct state_key *key = state_key(state, object->key);
    return key == NULL ? "" : key->certificate;
}

/* Signature and form alone: a certificate of today is not valid any more when somebody reads this in ten years.
 * OpenSSL 3.0 ends with 0 whatever a CRL's signature is, and only says which it was. */
static struct error *
check_object(const struct state_object *object, const char *issuer_text, const char *source,
             struct bytes *text)
{
    char stem[STEM];
    stem_of(object->file, stem);
    if (strcmp(object->kind, "crl") == 0)
        return bytes_format(
            text,
            "$ %sopenssl crl -inform %s -in %s%s -CAfile %s -noout 2>&1 | grep -x \"verify OK\"\n",
            issuer_text, object->armoured ? "PEM" : "DER", stem,
            object->armoured ? ".pem" : DER, source);
    return bytes_format(
        text, "$ %sopenssl verify -no_check_time -x509_strict %s -CAfile %s %s.pem\n",
        issuer_text,
        is_certificate_of(object, object->key) ? "-check_ss_sig" : "-partial_chain", source,
        stem);
}

static struct error *
object_commands(struct state *state, struct bytes *text)
{
    for (size_t i = 0; i < state->object_count; i++) {
        const struct state_object *object = &state->objects[i];
        bool armoured = false;
        char stem[STEM];
        AUTO_FREE char *convert = NULL;
        AUTO_FREE char *source = NULL;
        const char *issuer = issuer_file(state, object, &armoured);
        if (issuer[0] == '\0') {
            TRY(bytes_format(text, "The issuer's certificate of %s is not in this folder.\n",
                             object->file));
            continue;
        }
        stem_of(issuer, stem);
        if (armoured) {
            TRY(text_format(&source, "%s.pem", stem));
        } else {
            TRY(text_copy("/dev/stdin", &source));
            TRY(text_format(&convert, "openssl x509 -inform DER -in %s.der | ", stem));
        }
        TRY(check_object(object, convert == NULL ? "" : convert, source, text));
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
        "-content SHA256SUMS -noverify -purpose any -out /dev/null\n"
        "\nWho they are; the last record says who must be among them (required_signers):\n\n"
        "$ openssl pkcs7 -inform DER -in SHA256SUMS.p7s -print_certs -noout\n");
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
    struct state *state = &engine->state;
    TRY(bytes_format(
        ret_text,
        "How to check this folder with stock tools\n"
        "Ceremony %s (%s)\n\n"
        "Run each line that begins with \"$ \" in this folder, in a POSIX shell. Each\n"
        "must end with status 0.\n\n"
        "Every file is as it was sealed (on output media and in a public extract, which hold\n"
        "nothing confidential, add --ignore-missing):\n\n"
        "$ sha256sum --quiet -c SHA256SUMS\n\n"
        "And there is no file that was not sealed:\n\n"
        "$ find . -type f | sed 's|^\\./||' | grep -vxE "
        "'SHA256SUMS(\\.p7s)?|custodians\\.p7s|addenda/.*' | while IFS= read -r f; do "
        "cut -c67- SHA256SUMS | grep -qxF \"$f\" || { echo \"not sealed: $f\"; exit 1; }; done\n\n",
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
