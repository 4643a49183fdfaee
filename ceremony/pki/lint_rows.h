/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of lints: LINT(id, source, severity, kinds, needs, argument, check, text). Included with
 * different meanings of LINT, hence no include guard. A rule is a row here and a function
 * lint_CHECK; several rows may share a check and differ in the argument. Where a standard says
 * SHOULD for a CA, it is a fault here if a CA of ours can always keep it. */
/* clang-format off */

/* Encoding */
#ifndef ROLE_LINT
#define ROLE_LINT(id, source, severity, roles, needs, argument, check, text)                   \
    LINT(id, source, severity, KIND_CERTIFICATE, needs, argument, check, text)
#define ROLE_LINT_IS_OURS
#endif

LINT("structure", "RFC 5280 4.1, 5.1; RFC 2986 4", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, structure,
     "the object has the parts of a certificate, CRL or request, and nothing after them")
LINT("der", "X.690 10, 11", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, der,
     "every element is DER: minimal lengths and integers, valid contents, sorted sets")
LINT("extensions-list", "RFC 5280 4.2", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, extensions_list,
     "the list of extensions can be read and is not empty")
LINT("extension-der", "RFC 5280 4.2", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, extension_der,
     "the value of every known extension is one DER element")
LINT("extension-duplicate", "RFC 5280 4.2", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, extension_duplicate,
     "no extension stands twice")
LINT("extension-default-encoded", "X.690 11.5", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, extension_default_encoded,
     "\"critical\" is encoded only where it is true")
LINT("extension-unknown-critical", "RFC 5280 4.2, 5.2", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, extension_unknown_critical,
     "no critical extension is unknown")
LINT("extension-misplaced", "RFC 5280 4.2, 5.2", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, extension_misplaced,
     "extensions of CRLs stand in CRLs and those of certificates in certificates")

/* Version, serial number, unique identifiers */
LINT("version", "RFC 5280 4.1.2.1, 5.1.2.1", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, version,
     "the version exists")
LINT("version-default-encoded", "X.690 11.5", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, version_default_encoded,
     "version 1, the default, is not encoded")
LINT("version-extensions", "RFC 5280 4.1.2.9, 5.1.2.1", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, version_extensions,
     "extensions stand only in version 3 certificates and version 2 CRLs")
LINT("version-old", "RFC 5280 4.1.2.1", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, version_old,
     "a certificate is of version 3")
LINT("unique-id-version", "RFC 5280 4.1.2.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, unique_id_version,
     "unique identifiers stand in version 2, or in version 3 with extensions")
LINT("unique-id-der", "RFC 5280 4.1.2.8", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, unique_id_der,
     "a unique identifier is an implicitly tagged bit string")
LINT("unique-id", "RFC 5280 4.1.2.8", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, unique_id,
     "unique identifiers are not used")
LINT("serial-positive", "RFC 5280 4.1.2.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, serial_positive,
     "the serial number is positive")
LINT("serial-length", "RFC 5280 4.1.2.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, serial_length,
     "the serial number has at most 20 octets")

/* Algorithms and signature */
LINT("algorithm-mismatch", "RFC 5280 4.1.1.2, 5.1.1.2", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, algorithm_mismatch,
     "the signature algorithm is the same inside and outside the signed bytes")
LINT("algorithm-encoding", "RFC 5758 3.2, RFC 4055, RFC 8410 3; BR 7.1.3.2", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, algorithm_encoding,
     "the signature algorithm is encoded byte for byte as listed")
LINT("algorithm-unknown", "BR 7.1.3.2", PKI_WARNING, KIND_ANY, NEEDS_NOTHING, 0, algorithm_unknown,
     "the signature algorithm is one of those listed")
LINT("algorithm-weak", "BR 7.1.3.2; RFC 6194, RFC 6151", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, algorithm_weak,
     "the signature does not rest on MD5 or SHA-1")
LINT("signature", "RFC 5280 4.1.1.3, 6.1.3; R32", PKI_FAULT, KIND_SIGNED, NEEDS_ISSUER | NEEDS_SIGNATURE, 0, signature,
     "the issuer's key verifies the signature")
LINT("request-signature", "RFC 2986 4.2", PKI_FAULT, KIND_REQUEST, NEEDS_SIGNATURE, 0, request_signature,
     "the requested key verifies the signature")

/* Names */
LINT("name-structure", "RFC 5280 4.1.2.4", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_structure,
     "subject and issuer are sequences of non-empty sets of attributes")
LINT("name-string", "X.680 41; RFC 5280 4.1.2.4", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_string,
     "every character of a name belongs to its string type")
LINT("name-string-type", "RFC 5280 4.1.2.4", PKI_WARNING, KIND_ANY, NEEDS_NOTHING, 0, name_string_type,
     "names use PrintableString or UTF8String (IA5String for DC and e-mail)")
LINT("name-empty-value", "RFC 5280 A.1", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_empty_value,
     "no attribute of a name is empty")
LINT("name-length", "RFC 5280 A.1", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_length,
     "no attribute of a name is longer than its upper bound")
LINT("name-printable", "RFC 5280 A.1; R48", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_printable,
     "country, serialNumber and dnQualifier are PrintableStrings; a country has two letters")
LINT("name-controls", "RFC 5280 4.1.2.4; T14", PKI_FAULT, KIND_ANY, NEEDS_NOTHING, 0, name_controls,
     "no name holds control characters")
LINT("name-multiple", "BR 7.1.4.1; R48", PKI_WARNING, KIND_ANY, NEEDS_NOTHING, 0, name_multiple,
     "each relative distinguished name has one attribute")
LINT("issuer-empty", "RFC 5280 4.1.2.4, 5.1.2.3", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, issuer_empty,
     "the issuer is named")
LINT("issuer-mismatch", "RFC 5280 6.1.3 (a)(4), 6.3.3", PKI_FAULT, KIND_SIGNED, NEEDS_ISSUER, 0, issuer_mismatch,
     "the issuer's name is the subject of the issuer's certificate")
LINT("issuer-bytes", "BR 7.1.4.1; R48", PKI_WARNING, KIND_SIGNED, NEEDS_ISSUER, 0, issuer_bytes,
     "the issuer's name is the very bytes of that subject")
LINT("issuer-usage", "RFC 5280 6.1.4 (k)(n), 6.3.3 (f)", PKI_FAULT, KIND_SIGNED, NEEDS_ISSUER, 0, issuer_usage,
     "the issuer's certificate allows the signature")
LINT("issuer-constraints", "RFC 5280 6.1.3 (b)(c)", PKI_FAULT, KIND_CERTIFICATE, NEEDS_ISSUER, 0, issuer_constraints,
     "the issuer's name constraints allow the subject and its alternative names")
LINT("subject-empty", "RFC 5280 4.1.2.6", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, subject_empty,
     "a CA has a subject; another subject may be empty only with alternative names")

/* Validity */
LINT("time-encoding", "RFC 5280 4.1.2.5, 5.1.2.4", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, time_encoding,
     "dates are in UTC with seconds and without fractions")
LINT("time-form", "RFC 5280 4.1.2.5, 5.1.2.4; R51", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, time_form,
     "dates are UTCTime through 2049 and GeneralizedTime from 2050")
LINT("validity-order", "RFC 5280 4.1.2.5, 5.1.2.5", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, validity_order,
     "the end lies after the beginning")
LINT("validity-outlives-issuer", "RFC 5280 6.1.3 (a)(2); R51", PKI_WARNING, KIND_SIGNED, NEEDS_ISSUER, 0, validity_outlives_issuer,
     "the object does not outlive its issuer, unless its profile says why")

/* Keys */
LINT("key-encoding", "RFC 3279 2.3.1, RFC 5480 2, RFC 8410 4", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_encoding,
     "the public key is strict DER and can be read")
LINT("key-parameters", "RFC 3279 2.3.1, RFC 5480 2.1; BR 7.1.3.1", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_parameters,
     "the key's algorithm is encoded byte for byte as listed: RSA with NULL, a named curve, Ed25519 without parameters")
LINT("key-curve", "RFC 5480 2.1.1.1; BR 6.1.5", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_curve,
     "an EC key is on P-256, P-384 or P-521")
LINT("key-point", "RFC 5480 2.2; BR 6.1.6", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_point,
     "an EC point lies on its curve and is neither hybrid nor infinity")
LINT("key-point-compressed", "RFC 5480 2.2", PKI_WARNING, KIND_KEYED, NEEDS_NOTHING, 0, key_point_compressed,
     "an EC point is not compressed")
LINT("key-rsa-size", "BR 6.1.5", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_rsa_size,
     "an RSA modulus has 2048 to 8192 bits, a multiple of 8, and is odd")
LINT("key-rsa-exponent", "BR 6.1.6", PKI_FAULT, KIND_KEYED, NEEDS_NOTHING, 0, key_rsa_exponent,
     "an RSA exponent is odd and at least 65537")
LINT("key-unknown", "BR 6.1.5", PKI_WARNING, KIND_KEYED, NEEDS_NOTHING, 0, key_unknown,
     "the key is RSA, EC or Ed25519")

/* Criticality */
LINT("basic-constraints-critical", "RFC 5280 4.2.1.9", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, basic_constraints_critical,
     "basicConstraints is critical in a CA certificate with a key that signs certificates")
LINT("key-usage-critical", "RFC 5280 4.2.1.3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_KEY_USAGE, must_be_critical,
     "keyUsage is critical")
LINT("name-constraints-critical", "RFC 5280 4.2.1.10", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_NAME_CONSTRAINTS, must_be_critical,
     "nameConstraints is critical")
LINT("policy-mappings-critical", "RFC 5280 4.2.1.5", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_POLICY_MAPPINGS, must_be_critical,
     "policyMappings is critical")
LINT("policy-constraints-critical", "RFC 5280 4.2.1.11", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_POLICY_CONSTRAINTS, must_be_critical,
     "policyConstraints is critical")
LINT("inhibit-any-policy-critical", "RFC 5280 4.2.1.14", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_INHIBIT_ANY_POLICY, must_be_critical,
     "inhibitAnyPolicy is critical")
LINT("authority-key-critical", "RFC 5280 4.2.1.1", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_AUTHORITY_KEY_IDENTIFIER, must_not_be_critical,
     "authorityKeyIdentifier is not critical")
LINT("subject-key-critical", "RFC 5280 4.2.1.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_SUBJECT_KEY_IDENTIFIER, must_not_be_critical,
     "subjectKeyIdentifier is not critical")
LINT("issuer-alt-name-critical", "RFC 5280 4.2.1.7", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_ISSUER_ALT_NAME, must_not_be_critical,
     "issuerAltName is not critical")
LINT("directory-attributes-critical", "RFC 5280 4.2.1.8", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_SUBJECT_DIRECTORY_ATTRIBUTES, must_not_be_critical,
     "subjectDirectoryAttributes is not critical")
LINT("crl-points-critical", "RFC 5280 4.2.1.13", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_CRL_DISTRIBUTION_POINTS, must_not_be_critical,
     "cRLDistributionPoints is not critical")
LINT("freshest-crl-critical", "RFC 5280 4.2.1.15, 5.2.6", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_FRESHEST_CRL, must_not_be_critical,
     "freshestCRL is not critical")
LINT("authority-info-critical", "RFC 5280 4.2.2.1, 5.2.7", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_AUTHORITY_INFO_ACCESS, must_not_be_critical,
     "authorityInfoAccess is not critical")
LINT("subject-info-critical", "RFC 5280 4.2.2.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_SUBJECT_INFO_ACCESS, must_not_be_critical,
     "subjectInfoAccess is not critical")
LINT("crl-number-critical", "RFC 5280 5.2.3", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_CRL_NUMBER, must_not_be_critical,
     "cRLNumber is not critical")
LINT("expired-certs-critical", "X.509 9.5.2.8", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_EXPIRED_CERTS_ON_CRL, must_not_be_critical,
     "expiredCertsOnCRL is not critical")
LINT("issuing-point-critical", "RFC 5280 5.2.5", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_ISSUING_DISTRIBUTION_POINT, must_be_critical,
     "issuingDistributionPoint is critical")
LINT("delta-critical", "RFC 5280 5.2.4", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_DELTA_CRL_INDICATOR, must_be_critical,
     "deltaCRLIndicator is critical")

/* Constraints and usages */
LINT("basic-constraints-encoding", "RFC 5280 4.2.1.9", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, basic_constraints_encoding,
     "basicConstraints has its form; the path length is not negative")
LINT("path-length-not-ca", "RFC 5280 4.2.1.9", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, path_length_not_ca,
     "only a CA has a path length")
LINT("path-length-no-sign", "RFC 5280 4.2.1.9", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, path_length_no_sign,
     "a path length stands only with the key usage keyCertSign")
LINT("key-usage-encoding", "RFC 5280 4.2.1.3; X.690 11.2.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_encoding,
     "keyUsage is a bit string without trailing zero bits")
LINT("key-usage-empty", "RFC 5280 4.2.1.3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_empty,
     "keyUsage names at least one usage")
LINT("key-usage-unknown", "RFC 5280 4.2.1.3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_unknown,
     "keyUsage names none of the bits that do not exist")
LINT("key-usage-sign-not-ca", "RFC 5280 4.2.1.3, 4.2.1.9", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_sign_not_ca,
     "keyCertSign stands only in a CA certificate")
LINT("key-usage-ca-missing", "RFC 5280 4.2.1.3", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_ca_missing,
     "a CA certificate has keyUsage with keyCertSign or cRLSign")
LINT("key-usage-only", "RFC 5280 4.2.1.3", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_only,
     "encipherOnly and decipherOnly stand only with keyAgreement")
LINT("key-usage-ec", "RFC 8813 3, RFC 8410 5", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, key_usage_ec,
     "an EC or Ed25519 key has no encipherment usage")
LINT("ext-key-usage-encoding", "RFC 5280 4.2.1.12", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_EXT_KEY_USAGE, list_of_oids,
     "extKeyUsage is one or more object identifiers")
LINT("ext-key-usage-any-critical", "RFC 5280 4.2.1.12", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, ext_key_usage_any_critical,
     "extKeyUsage with anyExtendedKeyUsage is not critical")

/* Key identifiers */
LINT("ext-key-usage-issuer", "Mozilla 5.3, BR 7.1.2.10.6", PKI_WARNING, KIND_CERTIFICATE, NEEDS_ISSUER, 0, ext_key_usage_issuer,
     "every extended usage is one of the issuer's, where that names any; OCSPSigning is an answer for it, not below it")
LINT("subject-key-encoding", "RFC 5280 4.2.1.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, subject_key_encoding,
     "subjectKeyIdentifier is a non-empty octet string")
LINT("subject-key-ca-missing", "RFC 5280 4.2.1.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, subject_key_ca_missing,
     "a CA certificate of version 3 has a subject key identifier")
LINT("authority-key-encoding", "RFC 5280 4.2.1.1", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, authority_key_encoding,
     "authorityKeyIdentifier has its form")
LINT("authority-key-missing", "RFC 5280 4.2.1.1, 5.2.1", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, authority_key_missing,
     "certificates of version 3 that are not self-issued, and CRLs of version 2, name their issuer's key identifier")
LINT("authority-key-pair", "RFC 5280 4.2.1.1 (A.2)", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, 0, authority_key_pair,
     "authorityCertIssuer and authorityCertSerialNumber stand together")
LINT("authority-key-mismatch", "RFC 5280 4.2.1.1", PKI_FAULT, KIND_SIGNED, NEEDS_ISSUER, 0, authority_key_mismatch,
     "the authority key identifier is the issuer's subject key identifier")
LINT("authority-key-issuer-mismatch", "RFC 5280 4.2.1.1; X.509 9.2.2.1", PKI_FAULT, KIND_SIGNED, NEEDS_ISSUER, 0, authority_key_issuer_mismatch,
     "authorityCertIssuer and serial number are those of the issuer's certificate")

/* Alternative names */
LINT("subject-alt-name-encoding", "RFC 5280 4.2.1.6", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_SUBJECT_ALT_NAME, general_names,
     "subjectAltName is one or more names of known form, none empty")
LINT("issuer-alt-name-encoding", "RFC 5280 4.2.1.7", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_ISSUER_ALT_NAME, general_names,
     "issuerAltName is one or more names of known form, none empty")
LINT("subject-alt-name-critical", "RFC 5280 4.2.1.6", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, subject_alt_name_critical,
     "subjectAltName is critical where the subject is empty")
LINT("subject-alt-name-noncritical", "RFC 5280 4.2.1.6", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, 0, subject_alt_name_noncritical,
     "subjectAltName is not critical where there is a subject")
LINT("common-name-domain", "RFC 6125 6.4.4, RFC 5280 4.2.1.6; BR 7.1.4.3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, common_name_domain,
     "a domain name as common name also stands in subjectAltName where there is one")
LINT("name-constraints-encoding", "RFC 5280 4.2.1.10", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, name_constraints_encoding,
     "nameConstraints has subtrees, none empty, without minimum and maximum; addresses have masks")
LINT("name-constraints-not-ca", "RFC 5280 4.2.1.10", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_NAME_CONSTRAINTS, only_in_ca,
     "nameConstraints stands only in CA certificates")

/* Policies */
LINT("policies-encoding", "RFC 5280 4.2.1.4", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policies_encoding,
     "certificatePolicies is one or more policies with their qualifiers")
LINT("policies-duplicate", "RFC 5280 4.2.1.4", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policies_duplicate,
     "no policy stands twice")
LINT("policies-any-qualifier", "RFC 5280 4.2.1.4", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policies_any_qualifier,
     "anyPolicy has only CPS and user notice qualifiers")
LINT("policies-notice-type", "RFC 5280 4.2.1.4; RFC 6818 3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policies_notice_type,
     "the text of a user notice is UTF8String or IA5String of at most 200 characters")
LINT("policies-notice-controls", "RFC 5280 4.2.1.4", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policies_notice_controls,
     "the text of a user notice has no control characters")
LINT("policy-mappings-encoding", "RFC 5280 4.2.1.5", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policy_mappings_encoding,
     "policyMappings is one or more pairs of policies")
LINT("policy-mappings-any", "RFC 5280 4.2.1.5", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policy_mappings_any,
     "anyPolicy is not mapped")
LINT("policy-mappings-unasserted", "RFC 5280 4.2.1.5", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policy_mappings_unasserted,
     "every mapped policy of the issuer is also asserted")
LINT("policy-constraints-encoding", "RFC 5280 4.2.1.11", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, policy_constraints_encoding,
     "policyConstraints is not empty and its numbers are not negative")
LINT("inhibit-any-policy-encoding", "RFC 5280 4.2.1.14", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, inhibit_any_policy_encoding,
     "inhibitAnyPolicy is a number that is not negative")
LINT("policy-constraints-not-ca", "RFC 5280 4.2.1.11", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, OID_POLICY_CONSTRAINTS, only_in_ca,
     "policyConstraints stands only in CA certificates")
LINT("inhibit-any-policy-not-ca", "RFC 5280 4.2.1.14", PKI_WARNING, KIND_CERTIFICATE, NEEDS_NOTHING, OID_INHIBIT_ANY_POLICY, only_in_ca,
     "inhibitAnyPolicy stands only in CA certificates")

/* Other extensions */
LINT("crl-points-encoding", "RFC 5280 4.2.1.13", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_CRL_DISTRIBUTION_POINTS, distribution_points,
     "cRLDistributionPoints is one or more points, each with a name or a CRL issuer")
LINT("freshest-crl-encoding", "RFC 5280 4.2.1.15, 5.2.6", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_FRESHEST_CRL, distribution_points,
     "freshestCRL is one or more points, each with a name or a CRL issuer")
LINT("authority-info-encoding", "RFC 5280 4.2.2.1", PKI_FAULT, KIND_SIGNED, NEEDS_NOTHING, OID_AUTHORITY_INFO_ACCESS, access_descriptions,
     "authorityInfoAccess is one or more pairs of method and place")
LINT("subject-info-encoding", "RFC 5280 4.2.2.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_SUBJECT_INFO_ACCESS, access_descriptions,
     "subjectInfoAccess is one or more pairs of method and place")
LINT("directory-attributes-encoding", "RFC 5280 4.2.1.8", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, directory_attributes_encoding,
     "subjectDirectoryAttributes is one or more attributes with values")
LINT("ocsp-no-check-null", "RFC 6960 4.2.2.2.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_OCSP_NO_CHECK, value_is_null,
     "ocspNoCheck is NULL")
LINT("no-rev-avail-null", "RFC 9608 2; R60", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, OID_NO_REV_AVAIL, value_is_null,
     "noRevAvail is NULL")
LINT("no-rev-avail-alone", "RFC 9608 2; R60", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, no_rev_avail_alone,
     "noRevAvail is not critical, not in a CA certificate, and not beside CRL points or OCSP")
LINT("ct-poison", "RFC 6962 3.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, ct_poison,
     "no precertificate poison stands in a certificate")
LINT("sct-list", "RFC 6962 3.3", PKI_FAULT, KIND_CERTIFICATE, NEEDS_NOTHING, 0, sct_list,
     "the list of signed certificate timestamps is an octet string of exact lengths")

/* CRLs */
LINT("crl-version", "RFC 5280 5.1.2.1; R52", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_version,
     "a CRL is of version 2")
LINT("crl-next-update-missing", "RFC 5280 5.1.2.5; R52", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_next_update_missing,
     "a CRL says when the next one comes")
LINT("crl-number-missing", "RFC 5280 5.2.3; R52", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_number_missing,
     "a CRL of version 2 has a number")
LINT("crl-number-range", "RFC 5280 5.2.3", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_CRL_NUMBER, crl_number_range,
     "the CRL number is not negative and has at most 20 octets")
LINT("crl-delta-base-range", "RFC 5280 5.2.4", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, OID_DELTA_CRL_INDICATOR, crl_number_range,
     "the base number of a delta CRL is not negative and has at most 20 octets")
LINT("crl-delta-base-later", "RFC 5280 5.2.4", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_delta_base_later,
     "the base of a delta CRL has a lower number than the delta CRL")
LINT("crl-delta-freshest", "RFC 5280 5.2.6", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_delta_freshest,
     "a delta CRL has no freshestCRL")
LINT("crl-revoked-empty", "RFC 5280 5.1.2.6", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, crl_revoked_empty,
     "the list of revoked certificates is absent where nothing is revoked")
LINT("crl-entry-structure", "RFC 5280 5.1.2.6, 5.3", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_structure,
     "every entry has its form, extensions only in version 2")
LINT("crl-entry-der", "X.690 10, 11", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_der,
     "every entry is DER")
LINT("crl-entry-serial", "RFC 5280 4.1.2.2, 5.1.2.6", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_serial,
     "every revoked serial number is positive and has at most 20 octets")
LINT("crl-entry-duplicate", "RFC 5280 5.1.2.6", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_duplicate,
     "no serial number follows itself")
LINT("crl-entry-date", "RFC 5280 5.1.2.6", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_date,
     "every revocation date is encoded as dates are")
LINT("crl-entry-date-later", "RFC 5280 5.1.2.6", PKI_WARNING, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_date_later,
     "no certificate is revoked later than the CRL is made")
LINT("crl-entry-unsorted", "REQUIREMENTS 5", PKI_NOTE, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_unsorted,
     "entries are sorted by serial number")
LINT("crl-entry-extension", "RFC 5280 5.3", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_entry_extension,
     "extensions of entries are DER, none twice, no unknown critical one, \"critical\" encoded only where true")
LINT("crl-reason-critical", "RFC 5280 5.3.1; R52", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_reason_critical,
     "reasonCode and invalidityDate are not critical")
LINT("crl-certificate-issuer", "RFC 5280 5.3.3; R55", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_certificate_issuer,
     "certificateIssuer is critical, and stands in indirect CRLs only")
LINT("crl-reason", "RFC 5280 5.3.1; R56", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_reason,
     "the reason exists: 0 to 6 and 8 to 10")
LINT("crl-reason-unspecified", "RFC 5280 5.3.1; R52", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_reason_unspecified,
     "\"unspecified\" is said by leaving the reason out")
LINT("crl-reason-remove", "RFC 5280 5.3.1; R55", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_reason_remove,
     "removeFromCRL stands only in delta CRLs")
LINT("crl-invalidity-date", "RFC 5280 5.3.2", PKI_FAULT, KIND_ENTRY, NEEDS_NOTHING, 0, crl_invalidity_date,
     "invalidityDate is a GeneralizedTime")
LINT("issuing-point-encoding", "RFC 5280 5.2.5", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, issuing_point_encoding,
     "issuingDistributionPoint is not empty and has its form")
LINT("issuing-point-only", "RFC 5280 5.2.5; R54", PKI_FAULT, KIND_CRL, NEEDS_NOTHING, 0, issuing_point_only,
     "at most one of the onlyContains flags is set")

/* Requests */
LINT("request-version", "RFC 2986 4.1", PKI_FAULT, KIND_REQUEST, NEEDS_NOTHING, 0, request_version,
     "a request is of version 1")
LINT("request-attributes", "RFC 2986 4.1, RFC 2985 5.4.2", PKI_FAULT, KIND_REQUEST, NEEDS_NOTHING, 0, request_attributes,
     "attributes have their form; extensionRequest stands once with one value")
LINT("request-attributes-missing", "RFC 2986 4.1", PKI_WARNING, KIND_REQUEST, NEEDS_NOTHING, 0, request_attributes_missing,
     "the attributes are present, if only empty")

/* The profile */
LINT("profile-kind", "R36", PKI_FAULT, KIND_SIGNED, NEEDS_PROFILE, 0, profile_kind,
     "the object is what the profile describes")
LINT("profile-subject", "R36, R48", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PROFILE, 0, profile_subject,
     "the subject is the profile's, byte for byte")
LINT("profile-validity", "R36, R51", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PROFILE, 0, profile_validity,
     "the validity is the profile's, to the second")
LINT("profile-extensions", "R36, R50", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PROFILE, 0, profile_extensions,
     "the extensions are the profile's, byte for byte")
LINT("profile-algorithm", "R49", PKI_FAULT, KIND_SIGNED, NEEDS_PROFILE | NEEDS_ISSUER, 0, profile_algorithm,
     "the signature algorithm is what the issuer's key uses under the profile")
LINT("profile-serial", "R47", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PROFILE, 0, profile_serial,
     "the serial number has the random bits that the profile wants")
LINT("profile-outlives-issuer", "R51", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PROFILE | NEEDS_ISSUER, 0, profile_outlives_issuer,
     "the certificate outlives its issuer only where the profile says so with a reason")
LINT("cross-subject", "BR 7.1.2.2; R38", PKI_FAULT, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_subject,
     "the subject is that of the existing certificate, byte for byte")
LINT("cross-key", "BR 7.1.2.2; R38", PKI_FAULT, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_key,
     "the key is that of the existing certificate")
LINT("cross-key-id", "RFC 5280 4.2.1.2; R38", PKI_FAULT, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_key_id,
     "the subject key identifier is that of the existing certificate")
LINT("cross-usage", "BR 7.1.2.2; R38", PKI_FAULT, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_usage,
     "no usage, extended usage or path goes beyond the existing certificate")
LINT("cross-not-before", "BR 7.1.2.2.1; R38", PKI_FAULT, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_not_before,
     "the certificate does not begin before the existing one")
LINT("cross-not-after", "R38", PKI_WARNING, KIND_CERTIFICATE, NEEDS_EXISTING, 0, cross_not_after,
     "the certificate does not outlive the existing one")
LINT("profile-crl-next-update", "R52, R58", PKI_FAULT, KIND_CRL, NEEDS_PROFILE, 0, profile_crl_next_update,
     "the next update is the profile's, to the second")
LINT("profile-crl-extensions", "R52, R54", PKI_FAULT, KIND_CRL, NEEDS_PROFILE, 0, profile_crl_extensions,
     "a CRL has authority key identifier, number, and a scope exactly as the profile says")
LINT("profile-crl-outlives-issuer", "REQUIREMENTS 4.6", PKI_FAULT, KIND_CRL, NEEDS_PROFILE | NEEDS_ISSUER, 0, validity_outlives_issuer,
     "the CRL does not outlive its issuer")

/* Public trust */
LINT("br-version", "BR 7.1.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC, 0, version_old,
     "a certificate is of version 3")
LINT("br-serial-entropy", "BR 7.1.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC, 0, br_serial_entropy,
     "the serial number has at least 64 bits")
LINT("br-key", "BR 6.1.5, 7.1.3.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC, 0, br_key,
     "the key is RSA or EC, not Ed25519")
LINT("br-not-before", "BR 7.1.2.1.1, 7.1.2.7; R51", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_NOW, 0, br_not_before,
     "a CA's certificate begins at most a day before its signature, another at most two; a cross-certificate not before the existing one")
LINT("br-organizational-unit", "BR 7.1.2.10.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC, 0, br_organizational_unit,
     "the subject has no organizational unit")
LINT("br-ca-name", "BR 7.1.2.10.2", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC, 0, br_ca_name,
     "the subject of a CA has country, organization and common name, each once")
LINT("br-root-validity", "BR 7.1.2.1.1", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_ROOT, 0, br_root_validity,
     "a root is valid for 2922 to 9132 days")
LINT("br-root-extensions", "BR 7.1.2.1.2, 7.1.2.10.7", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_ROOT, 0, br_root_extensions,
     "a root has basicConstraints, keyUsage with keyCertSign and cRLSign, subjectKeyIdentifier, and no extKeyUsage")
LINT("br-root-usage", "BR 7.1.2.10.7", PKI_FAULT, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_ROOT, 0, br_root_usage,
     "a root's key signs certificates and CRLs, and may sign OCSP responses, nothing else")
LINT("br-root-unwanted", "BR 7.1.2.1.2", PKI_WARNING, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_ROOT, 0, br_root_unwanted,
     "a root has no path length, policies, CRL points or authority information")
LINT("br-root-authority-key", "BR 7.1.2.1.3", PKI_WARNING, KIND_CERTIFICATE, NEEDS_PUBLIC | NEEDS_ROOT, 0, br_root_authority_key,
     "a root has an authority key identifier, its own")
LINT("br-crl-next-update", "BR 7.2, 4.9.7", PKI_FAULT, KIND_CRL, NEEDS_PUBLIC, 0, br_crl_next_update,
     "a CRL of CA certificates is replaced within 12 months")
LINT("br-crl-indirect", "BR 7.2.2.1; R55", PKI_FAULT, KIND_CRL, NEEDS_PUBLIC, 0, br_crl_indirect,
     "a CRL is neither indirect nor a delta nor limited to reasons")
LINT("br-crl-point-missing", "Mozilla 6.1.2; BR 7.2.2.1", PKI_FAULT, KIND_CRL, NEEDS_PUBLIC, 0, br_crl_point_missing,
     "issuingDistributionPoint holds a distribution point")
LINT("br-crl-hold", "BR 7.2.2; R56", PKI_FAULT, KIND_ENTRY, NEEDS_PUBLIC, 0, br_crl_hold,
     "nothing is on hold")
LINT("br-crl-reason-missing", "BR 7.2.2; R52", PKI_FAULT, KIND_ENTRY, NEEDS_PUBLIC, 0, br_crl_reason_missing,
     "in a CRL of CA certificates every entry has a reason")

/* What a certificate is for */
#include "ceremony/pki/lint_role_rows.h"
#ifdef ROLE_LINT_IS_OURS
#undef ROLE_LINT_IS_OURS
#undef ROLE_LINT
#endif

/* clang-format on */
