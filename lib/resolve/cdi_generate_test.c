/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_generate.h"

#include <string.h>

#include "host/gpu.h"
#include "host/host.h"
#include "host/wsl.h"
#include "resolve/cdi_view.h"
#include "test.h"
#include "tree.h"

static char driver[] = "nvidia";
static char name[] = "Card";
static char uuid[] = "GPU-1";
static char *nodes[] = {
    (char[]){ "/dev/nvidia0" },        (char[]){ "/dev/nvidiactl" },
    (char[]){ "/dev/nvidia-uvm" },     (char[]){ "/dev/dri/card0" },
    (char[]){ "/dev/dri/renderD128" }, (char[]){ "/dev/nvidia-modeset" },
};

static struct nvb_gpu a_gpu(void)
{
    return (struct nvb_gpu){
        .vendor = NVB_GPU_NVIDIA,
        .name = name,
        .uuid = uuid,
        .driver = driver,
        .nodes = nodes,
        .n_nodes = sizeof(nodes) / sizeof(nodes[0]),
        .has_minor = true,
    };
}

static char *text_links[] = { (char[]){ "libGLX_nvidia.so.0" }, NULL };

static struct nvb_driver_file glx = {
    .kind = NVB_DRIVER_LIBRARY,
    .capabilities = NVB_CAP_GRAPHICS,
    .bits = 64,
    .host_path = (char[]){ "/usr/lib64/libGLX_nvidia.so.1.2" },
    .name = (char[]){ "libGLX_nvidia.so.1.2" },
    .links = text_links,
    .n_links = 1,
    .subdir = "",
};

/* Generate from one GPU and one file for a profile; NULL with the error set. */
static struct nvb_cdi_spec *generate(struct nvb_gpu *gpu,
                                     struct nvb_driver_file *file,
                                     struct nvb_cdi_wishes *wishes,
                                     const char *profile,
                                     struct nvb_strv *notes,
                                     struct nvb_err *err)
{
    static char version[] = "1.2";
    struct nvb_gpus gpus = { .items = gpu, .n = 1 };
    struct nvb_driver_files files = { .version = file ? version : NULL, .items = file };
    nvb_auto_strv env = { 0 };
    struct nvb_cdi_spec *spec = NULL;

    files.n = file ? 1 : 0;
    EXPECT(nvb_cdi_wishes_set_profile(wishes, profile, &env, err));
    wishes->env = &env;
    if (!nvb_cdi_generate(&gpus, &files, wishes, &spec, notes, err))
        EXPECT(spec == NULL);
    wishes->env = NULL;
    return spec;
}

static const struct nvb_mount *find_mount(const struct nvb_cdi_spec *spec, const char *path)
{
    for (size_t i = 0; i < spec->edits.n_mounts; i++) {
        if (strcmp(spec->edits.mounts[i].container_path, path) == 0)
            return &spec->edits.mounts[i];
    }
    return NULL;
}

/* What is mounted there; "" for nothing. */
static const char *source_of(const struct nvb_cdi_spec *spec, const char *path)
{
    const struct nvb_mount *mount = find_mount(spec, path);

    return mount ? mount->host_path : "";
}

static bool has_node(const struct nvb_edits *edits, const char *path)
{
    for (size_t i = 0; i < edits->n_nodes; i++) {
        if (strcmp(edits->nodes[i].path, path) == 0)
            return true;
    }
    return false;
}

TEST(profiles_differ_in_nodes)
{
    static const struct {
        const char *profile;
        bool has_card, has_render, has_modeset, has_uvm;
    } rows[] = {
        {"base",    true,  true,  true,  true},
        { "gaming", false, true,  true,  true},
        { "aiml",   false, false, false, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nvb_gpu gpu = a_gpu();
        struct nvb_cdi_wishes wishes = { 0 };
        nvb_auto_strv notes = { 0 };
        nvb_auto_err err = { 0 };
        nvb_autoptr(nvb_cdi_spec) spec =
            generate(&gpu, &glx, &wishes, rows[i].profile, &notes, &err);
        const struct nvb_cdi_device *device = nvb_cdi_spec_find_device(spec, "0");

        EXPECT(has_node(&device->edits, "/dev/nvidia0"));
        EXPECT(has_node(&device->edits, "/dev/dri/card0") == rows[i].has_card);
        EXPECT(has_node(&device->edits, "/dev/dri/renderD128") == rows[i].has_render);
        EXPECT(has_node(&spec->edits, "/dev/nvidia-modeset") == rows[i].has_modeset);
        EXPECT(has_node(&spec->edits, "/dev/nvidia-uvm") == rows[i].has_uvm);
        EXPECT(spec->edits.n_hooks == 0 && notes.n == 0);
        EXPECT((find_mount(spec, NVB_VIEW_PATH "/lib64/libGLX_nvidia.so.0") != NULL) ==
               rows[i].has_render);
    }
}

TEST(only_gaming_has_32_bit)
{
    static const char *const profiles[] = { "base", "aiml", "gaming" };
    struct nvb_driver_file narrow = glx;

    narrow.bits = 32;
    narrow.capabilities = NVB_CAP_GRAPHICS | NVB_CAP_COMPAT32;
    for (size_t i = 0; i < 3; i++) {
        struct nvb_gpu gpu = a_gpu();
        struct nvb_cdi_wishes wishes = { 0 };
        nvb_auto_strv notes = { 0 };
        nvb_auto_err err = { 0 };
        nvb_autoptr(nvb_cdi_spec) spec =
            generate(&gpu, &narrow, &wishes, profiles[i], &notes, &err);

        EXPECT((find_mount(spec, NVB_VIEW_PATH "/lib32/libGLX_nvidia.so.0") != NULL) == (i == 2));
        EXPECT(nvb_strv_has(&spec->edits.env, "__GL_SHADER_DISK_CACHE=1") == (i == 2));
    }
}

TEST(sockets_are_writable_and_run_nothing)
{
    struct nvb_driver_file socket = {
        .kind = NVB_DRIVER_SOCKET,
        .capabilities = NVB_CAP_UTILITY,
        .host_path = (char[]){ "/run/nvidia-persistenced/socket" },
        .name = (char[]){ "socket" },
        .container_path = (char[]){ "/run/nvidia-persistenced/socket" },
    };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, &socket, &wishes, "base", &notes, &err);
    const struct nvb_mount *mount = find_mount(spec, socket.container_path);

    EXPECT(mount && mount->is_writable && mount->is_noexec);
}

TEST(compat_libraries_are_not_given_unasked)
{
    struct nvb_driver_file compat = {
        .kind = NVB_DRIVER_CUDA_COMPAT,
        .capabilities = NVB_CAP_COMPUTE,
        .host_path = (char[]){ "/usr/local/cuda/compat/libcuda.so.2.0" },
        .name = (char[]){ "libcuda.so.2.0" },
        .container_path = (char[]){ "/usr/local/cuda/compat/libcuda.so.2.0" },
    };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, &compat, &wishes, "aiml", &notes, &err);

    EXPECT(spec->edits.n_mounts == 0);
}

/* Two files: the manifest first, as it might be found. */
static struct nvb_cdi_spec *generate_with_manifest(const char *library_path)
{
    const char *tree = tree_new();
    nvb_autofree char *text = nvb_xasprintf("{\"ICD\":{\"library_path\":\"%s\"}}", library_path);
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    nvb_auto_strv notes = { 0 };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_gpus gpus = { .items = &gpu, .n = 1 };
    struct nvb_driver_file items[] = {
        {.kind = NVB_DRIVER_VULKAN_ICD,
         .capabilities = NVB_CAP_GRAPHICS,
         .host_path = (char[]){ "/usr/share/vulkan/icd.d/n.json" },
         .name = (char[]){ "n.json" },
         .container_path = (char[]){ "/etc/vulkan/icd.d/n.json" }},
        glx,
    };
    struct nvb_driver_files files = { .version = (char[]){ "1.2" }, .items = items, .n = 2 };
    struct nvb_cdi_wishes wishes = { .capabilities = NVB_CAP_ALL };
    struct nvb_cdi_spec *spec = NULL;

    tree_put(tree, "usr/share/vulkan/icd.d/n.json", text);
    EXPECT(nvb_host_open(tree, &host, &err));
    wishes.host = host;
    EXPECT(nvb_cdi_generate(&gpus, &files, &wishes, &spec, &notes, &err));
    return spec;
}

TEST(a_library_that_a_manifest_names_by_path_is_there)
{
    nvb_autoptr(nvb_cdi_spec) by_path = generate_with_manifest("/usr/lib64/libGLX_nvidia.so.0");
    nvb_autoptr(nvb_cdi_spec) by_name = generate_with_manifest("libGLX_nvidia.so.0");
    nvb_autoptr(nvb_cdi_spec) foreign = generate_with_manifest("/etc/shadow");

    EXPECT_STR(source_of(by_path, "/usr/lib64/libGLX_nvidia.so.0"), glx.host_path);
    EXPECT(by_path->edits.n_mounts == by_name->edits.n_mounts + 1);
    EXPECT(foreign->edits.n_mounts == by_name->edits.n_mounts);
}

TEST(the_images_gbm_backends_stay)
{
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, &glx, &wishes, "gaming", &notes, &err);

    EXPECT(nvb_strv_has(&spec->edits.env,
                        "GBM_BACKENDS_PATH=" NVB_VIEW_PATH "/lib64/gbm:" NVB_VIEW_PATH
                        "/lib32/gbm:/usr/lib/x86_64-linux-gnu/gbm:/usr/lib64/gbm:/usr/lib/gbm"));
}

/* Without one of these a specification looks whole and then fails in every container. */
TEST(a_gpu_without_its_node_is_left_out)
{
    for (size_t missing = 0; missing < 2; missing++) {
        struct nvb_gpu gpu = a_gpu();
        struct nvb_cdi_wishes wishes = { 0 };
        nvb_auto_strv notes = { 0 };
        nvb_auto_err err = { 0 };
        char *kept[6] = { NULL };

        gpu.nodes = kept;
        gpu.n_nodes = 0;
        for (size_t i = 0; i < 6; i++) {
            if (i != missing)
                kept[gpu.n_nodes++] = nodes[i];
        }
        EXPECT(!generate(&gpu, &glx, &wishes, "base", &notes, &err));
        EXPECT(err.kind == NVB_E_NOT_FOUND && strstr(err.lines[0], nodes[missing]));
        EXPECT(notes.n == 1);
    }
}

TEST(a_missing_uvm_node_is_told)
{
    char *kept[] = { nodes[0], nodes[1], nodes[4] };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };

    gpu.nodes = kept;
    gpu.n_nodes = 3;
    nvb_cdi_spec_free(generate(&gpu, &glx, &wishes, "base", &notes, &err));
    EXPECT(notes.n == 1 && strstr(notes.items[0], "nvidia-modprobe -u"));
}

TEST(nouveau_has_nothing_to_compute_with)
{
    char *kept[] = { nodes[3], nodes[4] };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };

    gpu.driver = (char[]){ "nouveau" };
    gpu.nodes = kept;
    gpu.n_nodes = 2;
    EXPECT(!generate(&gpu, NULL, &wishes, "aiml", &notes, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    nvb_err_clear(&err);
    nvb_cdi_spec_free(generate(&gpu, NULL, &wishes, "base", &notes, &err));
    EXPECT(err.kind == 0);
}

TEST(a_mig_device_has_its_names_and_nodes)
{
    struct nvb_mig mig = {
        .index = 3,
        .uuid = (char[]){ "MIG-2" },
        .gi_node = (char[]){ "/dev/nvidia-caps/nvidia-cap21" },
        .ci_node = (char[]){ "/dev/nvidia-caps/nvidia-cap22" },
    };
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { .naming = NVB_CDI_NAME_INDEX | NVB_CDI_NAME_UUID |
                                               NVB_CDI_NAME_TYPE_INDEX };

    gpu.is_mig_enabled = true;
    gpu.migs = &mig;
    gpu.n_migs = 1;
    for (int has_graphics = 0; has_graphics < 2; has_graphics++) {
        nvb_auto_strv notes = { 0 };
        nvb_auto_err err = { 0 };
        nvb_autoptr(nvb_cdi_spec) spec = NULL;

        mig.has_graphics = has_graphics;
        spec = generate(&gpu, &glx, &wishes, "base", &notes, &err);
        EXPECT(spec->n_devices == 3 && nvb_cdi_spec_find_device(spec, "0:3"));
        EXPECT(nvb_cdi_spec_find_device(spec, "MIG-2") && nvb_cdi_spec_find_device(spec, "mig0:3"));
        EXPECT(has_node(&spec->devices[0].edits, mig.gi_node));
        EXPECT(has_node(&spec->devices[0].edits, mig.ci_node));
        EXPECT(has_node(&spec->devices[0].edits, "/dev/dri/renderD128") == has_graphics);
    }
}

TEST(a_lost_gpu_is_left_out)
{
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };

    gpu.is_lost = true;
    EXPECT(!generate(&gpu, &glx, &wishes, "base", &notes, &err));
    EXPECT(strstr(err.lines[0], "fell off the bus"));
}

TEST(an_unknown_profile_is_refused)
{
    struct nvb_cdi_wishes wishes = { 0 };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_cdi_wishes_set_profile(&wishes, "gamin", &env, &err));
    EXPECT(err.kind == NVB_E_INVALID && strstr(err.hint, "'gaming'"));
}

TEST(wsl_has_one_device_and_sonames)
{
    struct nvb_driver_file cuda = {
        .kind = NVB_DRIVER_LIBRARY,
        .capabilities = NVB_CAP_COMPUTE,
        .bits = 64,
        .host_path = (char[]){ "/usr/lib/wsl/drivers/nv/libcuda.so.1.1" },
        .name = (char[]){ "libcuda.so.1.1" },
        .soname = (char[]){ "libcuda.so.1" },
        .container_path = (char[]){ "/usr/lib/wsl/drivers/nv/libcuda.so.1.1" },
    };
    struct nvb_wsl wsl = {
        .is_wsl = true,
        .has_dxg = true,
        .dxcore = (char[]){"/usr/lib/wsl/lib/libdxcore.so"},
        .files = { .items = &cuda,                         .n = 1 },
    };
    struct nvb_cdi_wishes wishes = { .capabilities = NVB_CAP_ALL };
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_cdi_generate_wsl(&wsl, &wishes, &spec, &err));
    EXPECT(spec->n_devices == 1 && has_node(&spec->devices[0].edits, "/dev/dxg"));
    EXPECT_STR(source_of(spec, "/usr/lib/wsl/drivers/nv/libcuda.so.1"), cuda.host_path);
    EXPECT(nvb_strv_has(&spec->edits.env, "LD_LIBRARY_PATH=/usr/lib/wsl/drivers/nv"));
    nvb_cdi_spec_free(nvb_steal(&spec));
    wsl.has_dxg = false;
    EXPECT(!nvb_cdi_generate_wsl(&wsl, &wishes, &spec, &err) && !spec);
    EXPECT(err.kind == NVB_E_NOT_FOUND);
}

static char smi_path[] = "/usr/bin/nvidia-smi";

TEST(a_view_takes_the_place_of_the_drivers_files)
{
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_view view = {
        .dir = (char[]){ "/store" },
        .name = (char[]){ "1.2-3f-0" },
    };
    struct nvb_cdi_wishes wishes = { .view = &view };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    const struct nvb_mount *mount = NULL;

    nvb_strv_add(&view.places, "bin/nvidia-smi /usr/bin/nvidia-smi");
    nvb_strv_add(&view.places, "vulkan/icd.d/a.json /etc/vulkan/icd.d/a.json");
    spec = generate(&gpu, &glx, &wishes, "base", &notes, &err);
    EXPECT(spec && spec->edits.n_mounts == 3 && spec->edits.n_hooks == 0);
    EXPECT_STR(source_of(spec, NVB_VIEW_PATH), "/store/1.2-3f-0");
    EXPECT_STR(source_of(spec, smi_path), "/store/1.2-3f-0/bin/nvidia-smi");
    EXPECT_STR(source_of(spec, "/etc/vulkan/icd.d/a.json"), "/store/1.2-3f-0/vulkan/icd.d/a.json");
    mount = find_mount(spec, smi_path);
    EXPECT(mount && !mount->is_writable);
    EXPECT_STR(nvb_env_get(&spec->edits.env, "LD_LIBRARY_PATH"), NVB_VIEW_PATH "/lib64");
    nvb_strv_clear(&view.places);
}

/* The image's own value, and the caller's, are then left alone. */
TEST(libraries_of_a_view_can_do_without_the_variable)
{
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_view view = { .dir = (char[]){ "/store" }, .name = (char[]){ "1.2-3f-0" } };
    struct nvb_cdi_wishes wishes = { .view = &view, .has_no_library_path = true };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, &glx, &wishes, "base", &notes, &err);

    EXPECT(spec && spec->edits.n_mounts == 3);
    EXPECT(nvb_env_get(&spec->edits.env, "LD_LIBRARY_PATH") == NULL);
    EXPECT_STR(source_of(spec, "/usr/lib/glibc-hwcaps/x86-64-v2"), "/store/1.2-3f-0/lib64");
    EXPECT_STR(source_of(spec, "/usr/lib64/glibc-hwcaps/x86-64-v2"), "/store/1.2-3f-0/lib64");
}

/* Daemons' sockets are in no view: they come and go with the daemon. */
TEST(sockets_stay_where_they_are_beside_a_view)
{
    struct nvb_driver_file sock = {
        .kind = NVB_DRIVER_SOCKET,
        .capabilities = NVB_CAP_UTILITY,
        .host_path = (char[]){ "/run/nvidia-persistenced/socket" },
        .name = (char[]){ "socket" },
        .container_path = (char[]){ "/run/nvidia-persistenced/socket" },
    };
    struct nvb_gpu gpu = a_gpu();
    const struct nvb_mount *mount = NULL;
    struct nvb_cdi_view view = { .dir = (char[]){ "/store" }, .name = (char[]){ "1.2-3f-0" } };
    struct nvb_cdi_wishes wishes = { .view = &view };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, &sock, &wishes, "base", &notes, &err);

    EXPECT(spec && spec->edits.n_mounts == 2);
    mount = find_mount(spec, sock.container_path);
    EXPECT(mount && mount->is_writable);
}

/* After an update there may be no files at all: the kept view has them. */
TEST(a_ready_view_needs_no_files)
{
    struct nvb_gpu gpu = a_gpu();
    struct nvb_cdi_view view = { .dir = (char[]){ "/store" }, .name = (char[]){ "1.2-3f-0" } };
    struct nvb_cdi_wishes wishes = { .view = &view };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_cdi_spec) spec = generate(&gpu, NULL, &wishes, "base", &notes, &err);

    EXPECT(spec && notes.n == 0 && find_mount(spec, NVB_VIEW_PATH) != NULL);
    EXPECT_STR(nvb_env_get(&spec->edits.env, "LD_LIBRARY_PATH"), NVB_VIEW_PATH "/lib64");
}
