/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of seeds between its lines (seeds_list_line.c) and the whole of it (seeds_list.c). */
#pragma once

#include <stdbool.h>

#include <openssl/evp.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/secret.h"
#include "ceremony/batch/seeds_list.h"

#define SEED_COLUMNS_MAX 16U
#define SEEDS_A_PAGE     (65536U / SEED_SIZE) /* the largest secret */
#define SEED_PAGES_MAX   ((SEED_LIST_MAX + SEEDS_A_PAGE - 1) / SEEDS_A_PAGE)
#define FAULTS_SAID      5U

struct seed_row {
    char *
        values; /* of every column but the seed's, each ended by NUL; the serial number first */
    char sha256[65]; /* of the line, separated from other hashes */
};

struct seeds_list {
    char *columns[SEED_COLUMNS_MAX]; /* but the seed's: "serial" first */
    size_t column_count;
    struct seed_row *rows;
    size_t count;
    size_t room;
    struct secret *pages[SEED_PAGES_MAX];
    size_t page_count;
    struct secret *line; /* the one that is being read */
    size_t len;
    bool too_long;
    size_t number; /* of the line last ended, from 1 */
    bool ended;
    size_t over; /* lines after the end */
    EVP_MD_CTX *hash;
    struct bytes faults;
    size_t fault_count;
};

/* A fault of the present line: never a value of it. */
MUST_CHECK struct error *seeds_list_fault(struct seeds_list *list, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* What `list->line` holds: the names of the columns, a device, or the end. */
MUST_CHECK struct error *seeds_list_head(struct seeds_list *list);
MUST_CHECK struct error *seeds_list_row(struct seeds_list *list);
MUST_CHECK struct error *seeds_list_end(struct seeds_list *list);
