/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/gpu_signs.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "machine.h"
#include "test.h"
#include "tree.h"

#define INFORMATION "proc/driver/nvidia/gpus/0000:01:00.0/information"

static const char *a_machine(void)
{
    const char *tree = tree_new();

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    tree_put(tree, "proc/devices", "Character devices:\n  1 mem\n195 nvidia\n511 nvidia-uvm\n");
    tree_put(tree, "sys/devices/pci0000:00/0000:01:00.0/drm/card0-DP-1/status", "connected\n");
    tree_link(tree, "sys/class/drm/card0", "../../devices/pci0000:00/0000:01:00.0/drm/card0");
    tree_link(tree, "sys/class/drm/card0-DP-1", "../../devices/pci0000:00/x");
    tree_mkdir(tree, "proc/driver/nvidia/capabilities/gpu0/mig");
    tree_put(tree, "usr/lib/x86_64-linux-gnu/libcuda.so.550.163.01", "");
    return tree;
}

static char *dup_signs(const char *tree)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    return nvb_gpu_signs_dup(host);
}

/* Put one file into the machine; is that a sign? */
static bool is_sign(const char *tree, const char *path, const char *text)
{
    nvb_autofree char *before = dup_signs(tree);
    nvb_autofree char *after = NULL;

    tree_put(tree, path, text);
    after = dup_signs(tree);
    return strcmp(before, after) != 0;
}

TEST(what_a_container_would_notice_is_a_sign)
{
    static const struct {
        const char *path, *text;
    } rows[] = {
        {"proc/driver/nvidia/capabilities/gpu0/mig/gi1/access",      ""                                           },
        { "proc/driver/nvidia/capabilities/gpu0/mig/gi1/ci0/access", ""                                           },
        { "dev/nvidia-caps/nvidia-cap12",                            ""                                           },
        { "dev/nvidia1",                                             ""                                           },
        { "dev/nvidia-modeset",                                      ""                                           },
        { "dev/dri/renderD129",                                      ""                                           },
        { "dev/kfd",                                                 ""                                           },
        { "dev/nvidia0",                                             "c 195:1 0666 0:0\n"                         },
        { "proc/devices",                                            "195 nvidia\n508 nvidia-uvm\n"               },
        { "proc/driver/nvidia/version",                              "NVRM version: NVIDIA UNIX  570.86.16  Tue\n"},
        { "proc/driver/nvidia/gpus/0000:02:00.0/information",        ""                                           },
        { "sys/bus/pci/devices/0000:05:00.0/class",                  "0x030200\n"                                 },
        { "sys/class/drm/renderD130/dev",                            ""                                           },
        { "usr/share/glvnd/egl_vendor.d/10_nvidia.json",             "{}"                                         },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!is_sign(a_machine(), rows[i].path, rows[i].text))
            test_fail(rows[i].path, __FILE__, __LINE__);
    }
}

TEST(what_happens_all_day_is_none)
{
    static const char *const paths[] = {
        "dev/ttyUSB0",
        "dev/snd/controlC1",
        "sys/class/drm/card0-DP-3/status",
        "sys/bus/pci/devices/0000:04:00.0/class",
        "usr/lib/x86_64-linux-gnu/libz.so.1.2.13",
        "proc/driver/nvidia/capabilities/gpu0/mig/config",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (is_sign(a_machine(), paths[i], "0x020000\n"))
            test_fail(paths[i], __FILE__, __LINE__);
    }
    EXPECT(!is_sign(a_machine(), "proc/devices", "195 nvidia\n511 nvidia-uvm\n188 ttyUSB\n"));
}

TEST(a_change_of_drivers_is_a_sign)
{
    const char *tree = a_machine();
    nvb_autofree char *link = nvb_xasprintf("%s/sys/devices/pci0000:00/0000:01:00.0/driver", tree);
    nvb_autofree char *before = dup_signs(tree);
    nvb_autofree char *after = NULL;

    EXPECT(unlink(link) == 0 && symlink("../../../bus/pci/drivers/vfio-pci", link) == 0);
    after = dup_signs(tree);
    EXPECT(strcmp(before, after) != 0);
}

/* NVIDIA's driver resumes a GPU that sleeps for whoever opens this file. */
TEST(no_gpu_is_woken)
{
    const char *tree = a_machine();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoclose int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    nvb_autofree char *path = nvb_xasprintf("%s/" INFORMATION, tree);
    nvb_autofree char *signs = NULL;
    struct nvb_gpus gpus = { 0 };
    nvb_auto_err err = { 0 };
    char event[4096];

    EXPECT(nvb_host_open(tree, &host, &err) && inotify_add_watch(fd, path, IN_OPEN) >= 0);
    signs = nvb_gpu_signs_dup(host);
    EXPECT(strstr(signs, "/proc/driver/nvidia/gpus/0000:01:00.0") != NULL);
    EXPECT(read(fd, event, sizeof(event)) < 0);
    EXPECT(nvb_gpus_find(host, &gpus, &err)); /* finding out about GPUs does */
    EXPECT(read(fd, event, sizeof(event)) > 0);
    nvb_gpus_clear(&gpus);
}

TEST(gpus_that_can_be_cut_are_known)
{
    const char *tree = a_machine();
    const char *other = tree_new();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_host) none = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err) && nvb_gpu_signs_has_mig(host));
    EXPECT(nvb_host_open(other, &none, &err) && !nvb_gpu_signs_has_mig(none));
}

TEST(an_empty_machine_has_signs_of_nothing)
{
    nvb_autofree char *signs = dup_signs(tree_new());

    EXPECT_STR(signs, "");
}
