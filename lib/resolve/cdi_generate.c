/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_generate.h"

#include <string.h>

#include "resolve/cdi_driver.h"

static const struct {
    const char *name;
    unsigned capabilities;
    bool has_cards;
    const char *const *env; /* "NAME", "value", ..., NULL */
} profiles[] = {
    {"base",    NVB_CAP_ALL & ~NVB_CAP_COMPAT32,   true,  (const char *const[]){ NULL }                               },
    { "gaming",
     NVB_CAP_GRAPHICS | NVB_CAP_DISPLAY | NVB_CAP_VIDEO | NVB_CAP_UTILITY | NVB_CAP_COMPUTE |
          NVB_CAP_NGX | NVB_CAP_COMPAT32,
     false,                                               (const char *const[]){ "__GL_SHADER_DISK_CACHE", "1", NULL }},
    { "aiml",   NVB_CAP_COMPUTE | NVB_CAP_UTILITY, false, (const char *const[]){ NULL }                               },
};

bool nvb_cdi_wishes_set_profile(struct nvb_cdi_wishes *wishes,
                                const char *profile,
                                struct nvb_strv *env,
                                struct nvb_err *err)
{
    const char *names[sizeof(profiles) / sizeof(profiles[0]) + 1] = { 0 };
    const char *near = NULL;

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        names[i] = profiles[i].name;
        if (strcmp(profiles[i].name, profile) != 0)
            continue;
        wishes->capabilities = profiles[i].capabilities;
        wishes->has_cards = profiles[i].has_cards;
        for (const char *const *e = profiles[i].env; *e; e += 2)
            nvb_env_set(env, e[0], e[1]);
        return true;
    }
    near = nvb_nearest(profile, names);
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no CDI profile '%s'", profile);
    return near ? nvb_hint(err, "did you mean '%s'? it is one of: base, gaming, aiml", near)
                : nvb_hint(err, "use one of: base, gaming, aiml");
}

const char *nvb_cdi_kind_of(enum nvb_gpu_vendor vendor)
{
    switch (vendor) {
    case NVB_GPU_NVIDIA:
        return "nvidia.com/gpu";
    case NVB_GPU_AMD:
        return "amd.com/gpu";
    case NVB_GPU_INTEL:
        return "intel.com/gpu";
    case NVB_GPU_OTHER:
    case NVB_GPU_SOFTWARE:
        break;
    }
    return NULL;
}

static bool is_control_node(const char *path)
{
    return strcmp(path, "/dev/nvidiactl") == 0 || strcmp(path, "/dev/nvidia-modeset") == 0 ||
           nvb_has_prefix(path, "/dev/nvidia-uvm") || strcmp(path, "/dev/kfd") == 0;
}

/* Which of a GPU's nodes do these wishes need? */
static bool
wants_node(const struct nvb_cdi_wishes *wishes, enum nvb_gpu_vendor vendor, const char *path)
{
    bool draws = vendor != NVB_GPU_NVIDIA ||
                 wishes->capabilities & (NVB_CAP_GRAPHICS | NVB_CAP_DISPLAY | NVB_CAP_VIDEO);

    if (nvb_has_prefix(path, "/dev/dri/card"))
        return draws && wishes->has_cards;
    if (nvb_has_prefix(path, "/dev/dri/"))
        return draws;
    if (strcmp(path, "/dev/nvidia-modeset") == 0)
        return draws;
    if (nvb_has_prefix(path, "/dev/nvidia-uvm") || strcmp(path, "/dev/kfd") == 0)
        return wishes->capabilities & NVB_CAP_COMPUTE;
    return true;
}

static void add_device(struct nvb_cdi_spec *spec,
                       const struct nvb_cdi_wishes *wishes,
                       const struct nvb_gpu *gpu,
                       const struct nvb_mig *mig,
                       const char *name)
{
    struct nvb_cdi_device *device = nvb_cdi_spec_add_device(spec, name);

    for (size_t i = 0; i < gpu->n_nodes; i++) {
        const char *path = gpu->nodes[i];
        /* A MIG device opens the GPU's DRM nodes only when its profile has graphics. */
        bool is_closed = mig && !mig->has_graphics && nvb_has_prefix(path, "/dev/dri/");

        if (!is_control_node(path) && !is_closed && wants_node(wishes, gpu->vendor, path))
            nvb_edits_add_node(&device->edits, path);
    }
    if (mig && mig->gi_node)
        nvb_edits_add_node(&device->edits, mig->gi_node);
    if (mig && mig->ci_node)
        nvb_edits_add_node(&device->edits, mig->ci_node);
}

static void add_names(struct nvb_cdi_spec *spec,
                      const struct nvb_cdi_wishes *wishes,
                      const struct nvb_gpu *gpu,
                      const struct nvb_mig *mig)
{
    unsigned naming = wishes->naming ? wishes->naming : NVB_CDI_NAME_INDEX | NVB_CDI_NAME_UUID;
    nvb_autofree char *index = mig ? nvb_xasprintf("%u:%u", gpu->vendor_index, mig->index)
                                   : nvb_xasprintf("%u", gpu->vendor_index);
    const char *uuid = mig ? mig->uuid : gpu->uuid;

    if (naming & NVB_CDI_NAME_INDEX)
        add_device(spec, wishes, gpu, mig, index);
    if (naming & NVB_CDI_NAME_UUID && uuid)
        add_device(spec, wishes, gpu, mig, uuid);
    if (naming & NVB_CDI_NAME_TYPE_INDEX) {
        nvb_autofree char *typed = nvb_xasprintf("%s%s", mig ? "mig" : "gpu", index);

        add_device(spec, wishes, gpu, mig, typed);
    }
}

/* Every container of any of the GPUs. */
static void add_common_nodes(struct nvb_cdi_spec *spec,
                             const struct nvb_cdi_wishes *wishes,
                             const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (is_control_node(gpu->nodes[i]) && wants_node(wishes, gpu->vendor, gpu->nodes[i]))
            nvb_edits_add_node(&spec->edits, gpu->nodes[i]);
    }
}

static bool has_node(const struct nvb_gpu *gpu, const char *path)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (strcmp(gpu->nodes[i], path) == 0)
            return true;
    }
    return false;
}

/* The node without which NVIDIA's own driver opens nothing of this GPU; NULL when all is there. */
static char *dup_missing_node(const struct nvb_gpu *gpu)
{
    nvb_autofree char *own = nvb_xasprintf("/dev/nvidia%u", gpu->minor);

    if (!gpu->driver || strcmp(gpu->driver, "nvidia") != 0)
        return NULL;
    if (gpu->has_minor && !has_node(gpu, own))
        return nvb_steal(&own);
    return has_node(gpu, "/dev/nvidiactl") ? NULL : nvb_xstrdup("/dev/nvidiactl");
}

/* nouveau has nothing for who only computes, for instance. */
static bool has_wanted_node(const struct nvb_cdi_wishes *wishes, const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (!is_control_node(gpu->nodes[i]) && wants_node(wishes, gpu->vendor, gpu->nodes[i]))
            return true;
    }
    return false;
}

static bool is_usable(const struct nvb_cdi_wishes *wishes,
                      const struct nvb_gpu *gpu,
                      struct nvb_strv *out_notes)
{
    nvb_autofree char *missing = dup_missing_node(gpu);

    if (gpu->is_lost) {
        nvb_strv_addf(out_notes, "GPU %u (%s) fell off the bus and is left out", gpu->index,
                      gpu->name);
        return false;
    }
    if (gpu->n_nodes == 0) {
        nvb_strv_addf(out_notes, "GPU %u (%s) has no device node and is left out", gpu->index,
                      gpu->name);
        return false;
    }
    if (missing) {
        nvb_strv_addf(out_notes, "GPU %u (%s) has no node %s and is left out", gpu->index,
                      gpu->name, missing);
        return false;
    }
    if (!has_wanted_node(wishes, gpu)) {
        nvb_strv_addf(out_notes, "GPU %u (%s) has no node of the kind wanted and is left out",
                      gpu->index, gpu->name);
        return false;
    }
    if (gpu->is_mig_enabled && gpu->n_migs == 0) {
        nvb_strv_addf(out_notes, "GPU %u (%s) is in MIG mode without an instance and is left out",
                      gpu->index, gpu->name);
        return false;
    }
    return true;
}

/* A specification without it looks whole, and then cuInit() fails in every container. */
static void note_missing_uvm(const struct nvb_cdi_wishes *wishes,
                             const struct nvb_gpu *gpu,
                             struct nvb_strv *out_notes)
{
    static const char note[] = "there is no /dev/nvidia-uvm, so CUDA will not work: run "
                               "'nvidia-modprobe -u -c 0', then generate again";
    bool is_nvidia = gpu->driver && strcmp(gpu->driver, "nvidia") == 0;

    if (is_nvidia && wishes->capabilities & NVB_CAP_COMPUTE && !has_node(gpu, "/dev/nvidia-uvm") &&
        !nvb_strv_has(out_notes, note))
        nvb_strv_add(out_notes, note);
}

static void
add_gpu(struct nvb_cdi_spec *spec, const struct nvb_cdi_wishes *wishes, const struct nvb_gpu *gpu)
{
    add_common_nodes(spec, wishes, gpu);
    if (!gpu->is_mig_enabled)
        add_names(spec, wishes, gpu, NULL);
    for (size_t i = 0; i < gpu->n_migs; i++)
        add_names(spec, wishes, gpu, &gpu->migs[i]);
}

/* A laptop's second GPU is the one that people mean: NVIDIA's before AMD's before Intel's. */
static enum nvb_gpu_vendor best_vendor(const struct nvb_gpus *gpus)
{
    static const enum nvb_gpu_vendor order[] = { NVB_GPU_NVIDIA, NVB_GPU_AMD, NVB_GPU_INTEL };

    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
        for (size_t i = 0; i < gpus->n; i++) {
            if (gpus->items[i].vendor == order[k])
                return order[k];
        }
    }
    return NVB_GPU_OTHER;
}

static bool fail_none(enum nvb_gpu_vendor vendor, const struct nvb_strv *notes, struct nvb_err *err)
{
    if (notes->n > 0) {
        nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "no GPU can be described: %s",
                 notes->items[0]);
    } else {
        nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "there is no %s GPU to describe",
                 vendor == NVB_GPU_OTHER ? "NVIDIA, AMD or Intel" : nvb_gpu_vendor_name(vendor));
    }
    return nvb_hint(err, "nvbind doctor tells what is in the way");
}

bool nvb_cdi_generate(const struct nvb_gpus *gpus,
                      const struct nvb_driver_files *files,
                      const struct nvb_cdi_wishes *wishes,
                      struct nvb_cdi_spec **out_spec,
                      struct nvb_strv *out_notes,
                      struct nvb_err *err)
{
    enum nvb_gpu_vendor vendor = wishes->vendor ? wishes->vendor : best_vendor(gpus);
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));

    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i].vendor != vendor || !is_usable(wishes, &gpus->items[i], out_notes))
            continue;
        note_missing_uvm(wishes, &gpus->items[i], out_notes);
        add_gpu(spec, wishes, &gpus->items[i]);
    }
    if (!nvb_cdi_kind_of(vendor) || spec->n_devices == 0)
        return fail_none(vendor, out_notes, err);
    spec->kind = nvb_xstrdup(nvb_cdi_kind_of(vendor));
    if (vendor == NVB_GPU_NVIDIA)
        nvb_cdi_add_driver(spec, files, wishes, out_notes);
    if (wishes->env)
        nvb_strv_copy(&spec->edits.env, wishes->env);
    nvb_cdi_spec_normalise(spec, wishes->has_all);
    *out_spec = nvb_steal(&spec);
    return true;
}
