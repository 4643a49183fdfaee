/* SPDX-License-Identifier: Apache-2.0
 *
 * What no file of ours may have, whatever its schema: bytes that steer a terminal or cannot be seen,
 * tabs, aliases, anchors, tags, duplicate keys. What a reviewer reads is then what the program reads. */
#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

#include "ceremony/base/text.h"
#include "ceremony/script/loader.h"

/* Text that text_append_safe would change. */
static struct error *
is_safe(const char *data, size_t len, bool *ret_safe)
{
    AUTO_BYTES safe = {0};
    TRY(text_append_safe(&safe, data, len, true));
    *ret_safe = safe.len == len && (len == 0 || memcmp(safe.data, data, len) == 0);
    return NULL;
}

static size_t
utf8_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* One line: the first character in it that may not be there. */
static struct error *
check_line(struct yaml_file *file, const char *line, size_t len, unsigned number,
           bool *ret_good)
{
    unsigned column = 1;
    for (size_t i = 0; i < len; column++) {
        size_t step = utf8_length((unsigned char)line[i]);
        if (step > len - i)
            step = len - i;
        bool safe = false;
        TRY(is_safe(line + i, step, &safe));
        if (safe) {
            i += step;
            continue;
        }
        *ret_good = false;
        struct yaml_node at = {NULL, number, column};
        if (line[i] == '\t')
            return yaml_fault(file, at, "a tab; use blanks");
        if (line[i] == '\r')
            return yaml_fault(file, at, "a carriage return; lines end with a newline alone");
        if (!text_is_utf8(line + i, step))
            return yaml_fault(file, at, "a byte that is not UTF-8 (0x%02X)",
                              (unsigned)(unsigned char)line[i]);
        AUTO_FREE char *shown = NULL;
        TRY(text_safe(line + i, step, &shown));
        return yaml_fault(file, at, "a control or invisible character (%s)", shown);
    }
    if (len > 0 && line[0] == '%') {
        *ret_good = false;
        return yaml_fault(file, (struct yaml_node){NULL, number, 1},
                          "directives (lines that begin with '%%') are not allowed");
    }
    return NULL;
}

struct error *
yaml_check_bytes(struct yaml_file *file, bool *ret_good)
{
    *ret_good = true;
    const struct bytes *bytes = yaml_bytes(file);
    const char *line = bytes_text(bytes);
    size_t rest = bytes->len;
    for (unsigned number = 1; rest > 0; number++) {
        const char *end = memchr(line, '\n', rest);
        size_t len = end == NULL ? rest : (size_t)(end - line);
        TRY(check_line(file, line, len, number, ret_good));
        size_t used = end == NULL ? len : len + 1;
        line += used;
        rest -= used;
    }
    return NULL;
}

/* Tag and anchor of the node itself. Neither has a use here, and both hide what is meant. */
static struct error *
check_properties(struct yaml_file *file, struct yaml_node node)
{
    size_t len = 0;
    const char *tag = fy_node_get_tag(node.node, &len);
    if (tag != NULL)
        TRY(yaml_fault(file, node, "tags ('!...') are not allowed"));
    struct fy_document *document = fy_node_document(node.node);
    if (fy_document_lookup_anchor_by_node(document, node.node) != NULL)
        TRY(yaml_fault(file, node, "anchors ('&...') are not allowed"));
    return NULL;
}

static struct error *
check_scalar(struct yaml_file *file, struct yaml_node node)
{
    if (fy_node_is_alias(node.node))
        return yaml_fault(file, node, "aliases ('*...') are not allowed");
    size_t len = 0;
    const char *data = fy_node_get_scalar(node.node, &len);
    bool safe = true;
    if (data != NULL)
        TRY(is_safe(data, len, &safe));
    if (!safe)
        return yaml_fault(file, node, "a text with a control or invisible character");
    return NULL;
}

struct key_place {
    const char *text;
    size_t len;
    unsigned line;
    unsigned column;
};

static int
compare_keys(const void *a, const void *b)
{
    const struct key_place *x = a;
    const struct key_place *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);
    if (order == 0 && x->len != y->len)
        order = x->len < y->len ? -1 : 1;
    if (order == 0)
        order = x->line != y->line ? (x->line < y->line ? -1 : 1)
                                   : (x->column < y->column ? -1 : 1);
    return order;
}

static struct error *
check_duplicates(struct yaml_file *file, struct key_place *keys, size_t count)
{
    if (count == 0)
        return NULL;
    qsort(keys, count, sizeof *keys, compare_keys);
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        if (keys[i].len != keys[first].len
            || memcmp(keys[i].text, keys[first].text, keys[i].len) != 0) {
            first = i;
            continue;
        }
        TRY(yaml_fault(file, (struct yaml_node){NULL, keys[i].line, keys[i].column},
                       "the key '%.*s' stands here twice (first in line %u)", (int)keys[i].len,
                       keys[i].text, keys[first].line));
    }
    return NULL;
}

static struct error *
check_mapping(struct yaml_file *file, struct yaml_node node)
{
    int item_count = fy_node_mapping_item_count(node.node);
    size_t count = 0;
    AUTO_FREE struct key_place *keys =
        calloc(item_count > 0 ? (size_t)item_count : 1, sizeof *keys);
    if (keys == NULL)
        return error_memory();
    void *state = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(node.node, &state); pair != NULL;
         pair = fy_node_mapping_iterate(node.node, &state)) {
        struct yaml_node key = yaml_place(fy_node_pair_key(pair), node);
        if (key.node != NULL)
            TRY(yaml_check_tree(file, key));
        if (!yaml_is_scalar(key)) {
            TRY(yaml_fault(file, key, "a key must be a plain text"));
        } else {
            size_t len = 0;
            const char *text = fy_node_get_scalar(key.node, &len);
            if (text != NULL && len <= YAML_TEXT_MAX)
                keys[count++] = (struct key_place){text, len, key.line, key.column};
        }
        struct yaml_node value = yaml_place(fy_node_pair_value(pair), key);
        if (value.node != NULL)
            TRY(yaml_check_tree(file, value));
    }
    return check_duplicates(file, keys, count);
}

/* libfyaml limits the depth to 64. */
struct error *
yaml_check_tree(struct yaml_file *file, struct yaml_node node)
{
    TRY(check_properties(file, node));
    if (fy_node_is_scalar(node.node))
        return check_scalar(file, node);
    if (fy_node_is_mapping(node.node))
        return check_mapping(file, node);
    void *state = NULL;
    for (struct fy_node *item = fy_node_sequence_iterate(node.node, &state); item != NULL;
         item = fy_node_sequence_iterate(node.node, &state))
        TRY(yaml_check_tree(file, yaml_place(item, node)));
    return NULL;
}
