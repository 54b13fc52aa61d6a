/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_live_intel.c - i915 and xe tell clocks, why they are held down, and on boards of their own
 * heat and power. How busy the GPU is they tell to perf alone, which needs privileges. */
#include <string.h>

#include "stats/gpu_sources.h"

/* The words of the files, after "throttle_reason_" (i915) or "reason_" (xe). */
static const struct {
    const char *file;
    const char *text;
} reasons[] = {
    {"pl1",            "power limit (sustained)"       },
    { "pl2",           "power limit (burst)"           },
    { "pl4",           "power limit (peak)"            },
    { "thermal",       "too hot"                       },
    { "prochot",       "too hot (signal of the board)" },
    { "ratl",          "too hot (running average)"     },
    { "vr_thermalert", "voltage regulator too hot"     },
    { "vr_tdc",        "voltage regulator at its limit"},
};

static void
read_reasons(const struct nvb_gpu_source *source, const char *prefix, struct nvb_gpu_live *live)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        nvb_autofree char *path = nvb_xasprintf("%s%s", prefix, reasons[i].file);
        uint64_t is_on = 0;

        if (!nvb_host_read_u64(source->host, path, &is_on))
            continue;
        live->has_slowdowns = true;
        if (is_on)
            nvb_strv_add(&live->slowdowns, reasons[i].text);
    }
}

/* xe has a directory a tile, i915 files beside the card since 2010 and a directory since 6.0. */
static void read_clocks(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *xe = nvb_xasprintf("%s/tile0/gt0/freq0", source->device);
    nvb_autofree char *xe_reasons = nvb_xasprintf("%s/throttle/reason_", xe);
    nvb_autofree char *i915_reasons = NULL;

    nvb_gpu_live_set_file(source, xe, "act_freq", 1, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, xe, "rp0_freq", 1, NVB_FIGURE_CLOCK_MAX, live);
    read_reasons(source, xe_reasons, live);
    if (!source->card)
        return;
    nvb_gpu_live_set_file(source, source->card, "gt_act_freq_mhz", 1, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, source->card, "gt_RP0_freq_mhz", 1, NVB_FIGURE_CLOCK_MAX, live);
    i915_reasons = nvb_xasprintf("%s/gt/gt0/throttle_reason_", source->card);
    read_reasons(source, i915_reasons, live);
}

/* Sensors are numbered by their channel, and a label tells which is which: xe calls the whole
 * board "card" and the chip "pkg". */
static void
read_hwmon(const struct nvb_gpu_source *source, const char *hwmon, struct nvb_gpu_live *live)
{
    static const char *const temperatures[] = { "temp1_input", "temp2_input" };
    static const char *const limits[] = { "power2_max", "power1_max" };

    for (size_t i = 0; i < 2; i++) {
        nvb_gpu_live_set_file(source, hwmon, temperatures[i], 1000, NVB_FIGURE_TEMPERATURE, live);
        nvb_gpu_live_set_file(source, hwmon, limits[i], 1000, NVB_FIGURE_POWER_LIMIT, live);
    }
    nvb_gpu_live_set_file(source, hwmon, "fan1_input", 1, NVB_FIGURE_FAN_RPM, live);
}

void nvb_gpu_live_read_intel(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *hwmon = nvb_gpu_dup_hwmon(source);

    read_clocks(source, live);
    if (hwmon)
        read_hwmon(source, hwmon, live);
}
