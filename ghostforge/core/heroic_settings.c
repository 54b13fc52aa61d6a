/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/heroic_settings.h"

#include <string.h>

#include "core/doc_value.h"

static const GfOptionName names[] = {
    {"autoInstallDxvk",         "dxvk"             },
    { "autoInstallVkd3d",       "vkd3d"            },
    { "autoInstallDxvkNvapi",   "dxvk_nvapi"       },
    { "enableEsync",            "esync"            },
    { "enableFsync",            "fsync"            },
    { "enableFSR",              "fsr"              },
    { "enableWineWayland",      "wine_wayland"     },
    { "enableHDR",              "hdr"              },
    { "enableWoW64",            "wow64"            },
    { "eacRuntime",             "eac"              },
    { "battlEyeRuntime",        "battleye"         },
    { "showMangohud",           "mangohud"         },
    { "useGameMode",            "gamemode"         },
    { "nvidiaPrime",            "nvidia_prime"     },
    { "gamescope",              "gamescope"        },
    { "wrapperOptions",         "wrappers"         },
    { "beforeLaunchScriptPath", "prelaunch_command"},
    { "afterLaunchScriptPath",  "postexit_command" },
};

static const struct nvb_doc *
find(const struct nvb_doc *game, const struct nvb_doc *defaults, const char *key)
{
    const struct nvb_doc *value = gf_doc_find(game, key, NULL);

    return value ? value : gf_doc_find(defaults, key, NULL);
}

static void add_pairs(const struct nvb_doc *list, struct nvb_json *env)
{
    for (size_t i = 0; list && list->type == NVB_DOC_ARRAY && i < list->n; i++) {
        const char *key = gf_doc_get_text(&list->entries[i].value, "key");
        const char *value = gf_doc_get_text(&list->entries[i].value, "value");

        if (key)
            nvb_json_set_str(env, key, value ? value : "");
    }
}

/* Proton keeps its prefix one directory below the one that it is told. */
static void set_wine(const struct nvb_doc *game, const struct nvb_doc *defaults, GfEntry *entry)
{
    const struct nvb_doc *version = find(game, defaults, "wineVersion");
    const char *type = gf_doc_get_text(version, "type");
    const char *prefix = gf_doc_text(find(game, defaults, "winePrefix"));
    bool is_proton = type && strcmp(type, "proton") == 0;

    gf_entry_set_text(&entry->runner, is_proton ? "proton" : "wine");
    gf_entry_set_text(&entry->tool, gf_doc_get_text(version, "name"));
    if (prefix)
        entry->prefix = is_proton ? g_build_filename(prefix, "pfx", NULL) : g_strdup(prefix);
}

void gf_heroic_settings_fill(const struct nvb_doc *game,
                             const struct nvb_doc *defaults,
                             GfEntry *entry)
{
    struct nvb_json *options = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    const char *args = gf_doc_text(find(game, defaults, "launcherArgs"));
    const char *target = gf_doc_text(find(game, defaults, "targetExe"));

    gf_doc_add_options(defaults, names, G_N_ELEMENTS(names), options);
    gf_doc_add_options(game, names, G_N_ELEMENTS(names), options);
    add_pairs(find(game, defaults, "enviromentOptions"), env); /* sic */
    if (gf_doc_get_bool(game, "enableDXVKFpsLimit"))
        nvb_json_set_str(options, "frame_limit", gf_doc_get_text(game, "DXVKFpsCap"));
    gf_entry_take_json(&entry->options, options);
    gf_entry_take_json(&entry->env, env);
    if (args) {
        g_autofree char *all =
            g_strconcat(entry->args ? entry->args : "", entry->args ? " " : "", args, NULL);

        gf_entry_set_text(&entry->args, all);
    }
    if (target)
        gf_entry_set_path(&entry->exe, target);
    if (g_strcmp0(entry->platform, "windows") == 0)
        set_wine(game, defaults, entry);
}
