/* SPDX-License-Identifier: Apache-2.0
 *
 * The object identifiers that this program knows by name, and the dotted form of all others. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

enum oid {
    OID_UNKNOWN = -1,
    OID_C,
    OID_O,
    OID_OU,
    OID_CN,
    OID_SERIAL_NUMBER,
    OID_L,
    OID_ST,
    OID_STREET,
    OID_POSTAL_CODE,
    OID_SURNAME,
    OID_GIVEN_NAME,
    OID_TITLE,
    OID_DN_QUALIFIER,
    OID_PSEUDONYM,
    OID_ORGANIZATION_IDENTIFIER,
    OID_DC,
    OID_UID,
    OID_EMAIL_ADDRESS,
    OID_SUBJECT_DIRECTORY_ATTRIBUTES,
    OID_SUBJECT_KEY_IDENTIFIER,
    OID_KEY_USAGE,
    OID_PRIVATE_KEY_USAGE_PERIOD,
    OID_SUBJECT_ALT_NAME,
    OID_ISSUER_ALT_NAME,
    OID_BASIC_CONSTRAINTS,
    OID_CRL_NUMBER,
    OID_REASON_CODE,
    OID_INVALIDITY_DATE,
    OID_DELTA_CRL_INDICATOR,
    OID_ISSUING_DISTRIBUTION_POINT,
    OID_CERTIFICATE_ISSUER,
    OID_NAME_CONSTRAINTS,
    OID_CRL_DISTRIBUTION_POINTS,
    OID_CERTIFICATE_POLICIES,
    OID_POLICY_MAPPINGS,
    OID_AUTHORITY_KEY_IDENTIFIER,
    OID_POLICY_CONSTRAINTS,
    OID_EXT_KEY_USAGE,
    OID_FRESHEST_CRL,
    OID_INHIBIT_ANY_POLICY,
    OID_NO_REV_AVAIL,
    OID_EXPIRED_CERTS_ON_CRL,
    OID_AUTHORITY_INFO_ACCESS,
    OID_SUBJECT_INFO_ACCESS,
    OID_TLS_FEATURE,
    OID_OCSP_NO_CHECK,
    OID_SCT_LIST,
    OID_CT_POISON,
    OID_ANY_EXTENDED_KEY_USAGE,
    OID_SERVER_AUTH,
    OID_CLIENT_AUTH,
    OID_CODE_SIGNING,
    OID_EMAIL_PROTECTION,
    OID_TIME_STAMPING,
    OID_OCSP_SIGNING,
    OID_OCSP,
    OID_CA_ISSUERS,
    OID_ANY_POLICY,
    OID_CPS_QUALIFIER,
    OID_USER_NOTICE,
    OID_HARDWARE_MODULE_NAME,
    OID_MAC_ADDRESS,
    OID_EXTENSION_REQUEST,
    OID_CHALLENGE_PASSWORD,
    OID_RSA_ENCRYPTION,
    OID_RSASSA_PSS,
    OID_EC_PUBLIC_KEY,
    OID_ED25519,
    OID_ED448,
    OID_P256,
    OID_P384,
    OID_P521,
    OID_COUNT
};

struct oid_row {
    const char *name;         /* as profiles write it: "C", "keyUsage", "serverAuth" */
    const char *dotted;       /* "2.5.4.6" */
    const unsigned char *der; /* contents octets */
    size_t der_len;
};

const struct oid_row *oid_row(enum oid oid);
/* From contents octets. */
enum oid oid_of(struct der body);
bool oid_is(struct der body, enum oid oid);
/* By exact name; OID_UNKNOWN if there is none. */
enum oid oid_find(const char *name);
/* "2.5.29.15" for any valid identifier; "(invalid)" otherwise. */
MUST_CHECK struct error *oid_append_dotted(struct bytes *out, struct der body);
/* The name if known, else dotted. */
MUST_CHECK struct error *oid_append_name(struct bytes *out, struct der body);
/* The OBJECT IDENTIFIER element of a known identifier, or of a name or dotted text. */
MUST_CHECK struct error *oid_put(struct bytes *out, enum oid oid);
MUST_CHECK struct error *oid_put_text(struct bytes *out, const char *text);
