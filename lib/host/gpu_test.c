/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu.h"

#include <string.h>

#include "host/nvidia.h"
#include "host/pci.h"
#include "host/pci_ids.h"
#include "test.h"
#include "tree.h"

static struct nvb_host *open_host(const char *tree)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(!host->is_live);
    return host;
}

static struct nvb_gpus find(const char *tree)
{
    nvb_autoptr(nvb_host) host = open_host(tree);
    struct nvb_gpus gpus = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_gpus_find(host, &gpus, &err));
    return gpus;
}

static void put_pci(const char *tree,
                    const char *address,
                    const char *class,
                    const char *vendor,
                    const char *device,
                    const char *driver)
{
    nvb_autofree char *base = nvb_xasprintf("sys/bus/pci/devices/%s", address);
    nvb_autofree char *class_file = nvb_xasprintf("%s/class", base);
    nvb_autofree char *vendor_file = nvb_xasprintf("%s/vendor", base);
    nvb_autofree char *device_file = nvb_xasprintf("%s/device", base);
    nvb_autofree char *driver_link = nvb_xasprintf("%s/driver", base);
    nvb_autofree char *target = nvb_xasprintf("../../../bus/pci/drivers/%s", driver);

    tree_put(tree, class_file, class);
    tree_put(tree, vendor_file, vendor);
    tree_put(tree, device_file, device);
    if (*driver)
        tree_link(tree, driver_link, target);
}

TEST(knows_a_pci_address)
{
    static const char *const bad[] = { "",
                                       "0000:01:00",
                                       "0000:01:00.8",
                                       "0000:01:00.0x",
                                       "000:01:00.0",
                                       "0000:1:00.0",
                                       "0000:0g:00.0",
                                       "../0000:01:00.0",
                                       "0000:01:0A.0" };
    nvb_autofree char *last =
        nvb_pci_dup_address_in("../../devices/pci0000:00/0000:00:02.0/0000:03:00.0/drm/renderD128");

    EXPECT(nvb_pci_is_address("0000:01:00.0"));
    EXPECT(nvb_pci_is_address("10000:e1:00.7"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT(!nvb_pci_is_address(bad[i]));
    EXPECT_STR(last, "0000:03:00.0");
    EXPECT(nvb_pci_dup_address_in("../../devices/platform/gpu/drm") == NULL);
}

TEST(an_empty_machine_has_no_gpu)
{
    struct nvb_gpus gpus = find(tree_new());

    EXPECT(gpus.n == 0);
}

TEST(sorts_by_address_and_leaves_other_devices_out)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:0f:00.0", "0x030000\n", "0x1002\n", "0x73bf\n", "amdgpu");
    put_pci(tree, "0000:00:02.0", "0x038000\n", "0x8086\n", "0x46a6\n", "i915");
    put_pci(tree, "0000:01:00.0", "0x020000\n", "0x8086\n", "0x1533\n", "igb");
    gpus = find(tree);
    EXPECT(gpus.n == 2);
    EXPECT_STR(gpus.items[0].pci_address, "0000:00:02.0");
    EXPECT_STR(gpus.items[0].driver, "i915");
    EXPECT(gpus.items[0].vendor == NVB_GPU_INTEL && gpus.items[0].index == 0);
    EXPECT_STR(gpus.items[1].name, "AMD 1002:73bf");
    EXPECT(gpus.items[1].pci_device_id == 0x73bf && gpus.items[1].index == 1);
    nvb_gpus_clear(&gpus);
    EXPECT(gpus.n == 0 && gpus.items == NULL);
}

TEST(takes_the_minor_and_not_the_index_for_nvidia_nodes)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:01:00.0", "0x030000\n", "0x10de\n", "0x2786\n", "nvidia");
    tree_mkdir(tree, "sys/bus/pci/devices/0000:01:00.0/drm");
    tree_mkdir(tree, "sys/bus/pci/devices/0000:01:00.0/drm/card1");
    tree_mkdir(tree, "sys/bus/pci/devices/0000:01:00.0/drm/renderD129");
    tree_put(tree, "proc/driver/nvidia/gpus/0000:01:00.0/information",
             "Model: \t\t NVIDIA GeForce RTX 4070\nIRQ:   \t\t 80\nGPU UUID: \t GPU-1234\n"
             "Device Minor: \t 3\n");
    tree_put(tree, "dev/dri/card1", "");
    tree_put(tree, "dev/dri/renderD129", "");
    tree_put(tree, "dev/nvidia0", "");
    tree_put(tree, "dev/nvidia3", "");
    tree_put(tree, "dev/nvidiactl", "");
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].n_nodes == 4);
    EXPECT_STR(gpus.items[0].name, "NVIDIA GeForce RTX 4070");
    EXPECT_STR(gpus.items[0].uuid, "GPU-1234");
    EXPECT_STR(gpus.items[0].nodes[0], "/dev/dri/renderD129");
    EXPECT_STR(gpus.items[0].nodes[1], "/dev/dri/card1");
    EXPECT_STR(gpus.items[0].nodes[2], "/dev/nvidia3");
    EXPECT_STR(gpus.items[0].nodes[3], "/dev/nvidiactl");
    EXPECT(gpus.items[0].nodes[4] == NULL);
    nvb_gpus_clear(&gpus);
}

TEST(a_sleeping_nvidia_gpu_has_no_uuid_yet)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:01:00.0", "0x030200\n", "0x10de\n", "0x20b0\n", "nvidia");
    tree_put(tree, "proc/driver/nvidia/gpus/0000:01:00.0/information",
             "Model: \t NVIDIA A100\nGPU UUID: \t GPU-\?\?\?\?\?\?\?\?-\?\?\?\?\n");
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].uuid == NULL);
    nvb_gpus_clear(&gpus);
}

TEST(reads_both_forms_of_the_nvidia_version_file)
{
    static const struct {
        const char *text;
        const char *version;
    } rows[] = {
        {"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8 12:41:17 UTC "
          "2025\nGCC version:  gcc version 12.2.0\n",                                   "550.163.01"},
        { "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.16  Release Build\n",
         "570.86.16"                                                                                         },
        { "NVRM version: none\n",                                                                NULL        },
        { "..\n",                                                                                NULL        },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *tree = tree_new();
        nvb_autoptr(nvb_host) host = open_host(tree);
        nvb_autofree char *version = NULL;

        tree_put(tree, "proc/driver/nvidia/version", rows[i].text);
        version = nvb_nvidia_dup_kernel_version(host);
        EXPECT((version == NULL) == (rows[i].version == NULL));
        if (version)
            EXPECT_STR(version, rows[i].version);
    }
}

TEST(the_library_that_the_link_ends_at_counts)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *none = nvb_nvidia_dup_library_version(host);
    nvb_autofree char *version = NULL;

    tree_put(tree, "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.1.2", "");
    tree_put(tree, "usr/lib/x86_64-linux-gnu/nvidia/current/libnvidia-ml.so.550.163.01", "");
    tree_link(tree, "etc/alternatives/nvml",
              "/usr/lib/x86_64-linux-gnu/nvidia/current/libnvidia-ml.so.550.163.01");
    tree_link(tree, "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "/etc/alternatives/nvml");
    version = nvb_nvidia_dup_library_version(host);
    EXPECT(none == NULL);
    EXPECT_STR(version, "550.163.01");
}

TEST(a_render_node_below_a_virtio_device_belongs_to_its_pci_device)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:00:02.0", "0x038000\n", "0x1af4\n", "0x1050\n", "virtio-pci");
    tree_put(tree, "sys/devices/pci0000:00/0000:00:02.0/virtio0/drm/renderD128/dev", "226:128\n");
    tree_link(tree, "sys/devices/pci0000:00/0000:00:02.0/virtio0/drm/renderD128/device", "../..");
    tree_link(tree, "sys/devices/pci0000:00/0000:00:02.0/virtio0/driver",
              "../../../../bus/virtio/drivers/virtio_gpu");
    tree_link(tree, "sys/class/drm/renderD128",
              "../../devices/pci0000:00/0000:00:02.0/virtio0/drm/renderD128");
    tree_put(tree, "dev/dri/renderD128", "");
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].n_nodes == 1);
    EXPECT_STR(gpus.items[0].driver, "virtio_gpu");
    EXPECT_STR(gpus.items[0].nodes[0], "/dev/dri/renderD128");
    nvb_gpus_clear(&gpus);
}

TEST(a_render_node_of_no_pci_device_is_a_gpu_of_its_own)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    tree_put(tree, "sys/devices/platform/fde60000.gpu/drm/renderD128/dev", "226:128\n");
    tree_link(tree, "sys/devices/platform/fde60000.gpu/drm/renderD128/device", "../..");
    tree_link(tree, "sys/devices/platform/fde60000.gpu/driver",
              "../../bus/platform/drivers/panfrost");
    tree_link(tree, "sys/class/drm/renderD128",
              "../../devices/platform/fde60000.gpu/drm/renderD128");
    tree_put(tree, "dev/dri/renderD128", "");
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].vendor == NVB_GPU_OTHER);
    EXPECT_STR(gpus.items[0].name, "panfrost GPU");
    EXPECT(gpus.items[0].pci_address == NULL && gpus.items[0].n_nodes == 1);
    nvb_gpus_clear(&gpus);
}

TEST(prefers_the_icd_manifest_of_the_own_architecture)
{
    const char *tree = tree_new();
    const char *manifest = "{ \"ICD\": { \"library_path\": \"/usr/lib/libvulkan_lvp.so\" } }";
    struct nvb_gpus gpus = { 0 };

    tree_put(tree, "etc/vulkan/icd.d/lvp_icd.i686.json", manifest);
    tree_put(tree, "usr/share/vulkan/icd.d/broken.json", "{ libvulkan_lvp.so");
    tree_put(tree, "usr/share/vulkan/icd.d/lvp_icd.x86_64.json", manifest);
    tree_put(tree, "usr/share/vulkan/icd.d/lvp_icd.aarch64.json", manifest);
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].vendor == NVB_GPU_SOFTWARE);
    EXPECT(nvb_has_prefix(gpus.items[0].vulkan_icd, "/usr/share/vulkan/icd.d/lvp_icd."));
    EXPECT(!strstr(gpus.items[0].vulkan_icd, "i686"));
    EXPECT(gpus.items[0].pci_address == NULL && gpus.items[0].n_nodes == 0);
    nvb_gpus_clear(&gpus);
}

TEST(another_driver_that_mentions_lavapipe_is_not_lavapipe)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    tree_put(tree, "usr/share/vulkan/icd.d/a.json",
             "{ \"ICD\": { \"library_path\": \"/libvulkan_lvp.so/libvulkan_intel.so\" } }");
    gpus = find(tree);
    EXPECT(gpus.n == 0);
}

TEST(hostile_trees_neither_hang_nor_lead_out)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:01:00.0", "0x030000\n", "0x10de\n", "0x2786\n", "nvidia");
    tree_fifo(tree, "sys/module/nvidia/version");
    tree_link(tree, "proc/driver/nvidia/version", "version");
    tree_link(tree, "proc/driver/nvidia/gpus/0000:01:00.0/information",
              "../../../../../../../../etc/passwd");
    tree_link(tree, "sys/bus/pci/devices/0000:01:00.0/drm", "drm");
    tree_link(tree, "sys/class/drm", "/");
    tree_link(tree, "usr/share/vulkan/icd.d", "../../../../../../usr/share/vulkan/icd.d");
    tree_fifo(tree, "etc/vulkan/icd.d/lvp_icd.x86_64.json");
    tree_put(tree, "sys/bus/pci/devices/zzz/class", "0x030000\n");
    gpus = find(tree);
    EXPECT(gpus.n == 1 && gpus.items[0].n_nodes == 0);
    EXPECT_STR(gpus.items[0].name, "NVIDIA 10de:2786");
    EXPECT(gpus.items[0].driver_version == NULL);
    nvb_gpus_clear(&gpus);
}

TEST(control_characters_never_reach_a_terminal)
{
    const char *tree = tree_new();
    struct nvb_gpus gpus = { 0 };

    put_pci(tree, "0000:01:00.0", "0x030000\n", "0x1002\n", "0x73bf\n", "\x1b[31mx");
    tree_put(tree, "sys/bus/pci/devices/0000:01:00.0/product_name", "\x1b]0;x\x07\xff\n");
    gpus = find(tree);
    EXPECT_STR(gpus.items[0].name, "AMD ?]0;x??");
    EXPECT_STR(gpus.items[0].driver, "?[31mx");
    nvb_gpus_clear(&gpus);
}

TEST(too_many_devices_are_an_error)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    struct nvb_gpus gpus = { 0 };
    nvb_auto_err err = { 0 };

    for (unsigned i = 0; i < 70; i++) {
        nvb_autofree char *path = nvb_xasprintf("sys/bus/pci/devices/0000:%02x:00.0/class", i);

        tree_put(tree, path, "0x030000\n");
    }
    EXPECT(!nvb_gpus_find(host, &gpus, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED && gpus.items == NULL);
}

TEST(finds_names_in_the_block_of_their_own_vendor)
{
    static const char ids[] = "# list\n1001  Kolter\n\t73bf  Wrong\n1002  AMD/ATI\n"
                              "\t73bf  Navi 21 [Radeon RX 6800]\n\t\t1002 0e3a  Sub\n"
                              "# a comment inside\n\t73df  Navi 22\n10de  NVIDIA\n\t2786  AD104\n";
    nvb_autofree char *navi = nvb_pci_ids_dup_device(ids, 0x1002, 0x73bf);
    nvb_autofree char *second = nvb_pci_ids_dup_device(ids, 0x1002, 0x73df);

    EXPECT_STR(navi, "Navi 21 [Radeon RX 6800]");
    EXPECT_STR(second, "Navi 22");
    EXPECT(nvb_pci_ids_dup_device(ids, 0x1002, 0x2786) == NULL);
    EXPECT(nvb_pci_ids_dup_device(ids, 0x1002, 0x0e3a) == NULL);
    EXPECT(nvb_pci_ids_dup_device(ids, 0x8086, 0x73bf) == NULL);
    EXPECT(nvb_pci_ids_dup_device("", 0x8086, 0x73bf) == NULL);
}
