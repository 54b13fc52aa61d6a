/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "profile/setting.h"
#include "profile/variable.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const char *top;

/* A data folder and a user's folder of our own; /etc is the machine's. */
static void make_dirs(void)
{
    nvb_autofree char *path = NULL;
    nvb_auto_err err = { 0 };

    top = tree_new();
    path = nvb_xasprintf("%s/data/profiles", top);
    EXPECT(nvb_mkdirs(path, &err));
    free(path);
    path = nvb_xasprintf("%s/config/nvbind/profiles", top);
    EXPECT(nvb_mkdirs(path, &err));
    free(path);
    path = nvb_xasprintf("%s/data", top);
    (void)setenv("NVBIND_DATA", path, 1);
    free(path);
    path = nvb_xasprintf("%s/config", top);
    (void)setenv("XDG_CONFIG_HOME", path, 1);
}

static void write_file(const char *name, const char *text)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", top, name);
    nvb_auto_err err = { 0 };

    EXPECT(nvb_write_file(AT_FDCWD, path, text, strlen(text), 0600, &err));
}

/* The error's cause without the folder, and the hint. */
static void expect_bad(const char *text, const char *cause, const char *hint)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autofree char *path = NULL;
    nvb_auto_err err = { 0 };

    write_file("bad.toml", text);
    path = nvb_xasprintf("%s/bad.toml", top);
    EXPECT(!nvb_profile_read_file(path, &profile, &err));
    EXPECT(profile == NULL && err.kind == NVB_E_INVALID && nvb_has_prefix(err.lines[0], top));
    EXPECT_STR(err.lines[0] + strlen(top) + 1, cause);
    EXPECT_STR(err.hint ? err.hint : "", hint);
}

TEST(reads_every_setting)
{
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    write_file(
        "data/profiles/all.toml",
        "description = 'd'\nperformance_level = 'UltraLowLatency'\nsandbox.profile = 'steam'\n"
        "display = { use = 'x11' }\n[frames]\nmeasure = true\n[cache]\nshaders = true\n"
        "[limits]\nnofile = 0x1000\n[env]\nA_1 = 'x y'\n_b = ''\n");
    EXPECT(nvb_profile_load("all", &p, &err));
    EXPECT_STR(p->name, "all");
    EXPECT_STR(p->description, "d");
    EXPECT(nvb_has_suffix(p->source, "/data/profiles/all.toml"));
    EXPECT(p->level == NVB_LEVEL_ULTRA_LOW_LATENCY && p->sandbox == NVB_SANDBOX_STEAM);
    EXPECT(p->display == NVB_DISPLAY_WISH_X11 && p->has_frame_times && p->has_shader_cache);
    EXPECT(p->nofile == 4096 && p->n_env == 2);
    EXPECT_STR(p->env[0].name, "A_1");
    EXPECT_STR(p->env[0].value, "x y");
    EXPECT_STR(p->env[1].name, "_b");
}

TEST(gives_the_strictest_when_nothing_is_said)
{
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    write_file("data/profiles/none.toml", "");
    EXPECT(nvb_profile_load("none", &p, &err));
    EXPECT(p->level == NVB_LEVEL_BALANCED && p->sandbox == NVB_SANDBOX_STRICT);
    EXPECT(p->display == NVB_DISPLAY_WISH_NONE && !p->has_frame_times && !p->has_shader_cache);
    EXPECT(p->nofile == 0 && p->n_env == 0);
    EXPECT_STR(p->description, "");
}

TEST(takes_the_users_file_whole)
{
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    write_file("data/profiles/g.toml", "[frames]\nmeasure = true\n");
    write_file("config/nvbind/profiles/g.toml", "description = 'mine'\n");
    EXPECT(nvb_profile_load("g", &p, &err));
    EXPECT_STR(p->description, "mine");
    EXPECT(!p->has_frame_times);
    nvb_profile_free(nvb_steal(&p));
    write_file("config/nvbind/profiles/g.toml", "description = ");
    EXPECT(!nvb_profile_load("g", &p, &err) && err.kind == NVB_E_INVALID);
    EXPECT(strstr(err.lines[0], "/g.toml:1:15: expected a value"));
    EXPECT_STR(err.lines[1], "cannot read profile 'g'");
}

TEST(says_what_was_meant)
{
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    write_file("data/profiles/gaming.toml", "");
    write_file("data/profiles/aiml.toml", "");
    EXPECT(!nvb_profile_load("gamng", &p, &err) && err.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(err.lines[0], "no profile 'gamng'");
    EXPECT_STR(err.hint, "did you mean 'gaming'?");
    EXPECT(!nvb_profile_load("xyzzy-plugh", &p, &err));
    EXPECT(strstr(err.hint, "aiml") && strstr(err.hint, "gaming"));
}

TEST(refuses_names_that_are_paths)
{
    static const char *const bad[] = { "", ".", "..", ".x", "a/b", "../gaming", "a b", "a\n" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_profile) p = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_profile_load(bad[i], &p, &err) && err.kind == NVB_E_INVALID);
    }
}

TEST(lists_each_name_once)
{
    char **names = NULL;
    struct nvb_strv list = { 0 };

    make_dirs();
    write_file("data/profiles/b.toml", "");
    write_file("data/profiles/a.toml", "");
    write_file("config/nvbind/profiles/b.toml", "broken");
    write_file("config/nvbind/profiles/c.toml~", "");
    write_file("config/nvbind/profiles/c d.toml", "");
    names = nvb_profile_list();
    list.items = names;
    while (names[list.n])
        list.n++;
    EXPECT(nvb_strv_has(&list, "a") && nvb_strv_has(&list, "b") && !nvb_strv_has(&list, "c"));
    EXPECT(!nvb_strv_has(&list, "c d"));
    for (size_t i = 1; i < list.n; i++)
        EXPECT(strcmp(names[i - 1], names[i]) < 0);
    nvb_strv_clear(&list);
}

TEST(points_at_what_is_wrong)
{
    make_dirs();
    expect_bad("[sandbox]\n  profil = \"steam\"\n",
               "bad.toml:2:3: a profile has no setting 'profil' in [sandbox]\n"
               "    2 |   profil = \"steam\"\n      |   ^",
               "did you mean 'profile'?");
    expect_bad("[sandbx]\n",
               "bad.toml:1:1: a profile has no table 'sandbx'\n    1 | [sandbx]\n"
               "      | ^",
               "did you mean 'sandbox'?");
    expect_bad("xyzzy.a = 1\n",
               "bad.toml:1:1: a profile has no table 'xyzzy'\n    1 | xyzzy.a = 1\n      | ^",
               "use one of: description, performance_level, power_profile, sandbox, display, "
               "frames, cache, limits, dlss, ray_tracing, vrs, wine, ai, env");
    expect_bad("[sandbox]\nprofile = \"stem\"\n",
               "bad.toml:2:11: 'stem' is not a word for this setting\n"
               "    2 | profile = \"stem\"\n      |           ^",
               "did you mean 'steam'?");
    expect_bad("performance_level = \"turbo-mode\"\n",
               "bad.toml:1:21: 'turbo-mode' is not a word for this setting\n"
               "    1 | performance_level = \"turbo-mode\"\n      |                     ^",
               "use one of: balanced, ultra-low-latency, performance, efficiency");
    expect_bad("[frames]\nmeasure = \"yes\"\n",
               "bad.toml:2:11: expected true or false, not a string\n"
               "    2 | measure = \"yes\"\n      |           ^",
               "");
    expect_bad("limits.nofile = -1\n",
               "bad.toml:1:17: expected a number from 0 to 1073741824\n"
               "    1 | limits.nofile = -1\n      |                 ^",
               "");
    expect_bad("display = 3\n",
               "bad.toml:1:11: expected a table, not an integer\n    1 | display = 3\n"
               "      |           ^",
               "");
    expect_bad("[env]\nA = 1\n",
               "bad.toml:2:5: expected a string, not an integer\n    2 | A = 1\n      |     ^",
               "put quotes around the value");
    expect_bad("[env]\n\"A=B\" = '1'\n",
               "bad.toml:2:1: not the name of an environment variable\n    2 | \"A=B\" = '1'\n"
               "      | ^",
               "");
    expect_bad("env.A = \"x\\u0000y\"\n",
               "bad.toml:1:9: a variable cannot hold a NUL\n    1 | env.A = \"x\\u0000y\"\n"
               "      |         ^",
               "");
    expect_bad("description = \"a\\u001b[2J\"\n",
               "bad.toml:1:15: expected text of one line\n    1 | description = \"a\\u001b[2J\"\n"
               "      |               ^",
               "");
    expect_bad("sandbox.profile = \"steam\\u0000\"\n",
               "bad.toml:1:19: '...' is not a word for this setting\n"
               "    1 | sandbox.profile = \"steam\\u0000\"\n      |                   ^",
               "did you mean 'steam'?");
}

/* What is installed must be readable, and use only variables with a reader. */
TEST(installs_good_profiles)
{
    static const char *const names[] = {
        "aaa", "aiml", "competitive", "desktop", "gaming", "handheld", "high-performance-gaming"
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        nvb_autofree char *path = nvb_xasprintf(NVB_SOURCE_ROOT "/data/profiles/%s.toml", names[i]);
        nvb_autoptr(nvb_profile) p = NULL;
        nvb_auto_err err = { 0 };

        if (!nvb_profile_read_file(path, &p, &err))
            nvb_err_print(&err, "#", stdout);
        EXPECT(p && *p->description);
        for (size_t j = 0; j < p->n_env; j++) {
            const struct nvb_variable *v = nvb_variable_find(p->env[j].name);

            EXPECT(v && !nvb_variable_refuses(v, p->env[j].value));
        }
    }
}

TEST(names_an_effect_for_every_word)
{
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        EXPECT(s->words ? !s->effect : s->effect != NULL);
        for (const struct nvb_setting_word *w = s->words; w && w->word; w++)
            EXPECT(w->effect || (w > s->words && w->value == w[-1].value));
    }
}

TEST(lets_settings_imply_others)
{
    nvb_autoptr(nvb_profile) p = NULL;
    nvb_auto_err err = { 0 };

    make_dirs();
    write_file("data/profiles/p.toml", "performance_level = 'efficiency'\nframes.cap = 40\n");
    EXPECT(nvb_profile_load("p", &p, &err));
    EXPECT(p->power == NVB_POWER_SAVER && p->frame_cap == 40);
}
