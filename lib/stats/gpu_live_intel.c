/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_live_intel.c - i915 and xe tell clocks, why they are held down, and on boards of their own heat
 * and energy. How busy the GPU is they tell to perf alone, which needs privileges; its clients tell
 * it too, when all of them may be asked. */
#include <string.h>

#include "stats/gpu_sources.h"

/* The words of the files, after "throttle_reason_" (i915) or "reason_" (xe). The second half is that
 * of Crescent Island; its reason_p0_freq means that it is as fast as it can be. */
static const struct {
    const char *file;
    const char *text;
} reasons[] = {
    {"pl1",              "power limit (sustained)"             },
    { "pl2",             "power limit (burst)"                 },
    { "pl4",             "power limit (peak)"                  },
    { "thermal",         "too hot"                             },
    { "prochot",         "too hot (signal of the board)"       },
    { "ratl",            "too hot (running average)"           },
    { "vr_thermalert",   "voltage regulator too hot"           },
    { "vr_tdc",          "voltage regulator at its limit"      },
    { "soc_thermal",     "too hot"                             },
    { "mem_thermal",     "memory too hot"                      },
    { "vr_thermal",      "voltage regulator too hot"           },
    { "iccmax",          "current limit"                       },
    { "soc_avg_thermal", "too hot (average)"                   },
    { "fastvmode",       "voltage regulator at its limit"      },
    { "psys_pl1",        "power limit of the board (sustained)"},
    { "psys_pl2",        "power limit of the board (burst)"    },
    { "psys_crit",       "power limit of the board (peak)"     },
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
        if (is_on && !nvb_strv_has(&live->slowdowns, reasons[i].text))
            nvb_strv_add(&live->slowdowns, reasons[i].text);
    }
}

/* xe has a directory a tile, i915 files beside the card since 2010 and a directory since 6.0. */
static void read_clocks(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *xe = nvb_xasprintf("%s/tile0/gt0/freq0", source->device);
    nvb_autofree char *xe_reasons = nvb_xasprintf("%s/throttle/reason_", xe);
    nvb_autofree char *gt = NULL;
    nvb_autofree char *i915_reasons = NULL;

    nvb_gpu_live_set_file(source, xe, "act_freq", 1, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, xe, "rp0_freq", 1, NVB_FIGURE_CLOCK_MAX, live);
    read_reasons(source, xe_reasons, live);
    if (!source->card)
        return;
    gt = nvb_xasprintf("%s/gt/gt0", source->card);
    i915_reasons = nvb_xasprintf("%s/throttle_reason_", gt);
    nvb_gpu_live_set_file(source, gt, "rps_act_freq_mhz", 1, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, gt, "rps_RP0_freq_mhz", 1, NVB_FIGURE_CLOCK_MAX, live);
    nvb_gpu_live_set_file(source, source->card, "gt_act_freq_mhz", 1, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, source->card, "gt_RP0_freq_mhz", 1, NVB_FIGURE_CLOCK_MAX, live);
    read_reasons(source, i915_reasons, live);
}

/* The limit that holds for long, else the one for a moment, else what the board was made for. */
static void read_limit(const struct nvb_gpu_source *source,
                       const char *hwmon,
                       unsigned channel,
                       struct nvb_gpu_live *live)
{
    static const char *const kinds[] = { "max", "cap", "rated_max" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        nvb_autofree char *file = nvb_xasprintf("power%u_%s", channel, kinds[i]);

        if (nvb_gpu_live_set_limit(source, hwmon, file, live))
            return;
    }
}

/* Power is not told, but the energy used so far is: two readings make a power. Channel 1 is the whole
 * board, channel 2 the chip; xe tells of DG2 the second alone. */
static void
read_power(const struct nvb_gpu_source *source, const char *hwmon, struct nvb_gpu_live *live)
{
    for (unsigned channel = 1; channel <= 2; channel++) {
        nvb_autofree char *file = nvb_xasprintf("energy%u_input", channel);

        if (live->has[NVB_FIGURE_ENERGY])
            break;
        nvb_gpu_live_set_file(source, hwmon, file, 1, NVB_FIGURE_ENERGY, live);
        live->time_ns = nvb_gpu_now_ns(); /* the limits below may take a millisecond */
        if (live->has[NVB_FIGURE_ENERGY] || !live->has[NVB_FIGURE_POWER_LIMIT])
            read_limit(source, hwmon, channel, live);
    }
}

/* Only boards of their own have a hwmon, and only root is told how much memory they have: in debugfs,
 * but for xe's and Intel's own packages' files. */
void nvb_gpu_live_read_intel(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *hwmon = nvb_gpu_dup_hwmon(source);

    read_clocks(source, live);
    if (source->gpu->memory_bytes)
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_TOTAL, source->gpu->memory_bytes);
    if (!hwmon)
        return;
    live->has_hidden_memory = source->gpu->memory_bytes == 0;
    read_power(source, hwmon, live);
    nvb_gpu_live_read_temperatures(source, hwmon, live);
    nvb_gpu_live_set_file(source, hwmon, "fan1_input", 1, NVB_FIGURE_FAN_RPM, live);
}
