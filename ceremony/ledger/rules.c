/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/rules.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/rules_private.h"

#define TEXT_MAX   4096U
#define SERIAL_MAX 40U /* 20 octets (RFC 5280 4.1.2.2) */
#define FIELDS_MAX 10U

enum form {
    FORM_END,
    FORM_TEXT,         /* not empty */
    FORM_HASH,         /* 64 lower-case digits */
    FORM_HASH_OR_NONE, /* or empty */
    FORM_HEX,          /* whole octets, or empty */
    FORM_SERIAL,       /* positive, whole octets, no zero octet in front */
    FORM_COUNT,        /* 0 and up */
    FORM_TIME,         /* seconds since 1970 */
    FORM_BOOL,
};

struct kind {
    const char *name;
    struct error *(*apply)(struct applied *);

    struct {
        const char *name;
        enum form form;
    } fields[FIELDS_MAX];
};

const char *
rules_text(const struct applied *applied, const char *key)
{
    return ledger_json_find(applied->data, key)->text;
}

int64_t
rules_number(const struct applied *applied, const char *key)
{
    return ledger_json_find(applied->data, key)->number;
}

/* --- what each kind does --- */

static struct error *
apply_ceremony_open(struct applied *a)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_CEREMONY_OPEN, ""));
    TRY(store_step(a->store, STORE_CEREMONY_OPEN, &row));
    if (row) {
        struct error *error =
            ERROR(ERROR_REFUSED, "the ceremony \"%s\" was opened and not closed",
                  store_text(a->store, STORE_CEREMONY_OPEN, 0));
        store_reset(a->store, STORE_CEREMONY_OPEN);
        return error_hint(error, "Resume or abort that ceremony first.");
    }
    TRY(store_bind(a->store, STORE_CEREMONY_GET, "s", a->entry->ceremony));
    TRY(store_step(a->store, STORE_CEREMONY_GET, &row));
    store_reset(a->store, STORE_CEREMONY_GET);
    if (row)
        return ERROR(ERROR_REFUSED, "the ledger holds a ceremony \"%s\" already",
                     a->entry->ceremony);
    TRY(store_bind(a->store, STORE_CEREMONY_ADD, "sssi", a->entry->ceremony,
                   rules_text(a, "mode"), rules_text(a, "script_sha256"),
                   (int64_t)a->entry->seq));
    return store_do(a->store, STORE_CEREMONY_ADD);
}

static struct error *
apply_ceremony_close(struct applied *a)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_CEREMONY_GET, "s", a->entry->ceremony));
    TRY(store_step(a->store, STORE_CEREMONY_GET, &row));
    bool open = row && store_number(a->store, STORE_CEREMONY_GET, 0) != 0;
    store_reset(a->store, STORE_CEREMONY_GET);
    if (!open)
        return ERROR(ERROR_REFUSED, "the ceremony \"%s\" is not open in the ledger",
                     a->entry->ceremony);
    TRY(store_bind(a->store, STORE_CEREMONY_CLOSE, "ssis", rules_text(a, "state"),
                   rules_text(a, "transcript_head"), (int64_t)a->entry->seq,
                   a->entry->ceremony));
    return store_do(a->store, STORE_CEREMONY_CLOSE);
}

static struct error *
apply_token_bind(struct applied *a)
{
    const char *name = rules_text(a, "name");
    const char *serial = rules_text(a, "serial");
    bool row = false;
    TRY(store_bind(a->store, STORE_TOKEN_GET, "s", name));
    TRY(store_step(a->store, STORE_TOKEN_GET, &row));
    bool same = row && strcmp(store_text(a->store, STORE_TOKEN_GET, 0), serial) == 0;
    store_reset(a->store, STORE_TOKEN_GET);
    a->nothing = same;
    if (same)
        return NULL;
    if (row)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the token \"%s\" is bound to another serial number than \"%s\"", name,
                  serial),
            "Insert the token that was bound, or give the new one another name.");
    TRY(store_bind(a->store, STORE_TOKEN_ADD, "sss", name, serial, a->entry->ceremony));
    return store_do(a->store, STORE_TOKEN_ADD);
}

/* The state of a key into `ret_state` ("" if it is not there). */
static struct error *
key_state(const struct applied *a, char **ret_state)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_KEY_GET, "s", rules_text(a, "spki_sha256")));
    TRY(store_step(a->store, STORE_KEY_GET, &row));
    struct error *error =
        text_copy(row ? store_text(a->store, STORE_KEY_GET, 0) : "", ret_state);
    store_reset(a->store, STORE_KEY_GET);
    return error;
}

/* The same key announced again in the same ceremony: a step repeated after an interruption. */
static struct error *
key_known(struct applied *a, bool *ret_known, bool *ret_same)
{
    static const char *const names[] = {"label", "id", "token"};
    TRY(store_bind(a->store, STORE_KEY_GET, "s", rules_text(a, "spki_sha256")));
    TRY(store_step(a->store, STORE_KEY_GET, ret_known));
    *ret_same = *ret_known;
    for (int i = 0; *ret_same && i < 3; i++)
        *ret_same =
            strcmp(store_text(a->store, STORE_KEY_GET, i + 1), rules_text(a, names[i])) == 0;
    if (*ret_same)
        *ret_same = strcmp(store_text(a->store, STORE_KEY_GET, 4), a->entry->ceremony) == 0;
    store_reset(a->store, STORE_KEY_GET);
    return NULL;
}

static struct error *
apply_key_add(struct applied *a)
{
    bool known = false;
    TRY(key_known(a, &known, &a->nothing));
    if (a->nothing)
        return NULL;
    if (known)
        return ERROR(ERROR_REFUSED, "the ledger holds the key of \"%s\" already",
                     rules_text(a, "label"));
    TRY(store_bind(a->store, STORE_KEY_ADD, "sssssss", rules_text(a, "spki_sha256"),
                   rules_text(a, "label"), rules_text(a, "id"), rules_text(a, "token"),
                   rules_text(a, "type"), rules_text(a, "state"), a->entry->ceremony));
    return store_do(a->store, STORE_KEY_ADD);
}

static struct error *
apply_key_state(struct applied *a)
{
    AUTO_FREE char *state = NULL;
    TRY(key_state(a, &state));
    if (state[0] == '\0')
        return ERROR(ERROR_REFUSED, "the ledger does not know the key %s",
                     rules_text(a, "spki_sha256"));
    a->nothing = strcmp(state, rules_text(a, "state")) == 0;
    if (a->nothing)
        return NULL;
    if (strcmp(state, "destroyed") == 0)
        return ERROR(ERROR_REFUSED, "the ledger holds the key as destroyed, which is final");
    TRY(store_bind(a->store, STORE_KEY_STATE, "ss", rules_text(a, "state"),
                   rules_text(a, "spki_sha256")));
    return store_do(a->store, STORE_KEY_STATE);
}

static struct error *
apply_certificate_reserve(struct applied *a)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_CERTIFICATE_GET, "ss", rules_text(a, "issuer"),
                   rules_text(a, "serial")));
    TRY(store_step(a->store, STORE_CERTIFICATE_GET, &row));
    store_reset(a->store, STORE_CERTIFICATE_GET);
    if (row)
        return ERROR(ERROR_REFUSED, "the serial number %s was used before by this issuer",
                     rules_text(a, "serial"));
    TRY(rules_check_rows(a, rules_text(a, "issuer"), rules_text(a, "serial")));
    TRY(rules_check_limits(a, rules_text(a, "issuer"), 1));
    TRY(store_bind(a->store, STORE_CERTIFICATE_ADD, "sssssiisis", rules_text(a, "issuer"),
                   rules_text(a, "serial"), rules_text(a, "subject"),
                   rules_text(a, "subject_spki_sha256"), rules_text(a, "tbs_sha256"),
                   rules_number(a, "not_before"), rules_number(a, "not_after"),
                   rules_text(a, "profile"), rules_number(a, "is_ca"), a->entry->ceremony));
    return store_do(a->store, STORE_CERTIFICATE_ADD);
}

/* `get` is bound: a reserved thing that gets its hash once. `*ret_write`: the hash is to be set. */
static struct error *
check_reserved(struct applied *a, enum store_statement get, const char *hash, const char *what,
               bool *ret_write)
{
    bool row = false;
    TRY(store_step(a->store, get, &row));
    AUTO_FREE char *present = NULL;
    struct error *error = text_copy(row ? store_text(a->store, get, 0) : "", &present);
    store_reset(a->store, get);
    TRY(error);
    if (!row)
        return ERROR(ERROR_REFUSED, "the %s was never reserved in the ledger", what);
    a->nothing = strcmp(present, hash) == 0;
    if (!a->nothing && present[0] != '\0')
        return ERROR(ERROR_REFUSED, "the ledger holds another %s under this number", what);
    *ret_write = !a->nothing;
    return NULL;
}

static struct error *
apply_certificate_issue(struct applied *a)
{
    const char *hash = rules_text(a, "certificate_sha256");
    bool write = false;
    TRY(store_bind(a->store, STORE_CERTIFICATE_GET, "ss", rules_text(a, "issuer"),
                   rules_text(a, "serial")));
    TRY(check_reserved(a, STORE_CERTIFICATE_GET, hash, "certificate", &write));
    if (!write)
        return NULL;
    TRY(store_bind(a->store, STORE_CERTIFICATE_ISSUE, "sss", hash, rules_text(a, "issuer"),
                   rules_text(a, "serial")));
    return store_do(a->store, STORE_CERTIFICATE_ISSUE);
}

/* One that another CA signed for a key of ours. */
static struct error *
apply_certificate_import(struct applied *a)
{
    const char *hash = rules_text(a, "certificate_sha256");
    AUTO_FREE char *present = NULL;
    bool row = false;
    TRY(store_bind(a->store, STORE_KEY_GET, "s", rules_text(a, "subject_spki_sha256")));
    TRY(store_step(a->store, STORE_KEY_GET, &row));
    store_reset(a->store, STORE_KEY_GET);
    if (!row)
        return ERROR(ERROR_REFUSED, "the ledger does not know the key of the certificate");
    TRY(store_bind(a->store, STORE_CERTIFICATE_GET, "ss", rules_text(a, "issuer"),
                   rules_text(a, "serial")));
    TRY(store_step(a->store, STORE_CERTIFICATE_GET, &row));
    struct error *error =
        text_copy(row ? store_text(a->store, STORE_CERTIFICATE_GET, 0) : "", &present);
    store_reset(a->store, STORE_CERTIFICATE_GET);
    TRY(error);
    a->nothing = row && strcmp(present, hash) == 0;
    if (a->nothing)
        return NULL;
    if (row)
        return ERROR(ERROR_REFUSED,
                     "the ledger holds another certificate with this issuer and serial number");
    TRY(store_bind(a->store, STORE_CERTIFICATE_ADD, "sssssiisis", rules_text(a, "issuer"),
                   rules_text(a, "serial"), rules_text(a, "subject"),
                   rules_text(a, "subject_spki_sha256"), rules_text(a, "tbs_sha256"),
                   rules_number(a, "not_before"), rules_number(a, "not_after"), "elsewhere",
                   rules_number(a, "is_ca"), a->entry->ceremony));
    TRY(store_do(a->store, STORE_CERTIFICATE_ADD));
    TRY(store_bind(a->store, STORE_CERTIFICATE_ISSUE, "sss", hash, rules_text(a, "issuer"),
                   rules_text(a, "serial")));
    return store_do(a->store, STORE_CERTIFICATE_ISSUE);
}

static struct error *
apply_crl_reserve(struct applied *a)
{
    bool row = false;
    int64_t number = rules_number(a, "number");
    TRY(store_bind(a->store, STORE_CRL_HIGHEST, "ss", rules_text(a, "issuer"),
                   rules_text(a, "scope")));
    TRY(store_step(a->store, STORE_CRL_HIGHEST, &row));
    int64_t highest = row ? store_number(a->store, STORE_CRL_HIGHEST, 0) : 0;
    store_reset(a->store, STORE_CRL_HIGHEST);
    if (number <= highest)
        return ERROR(ERROR_REFUSED, "the CRL number %lld does not rise above %lld",
                     (long long)number, (long long)highest);
    TRY(store_bind(a->store, STORE_CRL_ADD, "ssisiis", rules_text(a, "issuer"),
                   rules_text(a, "scope"), number, rules_text(a, "tbs_sha256"),
                   rules_number(a, "this_update"), rules_number(a, "next_update"),
                   a->entry->ceremony));
    return store_do(a->store, STORE_CRL_ADD);
}

static struct error *
apply_crl_issue(struct applied *a)
{
    const char *hash = rules_text(a, "crl_sha256");
    bool write = false;
    TRY(store_bind(a->store, STORE_CRL_GET, "ssi", rules_text(a, "issuer"),
                   rules_text(a, "scope"), rules_number(a, "number")));
    TRY(check_reserved(a, STORE_CRL_GET, hash, "CRL", &write));
    if (!write)
        return NULL;
    TRY(store_bind(a->store, STORE_CRL_ISSUE, "sssi", hash, rules_text(a, "issuer"),
                   rules_text(a, "scope"), rules_number(a, "number")));
    return store_do(a->store, STORE_CRL_ISSUE);
}

static struct error *
share_set_present(struct applied *a, const char *key, int64_t set_id, bool *ret_present)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_SHARES_GET, "si", key, set_id));
    TRY(store_step(a->store, STORE_SHARES_GET, &row));
    *ret_present = row;
    a->nothing =
        row && strcmp(store_text(a->store, STORE_SHARES_GET, 0), rules_text(a, "state")) == 0
        && strcmp(store_text(a->store, STORE_SHARES_GET, 1), rules_text(a, "commitment")) == 0;
    store_reset(a->store, STORE_SHARES_GET);
    return NULL;
}

static struct error *
apply_share_set(struct applied *a)
{
    const char *key = rules_text(a, "key_spki_sha256");
    int64_t set_id = rules_number(a, "set_id");
    bool present = false;
    bool live = false;
    TRY(share_set_present(a, key, set_id, &present));
    TRY(store_bind(a->store, STORE_SHARES_LIVE, "i", set_id));
    TRY(store_step(a->store, STORE_SHARES_LIVE, &live));
    store_reset(a->store, STORE_SHARES_LIVE);
    bool made = strcmp(rules_text(a, "state"), "made") == 0;
    if (made && live)
        return ERROR(ERROR_REFUSED, "a live set of shares has the number %lld already",
                     (long long)set_id);
    if (a->nothing)
        return NULL;
    if (!made && !live)
        return ERROR(ERROR_REFUSED,
                     "the ledger holds no live set of shares with the number %lld",
                     (long long)set_id);
    if (!made && !present)
        return ERROR(ERROR_REFUSED, "the set of shares %lld is of another key",
                     (long long)set_id);
    TRY(store_bind(a->store, STORE_SHARES_PUT, "sisss", key, set_id, rules_text(a, "state"),
                   rules_text(a, "commitment"), a->entry->ceremony));
    return store_do(a->store, STORE_SHARES_PUT);
}

static struct error *
apply_custody(struct applied *a)
{
    TRY(store_bind(a->store, STORE_CUSTODY_ADD, "isss", (int64_t)a->entry->seq,
                   a->entry->ceremony, rules_text(a, "kind"), rules_text(a, "text")));
    return store_do(a->store, STORE_CUSTODY_ADD);
}

/* --- the kinds, their fields in byte order --- */

static const struct kind kind_table[] = {
    {"ceremony-open",        apply_ceremony_open, {{"mode", FORM_TEXT}, {"script_sha256", FORM_HASH}}                                      },
    {"ceremony-close",
     apply_ceremony_close,                        {{"state", FORM_TEXT}, {"transcript_head", FORM_HASH}}                                   },
    {"token-bind",           apply_token_bind,    {{"name", FORM_TEXT}, {"serial", FORM_TEXT}}                                             },
    {"key-add",
     apply_key_add,                               {{"id", FORM_HEX},
      {"label", FORM_TEXT},
      {"spki_sha256", FORM_HASH},
      {"state", FORM_TEXT},
      {"token", FORM_TEXT},
      {"type", FORM_TEXT}}                                                                                              },
    {"key-state",            apply_key_state,     {{"spki_sha256", FORM_HASH}, {"state", FORM_TEXT}}                                       },
    {"certificate-reserve",
     apply_certificate_reserve,                   {{"is_ca", FORM_BOOL},
      {"issuer", FORM_HASH},
      {"not_after", FORM_TIME},
      {"not_before", FORM_TIME},
      {"profile", FORM_TEXT},
      {"serial", FORM_SERIAL},
      {"subject", FORM_TEXT},
      {"subject_spki_sha256", FORM_HASH},
      {"tbs_sha256", FORM_HASH}}                                                                            },
    {"certificate-issue",
     apply_certificate_issue,                     {{"certificate_sha256", FORM_HASH}, {"issuer", FORM_HASH}, {"serial", FORM_SERIAL}}      },
    {"certificate-import",
     apply_certificate_import,                    {{"certificate_sha256", FORM_HASH},
      {"is_ca", FORM_BOOL},
      {"issuer", FORM_HASH},
      {"not_after", FORM_TIME},
      {"not_before", FORM_TIME},
      {"serial", FORM_SERIAL},
      {"subject", FORM_TEXT},
      {"subject_spki_sha256", FORM_HASH},
      {"tbs_sha256", FORM_HASH}}                                                                             },
    {"crl-reserve",
     apply_crl_reserve,                           {{"issuer", FORM_HASH},
      {"next_update", FORM_TIME},
      {"number", FORM_COUNT},
      {"scope", FORM_TEXT},
      {"tbs_sha256", FORM_HASH},
      {"this_update", FORM_TIME}}                                                                                   },
    {"crl-issue",
     apply_crl_issue,                             {{"crl_sha256", FORM_HASH},
      {"issuer", FORM_HASH},
      {"number", FORM_COUNT},
      {"scope", FORM_TEXT}}                                                                                           },
    {"crl-import",
     rules_crl_import,                            {{"crl_sha256", FORM_HASH},
      {"issuer", FORM_HASH},
      {"next_update", FORM_TIME},
      {"number", FORM_COUNT},
      {"scope", FORM_TEXT},
      {"tbs_sha256", FORM_HASH},
      {"this_update", FORM_TIME}}                                                                                    },
    {"crl-custody",
     rules_crl_custody,                           {{"bag", FORM_TEXT},
      {"issuer", FORM_HASH},
      {"number", FORM_COUNT},
      {"scope", FORM_TEXT},
      {"state", FORM_TEXT}}                                                                                         },
    {"share-set",
     apply_share_set,                             {{"commitment", FORM_HASH_OR_NONE},
      {"key_spki_sha256", FORM_HASH},
      {"set_id", FORM_COUNT},
      {"state", FORM_TEXT}}                                                                                           },
    {"pin-set",
     rules_pin_set,                               {{"serial", FORM_TEXT},
      {"set_id", FORM_COUNT},
      {"state", FORM_TEXT},
      {"user", FORM_TEXT}}                                                                                              },
    {"share-proof",
     rules_share_proof,                           {{"commitment", FORM_HASH_OR_NONE}, {"how", FORM_TEXT}, {"set_id", FORM_COUNT}}          },
    {"key-copy",
     rules_key_copy,                              {{"how", FORM_TEXT},
      {"serial", FORM_TEXT},
      {"spki_sha256", FORM_HASH},
      {"state", FORM_TEXT}}                                                                                            },
    {"backup",
     rules_backup,                                {{"blob_sha256", FORM_HASH},
      {"card_sha256", FORM_HASH},
      {"kcv", FORM_HEX},
      {"key_spki_sha256", FORM_HASH},
      {"mechanism", FORM_TEXT},
      {"set_id", FORM_COUNT},
      {"state", FORM_TEXT}}                                                                                              },
    {"issuer-limits",
     rules_issuer_limits,                         {{"count", FORM_COUNT}, {"from", FORM_TIME}, {"issuer", FORM_HASH}, {"until", FORM_TIME}}},
    {"certificates-reserve",
     rules_certificates_reserve,                  {{"batch", FORM_TEXT},
      {"block", FORM_COUNT},
      {"count", FORM_COUNT},
      {"issuer", FORM_HASH},
      {"not_after", FORM_TIME},
      {"not_before", FORM_TIME},
      {"profile", FORM_TEXT},
      {"root", FORM_HASH}}                                                                                 },
    {"certificates-issue",
     rules_certificates_issue,                    {{"count", FORM_COUNT}, {"reserved", FORM_COUNT}, {"root", FORM_HASH}}                   },
    {"revocations",
     rules_revocations,                           {{"count", FORM_COUNT}, {"issuer", FORM_HASH}, {"root", FORM_HASH}}                      },
    {"custody",              apply_custody,       {{"kind", FORM_TEXT}, {"text", FORM_TEXT}}                                               },
};

/* --- forms --- */

bool
rules_is_line(const char *text)
{
    const unsigned char *start = (const unsigned char *)text;
    const unsigned char *p = start;
    unsigned char seen = 0;
    for (; *p != '\0'; p++) {
        seen |= *p;
        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f))
            return false;
    }
    size_t len = (size_t)(p - start);
    return len <= TEXT_MAX && (seen < 0x80 || text_is_utf8(text, len));
}

static bool
is_hex(const char *text)
{
    size_t len = strlen(text);
    return len % 2 == 0 && strspn(text, "0123456789abcdef") == len;
}

static bool
is_serial(const char *text)
{
    size_t len = strlen(text);
    return is_hex(text) && len >= 2 && len <= SERIAL_MAX && !text_starts_with(text, "00");
}

static bool
has_form(const struct ledger_json_field *field, enum form form)
{
    if (form == FORM_BOOL)
        return field->type == LEDGER_JSON_BOOL;
    if (form == FORM_COUNT || form == FORM_TIME)
        return field->type == LEDGER_JSON_NUMBER_VALUE && field->number <= LEDGER_JSON_NUMBER
               && field->number >= (form == FORM_COUNT ? 0 : -LEDGER_JSON_NUMBER);
    if (field->type != LEDGER_JSON_TEXT)
        return false;
    size_t len = strlen(field->text);
    if (form == FORM_TEXT)
        return len > 0 && rules_is_line(field->text);
    if (form == FORM_SERIAL)
        return is_serial(field->text);
    if (form == FORM_HEX)
        return len <= TEXT_MAX && is_hex(field->text);
    return is_hex(field->text) && (len == 64 || (len == 0 && form == FORM_HASH_OR_NONE));
}

static struct error *
check_fields(const struct kind *kind, const struct ledger_json *data)
{
    size_t count = 0;
    for (; count < FIELDS_MAX && kind->fields[count].name != NULL; count++) {
        const char *name = kind->fields[count].name;
        const struct ledger_json_field *field = ledger_json_find(data, name);
        if (field == NULL)
            return ERROR(ERROR_INPUT, "the value \"%s\" of the ledger entry %s is missing",
                         name, kind->name);
        if (!has_form(field, kind->fields[count].form))
            return ERROR(ERROR_INPUT,
                         "the value \"%s\" of the ledger entry %s has the wrong form", name,
                         kind->name);
    }
    if (data->count != count)
        return ERROR(ERROR_INPUT, "the ledger entry %s has values that do not belong there",
                     kind->name);
    return NULL;
}

struct error *
ledger_rules_apply(struct store *store, const struct ledger_entry *entry,
                   const struct ledger_json *data, bool *ret_nothing)
{
    struct applied applied = {.store = store, .entry = entry, .data = data};
    if (entry->ceremony[0] == '\0' || !rules_is_line(entry->ceremony))
        return ERROR(ERROR_INPUT, "the ceremony of a ledger entry has no proper name");
    for (size_t i = 0; i < sizeof kind_table / sizeof kind_table[0]; i++) {
        if (strcmp(kind_table[i].name, entry->kind) != 0)
            continue;
        TRY(check_fields(&kind_table[i], data));
        TRY(kind_table[i].apply(&applied));
        *ret_nothing = applied.nothing;
        return NULL;
    }
    return ERROR(ERROR_INPUT, "\"%s\" is no kind of ledger entry", entry->kind);
}
