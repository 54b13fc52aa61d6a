/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/entry_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "core/source.h"

struct GfPlaceCache {
    GHashTable *parents; /* path -> where it really is; "" when it is not there */
};

GfPlaceCache *gf_place_cache_new(void)
{
    GfPlaceCache *cache = g_new0(GfPlaceCache, 1);

    cache->parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
    return cache;
}

void gf_place_cache_free(GfPlaceCache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->parents);
    g_free(cache);
}

static const char *resolve_parent(GfPlaceCache *cache, const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    char *real = g_hash_table_lookup(cache->parents, parent);

    if (!real) {
        real = realpath(parent, NULL);
        if (!real)
            real = nvb_xstrdup("");
        g_hash_table_insert(cache->parents, g_steal_pointer(&parent), real);
    }
    return real;
}

/* As realpath(3), for one lstat() where only parents are links. NULL when it is not there. */
static char *resolve(GfPlaceCache *cache, const char *path)
{
    const char *parent = resolve_parent(cache, path);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *real = NULL;
    struct stat st = { 0 };

    if (!*parent)
        return NULL;
    real = strcmp(name, "/") == 0 ? g_strdup("/")
                                  : g_strconcat(parent[1] ? parent : "", "/", name, NULL);
    if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
        return realpath(path, NULL);
    if (lstat(real, &st) < 0)
        return NULL;
    return S_ISLNK(st.st_mode) ? realpath(real, NULL) : g_steal_pointer(&real);
}

static bool is_of_the_system(const char *path)
{
    static const char *const roots[] = { "/usr/", "/bin/", "/opt/", "/app/", "/var/lib/flatpak/" };

    for (size_t i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (nvb_has_prefix(path, roots[i]))
            return true;
    }
    return false;
}

/* Who adds a program by hand says what its arguments are for. */
static bool has_args(const GfEntry *entry, const char *exe)
{
    return entry->args && (is_of_the_system(exe) || strcmp(entry->source, GF_SOURCE_MANUAL) == 0);
}

/* An executable that is not where it was said to be, as one in another letter case, keeps its
 * name: two sources that both say so mean the same. */
static char *dup_exe_place(const GfEntry *entry, const char *dir, GfPlaceCache *cache)
{
    bool is_absolute = entry->exe[0] == '/';
    g_autofree char *path = NULL;
    g_autofree char *real = NULL;

    if (!is_absolute && !dir)
        return NULL;
    path = is_absolute ? g_strdup(entry->exe) : g_build_filename(dir, entry->exe, NULL);
    real = resolve(cache, path);
    if (!real)
        real = g_steal_pointer(&path);
    return has_args(entry, real) ? g_strconcat(real, " ", entry->args, NULL)
                                 : g_steal_pointer(&real);
}

void gf_entry_find_place(GfEntry *entry, GfPlaceCache *cache)
{
    g_autofree char *dir = entry->install_dir ? resolve(cache, entry->install_dir) : NULL;

    g_clear_pointer(&entry->place, g_free);
    if (entry->install_dir && !dir && entry->state == GF_STATE_READY)
        entry->state = GF_STATE_ABSENT;
    if (entry->exe) {
        entry->place = dup_exe_place(entry, dir, cache);
    } else if (dir && dir[1]) {
        entry->place = g_strconcat(dir, "/", NULL);
    }
}
