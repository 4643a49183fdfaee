/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for PINs, keys and shares: fixed length, on its own pages between guard pages, in
 * memfd_secret(2) where the kernel has it, else locked and kept out of core dumps; not there (or wiped)
 * in a child, and wiped before it is given back. Bytes leave only through secret_borrow. There is no realloc, no
 * formatting, and no copy but secret_dup. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct secret;

/* Zero-filled, `size` bytes (1 .. 65,536). Errors: memory. */
MUST_CHECK struct error *secret_new(size_t size, struct secret **ret_secret);
/* Copies `size` bytes in; the caller wipes its own copy. */
MUST_CHECK struct error *secret_from(const void *data, size_t size, struct secret **ret_secret);
MUST_CHECK struct error *secret_dup(const struct secret *secret, struct secret **ret_copy);
/* Wipes and unmaps. NULL is fine. */
void secret_free(struct secret *secret);
DEFINE_AUTO(secret, secret_free);

size_t secret_size(const struct secret *secret);
/* The bytes themselves; valid until secret_free. Easy to grep, on purpose. */
unsigned char *secret_borrow(struct secret *secret);
const unsigned char *secret_borrow_const(const struct secret *secret);
/* Shortens to `size` <= the present size; what is cut off is wiped. */
void secret_shrink(struct secret *secret, size_t size);
/* Constant time in the contents; lengths are public. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* What protects secrets here, for the transcript: "memfd_secret", "mlock", or "none". */
const char *secret_protection(void);

/* explicit_bzero, and in test builds marks the bytes undefined for valgrind. */
void secret_wipe(void *data, size_t size);
/* Constant time comparison of equal lengths: true when equal. */
bool secret_memory_equal(const void *a, const void *b, size_t size);
