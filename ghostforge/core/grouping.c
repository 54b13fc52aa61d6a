/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/grouping.h"

#include <string.h>

/* Groups that grow together: parents[i] leads to the first entry of i's group. */
static size_t find(size_t *parents, size_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

static void join(size_t *parents, size_t a, size_t b)
{
    a = find(parents, a);
    b = find(parents, b);
    parents[MAX(a, b)] = MIN(a, b);
}

static const GfEntry *get(const GPtrArray *entries, size_t i)
{
    const GfStoredEntry *stored = g_ptr_array_index(entries, i);

    return stored->entry;
}

/* Indices are kept with 1 added, so that NULL is none. */
static bool look_up(GHashTable *index, const char *key, size_t *out)
{
    gpointer value = g_hash_table_lookup(index, key);

    *out = GPOINTER_TO_SIZE(value) - 1;
    return value != NULL;
}

static void put_first(GHashTable *index, const char *key, size_t i)
{
    if (key && !g_hash_table_contains(index, key))
        g_hash_table_insert(index, g_strdup(key), GSIZE_TO_POINTER(i + 1));
}

static void join_named(const GPtrArray *entries, size_t *parents)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    size_t target = 0;

    for (size_t i = 0; i < entries->len; i++) {
        g_autofree char *key = gf_entry_dup_key(get(entries, i));

        put_first(names, key, i);
    }
    for (size_t i = 0; i < entries->len; i++)
        put_first(names, get(entries, i)->alias, i);
    for (size_t i = 0; i < entries->len; i++) {
        const char *same_as = get(entries, i)->same_as;

        if (same_as && look_up(names, same_as, &target))
            join(parents, i, target);
    }
}

static void join_if_other_source(const GPtrArray *entries, size_t *parents, size_t a, size_t b)
{
    if (strcmp(get(entries, a)->source, get(entries, b)->source) != 0)
        join(parents, a, b);
}

/* A directory whose game is known covers all below it: "/a/b/" the file "/a/b/bin/c". */
static void join_below(const GPtrArray *entries,
                       size_t *parents,
                       GHashTable *places,
                       const char *place,
                       size_t i)
{
    g_autofree char *dir = g_strdup(place);
    char *slash = NULL;
    size_t other = 0;

    while ((slash = strrchr(dir, '/')) && slash != dir) {
        slash[1] = '\0';
        if (look_up(places, dir, &other))
            join_if_other_source(entries, parents, i, other);
        *slash = '\0';
    }
}

static void join_places(const GPtrArray *entries, size_t *parents)
{
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    size_t other = 0;

    for (size_t i = 0; i < entries->len; i++)
        put_first(places, get(entries, i)->place, i);
    for (size_t i = 0; i < entries->len; i++) {
        const char *place = get(entries, i)->place;

        if (!place)
            continue;
        if (look_up(places, place, &other))
            join_if_other_source(entries, parents, i, other);
        join_below(entries, parents, places, place, i);
    }
}

size_t gf_group_entries(const GPtrArray *stored_entries, size_t *out_groups)
{
    size_t n = stored_entries->len;
    size_t n_groups = 0;

    for (size_t i = 0; i < n; i++)
        out_groups[i] = i;
    join_named(stored_entries, out_groups);
    join_places(stored_entries, out_groups);
    for (size_t i = 0; i < n; i++)
        out_groups[i] = find(out_groups, i);
    /* The first of a group stands before the others: its number is there when they ask. */
    for (size_t i = 0; i < n; i++)
        out_groups[i] = out_groups[i] == i ? n_groups++ : out_groups[out_groups[i]];
    return n_groups;
}
