/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of the list of seeds: the names of its columns, devices, the end. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/seeds_list_private.h"
#include "ceremony/pki/request.h"

#define VALUE_MAX       256U
#define COLUMN_NAME_MAX 32U
#define SEED_HEX        ((size_t)2 * SEED_SIZE)
#define MARK            "ceremony seed line 1\n" /* so that the hash of a line is of nothing else */

/* Values of a line, taken off one by one. */
struct cells {
    const unsigned char *at; /* NULL: no more */
    size_t rest;
};

struct cell {
    const unsigned char *p;
    size_t len;
};

static struct cells
cells_of(const struct seeds_list *list)
{
    return (struct cells){secret_borrow_const(list->line), list->len};
}

static bool
next_cell(struct cells *cells, struct cell *ret_cell)
{
    if (cells->at == NULL)
        return false;
    const unsigned char *comma = memchr(cells->at, ',', cells->rest);
    size_t len = comma == NULL ? cells->rest : (size_t)(comma - cells->at);
    *ret_cell = (struct cell){cells->at, len};
    cells->rest -= len + (comma == NULL ? 0 : 1);
    cells->at = comma == NULL ? NULL : comma + 1;
    return true;
}

static bool
is_text(struct cell cell, const char *text)
{
    return cell.len == strlen(text) && memcmp(cell.p, text, cell.len) == 0;
}

/* --- names --- */

static bool
is_name(struct cell cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        bool letter = cell.p[i] >= 'a' && cell.p[i] <= 'z';
        bool other = (cell.p[i] >= '0' && cell.p[i] <= '9') || cell.p[i] == '-';
        if (!letter && (i == 0 || !other))
            return false;
    }
    return cell.len > 0 && cell.len <= COLUMN_NAME_MAX;
}

static struct error *
add_column(struct seeds_list *list, struct cell cell)
{
    bool again = is_text(cell, "seed") || is_text(cell, "request");
    for (size_t i = 0; i < list->column_count; i++)
        again = again || is_text(cell, list->columns[i]);
    if (list->column_count == SEED_COLUMNS_MAX || !is_name(cell) || again)
        return seeds_list_fault(list,
                                "a column has no name that is allowed, or one of another");
    TRY(text_format(&list->columns[list->column_count], "%.*s", (int)cell.len,
                    (const char *)cell.p));
    list->column_count++;
    return NULL;
}

struct error *
seeds_list_head(struct seeds_list *list)
{
    struct cells cells = cells_of(list);
    struct cell cell = {0};
    struct cell serial = {0};
    if (!next_cell(&cells, &serial) || !next_cell(&cells, &cell) || !is_text(serial, "serial")
        || !is_text(cell, "seed"))
        return seeds_list_fault(list,
                                "the columns are not \"serial,seed\" and what may follow");
    TRY(add_column(list, serial));
    while (next_cell(&cells, &cell))
        TRY(add_column(list, cell));
    return NULL;
}

/* --- a device --- */

static struct error *
grow(struct seeds_list *list)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct seed_row *rows = realloc(list->rows, room * sizeof *rows);
        if (rows == NULL)
            return error_memory();
        list->rows = rows;
        list->room = room;
    }
    if (list->count == list->page_count * SEEDS_A_PAGE)
        TRY(secret_new((size_t)SEEDS_A_PAGE * SEED_SIZE, &list->pages[list->page_count++]));
    return NULL;
}

/* Digits as `hex_encode` writes them, straight between two secrets. False for anything else, and for
 * an octet that is repeated: such a seed was never drawn. */
static bool
read_secret(struct cell cell, unsigned char *ret_seed)
{
    static const char digits[16] = "0123456789abcdef"; /* no NUL: it is no digit */
    bool varies = false;
    if (cell.len != SEED_HEX)
        return false;
    for (size_t i = 0; i < SEED_SIZE; i++) {
        const char *high = memchr(digits, cell.p[2 * i], sizeof digits);
        const char *low = memchr(digits, cell.p[2 * i + 1], sizeof digits);
        if (high == NULL || low == NULL)
            return false;
        ret_seed[i] = (unsigned char)((high - digits) << 4 | (low - digits));
        varies = varies || ret_seed[i] != ret_seed[0];
    }
    return varies;
}

/* A seed that came into the wrong column would be shown. */
static bool
looks_like_one(struct cell cell)
{
    size_t run = 0;
    for (size_t i = 0; i < cell.len && run < SEED_HEX; i++) {
        bool digit = (cell.p[i] >= '0' && cell.p[i] <= '9')
                     || (cell.p[i] >= 'a' && cell.p[i] <= 'f')
                     || (cell.p[i] >= 'A' && cell.p[i] <= 'F');
        run = digit ? run + 1 : 0;
    }
    return run == SEED_HEX;
}

static const char *
fault_of_value(struct cell cell, size_t column)
{
    if (column == 0 && cell.len == 0)
        return "it has no serial number";
    if (looks_like_one(cell))
        return "a seed stands where none belongs";
    if (cell.len > VALUE_MAX || memchr(cell.p, '"', cell.len) != NULL
        || (cell.len > 0 && request_text_judge(cell.p, cell.len) != REQUEST_CODE_COUNT))
        return column == 0 ? "its serial number is no plain text" : "a value is no plain text";
    return NULL;
}

/* Every value but the seed, and how many there are. */
static const char *
read_values(const struct seeds_list *list, struct bytes *values, struct error **ret_error)
{
    struct cells cells = cells_of(list);
    struct cell cell = {0};
    size_t column = 0;
    for (size_t i = 0; next_cell(&cells, &cell); i++) {
        const char *fault = i == 1 ? NULL : fault_of_value(cell, column);
        if (fault != NULL)
            return fault;
        if (i == 1)
            continue;
        *ret_error = bytes_append(values, cell.p, cell.len);
        if (*ret_error == NULL)
            *ret_error = bytes_append_char(values, '\0');
        if (*ret_error != NULL)
            return NULL;
        column++;
    }
    return column == list->column_count ? NULL : "it has another number of values than columns";
}

/* As `printf 'ceremony seed line 1\n%s' LINE | sha256sum`. */
static struct error *
hash_row(const struct seeds_list *list, char ret_sha256[65])
{
    unsigned char hash[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1
                && EVP_DigestUpdate(context, MARK, sizeof MARK - 1) == 1
                && EVP_DigestUpdate(context, secret_borrow_const(list->line), list->len) == 1
                && EVP_DigestFinal_ex(context, hash, NULL) == 1;
    EVP_MD_CTX_free(context);
    if (!done)
        return error_memory();
    hex_encode(hash, sizeof hash, ret_sha256);
    return NULL;
}

struct error *
seeds_list_row(struct seeds_list *list)
{
    AUTO_BYTES values = {0};
    struct error *error = NULL;
    struct cells cells = cells_of(list);
    struct cell serial;
    struct cell seed;
    if (list->count == SEED_LIST_MAX)
        return list->over++ == 0
                   ? seeds_list_fault(list, "there are more than %u devices", SEED_LIST_MAX)
                   : NULL;
    TRY(grow(list));
    unsigned char *place = secret_borrow(list->pages[list->page_count - 1])
                           + list->count % SEEDS_A_PAGE * SEED_SIZE;
    if (!next_cell(&cells, &serial) || !next_cell(&cells, &seed) || !read_secret(seed, place)) {
        secret_wipe(place, SEED_SIZE);
        return seeds_list_fault(list,
                                "its seed is not 64 small hexadecimal digits that somebody "
                                "drew");
    }
    const char *fault = read_values(list, &values, &error);
    if (error != NULL || fault != NULL) {
        secret_wipe(place, SEED_SIZE);
        return error != NULL ? error : seeds_list_fault(list, "%s", fault);
    }
    struct seed_row *row = &list->rows[list->count];
    TRY(hash_row(list, row->sha256));
    row->values = (char *)values.data;
    values = (struct bytes){0};
    list->count++;
    return NULL;
}

/* --- the end --- */

/* "end,COUNT,SHA-256 of all octets before": what was changed on the way, or cut off, does not have it. */
struct error *
seeds_list_end(struct seeds_list *list)
{
    unsigned char hash[32];
    char hex[65];
    AUTO_FREE char *wanted = NULL;
    list->ended = true;
    if (EVP_DigestFinal_ex(list->hash, hash, NULL) != 1)
        return error_memory();
    hex_encode(hash, sizeof hash, hex);
    TRY(text_format(&wanted, "end,%zu,%s", list->number - 2, hex));
    if (list->number >= 2 && strlen(wanted) == list->len
        && secret_memory_equal(wanted, secret_borrow_const(list->line), list->len))
        return NULL;
    return seeds_list_fault(list,
                            "the end names another number of devices, or another SHA-256: "
                            "the list was changed or cut off");
}
