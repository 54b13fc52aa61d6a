/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "core/steam_internal.h"

/* "SteamApps" is from before 2013; file systems of other systems may have kept it. */
static int open_apps(int library_fd, const char **out_name)
{
    static const char *const names[] = { "steamapps", "SteamApps" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        int fd = openat(library_fd, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        *out_name = names[i];
        if (fd >= 0 || errno != ENOENT)
            return fd;
    }
    return -1;
}

static GHashTable *list_names(int dir_fd, const char *path)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    nvb_auto_strv list = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || !nvb_list_in_root(fd, ".", &list, &ignored))
        return names;
    for (size_t i = 0; i < list.n; i++)
        g_hash_table_add(names, g_strdup(list.items[i]));
    return names;
}

static bool has_library(const GfSteam *steam, const char *real)
{
    for (guint i = 0; i < steam->libraries->len; i++) {
        const GfSteamLibrary *library = g_ptr_array_index(steam->libraries, i);

        if (strcmp(library->path, real) == 0)
            return true;
    }
    return false;
}

static void add_library(GfSteam *steam, const char *path)
{
    nvb_autofree char *real = realpath(path, NULL);
    nvb_autoclose int fd = -1;
    nvb_autoclose int apps_fd = -1;
    GfSteamLibrary *library = NULL;
    const char *name = NULL;

    if (real && has_library(steam, real))
        return;
    fd = real ? open(real, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) {
        gf_finds_miss(steam->finds, "the folder '%s' of Steam cannot be reached: %s", path,
                      strerror(errno));
        return;
    }
    apps_fd = open_apps(fd, &name);
    if (apps_fd < 0 && errno == ENOENT && strcmp(real, steam->root) == 0)
        return;        /* a client that was started once */
    if (apps_fd < 0) { /* the drive's mount point is there, the drive is not */
        gf_finds_miss(steam->finds, "the folder '%s' of Steam has no games in it: %s", path,
                      strerror(errno));
        return;
    }
    library = g_new0(GfSteamLibrary, 1);
    library->path = g_strdup(real);
    library->apps = g_build_filename(real, name, NULL);
    library->apps_fd = nvb_steal_fd(&apps_fd);
    library->prefixes = list_names(library->apps_fd, "compatdata");
    g_ptr_array_add(steam->libraries, library);
}

static bool is_number(const char *text)
{
    uint64_t number = 0;

    return nvb_parse_u64(text, UINT64_MAX, &number);
}

/* "1" "/path" until 2021, then "1" { "path" "/path" ... }. "mounted" "0" is an absent drive, which
 * is told of when its path is tried. */
static void add_folders(GfSteam *steam, const GfVdf *vdf)
{
    const GfVdfNode *folders = gf_vdf_get(gf_vdf_root(vdf), "libraryfolders");

    for (const GfVdfNode *node = folders ? folders->first : NULL; node; node = node->next) {
        const char *path = node->text ? node->text : gf_vdf_get_text(node, "path");

        if (is_number(node->key) && path && *path == '/')
            add_library(steam, path);
    }
}

static void read_folders(GfSteam *steam, const char *path)
{
    g_autoptr(GfVdf) vdf = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_steam_read_text(steam, steam->root_fd, path, &vdf, &err)) {
        gf_finds_miss_err(steam->finds, &err);
    } else if (vdf) {
        add_folders(steam, vdf);
    }
}

/* BaseInstallFolder_1, _2... of clients before 2013's libraryfolders.vdf. */
static void read_old_folders(GfSteam *steam)
{
    g_autoptr(GfVdf) vdf = NULL;
    const GfVdfNode *node = NULL;
    nvb_auto_err ignored = { 0 }; /* told when the tools are read from it */

    if (!gf_steam_read_text(steam, steam->root_fd, "config/config.vdf", &vdf, &ignored) || !vdf)
        return;
    node = gf_vdf_find(gf_vdf_root(vdf), "InstallConfigStore", "Software", "Valve", "Steam", NULL);
    for (node = node ? node->first : NULL; node; node = node->next) {
        if (g_ascii_strncasecmp(node->key, "BaseInstallFolder_", strlen("BaseInstallFolder_")) ==
                0 &&
            node->text && *node->text == '/')
            add_library(steam, node->text);
    }
}

void gf_steam_find_libraries(GfSteam *steam)
{
    add_library(steam, steam->root);
    read_folders(steam, "config/libraryfolders.vdf");
    read_folders(steam, "steamapps/libraryfolders.vdf");
    read_old_folders(steam);
}

char *gf_steam_dup_prefix(const GfSteam *steam, const char *app_id)
{
    for (guint i = 0; i < steam->libraries->len; i++) {
        const GfSteamLibrary *library = g_ptr_array_index(steam->libraries, i);
        g_autofree char *below = NULL;

        if (!g_hash_table_contains(library->prefixes, app_id))
            continue;
        below = g_build_filename("compatdata", app_id, "pfx", NULL);
        if (faccessat(library->apps_fd, below, F_OK, 0) == 0)
            return g_build_filename(library->apps, below, NULL);
    }
    return NULL;
}
