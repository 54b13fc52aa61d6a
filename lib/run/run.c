/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/run.h"

#include <string.h>
#include <unistd.h>

#include "image/host_image.h"
#include "image/stored_image.h"
#include "run/bolt.h"
#include "run/driver_prepare.h"
#include "run/memory.h"

/* All of one run: released whatever happens. */
struct whole {
    const struct nvb_request *request; /* borrowed, as the listener */
    const struct nvb_run_listener *listener;
    bool is_stored;
    struct nvb_stored_image stored;
    struct nvb_profile *profile;
    struct nvb_memo memo;
    struct nvb_host *host;
    struct nvb_plan *plan;
    struct nvb_container *container;
    struct nvb_driver_held driver;
    struct nvb_run_result result;
};

static void whole_clear(struct whole *w)
{
    nvb_driver_let_go(&w->driver);
    nvb_profile_free(w->profile);
    nvb_host_free(w->host);
    nvb_memo_clear(&w->memo);
    nvb_plan_free(w->plan);
    nvb_container_free(w->container);
    nvb_run_result_clear(&w->result);
    nvb_stored_image_clear(&w->stored);
}

static void tell(void *data, const char *text)
{
    const struct whole *w = data;

    if (w->listener && w->listener->notice)
        w->listener->notice(w->listener->data, text);
}

static void tell_all(struct whole *w, const struct nvb_strv *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        tell(w, notes->items[i]);
}

static bool open_image(struct whole *w, struct nvb_err *err)
{
    if (!w->request->image)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "the request names no image");
    if (strcmp(w->request->image, "host") == 0)
        return true;
    w->is_stored = true;
    return nvb_stored_image_open(NULL, w->request->image, &w->stored, err);
}

static bool open_host(struct whole *w, struct nvb_err *err)
{
    if (!nvb_host_open("/", &w->host, err))
        return false;
    if (w->request->n_gpus > 0 || w->profile)
        nvb_memory_recall(&w->memo);
    w->host->memo = &w->memo;
    return true;
}

static bool plan(struct whole *w, struct nvb_err *err)
{
    struct nvb_plan_image for_plan = { 0 };
    nvb_auto_strv env = { 0 };

    for (char *const *e = environ; *e; e++)
        nvb_strv_add(&env, *e);
    if (w->is_stored)
        for_plan = nvb_stored_image_for_plan(&w->stored, w->request);
    return nvb_plan_make(w->request, w->profile, w->host, w->is_stored ? &for_plan : NULL, &env,
                         &w->plan, err);
}

static bool compose(struct whole *w, struct nvb_err *err)
{
    nvb_auto_strv notes = { 0 };

    if (w->is_stored) {
        if (!nvb_stored_image_compose(&w->stored, w->plan, w->host, &w->container, &notes, err))
            return false;
    } else {
        w->container = nvb_container_new(w->plan);
        if (!nvb_host_image_compose(w->host, w->container, err))
            return false;
    }
    if (w->plan->layer)
        nvb_container_add_layer(w->container, w->plan->layer);
    tell_all(w, &notes);
    return true;
}

static bool carry_out(struct whole *w, struct nvb_err *err)
{
    const struct nvb_run_watch watch = { .notice = tell, .data = w };

    tell_all(w, &w->plan->warnings);
    nvb_memory_keep(&w->memo);
    if (!nvb_driver_prepare(w->plan, w->host, &w->driver, err) ||
        !nvb_bolt_run(w->container, &watch, &w->result, err))
        return false;
    tell_all(w, &w->result.warnings);
    return true;
}

bool nvb_run(const struct nvb_request *request,
             const struct nvb_run_listener *listener,
             int *out_status,
             struct nvb_err *err)
{
    struct whole w = { .request = request, .listener = listener, .driver = NVB_DRIVER_HELD_INIT };
    bool ok = open_image(&w, err) &&
              (!request->profile || nvb_profile_load(request->profile, &w.profile, err)) &&
              open_host(&w, err) && plan(&w, err) && compose(&w, err) && carry_out(&w, err);

    if (ok) {
        *out_status = w.result.exit_status;
    } else {
        nvb_while(err, "cannot run image '%s'", request->image ? request->image : "");
    }
    whole_clear(&w);
    return ok;
}
