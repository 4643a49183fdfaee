/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be wrong with one line of a list of revocations: ROW(name, code, sentence). Included with
 * different meanings of ROW, hence no include guard. A code never changes its meaning. */
/* clang-format off */
ROW(LINE_LONG,    "revocation-line-long",    "the line is longer than 16 KiB")
ROW(LINE_FORM,    "revocation-line-form",    "the line is not of its format: a JSON object, or as many values as there are columns")
ROW(FIELD,        "revocation-field",        "a field is not known, or stands there twice")
ROW(SERIAL,       "revocation-serial",       "the serial number is not 1 to 20 octets in hexadecimal, positive")
ROW(CERTIFICATE,  "revocation-certificate",  "the certificate is not the base64 of one in DER")
ROW(ISSUER,       "revocation-issuer",       "the certificate was issued by somebody else")
ROW(WHICH,        "revocation-which",        "exactly one of serial number and certificate must be said")
ROW(DATE,         "revocation-date",         "the date is missing or not like 2026-11-23 or 2026-11-23T14:32:07Z")
ROW(DATE_EARLY,   "revocation-date-early",   "a date lies before the year 1950, which no CRL can say")
ROW(DATE_LATER,   "revocation-date-later",   "the certificate would be revoked in the future")
ROW(BACKDATED,    "revocation-backdated",    "a date before today needs an invalidity date and a reference (R56)")
ROW(REASON,       "revocation-reason",       "the reason is none that a revocation can have")
ROW(REASON_NONE,  "revocation-reason-missing", "a CA certificate is not revoked without a reason (R52)")
ROW(HOLD,         "revocation-hold",         "a public PKI puts no certificate on hold (R56)")
ROW(INVALIDITY,   "revocation-invalidity",   "the invalidity date is not a date, or is later than the revocation")
ROW(REFERENCE,    "revocation-reference",    "the reference is missing, longer than 200 octets, or not plain text")
ROW(TWICE,        "revocation-twice",        "the certificate stands in this list before")
ROW(NOT_ISSUED,   "revocation-not-issued",   "this CA never issued a certificate with this serial number")
ROW(REVOKED,      "revocation-revoked",      "the certificate is revoked already, and not on hold")
ROW(NOT_HELD,     "revocation-not-held",     "the certificate is to be released, and is not on hold")
/* clang-format on */
