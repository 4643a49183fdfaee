/* SPDX-License-Identifier: Apache-2.0
 *
 * A target without libFuzzer: every file of the corpus, then RUNS inputs made of them by a
 * fixed sequence of changes.
 *
 *   fuzz_NAME RUNS FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define SIZE_MAX_INPUT 65536U
#define FILES_MAX      2048

struct input {
    uint8_t *data;
    size_t size;
};

static struct input inputs[FILES_MAX];
static size_t input_count;
static uint64_t chance = 2026;

static size_t
draw(size_t below)
{
    chance = chance * 6364136223846793005U + 1442695040888963407U;
    return (size_t)(chance >> 33) % below;
}

static void
read_input(const char *path)
{
    FILE *file = fopen(path, "rbe");
    uint8_t *data = malloc(SIZE_MAX_INPUT);
    if (file == NULL || data == NULL || input_count == FILES_MAX) {
        perror(path);
        exit(2);
    }
    size_t size = fread(data, 1, SIZE_MAX_INPUT, file);
    (void)fclose(file);
    inputs[input_count++] = (struct input){data, size};
}

/* 1 to 6 changes: a byte, a bit, a piece doubled, taken out, or from another input. */
static size_t
change(uint8_t *data, size_t size)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff,
                                    '"',  '\n', '-',  ':',  ' ',  0x1b, 0x30};
    for (size_t n = 1 + draw(6); n > 0; n--) {
        size_t at = draw(size + 1);
        size_t len = 1 + draw(32);
        const struct input *other = &inputs[draw(input_count)];
        switch (draw(5)) {
        case 0:
            if (at < size)
                data[at] = draw(2) == 0 ? edges[draw(sizeof edges)] : (uint8_t)draw(256);
            break;
        case 1:
            if (at < size)
                data[at] ^= (uint8_t)(1U << draw(8));
            break;
        case 2:
            if (at + len <= size && size + len <= SIZE_MAX_INPUT) {
                memmove(data + at + len, data + at, size - at);
                size += len;
            }
            break;
        case 3:
            if (at + len <= size) {
                memmove(data + at, data + at + len, size - at - len);
                size -= len;
            }
            break;
        default:
            if (other->size > len && size + len <= SIZE_MAX_INPUT) {
                memmove(data + at + len, data + at, size - at);
                memcpy(data + at, other->data + draw(other->size - len), len);
                size += len;
            }
        }
    }
    return size;
}

int
main(int argc, char **argv)
{
    static uint8_t data[SIZE_MAX_INPUT];
    if (argc < 3) {
        (void)fprintf(stderr, "usage: %s RUNS FILE...\n", argv[0]);
        return 2;
    }
    (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 2; i < argc; i++)
        read_input(argv[i]);
    for (size_t i = 0; i < input_count; i++)
        (void)LLVMFuzzerTestOneInput(inputs[i].data, inputs[i].size);
    long runs = strtol(argv[1], NULL, 10);
    for (long i = 0; i < runs; i++) {
        const struct input *from = &inputs[draw(input_count)];
        memcpy(data, from->data, from->size);
        size_t size = change(data, from->size);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    (void)printf("%zu inputs and %ld changed ones\n", input_count, runs);
    for (size_t i = 0; i < input_count; i++)
        free(inputs[i].data);
    return 0;
}
