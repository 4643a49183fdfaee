/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes the record of a real ceremony in every way that a hand can, and asks the reader each
 * time: every byte of every line, the end cut off at every byte, lines dropped, doubled,
 * swapped, and taken from another ceremony (T7, T8).
 *
 *   tamper transcript|ledger FILE OTHER FLIPS STEP
 *
 * FLIPS: bits changed of each byte, one at a time, 1 to 8. STEP: every n-th byte alone. What
 * is found must name the first line that is wrong. A change that keeps the form of the very
 * last line is for the head on paper to find: it is counted by the head that comes out.
 * Prints "CASES cases, BROKEN not found"; status 1 if any was not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/file.h"
#include "ceremony/ledger/ledger.h"
#include "transcripts/record.h"

#define LIMIT     (1U << 26)
#define LINES_MAX 20000U

struct text {
    struct bytes raw;
    size_t starts[LINES_MAX + 1];
    size_t count;
    struct record_chain chains[LINES_MAX + 1]; /* before each line; transcripts only */
    unsigned char head[32];
};

static struct text good;
static struct text other;
static bool is_transcript;
static unsigned long cases;
static unsigned long broken;
static size_t step = 1;

static void
must(struct error *error)
{
    if (error == NULL)
        return;
    (void)fprintf(stderr, "tamper: %s\n", error_what(error));
    exit(2);
}

static void
split(struct text *text)
{
    size_t at = 0;
    while (at < text->raw.len && text->count < LINES_MAX) {
        text->starts[text->count++] = at;
        const unsigned char *end = memchr(text->raw.data + at, '\n', text->raw.len - at);
        at = end == NULL ? text->raw.len : (size_t)(end - text->raw.data) + 1;
    }
    text->starts[text->count] = text->raw.len;
}

/* Lines from the n-th on (from 0), as they now lie there; `ret_head` is theirs. */
static struct error *
read_from(size_t n, const unsigned char *lines, size_t len, unsigned char ret_head[32])
{
    if (!is_transcript) /* `lines` are all of them */
        return ledger_check_lines(lines, len, ret_head, NULL);
    AUTO_READING reading = {0};
    struct record_chain chain = good.chains[n];
    TRY(record_read_all((const char *)lines, len, false, &chain, &reading));
    memcpy(ret_head, chain.head, 32);
    return NULL;
}

static void
load(const char *path, struct text *text)
{
    must(file_read(path, LIMIT, &text->raw));
    split(text);
    if (!is_transcript) {
        must(ledger_check_lines(text->raw.data, text->raw.len, text->head, NULL));
        return;
    }
    struct record_chain chain = {0};
    for (size_t i = 0; i < text->count; i++) {
        AUTO_READING reading = {0};
        text->chains[i] = chain;
        must(record_read_all((const char *)text->raw.data + text->starts[i],
                             text->starts[i + 1] - text->starts[i], false, &chain, &reading));
    }
    memcpy(text->head, chain.head, 32);
}

static bool
names(const char *said, size_t number)
{
    char words[48];
    (void)snprintf(words, sizeof words, "%s %zu", is_transcript ? "record" : "entry", number);
    size_t len = strlen(words);
    for (const char *at = strstr(said, words); at != NULL; at = strstr(at + 1, words))
        if (at[len] < '0' || at[len] > '9')
            return true;
    return false;
}

/* `lines` must be refused, and line `number` (from 1) be named; what the last line alone can show is in the head. */
static void
must_be_found(size_t from, const unsigned char *lines, size_t len, size_t number, bool by_head,
              const char *what, size_t where)
{
    unsigned char head[32] = {0};
    struct error *error = read_from(from, lines, len, head);
    cases++;
    if (error == NULL && by_head && memcmp(head, good.head, 32) != 0)
        return;
    const char *said = error == NULL ? "" : error_what(error);
    if (error != NULL && error_code(error) == ERROR_VERIFICATION && names(said, number)) {
        error_free(error);
        return;
    }
    if (broken++ < 20)
        (void)printf("%s at %zu: line %zu is not named: %s\n", what, where, number,
                     error == NULL ? "it was not found" : said);
    error_free(error);
}

/* The n-th line on, to the next but one: a reader that stops there has seen the change. */
static const unsigned char *
window(size_t n, size_t *ret_len)
{
    if (!is_transcript) {
        *ret_len = good.raw.len;
        return good.raw.data;
    }
    size_t end = n + 2 < good.count ? n + 2 : good.count;
    *ret_len = good.starts[end] - good.starts[n];
    return good.raw.data + good.starts[n];
}

static void
flip_bytes(unsigned flips)
{
    for (size_t n = 0; n < good.count; n++)
        for (size_t at = good.starts[n] + (step - good.starts[n] % step) % step;
             at < good.starts[n + 1]; at += step)
            for (unsigned bit = 0; bit < flips; bit++) {
                size_t len = 0;
                const unsigned char *lines = window(n, &len);
                good.raw.data[at] ^= (unsigned char)(1U << (flips == 8 ? bit : (at + bit) % 8));
                must_be_found(n, lines, len, n + 1, n + 1 == good.count, "a bit changed", at);
                good.raw.data[at] ^= (unsigned char)(1U << (flips == 8 ? bit : (at + bit) % 8));
            }
}

static void
cut_ends(void)
{
    for (size_t n = 0; n < good.count; n++)
        for (size_t at = good.starts[n] + 1; at < good.starts[n + 1]; at += step) {
            size_t from = is_transcript ? good.starts[n] : 0;
            must_be_found(n, good.raw.data + from, at - from, n + 1, false, "cut", at);
        }
}

static void
append(struct bytes *lines, const struct text *from, size_t n)
{
    must(bytes_append(lines, from->raw.data + from->starts[n],
                      from->starts[n + 1] - from->starts[n]));
}

/* All lines, but that `put` lines of `from` beginning with line k stand where `take` lines of ours stood. */
static void
exchange(size_t n, size_t take, const struct text *from, const size_t *put, size_t put_count,
         size_t number, bool by_head, const char *what)
{
    AUTO_BYTES lines = {0};
    for (size_t i = 0; i < n; i++)
        append(&lines, &good, i);
    for (size_t i = 0; i < put_count; i++)
        append(&lines, from, put[i]);
    for (size_t i = n + take; i < good.count; i++)
        append(&lines, &good, i);
    must_be_found(0, lines.data, lines.len, number, by_head, what, n + 1);
}

static void
move_lines(void)
{
    for (size_t n = 0; n < good.count; n++) {
        bool last = n + 1 == good.count;
        exchange(n, 1, &good, NULL, 0, n + 1, last, "dropped");
        exchange(n, 1, &good, (const size_t[]){n, n}, 2, n + 2, false, "doubled");
        if (!last)
            exchange(n, 2, &good, (const size_t[]){n + 1, n}, 2, n + 1, false, "swapped");
        if (n < other.count && (n > 0 || !is_transcript)) {
            exchange(n, 1, &other, (const size_t[]){n}, 1, n + 1, false,
                     "of another ceremony instead");
            exchange(n, 0, &other, (const size_t[]){n}, 1, n + 1, false,
                     "of another ceremony put in");
        }
    }
}

int
main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fprintf(stderr, "usage: tamper transcript|ledger FILE OTHER FLIPS STEP\n");
        return 2;
    }
    is_transcript = strcmp(argv[1], "transcript") == 0;
    load(argv[2], &good);
    load(argv[3], &other);
    step = strtoul(argv[5], NULL, 10);
    flip_bytes((unsigned)strtoul(argv[4], NULL, 10));
    cut_ends();
    move_lines();
    (void)printf("%s: %zu bytes, %zu lines: %lu cases, %lu not found\n", argv[1], good.raw.len,
                 good.count, cases, broken);
    (void)printf("campaign: cases=%lu broken=%lu\n", cases, broken);
    return broken > 0;
}
