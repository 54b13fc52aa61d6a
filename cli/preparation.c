/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "preparation.h"

#include <unistd.h>

#include "cmd.h"
#include "run/memory.h"
#include "say.h"

int start_status_of(const struct nvb_err *err)
{
    switch ((int)err->kind) {
    case NVB_E_NO_COMMAND:
        return EXIT_NO_COMMAND;
    case NVB_E_NOT_EXECUTABLE:
        return EXIT_NOT_EXECUTABLE;
    default:
        return EXIT_ENGINE;
    }
}

void print_warnings(const struct nvb_strv *warnings)
{
    for (size_t i = 0; i < warnings->n; i++)
        say(stderr, "nvbind: %s", warnings->items[i]);
}

static void copy_environment(struct nvb_strv *out)
{
    for (char *const *e = environ; *e; e++)
        nvb_strv_add(out, *e);
}

static void tell_stage(struct run_report *report, const char *name)
{
    if (report)
        run_report_stage(report, name);
}

static bool open_image(struct preparation *p, struct nvb_err *err)
{
    return p->leased ? run_image_open_leased(&p->image, p->leased, p->request, err)
                     : run_image_open(&p->image, p->request, p->may_pull, err);
}

/* A setting alone changes the profile that a game without one gets. */
static bool resolve_profile(const struct nvb_request *request,
                            struct nvb_profile **out_profile,
                            struct nvb_err *err)
{
    const struct nvb_profile_ask ask = {
        .name = request->profile,
        .game = request->game,
        .settings = (const char *const *)request->settings,
    };

    return (!ask.name && !ask.game && !ask.settings) || nvb_profile_resolve(&ask, out_profile, err);
}

bool preparation_make(struct preparation *p,
                      const struct nvb_request *request,
                      struct run_report *report,
                      struct nvb_err *err)
{
    nvb_auto_strv caller_env = { 0 };

    p->request = request;
    if (!open_image(p, err))
        return false;
    tell_stage(report, "image");
    if (!resolve_profile(request, &p->profile, err))
        return false;
    tell_stage(report, "profile");
    if (!nvb_host_open(p->root ? p->root : "/", &p->host, err))
        return false;
    if (!p->root)
        copy_environment(&caller_env);
    if (p->host->is_live && (request->n_gpus > 0 || p->profile))
        nvb_memory_recall(&p->memo);
    p->host->memo = &p->memo;
    if (!nvb_plan_make(request, p->profile, p->host, run_image_for_plan(&p->image), &caller_env,
                       &p->plan, err))
        return false;
    tell_stage(report, "resolve");
    if (!run_image_compose(&p->image, p->plan, p->host, &p->container, err))
        return false;
    tell_stage(report, "compose");
    return true;
}

bool preparation_finish(struct preparation *p, struct nvb_err *err)
{
    print_warnings(&p->plan->warnings);
    nvb_memory_keep(&p->memo);
    return nvb_driver_prepare(p->plan, p->host, &p->driver, err);
}

void preparation_clear(struct preparation *p)
{
    nvb_driver_let_go(&p->driver);
    nvb_container_free(p->container);
    nvb_plan_free(p->plan);
    nvb_host_free(p->host);
    nvb_memo_clear(&p->memo);
    nvb_profile_free(p->profile);
    run_image_clear(&p->image);
    *p = (struct preparation)PREPARATION_INIT;
}
