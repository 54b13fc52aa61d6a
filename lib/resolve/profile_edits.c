/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/profile_edits.h"

#include <string.h>

#include "base/dirs.h"
#include "profile/effect.h"

static bool has_vendor(const struct nvb_plan *plan, enum nvb_gpu_vendor vendor)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        if (plan->gpus.items[i].vendor == vendor)
            return true;
    }
    return false;
}

/* Compiled shaders outlive the container in a directory of the profile's own: their contents are
 * read back by the drivers, so nothing but the same profile's programs may have written them. */
static void add_shader_cache(struct nvb_plan *plan)
{
    static const char inside[] = "/home/user/.cache/shaders";
    nvb_autofree char *cache = nvb_dir_dup_cache();
    nvb_autofree char *path = NULL;
    struct nvb_mount *mount = NULL;

    if (!cache || !plan->profile->has_shader_cache || plan->gpus.n == 0)
        return;
    path = nvb_xasprintf("%s/shaders/%s", cache, plan->profile->name);
    mount = nvb_edits_add_bind(&plan->edits, path, inside);
    mount->is_writable = true;
    mount->is_mapped = true;
    mount->is_made = true;
    nvb_env_set(&plan->edits.env, "MESA_SHADER_CACHE_DIR", inside);
    if (has_vendor(plan, NVB_GPU_NVIDIA)) {
        nvb_env_set(&plan->edits.env, "__GL_SHADER_DISK_CACHE", "1");
        nvb_env_set(&plan->edits.env, "__GL_SHADER_DISK_CACHE_PATH", inside);
    }
    nvb_strv_addf(&plan->reasons, "cache: compiled shaders stay in %s", path);
}

/* A variable for another vendor's driver has no reader in this container. Whose GPUs came by a CDI
 * specification is not looked at. */
static bool is_of_use(const struct nvb_plan *plan, const struct nvb_effect *e)
{
    return !e->vendor || plan->cdi.n > 0 || has_vendor(plan, e->vendor);
}

/* What nothing is known to read is passed on, but worth a word. */
static void add_variable(struct nvb_plan *plan, const struct nvb_effect *e)
{
    if (!is_of_use(plan, e)) {
        nvb_strv_addf(&plan->reasons, "%s: not set, since no %s GPU is there to read %s",
                      e->settings, nvb_gpu_vendor_name(e->vendor), e->name);
        return;
    }
    nvb_env_set(&plan->edits.env, e->name, e->value);
    if (e->variable) {
        nvb_strv_addf(&plan->reasons, "%s: sets %s=%s", e->settings, e->name, e->value);
    } else {
        nvb_strv_addf(&plan->warnings, "profile '%s' sets %s, which nothing is known to read",
                      plan->profile->name, e->name);
    }
}

/* What was refused is told as `profile show --why` does; -e still sets such a variable. */
static void add_refusal(struct nvb_plan *plan, const struct nvb_effect *e)
{
    if (e->name) {
        nvb_strv_addf(&plan->warnings, "profile '%s' wants %s=%s, which is left out: %s",
                      plan->profile->name, e->name, e->value, e->reason);
    } else {
        nvb_strv_addf(&plan->warnings, "profile '%s' wants %s, which is left out: %s",
                      plan->profile->name, e->settings, e->reason);
    }
}

/* Debian keeps it among the games. */
static bool is_in_host_image(const struct nvb_host *host, const char *program)
{
    static const char *const dirs[] = { "/usr/bin", "/usr/local/bin", "/usr/games" };

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", dirs[i], program);

        if (nvb_host_exists(host, path))
            return true;
    }
    return false;
}

static void
add_words(struct nvb_plan *plan, const struct nvb_host *host, const struct nvb_effect *e)
{
    const char *image = plan->request->image;
    nvb_autofree char *program = nvb_xstrndup(e->value, strcspn(e->value, " "));

    if (plan->n_displays == 0 || plan->request->n_command == 0) {
        nvb_strv_addf(&plan->warnings, "%s is left out: there is no %s", e->settings,
                      plan->n_displays == 0 ? "display" : "command");
        return;
    }
    if ((!image || strcmp(image, "host") == 0) && !is_in_host_image(host, program)) {
        nvb_strv_addf(&plan->warnings, "%s is left out: %s is not installed", e->settings, program);
        return;
    }
    for (const char *word = e->value; *word; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");

        nvb_strv_take(&plan->words, nvb_xstrndup(word, len));
        word += len;
    }
    nvb_strv_addf(&plan->reasons, "%s: the command runs inside '%s'", e->settings, e->value);
}

static void add_effects(struct nvb_plan *plan, const struct nvb_host *host)
{
    nvb_auto_effects effects = { 0 };

    nvb_effects_make(plan->profile, plan->has_frame_times, &effects);
    for (size_t i = 0; i < effects.n; i++) {
        const struct nvb_effect *e = &effects.items[i];

        if (e->kind == NVB_EFFECT_VARIABLE) {
            add_variable(plan, e);
        } else if (e->kind == NVB_EFFECT_REFUSED) {
            add_refusal(plan, e);
        } else if (e->kind == NVB_EFFECT_WORDS) {
            add_words(plan, host, e);
        }
    }
    if (plan->has_frame_times)
        plan->frame_cap = plan->profile->frame_cap;
}

/* Wine finds it by itself; the kernel has it from 6.14 on. */
static void add_ntsync(struct nvb_plan *plan, const struct nvb_host *host)
{
    static const char node[] = "/dev/ntsync";
    const struct nvb_profile *p = plan->profile;

    if (p->ntsync != NVB_WISH_ON || p->has_wine == NVB_WISH_OFF)
        return;
    if (nvb_host_is_node(host, node)) {
        nvb_edits_add_node(&plan->edits, node);
        nvb_strv_addf(&plan->reasons, "wine.ntsync: %s is in the container", node);
    } else {
        nvb_strv_addf(&plan->reasons, "wine.ntsync: the kernel shows no %s", node);
    }
}

void nvb_profile_edits_add(struct nvb_plan *plan, const struct nvb_host *host)
{
    add_shader_cache(plan);
    add_effects(plan, host);
    add_ntsync(plan, host);
}
