/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The words of driver files: NVIDIA_DRIVER_CAPABILITIES in, JSON out. */
#include <string.h>

#include "host/driver_files.h"

static const struct {
    const char *name;
    unsigned bits;
} words[] = {
    {"compute",   NVB_CAP_COMPUTE },
    { "utility",  NVB_CAP_UTILITY },
    { "video",    NVB_CAP_VIDEO   },
    { "graphics", NVB_CAP_GRAPHICS},
    { "display",  NVB_CAP_DISPLAY },
    { "ngx",      NVB_CAP_NGX     },
    { "compat32", NVB_CAP_COMPAT32},
    { "all",      NVB_CAP_ALL     },
};

static const char *const kind_names[] = {
    [NVB_DRIVER_LIBRARY] = "library",
    [NVB_DRIVER_VDPAU] = "vdpau",
    [NVB_DRIVER_GBM] = "gbm",
    [NVB_DRIVER_BINARY] = "binary",
    [NVB_DRIVER_VULKAN_ICD] = "vulkan-icd",
    [NVB_DRIVER_VULKAN_LAYER] = "vulkan-layer",
    [NVB_DRIVER_EGL_VENDOR] = "egl-vendor",
    [NVB_DRIVER_EGL_PLATFORM] = "egl-platform",
    [NVB_DRIVER_OPENCL_ICD] = "opencl-icd",
    [NVB_DRIVER_FIRMWARE] = "firmware",
    [NVB_DRIVER_XORG] = "xorg",
    [NVB_DRIVER_DATA] = "data",
    [NVB_DRIVER_WINE] = "wine",
    [NVB_DRIVER_SOCKET] = "socket",
    [NVB_DRIVER_CUDA_COMPAT] = "cuda-compat",
};

const char *nvb_driver_file_kind_name(enum nvb_driver_file_kind kind)
{
    return (size_t)kind < sizeof(kind_names) / sizeof(kind_names[0]) && kind_names[kind]
               ? kind_names[kind]
               : "unknown";
}

static unsigned bits_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i].name) == 0)
            return words[i].bits;
    }
    return 0;
}

bool nvb_driver_capabilities_parse(const char *text, unsigned *out, struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrdup(text ? text : "");
    char *rest = copy;
    unsigned bits = 0;

    while (rest) {
        const char *word = nvb_trim(strsep(&rest, ","));

        if (!*word)
            continue;
        if (bits_of_word(word) == 0) {
            nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%.60s' is not a driver capability", word);
            return nvb_hint(err, "use compute, utility, video, graphics, display, ngx, compat32 "
                                 "or all");
        }
        bits |= bits_of_word(word);
    }
    *out = bits ? bits : NVB_CAP_UTILITY | NVB_CAP_COMPUTE;
    return true;
}

bool nvb_driver_file_is_wanted(const struct nvb_driver_file *file, unsigned capabilities)
{
    if ((file->capabilities & NVB_CAP_COMPAT32) && !(capabilities & NVB_CAP_COMPAT32))
        return false;
    return (file->capabilities & capabilities & ~(unsigned)NVB_CAP_COMPAT32) != 0;
}

static struct nvb_json *capabilities_to_json(unsigned capabilities)
{
    struct nvb_json *json = nvb_json_new_array();

    for (size_t i = 0; words[i].bits != NVB_CAP_ALL; i++) {
        if (capabilities & words[i].bits)
            nvb_json_append(json, nvb_json_new_str(words[i].name));
    }
    return json;
}

static void set_if(struct nvb_json *json, const char *key, const char *text)
{
    if (text)
        nvb_json_set_str(json, key, text);
}

static struct nvb_json *file_to_json(const struct nvb_driver_file *file)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *links = nvb_json_new_array();

    for (size_t i = 0; i < file->n_links; i++)
        nvb_json_append(links, nvb_json_new_str(file->links[i]));
    nvb_json_set_str(json, "kind", nvb_driver_file_kind_name(file->kind));
    nvb_json_set_str(json, "name", file->name);
    nvb_json_set_str(json, "host_path", file->host_path);
    if (file->bits)
        nvb_json_set_u64(json, "bits", file->bits);
    set_if(json, "soname", file->soname);
    if (file->n_links)
        nvb_json_set(json, "links", nvb_steal(&links));
    set_if(json, "subdir", file->subdir);
    set_if(json, "container_path", file->container_path);
    set_if(json, "link_target", file->link_target);
    nvb_json_set(json, "capabilities", capabilities_to_json(file->capabilities));
    nvb_json_free(links);
    return json;
}

struct nvb_json *nvb_driver_files_to_json(const struct nvb_driver_files *files)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *items = nvb_json_new_array();

    for (size_t i = 0; i < files->n; i++)
        nvb_json_append(items, file_to_json(&files->items[i]));
    nvb_json_set_str(json, "version", files->version);
    nvb_json_set(json, "files", items);
    nvb_json_set(json, "notes", nvb_json_new_strv(&files->notes));
    return json;
}
