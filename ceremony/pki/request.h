/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate request (PKCS#10, RFC 2986) of somebody else, judged: strict DER, limits, possession
 * of the key, the key itself, the subject's characters, and what it asks for against what a profile
 * takes from a request. Nothing is repaired and nothing copied: the caller gets the values that the
 * rules allow by name, in the profile's notation. (R62 - R68)
 *
 * What is wrong with a request is a finding, never an error of the program. The checks go from cheap
 * to dear, and a request that is refused already costs nothing more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/profile.h"
#include "ceremony/pki/weak_list.h"

enum request_code {
#define REQUEST_ROW(name, code, outcome, source, sentence) REQUEST_##name,
#include "ceremony/pki/request_rows.h"
#undef REQUEST_ROW
    REQUEST_CODE_COUNT
};

enum request_outcome {
    REQUEST_REMARK, /* said, and no reason to refuse */
    REQUEST_REFUSED
};

struct request_row {
    const char *code; /* stable: "rsa-fermat" */
    enum request_outcome outcome;
    const char *source;
    const char *sentence; /* plain, with its full stop */
};

/* The table, in the order of the enum. */
const struct request_row *request_rows(size_t *ret_count);

/* The names that nobody else may have or resemble. */
struct request_looks;

struct request_name {
    const void *der; /* a whole Name */
    size_t len;
};
MUST_CHECK struct error *request_looks_new(const struct request_name *names, size_t count,
                                           struct request_looks **ret_looks);
void request_looks_free(struct request_looks *looks);
DEFINE_AUTO(request_looks, request_looks_free);

#define REQUEST_SIZE_DEFAULT 16384

/* What the profile and the site say. All borrowed; NULL lists are empty. What the certificate will say
 * anyway (usages) may be asked for; it is not copied. */
struct request_rules {
    size_t size_max;              /* bytes; 0: REQUEST_SIZE_DEFAULT */
    const struct pki_texts *keys; /* key types allowed ("ec-p256"); NULL: all known */
    bool small_exponent;          /* RSA: e = 3 and above instead of 65,537 */
    const struct weak_list *list; /* known private keys; NULL: the check is not performed */
    const struct request_looks *looks;  /* names of CAs; NULL: not compared */
    const struct pki_texts *subject;    /* types taken from the subject ("CN") */
    const struct pki_texts *ignored;    /* types that may stand in it and are not taken */
    bool empty_subject;                 /* it may be empty */
    const struct pki_texts *alt_names;  /* types taken: "dns", "ip", "email", "uri" */
    bool wildcards;                     /* "*.example.com" is taken */
    unsigned key_usage_bits;            /* of the certificate */
    const struct pki_texts *ext_usages; /* of the certificate, by name or dotted */
};

#define REQUEST_CODES_MAX 6

struct request_judgement {
    bool refused;
    enum request_code codes[REQUEST_CODES_MAX]; /* refusals first, then remarks */
    size_t code_count;
    char detail[160];   /* of the first code, safe to show; "" if there is no more to say */
    struct der subject; /* views into the request; len 0 where it could not be taken apart */
    struct der spki;
    struct der tbs;
    struct der modulus; /* RSA: without leading zeros; else len 0 */
    const char *key;    /* "EC P-256"; NULL if it is none of ours */
    bool has_challenge;
    char challenge_sha256[65]; /* of the value's bytes; the password itself is kept nowhere */
};

/* Keeps what checks of many requests share. One thread each. */
struct request_checker;
MUST_CHECK struct error *request_checker_new(struct request_checker **ret_checker);
void request_checker_free(struct request_checker *checker);
DEFINE_AUTO(request_checker, request_checker_free);

/* Errors: memory only. */
MUST_CHECK struct error *request_check(struct request_checker *checker, const void *der,
                                       size_t len, const struct request_rules *rules,
                                       struct request_judgement *ret_judgement);
/* What the rules take from a request that was not refused. The lists are new; clear them with
 * request_asked_clear. */
MUST_CHECK struct error *request_asked(const void *der, size_t len,
                                       const struct request_rules *rules,
                                       struct pki_name *ret_subject,
                                       struct pki_general_names *ret_names);
void request_asked_clear(struct pki_name *subject, struct pki_general_names *names);

/* The first fault of a text's characters, by the rules for names: REQUEST_NAME_CONTROL, _BIDI, _INVISIBLE,
 * _UNASSIGNED, _BLANK or _FORM, REQUEST_SUBJECT_STRING if it is not UTF-8; REQUEST_CODE_COUNT if there is
 * none. */
enum request_code request_text_judge(const void *utf8, size_t len);

/* How a text looks to a hasty reader, the same for all that look alike: without case, accents,
 * blanks at the ends and double blanks, and with look-alike letters of other scripts, digits and
 * pairs (rn, vv) made one. For comparing only. (T16) */
MUST_CHECK struct error *request_skeleton(const void *utf8, size_t len, struct bytes *out);
/* The same of all parts of a Name but those that number things (serialNumber, dnQualifier, UID). */
MUST_CHECK struct error *request_name_skeleton(struct der name, struct bytes *out);
