/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cmd.h"
#include "game_text.h"
#include "library_open.h"
#include "say.h"

struct options {
    const char *title;
    const char *prefix;
    const char *dir;
    const char *icon;
    const char *cover;
    struct nvb_strv env;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_STRING,                         't', "title", "TITLE", "by default the name of the file",
     offsetof(struct options, title), NULL },
    { OPT_STRING,                           0, "prefix", "DIR", "the Wine prefix of a Windows program",
     offsetof(struct options, prefix), NULL },
    { OPT_STRING, 'w', "dir", "DIR", "start it in DIR; by default where it is",
     offsetof(struct options, dir), NULL },
    { OPT_STRING,                            0, "icon", "FILE", "its icon", offsetof(struct options, icon), NULL },
    { OPT_STRING,                                 0, "cover", "FILE", "its cover", offsetof(struct options, cover), NULL },
    { OPT_LIST,       'e', "env", "NAME=VALUE", "a variable of its environment; may repeat",
     offsetof(struct options, env), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END                            },
};

static bool set_path(char **field, const char *path, struct nvb_err *err)
{
    nvb_autofree char *real = NULL;

    if (!path)
        return true;
    real = realpath(path, NULL);
    if (!real)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be used", path);
    gf_entry_set_path(field, real);
    return true;
}

static bool check_exe(const char *path, struct nvb_err *err)
{
    struct stat st = { 0 };

    if (stat(path, &st) < 0)
        return nvb_fail_errno(err, NVB_D_GAMES, "'%s' cannot be added", path);
    if (S_ISREG(st.st_mode))
        return true;
    nvb_fail(err, NVB_D_GAMES, NVB_E_INVALID, "'%s' is not a file", path);
    return nvb_hint(err, "name the program that starts the game");
}

static bool is_windows(const char *path)
{
    static const char *const ends[] = { ".exe", ".bat", ".msi", ".lnk" };
    g_autofree char *lower = g_ascii_strdown(path, -1);

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (nvb_has_suffix(lower, ends[i]))
            return true;
    }
    return false;
}

static bool set_env(const struct nvb_strv *env, GfEntry *entry, struct nvb_err *err)
{
    struct nvb_json *object = nvb_json_new_object();
    bool is_good = true;

    for (size_t i = 0; i < env->n && is_good; i++) {
        g_auto(GStrv) parts = g_strsplit(env->items[i], "=", 2);

        is_good = *parts && **parts && parts[1] && g_utf8_validate(env->items[i], -1, NULL);
        if (is_good) {
            nvb_json_set_str(object, parts[0], parts[1]);
        } else {
            nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is no variable", env->items[i]);
            nvb_hint(err, "write --env NAME=VALUE");
        }
    }
    gf_entry_take_json(&entry->env, object);
    return is_good;
}

/* Quoted where a shell would take them apart. */
static char *dup_args(char *const *words)
{
    GString *args = g_string_new(NULL);

    for (; *words; words++) {
        g_autofree char *quoted = g_shell_quote(*words);
        bool is_plain =
            **words && strspn(*words, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-_=./:,+@%") == strlen(*words);

        g_string_append_printf(args, "%s%s", args->len > 0 ? " " : "", is_plain ? *words : quoted);
    }
    return g_string_free(args, FALSE);
}

static void set_names(const struct options *o, GfEntry *entry)
{
    g_autofree char *base = g_path_get_basename(entry->exe);
    char *dot = strrchr(base, '.');

    if (dot && dot != base)
        *dot = '\0';
    gf_entry_set_title(entry, o->title && *o->title ? o->title : base);
    gf_entry_set_text(&entry->runner, is_windows(entry->exe) ? "wine" : "native");
    gf_entry_set_text(&entry->platform, is_windows(entry->exe) ? "windows" : "linux");
    entry->install_dir = g_path_get_dirname(entry->exe);
    if (!entry->working_dir)
        entry->working_dir = g_strdup(entry->install_dir);
}

static bool fill(const struct options *o, char *const *words, GfEntry *entry, struct nvb_err *err)
{
    g_autofree char *args = dup_args(words + 1);

    if (!check_exe(words[0], err) || !set_path(&entry->exe, words[0], err) ||
        !set_path(&entry->prefix, o->prefix, err) || !set_path(&entry->working_dir, o->dir, err) ||
        !set_path(&entry->icon, o->icon, err) || !set_path(&entry->cover, o->cover, err) ||
        !set_env(&o->env, entry, err))
        return false;
    gf_entry_set_text(&entry->args, args);
    set_names(o, entry);
    return true;
}

static int add(const struct options *o, char *const *words)
{
    g_autoptr(GfStore) store = NULL;
    g_autoptr(GfEntry) entry = gf_entry_new(GF_SOURCE_MANUAL, "");
    g_autoptr(GPtrArray) games = NULL;
    const GfGame *game = NULL;
    nvb_auto_err err = { 0 };
    g_autofree char *id_text = NULL;
    int64_t id = 0;

    if (!fill(o, words, entry, &err) || !library_open(GF_STORE_WRITE, NULL, &store, &err) ||
        !gf_library_add(store, g_steal_pointer(&entry), &id, &err))
        return cmd_complain(&err, o->as_json);
    id_text = g_strdup_printf("%" G_GINT64_FORMAT, id);
    if (!library_find(store, id_text, &games, &game, &err))
        return cmd_complain(&err, o->as_json);
    if (o->as_json) {
        nvb_autoptr(nvb_json) json = game_to_json(game, true);

        nvb_json_print(json, stdout);
    } else {
        say(stdout, "%s", game->slug);
    }
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, &words, &status))
        status = add(&o, words);
    nvb_strv_clear(&o.env);
    return status;
}

const struct cmd cmd_add = {
    .name = "ghostforge add",
    .operands = "FILE [ARGUMENT]...",
    .summary = "add a game that no other program knows",
    .details =
        "FILE is what starts it, a Linux or a Windows program. The name of the new game is printed.",
    .opts = opts,
    .has_foreign_words = true,
    .run = run,
};
