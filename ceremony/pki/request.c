/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame of a request, its attributes, and the order of the checks: cheap before dear. */
#include "ceremony/pki/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/hash.h"
#include "ceremony/pki/request_private.h"

static const struct request_row rows[] = {
#define REQUEST_ROW(name, code, outcome, source, sentence)                                     \
    {code, REQUEST_##outcome, source, sentence},
#include "ceremony/pki/request_rows.h"
#undef REQUEST_ROW
};

const struct request_row *
request_rows(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}

struct error *
request_checker_new(struct request_checker **ret_checker)
{
    AUTO(request_checker) checker = calloc(1, sizeof *checker);
    if (checker == NULL)
        return error_memory();
    TRY(weak_rsa_bench_new(&checker->bench));
    TRY(request_verifier_new(&checker->verifier));
    *ret_checker = TAKE(checker);
    return NULL;
}

void
request_checker_free(struct request_checker *checker)
{
    if (checker == NULL)
        return;
    weak_rsa_bench_free(checker->bench);
    request_verifier_free(checker->verifier);
    free(checker);
}

/* Where a code of this outcome goes: behind its like, refusals first. */
static size_t
place_for(const struct request_judgement *judgement, enum request_outcome outcome)
{
    size_t at = 0;
    while (
        at < judgement->code_count
        && (outcome == REQUEST_REMARK || rows[judgement->codes[at]].outcome == REQUEST_REFUSED))
        at++;
    return at;
}

void
request_find(struct request_run *run, enum request_code code, const char *format, ...)
{
    struct request_judgement *judgement = run->judgement;
    for (size_t i = 0; i < judgement->code_count; i++)
        if (judgement->codes[i] == code)
            return;
    size_t at = place_for(judgement, rows[code].outcome);
    judgement->refused = judgement->refused || rows[code].outcome == REQUEST_REFUSED;
    if (at == REQUEST_CODES_MAX)
        return;
    size_t after = judgement->code_count - at;
    if (judgement->code_count == REQUEST_CODES_MAX)
        after--;
    else
        judgement->code_count++;
    memmove(&judgement->codes[at + 1], &judgement->codes[at],
            after * sizeof judgement->codes[0]);
    judgement->codes[at] = code;
    if (at > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(judgement->detail, sizeof judgement->detail, format, arguments);
    va_end(arguments);
}

void
request_fault(struct request_run *run, enum request_code code, const char *fault)
{
    if (fault != NULL)
        request_find(run, code, "%s", fault);
}

void
request_oid_text(struct der oid, char ret_text[REQUEST_OID_TEXT])
{
    AUTO_BYTES text = {0};
    struct error *error = oid_append_name(&text, oid);
    (void)snprintf(ret_text, REQUEST_OID_TEXT, "%s", error == NULL ? bytes_text(&text) : "");
    error_free(error);
}

bool
request_texts_have(const struct pki_texts *texts, const char *text)
{
    for (size_t i = 0; texts != NULL && i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

/* One string, no control characters; only its hash leaves this function. */
static void
check_challenge(struct request_run *run, struct der values)
{
    struct der_item value;
    struct request_judgement *judgement = run->judgement;
    const char *fault = der_next(&values, &value);
    if (fault == NULL)
        fault = der_end(values);
    if (fault == NULL)
        fault = der_check_string(value.tag, value.body);
    request_fault(run, REQUEST_CHALLENGE_TEXT, fault);
    if (fault != NULL)
        return;
    judgement->has_challenge = true;
    request_find(run, REQUEST_CHALLENGE, "%s", "");
    struct error *error =
        pki_sha256_hex(value.body.p, value.body.len, judgement->challenge_sha256);
    if (error != NULL)
        request_find(run, REQUEST_CHALLENGE_TEXT, "it could not be hashed");
    error_free(error);
    struct der text = value.body;
    bool wide = value.tag == DER_BMP_STRING || value.tag == DER_UNIVERSAL_STRING;
    while (text.len > 0 && !wide) {
        uint32_t point = value.tag == DER_UTF8_STRING ? request_next_point(&text) : text.p[0];
        if (value.tag != DER_UTF8_STRING)
            text = der_view(text.p + 1, text.len - 1);
        if (request_character(point) == CHARACTER_CONTROL
            || request_character(point) == CHARACTER_BIDI)
            request_find(run, REQUEST_CHALLENGE_TEXT, "%s", "");
    }
    if (wide)
        request_find(run, REQUEST_CHALLENGE_TEXT, "its string type is not used here");
}

static void
check_attribute(struct request_run *run, struct der oid, struct der values)
{
    enum oid id = oid_of(oid);
    if (values.len == 0)
        request_find(run, id == OID_EXTENSION_REQUEST ? REQUEST_EXTENSIONS : REQUEST_ATTRIBUTES,
                     "an attribute has no value");
    else if (id == OID_EXTENSION_REQUEST)
        request_check_extensions(run, values);
    else if (id == OID_CHALLENGE_PASSWORD)
        check_challenge(run, values);
    else {
        char type[REQUEST_OID_TEXT];
        request_oid_text(oid, type);
        request_find(run, REQUEST_ATTRIBUTE_IGNORED, "%s", type);
    }
}

#define ATTRIBUTES_MAX 16

static const char *
walk_attributes(struct request_run *run, struct der list)
{
    struct der seen[ATTRIBUTES_MAX];
    size_t count = 0;
    while (list.len > 0) {
        struct der_item attribute;
        struct der_item oid;
        struct der_item values;
        DER_TRY(der_expect(&list, DER_SEQUENCE, &attribute));
        DER_TRY(der_expect(&attribute.body, DER_OID, &oid));
        DER_TRY(der_only(attribute.body, DER_SET, &values));
        if (count == ATTRIBUTES_MAX)
            return "there are more than 16 attributes";
        for (size_t i = 0; i < count; i++)
            if (der_equal(seen[i], oid.body)) {
                request_find(run,
                             oid_is(oid.body, OID_EXTENSION_REQUEST) ? REQUEST_EXTENSIONS
                                                                     : REQUEST_ATTRIBUTES,
                             "an attribute stands twice");
                return NULL;
            }
        seen[count++] = oid.body;
        check_attribute(run, oid.body, values.body);
    }
    return NULL;
}

void
request_check_attributes(struct request_run *run)
{
    if (run->parts.attributes.whole.p == NULL) {
        request_find(run, REQUEST_ATTRIBUTES_MISSING, "%s", "");
        return;
    }
    struct der list = run->parts.attributes.body;
    request_fault(run, REQUEST_ATTRIBUTES, walk_attributes(run, list));
    if (!run->judgement->refused)
        request_fault(run, REQUEST_ATTRIBUTES, der_check_set_order(list));
}

/* False where nothing more can be said. */
static bool
is_framed(struct request_run *run, struct der whole)
{
    struct der_item outer;
    size_t most = run->rules->size_max == 0 ? REQUEST_SIZE_DEFAULT : run->rules->size_max;
    if (whole.len > most) {
        request_find(run, REQUEST_SIZE, "%zu bytes, at most %zu", whole.len, most);
        return false;
    }
    const char *fault = der_only(whole, DER_SEQUENCE, &outer);
    if (fault == NULL)
        fault = der_check(whole, DER_DEPTH_MAX);
    request_fault(run, REQUEST_DER, fault);
    if (fault != NULL)
        return false;
    fault = x509_parse(whole.p, whole.len, &run->parts);
    if (fault == NULL && run->parts.kind != KIND_REQUEST)
        fault = "it is a certificate or a CRL";
    request_fault(run, REQUEST_FRAME, fault);
    if (fault != NULL)
        return false;
    if (run->parts.version != 1)
        request_find(run, REQUEST_VERSION, "%s", "");
    run->judgement->subject = run->parts.subject.whole;
    run->judgement->spki = run->parts.spki.whole;
    run->judgement->tbs = run->parts.tbs.whole;
    return true;
}

struct error *
request_check(struct request_checker *checker, const void *der, size_t len,
              const struct request_rules *rules, struct request_judgement *ret_judgement)
{
    *ret_judgement = (struct request_judgement){0};
    struct request_run run = {.checker = checker, .rules = rules, .judgement = ret_judgement};
    if (!is_framed(&run, der_view(der, len)))
        return NULL;
    request_check_key(&run);
    request_check_subject(&run);
    request_check_attributes(&run);
    if (!ret_judgement->refused)
        request_check_possession(&run);
    if (!ret_judgement->refused)
        request_check_weak(&run);
    return NULL;
}

struct der
request_extension_list(const struct x509 *parts)
{
    struct der list = parts->attributes.body;
    struct der_item attribute;
    struct der_item oid;
    struct der_item values;
    struct der_item extensions;
    while (list.len > 0) {
        if (der_expect(&list, DER_SEQUENCE, &attribute) != NULL
            || der_expect(&attribute.body, DER_OID, &oid) != NULL
            || der_only(attribute.body, DER_SET, &values) != NULL)
            break;
        if (oid_is(oid.body, OID_EXTENSION_REQUEST)
            && der_only(values.body, DER_SEQUENCE, &extensions) == NULL)
            return extensions.body;
    }
    return (struct der){0};
}

static struct error *
take_part(const struct name_attribute *part, struct pki_name *subject)
{
    struct pki_name_part *parts =
        realloc(subject->parts, (subject->count + 1) * sizeof *subject->parts);
    if (parts == NULL)
        return error_memory();
    subject->parts = parts;
    AUTO_FREE char *type = NULL;
    AUTO_FREE char *value = NULL;
    TRY(text_copy(oid_row(part->id)->name, &type));
    TRY(text_format(&value, "%.*s", (int)part->value.body.len,
                    (const char *)part->value.body.p));
    parts[subject->count++] = (struct pki_name_part){.type = TAKE(type), .value = TAKE(value)};
    return NULL;
}

struct error *
request_asked(const void *der, size_t len, const struct request_rules *rules,
              struct pki_name *ret_subject, struct pki_general_names *ret_names)
{
    struct x509 parts;
    *ret_subject = (struct pki_name){0};
    *ret_names = (struct pki_general_names){0};
    if (x509_parse(der, len, &parts) != NULL || parts.kind != KIND_REQUEST)
        return ERROR(ERROR_INPUT, "a request could not be read");
    struct name_iterator names = {.rdns = parts.subject.body};
    struct name_attribute part;
    bool more = false;
    while (name_next(&names, &part, &more) == NULL && more)
        if (part.id != OID_UNKNOWN
            && request_texts_have(rules->subject, oid_row(part.id)->name))
            TRY(take_part(&part, ret_subject));
    struct der extensions = request_extension_list(&parts);
    return extensions.len == 0 ? NULL : request_take_names(extensions, ret_names);
}

void
request_asked_clear(struct pki_name *subject, struct pki_general_names *names)
{
    for (size_t i = 0; i < subject->count; i++) {
        free(subject->parts[i].type);
        free(subject->parts[i].value);
    }
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].type);
        free(names->items[i].value);
    }
    free(subject->parts);
    free(names->items);
    *subject = (struct pki_name){0};
    *names = (struct pki_general_names){0};
}
