/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/lutris_config.h"

#include <string.h>

#include "core/doc_value.h"
#include "core/wine_path.h"

static const GfOptionName runner_options[] = {
    {"dxvk",           "dxvk"           },
    { "dxvk_version",  "dxvk_version"   },
    { "vkd3d",         "vkd3d"          },
    { "vkd3d_version", "vkd3d_version"  },
    { "dxvk_nvapi",    "dxvk_nvapi"     },
    { "d3d_extras",    "d3d_extras"     },
    { "esync",         "esync"          },
    { "fsync",         "fsync"          },
    { "fsr",           "fsr"            },
    { "eac",           "eac"            },
    { "battleye",      "battleye"       },
    { "proton_hdr",    "hdr"            },
    { "Desktop",       "virtual_desktop"},
};

static const GfOptionName system_options[] = {
    {"mangohud",           "mangohud"         },
    { "gamemode",          "gamemode"         },
    { "gamescope",         "gamescope"        },
    { "gpu",               "gpu"              },
    { "single_cpu",        "single_cpu"       },
    { "limit_cpu_count",   "limit_cpu_count"  },
    { "locale",            "locale"           },
    { "disable_runtime",   "disable_runtime"  },
    { "prefix_command",    "prefix_command"   },
    { "prelaunch_command", "prelaunch_command"},
    { "postexit_command",  "postexit_command" },
};

static const GfOptionName game_options[] = {
    {"arch",             "arch"           },
    { "ld_preload",      "ld_preload"     },
    { "ld_library_path", "ld_library_path"},
};

static const struct nvb_doc *find(const GfLutrisConfig *c, const char *section, const char *key)
{
    for (size_t i = 0; i < GF_LUTRIS_LEVELS; i++) {
        const struct nvb_doc *value = gf_doc_find(c->levels[i], section, key, NULL);

        if (value)
            return value;
    }
    return NULL;
}

static const char *get_text(const GfLutrisConfig *c, const char *section, const char *key)
{
    return gf_doc_text(find(c, section, key));
}

/* From the outermost level inwards, so that the game's own words stay. */
static void set_options(const GfLutrisConfig *c, GfEntry *entry)
{
    struct nvb_json *options = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    const struct nvb_doc *overrides = NULL;

    for (size_t i = GF_LUTRIS_LEVELS; i-- > 0;) {
        const struct nvb_doc *level = c->levels[i];

        gf_doc_add_options(gf_doc_find(level, "game", NULL), game_options,
                           G_N_ELEMENTS(game_options), options);
        gf_doc_add_options(gf_doc_find(level, c->runner, NULL), runner_options,
                           G_N_ELEMENTS(runner_options), options);
        gf_doc_add_options(gf_doc_find(level, "system", NULL), system_options,
                           G_N_ELEMENTS(system_options), options);
        gf_doc_add_env(gf_doc_find(level, "system", "env", NULL), env);
    }
    overrides = find(c, c->runner, "overrides");
    if (overrides && overrides->n > 0)
        nvb_json_set(options, "dll_overrides", gf_doc_modes_to_json(overrides));
    gf_entry_take_json(&entry->options, options);
    gf_entry_take_json(&entry->env, env);
}

/* "~", $GAMEDIR, and what is relative to where the game is. Caller frees; NULL for NULL. */
static char *dup_path(const GfLutrisConfig *c, const char *path, const char *base)
{
    g_autofree char *full = NULL;

    if (!path)
        return NULL;
    if (path[0] == '~' && (path[1] == '/' || !path[1])) {
        full = g_strconcat(c->home, path + 1, NULL);
    } else if (nvb_has_prefix(path, "$GAMEDIR") && c->directory) {
        full = g_strconcat(c->directory, path + strlen("$GAMEDIR"), NULL);
    } else {
        full = *path != '/' && base ? g_build_filename(base, path, NULL) : g_strdup(path);
    }
    return gf_wine_path_dup_case(full);
}

static char *dup_base(const GfLutrisConfig *c, const char *prefix)
{
    const char *game_path = get_text(c, "system", "game_path");

    if (c->directory)
        return g_strdup(c->directory);
    return game_path ? dup_path(c, game_path, NULL) : g_strdup(prefix);
}

static void set_paths(const GfLutrisConfig *c, GfEntry *entry)
{
    const char *exe = get_text(c, "game", "exe");
    g_autofree char *base = NULL;

    if (!exe)
        exe = get_text(c, "game", "main_file"); /* of emulators: what they play */
    entry->prefix = dup_path(c, get_text(c, "game", "prefix"), c->directory);
    base = dup_base(c, entry->prefix);
    if (exe && gf_wine_path_is_windows(exe)) {
        g_autofree char *unix_path = gf_wine_path_dup_unix(entry->prefix, exe);

        entry->exe = unix_path ? gf_wine_path_dup_case(unix_path) : g_strdup(exe);
    } else {
        entry->exe = dup_path(c, exe, base);
    }
    if (strcmp(c->runner, "wine") == 0 && !entry->prefix && entry->exe)
        entry->prefix = gf_wine_path_dup_prefix(entry->exe);
    entry->working_dir = dup_path(c, get_text(c, "game", "working_dir"), base);
    gf_entry_set_text(&entry->args, get_text(c, "game", "args"));
}

/* The names of Proton's builds; all others are Wine's. */
static bool is_proton(const char *version)
{
    g_autofree char *lower = version ? g_ascii_strdown(version, -1) : NULL;

    return lower && (nvb_has_prefix(lower, "ge-proton") || nvb_has_prefix(lower, "proton") ||
                     nvb_has_prefix(lower, "umu"));
}

static void set_runner(const GfLutrisConfig *c, GfEntry *entry)
{
    const char *app_id = get_text(c, "game", "appid");
    const char *version = get_text(c, c->runner, "version");

    gf_entry_set_text(&entry->runner, strcmp(c->runner, "linux") == 0 ? "native" : c->runner);
    if (strcmp(c->runner, "wine") == 0) {
        gf_entry_set_text(&entry->tool,
                          version ? version : get_text(c, c->runner, "custom_wine_path"));
        if (is_proton(version))
            gf_entry_set_text(&entry->runner, "proton");
    } else if (strcmp(c->runner, "flatpak") == 0) {
        gf_entry_set_text(&entry->tool, app_id);
    } else if (strcmp(c->runner, "steam") == 0 && app_id) {
        entry->same_as = g_strconcat("steam:", app_id, NULL);
    }
}

void gf_lutris_config_fill(const GfLutrisConfig *config, GfEntry *entry)
{
    set_runner(config, entry);
    set_paths(config, entry);
    set_options(config, entry);
}
