/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What users set and did: tools that games start with, options, playing time. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/steam_internal.h"

#define FIRST_ID64 UINT64_C(76561197960265728) /* of the account with the number 0 */

enum {
    SECONDS_A_MINUTE = 60,
};

/* config/loginusers.vdf names accounts by their long number; "MostRecent" is the one to believe. */
static char *dup_latest_user(GfSteam *steam)
{
    g_autoptr(GfVdf) vdf = NULL;
    const GfVdfNode *node = NULL;
    nvb_auto_err ignored = { 0 }; /* then no user comes before the others */

    if (!gf_steam_read_text(steam, steam->root_fd, "config/loginusers.vdf", &vdf, &ignored) || !vdf)
        return NULL;
    node = gf_vdf_get(gf_vdf_root(vdf), "users");
    for (node = node ? node->first : NULL; node; node = node->next) {
        uint64_t id = 0;
        uint64_t is_latest = 0;

        if (nvb_parse_u64(node->key, UINT64_MAX, &id) && id >= FIRST_ID64 &&
            gf_vdf_get_u64(node, "MostRecent", &is_latest) && is_latest == 1)
            return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)(id - FIRST_ID64));
    }
    return NULL;
}

void gf_steam_read_users(GfSteam *steam)
{
    g_autofree char *latest = dup_latest_user(steam);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int fd = openat(steam->root_fd, "userdata", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        uint64_t id = 0;

        if (!nvb_parse_u64(names.items[i], UINT32_MAX, &id))
            continue; /* "ac", "anonymous" */
        g_ptr_array_insert(steam->users, g_strcmp0(names.items[i], latest) == 0 ? 0 : -1,
                           g_strdup(names.items[i]));
    }
}

void gf_steam_read_tools(GfSteam *steam)
{
    g_autoptr(GfVdf) vdf = NULL;
    const GfVdfNode *node = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_steam_read_text(steam, steam->root_fd, "config/config.vdf", &vdf, &err)) {
        gf_finds_miss_err(steam->finds, &err);
        return;
    }
    node = vdf ? gf_vdf_find(gf_vdf_root(vdf), "InstallConfigStore", "Software", "Valve", "Steam",
                             "CompatToolMapping", NULL)
               : NULL;
    for (node = node ? node->first : NULL; node; node = node->next) {
        const char *name = gf_vdf_get_text(node, "name");

        if (name && !g_hash_table_contains(steam->tools, node->key))
            g_hash_table_insert(steam->tools, g_strdup(node->key), g_strdup(name));
    }
}

static int64_t get_seconds(const GfVdfNode *node, const char *key, int64_t unit)
{
    uint64_t number = 0;

    if (!gf_vdf_get_u64(node, key, &number) || number > (uint64_t)(INT64_MAX / unit))
        return 0;
    return (int64_t)number * unit;
}

static void add_play(GfSteam *steam, const GfVdfNode *app)
{
    GfSteamPlay *play = g_hash_table_lookup(steam->plays, app->key);
    int64_t played_s = get_seconds(app, "Playtime", SECONDS_A_MINUTE);
    int64_t last_s = get_seconds(app, "LastPlayed", 1);

    if (!play) {
        play = g_new0(GfSteamPlay, 1);
        play->launch_options = g_strdup(gf_vdf_get_text(app, "LaunchOptions"));
        g_hash_table_insert(steam->plays, g_strdup(app->key), play);
    }
    play->playtime_s += MIN(played_s, INT64_MAX - play->playtime_s);
    play->last_played_s = MAX(play->last_played_s, last_s);
}

void gf_steam_read_plays(GfSteam *steam)
{
    for (guint i = 0; i < steam->users->len; i++) {
        const char *user = g_ptr_array_index(steam->users, i);
        g_autofree char *path = g_build_filename("userdata", user, "config/localconfig.vdf", NULL);
        g_autoptr(GfVdf) vdf = NULL;
        const GfVdfNode *node = NULL;
        nvb_auto_err err = { 0 };

        if (!gf_steam_read_text(steam, steam->root_fd, path, &vdf, &err)) {
            gf_finds_miss_err(steam->finds, &err);
            continue;
        }
        node = vdf ? gf_vdf_find(gf_vdf_root(vdf), "UserLocalConfigStore", "Software", "Valve",
                                 "Steam", "apps", NULL)
                   : NULL;
        for (node = node ? node->first : NULL; node; node = node->next)
            add_play(steam, node);
    }
}
