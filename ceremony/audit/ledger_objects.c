/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/ledger_objects.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/x509.h"

#define SERIAL_MAX 64U

/* The entry of this ceremony and kind with `key` = `value`; NULL. */
static const json_t *
entry_with(const struct evidence *evidence, const struct ledger_lines *lines, const char *kind,
           const char *key, const char *value)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *data = data_inner(row, "data");
        if (strcmp(data_text(row, "kind"), kind) == 0
            && strcmp(data_text(row, "ceremony"), evidence_id(evidence)) == 0
            && strcmp(data_text(data, key), value) == 0)
            return data;
    }
    return NULL;
}

/* "" where the ceremony has no such key. */
static const char *
spki_of(const struct evidence *evidence, const char *key, uint64_t before)
{
    const struct transcript_record *found = find_key(evidence, "key", key, before);
    return found == NULL ? "" : data_text(found->data, "spki_sha256");
}

static bool
same_text(const json_t *entry, const char *key, const char *wanted)
{
    return strcmp(data_text(entry, key), wanted) == 0;
}

/* The serial number as the ledger writes it, and whether it is a CA's. */
static struct error *
read_certificate(const struct evidence *evidence, const struct transcript_record *result,
                 char ret_serial[2 * SERIAL_MAX + 1], bool *ret_ca)
{
    AUTO_BYTES der = {0};
    struct x509 x509;
    int64_t path_len = 0;
    TRY(evidence_file(evidence, data_text(result->data, "file"), &der));
    TRY(x509_read(der.data, der.len, KIND_CERTIFICATE, "the certificate", &x509));
    struct der serial = x509.serial.body;
    while (serial.len > 1 && serial.p[0] == 0)
        serial = der_view(serial.p + 1, serial.len - 1);
    if (serial.len > SERIAL_MAX)
        return ERROR(ERROR_VERIFICATION, "its serial number is too long");
    hex_encode(serial.p, serial.len, ret_serial);
    x509_basic_constraints(&x509, ret_ca, &path_len);
    return NULL;
}

static struct error *
check_certificate(const struct evidence *evidence, const struct ledger_lines *lines,
                  const struct transcript_record *result)
{
    char serial[2 * SERIAL_MAX + 1];
    bool ca = false;
    const json_t *data = result->data;
    const struct transcript_record *intent = intent_of(evidence, result);
    const json_t *reserved = entry_with(evidence, lines, "certificate-reserve", "tbs_sha256",
                                        data_text(data, "tbs_sha256"));
    const json_t *issued = entry_with(evidence, lines, "certificate-issue",
                                      "certificate_sha256", data_text(data, "sha256"));
    const char *issuer = spki_of(evidence, data_text(data, "key"), result->seq);
    TRY(read_certificate(evidence, result, serial, &ca));
    if (intent == NULL || !same_text(intent->data, "serial", serial))
        return ERROR(ERROR_VERIFICATION,
                     "its serial number is %s, and another one was announced", serial);
    if (reserved == NULL || issued == NULL)
        return ERROR(ERROR_VERIFICATION, "the ledger has not reserved and issued it");
    if (!same_text(reserved, "serial", serial) || !same_text(issued, "serial", serial))
        return ERROR(ERROR_VERIFICATION,
                     "its serial number is %s, and not the one that the "
                     "ledger holds",
                     serial);
    if (!same_text(reserved, "issuer", issuer) || !same_text(issued, "issuer", issuer)
        || !same_text(reserved, "subject_spki_sha256",
                      spki_of(evidence, data_text(data, "subject"), result->seq))
        || !same_text(reserved, "profile", data_text(intent->data, "profile"))
        || data_number(reserved, "not_before") != data_number(data, "valid_from")
        || data_number(reserved, "not_after") != data_number(data, "valid_until")
        || json_is_true(json_object_get(reserved, "is_ca")) != ca)
        return ERROR(ERROR_VERIFICATION,
                     "the ledger holds it with another issuer, key, profile or dates");
    return NULL;
}

static struct error *
check_crl(const struct evidence *evidence, const struct ledger_lines *lines,
          const struct transcript_record *result)
{
    const json_t *data = result->data;
    const struct transcript_record *intent = intent_of(evidence, result);
    const char *scope = intent == NULL ? "" : data_text(intent->data, "scope");
    const char *issuer = spki_of(evidence, data_text(data, "key"), result->seq);
    const json_t *const entries[] = {
        entry_with(evidence, lines, "crl-reserve", "tbs_sha256", data_text(data, "tbs_sha256")),
        entry_with(evidence, lines, "crl-issue", "crl_sha256", data_text(data, "sha256"))};
    if (scope[0] == '\0')
        scope = "full";
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (intent == NULL || entries[i] == NULL || !same_text(entries[i], "issuer", issuer)
            || !same_text(entries[i], "scope", scope)
            || data_number(entries[i], "number") != data_number(intent->data, "number"))
            return ERROR(ERROR_VERIFICATION,
                         "the ledger does not hold it with its issuer, scope and number %lld",
                         (long long)(intent == NULL ? 0 : data_number(intent->data, "number")));
    if (data_number(entries[0], "this_update") != data_number(data, "valid_from")
        || data_number(entries[0], "next_update") != data_number(data, "valid_until"))
        return ERROR(ERROR_VERIFICATION, "the ledger holds it with other dates");
    return NULL;
}

struct error *
ledger_objects_check(const struct evidence *evidence, const struct ledger_lines *lines,
                     const struct transcript_record *result, struct report *report)
{
    bool crl = strcmp(data_text(result->data, "object"), "crl") == 0;
    return report_error(report, data_text(result->data, "file"), result->seq,
                        crl ? check_crl(evidence, lines, result)
                            : check_certificate(evidence, lines, result));
}

struct error *
ledger_objects_backup(const struct evidence *evidence, const struct ledger_lines *lines,
                      const struct transcript_record *result, struct report *report)
{
    const json_t *data = result->data;
    const json_t *entry =
        entry_with(evidence, lines, "backup", "blob_sha256", data_text(data, "blob_sha256"));
    if (entry != NULL && same_text(entry, "kcv", data_text(data, "kcv"))
        && same_text(entry, "card_sha256", data_text(data, "card_sha256"))
        && same_text(entry, "key_spki_sha256",
                     spki_of(evidence, data_text(data, "key"), result->seq + 1))
        && data_number(entry, "set_id") == data_number(data, "set"))
        return NULL;
    return report_fault(report, lines->name, result->seq,
                        "it does not hold the backup of key \"%s\" with this set, wrapped key "
                        "and check value",
                        data_text(data, "key"));
}
