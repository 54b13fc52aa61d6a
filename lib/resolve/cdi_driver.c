/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_driver.h"

#include <string.h>

#include "resolve/cdi_view.h"

#define IMAGES_GBM "/usr/lib/x86_64-linux-gnu/gbm:/usr/lib64/gbm:/usr/lib/gbm"

enum {
    MANIFEST_SIZE_MAX = 64 << 10,
};

void nvb_cdi_add_file(struct nvb_cdi_spec *spec,
                      const struct nvb_driver_file *file,
                      const char *container_path)
{
    struct nvb_mount *mount = nvb_edits_add_bind(&spec->edits, file->host_path, container_path);

    mount->is_recursive = true; /* "rbind", as every engine has been given until now */
    mount->is_writable = file->kind == NVB_DRIVER_SOCKET;
    mount->is_noexec = file->kind == NVB_DRIVER_SOCKET;
}

/* A specification without hooks cannot make links, so a file is mounted once under every name
 * that a program may ask for. */
void nvb_cdi_add_names(struct nvb_cdi_spec *spec,
                       const struct nvb_driver_file *file,
                       const char *dir)
{
    nvb_autofree char *own = nvb_xasprintf("%s/%s", dir, file->name);

    nvb_cdi_add_file(spec, file, own);
    for (size_t i = 0; i < file->n_links; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file->links[i]);

        nvb_cdi_add_file(spec, file, path);
    }
}

static void add_file(struct nvb_cdi_spec *spec, const struct nvb_driver_file *file)
{
    nvb_autofree char *dir =
        file->subdir
            ? nvb_xasprintf("%s/lib%u%s%s", NVB_VIEW_PATH, file->bits, *file->subdir ? "/" : "",
                            file->subdir)
            : nvb_xstrndup(file->container_path,
                           (size_t)(strrchr(file->container_path, '/') - file->container_path));

    nvb_cdi_add_names(spec, file, dir);
}

/* The library that goes by this name, its own or a link's; 64 bits first. */
static const struct nvb_driver_file *find_library(const struct nvb_driver_files *files,
                                                  const char *name)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *file = &files->items[i];

        if (!file->subdir || !file->host_path)
            continue;
        if (strcmp(file->name, name) == 0)
            return file;
        for (size_t k = 0; k < file->n_links; k++) {
            if (strcmp(file->links[k], name) == 0)
                return file;
        }
    }
    return NULL;
}

/* What a manifest calls its library; NULL when it says nothing that can be read. */
static char *dup_library_path(const struct nvb_host *host, const struct nvb_driver_file *manifest)
{
    nvb_autofree char *text = nvb_host_dup_text(host, manifest->host_path, MANIFEST_SIZE_MAX);
    bool is_layer = manifest->kind == NVB_DRIVER_VULKAN_LAYER;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 };
    const char *path = NULL;

    if (text && manifest->kind == NVB_DRIVER_OPENCL_ICD)
        return nvb_xstrndup(text, strcspn(text, " \t\r\n"));
    if (!text || !nvb_json_parse(text, strlen(text), manifest->name, &json, &ignored))
        return NULL;
    path = nvb_json_get_str(nvb_json_get(json, is_layer ? "layer" : "ICD"), "library_path");
    return path ? nvb_xstrdup(path) : NULL;
}

static bool is_manifest(const struct nvb_driver_file *file)
{
    return file->kind == NVB_DRIVER_VULKAN_ICD || file->kind == NVB_DRIVER_VULKAN_LAYER ||
           file->kind == NVB_DRIVER_EGL_VENDOR || file->kind == NVB_DRIVER_EGL_PLATFORM ||
           file->kind == NVB_DRIVER_OPENCL_ICD;
}

/* Fedora's and NixOS's manifests name the library by the host's path, which no container has:
 * there it must lie at that path, too. */
static void add_library_of_manifest(struct nvb_cdi_spec *spec,
                                    const struct nvb_driver_files *files,
                                    const struct nvb_cdi_wishes *wishes,
                                    const struct nvb_driver_file *manifest)
{
    nvb_autofree char *path =
        is_manifest(manifest) && wishes->host ? dup_library_path(wishes->host, manifest) : NULL;
    const struct nvb_driver_file *library =
        path && *path == '/' ? find_library(files, strrchr(path, '/') + 1) : NULL;

    if (library && nvb_driver_file_is_wanted(library, wishes->capabilities))
        nvb_cdi_add_file(spec, library, path);
}

static bool is_wanted(const struct nvb_driver_file *file, const struct nvb_cdi_wishes *wishes)
{
    /* Compat libraries are for who asks: before the driver's own they can break a GeForce. */
    return nvb_driver_file_is_wanted(file, wishes->capabilities) &&
           file->kind != NVB_DRIVER_CUDA_COMPAT && file->host_path;
}

static void add_files(struct nvb_cdi_spec *spec,
                      const struct nvb_driver_files *files,
                      const struct nvb_cdi_wishes *wishes)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *file = &files->items[i];

        if (!is_wanted(file, wishes))
            continue;
        add_file(spec, file);
        add_library_of_manifest(spec, files, wishes, file);
    }
}

/* Where glibc's loader looks before it gives up, whatever the image's ld.so.cache and variables say:
 * below its own directories (Fedora's /usr/lib64, everyone else's /usr/lib), in that of a CPU of
 * 2009 or later. From glibc 2.33 on, and for 64 bits of x86 only. No image has anything there that
 * it does not have beside, too. */
static void add_view_to_loader(struct nvb_cdi_spec *spec, const char *view)
{
    static const char *const dirs[] = { "/usr/lib", "/usr/lib64" };
    nvb_autofree char *libraries = nvb_xasprintf("%s/lib64", view);

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        nvb_autofree char *place = nvb_xasprintf("%s/glibc-hwcaps/x86-64-v2", dirs[i]);

        nvb_edits_add_bind(&spec->edits, libraries, place)->is_recursive = true;
    }
}

/* The view, parts of it where they are looked for, and what is no file of the driver's. */
static void add_view(struct nvb_cdi_spec *spec,
                     const struct nvb_driver_files *files,
                     const struct nvb_cdi_wishes *wishes)
{
    nvb_autofree char *path = nvb_cdi_view_dup_path(wishes->view);

    nvb_edits_add_bind(&spec->edits, path, NVB_VIEW_PATH)->is_recursive = true;
    if (wishes->has_no_library_path)
        add_view_to_loader(spec, path);
    for (size_t i = 0; i < wishes->view->places.n; i++) {
        const char *place = wishes->view->places.items[i];
        size_t len = strcspn(place, " ");
        nvb_autofree char *part = nvb_xasprintf("%s/%.*s", path, (int)len, place);

        nvb_edits_add_bind(&spec->edits, part, place + len + 1)->is_recursive = true;
    }
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].kind == NVB_DRIVER_SOCKET && is_wanted(&files->items[i], wishes))
            add_file(spec, &files->items[i]);
    }
}

/* Where programs find what lies in the view. */
static void add_search_paths(struct nvb_cdi_spec *spec, const struct nvb_cdi_wishes *wishes)
{
    bool is_both = wishes->capabilities & NVB_CAP_COMPAT32;

    if (!wishes->has_no_library_path) {
        nvb_env_set(&spec->edits.env, "LD_LIBRARY_PATH",
                    is_both ? NVB_VIEW_PATH "/lib64:" NVB_VIEW_PATH "/lib32"
                            : NVB_VIEW_PATH "/lib64");
    }
    /* The variable takes the place of the image's own directory, where Mesa has its backend. */
    if (wishes->capabilities & (NVB_CAP_GRAPHICS | NVB_CAP_DISPLAY)) {
        nvb_env_set(&spec->edits.env, "GBM_BACKENDS_PATH",
                    is_both ? NVB_VIEW_PATH "/lib64/gbm:" NVB_VIEW_PATH "/lib32/gbm:" IMAGES_GBM
                            : NVB_VIEW_PATH "/lib64/gbm:" IMAGES_GBM);
    }
    if (wishes->capabilities & NVB_CAP_VIDEO)
        nvb_env_set(&spec->edits.env, "VDPAU_DRIVER_PATH", NVB_VIEW_PATH "/lib64/vdpau");
}

/* A legacy NVIDIA runtime further down must not inject a second time. */
void nvb_cdi_add_void(struct nvb_cdi_spec *spec)
{
    nvb_env_set(&spec->edits.env, "NVIDIA_VISIBLE_DEVICES", "void");
}

void nvb_cdi_add_driver(struct nvb_cdi_spec *spec,
                        const struct nvb_driver_files *files,
                        const struct nvb_cdi_wishes *wishes,
                        struct nvb_strv *out_notes)
{
    bool has_view = wishes->view && wishes->view->name;

    if (has_view) {
        add_view(spec, files, wishes);
    } else {
        add_files(spec, files, wishes);
    }
    if (has_view || files->version) {
        add_search_paths(spec, wishes);
    } else {
        nvb_strv_add(out_notes,
                     "no user space of the driver was found: only device nodes are described");
    }
    nvb_cdi_add_void(spec);
}
