/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Pictures of games. Steam's cache had them in one directory until 2024, named after the app; now
 * each app has a directory, in some versions with one more below it, named by a hash. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/steam_internal.h"

static const char cache[] = "appcache/librarycache";

static void list(int dir_fd, const char *path, struct nvb_strv *out)
{
    nvb_autoclose int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_err ignored = { 0 }; /* a game without a picture is still a game */

    if (fd >= 0)
        (void)nvb_list_in_root(fd, ".", out, &ignored);
}

/* "620p.png" is the user's own cover for 620, "620_icon.png" its icon. */
static void read_grid(GfSteam *steam, const char *user)
{
    g_autofree char *path = g_build_filename("userdata", user, "config/grid", NULL);
    nvb_auto_strv names = { 0 };

    list(steam->root_fd, path, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *dot = strrchr(names.items[i], '.');
        g_autofree char *name =
            dot ? g_strndup(names.items[i], (gsize)(dot - names.items[i])) : NULL;

        if (dot && (strcmp(dot, ".png") == 0 || strcmp(dot, ".jpg") == 0) &&
            !g_hash_table_contains(steam->grid, name)) {
            g_hash_table_insert(steam->grid, g_steal_pointer(&name),
                                g_build_filename(steam->root, path, names.items[i], NULL));
        }
    }
}

void gf_steam_read_art(GfSteam *steam)
{
    nvb_auto_strv names = { 0 };

    list(steam->root_fd, cache, &names);
    for (size_t i = 0; i < names.n; i++)
        g_hash_table_add(steam->art_names, g_strdup(names.items[i]));
    for (guint i = 0; i < steam->users->len; i++)
        read_grid(steam, g_ptr_array_index(steam->users, i));
}

static char *dup_own(const GfSteam *steam, const char *app_id, const char *kind)
{
    g_autofree char *name = g_strconcat(app_id, kind, NULL);

    return g_strdup(g_hash_table_lookup(steam->grid, name));
}

static char *dup_old(const GfSteam *steam, const char *app_id, const char *kind)
{
    g_autofree char *name = g_strconcat(app_id, kind, NULL);

    return g_hash_table_contains(steam->art_names, name)
               ? g_build_filename(steam->root, cache, name, NULL)
               : NULL;
}

static char *dup_in(const GfSteam *steam, const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    return faccessat(steam->root_fd, path, F_OK, 0) == 0 ? g_build_filename(steam->root, path, NULL)
                                                         : NULL;
}

static bool is_icon_name(const char *name)
{
    enum {
        HASH_DIGITS = 40
    };

    return strlen(name) == HASH_DIGITS + strlen(".jpg") && nvb_has_suffix(name, ".jpg") &&
           strspn(name, "0123456789abcdef") == HASH_DIGITS;
}

static void find_new(const GfSteam *steam, const char *app_id, GfEntry *entry)
{
    static const char cover[] = "library_600x900.jpg";
    g_autofree char *dir = g_build_filename(cache, app_id, NULL);
    nvb_auto_strv names = { 0 };

    list(steam->root_fd, dir, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        g_autofree char *below = g_build_filename(dir, name, NULL);

        if (!entry->cover && strcmp(name, cover) == 0) {
            entry->cover = g_build_filename(steam->root, below, NULL);
        } else if (!entry->icon && is_icon_name(name)) {
            entry->icon = g_build_filename(steam->root, below, NULL);
        } else if (!entry->cover && !strchr(name, '.')) {
            entry->cover = dup_in(steam, below, cover);
        }
    }
}

void gf_steam_find_art(const GfSteam *steam, const char *app_id, GfEntry *entry)
{
    entry->cover = dup_own(steam, app_id, "p");
    entry->icon = dup_own(steam, app_id, "_icon");
    if (!entry->cover)
        entry->cover = dup_old(steam, app_id, "_library_600x900.jpg");
    if (!entry->icon)
        entry->icon = dup_old(steam, app_id, "_icon.jpg");
    if ((!entry->cover || !entry->icon) && g_hash_table_contains(steam->art_names, app_id))
        find_new(steam, app_id, entry);
}
