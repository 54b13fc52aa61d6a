/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/effect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "profile/effect_table.h"
#include "profile/setting.h"
#include "profile/variable.h"

/* Variables that are lists: what is added goes behind what is there. */
static const char *const separators[][2] = {
    {"DXVK_CONFIG",   ";"},
    { "VKD3D_CONFIG", ","},
};

static struct nvb_effect *
add(struct nvb_effects *out, enum nvb_effect_kind kind, const char *settings)
{
    struct nvb_effect *e = NULL;

    out->items = nvb_xrealloc(out->items, out->n + 1, sizeof(*out->items));
    e = &out->items[out->n++];
    *e = (struct nvb_effect){ .kind = kind, .settings = nvb_xstrdup(settings) };
    return e;
}

static void add_reason(struct nvb_effects *out,
                       enum nvb_effect_kind kind,
                       const char *settings,
                       const char *reason)
{
    add(out, kind, settings)->reason = nvb_xstrdup(reason);
}

static const char *separator_of(const char *name)
{
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
        if (strcmp(separators[i][0], name) == 0)
            return separators[i][1];
    }
    return NULL;
}

static struct nvb_effect *find_variable(const struct nvb_effects *effects, const char *name)
{
    for (size_t i = 0; i < effects->n; i++) {
        struct nvb_effect *e = &effects->items[i];

        if (e->kind == NVB_EFFECT_VARIABLE && strcmp(e->name, name) == 0)
            return e;
    }
    return NULL;
}

static void join(char **text, const char *separator, const char *more)
{
    char *both = nvb_xasprintf("%s%s%s", *text, separator, more);

    free(*text);
    *text = both;
}

static struct nvb_effect *
add_variable(struct nvb_effects *out, const char *setting, const char *name, const char *value)
{
    const char *separator = separator_of(name);
    struct nvb_effect *e = separator ? find_variable(out, name) : NULL;

    if (e) {
        join(&e->value, separator, value);
        if (!strstr(e->settings, setting))
            join(&e->settings, ", ", setting);
        return e;
    }
    e = add(out, NVB_EFFECT_VARIABLE, setting);
    e->name = nvb_xstrdup(name);
    e->value = nvb_xstrdup(value);
    e->variable = nvb_variable_find(name);
    return e;
}

static void add_number(struct nvb_effects *out,
                       const char *setting,
                       const char *name,
                       const char *format,
                       uint64_t n)
{
    nvb_autofree char *number = nvb_xasprintf("%llu", (unsigned long long)n);
    nvb_autofree char *value = nvb_xasprintf("%s%s", format, number);

    (void)add_variable(out, setting, name, value);
}

static void add_rows(const struct nvb_profile *p, struct nvb_effects *out)
{
    for (const struct nvb_effect_row *row = nvb_effect_table; row->setting; row++) {
        const struct nvb_setting *s = nvb_setting_find_name(row->setting);
        nvb_autofree char *value = nvb_setting_dup_value(s, p);

        if (strcmp(value, row->is) != 0)
            continue;
        if (p->has_wine == NVB_WISH_OFF && nvb_has_prefix(row->setting, "wine.") &&
            strcmp(s->key, "enabled") != 0) {
            add_reason(out, NVB_EFFECT_REFUSED, row->setting, "wine.enabled is false");
        } else if (row->kind == NVB_EFFECT_VARIABLE) {
            struct nvb_effect *e = add_variable(out, row->setting, row->name, row->value);

            e->vendor = row->vendor;
        } else {
            add_reason(out, row->kind, row->setting, row->reason);
        }
    }
}

/* Each layer below a game had its own cap: all are set, since the one that is not there is deaf. */
static void add_frames(const struct nvb_profile *p, bool has_layer, struct nvb_effects *out)
{
    static const char cap[] = "frames.cap";
    static const char queue[] = "frames.queue";

    if (p->frame_cap && has_layer) {
        add_reason(out, NVB_EFFECT_ELSEWHERE, cap,
                   "the layer that counts frames holds it for every Vulkan game, DXVK and "
                   "vkd3d-proton included");
    } else if (p->frame_cap) {
        add_number(out, cap, "DXVK_CONFIG", "dxgi.maxFrameRate = ", p->frame_cap);
        add_number(out, cap, "DXVK_CONFIG", "d3d9.maxFrameRate = ", p->frame_cap);
        add_number(out, cap, "DXVK_FRAME_RATE", "", p->frame_cap);
        add_number(out, cap, "VKD3D_FRAME_RATE", "", p->frame_cap);
    }
    if (p->frame_queue) {
        add_number(out, queue, "DXVK_CONFIG", "dxgi.maxFrameLatency = ", p->frame_queue);
        add_number(out, queue, "DXVK_CONFIG", "d3d9.maxFrameLatency = ", p->frame_queue);
        add_number(out, queue, "VKD3D_SWAPCHAIN_LATENCY_FRAMES", "", p->frame_queue);
        add_number(out, queue, "__GL_MaxFramesAllowed", "", p->frame_queue);
        out->items[out->n - 1].vendor = NVB_GPU_NVIDIA;
    }
}

static void add_dlss_preset(const struct nvb_profile *p, struct nvb_effects *out)
{
    const char *text = p->dlss_preset;
    bool is_plain = text && (strcmp(text, "off") == 0 || strcmp(text, "default") == 0);
    nvb_autofree char *value = NULL;

    if (!text)
        return;
    value = nvb_xasprintf("%s%s", is_plain ? "" : "render_preset_", text);
    add_variable(out, "dlss.preset", "DXVK_NVAPI_DRS_NGX_DLSS_SR_OVERRIDE_RENDER_PRESET_SELECTION",
                 value)
        ->vendor = NVB_GPU_NVIDIA;
}

/* Proton's way to HDR is Wine's Wayland driver, which costs Steam's gamepads: not without a word. */
static void add_hdr(const struct nvb_profile *p, struct nvb_effects *out)
{
    static const char hdr[] = "display.hdr";

    if (p->has_hdr == NVB_WISH_NONE)
        return;
    if (p->has_hdr == NVB_WISH_OFF) {
        add_reason(out, NVB_EFFECT_NOTHING, hdr, "it is off unless someone turns it on");
        return;
    }
    (void)add_variable(out, hdr, "DXVK_HDR", "1");
    if (p->has_gamescope == NVB_WISH_ON)
        return;
    if (p->display == NVB_DISPLAY_WISH_WAYLAND) {
        (void)add_variable(out, hdr, "PROTON_ENABLE_WAYLAND", "1");
        (void)add_variable(out, hdr, "PROTON_ENABLE_HDR", "1");
    } else {
        add_reason(out, NVB_EFFECT_REFUSED, hdr,
                   "Proton's HDR needs Wine's Wayland driver, with which Steam Input does not "
                   "work: display.use = wayland asks for it, display.gamescope does without");
    }
}

static void add_size(struct nvb_buf *words, const char *size, const char *wide, const char *high)
{
    if (size) {
        int len = (int)strcspn(size, "x");

        nvb_buf_addf(words, " %s %.*s %s %s", wide, len, size, high, size + len + 1);
    }
}

/* The rate of the window is a cap as well, which a game inside cannot pass. */
static uint64_t gamescope_rate(const struct nvb_profile *p)
{
    if (p->frame_cap && p->refresh_hz)
        return p->frame_cap < p->refresh_hz ? p->frame_cap : p->refresh_hz;
    return p->frame_cap + p->refresh_hz;
}

static void add_gamescope(const struct nvb_profile *p, struct nvb_effects *out)
{
    nvb_auto_buf words = { 0 };
    struct nvb_effect *e = add(out, NVB_EFFECT_WORDS, "display.gamescope");
    uint64_t rate = gamescope_rate(p);

    nvb_buf_add_str(&words, "gamescope -f");
    add_size(&words, p->resolution, "-w", "-h");
    add_size(&words, p->output ? p->output : p->resolution, "-W", "-H");
    if (rate)
        nvb_buf_addf(&words, " -r %llu", (unsigned long long)rate);
    if (p->has_vrr == NVB_WISH_ON)
        nvb_buf_add_str(&words, " --adaptive-sync");
    if (p->has_hdr == NVB_WISH_ON)
        nvb_buf_add_str(&words, " --hdr-enabled");
    if (p->scaling != NVB_SCALING_NONE)
        nvb_buf_addf(&words, " -F %s", p->scaling == NVB_SCALING_FSR ? "fsr" : "nis");
    nvb_buf_add_str(&words, " --");
    e->value = nvb_steal(&words.data);
    e->reason = nvb_xstrdup("needs gamescope in the image; --adaptive-sync came with its 3.11.49, "
                            "--hdr-enabled with 3.11.52, -F with 3.12");
}

/* Without gamescope nothing outside the game can set these. */
static void add_screen(const struct nvb_profile *p, struct nvb_effects *out)
{
    const struct {
        const char *setting;
        bool is_said;
    } rows[] = {
        {"display.resolution", p->resolution                 },
        { "display.output",    p->output                     },
        { "display.scaling",   p->scaling != NVB_SCALING_NONE},
        { "display.refresh",   p->refresh_hz > 0             },
        { "display.vrr",       p->has_vrr == NVB_WISH_ON     },
    };

    if (p->has_gamescope == NVB_WISH_ON)
        add_gamescope(p, out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].is_said)
            continue;
        if (p->has_gamescope == NVB_WISH_ON) {
            add_reason(out, NVB_EFFECT_ELSEWHERE, rows[i].setting, "a word of gamescope's");
        } else {
            add_reason(out, NVB_EFFECT_REFUSED, rows[i].setting,
                       "only the game or its compositor can do it; display.gamescope = true gives "
                       "it one");
        }
    }
}

static void add_ai(const struct nvb_profile *p, struct nvb_effects *out)
{
    if (p->context_length)
        add_number(out, "ai.context_length", "OLLAMA_CONTEXT_LENGTH", "", p->context_length);
    if (p->batch_size) {
        add_reason(out, NVB_EFFECT_REFUSED, "ai.batch_size",
                   "Ollama takes it with each request, as num_batch; OLLAMA_NUM_PARALLEL is "
                   "something else, requests at a time");
    }
    if (p->gpu_memory_limit) {
        add_reason(out, NVB_EFFECT_REFUSED, "ai.gpu_memory_limit",
                   "Ollama has no limit; OLLAMA_GPU_OVERHEAD, what to leave free, depends on the "
                   "size of the GPU");
    }
}

/* The user's own variable beats what a setting says, and joins it where it is a list. */
static void add_env(const struct nvb_profile *p, struct nvb_effects *out)
{
    for (size_t i = 0; i < p->n_env; i++) {
        const char *name = p->env[i].name;
        const struct nvb_variable *v = nvb_variable_find(name);
        nvb_autofree char *setting = nvb_xasprintf("env.%s", name);
        struct nvb_effect *other = separator_of(name) ? NULL : find_variable(out, name);

        if (v && nvb_variable_refuses(v, p->env[i].value)) {
            struct nvb_effect *e = add(out, NVB_EFFECT_REFUSED, setting);

            e->name = nvb_xstrdup(name);
            e->value = nvb_xstrdup(p->env[i].value);
            e->variable = v;
            e->reason = nvb_xstrdup(v->effect);
            continue;
        }
        if (other) {
            other->kind = NVB_EFFECT_NOTHING;
            other->reason = nvb_xasprintf("%s says otherwise", setting);
        }
        (void)add_variable(out, setting, name, p->env[i].value);
    }
}

void nvb_effects_make(const struct nvb_profile *profile,
                      bool has_frame_layer,
                      struct nvb_effects *out)
{
    add_frames(profile, has_frame_layer, out);
    add_rows(profile, out);
    add_dlss_preset(profile, out);
    add_hdr(profile, out);
    add_screen(profile, out);
    add_ai(profile, out);
    add_env(profile, out);
}

void nvb_effects_clear(struct nvb_effects *effects)
{
    for (size_t i = 0; i < effects->n; i++) {
        free(effects->items[i].settings);
        free(effects->items[i].name);
        free(effects->items[i].value);
        free(effects->items[i].reason);
    }
    free(effects->items);
    *effects = (struct nvb_effects){ 0 };
}

const char *nvb_effect_kind_name(enum nvb_effect_kind kind)
{
    static const char *const names[] = {
        [NVB_EFFECT_VARIABLE] = "variable",   [NVB_EFFECT_WORDS] = "words",
        [NVB_EFFECT_ELSEWHERE] = "elsewhere", [NVB_EFFECT_NOTHING] = "nothing",
        [NVB_EFFECT_REFUSED] = "refused",
    };

    return names[kind];
}
