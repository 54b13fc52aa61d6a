/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* shortcuts.vdf: other people's games that a user added to Steam. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/reference.h"
#include "core/steam_internal.h"

enum {
    BYTES_MAX = 256 << 20,
};

#define SHORTCUT_BIT UINT32_C(0x80000000)
#define GAME_ID_TYPE UINT64_C(0x02000000) /* in the lower half of a shortcut's 64-bit number */

static uint32_t crc32(const char *bytes, uint32_t crc)
{
    for (crc = ~crc; *bytes; bytes++) {
        crc ^= (unsigned char)*bytes;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

/* Older files do not tell the id: it was made of the two texts. */
static uint32_t get_id(const GfVdfNode *shortcut, const char *exe, const char *name)
{
    uint64_t id = 0;

    if (gf_vdf_get_u64(shortcut, "appid", &id) && (uint32_t)id != 0)
        return (uint32_t)id;
    return crc32(name, crc32(exe, 0)) | SHORTCUT_BIT;
}

/* "\"/a b/c\" -x" -> "/a b/c", and where the rest begins. Without quotes all is the path. */
static char *dup_unquoted(const char *text, const char **out_rest)
{
    const char *end = *text == '"' ? strchr(text + 1, '"') : NULL;

    *out_rest = end ? end + 1 + strspn(end + 1, " ") : "";
    return end ? g_strndup(text + 1, (gsize)(end - text - 1)) : g_strdup(text);
}

static void set_command(const GfVdfNode *shortcut, const char *exe, GfEntry *entry)
{
    const char *options = gf_vdf_get_text(shortcut, "LaunchOptions");
    const char *dir = gf_vdf_get_text(shortcut, "StartDir");
    const char *flatpak = gf_vdf_get_text(shortcut, "FlatpakAppID");
    const char *rest = NULL;
    g_autofree char *path = dup_unquoted(exe, &rest);
    g_autofree char *start = dup_unquoted(dir ? dir : "", &dir);
    g_autofree char *args = g_strstrip(g_strconcat(rest, " ", options ? options : "", NULL));
    g_autofree char *command = g_strconcat(exe, " ", args, NULL);

    gf_entry_set_path(&entry->exe, path);
    gf_entry_set_text(&entry->args, args);
    if (nvb_has_suffix(start, "/") && start[1]) /* Steam ends it so */
        start[strlen(start) - 1] = '\0';
    gf_entry_set_path(&entry->working_dir, start);
    entry->same_as = gf_reference_dup_from_command(command);
    if (flatpak && *flatpak) {
        gf_entry_set_text(&entry->runner, "flatpak");
        gf_entry_set_text(&entry->tool, flatpak);
    }
}

static void set_runner(const GfSteam *steam, const char *id, GfEntry *entry)
{
    const char *tool = g_hash_table_lookup(steam->tools, id);
    g_autofree char *lower = entry->exe ? g_ascii_strdown(entry->exe, -1) : NULL;
    bool is_windows = lower && nvb_has_suffix(lower, ".exe");

    entry->prefix = gf_steam_dup_prefix(steam, id);
    if (!entry->runner) {
        gf_entry_set_text(&entry->runner, (tool && *tool) || is_windows ? "proton" : "native");
        gf_entry_set_text(&entry->tool, tool);
    }
    gf_entry_set_text(&entry->platform, is_windows ? "windows" : "linux");
}

static void add_shortcut(GfSteam *steam, const GfVdfNode *shortcut)
{
    const char *name = gf_vdf_get_text(shortcut, "AppName");
    const char *exe = gf_vdf_get_text(shortcut, "Exe");
    const char *icon = gf_vdf_get_text(shortcut, "icon");
    uint32_t number = get_id(shortcut, exe ? exe : "", name ? name : "");
    g_autofree char *id = g_strdup_printf("%" G_GUINT32_FORMAT, number);
    g_autofree char *native_id = g_strconcat("shortcut-", id, NULL);
    uint64_t last_s = 0;
    uint64_t is_hidden = 0;
    GfEntry *entry = NULL;

    if (!exe || !*exe || !g_hash_table_add(steam->seen, g_strdup(native_id)))
        return;
    entry = gf_finds_add(steam->finds, native_id);
    gf_entry_set_title(entry, name && *name ? name : native_id);
    set_command(shortcut, exe, entry);
    set_runner(steam, id, entry);
    entry->uri = g_strdup_printf("steam://rungameid/%" G_GUINT64_FORMAT,
                                 ((guint64)number << 32) | GAME_ID_TYPE);
    if (gf_vdf_get_u64(shortcut, "LastPlayTime", &last_s))
        entry->last_played_s = (uint32_t)last_s;
    entry->starts_hidden = gf_vdf_get_u64(shortcut, "IsHidden", &is_hidden) && is_hidden != 0;
    gf_steam_find_art(steam, id, entry);
    if (!entry->icon && icon && *icon == '/')
        gf_entry_set_path(&entry->icon, icon);
}

static void read_shortcuts(GfSteam *steam, const char *path)
{
    nvb_autofree char *bytes = NULL;
    g_autoptr(GfVdf) vdf = NULL;
    const GfVdfNode *node = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (faccessat(steam->root_fd, path, F_OK, 0) < 0)
        return;
    if (!nvb_read_file(steam->root_fd, path, BYTES_MAX, &bytes, &len, &err) ||
        !gf_vdf_parse_bytes(bytes, len, path, &vdf, &err)) {
        gf_finds_miss_err(steam->finds, &err);
        return;
    }
    node = gf_vdf_get(gf_vdf_root(vdf), "shortcuts");
    for (node = node ? node->first : NULL; node; node = node->next)
        add_shortcut(steam, node);
}

void gf_steam_add_shortcuts(GfSteam *steam)
{
    for (guint i = 0; i < steam->users->len; i++) {
        const char *user = g_ptr_array_index(steam->users, i);
        g_autofree char *path = g_build_filename("userdata", user, "config/shortcuts.vdf", NULL);

        read_shortcuts(steam, path);
    }
}
