/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the judgement on a request; inside pki/ only. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/request.h"
#include "ceremony/pki/weak_rsa.h"
#include "ceremony/pki/x509.h"

struct request_verifier;

struct request_checker {
    struct weak_rsa_bench *bench;
    struct request_verifier *verifier;
};

struct request_run {
    struct request_checker *checker; /* NULL when only the values are wanted */
    const struct request_rules *rules;
    struct request_judgement *judgement;
    struct x509 parts;
    const struct key_kind *kind; /* once the key was looked at; NULL: none of ours */
    struct der key_bits;         /* point, octets or RSAPublicKey */
    struct der exponent;
};

/* A finding; the words are shown: nothing raw of the request may be in them. */
void request_find(struct request_run *run, enum request_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The same if `fault` is not NULL. */
void request_fault(struct request_run *run, enum request_code code, const char *fault);
/* An object identifier by name or dotted, cut to the room there is. */
#define REQUEST_OID_TEXT 64
void request_oid_text(struct der oid, char ret_text[REQUEST_OID_TEXT]);
bool request_texts_have(const struct pki_texts *texts, const char *text);

void request_check_key(struct request_run *run);
void request_check_weak(struct request_run *run);
void request_check_subject(struct request_run *run);
void request_check_attributes(struct request_run *run);
void request_check_extensions(struct request_run *run, struct der values);
void request_check_possession(struct request_run *run);

MUST_CHECK struct error *request_verifier_new(struct request_verifier **ret_verifier);
void request_verifier_free(struct request_verifier *verifier);
/* Did this key make the signature? A point that is not on its curve did not: *ret_on_curve. */
bool request_verify(struct request_verifier *verifier, const struct request_run *run,
                    const struct signature_kind *signature, bool *ret_key_usable);

/* The extensionRequest's list of extensions, its body; len 0 if there is none. */
struct der request_extension_list(const struct x509 *parts);
/* The alternative names asked for, in the profile's notation, appended. */
MUST_CHECK struct error *request_take_names(struct der extensions,
                                            struct pki_general_names *ret_names);

/* Characters */
enum request_character {
    CHARACTER_PLAIN,
    CHARACTER_CONTROL,
    CHARACTER_BIDI,
    CHARACTER_INVISIBLE,
    CHARACTER_UNASSIGNED,
    CHARACTER_BLANK, /* any blank but U+0020 */
    CHARACTER_FORM   /* a plain letter in other clothes */
};

/* The next code point of valid UTF-8; moves past it. */
uint32_t request_next_point(struct der *text);
enum request_character request_character(uint32_t point);
/* The code that a character earns in a name; REQUEST_CODE_COUNT for a plain one. */
enum request_code request_character_code(uint32_t point);
/* Letters of scripts that resemble each other have a number above 0, all else 0. */
unsigned request_script(uint32_t point);
/* Does a character only modify the one before it? */
bool request_is_mark(uint32_t point);

/* Is the name a CA's, or like one? The code, or REQUEST_CODE_COUNT. */
enum request_code request_looks_judge(const struct request_looks *looks, struct der name);
