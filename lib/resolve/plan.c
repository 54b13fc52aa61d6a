/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/plan.h"

#include <string.h>

#include "resolve/driver_choice.h"
#include "resolve/frame_edits.h"
#include "resolve/gpu_choice.h"
#include "resolve/profile_edits.h"

static const char x11_cookie[] = "/run/nvbind/Xauthority";

static void add_x11(struct nvb_plan *plan, const struct nvb_display *display)
{
    nvb_autofree char *name = nvb_xasprintf(":%u", display->x11_number);
    nvb_autofree char *inside = nvb_xasprintf("/tmp/.X11-unix/X%u", display->x11_number);

    nvb_edits_add_bind(&plan->edits, display->socket, inside)->is_writable = true;
    nvb_env_set(&plan->edits.env, "DISPLAY", name);
    if (display->xauthority.len > 0) {
        nvb_edits_add_file(&plan->edits, x11_cookie, display->xauthority.data,
                           display->xauthority.len, 0600);
        nvb_env_set(&plan->edits.env, "XAUTHORITY", x11_cookie);
    }
    nvb_strv_addf(&plan->reasons,
                  "display: X11 %s by its socket and cookie; its programs can see and type into "
                  "each other's windows",
                  name);
}

static void add_wayland(struct nvb_plan *plan, const struct nvb_display *display)
{
    nvb_edits_add_bind(&plan->edits, display->socket, "/run/user/1000/wayland-0")->is_writable =
        true;
    nvb_env_set(&plan->edits.env, "WAYLAND_DISPLAY", "wayland-0");
    nvb_env_set(&plan->edits.env, "XDG_SESSION_TYPE", "wayland");
    nvb_strv_addf(&plan->reasons, "display: Wayland by its socket %s", display->socket);
}

static bool add_display(struct nvb_plan *plan,
                        enum nvb_display_kind kind,
                        const struct nvb_strv *caller_env,
                        struct nvb_err *err)
{
    struct nvb_display *display = &plan->displays[plan->n_displays];

    if (!nvb_display_find(kind, caller_env, display, err))
        return false;
    plan->n_displays++;
    if (kind == NVB_DISPLAY_X11) {
        add_x11(plan, display);
    } else {
        add_wayland(plan, display);
    }
    return true;
}

/* Both are passed when both are there: most games still speak X11 (through Xwayland), and those
 * that speak Wayland should. A display that was asked for by name must be there. */
static bool
choose_display(struct nvb_plan *plan, const struct nvb_strv *caller_env, struct nvb_err *err)
{
    enum nvb_display_wish wish = plan->request->has_display ? plan->request->display
                                 : plan->profile            ? plan->profile->display
                                                            : NVB_DISPLAY_WISH_NONE;
    nvb_auto_err absent = { 0 };

    switch (wish) {
    case NVB_DISPLAY_WISH_NONE:
        return true;
    case NVB_DISPLAY_WISH_X11:
        return add_display(plan, NVB_DISPLAY_X11, caller_env, err);
    case NVB_DISPLAY_WISH_WAYLAND:
        return add_display(plan, NVB_DISPLAY_WAYLAND, caller_env, err);
    case NVB_DISPLAY_WISH_AUTO:
        break;
    }
    (void)add_display(plan, NVB_DISPLAY_WAYLAND, caller_env, &absent);
    if (!add_display(plan, NVB_DISPLAY_X11, caller_env, &absent) && plan->n_displays == 0) {
        nvb_strv_addf(&plan->warnings, "no display: %s", absent.lines[0]);
        nvb_strv_addf(&plan->reasons, "display: none, %s", absent.lines[0]);
    }
    return true;
}

static void add_volumes(struct nvb_plan *plan)
{
    for (size_t i = 0; i < plan->request->n_volumes; i++) {
        const struct nvb_volume *v = &plan->request->volumes[i];
        struct nvb_mount *mount = nvb_edits_add_bind(&plan->edits, v->source, v->destination);

        mount->is_writable = !v->is_ro;
        mount->is_recursive = true;
        mount->is_mapped = true;
    }
}

bool nvb_plan_make(const struct nvb_request *request,
                   const struct nvb_profile *profile,
                   const struct nvb_host *host,
                   const struct nvb_plan_image *image,
                   const struct nvb_strv *caller_env,
                   struct nvb_plan **out_plan,
                   struct nvb_err *err)
{
    nvb_autoptr(nvb_plan) plan = nvb_xcalloc(1, sizeof(*plan));

    plan->request = request;
    plan->profile = profile;
    plan->image = image;
    plan->sandbox = request->has_sandbox ? request->sandbox
                    : profile            ? profile->sandbox
                                         : NVB_SANDBOX_STRICT;
    plan->has_frame_times = profile && profile->has_frame_times;
    plan->nofile = profile ? profile->nofile : 0;
    if (!nvb_gpu_choose(plan, host, err) || !choose_display(plan, caller_env, err) ||
        !nvb_driver_choose(plan, host, caller_env, err))
        return false;
    nvb_gpu_name_vulkan_drivers(plan, host);
    if (plan->has_frame_times)
        nvb_frame_edits_add(plan);
    if (profile)
        nvb_profile_edits_add(plan, host);
    add_volumes(plan);
    *out_plan = nvb_steal(&plan);
    return true;
}

void nvb_plan_free(struct nvb_plan *plan)
{
    if (!plan)
        return;
    nvb_gpus_clear(&plan->gpus);
    nvb_strv_clear(&plan->cdi);
    nvb_driver_work_free(plan->driver);
    for (size_t i = 0; i < plan->n_displays; i++)
        nvb_display_clear(&plan->displays[i]);
    nvb_edits_clear(&plan->edits);
    free(plan->layer);
    nvb_strv_clear(&plan->words);
    nvb_strv_clear(&plan->reasons);
    nvb_strv_clear(&plan->warnings);
    free(plan);
}

static struct nvb_json *cdi_to_json(const struct nvb_strv *cdi)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < cdi->n; i++) {
        const char *path = strchr(cdi->items[i], ' ') + 1;
        nvb_autofree char *name = nvb_xstrndup(cdi->items[i], strcspn(cdi->items[i], " "));
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set_str(object, "name", name);
        nvb_json_set_str(object, "file", path);
        nvb_json_append(array, object);
    }
    return array;
}

struct nvb_json *nvb_plan_devices_to_json(const struct nvb_plan *plan)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *gpus = nvb_json_new_array();

    for (size_t i = 0; i < plan->gpus.n; i++) {
        const struct nvb_gpu *gpu = &plan->gpus.items[i];
        struct nvb_json *object = nvb_json_new_object();
        struct nvb_json *nodes = nvb_json_new_array();

        nvb_json_set_str(object, "name", gpu->name);
        nvb_json_set_str(object, "vendor", nvb_gpu_vendor_name(gpu->vendor));
        nvb_json_set_str(object, "driver", gpu->driver);
        nvb_json_set_str(object, "pci_address", gpu->pci_address);
        for (size_t k = 0; k < gpu->n_nodes; k++)
            nvb_json_append(nodes, nvb_json_new_str(gpu->nodes[k]));
        nvb_json_set(object, "nodes", nodes);
        nvb_json_append(gpus, object);
    }
    nvb_json_set(json, "gpus", gpus);
    if (plan->cdi.n > 0)
        nvb_json_set(json, "cdi", cdi_to_json(&plan->cdi));
    nvb_json_set_bool(json, "is_software", plan->is_software);
    nvb_json_set(json, "reasons", nvb_json_new_strv(&plan->reasons));
    nvb_json_set(json, "warnings", nvb_json_new_strv(&plan->warnings));
    return json;
}
