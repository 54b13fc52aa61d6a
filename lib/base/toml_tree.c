/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Which table a key lands in. TOML says that nothing may be defined twice, and that a table's
 * definition stays in one place; `made` remembers how each came to be:
 *
 *   met by ->          a header's way   the header's end   a dotted key's way
 *   made by a path     passes           defines it         passes, then it is made by dots
 *   made by a header   passes           refused            refused
 *   made by dots       passes           refused            passes (only its section gets there)
 *   inline             refused          refused            refused, but inside its own braces
 *   array of headers   its last table   [[ ]] adds one     refused                             */
#include <string.h>

#include "base/toml_internal.h"

static const uint64_t fnv_prime = 0x100000001b3;

/* FNV-1a, started from addresses that another process does not know. */
static size_t
hash(const struct toml_reader *r, const struct toml_node *table, const char *key, size_t len)
{
    uint64_t h = (uint64_t)(uintptr_t)table * fnv_prime ^ (uint64_t)(uintptr_t)r->doc;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)key[i]) * fnv_prime;
    return (size_t)(h ^ h >> 29);
}

/* The slot of that key, or the free one where it would go. */
static struct toml_slot *
find_slot(const struct toml_reader *r, const struct toml_node *table, const char *key, size_t len)
{
    size_t i = hash(r, table, key, len) & (r->n_slots - 1);

    for (; r->slots[i].child; i = (i + 1) & (r->n_slots - 1)) {
        const struct toml_slot *s = &r->slots[i];

        if (s->table == table && s->len == len && memcmp(s->key, key, len) == 0)
            break;
    }
    return &r->slots[i];
}

static void grow_slots(struct toml_reader *r)
{
    struct toml_slot *old = r->slots;
    size_t n_old = r->n_slots;

    r->n_slots = n_old ? n_old * 2 : 64;
    r->slots = nvb_xcalloc(r->n_slots, sizeof(*r->slots));
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].child)
            *find_slot(r, old[i].table, old[i].key, old[i].len) = old[i];
    }
    free(old);
}

static struct toml_node *
find_child(const struct toml_reader *r, const struct toml_node *table, const struct toml_key *key)
{
    return r->n_slots ? find_slot(r, table, key->text, key->len)->child : NULL;
}

struct toml_node *toml_node_new(struct toml_reader *r,
                                enum nvb_toml_type type,
                                enum toml_made made,
                                size_t start,
                                unsigned depth)
{
    struct nvb_toml *doc = r->doc;
    struct toml_node *node = NULL;

    if (depth > TOML_DEPTH_MAX) {
        toml_fail(doc, start, r->err, "more than %d levels deep", TOML_DEPTH_MAX);
        return NULL;
    }
    node = nvb_xcalloc(1, sizeof(*node));
    toml_place_move(doc, &r->place, start);
    node->value.type = type;
    node->value.line = r->place.line;
    node->value.column = r->place.column;
    node->made = made;
    node->start = start;
    node->end = start;
    node->depth = depth;
    if (doc->n_nodes == doc->n_nodes_alloc) {
        doc->n_nodes_alloc = doc->n_nodes_alloc ? doc->n_nodes_alloc * 2 : 32;
        doc->nodes = nvb_xrealloc((void *)doc->nodes, doc->n_nodes_alloc, sizeof(void *));
    }
    doc->nodes[doc->n_nodes++] = node;
    return node;
}

void toml_node_free(struct toml_node *node)
{
    struct nvb_toml_value *value = &node->value;
    bool is_table = value->type == NVB_TOML_TABLE;

    for (size_t i = 0; is_table && i < value->table.n; i++)
        free(node->keys[i]);
    free(node->text);
    free((void *)node->keys);
    free(node->key_lens);
    free((void *)node->items);
    free(node);
}

static void grow(struct toml_node *node, size_t n)
{
    bool is_table = node->value.type == NVB_TOML_TABLE;

    if (n < node->n_alloc)
        return;
    node->n_alloc = n ? n * 2 : 4;
    node->items = nvb_xrealloc((void *)node->items, node->n_alloc, sizeof(void *));
    if (is_table) {
        node->keys = nvb_xrealloc((void *)node->keys, node->n_alloc, sizeof(*node->keys));
        node->key_lens = nvb_xrealloc(node->key_lens, node->n_alloc, sizeof(*node->key_lens));
    }
}

void toml_array_add(struct toml_node *array, struct toml_node *child)
{
    size_t n = array->value.array.n;

    grow(array, n);
    array->items[n] = &child->value;
    array->value.array.items = array->items;
    array->value.array.n = n + 1;
    child->parent = array;
}

void toml_table_add(struct toml_reader *r,
                    struct toml_node *table,
                    struct toml_key *take_key,
                    struct toml_node *child)
{
    size_t n = table->value.table.n;

    if (2 * (r->n_used + 1) > r->n_slots)
        grow_slots(r);
    r->n_used++;
    *find_slot(r, table, take_key->text, take_key->len) = (struct toml_slot){
        .table = table, .key = take_key->text, .len = take_key->len, .child = child
    };
    grow(table, n);
    table->keys[n] = nvb_steal(&take_key->text);
    table->key_lens[n] = take_key->len;
    table->items[n] = &child->value;
    table->value.table.keys = (const char *const *)table->keys;
    table->value.table.key_lens = table->key_lens;
    table->value.table.values = table->items;
    table->value.table.n = n + 1;
    child->parent = table;
}

static bool
fail_twice(struct toml_reader *r, const struct toml_key *key, const struct toml_node *old)
{
    size_t len = key->end - key->start;
    int shown = len > TOML_QUOTE_MAX ? TOML_QUOTE_MAX : (int)len;

    return toml_fail(r->doc, key->start, r->err, "'%.*s%s' is already defined, on line %u", shown,
                     r->doc->text + key->start, len > TOML_QUOTE_MAX ? "..." : "", old->value.line);
}

static bool
fail_no_table(struct toml_reader *r, const struct toml_key *key, const struct toml_node *old)
{
    const char *what = old->made == TOML_MADE_INLINE ? "inline table"
                       : old->made == TOML_MADE_BY_ARRAY_HEADER
                           ? "array of tables"
                           : nvb_toml_type_name(old->value.type);

    return toml_fail(r->doc, key->start, r->err, "cannot add to the %s of line %u", what,
                     old->value.line);
}

/* One step of a dotted key. */
static struct toml_node *step_dots(struct toml_reader *r,
                                   struct toml_node *container,
                                   struct toml_node *table,
                                   struct toml_key *key)
{
    struct toml_node *next = find_child(r, table, key);

    if (!next) {
        next = toml_node_new(r, NVB_TOML_TABLE, TOML_MADE_BY_DOTS, key->start, table->depth + 1);
        if (next)
            toml_table_add(r, table, key, next);
    } else if (next->made == TOML_MADE_BY_PATH) {
        next->made = TOML_MADE_BY_DOTS;
    } else if (next->made == TOML_MADE_BY_HEADER) {
        fail_twice(r, key, next);
        return NULL;
    } else if (next->made != TOML_MADE_BY_DOTS) {
        fail_no_table(r, key, next);
        return NULL;
    }
    if (next)
        next->container = container;
    return next;
}

bool toml_walk_dots(struct toml_reader *r,
                    struct toml_node *container,
                    struct toml_keys *keys,
                    struct toml_node **out_table)
{
    struct toml_node *table = container;
    const struct toml_node *old = NULL;

    for (size_t i = 0; i + 1 < keys->n; i++) {
        table = step_dots(r, container, table, &keys->items[i]);
        if (!table)
            return false;
    }
    old = find_child(r, table, &keys->items[keys->n - 1]);
    if (old)
        return fail_twice(r, &keys->items[keys->n - 1], old);
    *out_table = table;
    return true;
}

/* One step of a header's path, before its last key. */
static struct toml_node *
step_header(struct toml_reader *r, struct toml_node *table, struct toml_key *key, size_t start)
{
    struct toml_node *next = find_child(r, table, key);

    if (!next) {
        next = toml_node_new(r, NVB_TOML_TABLE, TOML_MADE_BY_PATH, start, table->depth + 1);
        if (next)
            toml_table_add(r, table, key, next);
        return next;
    }
    if (next->made == TOML_MADE_BY_ARRAY_HEADER)
        return (struct toml_node *)next->items[next->value.array.n - 1];
    if (next->made == TOML_MADE_INLINE || next->value.type != NVB_TOML_TABLE) {
        fail_no_table(r, key, next);
        return NULL;
    }
    return next;
}

/* The end of [a.b]. */
static struct toml_node *
define_table(struct toml_reader *r, struct toml_node *parent, struct toml_key *key, size_t start)
{
    struct toml_node *child = find_child(r, parent, key);

    if (!child) {
        child = toml_node_new(r, NVB_TOML_TABLE, TOML_MADE_BY_HEADER, start, parent->depth + 1);
        if (child)
            toml_table_add(r, parent, key, child);
        return child;
    }
    if (child->made != TOML_MADE_BY_PATH) {
        fail_twice(r, key, child);
        return NULL;
    }
    toml_place_move(r->doc, &r->place, start);
    child->made = TOML_MADE_BY_HEADER;
    child->start = start;
    child->value.line = r->place.line;
    child->value.column = r->place.column;
    return child;
}

/* The end of [[a.b]]. */
static struct toml_node *
append_table(struct toml_reader *r, struct toml_node *parent, struct toml_key *key, size_t start)
{
    struct toml_node *array = find_child(r, parent, key);
    struct toml_node *table = NULL;

    if (array && array->made != TOML_MADE_BY_ARRAY_HEADER) {
        fail_twice(r, key, array);
        return NULL;
    }
    if (!array) {
        array =
            toml_node_new(r, NVB_TOML_ARRAY, TOML_MADE_BY_ARRAY_HEADER, start, parent->depth + 1);
        if (!array)
            return NULL;
        toml_table_add(r, parent, key, array);
    }
    table = toml_node_new(r, NVB_TOML_TABLE, TOML_MADE_BY_HEADER, start, array->depth + 1);
    if (table)
        toml_array_add(array, table);
    return table;
}

bool toml_walk_header(struct toml_reader *r,
                      struct toml_keys *keys,
                      bool is_array,
                      size_t start,
                      struct toml_node **out_table)
{
    struct toml_node *table = r->doc->nodes[0];
    struct toml_key *last = &keys->items[keys->n - 1];

    for (size_t i = 0; table && i + 1 < keys->n; i++)
        table = step_header(r, table, &keys->items[i], start);
    if (!table)
        return false;
    table = is_array ? append_table(r, table, last, start) : define_table(r, table, last, start);
    *out_table = table;
    return table != NULL;
}
