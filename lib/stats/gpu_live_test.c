/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_live.h"

#include <stdlib.h>
#include <string.h>

#include "host/nvml.h"
#include "library.h"
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

TEST(temperatures_have_names)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live board = { 0 };
    nvb_auto_gpu_live accelerator = { 0 };

    tree_put(tree, DEVICE "hwmon/hwmon7/temp1_label", "edge\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp1_input", "61500\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp2_label", "junction\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp2_input", "79000\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp3_label", "mem\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/temp3_input", "70000\n");
    read_driver(tree, "amdgpu", &board);
    EXPECT(is(&board, NVB_FIGURE_TEMPERATURE, 61) && is(&board, NVB_FIGURE_HOTSPOT, 79));
    EXPECT(is(&board, NVB_FIGURE_MEMORY_TEMPERATURE, 70) && count(&board) == 3);
    tree_put(tree, DEVICE "hwmon/hwmon7/temp1_label", "unheard of\n");
    read_driver(tree, "amdgpu", &accelerator);
    EXPECT(is(&accelerator, NVB_FIGURE_TEMPERATURE, 79)); /* the only one there is */
}

/* APUs tell no clock by hwmon, and list the states of their memory from the fastest down. */
TEST(the_state_in_use_tells_the_clock_where_nothing_else_does)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, DEVICE "pp_dpm_sclk", "S: 19Mhz *\n0: 200Mhz \n1: 2700Mhz \n");
    tree_put(tree, DEVICE "pp_dpm_mclk", "0: 2800Mhz \n1: 937Mhz *\n");
    tree_put(tree, DEVICE "mem_busy_percent", "7\n");
    tree_put(tree, DEVICE "hwmon/hwmon7/power1_cap", "0\n");
    read_driver(tree, "amdgpu", &live);
    EXPECT(is(&live, NVB_FIGURE_CLOCK, 19) && is(&live, NVB_FIGURE_CLOCK_MAX, 2700));
    EXPECT(is(&live, NVB_FIGURE_MEMORY_CLOCK, 937) && is(&live, NVB_FIGURE_MEMORY_CLOCK_MAX, 2800));
    EXPECT(is(&live, NVB_FIGURE_MEMORY_BUSY, 7) && count(&live) == 5); /* 0 is no limit */
}

TEST(amd_tells_in_bits_what_slows_it_down)
{
    const char *tree = tree_new();
    char metrics[120] = { 120, 0, 1, 3 };
    nvb_auto_gpu_live slow = { 0 };
    nvb_auto_gpu_live unknown = { 0 };

    metrics[112] = 1;
    tree_put_bytes(tree, DEVICE "gpu_metrics", metrics, sizeof(metrics));
    read_driver(tree, "amdgpu", &slow);
    EXPECT(slow.has_slowdowns && slow.slowdowns.n == 1);
    EXPECT_STR(slow.slowdowns.items[0], "power limit");
    tree_put_bytes(tree, DEVICE "gpu_metrics", metrics, 50);
    read_driver(tree, "amdgpu", &unknown);
    EXPECT(!unknown.has_slowdowns);
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

static void use_energy(const char *tree, const char *microjoules)
{
    tree_put(tree, DEVICE "hwmon/hwmon1/name", "xe\n");
    tree_put(tree, DEVICE "hwmon/hwmon1/energy1_input", microjoules);
    tree_put(tree, DEVICE "hwmon/hwmon1/power1_max", "0\n"); /* switched off */
    tree_put(tree, DEVICE "hwmon/hwmon1/power1_rated_max", "190000000\n");
}

TEST(two_readings_make_a_power)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live before = { 0 };
    nvb_auto_gpu_live now = { 0 };

    use_energy(tree, "1000000\n");
    read_driver(tree, "xe", &before);
    EXPECT(!before.has[NVB_FIGURE_POWER] && is(&before, NVB_FIGURE_POWER_LIMIT, 190000));
    use_energy(tree, "16000000\n");
    read_driver(tree, "xe", &now);
    before.time_ns = 1;
    now.time_ns = 100000001;
    nvb_gpu_live_compare(&before, &now);
    EXPECT(is(&now, NVB_FIGURE_POWER, 150000)); /* 15 J in 0.1 s */
    EXPECT(is(&now, NVB_FIGURE_ENERGY, 16000000));
}

TEST(a_power_that_cannot_be_is_not_told)
{
    static const struct {
        uint64_t energy_before, energy, elapsed_ns;
        bool is_told;
    } rows[] = {
        {1000,  1000,       100000000,         false}, /* stood still: a captured machine */
        { 1000, 999,        100000000,         false}, /* put back */
        { 1000, 5000,       0,                 false}, /* no time has passed */
        { 1000, 5000,       999000,            false}, /* too little of it */
        { 0,    UINT64_MAX, 100000000,         false}, /* a power plant */
        { 0,    100000,     UINT64_MAX / 1000, true }, /* years */
        { 1000, 5000,       1000000,           true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nvb_gpu_live before = { .time_ns = 5 };
        struct nvb_gpu_live now = { .time_ns = 5 + rows[i].elapsed_ns };

        nvb_gpu_live_set(&before, NVB_FIGURE_ENERGY, rows[i].energy_before);
        nvb_gpu_live_set(&now, NVB_FIGURE_ENERGY, rows[i].energy);
        nvb_gpu_live_compare(&before, &now);
        EXPECT(now.has[NVB_FIGURE_POWER] == rows[i].is_told);
    }
}

/* xe tells of Arc's first boards the chip alone; i915 has a hwmon for each part as well. */
TEST(the_right_sensors_are_asked)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live xe = { 0 };
    nvb_auto_gpu_live i915 = { 0 };

    tree_put(tree, DEVICE "hwmon/hwmon1/name", "i915_gt0\n");
    tree_put(tree, DEVICE "hwmon/hwmon1/energy1_input", "1\n");
    tree_put(tree, DEVICE "hwmon/hwmon2/name", "i915\n");
    tree_put(tree, DEVICE "hwmon/hwmon2/energy1_input", "2\n");
    tree_put(tree, DEVICE "hwmon/hwmon2/power1_max", "35000000\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/name", "xe\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/energy2_input", "3\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/power2_max", "120000000\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/temp2_label", "pkg\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/temp2_input", "57000\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/temp3_label", "vram\n");
    tree_put(tree, DEVICE "hwmon/hwmon9/temp3_input", "62000\n");
    read_driver(tree, "i915", &i915);
    EXPECT(is(&i915, NVB_FIGURE_ENERGY, 2) && is(&i915, NVB_FIGURE_POWER_LIMIT, 35000));
    read_driver(tree, "xe", &xe);
    EXPECT(is(&xe, NVB_FIGURE_ENERGY, 3) && is(&xe, NVB_FIGURE_POWER_LIMIT, 120000));
    EXPECT(is(&xe, NVB_FIGURE_TEMPERATURE, 57) && is(&xe, NVB_FIGURE_MEMORY_TEMPERATURE, 62));
    EXPECT(xe.has_hidden_memory && !xe.has[NVB_FIGURE_MEMORY_TOTAL]);
}

TEST(a_gpu_in_the_processor_says_nothing_of_power)
{
    const char *tree = tree_new();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, "sys/class/drm/card0/gt/gt0/rps_act_freq_mhz", "650\n");
    tree_put(tree, "sys/class/drm/card0/gt/gt0/rps_RP0_freq_mhz", "1450\n");
    read_driver(tree, "i915", &live);
    EXPECT(is(&live, NVB_FIGURE_CLOCK, 650) && is(&live, NVB_FIGURE_CLOCK_MAX, 1450));
    EXPECT(count(&live) == 2 && !live.has_hidden_memory);
}

/* A bridge below /sys/devices, with the link of its upper side. */
static void put_bridge(const char *tree, const char *path, const char *vendor, const char *speed)
{
    static const char *const files[] = { "class", "vendor", "device", "current_link_speed" };
    const char *texts[] = { "0x060400\n", vendor, "0x1478\n", speed };
    const char *name = strrchr(path, '/') + 1;
    nvb_autofree char *link = nvb_xasprintf("sys/bus/pci/devices/%s", name);
    nvb_autofree char *target = nvb_xasprintf("../../../devices/pci0000:00/%s", path);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        nvb_autofree char *file = nvb_xasprintf("sys/devices/pci0000:00/%s/%s", path, files[i]);

        tree_put(tree, file, texts[i]);
    }
    tree_link(tree, link, target);
}

static void read_behind(const char *vendor, uint16_t gpu_vendor, struct nvb_gpu_live *out)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *driver = nvb_xstrdup("xe");
    const struct nvb_gpu gpu = { .pci_address = address,
                                 .pci_vendor_id = gpu_vendor,
                                 .driver = driver };

    put_bridge(tree, "/0000:00:01.0", "0x8086\n", "32.0 GT/s PCIe\n");
    put_bridge(tree, "0000:00:01.0/0000:02:00.0", vendor, "16.0 GT/s PCIe\n");
    put_bridge(tree, "0000:00:01.0/0000:02:00.0/0000:03:01.0", vendor, "2.5 GT/s PCIe\n");
    put_bridge(tree, "0000:00:01.0/0000:02:00.0/0000:03:01.0/0000:01:00.0", vendor,
               "2.5 GT/s PCIe\n");
    nvb_gpu_live_read(host, NULL, NULL, &gpu, out);
}

TEST(the_link_is_that_of_the_slot_and_not_of_the_boards_own_switch)
{
    nvb_auto_gpu_live arc = { 0 };
    nvb_auto_gpu_live other = { 0 };

    read_behind("0x8086\n", 0x8086, &arc);
    EXPECT(is(&arc, NVB_FIGURE_PCIE_GENERATION, 4));
    read_behind("0x10b5\n", 0x8086, &other); /* a switch of the machine's */
    EXPECT(is(&other, NVB_FIGURE_PCIE_GENERATION, 1));
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
