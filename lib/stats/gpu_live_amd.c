/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu_live_amd.c - amdgpu tells its use and memory beside the PCI device, the rest by hwmon. */
#include <string.h>

#include "stats/gpu_metrics.h"
#include "stats/gpu_sources.h"

enum {
    PWM_MAX = 255,
    METRICS_MAX = 64 << 10,
};

struct states {
    uint64_t max_mhz;
    bool has_max;
    uint64_t now_mhz;
    bool has_now;
};

/* "1: 1200Mhz *", the star for the one in use. A clock that sleeps has the letter S for a number. */
static void read_state(const char *line, struct states *states)
{
    const char *colon = strchr(line, ':');
    const char *start = colon ? colon + 1 + strspn(colon + 1, " ") : NULL;
    nvb_autofree char *digits = NULL;
    uint64_t mhz = 0;

    if (!start)
        return;
    digits = nvb_xstrndup(start, strspn(start, "0123456789"));
    if (!nvb_parse_u64(digits, UINT32_MAX, &mhz))
        return;
    if (!states->has_max || mhz > states->max_mhz)
        states->max_mhz = mhz;
    states->has_max = true;
    if (strchr(line, '*')) {
        states->now_mhz = mhz;
        states->has_now = true;
    }
}

/* The states of pp_dpm_sclk stand in rising order on boards, and in either order on APUs. */
static void read_states(const struct nvb_gpu_source *source,
                        const char *file,
                        enum nvb_figure now,
                        enum nvb_figure max,
                        struct nvb_gpu_live *live)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", source->device, file);
    nvb_autofree char *text = nvb_host_dup_text(source->host, path, NVB_HOST_FILE_MAX);
    struct states states = { 0 };
    char *rest = text;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        read_state(line, &states);
    if (states.has_max)
        nvb_gpu_live_set(live, max, states.max_mhz);
    if (states.has_now)
        nvb_gpu_live_set(live, now, states.now_mhz);
}

/* RDNA 3 has the average power, later ones and APUs the momentary one, of the whole chip on APUs. */
static void
read_hwmon(const struct nvb_gpu_source *source, const char *hwmon, struct nvb_gpu_live *live)
{
    nvb_autofree char *pwm_path = nvb_xasprintf("%s/pwm1", hwmon);
    uint64_t pwm = 0;

    nvb_gpu_live_set_file(source, hwmon, "power1_input", 1000, NVB_FIGURE_POWER, live);
    nvb_gpu_live_set_file(source, hwmon, "power1_average", 1000, NVB_FIGURE_POWER, live);
    (void)nvb_gpu_live_set_limit(source, hwmon, "power1_cap", live);
    nvb_gpu_live_read_temperatures(source, hwmon, live);
    nvb_gpu_live_set_file(source, hwmon, "freq1_input", 1000000, NVB_FIGURE_CLOCK, live);
    nvb_gpu_live_set_file(source, hwmon, "freq2_input", 1000000, NVB_FIGURE_MEMORY_CLOCK, live);
    nvb_gpu_live_set_file(source, hwmon, "fan1_input", 1, NVB_FIGURE_FAN_RPM, live);
    if (nvb_host_read_u64(source->host, pwm_path, &pwm) && pwm <= PWM_MAX)
        nvb_gpu_live_set(live, NVB_FIGURE_FAN, (pwm * 100 + PWM_MAX / 2) / PWM_MAX);
}

static void read_slowdowns(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *path = nvb_xasprintf("%s/gpu_metrics", source->device);
    nvb_autofree char *data = NULL;
    nvb_auto_err ignored = { 0 };
    size_t len = 0;
    uint64_t throttle = 0;

    if (!nvb_read_in_root(source->host->root_fd, path, METRICS_MAX, &data, &len, &ignored) ||
        !nvb_gpu_metrics_parse(data, len, &throttle))
        return;
    live->has_slowdowns = true;
    nvb_gpu_metrics_explain(throttle, &live->slowdowns);
}

void nvb_gpu_live_read_amd(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    nvb_autofree char *hwmon = nvb_gpu_dup_hwmon(source);
    const char *device = source->device;

    nvb_gpu_live_set_file(source, device, "gpu_busy_percent", 1, NVB_FIGURE_UTILISATION, live);
    nvb_gpu_live_set_file(source, device, "mem_busy_percent", 1, NVB_FIGURE_MEMORY_BUSY, live);
    nvb_gpu_live_set_file(source, device, "mem_info_vram_used", 1, NVB_FIGURE_MEMORY_USED, live);
    nvb_gpu_live_set_file(source, device, "mem_info_vram_total", 1, NVB_FIGURE_MEMORY_TOTAL, live);
    read_states(source, "pp_dpm_sclk", NVB_FIGURE_CLOCK, NVB_FIGURE_CLOCK_MAX, live);
    read_states(source, "pp_dpm_mclk", NVB_FIGURE_MEMORY_CLOCK, NVB_FIGURE_MEMORY_CLOCK_MAX, live);
    if (hwmon)
        read_hwmon(source, hwmon, live);
    read_slowdowns(source, live);
}
