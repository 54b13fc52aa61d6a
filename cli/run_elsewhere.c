/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run_elsewhere.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cdi/registry.h"
#include "host/driver_files.h"
#include "resolve/cdi_choice.h"
#include "resolve/cdi_generate.h"
#include "resolve/gpu_choice.h"
#include "run/foreign_engine.h"
#include "say.h"

/* Devices that specifications of this machine have are the engine's to look up; what is left of the
 * words is ours to answer. */
static bool divide(const struct nvb_request *request,
                   const struct nvb_host *host,
                   struct nvb_strv *out_cdi,
                   struct nvb_request *own,
                   struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_registry) registry = NULL;

    if (!nvb_cdi_registry_load(host->root_fd, nvb_cdi_default_dirs, &registry, err))
        return false;
    for (size_t i = 0; i < request->n_gpus; i++) {
        const struct nvb_cdi_entry *entry = NULL;
        nvb_auto_err ignored = { 0 };

        if (nvb_cdi_is_name(request->gpus[i]) &&
            nvb_cdi_registry_find(registry, request->gpus[i], &entry, &ignored))
            nvb_strv_add(out_cdi, request->gpus[i]);
        else
            nvb_request_add_gpu(own, request->gpus[i]);
    }
    return true;
}

/* The driver's files, of whichever of the vendors has any: an image has none that fit. */
static bool add_driver(struct nvb_plan *plan, const struct nvb_host *host, struct nvb_err *err)
{
    struct nvb_cdi_wishes wishes = { .vendor = NVB_GPU_NVIDIA, .host = host };
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    struct nvb_driver_files files = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_strv env = { 0 };
    bool has_nvidia = false;
    bool ok = true;

    for (size_t i = 0; i < plan->gpus.n; i++)
        has_nvidia = has_nvidia || plan->gpus.items[i].vendor == NVB_GPU_NVIDIA;
    if (!has_nvidia)
        return true;
    ok = nvb_cdi_wishes_set_profile(&wishes, "gaming", &env, err) &&
         nvb_driver_files_find(host, &files, err) &&
         nvb_cdi_generate(&plan->gpus, &files, &wishes, &spec, &notes, err);
    if (ok) {
        nvb_edits_append(&plan->edits, &spec->edits);
        for (size_t i = 0; i < spec->n_devices; i++)
            nvb_edits_append(&plan->edits, &spec->devices[i].edits);
    }
    nvb_driver_files_clear(&files);
    return ok;
}

static void tell(const struct nvb_strv *warnings)
{
    for (size_t i = 0; i < warnings->n; i++)
        say(stderr, "nvbind: %s", warnings->items[i]);
}

static bool execute(const struct nvb_strv *line, struct nvb_err *err)
{
    (void)fflush(NULL);
    (void)execvp(line->items[0], line->items);
    nvb_fail_errno(err, NVB_D_RUN, "cannot start %s", line->items[0]);
    return errno == ENOENT ? nvb_hint(err, "install it, or leave --runtime out") : false;
}

bool run_elsewhere(const char *engine_name, const struct nvb_request *request, struct nvb_err *err)
{
    const struct nvb_foreign_engine *engine = nvb_foreign_engine_find(engine_name);
    struct nvb_request *own = nvb_request_new();
    struct nvb_plan *plan = nvb_xcalloc(1, sizeof(*plan));
    struct nvb_host *host = NULL;
    nvb_auto_strv cdi = { 0 };
    nvb_auto_strv line = { 0 };
    bool ok = nvb_host_open("/", &host, err) && divide(request, host, &cdi, own, err);

    plan->request = own;
    own->image = nvb_xstrdup(request->image);
    ok = ok && nvb_gpu_choose(plan, host, err) && add_driver(plan, host, err) &&
         nvb_foreign_engine_make_line(engine, request, &cdi, &plan->edits, &line, &plan->warnings,
                                      err);
    if (ok) {
        tell(&plan->warnings);
        ok = execute(&line, err);
    }
    nvb_plan_free(plan);
    nvb_request_free(own);
    nvb_host_free(host);
    return ok;
}
