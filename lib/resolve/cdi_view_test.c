/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_view.h"

#include <elf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library.h"
#include "resolve/driver_ready.h"
#include "test.h"
#include "tree.h"

static struct nvb_gpu a_gpu(const char *version)
{
    static char nvidia[] = "nvidia";

    return (struct nvb_gpu){
        .vendor = NVB_GPU_NVIDIA,
        .driver = nvidia,
        .driver_version = version ? nvb_xstrdup(version) : NULL,
    };
}

static void put_driver(const char *tree)
{
    nvb_autofree char *smi = nvb_xasprintf("%s/usr/bin/nvidia-smi", tree);

    tree_put_library(tree, "usr/lib64/libcuda.so.550.1", EM_X86_64, "libcuda.so.1");
    tree_put(tree, "usr/bin/nvidia-smi", "#!");
    EXPECT(chmod(smi, 0755) == 0);
    tree_put(tree, "usr/share/vulkan/icd.d/nvidia_icd.json",
             "{\"ICD\":{\"library_path\":\"/usr/lib64/libGLX_nvidia.so.0\"}}");
}

static void find(const char *tree, struct nvb_driver_files *out)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err) && nvb_driver_files_find(host, out, &err));
}

static bool choose(const char *root,
                   const struct nvb_driver_files *files,
                   const char *running,
                   struct nvb_cdi_view *out)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_gpu gpu = a_gpu(running);
    struct nvb_gpus gpus = { .items = &gpu, .n = 1 };
    bool ok = false;

    EXPECT(nvb_host_open(root, &host, &err));
    ok = nvb_cdi_view_choose(host, &gpus, files, NVB_CAP_ALL & ~NVB_CAP_COMPAT32, out, &err);
    free(gpu.driver_version);
    return ok;
}

TEST(a_view_is_planned_of_the_files_that_are_there)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };
    nvb_auto_cdi_view view = { 0 };
    nvb_autofree char *path = NULL;

    put_driver(tree);
    find(tree, &files);
    EXPECT(choose(tree, &files, "550.1", &view));
    EXPECT(view.has_plan && nvb_has_prefix(view.name, "550.1-3f-"));
    path = nvb_cdi_view_dup_path(&view);
    EXPECT(nvb_has_prefix(path, NVB_SYSTEM_VIEWS "/550.1-3f-"));
    EXPECT(nvb_strv_has(&view.places, "bin/nvidia-smi /usr/bin/nvidia-smi"));
    EXPECT(nvb_strv_has(&view.places,
                        "vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json"));
    EXPECT(nvb_strv_has(&view.places, "ld.so.conf /etc/ld.so.conf.d/00-nvbind-driver.conf"));
}

TEST(without_a_running_driver_or_files_there_is_none)
{
    const char *tree = tree_new();
    nvb_auto_cdi_view none = { 0 };
    nvb_auto_cdi_view bare = { 0 };
    nvb_auto_driver_files files = { 0 };
    const struct nvb_driver_files no_files = { 0 };

    EXPECT(choose(tree, &no_files, "550.1", &bare) && !bare.name);
    put_driver(tree);
    find(tree, &files);
    EXPECT(choose(tree, &files, NULL, &none) && !none.name);
}

static void put_ready(const char *tree, const char *name)
{
    nvb_autofree char *manifest =
        nvb_xasprintf("." NVB_SYSTEM_VIEWS "/%s/" NVB_VIEW_MANIFEST, name);
    nvb_autofree char *places = nvb_xasprintf("." NVB_SYSTEM_VIEWS "/%s/places", name);

    tree_put(tree, manifest, "{}");
    tree_put(tree, places, "4 0 - /usr/bin/nvidia-smi bin/nvidia-smi\n");
}

/* The new libraries do not go with the old module, which runs until the restart. */
TEST(after_an_update_the_running_drivers_view_stays)
{
    const char *tree = tree_new();
    nvb_auto_cdi_view view = { 0 };
    nvb_auto_cdi_view restarted = { 0 };
    nvb_auto_cdi_view never_made = { 0 };
    nvb_auto_driver_files files = { 0 };

    if (geteuid() != 0)
        SKIP("only root can make root's views");
    put_driver(tree);
    find(tree, &files);
    put_ready(tree, "535.1-3f-0000000000000001");
    put_ready(tree, "535.1-7f-0000000000000002");
    tree_enter(tree);
    EXPECT(choose("/", &files, "535.1", &view));
    EXPECT(!view.has_plan);
    EXPECT_STR(view.name, "535.1-3f-0000000000000001");
    EXPECT(view.places.n == 2);
    EXPECT(choose("/", &files, "550.1", &restarted));
    EXPECT(restarted.has_plan && nvb_has_prefix(restarted.name, "550.1-3f-"));
    EXPECT(choose("/", &files, "545.1", &never_made)); /* nothing better than what is installed */
    EXPECT(never_made.has_plan && nvb_has_prefix(never_made.name, "550.1-3f-"));
}
