/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_live.h"

#include <stdlib.h>
#include <string.h>

#include "host/nvml.h"
#include "test.h"
#include "tree.h"

#define DEVICE "sys/bus/pci/devices/0000:01:00.0/"

static char address[] = "0000:01:00.0";
static char card_node[] = "/dev/dri/card0";
static char *nodes[] = { card_node, NULL };

static struct nvb_host *open_host(const char *tree)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    return host;
}

static void read_driver(const char *tree, const char *driver, struct nvb_gpu_live *out)
{
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *name = nvb_xstrdup(driver);
    const struct nvb_gpu gpu = {
        .pci_address = address, .driver = name, .nodes = nodes, .n_nodes = 1
    };

    nvb_gpu_live_read(host, NULL, NULL, &gpu, out);
}

static void read_nvml(const char *library, const char *answers, struct nvb_gpu_live *out)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *path = nvb_xasprintf("%s/nvml", tree);
    nvb_autofree char *driver = nvb_xstrdup("nvidia");
    nvb_autoptr(nvb_nvml) nvml = NULL;
    nvb_auto_err err = { 0 };
    const struct nvb_gpu gpu = { .pci_address = address, .driver = driver };

    tree_put(tree, "nvml", answers);
    tree_put(tree, "proc/7/comm", "trainer\n");
    EXPECT(setenv("NVML_DOUBLE", path, 1) == 0);
    EXPECT(setenv("NVBIND_NVML_LIBRARY", library, 1) == 0);
    EXPECT(nvb_nvml_open(host, &nvml, &err));
    nvb_gpu_live_read(host, nvml, NULL, &gpu, out);
}

static bool is(const struct nvb_gpu_live *live, enum nvb_figure figure, uint64_t value)
{
    return live->has[figure] && live->values[figure] == value;
}

static size_t count(const struct nvb_gpu_live *live)
{
    size_t n = 0;

    for (size_t i = 0; i < NVB_N_FIGURES; i++)
        n += live->has[i];
    return n;
}

TEST(a_gpu_without_files_has_no_figures)
{
    static const char *const drivers[] = { "amdgpu", "i915", "xe", "nvidia", "virtio_gpu", "" };

    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        nvb_auto_gpu_live live = { 0 };

        read_driver(tree_new(), drivers[i], &live);
        EXPECT(count(&live) == 0 && !live.is_asleep);
        EXPECT(!live.has_slowdowns && !live.has_processes);
    }
}

TEST(reads_amdgpu_in_our_units)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, DEVICE "gpu_busy_percent", "42\n");
    tree_put(tree, DEVICE "mem_info_vram_used", "3221225472\n");
    tree_put(tree, DEVICE "pp_dpm_sclk", "0: 500Mhz \n1: 2575Mhz *\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp1_input", "61500\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/power1_input", "187654321\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/power1_cap", "255000000\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/freq1_input", "2410000000\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/pwm1", "255\n");
    read_driver(tree, "amdgpu", &live);
    EXPECT(is(&live, NVB_FIGURE_UTILISATION, 42));
    EXPECT(is(&live, NVB_FIGURE_MEMORY_USED, 3221225472));
    EXPECT(is(&live, NVB_FIGURE_TEMPERATURE, 61) && is(&live, NVB_FIGURE_POWER, 187654));
    EXPECT(is(&live, NVB_FIGURE_POWER_LIMIT, 255000) && is(&live, NVB_FIGURE_FAN, 100));
    EXPECT(is(&live, NVB_FIGURE_CLOCK, 2410) && is(&live, NVB_FIGURE_CLOCK_MAX, 2575));
    EXPECT(count(&live) == 8);
}

TEST(numbers_that_are_none_are_left_out)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, DEVICE "gpu_busy_percent", "-1\n");
    tree_put(tree, DEVICE "mem_info_vram_used", "99999999999999999999\n");
    tree_put(tree, DEVICE "pp_dpm_sclk", "S: \nx:y\n:::\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp1_input", "hot\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/pwm1", "256\n");
    tree_put(tree, DEVICE "current_link_width", "255\n");
    tree_put(tree, DEVICE "max_link_width", "0\n");
    tree_put(tree, DEVICE "current_link_speed", "Unknown\n");
    tree_fifo(tree, DEVICE "hwmon/hwmon7/power1_input");
    read_driver(tree, "amdgpu", &live);
    EXPECT(count(&live) == 0);
}

TEST(does_not_wake_a_sleeping_gpu)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, DEVICE "power/runtime_status", "suspended\n");
    tree_put(tree, DEVICE "gpu_busy_percent", "42\n");
    tree_put(tree, DEVICE "max_link_speed", "32.0 GT/s PCIe\n");
    read_driver(tree, "amdgpu", &live);
    EXPECT(live.is_asleep && is(&live, NVB_FIGURE_PCIE_GENERATION_MAX, 5) && count(&live) == 1);
}

TEST(tells_in_words_what_slows_an_intel_gpu)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };
    nvb_auto_gpu_live free_running = { 0 };

    tree_put(tree, "sys/class/drm/card0/gt_act_freq_mhz", "1300\n");
    tree_put(tree, "sys/class/drm/card0/gt_RP0_freq_mhz", "1450\n");
    tree_put(tree, "sys/class/drm/card0/gt/gt0/throttle_reason_pl1", "0\n");
    read_driver(tree, "i915", &free_running);
    tree_put(tree, "sys/class/drm/card0/gt/gt0/throttle_reason_thermal", "1\n");
    read_driver(tree, "i915", &live);
    EXPECT(is(&live, NVB_FIGURE_CLOCK, 1300) && is(&live, NVB_FIGURE_CLOCK_MAX, 1450));
    EXPECT(free_running.has_slowdowns && free_running.slowdowns.n == 0);
    EXPECT(live.has_slowdowns && live.slowdowns.n == 1);
    EXPECT_STR(live.slowdowns.items[0], "too hot");
}

TEST(reads_nvidia_by_nvml)
{
    nvb_auto_gpu_live live = { 0 };

    read_nvml(NVB_NVML_DOUBLES "/libnvidia-ml.so.1",
              "gpu 0000:01:00.0\nmemory_mib 1000\nused_mib 300\nreserved_mib 50\n"
              "utilisation 97\ntemperature 80\npower_mw 199876\nstate 32\nthrottle 0x61\n"
              "process 9 -\nprocess 7 100\ndraws 7 100\n",
              &live);
    EXPECT(is(&live, NVB_FIGURE_UTILISATION, 97) && is(&live, NVB_FIGURE_TEMPERATURE, 80));
    EXPECT(is(&live, NVB_FIGURE_MEMORY_USED, 300 << 20)); /* without what the driver keeps */
    EXPECT(is(&live, NVB_FIGURE_POWER, 199876));
    EXPECT(!live.has[NVB_FIGURE_FAN] && !live.has[NVB_FIGURE_STATE]); /* not told, unknown */
    EXPECT(live.has_slowdowns && live.slowdowns.n == 2); /* 1 is idle, which slows nothing down */
    EXPECT_STR(live.slowdowns.items[0], "too hot (driver)");
    EXPECT(live.has_processes && live.n_processes == 2);
    EXPECT(live.processes[0].pid == 7 && live.processes[0].memory_bytes == 100 << 20);
    EXPECT(live.processes[0].is_drawing && live.processes[0].is_computing);
    EXPECT_STR(live.processes[0].name, "trainer");
    EXPECT(live.processes[1].pid == 9 && !live.processes[1].has_memory);
    EXPECT(!live.processes[1].is_drawing && live.processes[1].name == NULL);
}

TEST(an_old_library_tells_what_it_can)
{
    nvb_auto_gpu_live live = { 0 };

    read_nvml(NVB_NVML_DOUBLES "/libnvidia-ml-old.so.1",
              "gpu 0000:01:00.0\nmemory_mib 1000\nused_mib 300\nreserved_mib 50\ntemperature 80\n"
              "process 7 100\nthrottle 4\n",
              &live);
    EXPECT(is(&live, NVB_FIGURE_MEMORY_USED, 350 << 20)); /* it does not part them */
    EXPECT(is(&live, NVB_FIGURE_TEMPERATURE, 80));
    EXPECT(!live.has_processes && !live.has_slowdowns);
}

TEST(a_lost_gpu_has_no_figures)
{
    nvb_auto_gpu_live live = { 0 };

    read_nvml(NVB_NVML_DOUBLES "/libnvidia-ml.so.1",
              "gpu 0000:01:00.0\nlost\ntemperature 80\nprocess 7 1\n", &live);
    EXPECT(count(&live) == 0 && !live.has_processes && !live.has_slowdowns);
}

TEST(every_figure_has_a_name_of_its_own)
{
    for (unsigned i = 0; i < NVB_N_FIGURES; i++) {
        EXPECT(nvb_figure_name((enum nvb_figure)i) != NULL);
        for (unsigned k = 0; k < i; k++) {
            EXPECT(strcmp(nvb_figure_name((enum nvb_figure)i),
                          nvb_figure_name((enum nvb_figure)k)) != 0);
        }
    }
}
