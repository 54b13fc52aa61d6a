/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "profile/game.h"
#include "profile/setting.h"
#include "say.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

/* "wine.esync = false" of what the game's entries say together. */
static struct nvb_strv list_settings(const struct nvb_profile *p)
{
    struct nvb_strv list = { 0 };

    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);
        nvb_autofree char *value = nvb_setting_dup_value(s, p);

        if (nvb_setting_is_said(s, p))
            nvb_strv_addf(&list, "%s = %s", name, value);
    }
    for (size_t i = 0; i < p->n_env; i++)
        nvb_strv_addf(&list, "env.%s = %s", p->env[i].name, p->env[i].value);
    return list;
}

static void print_line(const char *label, const char *text)
{
    if (text && *text)
        say(stdout, "%-12s %s", label, text);
}

static const char *version_of(const struct nvb_games *games, const struct nvb_game *game)
{
    for (size_t i = 0; i < games->n_files; i++) {
        if (games->files[i].doc == game->doc)
            return games->files[i].version;
    }
    return NULL;
}

static void print_entry(const struct nvb_games *games, const struct nvb_game *game)
{
    nvb_autofree char *steam = nvb_strv_join(&game->steam, ", ");
    nvb_autofree char *files = nvb_strv_join(&game->executables, ", ");
    const char *version = version_of(games, game);

    say(stdout, "%s, from %s, line %u%s%s", game->id, game->path, game->line,
        version ? ", version " : "", version ? version : "");
    print_line("  title", game->title);
    print_line("  steam", steam);
    print_line("  executables", files);
    print_line("  profile", game->profile);
    print_line("  why", game->why);
    print_line("  source", game->source);
}

static struct nvb_json *entry_to_json(const struct nvb_games *games, const struct nvb_game *game)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "name", game->id);
    nvb_json_set_str(json, "title", game->title);
    nvb_json_set(json, "steam", nvb_json_new_strv(&game->steam));
    nvb_json_set(json, "executables", nvb_json_new_strv(&game->executables));
    nvb_json_set_str(json, "profile", game->profile);
    nvb_json_set_str(json, "why", game->why);
    nvb_json_set_str(json, "source", game->source);
    nvb_json_set_str(json, "file", game->path);
    nvb_json_set_str(json, "version", version_of(games, game));
    return json;
}

static void
show(const struct nvb_games *games, const char *word, const struct nvb_profile *p, bool as_json)
{
    nvb_auto_strv settings = list_settings(p);
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *entries = nvb_json_new_array();

    for (size_t i = 0; i < games->n; i++) {
        if (!nvb_games_is_about(games, &games->items[i], word))
            continue;
        if (!as_json)
            print_entry(games, &games->items[i]);
        nvb_json_append(entries, entry_to_json(games, &games->items[i]));
    }
    nvb_json_set_str(json, "game", p->game);
    nvb_json_set(json, "entries", entries);
    nvb_json_set(json, "settings", nvb_json_new_strv(&settings));
    if (as_json) {
        nvb_json_print(json, stdout);
        return;
    }
    for (size_t i = 0; i < settings.n; i++)
        say(stdout, "%s", settings.items[i]);
    if (settings.n == 0)
        say(stdout, "no table says anything of '%s'", word);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    nvb_autoptr(nvb_games) games = NULL;
    nvb_autoptr(nvb_profile) scratch = nvb_profile_new("", "");
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (!nvb_games_load(&games, &err) || !nvb_games_apply(games, words[0], scratch, &err)) {
        nvb_while(&err, "cannot show the game");
        return cmd_complain(&err, o.as_json);
    }
    show(games, words[0], scratch, o.as_json);
    return EXIT_SUCCESS;
}

const struct cmd cmd_game_show = {
    .name = "nvbind game show",
    .operands = "GAME",
    .summary = "tell what is known of a game, and from where",
    .details = "nvbind profile show --game GAME tells what becomes of it.",
    .opts = opts,
    .run = run,
};
