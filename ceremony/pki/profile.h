/* SPDX-License-Identifier: Apache-2.0
 *
 * A profile: all of a certificate or CRL but the subject's key. Plain data, filled by script/ from
 * YAML (docs/formats/profile.md), read by the builders, the lints and the audit. Every string
 * belongs to the profile. (R8, REQUIREMENTS section 5) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"

enum pki_profile_kind {
    PKI_PROFILE_CERTIFICATE,
    PKI_PROFILE_CRL
};

enum pki_trust {
    PKI_TRUST_PRIVATE,
    PKI_TRUST_PUBLIC
};

/* Where the value of a field comes from. */
enum pki_field_source {
    PKI_FROM_ITEM,   /* what the manifest of a batch, or the approval, says of the item */
    PKI_FROM_REQUEST /* what the PKCS#10 asks for */
};

/* What a value of a field must look like. */
enum pki_field_form {
    PKI_FORM_TEXT,      /* UTF-8 that a name may have */
    PKI_FORM_PRINTABLE, /* PrintableString */
    PKI_FORM_HOSTNAME,  /* a domain name without "*" */
    PKI_FORM_WILDCARD,  /* a domain name, perhaps with "*." before it */
    PKI_FORM_IP,
    PKI_FORM_EMAIL,
    PKI_FORM_URI,
    PKI_FORM_OCTETS, /* hexadecimal, pairs perhaps separated by ":" or "-" */
    PKI_FORM_MAC,    /* the same, six or eight of them */
    PKI_FORMS
};

/* One value that may differ from certificate to certificate. What no field names is the profile's
 * (R68): the list of fields is the whole of what a request or an item can say. */
struct pki_field {
    char *name; /* "serial" */
    enum pki_field_source source;
    char *
        part; /* of the request: an attribute of its subject ("CN") or a kind of its alternative
                 * names ("dns"); "" for an item, whose member has the field's name */
    enum pki_field_form form;
    unsigned min; /* characters; octets for PKI_FORM_OCTETS */
    unsigned max;
    unsigned most; /* so many values in one certificate; 1 or more */
    bool optional; /* there may be none: what it fills is left out */
    char *pattern; /* pattern.h; "": any */
    char *sample;  /* a value it may have, for the trial before a ceremony */
};

struct pki_fields {
    struct pki_field *items;
    size_t count;
};

/* What a certificate is for; the lints know what each role must and must not have (R37 - R46). */
enum pki_role {
    PKI_ROLE_NONE,
    PKI_ROLE_ROOT,
    PKI_ROLE_CROSS,
    PKI_ROLE_SUB_CA, /* of no narrower purpose */
    PKI_ROLE_TLS_CA,
    PKI_ROLE_CONSTRAINED_TLS_CA,
    PKI_ROLE_CONSTRAINED_CA, /* not for TLS */
    PKI_ROLE_CODE_SIGNING_CA,
    PKI_ROLE_TIMESTAMPING_CA,
    PKI_ROLE_DEVICE_CA,
    PKI_ROLE_OCSP_RESPONDER,
    PKI_ROLE_CRL_SIGNER,
    PKI_ROLE_TLS_SERVER,
    PKI_ROLE_TLS_CLIENT,
    PKI_ROLE_SIGN_OFF,
    PKI_ROLE_CODE_SIGNING,
    PKI_ROLE_TIMESTAMPING,
    PKI_ROLE_IDEVID,
    PKI_ROLE_LDEVID,
    PKI_ROLE_RECIPIENT /* of what others encrypt */
};

/* "none", "root", "tls-ca", ...; NULL-terminated, by number. */
extern const char *const pki_role_names[];

struct pki_name_part { /* one attribute, one RDN */
    char *type;        /* "C", "O", "CN", "serialNumber", ... */
    char *value;       /* UTF-8, parameters filled in; NULL with a field */
    char *field;       /* the field whose values stand here, an RDN each; NULL: none */
};

struct pki_name {
    struct pki_name_part *parts;
    size_t count;
};

enum pki_presence {
    PKI_ABSENT,
    PKI_NONCRITICAL,
    PKI_CRITICAL,
    PKI_CRITICAL_IF_NO_SUBJECT /* subjectAltName only: critical where the subject is empty */
};

/* KeyUsage bits by number (RFC 5280 4.2.1.3): 1 << bit. */
#define PKI_KU_DIGITAL_SIGNATURE (1U << 0)
#define PKI_KU_NON_REPUDIATION   (1U << 1)
#define PKI_KU_KEY_ENCIPHERMENT  (1U << 2)
#define PKI_KU_DATA_ENCIPHERMENT (1U << 3)
#define PKI_KU_KEY_AGREEMENT     (1U << 4)
#define PKI_KU_KEY_CERT_SIGN     (1U << 5)
#define PKI_KU_CRL_SIGN          (1U << 6)

struct pki_texts {
    char **items;
    size_t count;
};

/* A lint that this profile skips, with reason and end. */
struct pki_waiver {
    char *lint;
    char *reason;
    char *clause;
    int64_t until; /* seconds since 1970; the waiver ends here */
};

enum pki_ski_method {
    PKI_SKI_SHA1,
    PKI_SKI_SHA256_160
}; /* RFC 5280 (1), RFC 7093 (1) */

struct pki_general_name {
    char *type;  /* "dns", "uri", "email", "ip", "dir-name", "hardware-module", "mac-address",
                  * "other:OID" */
    char *value; /* dir-name: "C=CH, O=Example" in the order of encoding, "\\," for a comma;
                  * hardware-module: the serial number's octets, hexadecimal, or with
                  * `serial_is_text` as they are; mac-address: hexadecimal; other: UTF-8 (for
                  * 1.3.6.1.5.5.7.8.4, hardwareModuleName, also "OID/HEX");
                  * an ip in name constraints: "10.0.0.0/8"; NULL with a field */
    char *field; /* the field whose values stand here, a name each; NULL: none */
    char *hardware_type; /* hardware-module: hwType, an OID */
    bool serial_is_text;
};

struct pki_general_names {
    struct pki_general_name *items;
    size_t count;
};

/* What a CA that gets this certificate may issue (R70); kept in the ledger, checked before each
 * batch. */
struct pki_limits {
    unsigned count;  /* certificates in all; 0: no limit */
    int64_t until;   /* no signature later; 0: as long as the certificate */
    int until_years; /* the same, after the certificate's beginning; one of three is set */
    int until_days;
    int validity_years; /* no certificate lives longer; 0: no limit; one of both is set */
    int validity_days;
};

struct pki_certificate_profile {
    struct pki_fields fields;
    struct pki_name subject; /* may be empty */
    bool
        subject_of_existing; /* name and key identifier of an existing certificate of the same key,
                                 * byte for byte (P2); `subject` is empty then */
    struct pki_texts keys; /* the subject's key is one of these types ("ec-p256"); empty: any */
    struct pki_limits limits;
    int64_t not_before; /* explicit; 0: the time of the signature, less backdate_seconds */
    int validity_years; /* one of years, days, not_after is set (others 0) */
    int validity_days;
    int64_t not_after;    /* explicit; PKI_NOT_AFTER_FOREVER for 99991231235959Z */
    int backdate_seconds; /* notBefore lies so much before the signature (0 .. 86400) */
    int serial_bits;      /* 64 .. 159 */
    bool outlives_issuer; /* allowed with outlives_reason (R51) */
    char *outlives_reason;

    enum pki_presence basic_constraints;
    bool is_ca;
    int path_len; /* -1: none */
    enum pki_presence key_usage;
    unsigned key_usage_bits;
    enum pki_presence ext_key_usage;
    struct pki_texts ext_key_usages; /* "serverAuth", ... or dotted OIDs */
    enum pki_presence subject_key_id;
    enum pki_ski_method ski_method;
    enum pki_presence authority_key_id;
    enum pki_presence subject_alt_name;
    struct pki_general_names subject_alt_names;
    enum pki_presence policies;
    struct pki_texts policy_oids;
    char *policy_cps; /* the address in a CPS qualifier of each policy; "" or NULL: none */
    enum pki_presence crl_distribution;
    struct pki_texts crl_uris;
    char *
        crl_issuer; /* who signs an indirect CRL, as a dir-name; "" or NULL: the issuer (R55) */
    enum pki_presence freshest_crl;
    struct pki_texts freshest_uris; /* where the delta CRL is */
    int crl_partitions; /* as in the CRL's profile: "{partition}" in crl_uris; 0: none (R54) */
    enum pki_presence authority_info;
    struct pki_texts ca_issuers_uris;
    struct pki_texts ocsp_uris;
    enum pki_presence name_constraints;
    struct pki_general_names permitted;
    struct pki_general_names excluded;
    enum pki_presence ocsp_no_check;
    enum pki_presence no_rev_avail;
};

#define PKI_NOT_AFTER_FOREVER INT64_C(253402300799)

struct pki_crl_profile {
    int next_update_days; /* one of days, months is set */
    int next_update_months;
    bool delta;    /* changes since a base CRL (R55) */
    bool indirect; /* holds certificates of other issuers, too (R55) */
    bool only_ca_certs;
    bool only_user_certs;
    unsigned only_reasons; /* 1 << pki_reason.flag; 0: all reasons */
    int partitions;        /* by serial number (rules/crl_partition.h); 0: none (R54) */
    struct pki_texts distribution_uris; /* in the IDP; "{partition}" stands for the number */
    struct pki_texts freshest_uris;     /* where the delta CRL is */
    struct pki_texts ca_issuers_uris;   /* where the issuer's certificate is */
    int64_t expired_certs_from;         /* expiredCertsOnCRL (R57); 0: none */
};

/* Whether such a CRL has a critical issuingDistributionPoint. */
bool pki_crl_has_scope(const struct pki_crl_profile *profile);

/* Reasons of a revocation (RFC 5280 5.3.1): the code of an entry, the flag of a scope. */
struct pki_reason {
    const char *name; /* "keyCompromise" */
    int code;
    int flag;          /* bit of ReasonFlags; -1: not a scope */
    bool delta_only;   /* removeFromCRL */
    bool private_only; /* certificateHold (R56) */
};
const struct pki_reason *pki_reason_by_code(int code); /* NULL: there is none */
const struct pki_reason *pki_reason_by_name(const char *name);

struct pki_profile {
    char *id;      /* "root-private" */
    char *version; /* "1.0.0" */
    char *title;
    char *policy; /* the CP/CPS clause it implements; mandatory (R8) */
    enum pki_profile_kind kind;
    enum pki_trust trust;
    enum pki_role role;
    char *digest; /* "", or "sha256", "sha384", "sha512" for RSA; EC keys fix it (R49) */
    bool pss;     /* RSASSA-PSS with MGF1 and a salt of that digest, for RSA */
    struct pki_certificate_profile certificate;
    struct pki_crl_profile crl;
    struct pki_waiver *waivers;
    size_t waiver_count;
    char sha256[65]; /* of the file's bytes */
};

void pki_profile_free(struct pki_profile *profile);
DEFINE_AUTO(pki_profile, pki_profile_free);
