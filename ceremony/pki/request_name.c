/* SPDX-License-Identifier: Apache-2.0
 *
 * The subject of a request: its form, the types that the profile takes, string types and lengths
 * (R48, R68), characters (T14), and what it looks like (T16). */
#include <string.h>

#include "ceremony/pki/request_private.h"

#define PARTS_MAX 32

/* The string types that an attribute may have (RFC 5280 A.1). */
static bool
is_string_type(enum oid id, unsigned char tag)
{
    switch ((int)id) {
    case OID_C:
    case OID_SERIAL_NUMBER:
    case OID_DN_QUALIFIER:
        return tag == DER_PRINTABLE_STRING;
    case OID_DC:
    case OID_EMAIL_ADDRESS:
        return tag == DER_IA5_STRING;
    default:
        return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING;
    }
}

static size_t
count_points(struct der text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        if ((text.p[i] & 0xC0) != 0x80)
            count++;
    return count;
}

/* False where the value is no text to look into further. */
static bool
is_sound_string(struct request_run *run, const struct name_attribute *part, const char *type)
{
    const char *fault = der_check_string(part->value.tag, part->value.body);
    if (fault != NULL) {
        request_find(run, REQUEST_SUBJECT_STRING, "%s: %s", type, fault);
        return false;
    }
    if (!is_string_type(part->id, part->value.tag)) {
        request_find(run, REQUEST_SUBJECT_STRING, "%s has another string type than it may",
                     type);
        return false;
    }
    size_t points = count_points(part->value.body);
    size_t bound = name_upper_bound(part->id);
    if (points == 0)
        request_find(run, REQUEST_SUBJECT_LENGTH, "%s is empty", type);
    else if (bound > 0 && points > bound)
        request_find(run, REQUEST_SUBJECT_LENGTH, "%s has %zu characters, at most %zu", type,
                     points, bound);
    else if (part->id == OID_C && points != 2)
        request_find(run, REQUEST_SUBJECT_LENGTH, "C has not two letters");
    return true;
}

static void
check_characters(struct request_run *run, const char *type, struct der text)
{
    uint32_t before = ' ';
    bool edge = text.p[0] == ' ' || text.p[text.len - 1] == ' ';
    while (text.len > 0) {
        uint32_t point = request_next_point(&text);
        enum request_code code = request_character_code(point);
        if (code != REQUEST_CODE_COUNT)
            request_find(run, code, "%s has U+%04X", type, (unsigned)point);
        edge = edge || (point == ' ' && before == ' ');
        before = point;
    }
    if (edge)
        request_find(run, REQUEST_NAME_BLANK, "%s has a blank too many", type);
}

/* Words end at what is no letter, mark or digit. */
static void
check_scripts(struct request_run *run, const char *type, struct der text)
{
    unsigned seen = 0;
    while (text.len > 0) {
        uint32_t point = request_next_point(&text);
        unsigned script = request_script(point);
        bool digit = point >= '0' && point <= '9';
        if (script == 0 && !digit && !request_is_mark(point))
            seen = 0;
        else if (script != 0)
            seen |= 1U << script;
        if ((seen & (seen - 1)) != 0) {
            request_find(run, REQUEST_NAME_SCRIPTS, "%s, at U+%04X", type, (unsigned)point);
            return;
        }
    }
}

static bool
may_repeat(enum oid id)
{
    return id == OID_OU || id == OID_DC;
}

static void
check_part(struct request_run *run, const struct name_attribute *part)
{
    char type[REQUEST_OID_TEXT];
    request_oid_text(part->oid, type);
    if (part->id == OID_UNKNOWN
        || (!request_texts_have(run->rules->subject, type)
            && !request_texts_have(run->rules->ignored, type)))
        request_find(run, REQUEST_SUBJECT_NOT_ALLOWED, "%s", type);
    if (!is_sound_string(run, part, type) || part->value.body.len == 0)
        return;
    check_characters(run, type, part->value.body);
    check_scripts(run, type, part->value.body);
}

/* All parts, and whether any was seen twice. Returns a fault of the frame, or NULL. */
static const char *
check_parts(struct request_run *run, struct der rdns)
{
    struct name_iterator names = {.rdns = rdns};
    struct name_attribute part;
    struct der seen[PARTS_MAX];
    size_t count = 0;
    bool more = false;
    for (;;) {
        DER_TRY(name_next(&names, &part, &more));
        if (!more)
            return NULL;
        if (count == PARTS_MAX)
            return "it has more than 32 parts";
        if (part.rdn != count)
            return "a part has several attributes";
        for (size_t i = 0; i < count; i++)
            if (der_equal(seen[i], part.oid) && !may_repeat(part.id)) {
                char type[REQUEST_OID_TEXT];
                request_oid_text(part.oid, type);
                request_find(run, REQUEST_SUBJECT_REPEATED, "%s", type);
            }
        seen[count++] = part.oid;
        check_part(run, &part);
    }
}

void
request_check_subject(struct request_run *run)
{
    struct der_item subject = run->parts.subject;
    if (subject.body.len == 0) {
        if (!run->rules->empty_subject)
            request_find(run, REQUEST_SUBJECT_EMPTY, "%s", "");
        return;
    }
    const char *fault = check_parts(run, subject.body);
    request_fault(run, REQUEST_SUBJECT_FORM, fault);
    if (fault != NULL || run->judgement->refused || run->rules->looks == NULL)
        return;
    enum request_code code = request_looks_judge(run->rules->looks, subject.whole);
    if (code != REQUEST_CODE_COUNT)
        request_find(run, code, "%s", "");
}
