/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/crl_previous.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/pki/hash.h"
#include "ceremony/pki/x509.h"

static struct error *
refuse(char ret_code[64], const char *code, const char *sentence)
{
    (void)snprintf(ret_code, 64, "%s", code);
    return ERROR(ERROR_REFUSED, "the CRL that was brought cannot be used: %s (%s)", sentence,
                 code);
}

/* The first fault that the lints find. */
static struct error *
judge(const void *der, size_t len, const void *issuer, size_t issuer_len, int64_t now,
      char ret_code[64])
{
    AUTO_LINT_REPORT report = {0};
    struct pki_lint_context context = {.issuer = issuer, .issuer_len = issuer_len, .now = now};
    TRY(pki_lint(der, len, &context, &report));
    for (size_t i = 0; i < report.count; i++)
        if (report.findings[i].severity == PKI_FAULT)
            return refuse(ret_code, report.findings[i].lint, report.findings[i].detail);
    return NULL;
}

static struct error *
check_issuer(const struct x509 *crl, const void *issuer, size_t issuer_len, char ret_code[64])
{
    struct x509 signer;
    TRY(x509_read(issuer, issuer_len, KIND_CERTIFICATE, "the issuer's certificate", &signer));
    if (!der_equal(crl->issuer.whole, signer.subject.whole))
        return refuse(ret_code, "crl-other-issuer", "it is another CA's");
    return NULL;
}

/* A base is complete: nothing but an address may limit it. */
static struct error *
check_scope(const struct x509 *crl, char ret_code[64])
{
    const struct x509_extension *point = x509_find(crl, OID_ISSUING_DISTRIBUTION_POINT);
    struct der_item outer;
    struct der_item item;
    if (x509_find(crl, OID_DELTA_CRL_INDICATOR) != NULL)
        return refuse(ret_code, "crl-base-is-delta",
                      "it is a delta CRL, which holds only what changed");
    if (point == NULL || der_only(point->value, DER_SEQUENCE, &outer) != NULL)
        return NULL;
    while (outer.body.len > 0 && der_next(&outer.body, &item) == NULL)
        if (item.tag != DER_CONTEXT_C(0))
            return refuse(ret_code, "crl-base-is-partial", "it covers a part only");
    return NULL;
}

static struct error *
read_values(const struct x509 *crl, struct pki_crl_previous *previous, char ret_code[64])
{
    const struct x509_extension *number = x509_find(crl, OID_CRL_NUMBER);
    struct der_item item;
    struct der_time from;
    struct der_time until;
    int64_t value = 0;
    if (number == NULL || der_only(number->value, DER_INTEGER, &item) != NULL
        || der_small_integer(item.body, &value) != NULL || value >= INT64_C(1) << 53)
        return refuse(ret_code, "crl-number-large", "its number is too large to count on from");
    if (der_time(&crl->from, &from) != NULL || der_time(&crl->until, &until) != NULL)
        return refuse(ret_code, "time-encoding", "its dates cannot be read");
    previous->number = (uint64_t)value;
    previous->this_update = from.seconds;
    previous->next_update = until.seconds;
    struct der list = crl->revoked.body;
    struct x509_revoked entry;
    while (list.len > 0 && x509_next_revoked(&list, &entry) == NULL)
        previous->entries++;
    return NULL;
}

struct error *
pki_crl_previous_read(const void *der, size_t len, const void *issuer, size_t issuer_len,
                      int64_t now, struct pki_crl_previous *ret_previous, char ret_code[64])
{
    struct x509 crl;
    struct pki_crl_previous previous = {0};
    const unsigned char *tbs = NULL;
    size_t tbs_len = 0;
    ret_code[0] = '\0';
    if (x509_parse(der, len, &crl) != NULL || crl.kind != KIND_CRL)
        return refuse(ret_code, "crl-not-crl", "it is no CRL that can be read");
    TRY(judge(der, len, issuer, issuer_len, now, ret_code));
    TRY(check_issuer(&crl, issuer, issuer_len, ret_code));
    TRY(check_scope(&crl, ret_code));
    TRY(read_values(&crl, &previous, ret_code));
    TRY(pki_sha256_hex(der, len, previous.sha256));
    TRY(pki_tbs_of(der, len, &tbs, &tbs_len));
    TRY(pki_sha256_hex(tbs, tbs_len, previous.tbs_sha256));
    *ret_previous = previous;
    return NULL;
}

/* The one directoryName among GeneralNames. */
static const char *
read_issuer(struct der value, struct der *ret_name)
{
    struct der_item names;
    struct der_item name;
    DER_TRY(der_only(value, DER_SEQUENCE, &names));
    DER_TRY(der_only(names.body, DER_CONTEXT_C(4), &name));
    *ret_name = name.body;
    return NULL;
}

/* `issuer`: the certificateIssuer in force, which the entry may change; len 0: the CRL's own. */
static const char *
read_entry(const struct x509_revoked *entry, struct der *issuer, struct pki_revocation *ret)
{
    struct der serial = entry->serial.body;
    struct der_time time;
    while (serial.len > 1 && serial.p[0] == 0)
        serial = der_view(serial.p + 1, serial.len - 1);
    if (serial.len > sizeof ret->serial)
        return "a serial number that is too long";
    *ret = (struct pki_revocation){.serial_len = serial.len, .reason = -1};
    memcpy(ret->serial, serial.p, serial.len);
    DER_TRY(der_time(&entry->date, &time));
    ret->date = time.seconds;
    for (size_t i = 0; i < entry->extensions.count; i++) {
        const struct x509_extension *extension = &entry->extensions.items[i];
        struct der_item item;
        if (extension->id == OID_REASON_CODE) {
            DER_TRY(der_only(extension->value, DER_ENUMERATED, &item));
            ret->reason = item.body.p[0];
        } else if (extension->id == OID_INVALIDITY_DATE) {
            DER_TRY(der_only(extension->value, DER_GENERALIZED_TIME, &item));
            DER_TRY(der_time(&item, &time));
            ret->invalidity_date = time.seconds;
        } else if (extension->id == OID_CERTIFICATE_ISSUER) {
            DER_TRY(read_issuer(extension->value, issuer));
        }
    }
    ret->issuer = issuer->p;
    ret->issuer_len = issuer->len;
    return NULL;
}

struct error *
pki_crl_previous_each(const void *der, size_t len,
                      struct error *(*each)(void *user, const struct pki_revocation *entry),
                      void *user)
{
    struct x509 crl;
    TRY(x509_read(der, len, KIND_CRL, "the CRL that was brought", &crl));
    struct der list = crl.revoked.body;
    struct der issuer = {0};
    while (list.len > 0) {
        struct x509_revoked entry;
        struct pki_revocation revocation;
        const char *fault = x509_next_revoked(&list, &entry);
        if (fault == NULL)
            fault = read_entry(&entry, &issuer, &revocation);
        if (fault != NULL)
            return ERROR(ERROR_INPUT, "the CRL that was brought could not be read: %s", fault);
        TRY(each(user, &revocation));
    }
    return NULL;
}
