/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/desktop_icon.h"
#include "core/reference.h"
#include "core/source.h"

#define GROUP "Desktop Entry"

/* Launchers call themselves games, too. */
static const char *const launchers[] = {
    "steam.desktop",
    "com.valvesoftware.Steam.desktop",
    "steam_steam.desktop",
    "lutris.desktop",
    "net.lutris.Lutris.desktop",
    "heroic.desktop",
    "com.heroicgameslauncher.hgl.desktop",
    "bottles.desktop",
    "com.usebottles.bottles.desktop",
    "org.ghostforge.GhostForge.desktop",
};

static bool is_launcher(const char *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(launchers); i++) {
        if (g_ascii_strcasecmp(launchers[i], id) == 0)
            return true;
    }
    return false;
}

static bool is_game(GKeyFile *file)
{
    g_auto(GStrv) categories = g_key_file_get_string_list(file, GROUP, "Categories", NULL, NULL);
    g_autofree char *type = g_key_file_get_string(file, GROUP, "Type", NULL);
    const char *const *list = (const char *const *)categories;

    return list && g_strcmp0(type, "Application") == 0 && g_strv_contains(list, "Game") &&
           !g_strv_contains(list, "Emulator") && !g_strv_contains(list, "PackageManager") &&
           !g_key_file_get_boolean(file, GROUP, "Hidden", NULL) &&
           !g_key_file_get_boolean(file, GROUP, "NoDisplay", NULL);
}

/* "%f" and the like are for files that a game is not given; "%%" is a percent sign. */
static char *dup_without_codes(const char *exec)
{
    GString *plain = g_string_new(NULL);

    for (const char *p = exec; *p; p++) {
        if (*p != '%') {
            g_string_append_c(plain, *p);
        } else if (*++p == '%') {
            g_string_append_c(plain, '%');
        } else if (!*p) {
            break;
        }
    }
    g_strstrip(plain->str);
    return g_string_free(plain, FALSE);
}

static char *dup_program(const char *word)
{
    return *word == '/' ? g_strdup(word) : g_find_program_in_path(word);
}

static bool can_run(GKeyFile *file)
{
    g_autofree char *try_exec = g_key_file_get_string(file, GROUP, "TryExec", NULL);
    g_autofree char *program = try_exec && *try_exec ? dup_program(try_exec) : NULL;

    return !try_exec || !*try_exec || (program && access(program, X_OK) == 0);
}

static char *dup_quoted(char *const *words)
{
    GString *all = g_string_new(NULL);

    for (; *words; words++) {
        g_autofree char *quoted = g_shell_quote(*words);
        bool is_plain = **words && !strpbrk(*words, " \t\n'\"\\$`*?[]#~<>|&;(){}!");

        g_string_append_printf(all, "%s%s", all->len ? " " : "", is_plain ? *words : quoted);
    }
    return g_string_free(all, FALSE);
}

/* `env A=b game` is the game with a variable. */
static char **skip_env(char **words, struct nvb_json *env)
{
    if (g_strcmp0(words[0], "env") != 0 && g_strcmp0(words[0], "/usr/bin/env") != 0)
        return words;
    for (words++; *words && strchr(*words, '=') && **words != '='; words++) {
        g_auto(GStrv) parts = g_strsplit(*words, "=", 2);

        if (g_utf8_validate(*words, -1, NULL))
            nvb_json_set_str(env, parts[0], parts[1]);
    }
    return words;
}

/* The last word of `flatpak run --branch=stable org.x.Y` that is no option. */
static const char *get_flatpak_app(char *const *words)
{
    if (!words[0] || !words[1] || strcmp(words[1], "run") != 0)
        return NULL;
    for (words += 2; *words && **words == '-'; words++)
        ;
    return *words;
}

static bool set_command(GfEntry *entry, const char *exec)
{
    g_autofree char *plain = dup_without_codes(exec);
    g_auto(GStrv) argv = NULL;
    struct nvb_json *env = NULL;
    g_autofree char *base = NULL;
    g_autofree char *args = NULL;
    char **words = NULL;

    if (!g_shell_parse_argv(plain, NULL, &argv, NULL))
        return false;
    env = nvb_json_new_object();
    words = skip_env(argv, env);
    gf_entry_take_json(&entry->env, env);
    if (!*words)
        return false;
    base = g_path_get_basename(*words);
    entry->same_as = gf_reference_dup_from_command(plain);
    entry->is_reference = entry->same_as != NULL;
    if (entry->is_reference)
        return true; /* whether its launcher is in our PATH does not matter */
    entry->exe = dup_program(*words);
    args = dup_quoted(words + 1);
    gf_entry_set_text(&entry->args, args);
    gf_entry_set_text(&entry->runner, "native");
    if (strcmp(base, "flatpak") == 0 && get_flatpak_app(words)) {
        gf_entry_set_text(&entry->runner, "flatpak");
        gf_entry_set_text(&entry->tool, get_flatpak_app(words));
    }
    return entry->exe != NULL;
}

static void add(GfFinds *finds, const struct nvb_strv *dirs, const char *id, GKeyFile *file)
{
    g_autofree char *exec = g_key_file_get_string(file, GROUP, "Exec", NULL);
    g_autofree char *name = g_key_file_get_locale_string(file, GROUP, "Name", NULL, NULL);
    g_autofree char *icon = g_key_file_get_string(file, GROUP, "Icon", NULL);
    g_autofree char *dir = g_key_file_get_string(file, GROUP, "Path", NULL);
    g_autoptr(GfEntry) entry = gf_entry_new(finds->source, id);

    if (!exec || !set_command(entry, exec))
        return;
    gf_entry_set_title(entry, name && *name ? name : id);
    gf_entry_set_text(&entry->platform, "linux");
    gf_entry_set_path(&entry->working_dir, dir);
    entry->icon = gf_desktop_icon_dup(dirs, icon);
    if (g_key_file_get_boolean(file, GROUP, "Terminal", NULL)) {
        struct nvb_json *options = nvb_json_new_object();

        nvb_json_set_bool(options, "terminal", true);
        gf_entry_take_json(&entry->options, options);
    }
    g_ptr_array_add(finds->entries, g_steal_pointer(&entry));
}

/* The first file of an id counts, also when it only says that there is none. */
static void scan_dir(GfFinds *finds, const struct nvb_strv *dirs, const char *dir, GHashTable *seen)
{
    g_autofree char *path = g_build_filename(dir, "applications", NULL);
    nvb_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0)
        return;
    finds->is_present = true;
    if (!nvb_list_in_root(fd, ".", &names, &err))
        gf_finds_miss_err(finds, &err);
    for (size_t i = 0; i < names.n; i++) {
        enum {
            FILE_MAX = 1 << 20
        };

        const char *id = names.items[i];
        g_autoptr(GKeyFile) file = g_key_file_new();
        nvb_autofree char *text = NULL;
        nvb_auto_err ignored = { 0 }; /* a desktop passes over what it cannot read as well */
        size_t len = 0;

        if (!nvb_has_suffix(id, ".desktop") || is_launcher(id) ||
            !g_hash_table_add(seen, g_strdup(id)))
            continue;
        if (nvb_read_file(fd, id, FILE_MAX, &text, &len, &ignored) && strstr(text, "Game") &&
            g_key_file_load_from_data(file, text, len, G_KEY_FILE_KEEP_TRANSLATIONS, NULL) &&
            is_game(file) && can_run(file))
            add(finds, dirs, id, file);
    }
}

static void scan(const GfPlaces *places, GfFinds *finds)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    nvb_auto_strv dirs = { 0 };

    nvb_strv_add(&dirs, places->data);
    nvb_strv_take(&dirs,
                  g_build_filename(places->home, ".local/share/flatpak/exports/share", NULL));
    nvb_strv_copy(&dirs, &places->data_dirs);
    for (size_t i = 0; i < dirs.n; i++)
        scan_dir(finds, &dirs, dirs.items[i], seen);
}

const GfSource gf_source_desktop = { .name = "desktop", .title = "Desktop", .scan = scan };
