/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/setting.h"

#include <string.h>

#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const struct nvb_setting_place file = { NVB_LAYER_PROFILE, "p.toml" };
static const struct nvb_setting_place typed = { NVB_LAYER_COMMAND, NULL };

static struct nvb_profile *read_text(const char *text, struct nvb_err *err)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p.toml");
    nvb_autoptr(nvb_toml) doc = NULL;

    EXPECT(nvb_toml_parse(text, strlen(text), "p.toml", &doc, err));
    return nvb_settings_read(doc, nvb_toml_root(doc), &file, p, err) ? nvb_steal(&p) : NULL;
}

static void expect_bad(const char *text, const char *cause, const char *hint)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = read_text(text, &err);
    nvb_autofree char *first = err.n_lines ? nvb_xstrdup(err.lines[0]) : nvb_xstrdup("");

    first[strcspn(first, "\n")] = '\0';
    EXPECT(!p && err.kind == NVB_E_INVALID);
    EXPECT_STR(first, cause);
    EXPECT_STR(err.hint ? err.hint : "", hint);
}

TEST(reads_the_briefs_own_words)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p =
        read_text("name = 'Competitive Gaming'\nperformance_level = 'UltraLowLatency'\n"
                  "dlss_enabled = true\ndlss_quality = 'Performance'\nrt_cores_enabled = false\n"
                  "wine_optimizations = true\npower_profile = 'power-saver'\nvrs_enabled = true\n",
                  &err);

    EXPECT(p != NULL);
    EXPECT_STR(p->description, "Competitive Gaming");
    EXPECT(p->level == NVB_LEVEL_ULTRA_LOW_LATENCY && p->power == NVB_POWER_SAVER);
    EXPECT(p->has_dlss == NVB_WISH_ON && p->dlss_quality == NVB_DLSS_PERFORMANCE);
    EXPECT(p->has_ray_tracing == NVB_WISH_OFF && p->has_wine == NVB_WISH_ON);
    EXPECT(p->has_vrs == NVB_WISH_ON && p->has_vrr == NVB_WISH_NONE);
}

TEST(reads_the_briefs_tables_and_models)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = read_text(
        "wine_optimizations = { enabled = true, esync = false, fsync = true, dxvk_async = false }\n"
        "dlss_preference.quality = 'Quality'\nrt_preference.enabled = true\n"
        "model_size = 'XLarge'\nprecision = 'Mixed'\nbatch_size = 1\ngpu_memory_limit = '48GB'\n"
        "context_length = 32768\nmig_enabled = true\n",
        &err);

    EXPECT(p != NULL);
    EXPECT(p->has_wine == NVB_WISH_ON && p->esync == NVB_WISH_OFF && p->fsync == NVB_WISH_ON);
    EXPECT(p->dxvk_async == NVB_WISH_OFF && p->dlss_quality == NVB_DLSS_QUALITY);
    EXPECT(p->has_ray_tracing == NVB_WISH_ON && p->model_size == NVB_MODEL_XLARGE);
    EXPECT(p->precision == NVB_PRECISION_MIXED && p->batch_size == 1 && p->has_mig == NVB_WISH_ON);
    EXPECT(p->context_length == 32768);
    EXPECT_STR(p->gpu_memory_limit, "48GB");
}

TEST(knows_where_each_value_came_from)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_profile) p = read_text("\n[frames]\ncap = 60\n[env]\nA = '1'\n", &err);
    const struct nvb_origin *cap = NULL;

    EXPECT(p != NULL);
    cap = nvb_setting_origin(nvb_setting_find_name("frames.cap"), p);
    EXPECT(cap->layer == NVB_LAYER_PROFILE && cap->line == 3);
    EXPECT_STR(cap->source, "p.toml");
    EXPECT(p->env[0].origin.line == 5);
    EXPECT(!nvb_setting_is_said(nvb_setting_find_name("frames.queue"), p));
    EXPECT(nvb_setting_assign_text("frames.cap", "30", &typed, p, &err));
    EXPECT(nvb_setting_assign_text("env.A", "2", &typed, p, &err));
    EXPECT(nvb_setting_assign_text("wine_optimizations.esync", "false", &typed, p, &err));
    EXPECT(p->frame_cap == 30 && p->n_env == 1 && p->esync == NVB_WISH_OFF);
    EXPECT(cap->layer == NVB_LAYER_COMMAND && cap->source == NULL && cap->line == 0);
    EXPECT(p->env[0].origin.layer == NVB_LAYER_COMMAND);
    EXPECT_STR(p->env[0].value, "2");
}

TEST(points_at_what_is_wrong)
{
    expect_bad("dlss.quality = 'qualty'\n", "p.toml:1:16: 'qualty' is not a word for this setting",
               "did you mean 'quality'?");
    expect_bad("dlss_enabld = true\n", "p.toml:1:1: a profile has no setting 'dlss_enabld'",
               "did you mean 'dlss_enabled'?");
    expect_bad("wine.essync = true\n", "p.toml:1:1: a profile has no setting 'essync' in [wine]",
               "did you mean 'esync'?");
    expect_bad("wine_optimizations.essync = true\n",
               "p.toml:1:1: a profile has no setting 'essync' in [wine_optimizations]",
               "did you mean 'esync'?");
    expect_bad("dlss.enabled = true\ndlss_enabled = false\n",
               "p.toml:2:1: the setting 'dlss.enabled' is said in line 1 already",
               "keep one of the two");
    expect_bad("dlss.enabled = 'true'\n", "p.toml:1:16: expected true or false, not a string",
               "write it without quotes");
    expect_bad("display.resolution = '1080p'\n",
               "p.toml:1:22: '1080p' is no value for this setting",
               "write WIDTHxHEIGHT, for example 1920x1080");
    expect_bad("dlss.preset = 'z'\n", "p.toml:1:15: 'z' is no value for this setting",
               "write off, default, latest, or a letter from a to o");
    expect_bad("frames.cap = 1001\n", "p.toml:1:14: expected a number from 0 to 1000", "");
    expect_bad("gpu_memory_limit = '0'\n", "p.toml:1:20: '0' is no value for this setting",
               "write an amount of memory, for example 6GB");
    expect_bad("wine_optimizations = 1\n", "p.toml:1:22: expected true or false, not an integer",
               "");
}

TEST(takes_sizes_and_presets_of_the_right_form)
{
    static const char *const rows[][2] = {
        {"display.resolution",   "1920x1080"     },
        { "display.output",      "160x120"       },
        { "dlss.preset",         "latest"        },
        { "dlss.preset",         "k"             },
        { "ai.gpu_memory_limit", "512M"          },
        { "frames.cap",          "0"             },
        { "cache.shaders",       "true"          },
        { "performance_level",   "MaxPerformance"},
    };
    static const char *const bad[][2] = {
        {"display.resolution",  "1920x"               },
        { "display.resolution", "x1080"               },
        { "display.resolution", "1x1"                 },
        { "display.resolution", "1920x1080x2"         },
        { "dlss.preset",        ""                    },
        { "frames.cap",         "-1"                  },
        { "frames.cap",         "fast"                },
        { "cache.shaders",      "yes"                 },
        { "performance_level",  "turbo"               },
        { "frames.cap",         "99999999999999999999"},
        { "description",        "two\nlines"          },
    };
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(nvb_setting_assign_text(rows[i][0], rows[i][1], &typed, p, &err));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_setting_assign_text(bad[i][0], bad[i][1], &typed, p, &err));
        EXPECT(err.domain == NVB_D_REQUEST && err.kind == NVB_E_INVALID && err.hint);
    }
}

TEST(names_the_setting_that_was_meant)
{
    static const char *const rows[][2] = {
        {"frames.capp", "did you mean 'frames.cap'?"                                    },
        { "esync",      "did you mean 'wine.esync'?"                                    },
        { "xyzzy",      "nvbind profile keys lists the settings; env.NAME is a variable"},
        { "env.A-B",    "nvbind profile keys lists the settings; env.NAME is a variable"},
        { "",           "nvbind profile keys lists the settings; env.NAME is a variable"},
    };
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_setting_assign_text(rows[i][0], "1", &typed, p, &err));
        EXPECT_STR(err.hint, rows[i][1]);
    }
}

TEST(leads_every_other_spelling_to_a_setting)
{
    for (const struct nvb_setting_alias *a = nvb_setting_aliases; a->key; a++) {
        const struct nvb_setting *s = nvb_setting_find(a->section, a->key);

        EXPECT(s && s == nvb_setting_find(a->of_section, a->of_key));
        EXPECT(!a->section || nvb_setting_is_section(a->section));
    }
}
