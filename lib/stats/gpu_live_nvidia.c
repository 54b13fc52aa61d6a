/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvml.h"
#include "host/nvml_abi.h"
#include "stats/gpu_sources.h"

enum {
    PROCESSES_MAX = 4096,
};

/* nvmlClocksEventReasons; idle (bit 0) is no reason to worry and is not told. */
static const struct {
    uint64_t bit;
    const char *text;
} reasons[] = {
    {0x002,  "clocks set by an application"},
    { 0x004, "power limit"                 },
    { 0x008, "hardware slowdown"           },
    { 0x010, "in step with other boards"   },
    { 0x020, "too hot (driver)"            },
    { 0x040, "too hot (hardware)"          },
    { 0x080, "power brake by the supply"   },
    { 0x100, "clocks set by the display"   },
};

typedef int (*number_fn)(struct nvml_device *, unsigned *);
typedef int (*processes_fn)(struct nvml_device *, unsigned *, struct nvml_process *);

static void set_number(struct nvb_gpu_live *live,
                       enum nvb_figure figure,
                       number_fn get,
                       struct nvml_device *device)
{
    unsigned value = 0;

    if (get && get(device, &value) == NVML_OK)
        nvb_gpu_live_set(live, figure, value);
}

static void
read_numbers(const struct nvml_api *api, struct nvml_device *device, struct nvb_gpu_live *live)
{
    const struct {
        enum nvb_figure figure;
        number_fn get;
    } rows[] = {
        {NVB_FIGURE_POWER,                api->power         },
        { NVB_FIGURE_POWER_LIMIT,         api->power_limit   },
        { NVB_FIGURE_FAN,                 api->fan           },
        { NVB_FIGURE_PCIE_GENERATION,     api->pcie_gen      },
        { NVB_FIGURE_PCIE_WIDTH,          api->pcie_width    },
        { NVB_FIGURE_PCIE_GENERATION_MAX, api->pcie_max_gen  },
        { NVB_FIGURE_PCIE_WIDTH_MAX,      api->pcie_max_width},
    };

    unsigned state = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        set_number(live, rows[i].figure, rows[i].get, device);
    if (api->state && api->state(device, &state) == NVML_OK && state < 32) /* 32: unknown */
        nvb_gpu_live_set(live, NVB_FIGURE_STATE, state);
}

/* Version 2 parts what the driver keeps from what programs use; the first counts it as used. */
static void
read_memory(const struct nvml_api *api, struct nvml_device *device, struct nvb_gpu_live *live)
{
    struct nvml_memory_v2 v2 = { .version = NVML_MEMORY_V2 };
    struct nvml_memory memory = { 0 };

    if (api->memory_v2 && api->memory_v2(device, &v2) == NVML_OK) {
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_USED, v2.used);
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_TOTAL, v2.total);
    } else if (api->memory && api->memory(device, &memory) == NVML_OK) {
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_USED, memory.used);
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_TOTAL, memory.total);
    }
}

static void
read_use(const struct nvml_api *api, struct nvml_device *device, struct nvb_gpu_live *live)
{
    struct nvml_utilisation use = { 0 };
    unsigned percent = 0;
    unsigned period_us = 0;

    if (api->utilisation && api->utilisation(device, &use) == NVML_OK) {
        nvb_gpu_live_set(live, NVB_FIGURE_UTILISATION, use.gpu_percent);
        nvb_gpu_live_set(live, NVB_FIGURE_MEMORY_BUSY, use.memory_percent);
    }
    if (api->encoder && api->encoder(device, &percent, &period_us) == NVML_OK)
        nvb_gpu_live_set(live, NVB_FIGURE_ENCODER, percent);
    if (api->decoder && api->decoder(device, &percent, &period_us) == NVML_OK)
        nvb_gpu_live_set(live, NVB_FIGURE_DECODER, percent);
    if (api->temperature && api->temperature(device, NVML_TEMPERATURE_GPU, &percent) == NVML_OK)
        nvb_gpu_live_set(live, NVB_FIGURE_TEMPERATURE, percent);
}

static void
read_clocks(const struct nvml_api *api, struct nvml_device *device, struct nvb_gpu_live *live)
{
    static const struct {
        unsigned which;
        enum nvb_figure now;
        enum nvb_figure max;
    } rows[] = {
        {NVML_CLOCK_GRAPHICS, NVB_FIGURE_CLOCK,        NVB_FIGURE_CLOCK_MAX       },
        { NVML_CLOCK_MEMORY,  NVB_FIGURE_MEMORY_CLOCK, NVB_FIGURE_MEMORY_CLOCK_MAX},
    };

    unsigned mhz = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (api->clock && api->clock(device, rows[i].which, &mhz) == NVML_OK)
            nvb_gpu_live_set(live, rows[i].now, mhz);
        if (api->max_clock && api->max_clock(device, rows[i].which, &mhz) == NVML_OK)
            nvb_gpu_live_set(live, rows[i].max, mhz);
    }
}

static void
read_reasons(const struct nvml_api *api, struct nvml_device *device, struct nvb_gpu_live *live)
{
    uint64_t bits = 0;

    if (!api->throttle || api->throttle(device, &bits) != NVML_OK)
        return;
    live->has_slowdowns = true;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (bits & reasons[i].bit)
            nvb_strv_add(&live->slowdowns, reasons[i].text);
    }
}

/* A program that draws and computes is in both lists with the same memory. */
static void add_process(const struct nvb_host *host,
                        const struct nvml_process *told,
                        bool is_drawing,
                        struct nvb_gpu_live *live)
{
    struct nvb_gpu_process *process = nvb_gpu_live_find_process(host, told->pid, live);

    process->is_drawing = process->is_drawing || is_drawing;
    process->is_computing = process->is_computing || !is_drawing;
    if (told->memory_bytes != UINT64_MAX) {
        process->memory_bytes = told->memory_bytes;
        process->has_memory = true;
    }
}

/* Programs come and go between asking how many and asking which: leave room. */
static void read_processes(const struct nvb_gpu_source *source,
                           processes_fn get,
                           struct nvml_device *device,
                           bool is_drawing,
                           struct nvb_gpu_live *live)
{
    nvb_autofree struct nvml_process *list = NULL;
    unsigned n = 0;
    int code = get ? get(device, &n, NULL) : NVML_NOT_SUPPORTED;

    if ((code != NVML_OK && code != NVML_TOO_SMALL) || n > PROCESSES_MAX)
        return;
    n += 16;
    list = nvb_xcalloc(n, sizeof(*list));
    if (get(device, &n, list) != NVML_OK)
        return;
    live->has_processes = true;
    live->has_all_processes = true;
    for (unsigned i = 0; i < n; i++)
        add_process(source->host, &list[i], is_drawing, live);
}

/* Under WSL2 the address here is not the one that NVML knows. */
static struct nvml_device *find(const struct nvb_gpu_source *source)
{
    struct nvml_device *device = NULL;

    if (!source->nvml)
        return NULL;
    device = nvb_nvml_find(source->nvml, source->gpu->pci_address);
    if (!device && source->gpu->has_nvml &&
        nvb_nvml_get_api(source->nvml)->by_index(source->gpu->vendor_index, &device) != NVML_OK)
        return NULL;
    return device;
}

void nvb_gpu_live_read_nvidia(const struct nvb_gpu_source *source, struct nvb_gpu_live *live)
{
    struct nvml_device *device = find(source);
    const struct nvml_api *api = device ? nvb_nvml_get_api(source->nvml) : NULL;

    if (!api)
        return;
    read_numbers(api, device, live);
    read_memory(api, device, live);
    read_use(api, device, live);
    read_clocks(api, device, live);
    read_reasons(api, device, live);
    read_processes(source, api->compute_processes, device, false, live);
    read_processes(source, api->graphics_processes, device, true, live);
    nvb_gpu_live_sort_processes(live);
}
