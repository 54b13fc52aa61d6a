/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* appmanifest_<id>.acf: what is installed in a library. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/steam_internal.h"

enum {
    FULLY_INSTALLED = 4, /* of StateFlags; an update may be pending beside it */
};

/* Redistributables and the runtimes that games are started in. */
static const char *const tool_ids[] = { "228980", "1070560", "1391110", "1628350", "4183110" };

static bool is_tool(const GfSteamLibrary *library, const char *app_id, const char *dir)
{
    g_autofree char *manifest = g_build_filename("common", dir, "toolmanifest.vdf", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(tool_ids); i++) {
        if (strcmp(tool_ids[i], app_id) == 0)
            return true;
    }
    return faccessat(library->apps_fd, manifest, F_OK, 0) == 0;
}

/* A directory below steamapps/common, and nowhere else. */
static bool is_dir_name(const char *dir)
{
    return dir && *dir && !strchr(dir, '/') && strcmp(dir, ".") != 0 && strcmp(dir, "..") != 0;
}

/* "620" of "appmanifest_620.acf"; NULL for what is no number. Caller frees. */
static char *dup_app_id(const char *file)
{
    static const char head[] = "appmanifest_";
    static const char tail[] = ".acf";
    g_autofree char *id = NULL;
    uint64_t number = 0;

    if (!nvb_has_prefix(file, head) || !nvb_has_suffix(file, tail))
        return NULL;
    id = g_strndup(file + strlen(head), strlen(file) - strlen(head) - strlen(tail));
    return nvb_parse_u64(id, UINT32_MAX, &number) ? g_steal_pointer(&id) : NULL;
}

/* An empty name in the mapping is the user's wish for the native game. Of "0", the tool for all that
 * have none, only Windows's games take note: they have a prefix once they were started. */
static void set_tool(const GfSteam *steam, const char *app_id, GfEntry *entry)
{
    const char *tool = g_hash_table_lookup(steam->tools, app_id);

    entry->prefix = gf_steam_dup_prefix(steam, app_id);
    if (!tool && entry->prefix)
        tool = g_hash_table_lookup(steam->tools, "0");
    if ((tool && *tool) || (!tool && entry->prefix)) {
        gf_entry_set_text(&entry->tool, tool);
        gf_entry_set_text(&entry->runner, "proton");
        gf_entry_set_text(&entry->platform, "windows");
    } else {
        gf_entry_set_text(&entry->runner, "native");
        gf_entry_set_text(&entry->platform, "linux");
    }
}

static void set_play(const GfSteam *steam, const char *app_id, GfEntry *entry)
{
    const GfSteamPlay *play = g_hash_table_lookup(steam->plays, app_id);

    if (!play)
        return;
    entry->playtime_s = play->playtime_s;
    entry->last_played_s = MAX(entry->last_played_s, play->last_played_s);
    if (play->launch_options && *play->launch_options) {
        struct nvb_json *options = nvb_json_new_object();
        g_autofree char *text = g_utf8_make_valid(play->launch_options, -1);

        nvb_json_set_str(options, "launch_options", text);
        gf_entry_take_json(&entry->options, options);
    }
}

static int64_t get_number(const GfVdfNode *state, const char *key)
{
    uint64_t number = 0;

    return gf_vdf_get_u64(state, key, &number) && number <= INT64_MAX ? (int64_t)number : 0;
}

static void set_title(const GfVdfNode *state, const char *app_id, GfEntry *entry)
{
    const char *name = gf_vdf_get_text(state, "name");

    if (!name || !*name)
        name = gf_vdf_get_text(gf_vdf_get(state, "UserConfig"), "name");
    if (name)
        gf_entry_set_title(entry, name);
    if (!entry->title)
        entry->title = g_strconcat("App ", app_id, NULL);
}

static void
add_game(GfSteam *steam, const GfSteamLibrary *library, const char *app_id, const GfVdfNode *state)
{
    const char *dir = gf_vdf_get_text(state, "installdir");
    GfEntry *entry = NULL;

    if (!is_dir_name(dir) || is_tool(library, app_id, dir))
        return;
    g_hash_table_add(steam->seen, g_strdup(app_id));
    entry = gf_finds_add(steam->finds, app_id);
    set_title(state, app_id, entry);
    entry->install_dir = g_build_filename(library->apps, "common", dir, NULL);
    entry->size_bytes = get_number(state, "SizeOnDisk");
    entry->last_played_s = get_number(state, "LastPlayed");
    entry->uri = g_strconcat("steam://rungameid/", app_id, NULL);
    if (!(get_number(state, "StateFlags") & FULLY_INSTALLED))
        entry->state = GF_STATE_PARTIAL;
    set_tool(steam, app_id, entry);
    set_play(steam, app_id, entry);
    gf_steam_find_art(steam, app_id, entry);
}

static void add_manifest(GfSteam *steam, const GfSteamLibrary *library, const char *file)
{
    g_autofree char *app_id = dup_app_id(file);
    g_autoptr(GfVdf) vdf = NULL;
    nvb_auto_err err = { 0 };

    if (!app_id || g_hash_table_contains(steam->seen, app_id))
        return;
    if (!gf_steam_read_text(steam, library->apps_fd, file, &vdf, &err)) {
        gf_finds_miss_err(steam->finds, &err);
    } else if (vdf) {
        add_game(steam, library, app_id, gf_vdf_get(gf_vdf_root(vdf), "AppState"));
    }
}

void gf_steam_add_games(GfSteam *steam, const GfSteamLibrary *library)
{
    nvb_auto_strv files = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_list_in_root(library->apps_fd, ".", &files, &err)) {
        gf_finds_miss_err(steam->finds, &err);
        return;
    }
    for (size_t i = 0; i < files.n; i++)
        add_manifest(steam, library, files.items[i]);
}
