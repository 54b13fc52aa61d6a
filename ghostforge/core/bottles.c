/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/doc_value.h"
#include "core/source.h"
#include "core/wine_path.h"

static const GfOptionName parameters[] = {
    {"dxvk",             "dxvk"             },
    { "vkd3d",           "vkd3d"            },
    { "dxvk_nvapi",      "dxvk_nvapi"       },
    { "sync",            "sync"             },
    { "fsr",             "fsr"              },
    { "gamescope",       "gamescope"        },
    { "mangohud",        "mangohud"         },
    { "gamemode",        "gamemode"         },
    { "discrete_gpu",    "discrete_gpu"     },
    { "renderer",        "renderer"         },
    { "use_eac_runtime", "eac"              },
    { "use_be_runtime",  "battleye"         },
    { "virtual_desktop", "virtual_desktop"  },
    { "pre_script",      "prelaunch_command"},
    { "post_script",     "postexit_command" },
};

/* A bottle is a Wine prefix with a list of programs. */
typedef struct {
    GfFinds *finds;
    const struct nvb_doc *doc;
    const char *name;
    const char *prefix;
} Bottle;

static void set_options(const Bottle *bottle, const struct nvb_doc *program, GfEntry *entry)
{
    struct nvb_json *options = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    const struct nvb_doc *overrides = gf_doc_find(bottle->doc, "DLL_Overrides", NULL);
    const char *arch = gf_doc_get_text(bottle->doc, "Arch");

    gf_doc_add_options(gf_doc_find(bottle->doc, "Parameters", NULL), parameters,
                       G_N_ELEMENTS(parameters), options);
    gf_doc_add_options(program, parameters, G_N_ELEMENTS(parameters), options);
    if (arch)
        nvb_json_set_str(options, "arch", arch);
    if (overrides && overrides->n > 0)
        nvb_json_set(options, "dll_overrides", gf_doc_modes_to_json(overrides));
    gf_doc_add_env(gf_doc_find(bottle->doc, "Environment_Variables", NULL), env);
    gf_entry_take_json(&entry->options, options);
    gf_entry_take_json(&entry->env, env);
}

/* A path of Windows or of this machine, as it really is written. */
static char *dup_path(const Bottle *bottle, const char *path)
{
    g_autofree char *windows = path ? gf_wine_path_dup_unix(bottle->prefix, path) : NULL;

    return path ? gf_wine_path_dup_case(windows ? windows : path) : NULL;
}

static bool is_proton(const char *runner)
{
    g_autofree char *lower = runner ? g_ascii_strdown(runner, -1) : NULL;

    return lower && strstr(lower, "proton");
}

static void add_program(const Bottle *bottle, const struct nvb_doc *program)
{
    const char *name = gf_doc_get_text(program, "name");
    const char *exe = gf_doc_get_text(program, "path");
    const char *icon = gf_doc_get_text(program, "icon");
    const char *runner = gf_doc_get_text(bottle->doc, "Runner");
    g_autofree char *id = NULL;
    GfEntry *entry = NULL;

    if (!exe)
        exe = gf_doc_get_text(program, "executable");
    if (!name)
        name = gf_doc_get_text(program, "executable");
    if (!name || !exe || gf_doc_get_bool(program, "removed"))
        return;
    id = g_strconcat(bottle->name, "/", name, NULL);
    entry = gf_finds_add(bottle->finds, id);
    gf_entry_set_title(entry, name);
    gf_entry_set_text(&entry->runner, is_proton(runner) ? "proton" : "wine");
    gf_entry_set_text(&entry->platform, "windows");
    gf_entry_set_text(&entry->tool, runner);
    gf_entry_set_path(&entry->prefix, bottle->prefix);
    entry->exe = dup_path(bottle, exe);
    entry->working_dir = dup_path(bottle, gf_doc_get_text(program, "folder"));
    gf_entry_set_text(&entry->args, gf_doc_get_text(program, "arguments"));
    entry->uri = g_strconcat("bottles:run/", id, NULL);
    if (icon && *icon == '/')
        gf_entry_set_path(&entry->icon, icon);
    set_options(bottle, program, entry);
}

/* A bottle that was put elsewhere leaves its path behind. */
static char *dup_prefix(const char *dir, int fd)
{
    nvb_auto_doc doc = { 0 };
    nvb_auto_err ignored = { 0 };
    const char *path = NULL;

    if (gf_doc_read(fd, "placeholder.yml", &doc, &ignored))
        path = gf_doc_get_text(&doc, "Path");
    return g_strdup(path && *path == '/' ? path : dir);
}

static void add_bottle(GfFinds *finds, const char *dir, const char *name)
{
    nvb_autoclose int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *prefix = NULL;
    nvb_autoclose int prefix_fd = -1;
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };
    const struct nvb_doc *programs = NULL;
    Bottle bottle = { .finds = finds, .doc = &doc };

    if (fd < 0)
        return; /* a file beside the bottles */
    prefix = dup_prefix(dir, fd);
    prefix_fd = open(prefix, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (prefix_fd < 0) {
        gf_finds_miss(finds, "the bottle '%s' cannot be reached in '%s'", name, prefix);
        return;
    }
    if (!gf_doc_read(prefix_fd, "bottle.yml", &doc, &err)) {
        gf_finds_miss(finds, "the bottle '%s': %s", name, err.lines[0]);
        return;
    }
    bottle.name = gf_doc_get_text(&doc, "Name");
    if (!bottle.name)
        bottle.name = name;
    bottle.prefix = prefix;
    programs = gf_doc_find(&doc, "External_Programs", NULL);
    for (size_t i = 0; programs && programs->type == NVB_DOC_OBJECT && i < programs->n; i++)
        add_program(&bottle, &programs->entries[i].value);
}

static void scan_bottles(GfFinds *finds, const char *path)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0)
        return;
    finds->is_present = true;
    if (!nvb_list_in_root(fd, ".", &names, &err))
        gf_finds_miss_err(finds, &err);
    for (size_t i = 0; i < names.n; i++) {
        g_autofree char *dir = g_build_filename(path, names.items[i], NULL);

        add_bottle(finds, dir, names.items[i]);
    }
}

static void scan_base(GfFinds *finds, const char *base)
{
    nvb_autoclose int fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *usual = g_build_filename(base, "bottles", NULL);
    nvb_auto_doc data = { 0 };
    nvb_auto_err err = { 0 };
    const char *moved = NULL;

    if (fd < 0)
        return;
    if (!gf_doc_read(fd, "data.yml", &data, &err))
        gf_finds_miss_err(finds, &err);
    moved = gf_doc_get_text(&data, "custom_bottles_path");
    scan_bottles(finds, usual);
    if (moved && *moved == '/' && strcmp(moved, usual) != 0) {
        if (access(moved, F_OK) < 0)
            gf_finds_miss(finds, "the bottles in '%s' cannot be reached", moved);
        scan_bottles(finds, moved);
    }
}

static void scan(const GfPlaces *places, GfFinds *finds)
{
    g_autofree char *native = g_build_filename(places->data, "bottles", NULL);
    g_autofree char *flatpak =
        g_build_filename(places->home, ".var/app/com.usebottles.bottles/data/bottles", NULL);

    scan_base(finds, native);
    scan_base(finds, flatpak);
}

const GfSource gf_source_bottles = { .name = "bottles", .title = "Bottles", .scan = scan };
