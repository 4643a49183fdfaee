/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of lint_rows.h on roles (REQUIREMENTS section 5): ROLE_LINT(id, source, severity, roles,
 * needs, argument, check, text) is a row for certificates whose profile has one of these roles. */
/* clang-format off */

#define ROLES_TLS_CA   (ROLE(TLS_CA) | ROLE(CONSTRAINED_TLS_CA))
#define ROLES_CODE_CA  (ROLE(CODE_SIGNING_CA) | ROLE(TIMESTAMPING_CA))
#define ROLES_SUB_CA   (ROLES_TLS_CA | ROLE(CONSTRAINED_CA) | ROLES_CODE_CA | ROLE(DEVICE_CA))
#define ROLES_CA       (ROLE(ROOT) | ROLE(CROSS) | ROLE(SUB_CA) | ROLES_SUB_CA)
#define ROLES_CODE     (ROLE(CODE_SIGNING) | ROLE(TIMESTAMPING))
#define ROLES_DEVICE   (ROLE(IDEVID) | ROLE(LDEVID))
#define ROLES_CLIENT   (ROLE(TLS_CLIENT) | ROLE(SIGN_OFF))
#define ROLES_SIGNER   (ROLES_CODE | ROLES_CLIENT | ROLE(OCSP_RESPONDER))
#define ROLES_END      (ROLES_SIGNER | ROLES_DEVICE | ROLE(TLS_SERVER) | ROLE(CRL_SIGNER) | ROLE(RECIPIENT))
#define ROLES_PRIVATE  (ROLES_DEVICE | ROLE(DEVICE_CA) | ROLE(CRL_SIGNER) | ROLE(SIGN_OFF) | ROLE(RECIPIENT))

ROLE_LINT("role-private-only", "REQUIREMENTS 5, P6b, P8, P10, P11", PKI_FAULT, ROLES_PRIVATE, NEEDS_PUBLIC, 0, role_never,
     "a device, its CA, an indirect CRL signer, a sign-off and a recipient of secrets are no matter of public trust")

/* CAs: P1 to P5 */
ROLE_LINT("sub-ca-narrow", "BR 7.1.2.6; R39", PKI_FAULT, ROLE(SUB_CA), NEEDS_PUBLIC, 0, role_never,
     "a subordinate CA of public trust has a narrower role")
ROLE_LINT("ca-constraints", "BR 7.1.2.10.4; R37 - R40", PKI_FAULT, ROLES_CA, 0, 0, role_is_ca,
     "a CA has a critical basicConstraints that says so")
ROLE_LINT("ca-usage", "BR 7.1.2.10.7; R37 - R40", PKI_FAULT, ROLES_CA, 0, PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN, role_usage_has,
     "a CA has a keyUsage with keyCertSign and cRLSign")
ROLE_LINT("ca-usage-other", "BR 7.1.2.10.7; R37 - R40", PKI_FAULT, ROLES_CA, 0, PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN | PKI_KU_DIGITAL_SIGNATURE, role_usage_only,
     "a CA's key signs certificates and CRLs, and may sign OCSP responses, nothing else")
ROLE_LINT("ca-key-id", "RFC 5280 4.2.1.2; R50", PKI_FAULT, ROLES_CA, 0, OID_SUBJECT_KEY_IDENTIFIER, role_has,
     "a CA has a subject key identifier")
ROLE_LINT("ca-authority-key", "RFC 5280 4.2.1.1; R50", PKI_FAULT, ROLES_CA & ~ROLE(ROOT), 0, OID_AUTHORITY_KEY_IDENTIFIER, role_has,
     "a CA below another has an authority key identifier")
ROLE_LINT("ca-organizational-unit", "BR 7.1.2.10.2; R37, R39, R40", PKI_FAULT, ROLE(ROOT) | ROLES_TLS_CA | ROLE(CONSTRAINED_CA), 0, OID_OU, role_lacks_attribute,
     "a root or a subordinate CA has no organizational unit")
ROLE_LINT("root-country", "BR 7.1.2.10.2; R37", PKI_FAULT, ROLE(ROOT), 0, OID_C, role_has_attribute,
     "a root names its country")
ROLE_LINT("root-organization", "BR 7.1.2.10.2; R37", PKI_FAULT, ROLE(ROOT), 0, OID_O, role_has_attribute,
     "a root names its organization")
ROLE_LINT("root-common-name", "BR 7.1.2.10.2; R37", PKI_FAULT, ROLE(ROOT), 0, OID_CN, role_has_attribute,
     "a root has a common name")
ROLE_LINT("root-issuer", "BR 7.1.2.1; R37", PKI_FAULT, ROLE(ROOT), 0, 0, role_self_issued,
     "a root's issuer is its subject, byte for byte")
ROLE_LINT("root-purpose", "BR 7.1.2.1.2; R37", PKI_FAULT, ROLE(ROOT), 0, OID_EXT_KEY_USAGE, role_lacks,
     "a root has no extended key usage")
ROLE_LINT("root-authority-key", "BR 7.1.2.1.3; R37", PKI_WARNING, ROLE(ROOT), NEEDS_PRIVATE, OID_AUTHORITY_KEY_IDENTIFIER, role_has,
     "a root has an authority key identifier, its own")
ROLE_LINT("root-unwanted", "BR 7.1.2.1.2; R37", PKI_NOTE, ROLE(ROOT), NEEDS_PRIVATE, 0, br_root_unwanted,
     "a root has no path length, policies, CRL points or authority information")
ROLE_LINT("cross-policies", "BR 7.1.2.2.3; R38", PKI_FAULT, ROLE(CROSS), 0, OID_CERTIFICATE_POLICIES, role_has,
     "a cross-certificate has policies")
ROLE_LINT("cross-crl-points", "BR 7.1.2.2.3; R38", PKI_FAULT, ROLE(CROSS), 0, OID_CRL_DISTRIBUTION_POINTS, role_has,
     "a cross-certificate says where its CRL is")
ROLE_LINT("cross-purpose", "BR 7.1.2.2.4; R38", PKI_WARNING, ROLE(CROSS), NEEDS_PUBLIC, OID_EXT_KEY_USAGE, role_has,
     "a cross-certificate has extended key usages")
ROLE_LINT("sub-ca-policies", "BR 7.1.2.6, CSBR 7.1.2.2; R39, R40, R44", PKI_FAULT, ROLES_SUB_CA & ~ROLE(DEVICE_CA), 0, OID_CERTIFICATE_POLICIES, role_has,
     "a subordinate CA has policies")
ROLE_LINT("sub-ca-crl-points", "BR 7.1.2.6, CSBR 7.1.2.2; R39, R40, R44", PKI_FAULT, ROLES_SUB_CA & ~ROLE(DEVICE_CA), 0, OID_CRL_DISTRIBUTION_POINTS, role_has,
     "a subordinate CA's certificate says where its CRL is")
ROLE_LINT("sub-ca-crl-address", "BR 7.1.2.11.2; R39", PKI_FAULT, ROLES_SUB_CA | ROLE(CROSS), 0, OID_CRL_DISTRIBUTION_POINTS, role_http,
     "the addresses of its CRL are http")
ROLE_LINT("sub-ca-issuer-address", "BR 7.1.2.6; R39", PKI_WARNING, ROLES_TLS_CA | ROLE(CONSTRAINED_CA), 0, OID_CA_ISSUERS, role_access,
     "a subordinate CA's certificate says where its issuer's is")
ROLE_LINT("sub-ca-path-length", "REQUIREMENTS 5, P3; R39", PKI_WARNING, ROLES_SUB_CA, 0, 0, role_path_length,
     "a subordinate CA has a path length")
ROLE_LINT("tls-ca-purpose", "BR 7.1.2.10.6; R39, R40", PKI_FAULT, ROLES_TLS_CA, 0, OID_SERVER_AUTH, role_purpose,
     "a CA for TLS has the extended usage serverAuth")
ROLE_LINT("tls-ca-purpose-code", "BR 7.1.2.10.6; R39, R40", PKI_FAULT, ROLES_TLS_CA, 0, OID_CODE_SIGNING, role_purpose_not,
     "a CA for TLS is not for code signing")
ROLE_LINT("tls-ca-purpose-mail", "BR 7.1.2.10.6; R39, R40", PKI_FAULT, ROLES_TLS_CA, 0, OID_EMAIL_PROTECTION, role_purpose_not,
     "a CA for TLS is not for e-mail")
ROLE_LINT("tls-ca-purpose-time", "BR 7.1.2.10.6; R39, R40", PKI_FAULT, ROLES_TLS_CA, 0, OID_TIME_STAMPING, role_purpose_not,
     "a CA for TLS is not for timestamps")
ROLE_LINT("tls-ca-purpose-ocsp", "BR 7.1.2.10.6; R39, R40", PKI_FAULT, ROLES_TLS_CA, 0, OID_OCSP_SIGNING, role_purpose_not,
     "a CA for TLS is not for OCSP responses")
ROLE_LINT("ca-purpose-any", "BR 7.1.2.10.6, CSBR 7.1.2.2; R39, R40, R44", PKI_FAULT, ROLES_SUB_CA, 0, OID_ANY_EXTENDED_KEY_USAGE, role_purpose_not,
     "a subordinate CA does not have anyExtendedKeyUsage")
ROLE_LINT("constrained-names", "BR 7.1.2.5; R40", PKI_FAULT, ROLE(CONSTRAINED_TLS_CA), 0, OID_NAME_CONSTRAINTS, role_has,
     "a constrained CA for TLS has name constraints")
ROLE_LINT("constrained-dns", "BR 7.1.2.5.2; R40", PKI_FAULT, ROLE(CONSTRAINED_TLS_CA), 0, 0, role_limits_dns,
     "domain names are permitted by name, or all are excluded")
ROLE_LINT("constrained-ip4", "BR 7.1.2.5.2; R40", PKI_FAULT, ROLE(CONSTRAINED_TLS_CA), 0, 4, role_limits_ip,
     "IPv4 addresses are permitted by range, or all are excluded by eight zero octets")
ROLE_LINT("constrained-ip6", "BR 7.1.2.5.2; R40", PKI_FAULT, ROLE(CONSTRAINED_TLS_CA), 0, 16, role_limits_ip,
     "IPv6 addresses are permitted by range, or all are excluded by 32 zero octets")
ROLE_LINT("constrained-directory", "BR 7.1.2.5.2; R40", PKI_FAULT, ROLE(CONSTRAINED_TLS_CA), 0, 0, role_limits_directory,
     "the subject's directory names are permitted by name")
ROLE_LINT("constrained-purpose", "BR 7.1.2.3; R40", PKI_FAULT, ROLE(CONSTRAINED_CA), 0, OID_EXT_KEY_USAGE, role_has,
     "a constrained CA that is not for TLS has extended key usages")
ROLE_LINT("constrained-purpose-tls", "BR 7.1.2.3; R40", PKI_FAULT, ROLE(CONSTRAINED_CA), 0, OID_SERVER_AUTH, role_purpose_not,
     "a constrained CA that is not for TLS is not for servers")
ROLE_LINT("code-signing-ca-purpose", "CSBR 7.1.2.2; R44", PKI_FAULT, ROLE(CODE_SIGNING_CA), 0, OID_CODE_SIGNING, role_purpose_only,
     "a CA for code signing has the extended usage codeSigning and no other")
ROLE_LINT("timestamping-ca-purpose", "CSBR 7.1.2.2; R44", PKI_FAULT, ROLE(TIMESTAMPING_CA), 0, OID_TIME_STAMPING, role_purpose_only,
     "a CA for timestamps has the extended usage timeStamping and no other")
ROLE_LINT("code-ca-issuer-address", "CSBR 7.1.2.2; R44", PKI_FAULT, ROLES_CODE_CA, 0, OID_CA_ISSUERS, role_access,
     "a CA for code signing or timestamps says where its issuer's certificate is")
ROLE_LINT("code-ca-purpose-critical", "CSBR 7.1.2.2; R44", PKI_FAULT, ROLES_CODE_CA, 0, OID_EXT_KEY_USAGE, must_not_be_critical,
     "the extended usage of a CA for code signing or timestamps is not critical")

/* End entities: P6 to P11 */
ROLE_LINT("end-not-ca", "BR 7.1.2.7, 7.1.2.8; R41 - R46", PKI_FAULT, ROLES_END, 0, 0, role_not_ca,
     "the certificate is not a CA's")
ROLE_LINT("end-authority-key", "RFC 5280 4.2.1.1; R41 - R46", PKI_FAULT, ROLES_END, 0, OID_AUTHORITY_KEY_IDENTIFIER, role_has,
     "the certificate names its issuer's key")
ROLE_LINT("signer-usage", "BR 7.1.2.8.8, CSBR 7.1.2.3; R41, R43, R44", PKI_FAULT, ROLES_SIGNER, 0, PKI_KU_DIGITAL_SIGNATURE, role_usage_has,
     "the key usage is digitalSignature")
ROLE_LINT("signer-usage-other", "BR 7.1.2.8.8, CSBR 7.1.2.3; R41, R43, R44", PKI_FAULT, ROLES_SIGNER, 0, PKI_KU_DIGITAL_SIGNATURE | PKI_KU_NON_REPUDIATION, role_usage_only,
     "the key signs and does nothing else")
ROLE_LINT("ocsp-purpose", "BR 7.1.2.8.6; R41, R61", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, OID_OCSP_SIGNING, role_purpose_only,
     "an OCSP responder has the extended usage OCSPSigning and no other")
ROLE_LINT("ocsp-usage-other", "BR 7.1.2.8.8; R61", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, PKI_KU_DIGITAL_SIGNATURE, role_usage_only,
     "an OCSP responder's key usage is digitalSignature alone")
ROLE_LINT("ocsp-no-check", "BR 7.1.2.8.5; R41, R61", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, OID_OCSP_NO_CHECK, role_has,
     "an OCSP responder has ocspNoCheck")
ROLE_LINT("ocsp-crl-points", "BR 7.1.2.8.2; R41", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, OID_CRL_DISTRIBUTION_POINTS, role_lacks,
     "an OCSP responder has no CRL points")
ROLE_LINT("ocsp-alt-names", "BR 7.1.2.8.2; R41", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, OID_SUBJECT_ALT_NAME, role_lacks,
     "an OCSP responder has no alternative names")
ROLE_LINT("ocsp-name-constraints", "BR 7.1.2.8.2; R41", PKI_FAULT, ROLE(OCSP_RESPONDER), 0, OID_NAME_CONSTRAINTS, role_lacks,
     "an OCSP responder has no name constraints")
ROLE_LINT("crl-signer-usage", "RFC 10007; R41", PKI_FAULT, ROLE(CRL_SIGNER), 0, PKI_KU_CRL_SIGN, role_usage_has,
     "a CRL signer's key usage is cRLSign")
ROLE_LINT("crl-signer-usage-other", "R41", PKI_FAULT, ROLE(CRL_SIGNER), 0, PKI_KU_CRL_SIGN, role_usage_only,
     "a CRL signer's key signs CRLs and does nothing else")
ROLE_LINT("crl-signer-key-id", "RFC 5280 4.2.1.2; R41, R50", PKI_FAULT, ROLE(CRL_SIGNER), 0, OID_SUBJECT_KEY_IDENTIFIER, role_has,
     "a CRL signer has a subject key identifier, which its CRLs name")
ROLE_LINT("recipient-usage", "RFC 5280 4.2.1.3; R27", PKI_FAULT, ROLE(RECIPIENT), 0, PKI_KU_KEY_ENCIPHERMENT, role_usage_has,
     "a recipient's key usage is keyEncipherment")
ROLE_LINT("recipient-usage-other", "RFC 5280 4.2.1.3; R27", PKI_FAULT, ROLE(RECIPIENT), 0, PKI_KU_KEY_ENCIPHERMENT, role_usage_only,
     "a recipient's key decrypts what others encrypted to it and does nothing else")
ROLE_LINT("tls-server-names", "BR 7.1.2.7.12; R42", PKI_FAULT, ROLE(TLS_SERVER), 0, 0, role_server_names,
     "a TLS server's alternative names are domain names and addresses, one or more")
ROLE_LINT("tls-server-purpose", "BR 7.1.2.7.10; R42", PKI_FAULT, ROLE(TLS_SERVER), 0, OID_SERVER_AUTH, role_purpose,
     "a TLS server has the extended usage serverAuth")
ROLE_LINT("end-purpose-any", "BR 7.1.2.7.10, CSBR 7.1.2.3; R42 - R46", PKI_FAULT, ROLES_END, 0, OID_ANY_EXTENDED_KEY_USAGE, role_purpose_not,
     "an end entity does not have anyExtendedKeyUsage")
ROLE_LINT("tls-server-usage", "BR 7.1.2.7.11; R42", PKI_FAULT, ROLE(TLS_SERVER), 0, 0, role_server_usage,
     "a TLS server's key usage is critical and has digitalSignature, keyEncipherment with RSA alone")
ROLE_LINT("tls-server-policy", "BR 7.1.2.7.9, 7.1.6.1; R42", PKI_FAULT, ROLE(TLS_SERVER), NEEDS_PUBLIC, 0, role_reserved_policy,
     "a TLS server of public trust has one of the reserved policies, and one only")
ROLE_LINT("tls-server-access", "BR 7.1.2.7.7; R42", PKI_FAULT, ROLE(TLS_SERVER), NEEDS_PUBLIC, OID_CA_ISSUERS, role_access,
     "a TLS server's certificate of public trust says where its issuer's is")
ROLE_LINT("tls-server-revocation", "BR 7.1.2.11.2; R42", PKI_FAULT, ROLE(TLS_SERVER), NEEDS_PUBLIC, 0, role_revocation_known,
     "there are CRL points, unless OCSP is named or the certificate lives seven days at most")
ROLE_LINT("tls-server-validity", "BR 6.3.2; R42", PKI_FAULT, ROLE(TLS_SERVER), NEEDS_PUBLIC, 0, role_server_validity,
     "a TLS server's certificate of public trust lives 398 days at most, 200 from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15; a second more is a day")
ROLE_LINT("tls-client-purpose", "RFC 5280 4.2.1.12; R43", PKI_FAULT, ROLE(TLS_CLIENT), 0, OID_CLIENT_AUTH, role_purpose,
     "a TLS client has the extended usage clientAuth")
ROLE_LINT("sign-off-purpose", "REQUIREMENTS 5, P8; R43", PKI_FAULT, ROLE(SIGN_OFF), 0, OID_EXT_KEY_USAGE, role_has,
     "a certificate for signing off has an extended usage")
ROLE_LINT("client-purpose-server", "REQUIREMENTS 5, P8; R43", PKI_FAULT, ROLES_CLIENT, 0, OID_SERVER_AUTH, role_purpose_not,
     "a client or somebody who signs off is no server")
ROLE_LINT("code-signing-purpose", "CSBR 7.1.2.3; R44", PKI_FAULT, ROLE(CODE_SIGNING), 0, OID_CODE_SIGNING, role_purpose,
     "a certificate for code signing has the extended usage codeSigning")
ROLE_LINT("timestamping-purpose", "RFC 3161 2.3, CSBR 7.1.2.3; R44", PKI_FAULT, ROLE(TIMESTAMPING), 0, OID_TIME_STAMPING, role_purpose_only,
     "a certificate for timestamps has the extended usage timeStamping and no other")
ROLE_LINT("timestamping-critical", "RFC 3161 2.3; R44", PKI_FAULT, ROLE(TIMESTAMPING), 0, OID_EXT_KEY_USAGE, must_be_critical,
     "the extended usage timeStamping is critical")
ROLE_LINT("code-purpose-server", "CSBR 7.1.2.3; R44", PKI_FAULT, ROLES_CODE, 0, OID_SERVER_AUTH, role_purpose_not,
     "a certificate for code signing or timestamps is no server's")
ROLE_LINT("code-policies", "CSBR 7.1.2.3; R44", PKI_FAULT, ROLES_CODE, 0, OID_CERTIFICATE_POLICIES, role_has,
     "a certificate for code signing or timestamps has policies")
ROLE_LINT("code-crl-points", "CSBR 7.1.2.3; R44", PKI_FAULT, ROLES_CODE, 0, OID_CRL_DISTRIBUTION_POINTS, role_has,
     "a certificate for code signing or timestamps says where its CRL is")
ROLE_LINT("code-issuer-address", "CSBR 7.1.2.3; R44", PKI_FAULT, ROLES_CODE, 0, OID_CA_ISSUERS, role_access,
     "a certificate for code signing or timestamps says where its issuer's is")
ROLE_LINT("device-usage", "IEEE 802.1AR 8.10; R45, R46", PKI_FAULT, ROLES_DEVICE, 0, PKI_KU_DIGITAL_SIGNATURE, role_usage_has,
     "a device's key usage has digitalSignature")
ROLE_LINT("device-usage-other", "IEEE 802.1AR 8.10; RFC 8813; R45, R46", PKI_FAULT, ROLES_DEVICE, 0, PKI_KU_DIGITAL_SIGNATURE | PKI_KU_KEY_ENCIPHERMENT, role_usage_only,
     "a device's key usage has nothing but digitalSignature, and keyEncipherment with RSA")
ROLE_LINT("device-revocation", "REQUIREMENTS 5, P10; R45, R60", PKI_WARNING, ROLE(IDEVID), 0, 0, role_revocation_said,
     "a device's certificate says where revocation is published, or noRevAvail")
ROLE_LINT("idevid-name", "IEEE 802.1AR 8.6; R45", PKI_FAULT, ROLE(IDEVID), 0, 0, role_device_name,
     "a device's subject has a serialNumber and an organization, or is empty beside a hardware module name")
ROLE_LINT("idevid-purpose", "IEEE 802.1AR 8; R45", PKI_WARNING, ROLE(IDEVID), 0, OID_EXT_KEY_USAGE, role_lacks,
     "a device's first identity has no extended key usage")
ROLE_LINT("idevid-key-id", "REQUIREMENTS 5, P10; R45", PKI_NOTE, ROLE(IDEVID), 0, OID_SUBJECT_KEY_IDENTIFIER, role_lacks,
     "a device's certificate saves the octets of a subject key identifier")
ROLE_LINT("ldevid-finite", "IEEE 802.1AR; R46", PKI_FAULT, ROLE(LDEVID), 0, 0, role_finite,
     "a device's local identity has an end")
ROLE_LINT("ldevid-purpose", "REQUIREMENTS 5, P11; R46", PKI_WARNING, ROLE(LDEVID), 0, OID_CLIENT_AUTH, role_purpose,
     "a device's local identity for TLS has the extended usage clientAuth")

/* clang-format on */
