/* SPDX-License-Identifier: Apache-2.0
 *
 * All SQL of the ledger; for store.c. */
#pragma once

#include "ceremony/ledger/store.h"

extern const char store_schema[];
/* What came with version 2: blocks of rows, limits. */
extern const char store_schema_rows[];
/* What came with version 3: CRLs signed ahead. */
extern const char store_schema_ahead[];
extern const char *const store_sql[STORE_STATEMENTS];
