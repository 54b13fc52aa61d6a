/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "core/steam_internal.h"

enum {
    TEXT_MAX = 64 << 20, /* a localconfig.vdf of a large library has a few MB */
    READ_TRIES = 3,
    READ_PAUSE_US = 20 * 1000,
    SLOW_READS_MAX = 50, /* a second in all */
};

/* Where each kind of package keeps it, below the home directory. */
static const char *const roots[] = {
    ".local/share/Steam",
    ".steam/steam",
    ".steam/root",
    ".steam/debian-installation",
    ".var/app/com.valvesoftware.Steam/.local/share/Steam",
    ".var/app/com.valvesoftware.Steam/.steam/steam",
    ".var/app/com.valvesoftware.Steam/.steam/root",
    ".var/app/com.valvesoftware.Steam/data/Steam",
    "snap/steam/common/.local/share/Steam",
    "snap/steam/common/.steam/steam",
};

/* Steam does not replace its files at once but writes into them: what ends too early may be whole
 * a moment later. Only so often, or a broken library would take minutes. */
bool gf_steam_read_text(GfSteam *steam,
                        int dir_fd,
                        const char *path,
                        GfVdf **out_vdf,
                        struct nvb_err *err)
{
    for (int i = 1;; i++) {
        nvb_autofree char *text = NULL;
        size_t len = 0;

        if (faccessat(dir_fd, path, F_OK, 0) < 0)
            return true;
        if (nvb_read_file(dir_fd, path, TEXT_MAX, &text, &len, err) &&
            (len > 0 || nvb_fail(err, NVB_D_GAMES, NVB_E_INVALID, "%s: it is empty", path)) &&
            gf_vdf_parse_text(text, len, path, out_vdf, err))
            return true;
        if (err->kind != NVB_E_INVALID || i == READ_TRIES || steam->n_slow_reads >= SLOW_READS_MAX)
            return false;
        steam->n_slow_reads++;
        nvb_err_clear(err);
        g_usleep(READ_PAUSE_US);
    }
}

static void play_free(void *data)
{
    GfSteamPlay *play = data;

    g_free(play->launch_options);
    g_free(play);
}

static void library_free(void *data)
{
    GfSteamLibrary *library = data;

    if (library->apps_fd >= 0)
        (void)close(library->apps_fd);
    g_hash_table_unref(library->prefixes);
    g_free(library->path);
    g_free(library->apps);
    g_free(library);
}

static void steam_init(GfSteam *steam, GfFinds *finds, const char *root)
{
    steam->finds = finds;
    steam->root = g_strdup(root);
    steam->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    steam->libraries = g_ptr_array_new_with_free_func(library_free);
    steam->users = g_ptr_array_new_with_free_func(g_free);
    steam->tools = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    steam->plays = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, play_free);
    steam->art_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    steam->grid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void steam_clear(GfSteam *steam)
{
    g_ptr_array_unref(steam->libraries);
    g_ptr_array_unref(steam->users);
    g_hash_table_unref(steam->tools);
    g_hash_table_unref(steam->plays);
    g_hash_table_unref(steam->art_names);
    g_hash_table_unref(steam->grid);
    if (steam->root_fd >= 0)
        (void)close(steam->root_fd);
    g_free(steam->root);
}

static void scan_root(GfFinds *finds, const char *root, GHashTable *seen)
{
    __attribute__((cleanup(steam_clear))) GfSteam steam = { 0 };

    steam_init(&steam, finds, root);
    steam.seen = seen;
    gf_steam_find_libraries(&steam);
    gf_steam_read_users(&steam);
    gf_steam_read_tools(&steam);
    gf_steam_read_plays(&steam);
    gf_steam_read_art(&steam);
    for (guint i = 0; i < steam.libraries->len; i++)
        gf_steam_add_games(&steam, g_ptr_array_index(steam.libraries, i));
    gf_steam_add_shortcuts(&steam);
}

static bool is_root(const char *path)
{
    nvb_autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 &&
           (faccessat(fd, "steamapps", F_OK, 0) == 0 || faccessat(fd, "SteamApps", F_OK, 0) == 0 ||
            faccessat(fd, "config/libraryfolders.vdf", F_OK, 0) == 0 ||
            faccessat(fd, "userdata", F_OK, 0) == 0);
}

/* Most of these names are links to one of the others. */
static void scan(const GfPlaces *places, GfFinds *finds)
{
    g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *moved = g_build_filename(places->data, "Steam", NULL);

    for (size_t i = 0; i <= G_N_ELEMENTS(roots); i++) {
        g_autofree char *path =
            i > 0 ? g_build_filename(places->home, roots[i - 1], NULL) : g_strdup(moved);
        char *real = realpath(path, NULL);
        struct stat st = { 0 };

        if (!real && lstat(path, &st) == 0)
            gf_finds_miss(finds, "'%s' leads to nothing: is a drive missing?", path);
        if (!real || !is_root(real) || g_hash_table_contains(done, real)) {
            free(real);
            continue;
        }
        g_hash_table_add(done, real);
        finds->is_present = true;
        scan_root(finds, real, seen);
    }
}

const GfSource gf_source_steam = { .name = "steam", .title = "Steam", .scan = scan };
