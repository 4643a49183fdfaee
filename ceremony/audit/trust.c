/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/trust.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/base/words.h"

#define TRUST_MAX  (1U << 20)
#define WORDS_MAX  34U /* id, kind, 32 words */
#define HASH_BYTES 32U

static const char *const kind_names[] = {"recorder", "signer", "head"};

void
trust_clear(struct trust *trust)
{
    free(trust->lines);
    *trust = (struct trust){0};
}

static int
kind_of(const char *word)
{
    for (int i = 0; i < (int)(sizeof kind_names / sizeof kind_names[0]); i++)
        if (strcmp(kind_names[i], word) == 0)
            return i;
    return -1;
}

/* One word of digits (either case), or 32 words. */
static struct error *
parse_hash(char *const *words, size_t count, char ret_hex[65])
{
    unsigned char hash[HASH_BYTES];
    if (count == 1) {
        for (char *c = words[0]; *c != '\0'; c++)
            *c = (char)tolower((unsigned char)*c);
        TRY(hex_decode(words[0], hash, sizeof hash));
    } else {
        AUTO_BYTES joined = {0};
        for (size_t i = 0; i < count; i++)
            TRY(bytes_format(&joined, "%s%s", i == 0 ? "" : " ", words[i]));
        TRY(words_pgp_parse(bytes_text(&joined), hash, sizeof hash));
    }
    hex_encode(hash, sizeof hash, ret_hex);
    return NULL;
}

static struct error *
bad_line(unsigned number, const char *why)
{
    return error_hint(
        ERROR(ERROR_INPUT, "line %u of the trust file %s", number, why),
        "Each line is: CEREMONY-ID recorder|signer|head, then 64 hexadecimal digits "
        "or 32 words.");
}

static struct error *
parse_line(char *text, unsigned number, struct trust *trust)
{
    char *words[WORDS_MAX];
    if (text[strspn(text, " \t\r")] == '#')
        return NULL;
    text[strcspn(text, "\r")] = '\0';
    size_t count = text_split_words(text, words, WORDS_MAX);
    if (count == 0)
        return NULL;
    if (count != 3 && count != WORDS_MAX)
        return bad_line(number, "has the wrong number of words");
    int kind = kind_of(words[1]);
    if (kind < 0)
        return bad_line(number, "says neither recorder, signer nor head");
    struct trust_line row = {.kind = (enum trust_kind)kind, .line = number};
    if (strlen(words[0]) >= sizeof row.ceremony)
        return bad_line(number, "begins with a name that is too long");
    (void)snprintf(row.ceremony, sizeof row.ceremony, "%s", words[0]);
    struct error *error = parse_hash(words + 2, count - 2, row.sha256);
    if (error != NULL) {
        error_free(error);
        return bad_line(number, "holds neither 64 hexadecimal digits nor 32 words in order");
    }
    struct trust_line *rows = realloc(trust->lines, (trust->count + 1) * sizeof *rows);
    if (rows == NULL)
        return error_memory();
    rows[trust->count++] = row;
    trust->lines = rows;
    return NULL;
}

static struct error *
parse_all(char *text, struct trust *trust)
{
    unsigned number = 1;
    for (char *line = text; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        TRY(parse_line(line, number, trust));
        line = end;
    }
    return NULL;
}

struct error *
trust_parse(const char *text, size_t len, struct trust *ret_trust)
{
    AUTO_FREE char *copy = NULL;
    AUTO_TRUST trust = {0};
    if (!text_is_utf8(text, len) || memchr(text, 0, len) != NULL)
        return ERROR(ERROR_INPUT, "the trust file is not text");
    TRY(text_format(&copy, "%.*s", (int)len, text));
    TRY(parse_all(copy, &trust));
    *ret_trust = trust;
    trust = (struct trust){0};
    return NULL;
}

struct error *
trust_read(const char *path, struct trust *ret_trust)
{
    AUTO_BYTES text = {0};
    TRY(file_read(path, TRUST_MAX, &text));
    return trust_parse(bytes_text(&text), text.len, ret_trust);
}
