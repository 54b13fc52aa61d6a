/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/toml_internal.h"

/* "key = value"; the key may be dotted. */
static bool parse_entry(struct toml_reader *r, struct toml_node *container, struct toml_keys *keys)
{
    const char *text = r->doc->text;
    struct toml_node *table = NULL;
    struct toml_node *node = NULL;

    if (!toml_scan_keys(r, keys))
        return false;
    if (text[r->at] != '=') {
        toml_fail(r->doc, r->at, r->err, "expected '=' behind the key");
        return nvb_hint(r->err, "write key = value");
    }
    r->at++;
    toml_skip_blanks(r);
    if (!toml_walk_dots(r, container, keys, &table) ||
        !toml_parse_value(r, table->depth + 1, &node))
        return false;
    node->is_entry = true;
    node->key_start = keys->items[0].start;
    node->container = container;
    toml_table_add(r, table, &keys->items[keys->n - 1], node);
    return true;
}

static bool parse_array(struct toml_reader *r, struct toml_node *array)
{
    const char *text = r->doc->text;

    for (r->at++;; r->at++) {
        struct toml_node *item = NULL;

        toml_skip_lines(r);
        if (text[r->at] == ']')
            break;
        if (!text[r->at])
            return toml_fail(r->doc, array->start, r->err, "the array has no closing ]");
        if (!toml_parse_value(r, array->depth + 1, &item))
            return false;
        toml_array_add(array, item);
        toml_skip_lines(r);
        if (text[r->at] == ']')
            break;
        if (!text[r->at])
            return toml_fail(r->doc, array->start, r->err, "the array has no closing ]");
        if (text[r->at] != ',')
            return toml_fail(r->doc, r->at, r->err, "expected ',' or ']' behind the value");
    }
    r->at++;
    return true;
}

static bool fail_inline(struct toml_reader *r, const struct toml_node *table)
{
    const char *text = r->doc->text;

    if (toml_newline_length(text + r->at) == 0 && text[r->at] && text[r->at] != '#')
        return toml_fail(r->doc, r->at, r->err, "expected ',' or '}' behind the value");
    toml_fail(r->doc, table->start, r->err, "the inline table has no closing } on its line");
    return nvb_hint(r->err, "TOML 1.0 wants an inline table on one line; write a [table] instead");
}

static bool parse_inline_table(struct toml_reader *r, struct toml_node *table)
{
    const char *text = r->doc->text;
    struct toml_keys keys = { .n = 0 };
    bool is_ok = true;

    r->at++;
    toml_skip_blanks(r);
    if (text[r->at] == '}') {
        r->at++;
        return true;
    }
    for (;; r->at++) {
        is_ok = parse_entry(r, table, &keys);
        toml_keys_clear(&keys);
        if (!is_ok)
            return false;
        toml_skip_blanks(r);
        if (text[r->at] != ',')
            break;
    }
    if (text[r->at] != '}')
        return fail_inline(r, table);
    r->at++;
    return true;
}

bool toml_parse_value(struct toml_reader *r, unsigned depth, struct toml_node **out_node)
{
    char c = r->doc->text[r->at];
    struct toml_node *node = toml_node_new(r, 0, TOML_MADE_VALUE, r->at, depth);
    bool is_ok = false;

    if (!node)
        return false;
    if (c == '[') {
        node->value.type = NVB_TOML_ARRAY;
        is_ok = parse_array(r, node);
    } else if (c == '{') {
        node->value.type = NVB_TOML_TABLE;
        node->made = TOML_MADE_INLINE;
        is_ok = parse_inline_table(r, node);
    } else if (c == '"' || c == '\'') {
        is_ok = toml_scan_string(r, &node->text, &node->value.string.len);
        node->value.type = NVB_TOML_STRING;
        node->value.string.text = node->text;
    } else {
        is_ok = toml_scan_scalar(r, node);
    }
    node->end = r->at;
    *out_node = node;
    return is_ok;
}

/* The tables of a dotted key grow to the end of this line, and so does its section. */
static void note_line(struct toml_reader *r, const struct toml_keys *keys)
{
    struct toml_node *node = r->doc->nodes[r->doc->n_nodes - 1];

    while (node != r->section && !(node->is_entry && node->key_start == keys->items[0].start))
        node = node->parent; /* out of the value's own items */
    for (; node != r->section; node = node->parent)
        node->own_end = r->at;
    r->section->own_end = r->at;
}

static bool parse_line(struct toml_reader *r)
{
    struct toml_keys keys = { .n = 0 };
    bool is_ok = parse_entry(r, r->section, &keys) && toml_end_line(r, "value");

    if (is_ok)
        note_line(r, &keys);
    toml_keys_clear(&keys);
    return is_ok;
}

static bool close_header(struct toml_reader *r, bool is_array)
{
    const char *text = r->doc->text;

    if (text[r->at] != ']' || (is_array && text[r->at + 1] != ']')) {
        return toml_fail(r->doc, r->at, r->err, "expected '%s' behind the table's name",
                         is_array ? "]]" : "]");
    }
    r->at += is_array ? 2 : 1;
    return toml_end_line(r, "header");
}

/* "[a.b]" or "[[a.b]]". */
static bool parse_header(struct toml_reader *r)
{
    size_t start = r->at;
    bool is_array = r->doc->text[start + 1] == '[';
    struct toml_keys keys = { .n = 0 };
    bool is_ok = false;

    r->at += is_array ? 2 : 1;
    is_ok = toml_scan_keys(r, &keys) && close_header(r, is_array) &&
            toml_walk_header(r, &keys, is_array, start, &r->section);
    toml_keys_clear(&keys);
    if (!is_ok)
        return false;
    r->section->own_end = r->at;
    if (r->doc->first_header > start)
        r->doc->first_header = start;
    return true;
}

bool toml_parse_document(struct nvb_toml *doc, struct nvb_err *err)
{
    size_t start = toml_mark_length(doc->text);
    struct toml_reader r = {
        .doc = doc, .at = start, .place = {.at = start, .line = 1, .column = 1},
                .err = err
    };
    bool is_ok = true;

    r.section = toml_node_new(&r, NVB_TOML_TABLE, TOML_MADE_BY_HEADER, r.at, 0);
    for (toml_skip_lines(&r); is_ok && doc->text[r.at]; toml_skip_lines(&r))
        is_ok = doc->text[r.at] == '[' ? parse_header(&r) : parse_line(&r);
    free(r.slots);
    return is_ok;
}
