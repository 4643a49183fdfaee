/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be wrong or odd about a certificate request, a row each: name, code, what becomes of the
 * request, source, sentence. docs/formats/requests.md is the same table for readers; a test compares
 * the two. Included where a macro REQUEST_ROW gives the rows a meaning. */

/* The frame */
REQUEST_ROW(SIZE, "request-size", REFUSED, "R62", "The request is larger than allowed.")
REQUEST_ROW(DER, "request-der", REFUSED, "R62, X.690", "The request is not strict DER.")
REQUEST_ROW(FRAME, "request-frame", REFUSED, "RFC 2986 4",
            "The bytes are DER, but no certificate request.")
REQUEST_ROW(VERSION, "request-version", REFUSED, "RFC 2986 4.1",
            "The version is not 0, the only one there is.")
REQUEST_ROW(ATTRIBUTES, "request-attributes", REFUSED, "RFC 2986 4.1",
            "The attributes are malformed, out of order, or one stands twice.")
REQUEST_ROW(
    ATTRIBUTES_MISSING, "request-attributes-missing", REMARK, "RFC 2986 4.1",
    "The element of the attributes is left out; many programs do so, and nothing is lost.")
REQUEST_ROW(ATTRIBUTE_IGNORED, "request-attribute-ignored", REMARK, "R68",
            "An attribute is not known here; it was not used.")
REQUEST_ROW(CHALLENGE, "challenge-password", REMARK, "RFC 2985 5.4.1",
            "The request carries a challenge password; only its hash is kept.")
REQUEST_ROW(CHALLENGE_TEXT, "challenge-characters", REFUSED, "RFC 2985 5.4.1, T14",
            "The challenge password has control characters or is no text.")

/* The signature of the request */
REQUEST_ROW(SIGNATURE_UNKNOWN, "signature-unknown", REFUSED, "R62",
            "The signature algorithm is not known, or its parameters are not those listed.")
REQUEST_ROW(SIGNATURE_WEAK, "signature-weak", REFUSED, "R62",
            "The signature uses SHA-1 or MD5.")
REQUEST_ROW(SIGNATURE_FIT, "signature-fit", REFUSED, "R62",
            "The signature algorithm does not fit the key.")
REQUEST_ROW(POSSESSION, "possession", REFUSED, "R62",
            "The signature was not made with the key of the request over these bytes.")

/* The key */
REQUEST_ROW(KEY_ENCODING, "key-encoding", REFUSED, "R62",
            "The public key is not encoded as its kind wants it.")
REQUEST_ROW(KEY_KIND, "key-kind", REFUSED, "R64",
            "The kind of key, or the curve, is not one of those used here.")
REQUEST_ROW(KEY_NOT_ALLOWED, "key-not-allowed", REFUSED, "R63",
            "The profile does not allow this kind or size of key.")
REQUEST_ROW(KEY_PARAMETERS, "key-parameters", REFUSED, "R64, R65",
            "The parameters of the key are not those listed: a named curve, NULL, or none.")
REQUEST_ROW(KEY_POINT, "key-point", REFUSED, "R64, R65",
            "The point is at infinity, not on its curve, of low order, or wrongly encoded.")
REQUEST_ROW(KEY_COMPRESSED, "key-point-compressed", REFUSED, "R64",
            "The point is compressed; only uncompressed points are used.")
REQUEST_ROW(RSA_SIZE, "rsa-size", REFUSED, "R63",
            "The modulus has another size than 2048, 3072 or 4096 bits.")
REQUEST_ROW(RSA_EXPONENT, "rsa-exponent", REFUSED, "R63",
            "The exponent is even, too small, or too large.")
REQUEST_ROW(RSA_FACTOR, "rsa-small-factor", REFUSED, "R63",
            "The modulus is even or has a factor below 65,537.")
REQUEST_ROW(RSA_POWER, "rsa-power", REFUSED, "R63", "The modulus is a prime or a power.")
REQUEST_ROW(
    RSA_FERMAT, "rsa-fermat", REFUSED, "R63, BR 6.1.1.3",
    "The primes lie so near to each other that Fermat's method finds them in 100 rounds.")
REQUEST_ROW(RSA_ROCA, "rsa-roca", REFUSED, "R63, CVE-2017-15361",
            "The modulus has the fingerprint of the ROCA keys, which can be factored.")
REQUEST_ROW(RSA_WIENER, "rsa-small-private", REFUSED, "R63",
            "The private exponent is so small that it follows from the public key.")
REQUEST_ROW(KEY_LISTED, "key-listed", REFUSED, "R66, CVE-2008-0166",
            "The private key is publicly known: it stands in the list of such keys.")

/* The subject */
REQUEST_ROW(SUBJECT_EMPTY, "subject-empty", REFUSED, "RFC 5280 4.1.2.6",
            "The subject is empty.")
REQUEST_ROW(SUBJECT_FORM, "subject-form", REFUSED, "RFC 5280 4.1.2.4",
            "The subject is malformed, or one of its parts has several attributes.")
REQUEST_ROW(SUBJECT_REPEATED, "subject-repeated", REFUSED, "R68",
            "A type stands twice in the subject that may stand once.")
REQUEST_ROW(SUBJECT_NOT_ALLOWED, "subject-not-allowed", REFUSED, "R68",
            "The subject has a type that the profile does not take from a request.")
REQUEST_ROW(
    SUBJECT_STRING, "subject-string", REFUSED, "RFC 5280 4.1.2.4, R48",
    "A value has a string type that its attribute does not take, or a character that its "
    "string type does not have.")
REQUEST_ROW(SUBJECT_LENGTH, "subject-length", REFUSED, "RFC 5280 A.1",
            "A value is empty or longer than its upper bound.")

/* Characters of the subject */
REQUEST_ROW(NAME_CONTROL, "name-control", REFUSED, "T14", "A name has control characters.")
REQUEST_ROW(NAME_BIDI, "name-bidirectional", REFUSED, "T14",
            "A name has characters that turn the direction of writing.")
REQUEST_ROW(NAME_INVISIBLE, "name-invisible", REFUSED, "T14",
            "A name has characters that cannot be seen.")
REQUEST_ROW(NAME_UNASSIGNED, "name-unassigned", REFUSED, "T14",
            "A name has private or unassigned characters.")
REQUEST_ROW(NAME_BLANK, "name-blank", REFUSED, "T16",
            "A name begins or ends with a blank, has two together, or another blank than the "
            "plain one.")
REQUEST_ROW(NAME_FORM, "name-form", REFUSED, "T16",
            "A name has letters in a special form (wide, bold, circled) instead of plain ones.")
REQUEST_ROW(NAME_SCRIPTS, "name-scripts", REFUSED, "T16",
            "A word mixes letters of scripts that look alike.")
REQUEST_ROW(NAME_IS_CA, "name-is-ca", REFUSED, "T16", "The name is that of a CA.")
REQUEST_ROW(NAME_LIKE_CA, "name-like-ca", REFUSED, "T16",
            "The name looks like that of a CA and is not the same.")

/* What it asks for */
REQUEST_ROW(EXTENSIONS, "extension-request", REFUSED, "RFC 2985 5.4.2",
            "The request for extensions is malformed, empty, or stands twice.")
REQUEST_ROW(EXTENSION_NOT_ALLOWED, "extension-not-allowed", REFUSED, "R68",
            "An extension is asked for that the profile does not take from a request.")
REQUEST_ROW(CA_ASKED, "extension-ca", REFUSED, "R68", "The request asks to be a CA.")
REQUEST_ROW(USAGE_NOT_ALLOWED, "extension-usage", REFUSED, "R68",
            "A key usage is asked for that the profile does not give.")
REQUEST_ROW(ALT_NAME, "alt-name", REFUSED, "RFC 5280 4.2.1.6",
            "An alternative name is malformed.")
REQUEST_ROW(ALT_NAME_NOT_ALLOWED, "alt-name-not-allowed", REFUSED, "R68",
            "An alternative name is of a type that the profile does not take from a request.")
REQUEST_ROW(ALT_NAME_WILDCARD, "alt-name-wildcard", REFUSED, "R68",
            "A wildcard is asked for that the profile does not allow, or that spans too much.")
