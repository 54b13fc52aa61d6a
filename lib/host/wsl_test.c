/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/wsl.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "library.h"
#include "test.h"
#include "tree.h"

#define STORES  "usr/lib/wsl/drivers"
#define CURRENT STORES "/nv_dispi.inf_amd64_0123456789abcdef"

static void put_kernel(const char *tree)
{
    tree_put(tree, "proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n");
    tree_put(tree, "dev/dxg", "");
    tree_put_library(tree, "usr/lib/wsl/lib/libdxcore.so", EM_X86_64, "libdxcore.so");
    tree_put_library(tree, "usr/lib/wsl/lib/libd3d12.so", EM_X86_64, "libd3d12.so");
}

static void put_store(const char *tree, const char *store)
{
    nvb_autofree char *cuda = nvb_xasprintf("%s/libcuda.so.1.1", store);
    nvb_autofree char *ml = nvb_xasprintf("%s/libnvidia-ml.so.1", store);
    nvb_autofree char *smi = nvb_xasprintf("%s/nvidia-smi", store);
    nvb_autofree char *bins = nvb_xasprintf("%s/nvcubins.bin", store);
    nvb_autofree char *sys = nvb_xasprintf("%s/nvlddmkm.sys", store);

    tree_put_library(tree, cuda, EM_X86_64, "libcuda.so.1");
    tree_put_library(tree, ml, EM_X86_64, "libnvidia-ml.so.1");
    tree_put(tree, smi, "#!");
    tree_put(tree, bins, "bins");
    tree_put(tree, sys, "windows");
}

static struct nvb_wsl find(const char *tree)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_wsl wsl = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(nvb_wsl_find(host, &wsl, &err));
    return wsl;
}

static const struct nvb_driver_file *get(const struct nvb_wsl *wsl, const char *container_path)
{
    for (size_t i = 0; i < wsl->files.n; i++) {
        if (strcmp(wsl->files.items[i].container_path, container_path) == 0)
            return &wsl->files.items[i];
    }
    return NULL;
}

static const struct nvb_driver_file *must(const struct nvb_wsl *wsl, const char *container_path)
{
    const struct nvb_driver_file *file = get(wsl, container_path);

    EXPECT_STR(file ? file->container_path : NULL, container_path);
    if (!file)
        abort();
    return file;
}

TEST(an_ordinary_linux_is_not_wsl)
{
    const char *tree = tree_new();
    nvb_auto_wsl wsl = { 0 };

    tree_put(tree, "proc/sys/kernel/osrelease", "6.12.9-amd64\n");
    put_store(tree, CURRENT);
    wsl = find(tree);
    EXPECT(!wsl.is_wsl && wsl.files.n == 0 && wsl.files.version == NULL);
    EXPECT(strstr(nvb_wsl_verdict(&wsl), "not WSL"));
}

TEST(finds_the_store_and_keeps_its_paths)
{
    const char *tree = tree_new();
    const struct nvb_driver_file *file = NULL;
    nvb_auto_wsl wsl = { 0 };

    put_kernel(tree);
    put_store(tree, CURRENT);
    tree_mkdir(tree, STORES "/iigd_dch.inf_amd64_1");
    tree_mkdir(tree, STORES "/netrtwlane.inf_amd64_2");
    tree_mkdir(tree, STORES "/nvhda.inf_amd64_3");
    wsl = find(tree);
    EXPECT(wsl.is_wsl && wsl.has_dxg && wsl.stores.n == 1 && wsl.foreign.n == 1);
    EXPECT_STR(nvb_wsl_verdict(&wsl), "a container can have the GPU");
    EXPECT_STR(wsl.files.version, "nv_dispi.inf_amd64_0123456789abcdef");
    file = must(&wsl, "/" CURRENT "/libcuda.so.1.1");
    EXPECT(file->kind == NVB_DRIVER_LIBRARY && file->bits == 64 && !file->subdir);
    EXPECT_STR(file->soname, "libcuda.so.1");
    EXPECT_STR(file->host_path, file->container_path);
    EXPECT(get(&wsl, "/usr/lib/wsl/lib/libdxcore.so") && get(&wsl, "/usr/lib/wsl/lib/libd3d12.so"));
    EXPECT(must(&wsl, "/" CURRENT "/nvcubins.bin")->kind == NVB_DRIVER_DATA);
    EXPECT(get(&wsl, "/" CURRENT "/nvlddmkm.sys") == NULL);
    EXPECT_STR(must(&wsl, "/usr/bin/nvidia-smi")->link_target, "/" CURRENT "/nvidia-smi");
}

static void set_age(const char *tree, const char *path, time_t when)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);
    const struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };

    EXPECT(utimensat(AT_FDCWD, full, times, 0) == 0);
}

TEST(of_several_stores_takes_the_one_that_windows_shows)
{
    const char *tree = tree_new();
    nvb_auto_wsl newest = { 0 };
    nvb_auto_wsl shown = { 0 };

    put_kernel(tree);
    put_store(tree, STORES "/nv_dispi.inf_amd64_a");
    put_store(tree, STORES "/nv_dispi.inf_amd64_b");
    put_store(tree, STORES "/nv_dispi.inf_amd64_c");
    set_age(tree, STORES "/nv_dispi.inf_amd64_a/libcuda.so.1.1", 1000);
    set_age(tree, STORES "/nv_dispi.inf_amd64_b/libcuda.so.1.1", 3000);
    set_age(tree, STORES "/nv_dispi.inf_amd64_c/libcuda.so.1.1", 2000);
    newest = find(tree);
    EXPECT_STR(newest.stores.items[0], "/" STORES "/nv_dispi.inf_amd64_b");
    EXPECT(newest.stores.n == 3 && newest.files.notes.n == 1);
    tree_put_library(tree, "usr/lib/wsl/lib/libcuda.so.1.1", EM_X86_64, "libcuda.so.1");
    set_age(tree, "usr/lib/wsl/lib/libcuda.so.1.1", 1000);
    shown = find(tree);
    EXPECT_STR(shown.files.version, "nv_dispi.inf_amd64_a");
}

TEST(says_what_is_missing)
{
    const char *no_node = tree_new();
    const char *no_dxcore = tree_new();
    const char *no_store = tree_new();
    struct nvb_wsl wsl[3];

    tree_put(no_node, "proc/sys/kernel/osrelease", "4.4.0-19041-Microsoft\n");
    tree_put(no_dxcore, "dev/dxg", "");
    put_kernel(no_store);
    wsl[0] = find(no_node);
    wsl[1] = find(no_dxcore);
    wsl[2] = find(no_store);
    EXPECT(strstr(nvb_wsl_verdict(&wsl[0]), "/dev/dxg"));
    EXPECT(strstr(nvb_wsl_verdict(&wsl[1]), "libdxcore.so"));
    EXPECT(strstr(nvb_wsl_verdict(&wsl[2]), "libcuda.so.1.1"));
    EXPECT(wsl[2].files.version == NULL && wsl[2].files.n == 2);
    for (size_t i = 0; i < 3; i++)
        nvb_wsl_clear(&wsl[i]);
}

TEST(a_hostile_store_gives_nothing_from_outside)
{
    const char *tree = tree_new();
    nvb_auto_wsl wsl = { 0 };

    put_kernel(tree);
    put_store(tree, CURRENT);
    tree_fifo(tree, CURRENT "/libfifo.so");
    tree_link(tree, CURRENT "/libloop.so", "libloop.so");
    tree_link(tree, CURRENT "/libout.so", "../../../../../../../../etc/passwd");
    tree_put(tree, CURRENT "/libtext.so", "no library");
    wsl = find(tree);
    EXPECT(!get(&wsl, "/" CURRENT "/libfifo.so") && !get(&wsl, "/" CURRENT "/libloop.so"));
    EXPECT(!get(&wsl, "/" CURRENT "/libout.so"));
    EXPECT(must(&wsl, "/" CURRENT "/libtext.so")->kind == NVB_DRIVER_DATA);
    EXPECT(wsl.files.notes.n == 3);
}
