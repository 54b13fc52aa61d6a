/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_live_amd.c - amdgpu tells its use and memory beside the PCI device, the rest by hwmon. */
#include <string.h>

#include "stats/gpu_sources.h"

enum {
    PWM_MAX = 255,
};

/* The last line of pp_dpm_sclk is the fastest state: "2: 2575Mhz *". */
static void read_top_state(const struct nvb_gpu_source *source,
                           const char *file,
                           enum nvb_figure figure,
                           struct nvb_gpu_live *live)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", source->device, file);
    nvb_autofree char *text = nvb_host_dup_text(source->host, path, NVB_HOST_FILE_MAX);

    for (const char *line = text; line && *line; line += *line == '\n') {
        const char *colon = strchr(line, ':');
        size_t len = strcspn(line, "\n");

        if (colon && colon < line + len) {
            const char *start = colon + 1 + strspn(colon + 1, " ");
            nvb_autofree char *digits = nvb_xstrndup(start, strspn(start, "0123456789"));
            uint64_t mhz = 0;

            if (nvb_parse_u64(digits, UINT32_MAX, &mhz))
                nvb_gpu_live_set(live, figure, mhz);
        }
        line += len;
    }
}

/* RDNA 3 has the average power, later ones and APUs the momentary one. */
static void
read_hwmon(const struct nvb_gpu_source *source, const char *hwmon, struct nvb_gpu_live *live)
{
    nvb_autofree char *pwm_path = nvb_xasprintf("%s/pwm1", hwmon);
    uint64_t pwm = 0;

    nvb_gpu_live_set_file(source, hwmon, "power1_input", 1000, NVB_FIGURE_POWER, live);
    nvb_gpu_live_set_file(source, hwmon, "power1_average", 1000, NVB_FIGURE_POWER, live);
    nvb_gpu_live_set_file(source, hwmon, "power1_cap", 1000, NVB_FIGURE_POWER_LIMIT, live);
    nvb_gpu_live_set_file(source, hwmon, "temp1_input", 1000, NVB_FIGURE_TEMPERATURE, live);
    nvb_gpu_live_set_file(source, hwmon, "freq1_input", 1000000, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, hwmon, "freq2_input", 1000000, NVB_FIGURE_MEMORY_CLOCK, live);
    nvb_gpu_live_set_file(source, hwmon, "fan1_input", 1, NVB_FIGURE_FAN_RPM, live);
    if (nvb_host_read_u64(source->host, pwm_path, &pwm) && pwm <= PWM_MAX)
        nvb_gpu_live_set(live, NVB_FIGURE_FAN, (pwm * 100 + PWM_MAX / 2) / PWM_MAX);
}

void nvb_gpu_live_read_amd(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *hwmon = nvb_gpu_dup_hwmon(source);
    const char *device = source->device;

    nvb_gpu_live_set_file(source, device, "gpu_busy_percent", 1, NVB_FIGURE_UTILISATION, live);
    nvb_gpu_live_set_file(source, device, "mem_info_vram_used", 1, NVB_FIGURE_MEMORY_USED, live);
    nvb_gpu_live_set_file(source, device, "mem_info_vram_total", 1, NVB_FIGURE_MEMORY_TOTAL, live);
    read_top_state(source, "pp_dpm_sclk", NVB_FIGURE_CLOCK_MAX, live);
    read_top_state(source, "pp_dpm_mclk", NVB_FIGURE_MEMORY_CLOCK_MAX, live);
    if (hwmon)
        read_hwmon(source, hwmon, live);
}
