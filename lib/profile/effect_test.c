/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/effect.h"

#include <string.h>

#include "profile/effect_table.h"
#include "profile/setting.h"
#include "profile/variable.h"
#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const struct nvb_setting_place file = { NVB_LAYER_PROFILE, "p.toml" };

/* Settings by name and value in turns. */
static struct nvb_profile *make(const char *const *words)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");
    nvb_auto_err err = { 0 };

    for (; *words; words += 2)
        EXPECT(nvb_setting_assign_text(words[0], words[1], &file, p, &err));
    return nvb_steal(&p);
}

/* The variables that come of it, blanks between, and its refusals as "!SETTING". */
static char *dup_effects(const char *const *words, bool has_layer)
{
    nvb_autoptr(nvb_profile) p = make(words);
    nvb_auto_effects effects = { 0 };
    nvb_auto_strv list = { 0 };

    nvb_effects_make(p, has_layer, &effects);
    for (size_t i = 0; i < effects.n; i++) {
        const struct nvb_effect *e = &effects.items[i];

        EXPECT(e->kind == NVB_EFFECT_VARIABLE || (e->reason && *e->reason));
        if (e->kind == NVB_EFFECT_VARIABLE) {
            nvb_strv_addf(&list, "%s=%s", e->name, e->value);
        } else if (e->kind == NVB_EFFECT_REFUSED) {
            nvb_strv_addf(&list, "!%s", e->settings);
        } else if (e->kind == NVB_EFFECT_WORDS) {
            nvb_strv_add(&list, e->value);
        }
    }
    return nvb_strv_join(&list, " ");
}

#define EXPECT_EFFECTS(has_layer, want, ...)                      \
    do {                                                          \
        static const char *const words[] = { __VA_ARGS__, NULL }; \
        nvb_autofree char *got = dup_effects(words, has_layer);   \
        EXPECT_STR(got, want);                                    \
    } while (0)

TEST(emits_only_variables_with_a_reader_and_good_values)
{
    for (const struct nvb_effect_row *row = nvb_effect_table; row->setting; row++) {
        const struct nvb_setting *s = nvb_setting_find_name(row->setting);
        bool has_word = false;

        EXPECT(s && s->words);
        for (const struct nvb_setting_word *w = s->words; w->word; w++)
            has_word = has_word || (w->effect && strcmp(w->word, row->is) == 0);
        EXPECT(has_word);
        if (row->kind == NVB_EFFECT_VARIABLE) {
            const struct nvb_variable *v = nvb_variable_find(row->name);

            EXPECT(v && !nvb_variable_refuses(v, row->value));
        } else {
            EXPECT(row->reason);
        }
    }
}

/* A wish that does nothing must say so: each word of each wish has an answer. */
TEST(answers_for_every_wish)
{
    static const char *const quiet[] = { "display.vrr", "display.hdr", "display.gamescope" };

    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);
        bool is_quiet = s->type != NVB_SETTING_WISH;

        for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
            is_quiet = is_quiet || strcmp(name, quiet[i]) == 0;
        for (const struct nvb_setting_word *w = s->words; !is_quiet && w->word; w++) {
            const char *const words[] = { name, w->word, NULL };
            nvb_autoptr(nvb_profile) p = make(words);
            nvb_auto_effects effects = { 0 };

            nvb_effects_make(p, false, &effects);
            EXPECT(effects.n > 0);
        }
    }
}

TEST(turns_dlss_into_what_works)
{
    EXPECT_EFFECTS(false,
                   "PROTON_ENABLE_NVAPI=1 DXVK_ENABLE_NVAPI=1 "
                   "DXVK_NVAPI_DRS_NGX_DLSS_SR_MODE=ultra_performance",
                   "dlss.enabled", "true", "dlss.quality", "ultra-performance");
    EXPECT_EFFECTS(false, "PROTON_DISABLE_NVAPI=1", "dlss.enabled", "false");
    EXPECT_EFFECTS(false,
                   "DXVK_NVAPI_DRS_NGX_DLSS_SR_OVERRIDE_RENDER_PRESET_SELECTION=render_preset_k",
                   "dlss.preset", "k");
    EXPECT_EFFECTS(false, "DXVK_NVAPI_DRS_NGX_DLSS_SR_OVERRIDE_RENDER_PRESET_SELECTION=off",
                   "dlss.preset", "off");
}

TEST(caps_frames_in_one_place)
{
    EXPECT_EFFECTS(false,
                   "DXVK_CONFIG=dxgi.maxFrameRate = 60;d3d9.maxFrameRate = 60 DXVK_FRAME_RATE=60 "
                   "VKD3D_FRAME_RATE=60",
                   "frames.cap", "60");
    EXPECT_EFFECTS(true, "", "frames.cap", "60");
    EXPECT_EFFECTS(true, "", "frames.cap", "0");
}

TEST(joins_lists_and_lets_the_users_variable_win)
{
    EXPECT_EFFECTS(false, "VKD3D_CONFIG=nodxr,no_upload_hvv", "ray_tracing.enabled", "false",
                   "env.VKD3D_CONFIG", "no_upload_hvv");
    EXPECT_EFFECTS(true,
                   "DXVK_CONFIG=dxvk.latencySleep = True;dxgi.syncInterval = 0 "
                   "DXVK_NVAPI_VKREFLEX=1",
                   "frames.low_latency", "true", "env.DXVK_CONFIG", "dxgi.syncInterval = 0");
    EXPECT_EFFECTS(false, "PROTON_NO_ESYNC=2", "wine.esync", "false", "env.PROTON_NO_ESYNC", "2");
    EXPECT_EFFECTS(false, "!env.DXVK_ASYNC MY_OWN=x", "env.DXVK_ASYNC", "1", "env.MY_OWN", "x");
}

TEST(refuses_what_nobody_reads)
{
    EXPECT_EFFECTS(false, "!wine.dxvk_async", "wine.dxvk_async", "true");
    EXPECT_EFFECTS(false, "!vrs.enabled", "vrs.enabled", "false");
    EXPECT_EFFECTS(false, "!ai.batch_size", "ai.batch_size", "8");
    EXPECT_EFFECTS(false, "!wine.esync", "wine.enabled", "false", "wine.esync", "false");
    EXPECT_EFFECTS(false, "!display.resolution !display.refresh !display.vrr", "display.resolution",
                   "1280x720", "display.refresh", "144", "display.vrr", "true");
    EXPECT_EFFECTS(false, "DXVK_HDR=1 !display.hdr", "display.hdr", "true");
    EXPECT_EFFECTS(false, "DXVK_HDR=1 PROTON_ENABLE_WAYLAND=1 PROTON_ENABLE_HDR=1", "display.hdr",
                   "true", "display.use", "wayland");
}

TEST(puts_gamescope_before_the_command)
{
    EXPECT_EFFECTS(true, "gamescope -f --", "display.gamescope", "true");
    EXPECT_EFFECTS(true,
                   "DXVK_HDR=1 gamescope -f -w 1280 -h 720 -W 2560 -H 1440 -r 60 --adaptive-sync "
                   "--hdr-enabled -F nis --",
                   "display.gamescope", "true", "display.resolution", "1280x720", "display.output",
                   "2560x1440", "display.refresh", "144", "frames.cap", "60", "display.vrr", "true",
                   "display.hdr", "true", "display.scaling", "nis");
}

TEST(keeps_the_cache_of_kernels_below_its_limit)
{
    EXPECT_EFFECTS(false, "CUDA_CACHE_MAXSIZE=4294967296 OLLAMA_CONTEXT_LENGTH=32768",
                   "ai.model_size", "xlarge", "ai.context_length", "32768");
}
