/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/gpu_choice.h"

#include <ctype.h>
#include <string.h>

#include "host/gpu.h"
#include "resolve/cdi_choice.h"
#include "resolve/driver_view.h"

static bool is_software(const struct nvb_gpu *gpu)
{
    return gpu->vendor == NVB_GPU_SOFTWARE;
}

/* Move a GPU from the found ones to the plan; once. */
static void take(struct nvb_plan *plan, struct nvb_gpu *gpu)
{
    if (!gpu->name)
        return; /* taken already */
    plan->gpus.items = nvb_xrealloc(plan->gpus.items, plan->gpus.n + 1, sizeof(*gpu));
    plan->gpus.items[plan->gpus.n++] = *gpu;
    plan->is_software = plan->is_software || is_software(gpu);
    *gpu = (struct nvb_gpu){ .index = gpu->index, .vendor = gpu->vendor };
}

static size_t count_hardware(const struct nvb_gpus *found)
{
    size_t n = 0;

    for (size_t i = 0; i < found->n; i++)
        n += !is_software(&found->items[i]);
    return n;
}

/* Asked for once or twice, it is looked for once: behind the hardware, when it is wanted. */
static bool take_software(struct nvb_plan *plan,
                          const struct nvb_host *host,
                          struct nvb_gpus *found,
                          struct nvb_err *err)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        if (is_software(&plan->gpus.items[i]))
            return true;
    }
    if (nvb_gpus_add_software(host, found)) {
        take(plan, &found->items[found->n - 1]);
        return true;
    }
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND,
             "software Vulkan (lavapipe) is not installed on this machine");
    return nvb_hint(err, "install mesa-vulkan-drivers (Debian, Ubuntu) or vulkan-swrast (Arch)");
}

static bool take_all(struct nvb_plan *plan,
                     const struct nvb_host *host,
                     struct nvb_gpus *found,
                     struct nvb_err *err)
{
    if (count_hardware(found) > 0) {
        for (size_t i = 0; i < found->n; i++) {
            if (!is_software(&found->items[i]))
                take(plan, &found->items[i]);
        }
        return true;
    }
    if (plan->gpus.n > 0 || take_software(plan, host, found, err)) {
        nvb_strv_add(&plan->warnings, "no GPU found: software Vulkan (lavapipe)");
        nvb_strv_add(&plan->reasons, "gpu: all of none, so software Vulkan (lavapipe)");
        return true;
    }
    return nvb_while(err, "no GPU was found either");
}

static bool matches(const struct nvb_gpu *gpu, const char *word)
{
    uint64_t index = 0;

    if (is_software(gpu))
        return false;
    if (nvb_parse_u64(word, UINT32_MAX, &index))
        return gpu->index == index;
    return (gpu->uuid && strcmp(gpu->uuid, word) == 0) ||
           (gpu->pci_address && strcmp(gpu->pci_address, word) == 0) ||
           strcmp(nvb_gpu_vendor_name(gpu->vendor), word) == 0;
}

/* Under another name, say: once by its index and once by its UUID. */
static bool is_taken(const struct nvb_plan *plan, const char *word)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        if (matches(&plan->gpus.items[i], word))
            return true;
    }
    return false;
}

static void list_known(const struct nvb_gpus *gpus, struct nvb_strv *out)
{
    for (size_t i = 0; i < gpus->n; i++) {
        const struct nvb_gpu *gpu = &gpus->items[i];

        if (gpu->name && !is_software(gpu))
            nvb_strv_addf(out, "%u (%s)", gpu->index, gpu->name);
    }
}

static bool fail_unknown(const struct nvb_plan *plan,
                         const struct nvb_gpus *found,
                         const char *word,
                         struct nvb_err *err)
{
    nvb_auto_strv known = { 0 };
    nvb_autofree char *list = NULL;

    list_known(&plan->gpus, &known);
    list_known(found, &known);
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "there is no GPU '%s' on this machine", word);
    list = nvb_strv_join(&known, ", ");
    return known.n ? nvb_hint(err, "choose one of: %s; or all, none, software", list)
                   : nvb_hint(err, "use --gpu software for Vulkan on the CPU, or --gpu none");
}

static bool take_word(struct nvb_plan *plan,
                      const struct nvb_host *host,
                      struct nvb_gpus *found,
                      const char *word,
                      struct nvb_err *err)
{
    bool is_found = is_taken(plan, word);

    if (strcmp(word, "none") == 0) {
        nvb_fail(err, NVB_D_RESOLVE, NVB_E_INVALID, "--gpu none excludes every other --gpu");
        return nvb_hint(err, "leave one of them out");
    }
    if (strcmp(word, "all") == 0)
        return take_all(plan, host, found, err);
    if (strcmp(word, "software") == 0)
        return take_software(plan, host, found, err);
    for (size_t i = 0; i < found->n; i++) {
        if (matches(&found->items[i], word)) {
            take(plan, &found->items[i]);
            is_found = true;
        }
    }
    return is_found || fail_unknown(plan, found, word, err);
}

/* The number that a specification of ours would give it, with or without its type, or the UUID. */
static bool has_cdi_name(const struct nvb_gpu *gpu, const char *name)
{
    nvb_autofree char *typed = nvb_xasprintf("gpu%u", gpu->vendor_index);

    return strcmp(name, typed) == 0 || strcmp(name, typed + strlen("gpu")) == 0 ||
           (gpu->uuid && strcmp(name, gpu->uuid) == 0);
}

static bool is_of_kind(const struct nvb_gpu *gpu, const char *name)
{
    const char *vendor = nvb_gpu_vendor_name(gpu->vendor);

    return nvb_has_prefix(name, vendor) && nvb_has_prefix(name + strlen(vendor), ".com/gpu=");
}

static void list_cdi_names(const struct nvb_gpus *gpus, const char *name, struct nvb_strv *out)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i].name && is_of_kind(&gpus->items[i], name)) {
            nvb_strv_addf(out, "%.*s=%u", (int)strcspn(name, "="), name,
                          gpus->items[i].vendor_index);
        }
    }
}

static bool fail_no_cdi(const struct nvb_plan *plan,
                        const struct nvb_gpus *found,
                        const char *name,
                        struct nvb_err *err)
{
    nvb_auto_strv known = { 0 };
    nvb_autofree char *list = NULL;

    list_cdi_names(&plan->gpus, name, &known);
    list_cdi_names(found, name, &known);
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND,
             "no specification has a device '%s', and nvbind finds no such GPU itself", name);
    list = nvb_strv_join(&known, ", ");
    return known.n
               ? nvb_hint(err, "choose one of: %s, %.*s=all", list, (int)strcspn(name, "="), name)
               : nvb_hint(err, "nvbind info tells which GPUs there are, nvbind cdi list which "
                               "devices");
}

/* A device name that no specification has, answered by what is found here. */
static bool
take_cdi(struct nvb_plan *plan, struct nvb_gpus *found, const char *name, struct nvb_err *err)
{
    const char *device = strchr(name, '=') + 1;
    bool is_all = strcmp(device, "all") == 0;
    bool is_found = false;

    for (size_t i = 0; i < plan->gpus.n; i++) {
        const struct nvb_gpu *gpu = &plan->gpus.items[i];

        is_found = is_found || (is_of_kind(gpu, name) && (is_all || has_cdi_name(gpu, device)));
    }
    for (size_t i = 0; i < found->n; i++) {
        struct nvb_gpu *gpu = &found->items[i];

        if (gpu->name && is_of_kind(gpu, name) && (is_all || has_cdi_name(gpu, device))) {
            take(plan, gpu);
            is_found = true;
        }
    }
    if (!is_found)
        return fail_no_cdi(plan, found, name, err);
    nvb_strv_addf(&plan->reasons, "device: %s is what nvbind finds, since no specification has it",
                  name);
    return true;
}

/* An image has Mesa's drivers of its own, under the machine's names for them or others: then its
 * own search is left alone. */
static bool is_in_container(const struct nvb_plan *plan, const char *path)
{
    nvb_autoclose int fd = -1;

    if (!plan->image || nvb_has_prefix(path, NVB_VIEW_PATH "/"))
        return true;
    fd = nvb_overlay_open(plan->image->files, path);
    return fd >= 0;
}

/* Only the chosen drivers' manifests, so that the loader has nothing else to choose. Loaders
 * before 1.3.207 know only the older name. */
void nvb_gpu_name_vulkan_drivers(struct nvb_plan *plan, const struct nvb_host *host)
{
    nvb_auto_strv icds = { 0 };
    nvb_autofree char *joined = NULL;

    nvb_gpus_find_vulkan(host, &plan->gpus);

    for (size_t i = 0; i < plan->gpus.n; i++) {
        const struct nvb_gpu *gpu = &plan->gpus.items[i];

        if (gpu->vulkan_icd && !nvb_strv_has(&icds, gpu->vulkan_icd) &&
            is_in_container(plan, gpu->vulkan_icd))
            nvb_strv_add(&icds, gpu->vulkan_icd);
    }
    if (icds.n == 0)
        return;
    joined = nvb_strv_join(&icds, ":");
    nvb_env_set(&plan->edits.env, "VK_DRIVER_FILES", joined);
    nvb_env_set(&plan->edits.env, "VK_ICD_FILENAMES", joined);
}

/* Card nodes set modes and grab screens; rendering needs only the render node. */
static bool is_for_programs(const char *node)
{
    return !nvb_has_prefix(node, "/dev/dri/card");
}

/* A GPU without a node of its own cannot be used: its driver is not loaded, or the node was taken
 * away. What all GPUs of a driver share (/dev/kfd, /dev/nvidiactl) has no number in its name. */
static bool has_own_node(const struct nvb_gpu *gpu)
{
    for (size_t k = 0; k < gpu->n_nodes; k++) {
        const char *node = gpu->nodes[k];

        if (strcmp(node, "/dev/dxg") == 0 ||
            (is_for_programs(node) && isdigit((unsigned char)node[strlen(node) - 1])))
            return true;
    }
    return false;
}

static void add_nodes(struct nvb_plan *plan, const struct nvb_gpu *gpu)
{
    for (size_t k = 0; k < gpu->n_nodes; k++) {
        if (is_for_programs(gpu->nodes[k]))
            nvb_edits_add_node(&plan->edits, gpu->nodes[k]);
    }
}

/* What cannot be used is left out of the plan: its Vulkan driver would be loaded for nothing, and
 * its part of the driver view would be mounted for nothing. */
static bool keep_usable(struct nvb_plan *plan, struct nvb_err *err)
{
    struct nvb_gpus all = plan->gpus;
    struct nvb_gpus left_out = { .items = nvb_xcalloc(all.n + 1, sizeof(*all.items)) };
    bool is_wanted = all.n > 0;

    plan->gpus.n = 0;
    for (size_t i = 0; i < all.n; i++) {
        struct nvb_gpu gpu = all.items[i];

        if (is_software(&gpu) || has_own_node(&gpu)) {
            add_nodes(plan, &gpu);
            plan->gpus.items[plan->gpus.n++] = gpu;
            continue;
        }
        nvb_strv_addf(&plan->warnings, "GPU %u (%s) has no device node, so it cannot be used",
                      gpu.index, gpu.name);
        left_out.items[left_out.n++] = gpu;
    }
    nvb_gpus_clear(&left_out);
    if (plan->gpus.n > 0 || !is_wanted)
        return true;
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "%s", plan->warnings.items[plan->warnings.n - 1]);
    return nvb_hint(err, "load its driver and look for it with: ls -l /dev/dri /dev/nvidia*; "
                         "nvbind doctor tells more");
}

static void add_edits(struct nvb_plan *plan)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        const struct nvb_gpu *gpu = &plan->gpus.items[i];

        nvb_strv_addf(&plan->reasons, "gpu: %s%s%s, driver %s", gpu->name,
                      gpu->pci_address ? " at " : "", gpu->pci_address ? gpu->pci_address : "",
                      gpu->driver ? gpu->driver : "unknown");
    }
    if (plan->is_software && plan->gpus.n == 1) {
        nvb_env_set(&plan->edits.env, "LIBGL_ALWAYS_SOFTWARE", "1");
        nvb_env_set(&plan->edits.env, "GALLIUM_DRIVER", "llvmpipe");
    }
}

static void pick_names(const struct nvb_strv *words, struct nvb_strv *out_names)
{
    for (size_t i = 0; i < words->n; i++) {
        if (nvb_cdi_is_name(words->items[i]))
            nvb_strv_add(out_names, words->items[i]);
    }
}

/* What is asked for: by words, else by an image that is trusted to, else by a profile. */
static void gather_words(const struct nvb_plan *plan, struct nvb_strv *out)
{
    const struct nvb_request *request = plan->request;
    const char *image_words = plan->image ? plan->image->gpus : NULL;
    nvb_autofree char *copy = image_words ? nvb_xstrdup(image_words) : NULL;
    char *next = NULL;

    for (size_t i = 0; i < request->n_gpus; i++)
        nvb_strv_add(out, request->gpus[i]);
    if (request->n_gpus == 0 && copy) {
        for (char *word = strtok_r(copy, ",", &next); word; word = strtok_r(NULL, ",", &next))
            nvb_strv_add(out, word);
    }
    if (out->n == 0 && plan->profile)
        nvb_strv_add(out, "all");
}

bool nvb_gpu_choose(struct nvb_plan *plan, const struct nvb_host *host, struct nvb_err *err)
{
    nvb_auto_strv words = { 0 };
    struct nvb_gpus found = { 0 };
    nvb_auto_strv names = { 0 };
    nvb_auto_strv own = { 0 };
    bool ok = true;

    gather_words(plan, &words);
    if (words.n == 0 || (words.n == 1 && strcmp(words.items[0], "none") == 0)) {
        nvb_strv_addf(&plan->reasons, "gpu: none, %s",
                      words.n ? "as asked" : "since nothing asks for one");
        return true;
    }
    pick_names(&words, &names);
    if (names.n > 0 && !nvb_cdi_choose(plan, host, &names, &own, err))
        return false;
    if (names.n == words.n && own.n == 0)
        return true; /* by specifications alone */
    if (!nvb_gpus_find_hardware(host, &found, err))
        return false;
    for (size_t i = 0; i < words.n && ok; i++) {
        if (!nvb_strv_has(&names, words.items[i])) {
            ok = take_word(plan, host, &found, words.items[i], err);
        } else if (nvb_strv_has(&own, words.items[i])) {
            ok = take_cdi(plan, &found, words.items[i], err);
        }
    }
    nvb_gpus_clear(&found);
    ok = ok && keep_usable(plan, err);
    if (ok)
        add_edits(plan);
    return ok;
}
