/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be wrong or odd about an item of a batch beside its request (ceremony/pki/request_rows.h):
 * name, code, outcome, source, sentence. docs/formats/requests.md is the same table; a test compares
 * the two. Included where a macro CHECK_ROW gives the rows a meaning. */

/* The medium */
CHECK_ROW(FILE_KIND, "file-kind", REFUSED, "T17",
          "It is no regular file of this medium: a link, a pipe, a device, a socket.")
CHECK_ROW(FILE_SIZE, "file-size", REFUSED, "T17", "It is larger than a request may be.")
CHECK_ROW(FILE_EMPTY, "file-empty", REFUSED, "T17", "It is empty.")
CHECK_ROW(FILE_UNREADABLE, "file-unreadable", REFUSED, "T17", "It could not be read.")
CHECK_ROW(FILE_FORMAT, "file-format", REFUSED, "T17",
          "The bytes are neither DER nor PEM in ASCII.")
CHECK_ROW(FOLDER_DEPTH, "folder-depth", REFUSED, "T17",
          "The folders are nested deeper than allowed; what is in this one was not read.")

/* PEM */
CHECK_ROW(PEM_LABEL, "pem-label", REFUSED, "RFC 7468 7",
          "The PEM block is labelled as something else than a certificate request.")
CHECK_ROW(PEM_HEADER, "pem-header", REFUSED, "RFC 7468 2", "The PEM block has headers.")
CHECK_ROW(PEM_BASE64, "pem-base64", REFUSED, "RFC 7468 3",
          "The letters of the PEM block are no strict base64.")
CHECK_ROW(PEM_END, "pem-end", REFUSED, "RFC 7468 3",
          "The PEM block does not end with the line that belongs to its beginning.")
CHECK_ROW(PEM_OUTSIDE, "pem-outside", REFUSED, "T14",
          "Outside the PEM block stand control characters, or more text than allowed.")
CHECK_ROW(PEM_SEVERAL, "pem-several", REFUSED, "R69",
          "The file has several PEM blocks where one request a file was announced.")

/* The manifest */
CHECK_ROW(MANIFEST_LINE, "manifest-line", REFUSED, "R69",
          "The line of the manifest is malformed, too long, or has no request.")
CHECK_ROW(MANIFEST_FIELD, "manifest-field", REFUSED, "R69, T14",
          "A field of the manifest has a name or a value that is not allowed.")

/* What the profile makes of it */
CHECK_ROW(PROFILE_VALUES, "profile-values", REFUSED, "R68",
          "A value is not one that the profile takes, or the name is not this CA's to give.")

/* Beside other items, and what is known from before */
CHECK_ROW(KEY_IS_CA, "key-is-ca", REFUSED, "R67", "The key is that of a CA.")
CHECK_ROW(KEY_SHARED, "key-shared", REFUSED, "R67",
          "Several items have the same key under different names; all of them are refused.")
CHECK_ROW(
    SHARED_PRIME, "rsa-shared-prime", REFUSED, "R67",
    "The modulus shares a prime with that of another item or of the ledger, so both can be "
    "factored; both are refused, and it is an incident.")
CHECK_ROW(DUPLICATE_REQUEST, "duplicate-request", REFUSED, "R67",
          "An earlier item has the same key and the same name.")
CHECK_ROW(DUPLICATE_SERIAL, "duplicate-serial", REFUSED, "R71",
          "An earlier item is for the same device.")
CHECK_ROW(DUPLICATE_SUBJECT, "duplicate-subject", REFUSED, "R71",
          "An earlier item has the same name with another key.")
CHECK_ROW(LEDGER_KEY, "ledger-key", REFUSED, "R67",
          "The key has a certificate in the ledger already, or was announced for one.")
CHECK_ROW(LEDGER_SERIAL, "ledger-serial", REFUSED, "R71",
          "The device has a certificate in the ledger already, or was announced for one.")
CHECK_ROW(
    REPEATED, "repeated", REMARK, "R67, R71",
    "The key, the device or the name stands in an earlier item or in the ledger; the profile "
    "allows that.")
CHECK_ROW(NAME_LIKE_OTHER, "name-like-other", REMARK, "T16",
          "The name looks like that of another item and is not the same.")
CHECK_ROW(CHANGED, "changed-since-review", REFUSED, "T18",
          "The bytes are not those that were reviewed.")
