/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run_image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "image/host_image.h"
#include "pull_display.h"
#include "say.h"

/* Rather a slip of the hand than an image to ask the world for. */
static bool fail_near(const char *name, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image '%s'", name);
    return nvb_hint(err, "did you mean 'host'?");
}

static bool pull(struct run_image *image, const char *name, struct nvb_err *err)
{
    const struct pull_options options = { 0 };
    nvb_auto_pull_result result = { 0 };

    return pull_with_display(name, &options, &result, NULL, &image->is_stopped, err);
}

/* What is here counts; what is not is pulled. */
static bool open_or_pull(struct run_image *image,
                         const struct nvb_request *request,
                         bool may_pull,
                         struct nvb_err *err)
{
    static const char *const known[] = { "host", NULL };
    nvb_auto_err absent = { 0 };

    if (nvb_stored_image_open(NULL, request->image, &image->stored, &absent))
        return true;
    if (absent.kind == NVB_E_NOT_FOUND && nvb_nearest(request->image, known))
        return fail_near(request->image, err);
    if (absent.kind != NVB_E_NOT_FOUND || !may_pull || request->pull == NVB_PULL_NEVER) {
        *err = absent;
        absent = (struct nvb_err){ 0 };
        return false;
    }
    return pull(image, request->image, err) &&
           nvb_stored_image_open(NULL, request->image, &image->stored, err);
}

bool run_image_open(struct run_image *image,
                    const struct nvb_request *request,
                    bool may_pull,
                    struct nvb_err *err)
{
    bool is_fresh = may_pull && request->pull == NVB_PULL_ALWAYS;

    *image = (struct run_image){ 0 };
    if (strcmp(request->image, "host") == 0)
        return true;
    if (is_fresh && !pull(image, request->image, err))
        return false;
    if (!open_or_pull(image, request, may_pull && !is_fresh, err))
        return false;
    image->is_stored = true;
    image->for_plan = nvb_stored_image_for_plan(&image->stored, request);
    return true;
}

bool run_image_open_leased(struct run_image *image,
                           const char *name,
                           const struct nvb_request *request,
                           struct nvb_err *err)
{
    *image = (struct run_image){ 0 };
    if (!nvb_stored_image_open(NULL, name, &image->stored, err))
        return false;
    image->is_stored = true;
    image->for_plan = nvb_stored_image_for_plan(&image->stored, request);
    return true;
}

void run_image_clear(struct run_image *image)
{
    nvb_stored_image_clear(&image->stored);
    image->is_stored = false;
}

const struct nvb_plan_image *run_image_for_plan(const struct run_image *image)
{
    return image->is_stored ? &image->for_plan : NULL;
}

/* True the first time; where that cannot be written down, every time. */
static bool is_new(const char *subject)
{
    nvb_autofree char *cache = nvb_dir_dup_cache();
    nvb_autofree char *dir = cache ? nvb_xasprintf("%s/said", cache) : NULL;
    nvb_autofree char *path = dir ? nvb_xasprintf("%s/%s", dir, subject) : NULL;
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int fd = -1;

    if (!path || access(path, F_OK) == 0)
        return !path;
    if (nvb_mkdirs(dir, &ignored))
        fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return true;
}

static bool compose_stored(const struct run_image *image,
                           const struct nvb_plan *plan,
                           const struct nvb_host *host,
                           struct nvb_container **out,
                           struct nvb_err *err)
{
    nvb_auto_strv notes = { 0 };

    if (!nvb_stored_image_compose(&image->stored, plan, host, out, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++) {
        if (is_new("single-id"))
            say(stderr, "nvbind: %s", notes.items[i]);
    }
    return true;
}

bool run_image_compose(const struct run_image *image,
                       const struct nvb_plan *plan,
                       const struct nvb_host *host,
                       struct nvb_container **out,
                       struct nvb_err *err)
{
    if (image->is_stored) {
        if (!compose_stored(image, plan, host, out, err))
            return false;
    } else {
        *out = nvb_container_new(plan);
        if (!nvb_host_image_compose(host, *out, err))
            return false;
    }
    if (plan->layer)
        nvb_container_add_layer(*out, plan->layer);
    return true;
}
