/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cmd.h"
#include "game_text.h"
#include "library_open.h"
#include "say.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static void print_line(const char *name, const char *value)
{
    if (value && *value)
        say(stdout, "  %-12s  %s", name, value);
}

static void print_date(const char *name, int64_t seconds)
{
    g_autoptr(GDateTime) date = seconds > 0 ? g_date_time_new_from_unix_utc(seconds) : NULL;
    g_autofree char *text = date ? g_date_time_format(date, "%Y-%m-%d") : NULL;

    print_line(name, text);
}

static void print_size(int64_t bytes)
{
    g_autofree char *text = bytes > 0 ? g_format_size((guint64)bytes) : NULL;
    char *blank = text ? strstr(text, "\xc2\xa0") : NULL;

    if (blank) /* "1.2 GB" with a blank that is wider than a byte */
        memmove(blank, blank + 1, strlen(blank)), *blank = ' ';
    print_line("size", text);
}

static void print_object(const char *name, const char *text)
{
    nvb_autoptr(nvb_json) object = NULL;
    nvb_auto_err ignored = { 0 };

    if (!text || !nvb_json_parse(text, strlen(text), name, &object, &ignored))
        return;
    nvb_json_foreach(it, object) {
        g_autofree char *value = nvb_json_str(it.value)
                                     ? g_strdup(nvb_json_str(it.value))
                                     : g_strchomp(nvb_json_dup_text(it.value, false));

        say(stdout, "  %-12s  %s = %s", name, it.key, value);
        name = "";
    }
}

static void print_entry(const GfEntry *entry)
{
    static const char *const lines[] = { "runner", "platform", "tool",        "install_dir",
                                         "exe",    "args",     "working_dir", "prefix",
                                         "uri",    "cover",    "icon",        NULL };

    for (size_t i = 0; lines[i]; i++) {
        for (size_t k = 0; k < GF_N_FIELDS; k++) {
            if (strcmp(gf_entry_fields[k].name, lines[i]) == 0)
                print_line(lines[i], gf_entry_get_text(entry, &gf_entry_fields[k]));
        }
    }
    print_size(entry->size_bytes);
    print_object("env", entry->env);
    print_object("options", entry->options);
}

static void print(const GfGame *game)
{
    const GfEntry *view = game->view;
    nvb_auto_strv sources = { 0 };
    nvb_autofree char *list = NULL;
    g_autofree char *played = game_dup_time_text(view->playtime_s);

    for (guint i = 0; i < game->entries->len; i++)
        nvb_strv_take(&sources, gf_entry_dup_key(g_ptr_array_index(game->entries, i)));
    list = nvb_strv_join(&sources, ", ");
    say(stdout, "%s", view->title);
    print_line("name", game->slug);
    print_line("state", game->is_hidden ? "hidden" : gf_state_name(view->state));
    print_line("known as", list);
    print_line("played", played);
    print_date("last played", view->last_played_s);
    print_entry(view);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    g_autoptr(GfStore) store = NULL;
    g_autoptr(GPtrArray) games = NULL;
    const GfGame *game = NULL;
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (!library_open(GF_STORE_READ, NULL, &store, &err) ||
        !library_find(store, words[0], &games, &game, &err))
        return cmd_complain(&err, o.as_json);
    if (o.as_json) {
        nvb_autoptr(nvb_json) json = game_to_json(game, true);

        nvb_json_print(json, stdout);
    } else {
        print(game);
    }
    return EXIT_SUCCESS;
}

const struct cmd cmd_show = {
    .name = "ghostforge show",
    .operands = "GAME",
    .summary = "tell all that is known of a game",
    .details =
        "GAME is its name as 'ghostforge list' has it, its number, SOURCE:ID (steam:620), its title,\n"
        "or a part of the title that no other game has.",
    .opts = opts,
    .run = run,
};
