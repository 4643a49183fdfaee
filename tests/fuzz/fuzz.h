/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fuzz target is: one function that gives bytes from outside to the code that reads
 * them. It is called twice for each input: once as it is, and once with one allocation
 * failing, of our code or of OpenSSL; which one follows from the input. (Not of Jansson: the
 * parser of its version 2.14 writes where it may not when its memory ends.) A crash, a leak,
 * a BUG() or a report of a sanitizer is a finding; an error is not. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Written for each target: target_NAME.c. Frees what it makes, errors too. */
void fuzz_one(const uint8_t *data, size_t size);

/* A file of this process's own folder with these bytes; its path, valid until the next call. */
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);
const char *fuzz_folder(void);
/* A file of the source tree, read once and kept. */
const uint8_t *fuzz_source_file(const char *name, size_t *ret_size);

/* What libFuzzer calls, and replay.c where there is none. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
