/* SPDX-License-Identifier: Apache-2.0
 *
 * Each announcement as an entry. What it may say is decided in rules.c. */
#include <ctype.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/ledger_private.h"

#define SERIAL_TEXT 64 /* more digits than any serial has */

struct pair {
    const char *key;
    const char *text;
};

static struct error *
add_texts(struct ledger_json *data, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(ledger_json_add_text(data, pairs[i].key, pairs[i].text));
    return NULL;
}

#define ADD_TEXTS(data, ...)                                                                   \
    add_texts((data), (const struct pair[]){__VA_ARGS__},                                      \
              sizeof((const struct pair[]){__VA_ARGS__}) / sizeof(struct pair))

/* One serial has one text: lower case, whole octets, no zero octets in front. */
static struct error *
plain_serial(const char *hex, char ret_text[SERIAL_TEXT])
{
    size_t len = strlen(hex);
    if (len + 2 > SERIAL_TEXT)
        return ERROR(ERROR_INPUT, "a serial number is longer than 20 octets");
    size_t at = 0;
    if (len % 2 == 1)
        ret_text[at++] = '0';
    for (size_t i = 0; i <= len; i++)
        ret_text[at++] = (char)tolower((unsigned char)hex[i]);
    size_t zeros = 0;
    while (text_starts_with(ret_text + zeros, "00"))
        zeros += 2;
    memmove(ret_text, ret_text + zeros, at - zeros);
    return NULL;
}

static struct error *
add_crl_number(struct ledger_json *data, uint64_t number)
{
    if (number > (uint64_t)LEDGER_JSON_NUMBER)
        return ERROR(ERROR_INPUT, "the CRL number is 2^53 or more");
    return ledger_json_add_number(data, "number", (int64_t)number);
}

struct error *
ledger_ceremony_open(struct ledger *ledger, const char *ceremony, const char *mode,
                     const char *script_sha256)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"mode", mode}, {"script_sha256", script_sha256}));
    return ledger_append(ledger, ceremony, "ceremony-open", &data);
}

struct error *
ledger_ceremony_close(struct ledger *ledger, const char *ceremony, const char *transcript_head,
                      const char *state)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"state", state}, {"transcript_head", transcript_head}));
    return ledger_append(ledger, ceremony, "ceremony-close", &data);
}

struct error *
ledger_bind_token(struct ledger *ledger, const char *ceremony, const char *name,
                  const char *serial)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"name", name}, {"serial", serial}));
    return ledger_append(ledger, ceremony, "token-bind", &data);
}

struct error *
ledger_add_key(struct ledger *ledger, const char *ceremony, const struct ledger_key *key)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"id", key->id_hex}, {"label", key->label},
                  {"spki_sha256", key->spki_sha256}, {"state", key->state},
                  {"token", key->token}, {"type", key->type}));
    return ledger_append(ledger, ceremony, "key-add", &data);
}

struct error *
ledger_key_state(struct ledger *ledger, const char *ceremony, const char *spki_sha256,
                 const char *state)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"spki_sha256", spki_sha256}, {"state", state}));
    return ledger_append(ledger, ceremony, "key-state", &data);
}

struct error *
ledger_reserve_certificate(struct ledger *ledger, const char *ceremony,
                           const struct ledger_certificate *certificate)
{
    AUTO_LEDGER_JSON data = {0};
    char serial[SERIAL_TEXT];
    TRY(plain_serial(certificate->serial_hex, serial));
    TRY(ADD_TEXTS(&data, {"issuer", certificate->issuer_spki_sha256}, {"serial", serial},
                  {"subject", certificate->subject},
                  {"subject_spki_sha256", certificate->subject_spki_sha256},
                  {"tbs_sha256", certificate->tbs_sha256}, {"profile", certificate->profile}));
    TRY(ledger_json_add_number(&data, "not_before", certificate->not_before));
    TRY(ledger_json_add_number(&data, "not_after", certificate->not_after));
    TRY(ledger_json_add_bool(&data, "is_ca", certificate->is_ca));
    return ledger_append(ledger, ceremony, "certificate-reserve", &data);
}

struct error *
ledger_issue_certificate(struct ledger *ledger, const char *ceremony,
                         const char *issuer_spki_sha256, const char *serial_hex,
                         const char *certificate_sha256)
{
    AUTO_LEDGER_JSON data = {0};
    char serial[SERIAL_TEXT];
    TRY(plain_serial(serial_hex, serial));
    TRY(ADD_TEXTS(&data, {"certificate_sha256", certificate_sha256},
                  {"issuer", issuer_spki_sha256}, {"serial", serial}));
    return ledger_append(ledger, ceremony, "certificate-issue", &data);
}

struct error *
ledger_import_certificate(struct ledger *ledger, const char *ceremony,
                          const struct ledger_certificate *certificate,
                          const char *certificate_sha256)
{
    AUTO_LEDGER_JSON data = {0};
    char serial[SERIAL_TEXT];
    TRY(plain_serial(certificate->serial_hex, serial));
    TRY(ADD_TEXTS(&data, {"certificate_sha256", certificate_sha256},
                  {"issuer", certificate->issuer_spki_sha256}, {"serial", serial},
                  {"subject", certificate->subject},
                  {"subject_spki_sha256", certificate->subject_spki_sha256},
                  {"tbs_sha256", certificate->tbs_sha256}));
    TRY(ledger_json_add_number(&data, "not_before", certificate->not_before));
    TRY(ledger_json_add_number(&data, "not_after", certificate->not_after));
    TRY(ledger_json_add_bool(&data, "is_ca", certificate->is_ca));
    return ledger_append(ledger, ceremony, "certificate-import", &data);
}

struct error *
ledger_reserve_crl(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                   const char *scope, uint64_t number, const char *tbs_sha256,
                   int64_t this_update, int64_t next_update)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"issuer", issuer_spki_sha256}, {"scope", scope},
                  {"tbs_sha256", tbs_sha256}));
    TRY(add_crl_number(&data, number));
    TRY(ledger_json_add_number(&data, "this_update", this_update));
    TRY(ledger_json_add_number(&data, "next_update", next_update));
    return ledger_append(ledger, ceremony, "crl-reserve", &data);
}

struct error *
ledger_issue_crl(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                 const char *scope, uint64_t number, const char *crl_sha256)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"crl_sha256", crl_sha256}, {"issuer", issuer_spki_sha256},
                  {"scope", scope}));
    TRY(add_crl_number(&data, number));
    return ledger_append(ledger, ceremony, "crl-issue", &data);
}

struct error *
ledger_import_crl(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                  const char *scope, const struct ledger_brought_crl *crl)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"crl_sha256", crl->sha256}, {"issuer", issuer_spki_sha256},
                  {"scope", scope}, {"tbs_sha256", crl->tbs_sha256}));
    TRY(add_crl_number(&data, crl->number));
    TRY(ledger_json_add_number(&data, "this_update", crl->this_update));
    TRY(ledger_json_add_number(&data, "next_update", crl->next_update));
    return ledger_append(ledger, ceremony, "crl-import", &data);
}

struct error *
ledger_crl_custody(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                   const char *scope, uint64_t number, const char *state, const char *bag)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"bag", bag}, {"issuer", issuer_spki_sha256}, {"scope", scope},
                  {"state", state}));
    TRY(add_crl_number(&data, number));
    return ledger_append(ledger, ceremony, "crl-custody", &data);
}

struct error *
ledger_share_set(struct ledger *ledger, const char *ceremony, const char *key_spki_sha256,
                 unsigned set_id, const char *state, const char *commitment)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"commitment", commitment}, {"key_spki_sha256", key_spki_sha256},
                  {"state", state}));
    TRY(ledger_json_add_number(&data, "set_id", set_id));
    return ledger_append(ledger, ceremony, "share-set", &data);
}

struct error *
ledger_pin_set(struct ledger *ledger, const char *ceremony, const char *serial,
               const char *user, unsigned set_id, const char *state)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"serial", serial}, {"state", state}, {"user", user}));
    TRY(ledger_json_add_number(&data, "set_id", set_id));
    return ledger_append(ledger, ceremony, "pin-set", &data);
}

struct error *
ledger_share_proof(struct ledger *ledger, const char *ceremony, unsigned set_id,
                   const char *how, const char *commitment)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"commitment", commitment}, {"how", how}));
    TRY(ledger_json_add_number(&data, "set_id", set_id));
    return ledger_append(ledger, ceremony, "share-proof", &data);
}

struct error *
ledger_key_copy(struct ledger *ledger, const char *ceremony, const char *spki_sha256,
                const char *serial, const char *how, const char *state)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"how", how}, {"serial", serial}, {"spki_sha256", spki_sha256},
                  {"state", state}));
    return ledger_append(ledger, ceremony, "key-copy", &data);
}

struct error *
ledger_backup(struct ledger *ledger, const char *ceremony, const struct ledger_backup *backup,
              const char *state)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"blob_sha256", backup->blob_sha256},
                  {"card_sha256", backup->card_sha256}, {"kcv", backup->kcv},
                  {"key_spki_sha256", backup->key_spki_sha256},
                  {"mechanism", backup->mechanism}, {"state", state}));
    TRY(ledger_json_add_number(&data, "set_id", backup->set_id));
    return ledger_append(ledger, ceremony, "backup", &data);
}

struct error *
ledger_custody(struct ledger *ledger, const char *ceremony, const char *kind, const char *text)
{
    AUTO_LEDGER_JSON data = {0};
    TRY(ADD_TEXTS(&data, {"kind", kind}, {"text", text}));
    return ledger_append(ledger, ceremony, "custody", &data);
}

/* --- questions --- */

/* First column of the first row, or NULL; the statement is bound. */
static struct error *
first_text(struct store *store, enum store_statement which, char **ret_text)
{
    bool row = false;
    TRY(store_step(store, which, &row));
    char *text = NULL;
    struct error *error = row ? text_copy(store_text(store, which, 0), &text) : NULL;
    store_reset(store, which);
    TRY(error);
    *ret_text = text;
    return NULL;
}

struct error *
ledger_open_ceremony(struct ledger *ledger, char **ret_ceremony)
{
    TRY(store_bind(&ledger->store, STORE_CEREMONY_OPEN, ""));
    return first_text(&ledger->store, STORE_CEREMONY_OPEN, ret_ceremony);
}

struct error *
ledger_token_serial(struct ledger *ledger, const char *name, char **ret_serial)
{
    TRY(store_bind(&ledger->store, STORE_TOKEN_GET, "s", name));
    return first_text(&ledger->store, STORE_TOKEN_GET, ret_serial);
}

struct error *
ledger_serial_taken(struct ledger *ledger, const char *issuer_spki_sha256,
                    const char *serial_hex, bool *ret_taken)
{
    char serial[SERIAL_TEXT];
    bool row = false;
    bool in_block = false;
    AUTO_BYTES octets = {0};
    TRY(plain_serial(serial_hex, serial));
    TRY(hex_decode_append(serial, &octets));
    TRY(store_bind(&ledger->store, STORE_CERTIFICATE_GET, "ss", issuer_spki_sha256, serial));
    TRY(store_step(&ledger->store, STORE_CERTIFICATE_GET, &row));
    store_reset(&ledger->store, STORE_CERTIFICATE_GET);
    TRY(store_bind(&ledger->store, STORE_ROW_BY_SERIAL, "sb", issuer_spki_sha256,
                   (const void *)octets.data, octets.len));
    TRY(store_step(&ledger->store, STORE_ROW_BY_SERIAL, &in_block));
    store_reset(&ledger->store, STORE_ROW_BY_SERIAL);
    *ret_taken = row || in_block;
    return NULL;
}

struct error *
ledger_crl_number(struct ledger *ledger, const char *issuer_spki_sha256, const char *scope,
                  uint64_t *ret_number)
{
    bool row = false;
    TRY(store_bind(&ledger->store, STORE_CRL_HIGHEST, "ss", issuer_spki_sha256, scope));
    TRY(store_step(&ledger->store, STORE_CRL_HIGHEST, &row));
    *ret_number = row ? (uint64_t)store_number(&ledger->store, STORE_CRL_HIGHEST, 0) : 0;
    store_reset(&ledger->store, STORE_CRL_HIGHEST);
    return NULL;
}
