/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "path_set.h"

#include <string.h>

enum {
    SLOTS_MIN = 64,
};

/* What a removed path leaves behind, so that others are still found behind it. */
static char removed[] = "";

static uint64_t hash(const char *path)
{
    uint64_t h = 14695981039346656037U; /* FNV-1a */

    for (const char *p = path; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211U;
    return h ^ h >> 29;
}

/* The slot of the path, or the empty one where it would be. */
static char **find(const struct path_set *set, const char *path)
{
    for (uint64_t i = hash(path);; i++) {
        char **slot = &set->slots[i & (set->n_slots - 1)];

        if (!*slot || (*slot != removed && strcmp(*slot, path) == 0))
            return slot;
    }
}

static void grow(struct path_set *set)
{
    struct path_set larger = { .n_slots = set->n_slots ? set->n_slots * 2 : SLOTS_MIN };

    larger.slots = nvb_xcalloc(larger.n_slots, sizeof(*larger.slots));
    for (size_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i] && set->slots[i] != removed) {
            *find(&larger, set->slots[i]) = set->slots[i];
            larger.n_used++;
        }
    }
    free(set->slots);
    *set = larger;
}

void path_set_add(struct path_set *set, const char *path)
{
    char **slot = NULL;

    if (set->n_used * 2 >= set->n_slots)
        grow(set);
    slot = find(set, path);
    if (*slot)
        return;
    *slot = nvb_xstrdup(path);
    set->n_used++;
}

void path_set_remove(struct path_set *set, const char *path)
{
    char **slot = set->n_slots ? find(set, path) : NULL;

    if (!slot || !*slot)
        return;
    free(*slot);
    *slot = removed;
}

bool path_set_has(const struct path_set *set, const char *path)
{
    return set->n_slots && *find(set, path);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void path_set_list(const struct path_set *set, struct nvb_strv *out)
{
    for (size_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i] && set->slots[i] != removed)
            nvb_strv_add(out, set->slots[i]);
    }
    if (out->n > 1)
        qsort(out->items, out->n, sizeof(*out->items), by_text);
}

void path_set_clear(struct path_set *set)
{
    for (size_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i] != removed)
            free(set->slots[i]);
    }
    free(set->slots);
    *set = (struct path_set){ 0 };
}
