/* SPDX-License-Identifier: Apache-2.0
 *
 * The one reader of YAML. A file is read whole, parsed by libfyaml, and checked for what no file of
 * ours may have (aliases, anchors, tags, several documents, duplicate keys, control and invisible
 * characters); then records are filled from tables of rows. Nothing stops at the first fault: each
 * goes to `faults` with file:line:column. A function here fails only for lack of memory or a file
 * that cannot be read. Scalars are texts until a row types them. Private to script/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/script/faults.h"
#include "ceremony/script/places.h"

#define YAML_FILE_MAX  ((size_t)1 << 20) /* bytes */
#define YAML_NAME_MAX  48
#define YAML_TEXT_MAX  400
#define YAML_PROSE_MAX 4000

struct fy_node;

/* A node and where it stands (an empty one: where its key stands). */
struct yaml_node {
    struct fy_node *node; /* NULL: nothing after the colon */
    unsigned line;
    unsigned column;
};

struct yaml_file;

/* Reads and parses; checks what no file may have. `name` is how faults call the file. When the file
 * cannot be parsed at all there is a fault, and the root is no mapping. Its bytes stay at hand. */
MUST_CHECK struct error *yaml_open(const char *path, struct faults *faults,
                                   struct places *places, struct yaml_file **ret_file);
void yaml_file_free(struct yaml_file *file);
DEFINE_AUTO(yaml_file, yaml_file_free);
/* False: the text is no YAML; the faults say why, and there is nothing to read. */
bool yaml_parsed(const struct yaml_file *file);
struct yaml_node yaml_root(const struct yaml_file *file);
const struct bytes *yaml_bytes(const struct yaml_file *file);
const char *yaml_name(const struct yaml_file *file);
struct faults *yaml_faults(const struct yaml_file *file);

enum yaml_type {
    YAML_NAME,   /* char *: a-z, 0-9 and '-', begins with a letter */
    YAML_TEXT,   /* char *: one line */
    YAML_PROSE,  /* char *: may have several lines */
    YAML_DATE,   /* char *: 2026-11-23 */
    YAML_SHA256, /* char[65]-sized char *: 64 hexadecimal digits, lower case */
    YAML_TEXTS,  /* struct pki_texts: a list of texts, or one text */
    YAML_NUMBER, /* unsigned: between min and max */
    YAML_YES,    /* bool: true, false, yes, no */
    YAML_CHOICE, /* int: the index in `allowed` */
    YAML_OWN,    /* whatever `read` makes of it */
    YAML_IGNORE  /* read elsewhere */
};

#define YAML_REQUIRED 1U
#define YAML_NULLABLE 2U /* a missing text stays NULL; else it becomes "" */

/* Reads a node into the field at `target`. */
typedef struct error *(*yaml_reader)(struct yaml_file *file, struct yaml_node node,
                                     void *target);

struct yaml_row {
    const char *key;
    enum yaml_type type;
    size_t offset;
    unsigned flags;
    const char *about;          /* what it is, for "missing key" and docs */
    const char *const *allowed; /* NULL-terminated */
    yaml_reader read;
    unsigned min;
    unsigned max;
};

#define YAML_ROW(record, field, name, kind, how, what)                                         \
    {                                                                                          \
        .key = (name), .type = (kind), .offset = offsetof(record, field), .flags = (how),      \
        .about = (what)                                                                        \
    }
/* One more member: `.allowed = values` or `.read = function`. */
#define YAML_ROW_WITH(record, field, name, kind, how, what, member)                            \
    {                                                                                          \
        .key = (name), .type = (kind), .offset = offsetof(record, field), .flags = (how),      \
        .about = (what), member                                                                \
    }
#define YAML_ROW_NUMBER(record, field, name, how, what, least, most)                           \
    {                                                                                          \
        .key = (name), .type = YAML_NUMBER, .offset = offsetof(record, field), .flags = (how), \
        .about = (what), .min = (least), .max = (most)                                         \
    }

struct yaml_schema {
    const char *noun; /* "a step" */
    const struct yaml_row *rows;
    size_t count;
};

#define YAML_SCHEMA(noun, rows)                                                                \
    {                                                                                          \
        noun, rows, sizeof(rows) / sizeof(rows)[0]                                             \
    }

/* Fills `record` (zeroed by the caller) from a mapping. Afterwards no text of it is NULL but the
 * nullable, faults or not. */
MUST_CHECK struct error *yaml_record(struct yaml_file *file, struct yaml_node node,
                                     const struct yaml_schema *schema, void *record);
/* Frees what the rows allocated (YAML_OWN: the owner's business). */
void yaml_record_clear(const struct yaml_schema *schema, void *record);

/* Calls `each` for all entries of a mapping whose keys are names (`what`: "roles"). */
typedef struct error *(*yaml_pair)(struct yaml_file *file, const char *key, struct yaml_node at,
                                   struct yaml_node value, void *self);
MUST_CHECK struct error *yaml_pairs(struct yaml_file *file, struct yaml_node node,
                                    const char *what, yaml_pair each, void *self);
/* Calls `each` for all items of a list. */
typedef struct error *(*yaml_item)(struct yaml_file *file, struct yaml_node item, void *self);
MUST_CHECK struct error *yaml_items(struct yaml_file *file, struct yaml_node node,
                                    const char *what, yaml_item each, void *self);

/* The scalar as a new text; NULL (with a fault) if it is none, or longer than `max` bytes, or has
 * more lines than one and `prose` is false. `what`: "'title'". */
MUST_CHECK struct error *yaml_text(struct yaml_file *file, struct yaml_node node,
                                   const char *what, size_t max, bool prose, char **ret_text);
/* The same for a text that the loaded thing keeps: its place is remembered. (Not for passing ones:
 * their addresses come again.) */
MUST_CHECK struct error *yaml_take_text(struct yaml_file *file, struct yaml_node node,
                                        const char *what, size_t max, bool prose,
                                        char **ret_text);
/* A key or id: remembers its place; fault if it is no name. */
MUST_CHECK struct error *yaml_take_name(struct yaml_file *file, const char *key,
                                        struct yaml_node at, char **ret_name);
bool yaml_is_name(const char *text);
bool yaml_is_mapping(struct yaml_node node);
bool yaml_is_list(struct yaml_node node);
bool yaml_is_scalar(struct yaml_node node);

MUST_CHECK struct error *yaml_fault(struct yaml_file *file, struct yaml_node at,
                                    const char *format, ...) PRINTF_LIKE(3, 4);
/* "; did you mean 'label'?" or "". */
MUST_CHECK struct error *yaml_did_you_mean(const char *word, const char *const *candidates,
                                           size_t count, char **ret_text);

/* One more zeroed element at the end of a counted array; NULL when out of memory. */
void *yaml_grow(void *array_pointer, size_t *count, size_t size);

/* Reads the `schema:` key's value: only 1 is known. */
MUST_CHECK struct error *yaml_read_schema_version(struct yaml_file *file, struct yaml_node node,
                                                  void *target);
/* `path` below the folder of its file: neither absolute nor with "..". */
bool yaml_is_inner_path(const char *path);

/* --- between loader.c and loader_hygiene.c --- */
MUST_CHECK struct error *yaml_check_bytes(struct yaml_file *file, bool *ret_good);
MUST_CHECK struct error *yaml_check_tree(struct yaml_file *file, struct yaml_node node);
struct yaml_node yaml_place(struct fy_node *node, struct yaml_node fallback);
