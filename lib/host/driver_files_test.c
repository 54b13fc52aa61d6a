/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/driver_files.h"

#include <elf.h>
#include <string.h>
#include <sys/stat.h>

#include "host/driver_table.h"
#include "host/ldcache.h"
#include "library.h"
#include "test.h"
#include "tree.h"

#define V "550.163.01"

static struct nvb_driver_files find(const char *tree)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_driver_files files = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(nvb_driver_files_find(host, &files, &err));
    return files;
}

static const struct nvb_driver_file *
get(const struct nvb_driver_files *files, const char *name, unsigned bits)
{
    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->items[i].name, name) == 0 && files->items[i].bits == bits)
            return &files->items[i];
    }
    return NULL;
}

/* One that has to be there. */
static const struct nvb_driver_file *
must(const struct nvb_driver_files *files, const char *name, unsigned bits)
{
    const struct nvb_driver_file *file = get(files, name, bits);

    EXPECT_STR(file ? file->name : NULL, name);
    if (!file)
        abort();
    return file;
}

static bool has_link(const struct nvb_driver_file *file, const char *name)
{
    for (size_t i = 0; i < file->n_links; i++) {
        if (strcmp(file->links[i], name) == 0)
            return true;
    }
    return false;
}

/* DIR/STEM.so.VERSION, and the soname as a link to it when there is one. */
static void put_one(const char *tree,
                    const char *dir,
                    unsigned machine,
                    const char *stem,
                    const char *version,
                    const char *soname)
{
    nvb_autofree char *name = nvb_xasprintf("%s.so.%s", stem, version);
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, name);
    nvb_autofree char *link = nvb_xasprintf("%s/%s", dir, soname ? soname : "");

    tree_put_library(tree, path, machine, soname ? soname : name);
    if (soname)
        tree_link(tree, link, name);
}

static void put_driver(const char *tree, const char *dir, unsigned machine)
{
    put_one(tree, dir, machine, "libcuda", V, "libcuda.so.1");
    put_one(tree, dir, machine, "libnvidia-ml", V, "libnvidia-ml.so.1");
    put_one(tree, dir, machine, "libGLX_nvidia", V, "libGLX_nvidia.so.0");
    put_one(tree, dir, machine, "libnvidia-allocator", V, "libnvidia-allocator.so.1");
    put_one(tree, dir, machine, "libnvidia-glcore", V, NULL);
}

static void make_executable(const char *tree, const char *path)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);

    EXPECT(chmod(full, 0755) == 0);
}

TEST(a_machine_without_a_driver_has_none)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    tree_put_library(tree, "usr/lib64/libc.so.6", EM_X86_64, "libc.so.6");
    tree_put(tree, "usr/bin/nvidia-smi", "left behind");
    files = find(tree);
    EXPECT(files.version == NULL && files.n == 0 && files.notes.n == 0);
}

TEST(flat_as_on_fedora)
{
    const char *tree = tree_new();
    const struct nvb_driver_file *file = NULL;
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    put_driver(tree, "usr/lib", EM_386);
    tree_link(tree, "lib64", "usr/lib64");
    tree_put_library(tree, "usr/lib64/libz.so.1.2.13", EM_X86_64, "libz.so.1");
    files = find(tree);
    EXPECT_STR(files.version, V);
    EXPECT(files.n == 12 && files.notes.n == 0);
    file = must(&files, "libcuda.so." V, 64);
    EXPECT_STR(file->host_path, "/usr/lib64/libcuda.so." V);
    EXPECT_STR(file->soname, "libcuda.so.1");
    EXPECT(file->n_links == 2 && has_link(file, "libcuda.so.1") && has_link(file, "libcuda.so"));
    EXPECT(file->links[2] == NULL && file->machine == EM_X86_64 && !*file->subdir);
    EXPECT(file->capabilities == NVB_CAP_COMPUTE && file->container_path == NULL);
    file = must(&files, "libcuda.so." V, 32);
    EXPECT_STR(file->host_path, "/usr/lib/libcuda.so." V);
    EXPECT(file->capabilities == (NVB_CAP_COMPUTE | NVB_CAP_COMPAT32));
    EXPECT(must(&files, "libnvidia-glcore.so." V, 64)->n_links == 0);
    EXPECT(has_link(must(&files, "libGLX_nvidia.so." V, 64), "libGLX_indirect.so.0"));
}

TEST(gbm_is_a_link_to_the_allocator_for_each_word_size)
{
    const char *tree = tree_new();
    const struct nvb_driver_file *file = NULL;
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib/x86_64-linux-gnu", EM_X86_64);
    put_driver(tree, "usr/lib/i386-linux-gnu", EM_386);
    files = find(tree);
    for (unsigned bits = 32; bits <= 64; bits += 32) {
        file = must(&files, "nvidia-drm_gbm.so", bits);
        EXPECT(file->kind == NVB_DRIVER_GBM);
        EXPECT_STR(file->subdir, "gbm");
        EXPECT_STR(file->link_target, "../libnvidia-allocator.so.1");
    }
}

TEST(debians_alternatives_are_followed_inside_the_root)
{
    static const char *const real = "usr/lib/x86_64-linux-gnu/nvidia/current";
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, real, EM_X86_64);
    put_one(tree, real, EM_X86_64, "libvdpau_nvidia", V, "libvdpau_nvidia.so.1");
    tree_link(tree, "etc/alternatives/cuda",
              "/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1");
    tree_link(tree, "usr/lib/x86_64-linux-gnu/libcuda.so.1", "/etc/alternatives/cuda");
    tree_put(tree, "usr/lib/nvidia/current/nvidia-smi", "");
    tree_link(tree, "etc/alternatives/smi", "/usr/lib/nvidia/current/nvidia-smi");
    tree_link(tree, "usr/bin/nvidia-smi", "/etc/alternatives/smi");
    make_executable(tree, "usr/lib/nvidia/current/nvidia-smi");
    files = find(tree);
    EXPECT(files.notes.n == 0 && files.n == 8);
    EXPECT_STR(must(&files, "nvidia-smi", 0)->host_path, "/usr/lib/nvidia/current/nvidia-smi");
    EXPECT_STR(must(&files, "nvidia-smi", 0)->container_path, "/usr/bin/nvidia-smi");
    EXPECT_STR(must(&files, "libcuda.so." V, 64)->host_path,
               "/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so." V);
    EXPECT_STR(must(&files, "libvdpau_nvidia.so." V, 64)->subdir, "vdpau");
}

TEST(a_program_without_its_bit_is_noted)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    tree_put(tree, "usr/bin/nvidia-smi", "");
    files = find(tree);
    EXPECT(files.n == 6 && files.notes.n == 1);
    EXPECT_STR(files.notes.items[0], "'/usr/bin/nvidia-smi' is not executable");
}

TEST(a_driver_anywhere_is_found_by_its_alternatives)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib/x86_64-linux-gnu/nvidia/tesla-550", EM_X86_64);
    tree_link(tree, "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "/etc/alternatives/ml");
    tree_link(tree, "etc/alternatives/ml",
              "/usr/lib/x86_64-linux-gnu/nvidia/tesla-550/libnvidia-ml.so.1");
    files = find(tree);
    EXPECT_STR(files.version, V);
    EXPECT(files.n == 6);
}

TEST(nixos_links_into_its_store)
{
    static const char *const store = "nix/store/abc-nvidia-x11-550/lib";
    static const char *const names[] = { "libcuda.so." V, "libcuda.so.1", "libGLX_nvidia.so." V };
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, store, EM_X86_64);
    put_one(tree, "nix/store/abc-nvidia-x11-550/lib/vdpau", EM_X86_64, "libvdpau_nvidia", V, NULL);
    put_driver(tree, "nix/store/abc-nvidia-x11-550-lib32/lib", EM_386);
    tree_put(tree, "nix/store/abc-nvidia-x11-550/lib/nvidia/wine/nvngx.dll", "MZ");
    for (size_t i = 0; i < 3; i++) {
        nvb_autofree char *path = nvb_xasprintf("nix/store/drivers/lib/%s", names[i]);
        nvb_autofree char *target = nvb_xasprintf("/%s/%s", store, names[i]);

        tree_link(tree, path, target);
    }
    tree_link(tree, "run/opengl-driver", "/nix/store/drivers");
    tree_link(tree, "run/opengl-driver-32/lib", "/nix/store/abc-nvidia-x11-550-lib32/lib");
    tree_put(tree, "nix/store/drivers/share/vulkan/icd.d/nvidia_icd.x86_64.json", "{}");
    tree_put(tree, "nix/store/drivers/etc/OpenCL/vendors/nvidia.icd", "libnvidia-opencl.so.1");
    files = find(tree);
    EXPECT_STR(must(&files, "libcuda.so." V, 64)->host_path,
               "/nix/store/abc-nvidia-x11-550/lib/libcuda.so." V);
    EXPECT(get(&files, "libnvidia-glcore.so." V, 64) && get(&files, "libcuda.so." V, 32));
    EXPECT_STR(must(&files, "nvidia_icd.x86_64.json", 64)->container_path,
               "/etc/vulkan/icd.d/nvidia_icd.x86_64.json");
    EXPECT(must(&files, "nvidia.icd", 0)->kind == NVB_DRIVER_OPENCL_ICD);
    EXPECT_STR(must(&files, "nvngx.dll", 64)->subdir, "nvidia/wine");
    EXPECT(must(&files, "libvdpau_nvidia.so." V, 64)->kind == NVB_DRIVER_VDPAU);
    EXPECT(files.notes.n == 0);
}

TEST(ld_so_cache_leads_to_a_directory_that_nobody_knows)
{
    static const struct nvb_ldcache_entry entries[] = {
        {.soname = "libc.so.6",     .path = "/usr/lib/libc.so.6",        .flags = 0x0303},
        { .soname = "libcuda.so.1", .path = "/opt/gpu/lib/libcuda.so.1", .flags = 0x0303},
    };
    const char *tree = tree_new();
    nvb_auto_buf bytes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "opt/gpu/lib", EM_X86_64);
    files = find(tree);
    EXPECT(files.version == NULL);
    EXPECT(nvb_ldcache_write(entries, 2, &bytes, &err));
    tree_put_bytes(tree, "etc/ld.so.cache", bytes.data, bytes.len);
    files = find(tree);
    EXPECT_STR(files.version, V);
    EXPECT(files.n == 6);
}

TEST(of_two_drivers_that_of_the_kernel_module_is_taken)
{
    const char *tree = tree_new();
    nvb_auto_driver_files newest = { 0 };
    nvb_auto_driver_files loaded = { 0 };
    nvb_auto_driver_files gone = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    put_one(tree, "usr/lib64", EM_X86_64, "libcuda", "570.86.16", NULL);
    newest = find(tree);
    EXPECT_STR(newest.version, V); /* libnvidia-ml.so.1 says what the host loads */
    EXPECT(newest.notes.n == 1 && strstr(newest.notes.items[0], "570.86.16"));
    tree_put(tree, "sys/module/nvidia/version", "570.86.16\n");
    loaded = find(tree);
    EXPECT_STR(loaded.version, "570.86.16");
    EXPECT(loaded.n == 1);
    tree_put(tree, "sys/module/nvidia/version", "535.1.2\n");
    gone = find(tree);
    EXPECT_STR(gone.version, V);
    EXPECT(strstr(gone.notes.items[0], "until a restart"));
}

TEST(libraries_with_versions_of_their_own_come_along_and_the_newer_wins)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    tree_put_library(tree, "usr/lib64/libnvidia-egl-wayland.so.1.1.9", EM_X86_64,
                     "libnvidia-egl-wayland.so.1");
    tree_put_library(tree, "usr/lib64/libnvidia-egl-wayland.so.1.1.18", EM_X86_64,
                     "libnvidia-egl-wayland.so.1");
    tree_put_library(tree, "usr/lib64/libnvidia-api.so.1", EM_X86_64, "libnvidia-api.so.1");
    tree_put_library(tree, "usr/lib64/libnvidia-nvvm70.so.4", EM_X86_64, "libnvidia-nvvm70.so.4");
    tree_put_library(tree, "usr/lib64/libbrand-new.so." V, EM_X86_64, "libbrand-new.so.1");
    tree_put_library(tree, "usr/lib64/libnvidia-container.so.1.17.8", EM_X86_64, "x.so.1");
    files = find(tree);
    EXPECT(get(&files, "libnvidia-egl-wayland.so.1.1.18", 64));
    EXPECT(get(&files, "libnvidia-egl-wayland.so.1.1.9", 64) == NULL);
    EXPECT(get(&files, "libnvidia-api.so.1", 64) && get(&files, "libnvidia-nvvm70.so.4", 64));
    EXPECT(has_link(must(&files, "libbrand-new.so." V, 64), "libbrand-new.so.1"));
    EXPECT(get(&files, "libnvidia-container.so.1.17.8", 64) == NULL);
    EXPECT(files.notes.n == 1 && strstr(files.notes.items[0], "twice"));
}

TEST(data_goes_to_fixed_places)
{
    static const struct {
        const char *path;
        const char *container_path;
        enum nvb_driver_file_kind kind;
    } rows[] = {
        {"usr/share/glvnd/egl_vendor.d/10_nvidia.json",
         "/usr/share/glvnd/egl_vendor.d/10_nvidia.json",                                                          NVB_DRIVER_EGL_VENDOR  },
        { "usr/share/egl/egl_external_platform.d/15_nvidia_gbm.json",
         "/usr/share/egl/egl_external_platform.d/15_nvidia_gbm.json",                                             NVB_DRIVER_EGL_PLATFORM},
        { "vulkan/icd.d/nvidia_icd.json",                             "/etc/vulkan/icd.d/nvidia_icd.json",
         NVB_DRIVER_VULKAN_ICD                                                                                                           },
        { "usr/share/vulkan/implicit_layer.d/nvidia_layers.json",
         "/etc/vulkan/implicit_layer.d/nvidia_layers.json",                                                       NVB_DRIVER_VULKAN_LAYER},
        { "etc/OpenCL/vendors/nvidia.icd",                            "/etc/OpenCL/vendors/nvidia.icd",
         NVB_DRIVER_OPENCL_ICD                                                                                                           },
        { "usr/share/nvidia/nvoptix.bin",                             "/usr/share/nvidia/nvoptix.bin",            NVB_DRIVER_DATA        },
        { "usr/share/nvidia/nvidia-application-profiles-" V "-rc",
         "/usr/share/nvidia/nvidia-application-profiles-" V "-rc",                                                NVB_DRIVER_DATA        },
        { "lib/firmware/nvidia/" V "/gsp_ga10x.bin",                  "/lib/firmware/nvidia/" V "/gsp_ga10x.bin",
         NVB_DRIVER_FIRMWARE                                                                                                             },
        { "usr/lib64/xorg/modules/drivers/nvidia_drv.so",
         "/usr/lib64/xorg/modules/drivers/nvidia_drv.so",                                                         NVB_DRIVER_XORG        },
        { "usr/lib/nvidia/xorg/libglxserver_nvidia.so." V,
         "/usr/lib/xorg/modules/extensions/libglxserver_nvidia.so." V,                                            NVB_DRIVER_XORG        },
        { "run/nvidia-persistenced/socket",                           "/run/nvidia-persistenced/socket",          NVB_DRIVER_SOCKET      },
    };

    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };
    size_t n = sizeof(rows) / sizeof(rows[0]);

    put_driver(tree, "usr/lib64", EM_X86_64);
    for (size_t i = 0; i < n; i++)
        tree_put(tree, rows[i].path, "x");
    files = find(tree);
    EXPECT(files.n == 6 + n && files.notes.n == 0);
    for (size_t i = 0; i < n; i++) {
        const struct nvb_driver_file *file = must(&files, strrchr(rows[i].path, '/') + 1, 0);

        EXPECT(file->kind == rows[i].kind);
        EXPECT_STR(file->container_path, rows[i].container_path);
        EXPECT_STR(file->host_path + 1, rows[i].path);
    }
    EXPECT(has_link(must(&files, "libglxserver_nvidia.so." V, 0), "libglxserver_nvidia.so"));
}

TEST(the_first_manifest_of_a_name_counts_and_firmware_is_where_the_kernel_looks)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    tree_put(tree, "etc/vulkan/icd.d/nvidia_icd.json", "{}");
    tree_put(tree, "usr/share/vulkan/icd.d/nvidia_icd.json", "{}");
    tree_put(tree, "usr/share/vulkan/icd.d/nvidia_icd.i686.json", "{}");
    tree_put(tree, "usr/share/vulkan/icd.d/radeon_icd.x86_64.json", "{}");
    tree_put(tree, "sys/module/firmware_class/parameters/path", "/opt/firmware\n");
    tree_put(tree, "opt/firmware/nvidia/" V "/gsp_tu10x.bin", "x");
    tree_put(tree, "lib/firmware/nvidia/" V "/gsp_ga10x.bin", "x");
    files = find(tree);
    EXPECT_STR(must(&files, "nvidia_icd.json", 0)->host_path, "/etc/vulkan/icd.d/nvidia_icd.json");
    EXPECT(must(&files, "nvidia_icd.i686.json", 32)->capabilities ==
           (NVB_CAP_GRAPHICS | NVB_CAP_COMPAT32));
    EXPECT_STR(must(&files, "gsp_tu10x.bin", 0)->host_path,
               "/opt/firmware/nvidia/" V "/gsp_tu10x.bin");
    EXPECT(get(&files, "gsp_ga10x.bin", 0) == NULL && files.n == 9);
}

TEST(cuda_compat_is_a_kind_of_its_own)
{
    const char *tree = tree_new();
    const struct nvb_driver_file *file = NULL;
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib64", EM_X86_64);
    put_one(tree, "usr/local/cuda-12.8/compat", EM_X86_64, "libcuda", "570.86.16", "libcuda.so.1");
    tree_link(tree, "usr/local/cuda", "cuda-12.8");
    files = find(tree);
    EXPECT_STR(files.version, V);
    file = must(&files, "libcuda.so.570.86.16", 64);
    EXPECT(file->kind == NVB_DRIVER_CUDA_COMPAT);
    EXPECT_STR(file->host_path, "/usr/local/cuda-12.8/compat/libcuda.so.570.86.16");
    EXPECT_STR(file->container_path, "/usr/local/cuda/compat/libcuda.so.570.86.16");
    EXPECT_STR(file->soname, "libcuda.so.1");
}

TEST(libraries_for_another_machine_stay_behind)
{
    const char *tree = tree_new();
    const char *foreign = tree_new();
    nvb_auto_driver_files files = { 0 };
    nvb_auto_driver_files other = { 0 };
    unsigned own = sizeof(void *) == 8 ? EM_X86_64 : EM_386;

#if defined(__aarch64__)
    own = EM_AARCH64;
#endif
    put_driver(tree, "usr/lib/x86_64-linux-gnu", EM_X86_64);
    put_driver(tree, "usr/lib/aarch64-linux-gnu", EM_AARCH64);
    put_driver(foreign, "usr/lib/aarch64-linux-gnu", EM_AARCH64);
    files = find(tree);
    other = find(foreign);
    EXPECT(files.n == 6 && other.n == 6);
    for (size_t i = 0; i < files.n; i++)
        EXPECT(files.items[i].machine == own);
}

TEST(the_order_is_kind_then_bits_then_name)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };

    put_driver(tree, "usr/lib32", EM_386);
    put_driver(tree, "usr/lib", EM_X86_64);
    tree_put(tree, "etc/OpenCL/vendors/nvidia.icd", "x");
    files = find(tree);
    for (size_t i = 1; i < files.n; i++) {
        const struct nvb_driver_file *a = &files.items[i - 1];
        const struct nvb_driver_file *b = &files.items[i];

        EXPECT(a->kind <= b->kind);
        if (a->kind == b->kind)
            EXPECT(a->bits > b->bits || (a->bits == b->bits && strcmp(a->name, b->name) < 0));
    }
}

TEST(capabilities_are_nvidias_words)
{
    static const struct {
        const char *text;
        unsigned bits;
    } rows[] = {
        {NULL,                NVB_CAP_UTILITY | NVB_CAP_COMPUTE },
        { "",                 NVB_CAP_UTILITY | NVB_CAP_COMPUTE },
        { "graphics",         NVB_CAP_GRAPHICS                  },
        { " video , ngx,",    NVB_CAP_VIDEO | NVB_CAP_NGX       },
        { "all",              NVB_CAP_ALL                       },
        { "display,compat32", NVB_CAP_DISPLAY | NVB_CAP_COMPAT32},
    };

    nvb_auto_err err = { 0 };
    unsigned bits = 77;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        EXPECT(nvb_driver_capabilities_parse(rows[i].text, &bits, &err));
        EXPECT(bits == rows[i].bits);
    }
    bits = 77;
    EXPECT(!nvb_driver_capabilities_parse("compute,cuda", &bits, &err));
    EXPECT(bits == 77 && err.domain == NVB_D_REQUEST && err.kind == NVB_E_INVALID && err.hint);
}

TEST(a_32_bit_file_needs_compat32_and_its_own_word)
{
    const struct nvb_driver_file file = { .capabilities = NVB_CAP_GRAPHICS | NVB_CAP_COMPAT32 };
    const struct nvb_driver_file wide = { .capabilities = NVB_CAP_GRAPHICS | NVB_CAP_COMPUTE };

    EXPECT(!nvb_driver_file_is_wanted(&file, NVB_CAP_GRAPHICS));
    EXPECT(!nvb_driver_file_is_wanted(&file, NVB_CAP_COMPAT32));
    EXPECT(!nvb_driver_file_is_wanted(&file, NVB_CAP_COMPUTE | NVB_CAP_COMPAT32));
    EXPECT(nvb_driver_file_is_wanted(&file, NVB_CAP_GRAPHICS | NVB_CAP_COMPAT32));
    EXPECT(nvb_driver_file_is_wanted(&wide, NVB_CAP_COMPUTE));
    EXPECT(!nvb_driver_file_is_wanted(&wide, NVB_CAP_UTILITY));
}

TEST(json_says_what_the_struct_says)
{
    const char *tree = tree_new();
    nvb_auto_driver_files files = { 0 };
    nvb_autoptr(nvb_json) json = NULL;
    const struct nvb_json *first = NULL;

    put_driver(tree, "usr/lib64", EM_X86_64);
    files = find(tree);
    json = nvb_driver_files_to_json(&files);
    first = nvb_json_at(nvb_json_get(json, "files"), 0);
    EXPECT_STR(nvb_json_get_str(json, "version"), V);
    EXPECT(nvb_json_length(nvb_json_get(json, "files")) == 6);
    EXPECT_STR(nvb_json_get_str(first, "kind"), "library");
    EXPECT_STR(nvb_json_get_str(first, "soname"), "libGLX_nvidia.so.0");
    EXPECT(nvb_json_length(nvb_json_get(first, "links")) == 2);
    EXPECT_STR(nvb_json_str(nvb_json_at(nvb_json_get(first, "capabilities"), 0)), "graphics");
}

TEST(every_name_of_nvidias_glob_has_a_row)
{
    static const char *const names[] = {
        "libcuda.so." V,      "libnvidia-nvvm.so." V,  "libnvidia-egl-gbm.so.1.1.2",
        "libnvidia-api.so.1", "libnvidia-nvvm70.so.4", "libwhatever.so." V
    };
    static const char *const others[] = { "libcuda.so.570.86.16",
                                          "libcuda.so.1",
                                          "libcuda.so",
                                          "libnvidia-egl-gbm.so.1",
                                          "libnvidia-api.so.2",
                                          "libglxserver_nvidia.so." V,
                                          "nvidia." V,
                                          "libnvidia-ml.so." V ".old" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        EXPECT(nvb_driver_is_library_name(names[i]) && nvb_driver_library_row(names[i], V));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        EXPECT(nvb_driver_library_row(others[i], V) == NULL);
    EXPECT(!nvb_driver_is_library_name("libstdc++.so.6.0.30"));
    EXPECT(!nvb_driver_is_library_name("libcuda.so.1\n"));
}
