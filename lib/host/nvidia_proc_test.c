/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvidia_proc.h"

#include <limits.h>

#include "host/node.h"
#include "test.h"
#include "tree.h"

TEST(reads_the_information_of_a_gpu)
{
    nvb_auto_nvidia_information information = { 0 };

    nvb_nvidia_information_parse("Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 80\n"
                                 "GPU UUID: \t GPU-1\nDevice Minor: \t 3\nGPU Excluded:\t Yes\n",
                                 &information);
    EXPECT_STR(information.model, "NVIDIA A100-SXM4-40GB");
    EXPECT_STR(information.uuid, "GPU-1");
    EXPECT(information.has_minor && information.minor == 3 && information.is_excluded);
}

TEST(what_the_information_does_not_tell_stays_unset)
{
    static const char *const texts[] = { "",
                                         "Device Minor: \t -1\n",
                                         "Device Minor: \t 99999999\n",
                                         "Device Minor:\nModel:\n",
                                         "GPU UUID: \t GPU-\?\?\?\?\?\?\?\?-\?\?\?\?\n",
                                         "GPU UUID: \t none\n" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_auto_nvidia_information information = { 0 };

        nvb_nvidia_information_parse(texts[i], &information);
        EXPECT(!information.model && !information.uuid && !information.has_minor);
        EXPECT(!information.is_excluded);
    }
}

TEST(tells_the_open_module_from_the_other)
{
    enum nvb_driver_kind open = NVB_DRIVER_UNKNOWN;
    enum nvb_driver_kind closed = NVB_DRIVER_UNKNOWN;
    enum nvb_driver_kind none = NVB_DRIVER_UNKNOWN;
    nvb_autofree char *a = nvb_nvidia_version_parse(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.16  Release\n", &open);
    nvb_autofree char *b = nvb_nvidia_version_parse(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8\n", &closed);
    nvb_autofree char *c = nvb_nvidia_version_parse("NVRM version: none\nGCC 12.2.0\n", &none);

    EXPECT_STR(a, "570.86.16");
    EXPECT_STR(b, "550.163.01");
    EXPECT(c == NULL); /* the compiler's version is not the driver's */
    EXPECT(open == NVB_DRIVER_OPEN && closed == NVB_DRIVER_PROPRIETARY);
    EXPECT(none == NVB_DRIVER_UNKNOWN);
}

TEST(finds_the_nodes_of_mig_instances)
{
    nvb_auto_mig_caps caps = { 0 };
    nvb_autofree char *gi = NULL;
    nvb_autofree char *ci = NULL;

    nvb_mig_caps_parse("config 1\nmonitor 2\ngpu0/gi1/access 12\ngpu0/gi1/ci0/access 13\n"
                       "gpu1/gi1/ci0/access 148\n",
                       &caps);
    gi = nvb_mig_caps_dup_node(&caps, 0, 1, UINT_MAX);
    ci = nvb_mig_caps_dup_node(&caps, 1, 1, 0);
    EXPECT(caps.n == 3);
    EXPECT_STR(gi, "/dev/nvidia-caps/nvidia-cap12");
    EXPECT_STR(ci, "/dev/nvidia-caps/nvidia-cap148");
    EXPECT(nvb_mig_caps_dup_node(&caps, 1, 1, UINT_MAX) == NULL);
    EXPECT(nvb_mig_caps_dup_node(&caps, 0, 2, 0) == NULL);
}

TEST(other_lines_are_no_mig_instances)
{
    nvb_auto_mig_caps caps = { 0 };

    nvb_mig_caps_parse("gpu0/gi1/access\ngpu0/gi1/access 12x\ngpu0/gi/access 1\ngpu/gi1/access 1\n"
                       "gpu0/gi1/ci/access 1\ngpu0/gi1/../access 1\ngpu0/gi1/access 99999999999\n"
                       "gpu-1/gi1/access 1\ngpu0/gi1/ci0/ 1\n gpu0/gi1/access 1\n",
                       &caps);
    EXPECT(caps.n == 0);
}

TEST(finds_a_major_among_the_character_devices_only)
{
    static const char text[] = "Character devices:\n  1 mem\n195 nvidia\n195 nvidiactl\n"
                               "508 nvidia-uvm\n\nBlock devices:\n  8 sd\n259 nvidia-caps\n";
    unsigned major = 0;

    EXPECT(nvb_proc_devices_find(text, "nvidia-uvm", &major) && major == 508);
    EXPECT(nvb_proc_devices_find(text, "mem", &major) && major == 1);
    EXPECT(nvb_proc_devices_find(text, "nvidia", &major) && major == 195);
    EXPECT(!nvb_proc_devices_find(text, "nvidia-caps", &major) && major == 195);
    EXPECT(!nvb_proc_devices_find(text, "nvidia-u", &major));
    EXPECT(!nvb_proc_devices_find("", "nvidia", &major));
}

TEST(a_captured_node_tells_its_numbers)
{
    struct nvb_node node = { 0 };

    EXPECT(nvb_node_parse("c 511:1 0660 0:44", &node));
    EXPECT(node.major == 511 && node.minor == 1 && node.mode == 0660);
    EXPECT(node.uid == 0 && node.gid == 44);
}

TEST(what_is_no_node_line_is_refused)
{
    static const char *const bad[] = { "",
                                       "b 8:0 0660 0:6",
                                       "c",
                                       "c 511",
                                       "c 511:1",
                                       "c 511:1 0660",
                                       "c 511:1 0660 0",
                                       "c 511:1 0668 0:0",
                                       "c 4096:1 0660 0:0",
                                       "c 1:1048576 0660 0:0",
                                       "c 511:1 0660 0:0 ",
                                       "c 511:1 17777 0:0",
                                       "c 99999999999999999999:1 0660 0:0" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct nvb_node node = { .major = 7 };

        EXPECT(!nvb_node_parse(bad[i], &node));
        EXPECT(node.major == 7);
    }
}

TEST(a_plain_file_is_no_node_on_the_live_machine)
{
    const char *tree = tree_new();
    struct nvb_host *host = NULL;
    struct nvb_node node = { 0 };
    nvb_auto_err err = { 0 };

    tree_put(tree, "dev/nvidia-uvm", "c 511:0 0666 0:0\n");
    tree_put(tree, "dev/empty", "");
    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(nvb_node_read(host, "/dev/nvidia-uvm", &node) && node.major == 511);
    EXPECT(!nvb_node_read(host, "/dev/empty", &node) && !nvb_node_read(host, "/dev/no", &node));
    host->is_live = true;
    EXPECT(!nvb_node_read(host, "/dev/nvidia-uvm", &node));
    nvb_host_free(host);
}
