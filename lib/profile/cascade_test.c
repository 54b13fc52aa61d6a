/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cascade_test.c - default < profile < game < command line, from files as a user has them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "nvbind/profile.h"
#include "profile/catalog.h"
#include "profile/effect.h"
#include "profile/game.h"
#include "profile/setting.h"
#include "profile/variable.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const char *top;

/* The configuration of the integration brief, as it stands. */
static const char brief[] =
    "# ghostforge_config.toml\n\n[gpu]\nruntime = \"nvbind\"\n"
    "default_profile = \"high-performance-gaming\"\n\n"
    "[gpu.gaming_profiles.competitive]\nname = \"Competitive Gaming\"\n"
    "performance_level = \"UltraLowLatency\"\ndlss_enabled = true\n"
    "dlss_quality = \"Performance\"\nrt_cores_enabled = false\nwine_optimizations = true\n"
    "power_profile = \"maximum\"\n\n"
    "[gpu.gaming_profiles.aaa]\nname = \"AAA Gaming\"\nperformance_level = \"MaxPerformance\"\n"
    "dlss_enabled = true\ndlss_quality = \"Quality\"\nrt_cores_enabled = true\n"
    "wine_optimizations = true\npower_profile = \"maximum\"\n\n"
    "[gpu.gaming_profiles.handheld]\nname = \"Handheld Gaming\"\n"
    "performance_level = \"PowerEfficient\"\ndlss_enabled = true\n"
    "dlss_quality = \"Performance\"\nrt_cores_enabled = false\npower_profile = \"power-saver\"\n\n"
    "[ai_ml]\nruntime = \"nvbind\"\ndefault_ollama_profile = \"balanced\"\n\n"
    "[ai_ml.ollama_profiles.development]\nname = \"Development (7B Models)\"\n"
    "model_size = \"Small\"\nprecision = \"FP16\"\nbatch_size = 8\n"
    "gpu_memory_limit = \"6GB\"\ncontext_length = 4096\n\n"
    "[ai_ml.ollama_profiles.production]\nname = \"Production (70B Models)\"\n"
    "model_size = \"XLarge\"\nprecision = \"Mixed\"\nbatch_size = 1\n"
    "gpu_memory_limit = \"48GB\"\ncontext_length = 32768\nmig_enabled = true\n\n"
    "[profiles.ollama-13b]\nname = \"Ollama 13B (Llama 3.1)\"\nmodel_size = \"Medium\"\n"
    "precision = \"Mixed\"\nmig_required = false\n";

static void make_dirs(void)
{
    nvb_autofree char *data = NULL;
    nvb_autofree char *config = NULL;

    top = tree_new();
    data = nvb_xasprintf("%s/data", top);
    config = nvb_xasprintf("%s/config", top);
    (void)setenv("NVBIND_DATA", data, 1);
    (void)setenv("XDG_CONFIG_HOME", config, 1);
    tree_put(
        top, "data/profiles/gaming.toml",
        "performance_level = 'performance'\nsandbox.profile = 'steam'\ndisplay.use = 'auto'\n");
    tree_put(top, "data/profiles/aiml.toml", "limits.nofile = 65536\n");
}

static struct nvb_profile *
resolve(const char *name, const char *game, const char *const *settings, struct nvb_err *err)
{
    const struct nvb_profile_ask ask = { .name = name, .game = game, .settings = settings };
    struct nvb_profile *profile = NULL;

    return nvb_profile_resolve(&ask, &profile, err) ? profile : NULL;
}

static enum nvb_layer layer_of(const struct nvb_profile *p, const char *setting)
{
    return nvb_setting_origin(nvb_setting_find_name(setting), p)->layer;
}

TEST(takes_the_briefs_configuration_as_it_stands)
{
    static const char *const names[] = { "competitive", "aaa",        "handheld",
                                         "development", "production", "ollama-13b" };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_toml) doc = NULL;
    nvb_auto_config config = { 0 };

    make_dirs();
    tree_put(top, "config/nvbind/config.toml", brief);
    EXPECT(nvb_toml_parse(brief, strlen(brief), "config.toml", &doc, &err));
    EXPECT(nvb_config_read(doc, &config, &err));
    EXPECT_STR(config.default_profile, "high-performance-gaming");
    EXPECT_STR(config.default_model_profile, "balanced");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        nvb_autoptr(nvb_profile) p = resolve(names[i], NULL, NULL, &err);

        if (!p)
            nvb_err_print(&err, "#", stdout);
        EXPECT(p && *p->description && nvb_has_suffix(p->source, "/config.toml"));
    }
}

TEST(lays_a_table_of_the_configuration_over_the_profile_for_its_kind)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_autoptr(nvb_profile) model = NULL;

    make_dirs();
    tree_put(top, "config/nvbind/config.toml", brief);
    p = resolve("handheld", NULL, NULL, &err);
    EXPECT(p && p->level == NVB_LEVEL_EFFICIENCY && p->power == NVB_POWER_SAVER);
    EXPECT(p->sandbox == NVB_SANDBOX_STEAM && p->display == NVB_DISPLAY_WISH_AUTO);
    EXPECT(layer_of(p, "sandbox.profile") == NVB_LAYER_DEFAULT && p->frame_cap == 60);
    EXPECT(nvb_setting_origin(nvb_setting_find_name("dlss.enabled"), p)->line == 28);
    model = resolve("production", NULL, NULL, &err);
    EXPECT(model && model->nofile == 65536 && model->display == NVB_DISPLAY_WISH_NONE);
}

TEST(a_file_beats_a_table_and_the_user_beats_what_was_installed)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;
    char **names = NULL;
    struct nvb_strv list = { 0 };

    make_dirs();
    tree_put(top, "config/nvbind/config.toml",
             "[gpu.gaming_profiles]\ngaming.frames.cap = 30\nb.frames.cap = 31\n");
    p = resolve("gaming", NULL, NULL, &err);
    EXPECT(p && p->frame_cap == 30);
    nvb_profile_free(nvb_steal(&p));
    tree_put(top, "config/nvbind/profiles/gaming.toml", "frames.cap = 40\n");
    p = resolve("gaming", NULL, NULL, &err);
    EXPECT(p && p->frame_cap == 40 && p->sandbox == NVB_SANDBOX_STRICT);
    names = nvb_profile_list();
    list.items = names;
    while (names[list.n])
        list.n++;
    EXPECT(nvb_strv_has(&list, "b") && nvb_strv_has(&list, "gaming"));
    nvb_strv_clear(&list);
}

static const char games[] = "format = 1\n[game.duck-game]\ntitle = 'Duck Game'\nsteam = [312530]\n"
                            "executables = ['DuckGame.exe']\nprofile = 'aiml'\n"
                            "settings.wine.esync = false\nsettings.frames.cap = 90\n";

TEST(each_layer_beats_the_one_below_and_is_named)
{
    static const char *const settings[] = { "frames.queue=2", "env.B=typed", NULL };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;

    make_dirs();
    tree_put(top, "data/games.toml", games);
    tree_put(top, "data/profiles/p.toml",
             "frames.cap = 10\nframes.queue = 1\nwine.fsync = false\nenv.A = 'p'\nenv.B = 'p'\n"
             "performance_level = 'ultra-low-latency'\n");
    p = resolve("p", "duck-game", settings, &err);
    EXPECT(p != NULL);
    EXPECT_STR(p->game, "Duck Game");
    EXPECT(p->frame_cap == 90 && layer_of(p, "frames.cap") == NVB_LAYER_GAME);
    EXPECT(p->frame_queue == 2 && layer_of(p, "frames.queue") == NVB_LAYER_COMMAND);
    EXPECT(p->fsync == NVB_WISH_OFF && layer_of(p, "wine.fsync") == NVB_LAYER_PROFILE);
    EXPECT(layer_of(p, "power_profile") == NVB_LAYER_IMPLIED);
    EXPECT(layer_of(p, "cache.shaders") == NVB_LAYER_DEFAULT);
    EXPECT_STR(p->env[0].value, "p");
    EXPECT_STR(p->env[1].value, "typed");
    EXPECT(p->env[1].origin.layer == NVB_LAYER_COMMAND);
}

TEST(finds_a_game_by_any_of_its_names)
{
    static const char *const words[] = {
        "duck-game",          "312530", "steam:312530", "duckgame.EXE", "C:\\Games\\DuckGame.exe",
        "/games/DuckGame.exe"
    };
    static const char *const others[] = { "999", "steam:1", "other.exe", "/usr/bin/vkcube" };
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, "data/games.toml", games);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        nvb_autoptr(nvb_profile) p = resolve("gaming", words[i], NULL, &err);

        EXPECT(p && p->frame_cap == 90);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        nvb_autoptr(nvb_profile) p = resolve("gaming", others[i], NULL, &err);

        EXPECT(p && p->frame_cap == 0);
        EXPECT_STR(p->game, others[i]);
    }
    EXPECT(!resolve("gaming", "duck-gam", NULL, &err) && err.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(err.hint, "did you mean 'duck-game'?");
}

TEST(a_users_entry_adds_to_ours)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;

    make_dirs();
    tree_put(top, "data/games.toml", games);
    tree_put(top, "config/nvbind/games.toml",
             "[game.duck-game]\nprofile = 'gaming'\nsettings.frames.cap = 75\n"
             "[game.mine]\nsteam = [312530]\nsettings.frames.queue = 3\n");
    p = resolve(NULL, "312530", NULL, &err);
    EXPECT(p && p->frame_cap == 75 && p->frame_queue == 3 && p->esync == NVB_WISH_OFF);
    EXPECT_STR(p->name, "gaming");
    EXPECT_STR(p->game, "Duck Game");
}

TEST(chooses_a_profile_when_none_is_named)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = NULL;

    make_dirs();
    tree_put(top, "data/games.toml", games);
    p = resolve(NULL, "duck-game", NULL, &err);
    EXPECT(p != NULL);
    EXPECT_STR(p->name, "aiml");
    nvb_profile_free(nvb_steal(&p));
    p = resolve(NULL, "999", NULL, &err);
    EXPECT(p != NULL);
    EXPECT_STR(p->name, "gaming");
    tree_put(top, "config/nvbind/config.toml", "[gpu]\ndefault_profile = 'nowhere'\n");
    EXPECT(!resolve(NULL, "999", NULL, &err) && err.kind == NVB_E_NOT_FOUND);
}

static void expect_bad_games(const char *text, const char *cause, const char *hint)
{
    nvb_autoptr(nvb_games) list = nvb_xcalloc(1, sizeof(*list));
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_toml_parse(text, strlen(text), "g", &doc, &err));
    EXPECT(!nvb_games_add(list, "g", doc, &err) && err.kind == NVB_E_INVALID);
    err.lines[0][strcspn(err.lines[0], "\n")] = '\0';
    EXPECT_STR(err.lines[0], cause);
    EXPECT_STR(err.hint ? err.hint : "", hint);
}

TEST(points_at_what_is_wrong_in_a_table_of_games)
{
    expect_bad_games("format = 2\n", "g:1:10: format 2 of tables of games is not known",
                     "this version reads format 1");
    expect_bad_games("gam.x = 1\n", "g:1:1: a table of games has no key 'gam'",
                     "did you mean 'game'?");
    expect_bad_games("game.x.titel = ''\n", "g:1:1: a game has no key 'titel'",
                     "did you mean 'title'?");
    expect_bad_games("game.x.steam = [0]\n",
                     "g:1:17: expected a Steam app id, a number from 1 to 4294967295", "");
    expect_bad_games("game.x.steam = 3\n",
                     "g:1:16: expected an array of Steam app ids, not an integer", "");
    expect_bad_games("game.x.executables = ['a/b']\n",
                     "g:1:23: expected the name of a file, without a folder", "");
    expect_bad_games("game.\"x y\".title = ''\n", "g:1:6: this is no name for a game",
                     "begin with a letter, then letters, digits, '_' and '-'");
    expect_bad_games("game.x.settings.wine.esnc = true\n",
                     "g:1:1: a profile has no setting 'esnc' in [wine]", "did you mean 'esync'?");
    expect_bad_games("game.x.settings.frames.cap = 'fast'\n",
                     "g:1:30: expected a whole number, not a string", "");
}

TEST(points_at_what_is_wrong_in_the_configuration)
{
    static const char *const rows[][3] = {
        {"[gpu]\ndefault_profil = 'x'\n",     "c:2:1: [gpu] has no setting 'default_profil'",
         "did you mean 'default_profile'?"                                                        },
        { "[gpu]\nruntime = 'docker'\n",      "c:2:11: 'docker' is no runtime of this version",
         "write runtime = \"nvbind\""                                                             },
        { "gpu = 1\n",                        "c:1:7: expected a table, not an integer",        ""},
        { "[ai_ml]\nollama_profiles.x = 1\n", "c:2:21: expected a table, not an integer",       ""},
        { "profiles = []\n",                  "c:1:12: expected a table, not an array",         ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_toml) doc = NULL;
        nvb_auto_config config = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(nvb_toml_parse(rows[i][0], strlen(rows[i][0]), "c", &doc, &err));
        EXPECT(!nvb_config_read(doc, &config, &err) && err.kind == NVB_E_INVALID);
        err.lines[0][strcspn(err.lines[0], "\n")] = '\0';
        EXPECT_STR(err.lines[0], rows[i][1]);
        EXPECT_STR(err.hint ? err.hint : "", rows[i][2]);
    }
}

TEST(a_broken_file_of_the_users_is_told_and_never_passed_over)
{
    nvb_auto_err err = { 0 };

    make_dirs();
    tree_put(top, "config/nvbind/config.toml", "[gpu\n");
    EXPECT(!resolve("gaming", NULL, NULL, &err) && err.kind == NVB_E_INVALID);
    EXPECT(strstr(err.lines[0], "/config.toml:1:"));
    EXPECT_STR(err.lines[1], "cannot read profile 'gaming'");
}

TEST(says_which_word_of_the_command_line_is_wrong)
{
    static const char *const bad[] = { "frames.cap", "=60", "frames.cap=many", "frame.cap=60" };

    make_dirs();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *const settings[] = { bad[i], NULL };
        nvb_auto_err err = { 0 };

        EXPECT(!resolve("gaming", NULL, settings, &err));
        EXPECT(err.domain == NVB_D_REQUEST && err.kind == NVB_E_INVALID && err.hint);
    }
}

/* Each entry can be found, says where it was learned, and turns into something that is read. */
TEST(installs_a_good_table_of_games)
{
    static const char path[] = NVB_SOURCE_ROOT "/data/games.toml";
    nvb_autoptr(nvb_games) list = nvb_xcalloc(1, sizeof(*list));
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_toml_read_file(path, &doc, &err) && nvb_games_add(list, path, doc, &err));
    EXPECT(list->n > 30 && list->files[0].version);
    for (size_t i = 0; i < list->n; i++) {
        const struct nvb_game *game = &list->items[i];
        nvb_autoptr(nvb_profile) p = nvb_profile_new("", "");
        nvb_auto_effects effects = { 0 };

        EXPECT(game->title && game->why && game->source && game->settings);
        EXPECT(game->steam.n + game->executables.n > 0);
        EXPECT(nvb_games_apply(list, game->id, p, &err));
        nvb_effects_make(p, false, &effects);
        EXPECT(effects.n > 0);
        for (size_t k = 0; k < effects.n; k++) {
            EXPECT(effects.items[k].kind == NVB_EFFECT_VARIABLE && effects.items[k].variable);
            EXPECT(effects.items[k].variable->reader);
        }
        for (size_t k = 0; k < i; k++)
            EXPECT(strcmp(list->items[k].id, game->id) != 0);
    }
}
