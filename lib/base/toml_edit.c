/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Every edit is one splice: cut some bytes, put others there, parse the result. Parsing it again
 * costs microseconds for a file that a person wrote, and tree and text can never disagree. */
#include <string.h>

#include "base/toml_internal.h"

/* Where a path leads. */
struct target {
    const char *const *path;       /* borrowed */
    size_t n;                      /* keys in it */
    const struct toml_node *node;  /* what it names, or NULL */
    const struct toml_node *table; /* the last table on the way that exists */
    size_t n_found;                /* how many keys lead there */
};

static const struct toml_node *node_of(const struct nvb_toml_value *value)
{
    return (const struct toml_node *)(const void *)value;
}

/* "\r\n" if the file's first line ends so. */
static const char *newline_of(const struct nvb_toml *doc)
{
    size_t n = strcspn(doc->text, "\r\n");

    return doc->text[n] == '\r' ? "\r\n" : "\n";
}

static void add_quoted(struct nvb_buf *b, const char *s)
{
    static const char letters[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";

    nvb_buf_add_str(b, "\"");
    for (; *s; s++) {
        const char *known = strchr(meanings, *s);

        if (known) {
            nvb_buf_addf(b, "\\%c", letters[known - meanings]);
        } else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            nvb_buf_addf(b, "\\u%04X", (unsigned)*s);
        } else {
            nvb_buf_add(b, s, 1);
        }
    }
    nvb_buf_add_str(b, "\"");
}

/* keys[from..n) as a dotted key. */
static void add_keys(struct nvb_buf *b, const struct target *t, size_t from, size_t n)
{
    for (size_t i = from; i < n; i++) {
        const char *key = t->path[i];
        size_t bare = 0;

        while (toml_is_bare(key[bare]))
            bare++;
        nvb_buf_add_str(b, i > from ? "." : "");
        if (bare > 0 && !key[bare]) {
            nvb_buf_add_str(b, key);
        } else {
            add_quoted(b, key);
        }
    }
}

static char *dup_path(const struct target *t, size_t n)
{
    nvb_auto_buf b = { 0 };

    add_keys(&b, t, 0, n);
    return nvb_steal(&b.data);
}

static bool is_utf8(const char *s)
{
    size_t left = strlen(s);

    while (left > 0) {
        size_t n = nvb_utf8_length(s, left);

        if (n == 0)
            return false;
        s += n;
        left -= n;
    }
    return true;
}

static bool find_target(const struct nvb_toml *doc,
                        const char *const *path,
                        struct target *t,
                        struct nvb_err *err)
{
    *t = (struct target){ .path = path, .table = doc->nodes[0] };
    while (path[t->n]) {
        if (!is_utf8(path[t->n]))
            return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "a key is not UTF-8");
        t->n++;
    }
    if (t->n == 0 || t->n > TOML_DEPTH_MAX) {
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "a path has 1 to %d keys, not %zu",
                        TOML_DEPTH_MAX, t->n);
    }
    for (; t->n_found < t->n; t->n_found++) {
        const struct toml_node *next = node_of(nvb_toml_get(&t->table->value, path[t->n_found]));

        if (!next)
            return true;
        if (t->n_found + 1 == t->n) {
            t->node = next;
            return true;
        }
        if (next->value.type != NVB_TOML_TABLE) {
            nvb_autofree char *way = dup_path(t, t->n_found + 1);

            return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "'%s' in '%s' is no table but %s %s",
                            way, doc->name,
                            strchr("ai", *nvb_toml_type_name(next->value.type)) ? "an" : "a",
                            nvb_toml_type_name(next->value.type));
        }
        t->table = next;
    }
    return true;
}

static bool refuse_table(const struct nvb_toml *doc, const struct target *t, struct nvb_err *err)
{
    bool is_tables = t->node->made == TOML_MADE_BY_ARRAY_HEADER;
    nvb_autofree char *way = NULL;

    if (t->node->value.type != NVB_TOML_TABLE && !is_tables)
        return true;
    way = dup_path(t, t->n);
    return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "'%s' in '%s' is %s", way, doc->name,
                    is_tables ? "an array of tables" : "a table");
}

/* Put `text` where the bytes from..to were. The document stays as it was unless this succeeds. */
static bool
splice(struct nvb_toml *doc, size_t from, size_t to, const char *text, struct nvb_err *err)
{
    nvb_auto_buf b = { 0 };
    struct nvb_toml *fresh = NULL;
    struct nvb_toml old = { 0 };

    nvb_buf_add(&b, doc->text, from);
    nvb_buf_add_str(&b, text);
    nvb_buf_add(&b, doc->text + to, doc->len - to);
    if (!nvb_toml_parse(b.data, b.len, doc->name, &fresh, err))
        return nvb_while(err, "cannot change '%s'", doc->name);
    old = *doc;
    *doc = *fresh;
    *fresh = old;
    nvb_toml_free(fresh);
    return true;
}

static size_t line_start(const struct nvb_toml *doc, size_t at)
{
    while (at > toml_mark_length(doc->text) && doc->text[at - 1] != '\n')
        at--;
    return at;
}

/* The last entry written in a container, or NULL; entries are in the order of the text. */
static const struct toml_node *
last_entry(const struct nvb_toml *doc, const struct toml_node *container, size_t before)
{
    const struct toml_node *last = NULL;

    for (size_t i = 0; i < doc->n_nodes; i++) {
        const struct toml_node *node = doc->nodes[i];

        if (node->is_entry && node->container == container && node->key_start < before)
            last = node;
    }
    return last;
}

/* The root has no header to stand under. Its first key goes above the first header and above the
 * comment that belongs to it, or to the end of a file that has none. */
static size_t first_root_line(const struct nvb_toml *doc)
{
    size_t at = line_start(doc, doc->first_header);

    if (doc->first_header == doc->len)
        return doc->len;
    while (at > toml_mark_length(doc->text)) {
        size_t above = line_start(doc, at - 1);

        if (doc->text[above + strspn(doc->text + above, " \t")] != '#')
            break;
        at = above;
    }
    return at;
}

/* A line of its own in a header's table or in the root: behind the lines of `table`, indented
 * like the line above. `from` is the first key of the path that the section does not imply. */
static bool insert_line(struct nvb_toml *doc,
                        const struct target *t,
                        const struct toml_node *section,
                        const char *value,
                        struct nvb_err *err)
{
    const struct toml_node *table = t->table;
    bool is_first_of_root = table->own_end == 0;
    size_t at = is_first_of_root ? first_root_line(doc) : table->own_end;
    const struct toml_node *above = last_entry(doc, section, at);
    size_t indent = line_start(doc, above ? above->key_start : section->start);
    nvb_auto_buf b = { 0 };

    if (at > toml_mark_length(doc->text) && doc->text[at - 1] != '\n')
        nvb_buf_add_str(&b, newline_of(doc));
    if (!is_first_of_root)
        nvb_buf_add(&b, doc->text + indent, strspn(doc->text + indent, " \t"));
    add_keys(&b, t, section->depth, t->n);
    nvb_buf_addf(&b, " = %s%s", value, newline_of(doc));
    if (is_first_of_root && at < doc->len)
        nvb_buf_add_str(&b, newline_of(doc));
    return splice(doc, at, at, b.data, err);
}

static bool insert_inline(struct nvb_toml *doc,
                          const struct target *t,
                          const struct toml_node *table,
                          const char *value,
                          struct nvb_err *err)
{
    const struct toml_node *last = last_entry(doc, table, doc->len);
    size_t at = last ? last->end : table->start + 1;
    nvb_auto_buf b = { 0 };

    nvb_buf_add_str(&b, last ? ", " : " ");
    add_keys(&b, t, table->depth, t->n);
    nvb_buf_addf(&b, " = %s%s", value, !last && doc->text[at] == '}' ? " " : "");
    return splice(doc, at, at, b.data, err);
}

/* A new header at the end of the file. */
static bool
insert_section(struct nvb_toml *doc, const struct target *t, const char *value, struct nvb_err *err)
{
    const char *newline = newline_of(doc);
    bool is_empty = doc->len == toml_mark_length(doc->text);
    nvb_auto_buf b = { 0 };

    if (!is_empty && doc->text[doc->len - 1] != '\n')
        nvb_buf_add_str(&b, newline);
    nvb_buf_addf(&b, "%s[", is_empty ? "" : newline);
    add_keys(&b, t, 0, t->n - 1);
    nvb_buf_addf(&b, "]%s", newline);
    add_keys(&b, t, t->n - 1, t->n);
    nvb_buf_addf(&b, " = %s%s", value, newline);
    return splice(doc, doc->len, doc->len, b.data, err);
}

static const struct toml_node *inline_around(const struct toml_node *table)
{
    while (table && table->made != TOML_MADE_INLINE)
        table = table->parent;
    return table;
}

static bool
set(struct nvb_toml *doc, const char *const *path, const char *value, struct nvb_err *err)
{
    const struct toml_node *around = NULL;
    struct target t;

    if (!find_target(doc, path, &t, err))
        return false;
    if (t.node)
        return refuse_table(doc, &t, err) && splice(doc, t.node->start, t.node->end, value, err);
    around = inline_around(t.table);
    if (around)
        return insert_inline(doc, &t, around, value, err);
    if (t.n_found + 1 == t.n && t.table->made == TOML_MADE_BY_HEADER)
        return insert_line(doc, &t, t.table, value, err);
    if (t.n_found + 1 == t.n && t.table->made == TOML_MADE_BY_DOTS)
        return insert_line(doc, &t, t.table->container, value, err);
    return insert_section(doc, &t, value, err);
}

bool nvb_toml_set_str(struct nvb_toml *doc,
                      const char *const *path,
                      const char *value,
                      struct nvb_err *err)
{
    nvb_auto_buf b = { 0 };

    if (!is_utf8(value))
        return nvb_fail(err, NVB_D_BASE, NVB_E_INVALID, "the value is not UTF-8");
    add_quoted(&b, value);
    return set(doc, path, b.data, err);
}

bool nvb_toml_set_integer(struct nvb_toml *doc,
                          const char *const *path,
                          int64_t value,
                          struct nvb_err *err)
{
    nvb_autofree char *text = nvb_xasprintf("%lld", (long long)value);

    return set(doc, path, text, err);
}

bool nvb_toml_set_real(struct nvb_toml *doc,
                       const char *const *path,
                       double value,
                       struct nvb_err *err)
{
    nvb_autofree char *text = toml_dup_real(value);

    return set(doc, path, text, err);
}

bool nvb_toml_set_bool(struct nvb_toml *doc,
                       const char *const *path,
                       bool value,
                       struct nvb_err *err)
{
    return set(doc, path, value ? "true" : "false", err);
}

/* An entry of an inline table goes with one of its commas. */
static bool unset_inline(struct nvb_toml *doc, const struct toml_node *node, struct nvb_err *err)
{
    const struct toml_node *before = last_entry(doc, node->container, node->key_start);
    size_t to = node->end;

    if (before)
        return splice(doc, before->end, to, "", err);
    to += strspn(doc->text + to, " \t");
    if (doc->text[to] == ',') {
        to++;
        to += strspn(doc->text + to, " \t");
    }
    return splice(doc, node->key_start, to, "", err);
}

bool nvb_toml_unset(struct nvb_toml *doc, const char *const *path, struct nvb_err *err)
{
    struct target t;
    size_t end = 0;

    if (!find_target(doc, path, &t, err))
        return false;
    if (!t.node)
        return true;
    if (!refuse_table(doc, &t, err))
        return false;
    if (t.node->container->made == TOML_MADE_INLINE)
        return unset_inline(doc, t.node, err);
    end = t.node->end + strcspn(doc->text + t.node->end, "\n");
    end += doc->text[end] == '\n';
    return splice(doc, line_start(doc, t.node->key_start), end, "", err);
}
