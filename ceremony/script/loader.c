/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

struct yaml_file {
    char *name;
    struct bytes bytes;
    struct faults *faults; /* borrowed */
    struct places *places; /* borrowed */
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_document *document;
};

void
yaml_file_free(struct yaml_file *file)
{
    if (file == NULL)
        return;
    if (file->document != NULL)
        fy_parse_document_destroy(file->parser, file->document);
    if (file->parser != NULL)
        fy_parser_destroy(file->parser);
    if (file->diag != NULL)
        fy_diag_destroy(file->diag);
    bytes_clear(&file->bytes);
    free(file->name);
    free(file);
}

struct error *
yaml_fault(struct yaml_file *file, struct yaml_node at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    struct error *error = faults_add(file->faults, file->name, at.line, at.column, "%s", text);
    free(text);
    return error;
}

/* What the parser itself objects to. */
static struct error *
take_parser_faults(struct yaml_file *file)
{
    void *state = NULL;
    size_t count = 0;
    for (struct fy_diag_error *fault = fy_diag_errors_iterate(file->diag, &state);
         fault != NULL; fault = fy_diag_errors_iterate(file->diag, &state)) {
        struct yaml_node at = {NULL, fault->line > 0 ? (unsigned)fault->line : 1,
                               fault->column > 0 ? (unsigned)fault->column : 1};
        TRY(yaml_fault(file, at, "this is not YAML: %s", fault->msg));
        count++;
    }
    if (count == 0)
        return yaml_fault(file, (struct yaml_node){NULL, 1, 1}, "the file is empty");
    return NULL;
}

static struct error *
refuse_second_document(struct yaml_file *file)
{
    struct fy_document *second = fy_parse_load_document(file->parser);
    if (second == NULL)
        return NULL;
    struct yaml_node at = yaml_place(fy_document_root(second), (struct yaml_node){NULL, 1, 1});
    fy_parse_document_destroy(file->parser, second);
    return yaml_fault(file, at, "a second document begins here; a file holds one");
}

static struct error *
parse(struct yaml_file *file)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    file->diag = fy_diag_create(&diag_config);
    if (file->diag == NULL)
        return error_memory();
    fy_diag_set_collect_errors(file->diag, true);
    /* Duplicates are let through here and refused with all other faults in yaml_check_tree. */
    unsigned flags =
        FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_JSON_NONE;
    struct fy_parse_cfg config = {.flags = (enum fy_parse_cfg_flags)flags, .diag = file->diag};
    file->parser = fy_parser_create(&config);
    if (file->parser == NULL)
        return error_memory();
    if (fy_parser_set_string(file->parser, bytes_text(&file->bytes), file->bytes.len) != 0)
        return error_memory();
    file->document = fy_parse_load_document(file->parser);
    if (file->document == NULL || fy_document_root(file->document) == NULL)
        return take_parser_faults(file);
    TRY(yaml_check_tree(file, yaml_root(file)));
    return refuse_second_document(file);
}

struct error *
yaml_open(const char *path, struct faults *faults, struct places *places,
          struct yaml_file **ret_file)
{
    AUTO(yaml_file) file = calloc(1, sizeof *file);
    if (file == NULL)
        return error_memory();
    file->faults = faults;
    file->places = places;
    TRY(text_copy(path, &file->name));
    TRY(file_read(path, YAML_FILE_MAX, &file->bytes));
    bool good = false;
    TRY(yaml_check_bytes(file, &good));
    if (good)
        TRY(parse(file));
    *ret_file = TAKE(file);
    return NULL;
}

bool
yaml_parsed(const struct yaml_file *file)
{
    return file->document != NULL && fy_document_root(file->document) != NULL;
}

struct yaml_node
yaml_root(const struct yaml_file *file)
{
    struct yaml_node nothing = {NULL, 1, 1};
    if (file->document == NULL)
        return nothing;
    return yaml_place(fy_document_root(file->document), nothing);
}

const struct bytes *
yaml_bytes(const struct yaml_file *file)
{
    return &file->bytes;
}

const char *
yaml_name(const struct yaml_file *file)
{
    return file->name;
}

struct faults *
yaml_faults(const struct yaml_file *file)
{
    return file->faults;
}

struct yaml_node
yaml_place(struct fy_node *node, struct yaml_node fallback)
{
    struct yaml_node placed = {node, fallback.line, fallback.column};
    if (node == NULL)
        return placed;
    if (fy_node_is_scalar(node)) {
        struct fy_token *token = fy_node_get_scalar_token(node);
        const struct fy_mark *mark = token == NULL ? NULL : fy_token_start_mark(token);
        if (mark != NULL) {
            placed.line = (unsigned)mark->line + 1;
            placed.column = (unsigned)mark->column + 1;
            enum fy_node_style style = fy_node_get_style(node);
            if ((style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED
                 || style == FYNS_ALIAS)
                && placed.column > 1)
                placed.column--; /* libfyaml means the first letter, people see the mark */
        }
        return placed;
    }
    struct fy_node *first = NULL;
    void *state = NULL;
    if (fy_node_is_sequence(node)) {
        first = fy_node_sequence_iterate(node, &state);
    } else {
        struct fy_node_pair *pair = fy_node_mapping_iterate(node, &state);
        first = pair == NULL ? NULL : fy_node_pair_key(pair);
    }
    struct yaml_node inner = yaml_place(first, fallback);
    placed.line = inner.line;
    placed.column = inner.column;
    return placed;
}

bool
yaml_is_mapping(struct yaml_node node)
{
    return node.node != NULL && fy_node_is_mapping(node.node);
}

bool
yaml_is_list(struct yaml_node node)
{
    return node.node != NULL && fy_node_is_sequence(node.node);
}

bool
yaml_is_scalar(struct yaml_node node)
{
    return node.node != NULL && fy_node_is_scalar(node.node) && !fy_node_is_alias(node.node)
           && fy_node_get_scalar_token(node.node) != NULL;
}

static bool
is_alias(struct yaml_node node)
{
    return node.node != NULL && fy_node_is_alias(node.node);
}

struct error *
yaml_pairs(struct yaml_file *file, struct yaml_node node, const char *what, yaml_pair each,
           void *self)
{
    if (is_alias(node))
        return NULL; /* refused already */
    if (!yaml_is_mapping(node))
        return yaml_fault(file, node, "%s must be a mapping (lines of 'key: value')", what);
    void *state = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(node.node, &state); pair != NULL;
         pair = fy_node_mapping_iterate(node.node, &state)) {
        struct yaml_node key = yaml_place(fy_node_pair_key(pair), node);
        if (!yaml_is_scalar(key))
            continue; /* refused by yaml_check_tree */
        AUTO_FREE char *text = NULL;
        TRY(yaml_text(file, key, "a key", YAML_TEXT_MAX, false, &text));
        if (text == NULL)
            continue;
        TRY(each(file, text, key, yaml_place(fy_node_pair_value(pair), key), self));
    }
    return NULL;
}

struct error *
yaml_items(struct yaml_file *file, struct yaml_node node, const char *what, yaml_item each,
           void *self)
{
    if (is_alias(node))
        return NULL;
    if (!yaml_is_list(node))
        return yaml_fault(file, node, "%s must be a list (lines that begin with '- ')", what);
    void *state = NULL;
    size_t count = 0;
    for (struct fy_node *item = fy_node_sequence_iterate(node.node, &state); item != NULL;
         item = fy_node_sequence_iterate(node.node, &state)) {
        TRY(each(file, yaml_place(item, node), self));
        count++;
    }
    if (count == 0)
        return yaml_fault(file, node, "%s is an empty list", what);
    return NULL;
}

struct error *
yaml_text(struct yaml_file *file, struct yaml_node node, const char *what, size_t max,
          bool prose, char **ret_text)
{
    *ret_text = NULL;
    if (is_alias(node))
        return NULL;
    if (node.node != NULL && !fy_node_is_scalar(node.node))
        return yaml_fault(file, node, "%s must be a text, not a %s", what,
                          fy_node_is_mapping(node.node) ? "mapping" : "list");
    if (!yaml_is_scalar(node))
        return yaml_fault(file, node, "%s is empty", what);
    size_t len = 0;
    const char *data = fy_node_get_scalar(node.node, &len);
    if (data == NULL)
        return error_memory();
    while (len > 0 && data[len - 1] == '\n')
        len--; /* the last line's end of a block scalar */
    if (memchr(data, '\0', len) != NULL)
        return NULL; /* refused by yaml_check_tree */
    if (len > max)
        return yaml_fault(file, node, "%s is longer than %zu bytes", what, max);
    if (!prose && memchr(data, '\n', len) != NULL)
        return yaml_fault(file, node, "%s must be one line", what);
    AUTO_FREE char *text = strndup(data, len);
    if (text == NULL)
        return error_memory();
    *ret_text = TAKE(text);
    return NULL;
}

struct error *
yaml_take_text(struct yaml_file *file, struct yaml_node node, const char *what, size_t max,
               bool prose, char **ret_text)
{
    TRY(yaml_text(file, node, what, max, prose, ret_text));
    if (*ret_text == NULL || file->places == NULL)
        return NULL;
    return places_add(file->places, file->name, *ret_text, node.line, node.column);
}

bool
yaml_is_name(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz";
    static const char more[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(text);
    return len > 0 && len <= YAML_NAME_MAX && strchr(first, text[0]) != NULL
           && strspn(text, more) == len;
}

struct error *
yaml_take_name(struct yaml_file *file, const char *key, struct yaml_node at, char **ret_name)
{
    AUTO_FREE char *name = NULL;
    TRY(text_copy(key, &name));
    if (file->places != NULL)
        TRY(places_add(file->places, file->name, name, at.line, at.column));
    if (!yaml_is_name(name))
        TRY(yaml_fault(
            file, at,
            "'%s' is no name: small letters, digits and '-', at most %d, first a letter", name,
            YAML_NAME_MAX));
    *ret_name = TAKE(name);
    return NULL;
}

struct error *
yaml_did_you_mean(const char *word, const char *const *candidates, size_t count,
                  char **ret_text)
{
    const char *nearest = text_nearest(word, candidates, count);
    if (nearest == NULL)
        return text_copy("", ret_text);
    return text_format(ret_text, "; did you mean '%s'?", nearest);
}

void *
yaml_grow(void *array_pointer, size_t *count, size_t size)
{
    char *array = NULL;
    memcpy(&array, array_pointer, sizeof array);
    char *grown = realloc(array, (*count + 1) * size);
    if (grown == NULL)
        return NULL;
    memcpy(array_pointer, &grown, sizeof grown);
    char *item = grown + *count * size;
    memset(item, 0, size);
    (*count)++;
    return item;
}

bool
yaml_is_inner_path(const char *path)
{
    if (path[0] == '\0' || path[0] == '/')
        return false;
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        if (*part == '/')
            part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}
