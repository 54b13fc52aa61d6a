/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_view.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "resolve/driver_place.h"
#include "resolve/driver_ready.h"

enum {
    PLACES_MAX = 1 << 18,
};

void nvb_cdi_view_clear(struct nvb_cdi_view *view)
{
    free(view->dir);
    free(view->name);
    nvb_view_plan_clear(&view->plan);
    nvb_strv_clear(&view->places);
    *view = (struct nvb_cdi_view){ 0 };
}

char *nvb_cdi_view_dup_path(const struct nvb_cdi_view *view)
{
    return nvb_xasprintf("%s/%s", view->dir, view->name);
}

static const char *find_running(const struct nvb_gpus *gpus)
{
    for (size_t i = 0; i < gpus->n; i++) {
        const struct nvb_gpu *gpu = &gpus->items[i];

        if (gpu->driver && strcmp(gpu->driver, "nvidia") == 0)
            return gpu->driver_version;
    }
    return NULL;
}

/* What has a place of its own in a container; plugins are found by variables. */
static void list_places(const char *text, struct nvb_cdi_view *out)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    struct nvb_driver_place place;
    char *rest = copy;

    while (nvb_driver_place_next(&rest, &place)) {
        if (*place.container_path)
            nvb_strv_addf(&out->places, "%s %s", place.path, place.container_path);
    }
    nvb_strv_add(&out->places, "ld.so.conf /etc/ld.so.conf.d/00-nvbind-driver.conf");
}

/* The caller's own directory of views; a captured machine's is root's. */
static char *dup_own_dir(const struct nvb_host *host)
{
    nvb_autofree char *cache = host->is_live ? nvb_dir_dup_cache() : NULL;

    return cache ? nvb_xasprintf("%s/driver", cache) : nvb_xstrdup(NVB_SYSTEM_VIEWS);
}

static bool
use_ready(const char *dir, char *take_name, struct nvb_cdi_view *out, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/" NVB_VIEW_PLACES, dir, take_name);
    nvb_autofree char *text = NULL;

    out->dir = nvb_xstrdup(dir);
    out->name = take_name;
    if (!nvb_read_file(AT_FDCWD, path, PLACES_MAX, &text, NULL, err))
        return nvb_while(err, "cannot use the driver view '%s/%s'", dir, out->name);
    list_places(text, out);
    return true;
}

/* One of the running driver's that was made when its files were there; true without a name in
 * `out` when there is none. */
static bool look_for_ready(const char *own,
                           const char *running,
                           unsigned capabilities,
                           struct nvb_cdi_view *out,
                           struct nvb_err *err)
{
    char *name = nvb_driver_ready_dup_name(NVB_SYSTEM_VIEWS, running, capabilities, 0);

    if (name)
        return use_ready(NVB_SYSTEM_VIEWS, name, out, err);
    name = nvb_driver_ready_dup_name(own, running, capabilities, geteuid());
    return !name || use_ready(own, name, out, err);
}

static bool use_planned(const struct nvb_host *host,
                        const struct nvb_driver_files *files,
                        unsigned capabilities,
                        const char *own,
                        struct nvb_cdi_view *out,
                        struct nvb_err *err)
{
    const struct nvb_view_entry *places = NULL;
    bool is_system = false;

    if (!nvb_view_plan_make(files, host, capabilities, &out->plan, err))
        return false;
    out->has_plan = true;
    out->name = nvb_xstrdup(out->plan.name);
    is_system = host->is_live && nvb_driver_is_ready(NVB_SYSTEM_VIEWS, out->name, 0);
    out->dir = nvb_xstrdup(is_system ? NVB_SYSTEM_VIEWS : own);
    places = nvb_view_plan_find(&out->plan, NVB_VIEW_PLACES);
    list_places(places ? places->text : "", out);
    return true;
}

bool nvb_cdi_view_choose(const struct nvb_host *host,
                         const struct nvb_gpus *gpus,
                         const struct nvb_driver_files *files,
                         unsigned capabilities,
                         struct nvb_cdi_view *out,
                         struct nvb_err *err)
{
    nvb_autofree char *own = dup_own_dir(host);
    const char *running = find_running(gpus);
    bool is_updated = running && (!files->version || strcmp(running, files->version) != 0);

    if (!running)
        return true;
    if (is_updated && host->is_live && !look_for_ready(own, running, capabilities, out, err))
        return false;
    return out->name || !files->version || use_planned(host, files, capabilities, own, out, err);
}
