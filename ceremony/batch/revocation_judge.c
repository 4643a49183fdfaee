/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a list of revocations, judged by itself: field by field, a row each. */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/revocation_private.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/request.h"
#include "ceremony/pki/x509.h"

#define DAY           INT64_C(86400)
#define REFERENCE_MAX 200U

struct judging {
    struct revocation_list *list;
    struct revocation_line *line;
};

/* A code, or REVOCATION_CODES for none. `*ret_error` only when memory runs out. */
typedef enum revocation_code judge(struct judging *judging, struct error **ret_error);

static const struct revocation_field *
field_of(const struct judging *judging, enum revocation_field_name name)
{
    return &judging->list->fields[name];
}

static const char *
text_of(const struct judging *judging, enum revocation_field_name name)
{
    const struct revocation_field *field = field_of(judging, name);
    return field->given ? bytes_text(&field->text) : "";
}

static bool
take_serial(struct ledger_revocation *row, const unsigned char *octets, size_t len)
{
    while (len > 0 && octets[0] == 0) {
        octets++;
        len--;
    }
    if (len == 0 || len > LEDGER_SERIAL_MAX
        || (len == LEDGER_SERIAL_MAX && (octets[0] & 0x80) != 0))
        return false;
    memcpy(row->serial, octets, len);
    row->serial_len = len;
    return true;
}

static enum revocation_code
judge_serial(struct judging *j, struct error **ret_error)
{
    AUTO_BYTES octets = {0};
    (void)ret_error;
    if (!field_of(j, FIELD_SERIAL)->given)
        return REVOCATION_CODES;
    struct error *error = hex_decode_append(text_of(j, FIELD_SERIAL), &octets);
    bool good = error == NULL && take_serial(&j->line->row, octets.data, octets.len);
    error_free(error);
    return good ? REVOCATION_CODES : REVOCATION_SERIAL;
}

static enum revocation_code
judge_certificate(struct judging *j, struct error **ret_error)
{
    AUTO_BYTES der = {0};
    struct x509 certificate;
    struct x509 issuer;
    const struct revocation_rules *rules = &j->list->rules;
    if (!field_of(j, FIELD_CERTIFICATE)->given)
        return REVOCATION_CODES;
    struct error *error = base64_decode_append(text_of(j, FIELD_CERTIFICATE), &der);
    if (error == NULL)
        error = x509_read(der.data, der.len, KIND_CERTIFICATE, "it", &certificate);
    bool good =
        error == NULL
        && take_serial(&j->line->row, certificate.serial.body.p, certificate.serial.body.len);
    error_free(error);
    if (!good)
        return REVOCATION_CERTIFICATE;
    *ret_error = x509_read(rules->issuer, rules->issuer_len, KIND_CERTIFICATE,
                           "the issuer's certificate", &issuer);
    if (*ret_error == NULL && !der_equal(certificate.issuer.whole, issuer.subject.whole))
        return REVOCATION_ISSUER;
    return REVOCATION_CODES;
}

static enum revocation_code
judge_which(struct judging *j, struct error **ret_error)
{
    (void)ret_error;
    return field_of(j, FIELD_SERIAL)->given != field_of(j, FIELD_CERTIFICATE)->given
               ? REVOCATION_CODES
               : REVOCATION_WHICH;
}

static bool
parse_time(const char *text, int64_t *ret_seconds)
{
    int64_t ms = 0;
    bool date = strlen(text) == 10;
    struct error *error = date ? clock_parse_date(text, ret_seconds) : clock_parse(text, &ms);
    bool good = error == NULL;
    error_free(error);
    if (good && !date)
        *ret_seconds = ms / 1000;
    return good;
}

static enum revocation_code
judge_date(struct judging *j, struct error **ret_error)
{
    struct ledger_revocation *row = &j->line->row;
    (void)ret_error;
    if (!parse_time(text_of(j, FIELD_DATE), &row->time))
        return REVOCATION_DATE;
    if (row->time < PKI_ENTRY_FROM)
        return REVOCATION_DATE_EARLY;
    if (row->time > j->list->rules.now)
        return REVOCATION_DATE_LATER;
    bool told = field_of(j, FIELD_INVALIDITY)->given && text_of(j, FIELD_REFERENCE)[0] != '\0';
    bool before = row->time < j->list->rules.now - j->list->rules.now % DAY;
    return before && !told && j->list->rules.trust == PKI_TRUST_PUBLIC ? REVOCATION_BACKDATED
                                                                       : REVOCATION_CODES;
}

static enum revocation_code
judge_reason(struct judging *j, struct error **ret_error)
{
    const char *text = text_of(j, FIELD_REASON);
    const struct revocation_rules *rules = &j->list->rules;
    const struct pki_reason *reason =
        pki_reason_by_name(text[0] == '\0' ? "unspecified" : text);
    (void)ret_error;
    if (reason == NULL)
        return REVOCATION_REASON;
    if (reason->code == 0 && rules->needs_reason)
        return REVOCATION_REASON_NONE;
    if (reason->private_only && rules->trust == PKI_TRUST_PUBLIC)
        return REVOCATION_HOLD;
    j->line->row.reason = reason->code;
    return REVOCATION_CODES;
}

static enum revocation_code
judge_invalidity(struct judging *j, struct error **ret_error)
{
    struct ledger_revocation *row = &j->line->row;
    (void)ret_error;
    row->invalidity = LEDGER_NO_TIME;
    if (!field_of(j, FIELD_INVALIDITY)->given)
        return REVOCATION_CODES;
    bool good = parse_time(text_of(j, FIELD_INVALIDITY), &row->invalidity)
                && row->invalidity <= row->time;
    return !good                              ? REVOCATION_INVALIDITY
           : row->invalidity < PKI_ENTRY_FROM ? REVOCATION_DATE_EARLY
                                              : REVOCATION_CODES;
}

static enum revocation_code
judge_reference(struct judging *j, struct error **ret_error)
{
    const char *text = text_of(j, FIELD_REFERENCE);
    size_t len = strlen(text);
    (void)ret_error;
    if (len > REFERENCE_MAX || request_text_judge(text, len) != REQUEST_CODE_COUNT
        || (len == 0 && j->list->rules.needs_reason))
        return REVOCATION_REFERENCE;
    j->line->row.reference = text;
    return REVOCATION_CODES;
}

static const struct {
    enum revocation_field_name name;
    judge *judge;
} judges[] = {
    {FIELD_SERIAL,      judge_which      },
    {FIELD_SERIAL,      judge_serial     },
    {FIELD_CERTIFICATE, judge_certificate},
    {FIELD_DATE,        judge_date       },
    {FIELD_REASON,      judge_reason     },
    {FIELD_INVALIDITY,  judge_invalidity },
    {FIELD_REFERENCE,   judge_reference  },
};

bool
revocation_row_fits(const struct revocation_rules *rules, const struct ledger_revocation *row)
{
    const struct pki_reason *reason = pki_reason_by_code(row->reason);
    bool serial = row->serial_len >= 1 && row->serial_len <= LEDGER_SERIAL_MAX
                  && row->serial[0] != 0
                  && (row->serial_len < LEDGER_SERIAL_MAX || (row->serial[0] & 0x80) == 0);
    bool invalidity =
        row->invalidity == LEDGER_NO_TIME
        || (row->invalidity >= PKI_ENTRY_FROM && row->invalidity <= PKI_ENTRY_UNTIL);
    return serial && invalidity && row->time >= PKI_ENTRY_FROM && row->time <= rules->now
           && reason != NULL && !(reason->private_only && rules->trust == PKI_TRUST_PUBLIC)
           && !(rules->needs_reason && (row->reason == 0 || row->reference[0] == '\0'));
}

struct error *
revocation_judge(struct revocation_list *list, struct revocation_line *line)
{
    struct judging judging = {.list = list, .line = line};
    for (size_t i = 0; i < sizeof judges / sizeof judges[0]; i++) {
        struct error *error = NULL;
        enum revocation_code code = judges[i].judge(&judging, &error);
        if (error != NULL)
            return error;
        if (code == REVOCATION_CODES)
            continue;
        const struct revocation_field *field = &list->fields[judges[i].name];
        line->code = code;
        line->column = field->given ? field->column : 1;
        return NULL;
    }
    return NULL;
}
