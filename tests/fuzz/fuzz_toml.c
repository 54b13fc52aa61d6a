/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_toml.c - what must hold for every document that parses:
 * it prints back byte for byte; a set changes one span and keeps every byte around it; the tree
 * afterwards is the old one plus the new value; unsetting a new key gives the old tree again. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/toml_internal.h"

enum {
    N_EDITS = 4, /* tables and values tried for each document */
};

/* Not bare, so that quoting is tried too; no document of the fuzzer will have it. */
static const char fresh_key[] = "fuzz key \"\\ \x01";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok, const char *what, const struct nvb_err *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "property broken: %s\n", what);
    if (err)
        nvb_err_print(err, "fuzz_toml", stderr);
    abort();
}

/* The tree as text, without the entry `skip` and without the key made here. */
static void
dump(const struct nvb_toml_value *v, const struct nvb_toml_value *skip, struct nvb_buf *b)
{
    nvb_buf_addf(b, "%d:", (int)v->type);
    if (v->type == NVB_TOML_TABLE) {
        for (size_t i = 0; i < v->table.n; i++) {
            if (v->table.values[i] == skip || strcmp(v->table.keys[i], fresh_key) == 0)
                continue;
            nvb_buf_add(b, v->table.keys[i], v->table.key_lens[i]);
            nvb_buf_add_str(b, "=");
            dump(v->table.values[i], skip, b);
        }
    } else if (v->type == NVB_TOML_ARRAY) {
        for (size_t i = 0; i < v->array.n; i++)
            dump(v->array.items[i], skip, b);
    } else if (v->type == NVB_TOML_INTEGER || v->type == NVB_TOML_FLOAT) {
        nvb_buf_add(b, &v->integer, sizeof(v->integer)); /* a float's bits are as long */
    } else if (v->type == NVB_TOML_BOOL) {
        nvb_buf_add_str(b, v->boolean ? "t" : "f");
    } else {
        nvb_buf_add(b, v->string.text, v->string.len);
    }
    nvb_buf_add_str(b, ";");
}

static bool is_same(const struct nvb_buf *a, const struct nvb_buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* `now` is `before` with at most `n_gone` bytes, in one place, replaced by others. */
static void check_bytes(const struct nvb_buf *before, const struct nvb_toml *now, size_t n_gone)
{
    size_t len = 0;
    const char *text = nvb_toml_text(now, &len);
    size_t min = len < before->len ? len : before->len;
    size_t head = 0;
    size_t tail = 0;

    while (head < min && text[head] == before->data[head])
        head++;
    while (tail < min && text[len - 1 - tail] == before->data[before->len - 1 - tail])
        tail++;
    must(head + tail + n_gone >= before->len, "bytes outside the edit stay", NULL);
}

static const struct nvb_toml_value *find(const struct nvb_toml *doc, const char *const *path)
{
    const struct nvb_toml_value *v = nvb_toml_root(doc);

    for (; *path; path++)
        v = nvb_toml_get(v, *path);
    return v;
}

static struct nvb_toml *parse(const char *text, size_t len)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    return nvb_toml_parse(text, len, "fuzz", &doc, &err) ? doc : NULL;
}

static bool is_at_limit(const struct nvb_err *err)
{
    return strstr(err->lines[0], "levels deep") || strstr(err->lines[0], "a path has 1 to");
}

/* Set what `path` names; `n_gone` is how many bytes the old value has, 0 for a new key. */
static void try_set(const struct nvb_buf *text, const char *const *path, size_t n_gone)
{
    nvb_autoptr(nvb_toml) doc = parse(text->data, text->len);
    nvb_auto_buf before = { 0 };
    nvb_auto_buf after = { 0 };
    nvb_auto_err err = { 0 };
    const struct nvb_toml_value *v = NULL;

    dump(nvb_toml_root(doc), n_gone ? find(doc, path) : NULL, &before);
    if (!nvb_toml_set_str(doc, path, fresh_key, &err)) {
        must(is_at_limit(&err), "a set succeeds", &err);
        return;
    }
    check_bytes(text, doc, n_gone);
    v = find(doc, path);
    must(v && v->type == NVB_TOML_STRING && strcmp(v->string.text, fresh_key) == 0,
         "the new value reads back", NULL);
    dump(nvb_toml_root(doc), n_gone ? v : NULL, &after);
    must(is_same(&before, &after), "a set keeps all other values", NULL);
    if (n_gone)
        return;
    must(nvb_toml_unset(doc, path, &err), "what was set can be unset", &err);
    must(find(doc, path) == NULL, "what was unset is gone", NULL);
    nvb_buf_clear(&after);
    dump(nvb_toml_root(doc), NULL, &after);
    must(is_same(&before, &after), "an unset keeps all other values", NULL);
}

/* Removing a value keeps the others; the tables that only its dots made go with it. */
static void try_unset(const struct nvb_buf *text, const char *const *path)
{
    nvb_autoptr(nvb_toml) doc = parse(text->data, text->len);
    const struct nvb_toml_value *v = find(doc, path);
    const struct toml_node *node = (const struct toml_node *)(const void *)v;
    bool is_dotted = node->parent->made == TOML_MADE_BY_DOTS;
    nvb_auto_buf before = { 0 };
    nvb_auto_buf after = { 0 };
    nvb_auto_err err = { 0 };

    dump(nvb_toml_root(doc), v, &before);
    must(nvb_toml_unset(doc, path, &err), "a value can be unset", &err);
    must(find(doc, path) == NULL, "what was unset is gone", NULL);
    dump(nvb_toml_root(doc), NULL, &after);
    must(is_dotted || is_same(&before, &after), "an unset keeps all other values", NULL);
}

/* Walk the tables that a path can reach and try an edit at each, up to a number of them. */
static void edit_all(const struct nvb_buf *text,
                     const struct nvb_toml_value *table,
                     const char **path,
                     size_t depth,
                     unsigned *left)
{
    if (*left == 0)
        return;
    --*left;
    path[depth] = fresh_key;
    path[depth + 1] = NULL;
    try_set(text, path, 0);
    for (size_t i = 0; i<table->table.n && * left> 0; i++) {
        const struct nvb_toml_value *v = table->table.values[i];
        const struct toml_node *node = (const struct toml_node *)(const void *)v;

        if (strlen(table->table.keys[i]) != table->table.key_lens[i] ||
            strcmp(table->table.keys[i], fresh_key) == 0)
            continue;
        path[depth] = table->table.keys[i];
        path[depth + 1] = NULL;
        if (v->type == NVB_TOML_TABLE) {
            edit_all(text, v, path, depth + 1, left);
        } else if (node->made == TOML_MADE_VALUE) {
            --*left;
            try_set(text, path, node->end - node->start);
            try_unset(text, path);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path[TOML_DEPTH_MAX + 3] = { fresh_key, fresh_key, NULL };
    nvb_autoptr(nvb_toml) doc = parse((const char *)data, size);
    struct nvb_buf text = { 0 };
    unsigned left = N_EDITS;
    size_t len = 0;

    if (!doc)
        return 0;
    nvb_buf_add(&text, nvb_toml_text(doc, &len), 0);
    must(len == size && memcmp(nvb_toml_text(doc, NULL), data, size) == 0, "it prints back", NULL);
    nvb_buf_add(&text, data, size);
    if (!nvb_toml_get(nvb_toml_root(doc), fresh_key))
        try_set(&text, path, 0);
    edit_all(&text, nvb_toml_root(doc), path, 0, &left);
    nvb_buf_clear(&text);
    return 0;
}
