/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_recipe.h"

#include <string.h>

#include "host/driver_files.h"
#include "host/gpu.h"
#include "host/nvml.h"
#include "host/wsl.h"
#include "resolve/cdi_generate.h"

static char *dup_or_null(const char *s)
{
    return s ? nvb_xstrdup(s) : NULL;
}

void nvb_cdi_recipe_clear(struct nvb_cdi_recipe *recipe)
{
    free(recipe->profile);
    free(recipe->vendor);
    free(recipe->capabilities);
    free(recipe->version);
    nvb_strv_clear(&recipe->strategies);
    *recipe = (struct nvb_cdi_recipe){ 0 };
}

void nvb_cdi_stamp_clear(struct nvb_cdi_stamp *stamp)
{
    free(stamp->driver_version);
    free(stamp->boot_id);
    free(stamp->majors);
    free(stamp->mig);
    free(stamp->nvml_silence);
    *stamp = (struct nvb_cdi_stamp){ 0 };
}

static enum nvb_gpu_vendor vendor_of(const char *word)
{
    static const enum nvb_gpu_vendor vendors[] = { NVB_GPU_NVIDIA, NVB_GPU_AMD, NVB_GPU_INTEL };

    for (size_t i = 0; word && i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (strcmp(nvb_gpu_vendor_name(vendors[i]), word) == 0)
            return vendors[i];
    }
    return (enum nvb_gpu_vendor)0;
}

static unsigned naming_of(const struct nvb_strv *strategies)
{
    unsigned naming = 0;

    naming |= nvb_strv_has(strategies, "index") ? NVB_CDI_NAME_INDEX : 0;
    naming |= nvb_strv_has(strategies, "uuid") ? NVB_CDI_NAME_UUID : 0;
    naming |= nvb_strv_has(strategies, "type-index") ? NVB_CDI_NAME_TYPE_INDEX : 0;
    return naming;
}

static bool has_nvidia_driver(const struct nvb_gpus *gpus)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (strcmp(gpus->items[i].driver, "nvidia") == 0)
            return true;
    }
    return false;
}

/* NVML alone knows the UUIDs of MIG devices, which have graphics, and which GPU is lost. */
static void ask_nvml(const struct nvb_host *host,
                     struct nvb_gpus *gpus,
                     char **out_silence,
                     struct nvb_strv *notes)
{
    nvb_autoptr(nvb_nvml) nvml = NULL;
    nvb_auto_nvml_facts facts = { 0 };
    nvb_auto_err err = { 0 };

    if (!has_nvidia_driver(gpus) || !nvb_nvml_is_allowed(host))
        return;
    if (nvb_nvml_open(host, &nvml, &err) && nvb_nvml_read(nvml, &facts, &err)) {
        nvb_gpus_add_nvml(gpus, &facts);
    } else {
        nvb_strv_addf(notes, "%s; UUIDs of MIG devices and lost GPUs are unknown", err.lines[0]);
        if (err.kind != NVB_E_NOT_FOUND) /* without the library there is no later answer */
            *out_silence = nvb_xstrdup(err.lines[0]);
    }
}

/* "nvidia 195, nvidia-uvm 511" from the lines "511 nvidia-uvm" of /proc/devices. */
static char *dup_majors(const struct nvb_host *host)
{
    nvb_autofree char *text = nvb_host_dup_text(host, "/proc/devices", NVB_HOST_FILE_MAX);
    nvb_auto_strv found = { 0 };
    char *next = NULL;

    for (char *line = text ? strtok_r(text, "\n", &next) : NULL; line;
         line = strtok_r(NULL, "\n", &next)) {
        char *number = nvb_trim(line);
        char *name = strchr(number, ' ');

        if (!name || strncmp(name + 1, "nvidia", strlen("nvidia")) != 0)
            continue;
        *name++ = '\0';
        nvb_strv_addf(&found, "%s %s", name, number);
    }
    return found.n ? nvb_strv_join(&found, ", ") : NULL;
}

static char *dup_mig(const struct nvb_gpus *gpus)
{
    nvb_auto_strv all = { 0 };

    for (size_t i = 0; i < gpus->n; i++) {
        const struct nvb_gpu *gpu = &gpus->items[i];
        nvb_auto_strv instances = { 0 };
        nvb_autofree char *joined = NULL;

        if (!gpu->is_mig_enabled)
            continue;
        for (size_t k = 0; k < gpu->n_migs; k++)
            nvb_strv_addf(&instances, "gi%u/ci%u", gpu->migs[k].gi_id, gpu->migs[k].ci_id);
        joined = nvb_strv_join(&instances, ", ");
        nvb_strv_addf(&all, "GPU %u: %s", gpu->vendor_index, instances.n ? joined : "no instance");
    }
    return all.n ? nvb_strv_join(&all, "; ") : NULL;
}

static void
take_stamp(const struct nvb_host *host, const struct nvb_gpus *gpus, struct nvb_cdi_stamp *out)
{
    *out = (struct nvb_cdi_stamp){
        .nvml_silence = out->nvml_silence,
        .boot_id = nvb_host_dup_line(host, "/proc/sys/kernel/random/boot_id"),
        .majors = dup_majors(host),
        .mig = dup_mig(gpus),
    };
    for (size_t i = 0; i < gpus->n && !out->driver_version; i++) {
        if (gpus->items[i].vendor == NVB_GPU_NVIDIA)
            out->driver_version = dup_or_null(gpus->items[i].driver_version);
    }
}

static bool set_version(struct nvb_cdi_spec *spec, const char *wanted, struct nvb_err *err)
{
    const char *why = NULL;
    const char *lowest = nvb_cdi_spec_explain_version(spec, &why);

    if (!wanted)
        return true;
    if (nvb_cdi_version_rank(wanted) < 0) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no CDI version '%s'", wanted);
        return nvb_hint(err, "use one from 0.3.0 to 1.1.0");
    }
    if (nvb_cdi_version_rank(wanted) < nvb_cdi_version_rank(lowest)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                 "CDI version %s is too low for this specification: %s needs %s", wanted, why,
                 lowest);
        return nvb_hint(err, "leave --cdi-version out for the lowest that fits");
    }
    free(spec->version);
    spec->version = nvb_xstrdup(wanted);
    return true;
}

void nvb_cdi_made_clear(struct nvb_cdi_made *made)
{
    nvb_cdi_spec_free(made->spec);
    nvb_cdi_stamp_clear(&made->stamp);
    nvb_cdi_view_clear(&made->view);
    nvb_strv_clear(&made->notes);
    *made = (struct nvb_cdi_made){ 0 };
}

/* Without the variable libraries are found by a place of the view's, which files alone have not. */
static bool check_library_path(const struct nvb_cdi_recipe *recipe,
                               const struct nvb_cdi_wishes *wishes,
                               struct nvb_cdi_made *out,
                               struct nvb_err *err)
{
#if defined(__x86_64__)
    bool is_possible = out->view.name != NULL;
#else
    bool is_possible = false;
#endif

    if (!recipe->has_no_library_path)
        return true;
    if (!is_possible) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                 "only where NVIDIA's driver is mounted as a view, and on x86-64, can "
                 "LD_LIBRARY_PATH be left alone");
        return nvb_hint(err, "write it into a file on this machine (--output), without --no-view");
    }
    if (wishes->capabilities & NVB_CAP_COMPAT32) {
        nvb_strv_add(&out->notes,
                     "without LD_LIBRARY_PATH programs of 32 bits will not find the driver");
    }
    return true;
}

/* What to describe, and that described. On WSL2 the GPUs are Windows'. */
static bool describe(const struct nvb_cdi_recipe *recipe,
                     struct nvb_cdi_wishes *wishes,
                     struct nvb_gpus *out_gpus,
                     struct nvb_cdi_made *out,
                     struct nvb_err *err)
{
    const struct nvb_host *host = wishes->host;
    nvb_auto_wsl wsl = { 0 };
    nvb_auto_driver_files files = { 0 };
    bool is_nvidia = !wishes->vendor || wishes->vendor == NVB_GPU_NVIDIA;

    if (!nvb_wsl_find(host, &wsl, err))
        return false;
    if (wsl.is_wsl && is_nvidia)
        return nvb_cdi_generate_wsl(&wsl, wishes, &out->spec, err);
    if (!nvb_gpus_find_hardware(host, out_gpus, err))
        return false;
    if (is_nvidia && !recipe->has_no_nvml)
        ask_nvml(host, out_gpus, &out->stamp.nvml_silence, &out->notes);
    if (is_nvidia && !nvb_driver_files_find(host, &files, err))
        return false;
    if (is_nvidia && recipe->has_view &&
        !nvb_cdi_view_choose(host, out_gpus, &files, wishes->capabilities, &out->view, err))
        return false;
    if (!check_library_path(recipe, wishes, out, err))
        return false;
    wishes->view = &out->view;
    return nvb_cdi_generate(out_gpus, &files, wishes, &out->spec, &out->notes, err);
}

bool nvb_cdi_recipe_follow(const struct nvb_cdi_recipe *recipe,
                           const struct nvb_host *host,
                           struct nvb_cdi_made *out,
                           struct nvb_err *err)
{
    nvb_auto_strv env = { 0 };
    struct nvb_gpus gpus = { 0 };
    struct nvb_cdi_wishes wishes = {
        .vendor = vendor_of(recipe->vendor),
        .naming = naming_of(&recipe->strategies),
        .has_all = !recipe->has_no_all,
        .has_no_library_path = recipe->has_no_library_path,
        .env = &env,
        .host = host,
    };
    bool ok = nvb_cdi_wishes_set_profile(&wishes, recipe->profile ? recipe->profile : "base", &env,
                                         err) &&
              (!recipe->capabilities ||
               nvb_driver_capabilities_parse(recipe->capabilities, &wishes.capabilities, err)) &&
              describe(recipe, &wishes, &gpus, out, err) &&
              set_version(out->spec, recipe->version, err);

    if (ok)
        take_stamp(host, &gpus, &out->stamp);
    nvb_gpus_clear(&gpus);
    return ok;
}

char *nvb_cdi_recipe_dup_text(const struct nvb_cdi_recipe *recipe, const struct nvb_cdi_spec *spec)
{
    nvb_autofree char *json = NULL;

    if (recipe->is_yaml)
        return nvb_cdi_spec_dup_yaml(spec);
    json = nvb_cdi_spec_dup_json(spec);
    return nvb_xasprintf("%s\n", json);
}

char *nvb_cdi_recipe_to_json_text(const struct nvb_cdi_recipe *recipe,
                                  const struct nvb_cdi_stamp *stamp)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *asked = nvb_json_new_object();
    struct nvb_json *made_on = nvb_json_new_object();

    nvb_json_set_str(asked, "profile", recipe->profile);
    nvb_json_set_str(asked, "vendor", recipe->vendor);
    nvb_json_set_str(asked, "capabilities", recipe->capabilities);
    nvb_json_set_str(asked, "cdi_version", recipe->version);
    nvb_json_set(asked, "strategies", nvb_json_new_strv(&recipe->strategies));
    nvb_json_set_str(asked, "all_device", recipe->has_no_all ? "no" : "yes");
    nvb_json_set_str(asked, "nvml", recipe->has_no_nvml ? "no" : "yes");
    nvb_json_set_str(asked, "view", recipe->has_view ? "yes" : "no");
    nvb_json_set_str(asked, "library_path", recipe->has_no_library_path ? "no" : "yes");
    nvb_json_set_str(asked, "format", recipe->is_yaml ? "yaml" : "json");
    nvb_json_set_str(made_on, "driver_version", stamp->driver_version);
    nvb_json_set_str(made_on, "boot_id", stamp->boot_id);
    nvb_json_set_str(made_on, "majors", stamp->majors);
    nvb_json_set_str(made_on, "mig", stamp->mig);
    nvb_json_set_str(json, "made_by", "nvbind " NVB_VERSION);
    nvb_json_set(json, "asked", asked);
    nvb_json_set(json, "made_on", made_on);
    return nvb_json_dup_text(json, true);
}

static bool is_word(const struct nvb_json *object, const char *key, const char *wanted)
{
    const char *word = nvb_json_get_str(object, key);

    return word && strcmp(word, wanted) == 0;
}

bool nvb_cdi_recipe_parse(const char *text,
                          size_t len,
                          const char *name,
                          struct nvb_cdi_recipe *out_recipe,
                          struct nvb_cdi_stamp *out_stamp,
                          struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;
    const struct nvb_json *asked = NULL;
    const struct nvb_json *made_on = NULL;
    const struct nvb_json *strategies = NULL;

    if (!nvb_json_parse(text, len, name, &json, err))
        return false;
    asked = nvb_json_get(json, "asked");
    made_on = nvb_json_get(json, "made_on");
    if (!asked || !made_on)
        return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "%s: this is no file of nvbind's", name);
    *out_recipe = (struct nvb_cdi_recipe){
        .profile = dup_or_null(nvb_json_get_str(asked, "profile")),
        .vendor = dup_or_null(nvb_json_get_str(asked, "vendor")),
        .capabilities = dup_or_null(nvb_json_get_str(asked, "capabilities")),
        .version = dup_or_null(nvb_json_get_str(asked, "cdi_version")),
    };
    out_recipe->has_no_all = is_word(asked, "all_device", "no");
    out_recipe->has_no_nvml = is_word(asked, "nvml", "no");
    out_recipe->has_view = is_word(asked, "view", "yes");
    out_recipe->has_no_library_path = is_word(asked, "library_path", "no");
    out_recipe->is_yaml = is_word(asked, "format", "yaml");
    strategies = nvb_json_get(asked, "strategies");
    for (size_t i = 0; i < nvb_json_length(strategies); i++) {
        const char *word = nvb_json_str(nvb_json_at(strategies, i));

        if (word)
            nvb_strv_add(&out_recipe->strategies, word);
    }
    *out_stamp = (struct nvb_cdi_stamp){
        .driver_version = dup_or_null(nvb_json_get_str(made_on, "driver_version")),
        .boot_id = dup_or_null(nvb_json_get_str(made_on, "boot_id")),
        .majors = dup_or_null(nvb_json_get_str(made_on, "majors")),
        .mig = dup_or_null(nvb_json_get_str(made_on, "mig")),
    };
    return true;
}

static void
compare_one(const char *what, const char *then, const char *now, struct nvb_strv *out_reasons)
{
    if (strcmp(then ? then : "", now ? now : "") != 0) {
        nvb_strv_addf(out_reasons, "%s: %s then, %s now", what, then ? then : "none",
                      now ? now : "none");
    }
}

void nvb_cdi_stamp_compare(const struct nvb_cdi_stamp *then,
                           const struct nvb_cdi_stamp *now,
                           struct nvb_strv *out_reasons)
{
    compare_one("driver", then->driver_version, now->driver_version, out_reasons);
    compare_one("MIG devices", then->mig, now->mig, out_reasons);
}
