/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_choice.h"

#include <string.h>
#include <unistd.h>

#include "cdi/device_name.h"
#include "cdi/registry.h"
#include "resolve/cdi_fit.h"

/* Each name as far as it was followed. */
struct choice {
    struct nvb_plan *plan;
    const struct nvb_host *host;
    struct nvb_cdi_registry *registry;
    struct nvb_strv found; /* names that specifications have */
};

bool nvb_cdi_is_name(const char *word)
{
    return strpbrk(word, "/=") != NULL;
}

static bool is_our_kind(const char *kind)
{
    static const char *const kinds[] = { "nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i], kind) == 0)
            return true;
    }
    return false;
}

/* A file that cannot be read may be the one that was to answer. */
static void warn_of_broken(const struct choice *c, const char *name)
{
    for (size_t i = 0; i < c->registry->n_files; i++) {
        const struct nvb_cdi_file *file = c->registry->files[i];

        if (file->problems.n > 0) {
            nvb_strv_addf(&c->plan->warnings,
                          "%s is what nvbind itself finds; '%s' cannot be used: %s", name,
                          file->path, file->problems.items[0]);
        }
    }
}

/* A captured machine belongs to who unpacked it. */
static bool
check_entry(const struct choice *c, const struct nvb_cdi_entry *entry, struct nvb_err *err)
{
    if (c->host->is_live && !nvb_cdi_file_check_trust(entry->file, geteuid(), err))
        return nvb_while(err, "device '%s' cannot be given", entry->name);
    if (!nvb_cdi_fit_check(c->host, entry, &c->plan->warnings, err)) {
        return nvb_while(err, "device '%s' of '%s' cannot be given", entry->name,
                         entry->file->path);
    }
    return true;
}

static bool
follow(struct choice *c, const char *name, struct nvb_strv *out_own, struct nvb_err *err)
{
    nvb_autoptr(nvb_device_name) parsed = NULL;
    nvb_autofree char *kind = NULL;
    const struct nvb_cdi_entry *entry = NULL;

    if (nvb_strv_has(&c->found, name) || nvb_strv_has(out_own, name))
        return true;
    if (!nvb_device_name_parse(name, &parsed, err))
        return false;
    kind = nvb_xasprintf("%s/%s", parsed->vendor, parsed->class);
    if (is_our_kind(kind) && !nvb_cdi_registry_has_kind(c->registry, kind)) {
        warn_of_broken(c, name);
        nvb_strv_add(out_own, name);
        return true;
    }
    if (!nvb_cdi_registry_find(c->registry, name, &entry, err) || !check_entry(c, entry, err))
        return false;
    nvb_strv_add(&c->found, name);
    nvb_strv_addf(&c->plan->cdi, "%s %s", name, entry->file->path);
    nvb_strv_addf(&c->plan->reasons, "device: %s as '%s' has it", name, entry->file->path);
    return true;
}

/* Of two values the later is taken, as engines do; who gave the other should know. */
static void merge_env(struct nvb_plan *plan, const struct nvb_strv *env)
{
    for (size_t i = 0; i < env->n; i++) {
        const char *entry = env->items[i];
        nvb_autofree char *name = nvb_xstrndup(entry, strcspn(entry, "="));
        const char *value = entry + strlen(name) + 1;
        const char *before = nvb_env_get(&plan->edits.env, name);

        if (before && strcmp(before, value) != 0) {
            nvb_strv_addf(&plan->warnings, "two of the devices set %s; '%s' is taken, not '%s'",
                          name, value, before);
        }
        nvb_env_set(&plan->edits.env, name, value);
    }
}

/* Sorted as other engines sort them: what lies deeper is mounted later. */
static bool add_edits(struct choice *c, struct nvb_err *err)
{
    nvb_auto_edits edits = { 0 };

    if (!nvb_cdi_registry_resolve(c->registry, &c->found, &edits, err))
        return false;
    nvb_edits_normalise(&edits);
    merge_env(c->plan, &edits.env);
    nvb_strv_clear(&edits.env);
    nvb_edits_append(&c->plan->edits, &edits);
    return true;
}

bool nvb_cdi_choose(struct nvb_plan *plan,
                    const struct nvb_host *host,
                    const struct nvb_strv *names,
                    struct nvb_strv *out_own,
                    struct nvb_err *err)
{
    struct choice c = { .plan = plan, .host = host };
    bool ok = nvb_cdi_registry_load(host->root_fd, nvb_cdi_default_dirs, &c.registry, err);

    for (size_t i = 0; i < names->n && ok; i++)
        ok = follow(&c, names->items[i], out_own, err);
    ok = ok && (c.found.n == 0 || add_edits(&c, err));
    nvb_strv_clear(&c.found);
    nvb_cdi_registry_free(c.registry);
    return ok;
}
