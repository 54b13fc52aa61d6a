/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Roots made to harm: nothing outside is reached, nothing hangs, and the note says what it was. */
#include <elf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/driver_files.h"
#include "library.h"
#include "test.h"
#include "tree.h"

#define V "550.163.01"

static bool try_find(const char *tree, struct nvb_driver_files *out, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;

    EXPECT(nvb_host_open(tree, &host, err));
    return nvb_driver_files_find(host, out, err);
}

static struct nvb_driver_files find(const char *tree)
{
    struct nvb_driver_files files = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(try_find(tree, &files, &err));
    return files;
}

static bool has_path(const struct nvb_driver_files *files, const char *part)
{
    for (size_t i = 0; i < files->n; i++) {
        if (strstr(files->items[i].host_path, part))
            return true;
    }
    return false;
}

static bool has_note(const struct nvb_driver_files *files, const char *part)
{
    for (size_t i = 0; i < files->notes.n; i++) {
        if (strstr(files->notes.items[i], part))
            return true;
    }
    return false;
}

static void put_cuda(const char *tree)
{
    tree_put_library(tree, "usr/lib64/libcuda.so." V, EM_X86_64, "libcuda.so.1");
}

TEST(absolute_and_climbing_links_stay_inside)
{
    const char *outside = tree_new();
    const char *tree = tree_new();
    nvb_autofree char *absolute = nvb_xasprintf("%s/usr/lib64/libnvidia-ml.so." V, outside);
    nvb_autofree char *climbing = nvb_xasprintf("../../../../../../..%s", absolute);
    nvb_auto_driver_files files = { 0 };

    tree_put_library(outside, "usr/lib64/libnvidia-ml.so." V, EM_X86_64, "libnvidia-ml.so.1");
    put_cuda(tree);
    tree_link(tree, "usr/lib64/libnvidia-ml.so." V, absolute);
    tree_link(tree, "usr/lib64/libGLX_nvidia.so." V, climbing);
    tree_link(tree, "usr/lib/x86_64-linux-gnu", "/proc/self/root/usr/lib64");
    files = find(tree);
    EXPECT(files.n == 1 && !has_path(&files, outside));
    EXPECT(has_note(&files, "libnvidia-ml.so." V) && has_note(&files, "libGLX_nvidia.so." V));
}

TEST(loops_end)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    tree_link(tree, "usr/lib64/libnvidia-ml.so." V, "libnvidia-ml.so." V);
    tree_link(tree, "usr/lib/x86_64-linux-gnu", "x86_64-linux-gnu");
    tree_link(tree, "usr/share/nvidia", "../share/nvidia");
    tree_link(tree, "usr/lib64/libcuda.so.1", "libnvidia-ml.so.1");
    tree_link(tree, "usr/lib64/libnvidia-ml.so.1", "libcuda.so.1");
    tree_link(tree, "etc/vulkan", "/etc/vulkan");
    tree_link(tree, "usr/lib64/nvidia", "..");
    files = find(tree);
    EXPECT(files.n == 1);
    EXPECT(has_note(&files, strerror(ELOOP)));
}

TEST(one_directory_under_many_names_is_listed_once)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    tree_link(tree, "usr/lib", "lib64");
    tree_link(tree, "usr/lib32", "/usr/lib64");
    tree_link(tree, "run/opengl-driver", "/usr");
    tree_link(tree, "usr/lib64/vdpau", ".");
    files = find(tree);
    EXPECT(files.n == 1 && files.notes.n == 0);
    EXPECT_STR(files.items[0].host_path, "/usr/lib64/libcuda.so." V);
}

TEST(fifos_and_directories_are_no_files)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    tree_fifo(tree, "usr/lib64/libnvidia-ml.so." V);
    tree_mkdir(tree, "usr/lib64/libGLX_nvidia.so." V);
    tree_fifo(tree, "usr/bin/nvidia-smi");
    tree_fifo(tree, "usr/lib32");
    tree_fifo(tree, "etc/ld.so.cache");
    tree_fifo(tree, "etc/vulkan/icd.d/nvidia_icd.json");
    tree_fifo(tree, "run/nvidia-persistenced/socket");
    tree_fifo(tree, "tmp/nvidia-mps");
    tree_fifo(tree, "lib/firmware/nvidia/" V "/gsp_ga10x.bin");
    tree_fifo(tree, "sys/module/firmware_class/parameters/path");
    files = find(tree);
    EXPECT(files.n == 1);
    EXPECT(has_note(&files, "libnvidia-ml.so." V "' is no regular file"));
    EXPECT(has_note(&files, "nvidia-smi' is no regular file"));
    EXPECT(has_note(&files, "socket' is no socket"));
    EXPECT(has_note(&files, "nvidia-mps' is no directory"));
    EXPECT(has_note(&files, "ld.so.cache"));
}

TEST(a_device_is_never_opened)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/usr/lib64/libnvidia-ml.so." V, tree);
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) < 0) /* /dev/zero: it would never end */
        SKIP("no right to make a device: %s", strerror(errno));
    files = find(tree);
    EXPECT(files.n == 1 && has_note(&files, "is no regular file"));
}

TEST(what_is_no_library_is_noted_and_left_out)
{
    static const char *const texts[] = { "", "\177ELF", "GROUP ( libcuda.so.1 )" };
    static const char *const names[] = { "libnvidia-ml.so." V, "libnvoptix.so." V,
                                         "libnvcuvid.so." V };
    char program[LIBRARY_MAX];
    size_t len = library_make(EM_X86_64, NULL, NULL, program);
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    for (size_t i = 0; i < 3; i++) {
        nvb_autofree char *path = nvb_xasprintf("usr/lib64/%s", names[i]);

        tree_put(tree, path, texts[i]);
    }
    program[16] = ET_EXEC;
    tree_put_bytes(tree, "usr/lib64/libnvidia-ngx.so." V, program, len);
    tree_put_library(tree, "usr/lib64/libnvidia-tls.so." V, EM_RISCV, "libnvidia-tls.so");
    tree_put_library(tree, "usr/lib64/libnvidia-glsi.so." V, EM_X86_64, "../../../bin/sh");
    files = find(tree);
    EXPECT(files.n == 1 && files.notes.n == 6);
    EXPECT(has_note(&files, "soname that is no file name"));
}

/* Root reads anything, but not without its capabilities. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };

    EXPECT(syscall(SYS_capset, &head, none) == 0);
}

TEST(unreadable_is_said)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/usr/lib64/libnvidia-ml.so." V, tree);
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    tree_put_library(tree, "usr/lib64/libnvidia-ml.so." V, EM_X86_64, "libnvidia-ml.so.1");
    EXPECT(chmod(path, 0) == 0);
    drop_capabilities();
    files = find(tree);
    EXPECT(files.n == 1 && has_note(&files, strerror(EACCES)));
}

TEST(names_that_a_terminal_would_obey_are_not_passed_on)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    tree_put_library(tree, "usr/lib64/libevil\x1b[31m.so." V, EM_X86_64, "x");
    tree_put_library(tree, "opt/a b/libnvidia-ml.so." V, EM_X86_64, "libnvidia-ml.so.1");
    tree_link(tree, "usr/lib64/libnvidia-ml.so." V, "/opt/a b/libnvidia-ml.so." V);
    tree_put(tree, "etc/vulkan/icd.d/nvidia\n.json", "{}");
    files = find(tree);
    EXPECT(files.n == 1 && has_note(&files, "blanks or control characters"));
    for (size_t i = 0; i < files.notes.n; i++)
        EXPECT(!strpbrk(files.notes.items[i], "\x1b\n"));
}

TEST(mps_of_another_user_is_not_taken)
{
    const char *tree = tree_new();
    const char *linked = tree_new();
    const char *good = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/tmp/nvidia-mps", tree);
    nvb_auto_driver_files foreign = { 0 };
    nvb_auto_driver_files link = { 0 };
    nvb_auto_driver_files own = { 0 };

    put_cuda(good);
    tree_mkdir(good, "tmp/nvidia-mps");
    own = find(good);
    EXPECT(own.n == 2 && own.items[1].kind == NVB_DRIVER_SOCKET);
    put_cuda(linked);
    tree_link(linked, "tmp/nvidia-mps", "/usr");
    link = find(linked);
    EXPECT(link.n == 1 && has_note(&link, "nvidia-mps"));
    put_cuda(tree);
    tree_mkdir(tree, "tmp/nvidia-mps");
    if (chown(path, 12345, 12345) < 0)
        SKIP("no right to give a directory away");
    foreign = find(tree);
    EXPECT(foreign.n == 1 && has_note(&foreign, "belongs to user 12345"));
}

TEST(too_many_files_are_an_error)
{
    const char *tree = tree_new();
    struct nvb_driver_files files = { 0 };
    nvb_auto_err err = { 0 };

    put_cuda(tree);
    for (unsigned i = 0; i < 1100; i++) {
        nvb_autofree char *name = nvb_xasprintf("usr/lib64/libx%u.so." V, i);

        tree_put_library(tree, name, EM_X86_64, NULL);
    }
    EXPECT(!try_find(tree, &files, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED && files.items == NULL);
}

TEST(a_flood_of_faults_does_not_fill_the_notes)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_cuda(tree);
    for (unsigned i = 0; i < 200; i++) {
        nvb_autofree char *name = nvb_xasprintf("usr/lib64/libx%u.so." V, i);

        tree_put(tree, name, "");
    }
    files = find(tree);
    EXPECT(files.n == 1 && files.notes.n == 32);
}
