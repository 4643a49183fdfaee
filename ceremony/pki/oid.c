/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/oid.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/pki/der_write.h"

/* clang-format off */
static const struct oid_row rows[OID_COUNT] = {
    [OID_C] = {"C", "2.5.4.6", (const unsigned char *)"\x55\x04\x06", 3},
    [OID_O] = {"O", "2.5.4.10", (const unsigned char *)"\x55\x04\x0a", 3},
    [OID_OU] = {"OU", "2.5.4.11", (const unsigned char *)"\x55\x04\x0b", 3},
    [OID_CN] = {"CN", "2.5.4.3", (const unsigned char *)"\x55\x04\x03", 3},
    [OID_SERIAL_NUMBER] = {"serialNumber", "2.5.4.5", (const unsigned char *)"\x55\x04\x05", 3},
    [OID_L] = {"L", "2.5.4.7", (const unsigned char *)"\x55\x04\x07", 3},
    [OID_ST] = {"ST", "2.5.4.8", (const unsigned char *)"\x55\x04\x08", 3},
    [OID_STREET] = {"street", "2.5.4.9", (const unsigned char *)"\x55\x04\x09", 3},
    [OID_POSTAL_CODE] = {"postalCode", "2.5.4.17", (const unsigned char *)"\x55\x04\x11", 3},
    [OID_SURNAME] = {"surname", "2.5.4.4", (const unsigned char *)"\x55\x04\x04", 3},
    [OID_GIVEN_NAME] = {"givenName", "2.5.4.42", (const unsigned char *)"\x55\x04\x2a", 3},
    [OID_TITLE] = {"title", "2.5.4.12", (const unsigned char *)"\x55\x04\x0c", 3},
    [OID_DN_QUALIFIER] = {"dnQualifier", "2.5.4.46", (const unsigned char *)"\x55\x04\x2e", 3},
    [OID_PSEUDONYM] = {"pseudonym", "2.5.4.65", (const unsigned char *)"\x55\x04\x41", 3},
    [OID_ORGANIZATION_IDENTIFIER] = {"organizationIdentifier", "2.5.4.97", (const unsigned char *)"\x55\x04\x61", 3},
    [OID_DC] = {"DC", "0.9.2342.19200300.100.1.25", (const unsigned char *)"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", 10},
    [OID_UID] = {"UID", "0.9.2342.19200300.100.1.1", (const unsigned char *)"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", 10},
    [OID_EMAIL_ADDRESS] = {"emailAddress", "1.2.840.113549.1.9.1", (const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9},
    [OID_SUBJECT_DIRECTORY_ATTRIBUTES] = {"subjectDirectoryAttributes", "2.5.29.9", (const unsigned char *)"\x55\x1d\x09", 3},
    [OID_SUBJECT_KEY_IDENTIFIER] = {"subjectKeyIdentifier", "2.5.29.14", (const unsigned char *)"\x55\x1d\x0e", 3},
    [OID_KEY_USAGE] = {"keyUsage", "2.5.29.15", (const unsigned char *)"\x55\x1d\x0f", 3},
    [OID_PRIVATE_KEY_USAGE_PERIOD] = {"privateKeyUsagePeriod", "2.5.29.16", (const unsigned char *)"\x55\x1d\x10", 3},
    [OID_SUBJECT_ALT_NAME] = {"subjectAltName", "2.5.29.17", (const unsigned char *)"\x55\x1d\x11", 3},
    [OID_ISSUER_ALT_NAME] = {"issuerAltName", "2.5.29.18", (const unsigned char *)"\x55\x1d\x12", 3},
    [OID_BASIC_CONSTRAINTS] = {"basicConstraints", "2.5.29.19", (const unsigned char *)"\x55\x1d\x13", 3},
    [OID_CRL_NUMBER] = {"cRLNumber", "2.5.29.20", (const unsigned char *)"\x55\x1d\x14", 3},
    [OID_REASON_CODE] = {"reasonCode", "2.5.29.21", (const unsigned char *)"\x55\x1d\x15", 3},
    [OID_INVALIDITY_DATE] = {"invalidityDate", "2.5.29.24", (const unsigned char *)"\x55\x1d\x18", 3},
    [OID_DELTA_CRL_INDICATOR] = {"deltaCRLIndicator", "2.5.29.27", (const unsigned char *)"\x55\x1d\x1b", 3},
    [OID_ISSUING_DISTRIBUTION_POINT] = {"issuingDistributionPoint", "2.5.29.28", (const unsigned char *)"\x55\x1d\x1c", 3},
    [OID_CERTIFICATE_ISSUER] = {"certificateIssuer", "2.5.29.29", (const unsigned char *)"\x55\x1d\x1d", 3},
    [OID_NAME_CONSTRAINTS] = {"nameConstraints", "2.5.29.30", (const unsigned char *)"\x55\x1d\x1e", 3},
    [OID_CRL_DISTRIBUTION_POINTS] = {"cRLDistributionPoints", "2.5.29.31", (const unsigned char *)"\x55\x1d\x1f", 3},
    [OID_CERTIFICATE_POLICIES] = {"certificatePolicies", "2.5.29.32", (const unsigned char *)"\x55\x1d\x20", 3},
    [OID_POLICY_MAPPINGS] = {"policyMappings", "2.5.29.33", (const unsigned char *)"\x55\x1d\x21", 3},
    [OID_AUTHORITY_KEY_IDENTIFIER] = {"authorityKeyIdentifier", "2.5.29.35", (const unsigned char *)"\x55\x1d\x23", 3},
    [OID_POLICY_CONSTRAINTS] = {"policyConstraints", "2.5.29.36", (const unsigned char *)"\x55\x1d\x24", 3},
    [OID_EXT_KEY_USAGE] = {"extKeyUsage", "2.5.29.37", (const unsigned char *)"\x55\x1d\x25", 3},
    [OID_FRESHEST_CRL] = {"freshestCRL", "2.5.29.46", (const unsigned char *)"\x55\x1d\x2e", 3},
    [OID_INHIBIT_ANY_POLICY] = {"inhibitAnyPolicy", "2.5.29.54", (const unsigned char *)"\x55\x1d\x36", 3},
    [OID_NO_REV_AVAIL] = {"noRevAvail", "2.5.29.56", (const unsigned char *)"\x55\x1d\x38", 3},
    [OID_EXPIRED_CERTS_ON_CRL] = {"expiredCertsOnCRL", "2.5.29.60", (const unsigned char *)"\x55\x1d\x3c", 3},
    [OID_AUTHORITY_INFO_ACCESS] = {"authorityInfoAccess", "1.3.6.1.5.5.7.1.1", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x01\x01", 8},
    [OID_SUBJECT_INFO_ACCESS] = {"subjectInfoAccess", "1.3.6.1.5.5.7.1.11", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x01\x0b", 8},
    [OID_TLS_FEATURE] = {"tlsFeature", "1.3.6.1.5.5.7.1.24", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x01\x18", 8},
    [OID_OCSP_NO_CHECK] = {"ocspNoCheck", "1.3.6.1.5.5.7.48.1.5", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x30\x01\x05", 9},
    [OID_SCT_LIST] = {"sctList", "1.3.6.1.4.1.11129.2.4.2", (const unsigned char *)"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", 10},
    [OID_CT_POISON] = {"ctPoison", "1.3.6.1.4.1.11129.2.4.3", (const unsigned char *)"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", 10},
    [OID_ANY_EXTENDED_KEY_USAGE] = {"anyExtendedKeyUsage", "2.5.29.37.0", (const unsigned char *)"\x55\x1d\x25\x00", 4},
    [OID_SERVER_AUTH] = {"serverAuth", "1.3.6.1.5.5.7.3.1", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x01", 8},
    [OID_CLIENT_AUTH] = {"clientAuth", "1.3.6.1.5.5.7.3.2", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x02", 8},
    [OID_CODE_SIGNING] = {"codeSigning", "1.3.6.1.5.5.7.3.3", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x03", 8},
    [OID_EMAIL_PROTECTION] = {"emailProtection", "1.3.6.1.5.5.7.3.4", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x04", 8},
    [OID_TIME_STAMPING] = {"timeStamping", "1.3.6.1.5.5.7.3.8", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x08", 8},
    [OID_OCSP_SIGNING] = {"OCSPSigning", "1.3.6.1.5.5.7.3.9", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x03\x09", 8},
    [OID_OCSP] = {"ocsp", "1.3.6.1.5.5.7.48.1", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x30\x01", 8},
    [OID_CA_ISSUERS] = {"caIssuers", "1.3.6.1.5.5.7.48.2", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x30\x02", 8},
    [OID_ANY_POLICY] = {"anyPolicy", "2.5.29.32.0", (const unsigned char *)"\x55\x1d\x20\x00", 4},
    [OID_CPS_QUALIFIER] = {"cpsQualifier", "1.3.6.1.5.5.7.2.1", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x02\x01", 8},
    [OID_USER_NOTICE] = {"userNotice", "1.3.6.1.5.5.7.2.2", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x02\x02", 8},
    [OID_HARDWARE_MODULE_NAME] = {"hardwareModuleName", "1.3.6.1.5.5.7.8.4", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x08\x04", 8},
    [OID_MAC_ADDRESS] = {"macAddress", "1.3.6.1.5.5.7.8.12", (const unsigned char *)"\x2b\x06\x01\x05\x05\x07\x08\x0c", 8},
    [OID_EXTENSION_REQUEST] = {"extensionRequest", "1.2.840.113549.1.9.14", (const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9},
    [OID_CHALLENGE_PASSWORD] = {"challengePassword", "1.2.840.113549.1.9.7", (const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07", 9},
    [OID_RSA_ENCRYPTION] = {"rsaEncryption", "1.2.840.113549.1.1.1", (const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9},
    [OID_RSASSA_PSS] = {"rsassaPss", "1.2.840.113549.1.1.10", (const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 9},
    [OID_EC_PUBLIC_KEY] = {"ecPublicKey", "1.2.840.10045.2.1", (const unsigned char *)"\x2a\x86\x48\xce\x3d\x02\x01", 7},
    [OID_ED25519] = {"ed25519", "1.3.101.112", (const unsigned char *)"\x2b\x65\x70", 3},
    [OID_ED448] = {"ed448", "1.3.101.113", (const unsigned char *)"\x2b\x65\x71", 3},
    [OID_P256] = {"p256", "1.2.840.10045.3.1.7", (const unsigned char *)"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8},
    [OID_P384] = {"p384", "1.3.132.0.34", (const unsigned char *)"\x2b\x81\x04\x00\x22", 5},
    [OID_P521] = {"p521", "1.3.132.0.35", (const unsigned char *)"\x2b\x81\x04\x00\x23", 5},
};

/* clang-format on */

const struct oid_row *
oid_row(enum oid oid)
{
    BUG_ON(oid < 0 || oid >= OID_COUNT);
    return &rows[oid];
}

enum oid
oid_of(struct der body)
{
    if (body.len == 0)
        return OID_UNKNOWN;
    unsigned char last = body.p[body.len - 1]; /* tells most of them apart */
    for (int i = 0; i < OID_COUNT; i++)
        if (rows[i].der_len == body.len && rows[i].der[body.len - 1] == last
            && memcmp(rows[i].der, body.p, body.len) == 0)
            return (enum oid)i;
    return OID_UNKNOWN;
}

bool
oid_is(struct der body, enum oid oid)
{
    return der_is_bytes(body, rows[oid].der, rows[oid].der_len);
}

enum oid
oid_find(const char *name)
{
    for (int i = 0; i < OID_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (enum oid)i;
    return OID_UNKNOWN;
}

struct error *
oid_append_dotted(struct bytes *out, struct der body)
{
    if (der_check_oid(body) != NULL)
        return bytes_append_text(out, "(invalid)");
    uint64_t arc = 0;
    bool first = true;
    for (size_t i = 0; i < body.len; i++) {
        arc = arc << 7 | (body.p[i] & 0x7f);
        if ((body.p[i] & 0x80) != 0)
            continue;
        if (first) {
            uint64_t top = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            TRY(bytes_format(out, "%u.%llu", (unsigned)top,
                             (unsigned long long)(arc - 40 * top)));
        } else
            TRY(bytes_format(out, ".%llu", (unsigned long long)arc));
        first = false;
        arc = 0;
    }
    return NULL;
}

struct error *
oid_append_name(struct bytes *out, struct der body)
{
    enum oid oid = oid_of(body);
    return oid == OID_UNKNOWN ? oid_append_dotted(out, body)
                              : bytes_append_text(out, rows[oid].name);
}

struct error *
oid_put(struct bytes *out, enum oid oid)
{
    return der_put(out, DER_OID, oid_row(oid)->der, oid_row(oid)->der_len);
}

static struct error *
put_arc(struct bytes *out, uint64_t arc)
{
    unsigned char octets[10];
    size_t n = sizeof octets;
    octets[--n] = (unsigned char)(arc & 0x7f);
    for (arc >>= 7; arc > 0; arc >>= 7)
        octets[--n] = (unsigned char)(0x80 | (arc & 0x7f));
    return bytes_append(out, octets + n, sizeof octets - n);
}

/* One decimal arc of `*text`, without sign or leading zero; moves past it and a following dot. */
static bool
is_arc(const char **text, uint64_t *ret_arc)
{
    const char *p = *text;
    if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
        return false;
    uint64_t arc = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (arc > UINT64_MAX / 32)
            return false;
        arc = arc * 10 + (uint64_t)(*p - '0');
    }
    if (*p == '.' && p[1] != '\0')
        p++;
    else if (*p != '\0')
        return false;
    *text = p;
    *ret_arc = arc;
    return true;
}

struct error *
oid_put_text(struct bytes *out, const char *text)
{
    enum oid known = oid_find(text);
    if (known != OID_UNKNOWN)
        return oid_put(out, known);
    const char *p = text;
    uint64_t top = 0;
    uint64_t arc = 0;
    if (!is_arc(&p, &top) || top > 2 || *p == '\0' || !is_arc(&p, &arc)
        || (top < 2 && arc > 39))
        return ERROR(ERROR_INPUT, "\"%s\" is neither a known name nor an object identifier",
                     text);
    size_t start = out->len;
    TRY(put_arc(out, top * 40 + arc));
    while (*p != '\0') {
        if (!is_arc(&p, &arc))
            return ERROR(ERROR_INPUT, "\"%s\" is not an object identifier", text);
        TRY(put_arc(out, arc));
    }
    return der_close(out, start, DER_OID);
}
