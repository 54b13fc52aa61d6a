/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_check.h"

#include <string.h>

#include "host/node.h"

enum {
    FILE_MAX = 16 << 20,
    REASONS_MAX = 20, /* a spec of another driver has hundreds; the first tell enough */
};

void nvb_cdi_verdict_clear(struct nvb_cdi_verdict *verdict)
{
    nvb_strv_clear(&verdict->reasons);
    nvb_strv_clear(&verdict->notes);
    nvb_cdi_recipe_clear(&verdict->recipe);
    nvb_cdi_view_clear(&verdict->view);
    free(verdict->view_path);
    free(verdict->text);
    free(verdict->stamp);
    *verdict = (struct nvb_cdi_verdict){ 0 };
}

/* Once: the names of a device repeat its nodes. */
static void add_reason(struct nvb_cdi_verdict *verdict, char *take_reason)
{
    if (nvb_strv_has(&verdict->reasons, take_reason)) {
        free(take_reason);
    } else {
        nvb_strv_take(&verdict->reasons, take_reason);
    }
}

static bool is_full(const struct nvb_cdi_verdict *verdict)
{
    return verdict->reasons.n >= REASONS_MAX;
}

static void
check_nodes(const struct nvb_host *host, const struct nvb_edits *edits, struct nvb_cdi_verdict *out)
{
    for (size_t i = 0; i < edits->n_nodes && !is_full(out); i++) {
        const struct nvb_device_node *node = &edits->nodes[i];
        const char *path = node->host_path ? node->host_path : node->path;
        struct nvb_node real;

        if (!nvb_host_is_node(host, path)) {
            add_reason(out, nvb_xasprintf("device node '%s' is gone", path));
        } else if (node->major != 0 && nvb_node_read(host, path, &real) &&
                   (real.major != node->major || real.minor != node->minor)) {
            add_reason(out, nvb_xasprintf("device node '%s' is %u:%u here, not %u:%u", path,
                                          real.major, real.minor, node->major, node->minor));
        }
    }
}

/* Parts of a view are told with it. */
static bool is_in_view(const struct nvb_cdi_verdict *verdict, const char *path)
{
    return verdict->view_path && nvb_has_prefix(path, verdict->view_path);
}

static void check_mounts(const struct nvb_host *host,
                         const struct nvb_edits *edits,
                         struct nvb_cdi_verdict *out)
{
    for (size_t i = 0; i < edits->n_mounts && !is_full(out); i++) {
        const struct nvb_mount *mount = &edits->mounts[i];

        if (mount->kind == NVB_MOUNT_BIND && !is_in_view(out, mount->host_path) &&
            !nvb_host_exists(host, mount->host_path)) {
            add_reason(out, nvb_xasprintf("'%s' is gone, perhaps with an update of the driver",
                                          mount->host_path));
        }
    }
}

/* Engines read these as root. */
static bool is_roots(const char *path)
{
    return nvb_has_prefix(path, "/etc/cdi/") || nvb_has_prefix(path, "/run/cdi/") ||
           nvb_has_prefix(path, "/var/run/cdi/");
}

static void check_view(const struct nvb_host *host,
                       const char *path,
                       const struct nvb_edits *edits,
                       struct nvb_cdi_verdict *out)
{
    nvb_autofree char *manifest = NULL;
    struct stat st;

    for (size_t i = 0; i < edits->n_mounts && !out->view_path; i++) {
        if (edits->mounts[i].kind == NVB_MOUNT_BIND &&
            strcmp(edits->mounts[i].container_path, NVB_VIEW_PATH) == 0)
            out->view_path = nvb_xstrdup(edits->mounts[i].host_path);
    }
    if (!out->view_path)
        return;
    manifest = nvb_xasprintf("%s/" NVB_VIEW_MANIFEST, out->view_path);
    if (!nvb_host_exists(host, manifest)) {
        nvb_strv_addf(&out->reasons, "the driver view '%s' is gone", out->view_path);
    } else if (is_roots(path) && host->is_live && nvb_host_lstat(host, manifest, &st) == 0 &&
               st.st_uid != 0) {
        nvb_strv_addf(&out->reasons,
                      "the driver view '%s' belongs to user %u, who can change what containers get",
                      out->view_path, (unsigned)st.st_uid);
    }
}

static void check_edits(const struct nvb_host *host,
                        const char *path,
                        const struct nvb_cdi_spec *spec,
                        struct nvb_cdi_verdict *out)
{
    check_view(host, path, &spec->edits, out);
    check_nodes(host, &spec->edits, out);
    check_mounts(host, &spec->edits, out);
    for (size_t i = 0; i < spec->n_devices; i++) {
        /* "all" repeats what the others have */
        if (strcmp(spec->devices[i].name, "all") == 0 && spec->n_devices > 1)
            continue;
        check_nodes(host, &spec->devices[i].edits, out);
        check_mounts(host, &spec->devices[i].edits, out);
    }
}

static void compare_devices(const struct nvb_cdi_spec *old,
                            const struct nvb_cdi_spec *now,
                            struct nvb_strv *out_reasons)
{
    for (size_t i = 0; i < now->n_devices; i++) {
        if (!nvb_cdi_spec_find_device(old, now->devices[i].name))
            nvb_strv_addf(out_reasons, "device '%s' is new", now->devices[i].name);
    }
    for (size_t i = 0; i < old->n_devices; i++) {
        if (!nvb_cdi_spec_find_device(now, old->devices[i].name))
            nvb_strv_addf(out_reasons, "device '%s' is no more", old->devices[i].name);
    }
}

static size_t count_uuids(const struct nvb_cdi_spec *spec)
{
    size_t n = 0;

    for (size_t i = 0; i < spec->n_devices; i++) {
        n += nvb_has_prefix(spec->devices[i].name, "MIG-") ||
             nvb_has_prefix(spec->devices[i].name, "GPU-");
    }
    return n;
}

/* NVML alone knows the UUIDs of MIG devices and of GPUs that sleep. While it does not answer (the
 * driver loads, or was updated) half a specification must not replace a whole one. */
static bool check_uuids(const struct nvb_cdi_spec *old,
                        const struct nvb_cdi_spec *now,
                        const struct nvb_cdi_stamp *stamp,
                        struct nvb_err *err)
{
    if (!stamp->nvml_silence || count_uuids(now) >= count_uuids(old))
        return true;
    return nvb_fail(err, NVB_D_RESOLVE, NVB_E_CONFLICT, "UUIDs of devices are unknown now: %s",
                    stamp->nvml_silence);
}

/* One of ours: make it anew and compare. */
static bool compare_with_now(const struct nvb_host *host,
                             const struct nvb_cdi_spec *old,
                             const struct nvb_cdi_stamp *then,
                             struct nvb_cdi_verdict *out,
                             struct nvb_err *err)
{
    nvb_autoptr(nvb_json) old_json = NULL;
    nvb_autoptr(nvb_json) now_json = NULL;
    nvb_auto_cdi_made now = { 0 };

    if (!nvb_cdi_recipe_follow(&out->recipe, host, &now, err) ||
        !check_uuids(old, now.spec, &now.stamp, err))
        return false;
    nvb_strv_copy(&out->notes, &now.notes);
    nvb_cdi_stamp_compare(then, &now.stamp, &out->reasons);
    compare_devices(old, now.spec, &out->reasons);
    old_json = nvb_cdi_spec_to_json(old);
    now_json = nvb_cdi_spec_to_json(now.spec);
    if (!nvb_json_is_equal(old_json, now_json) && out->reasons.n == 0)
        nvb_strv_add(&out->reasons, "what a container needs has changed");
    out->text = nvb_cdi_recipe_dup_text(&out->recipe, now.spec);
    out->stamp = nvb_cdi_recipe_to_json_text(&out->recipe, &now.stamp);
    out->view = now.view;
    now.view = (struct nvb_cdi_view){ 0 };
    return true;
}

static bool read_recipe(const struct nvb_host *host,
                        const char *path,
                        struct nvb_cdi_verdict *out,
                        struct nvb_cdi_stamp *out_stamp)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", path);
    nvb_autofree char *text = nvb_host_dup_text(host, beside, FILE_MAX);
    nvb_auto_err broken = { 0 };

    return text &&
           nvb_cdi_recipe_parse(text, strlen(text), beside, &out->recipe, out_stamp, &broken);
}

/* An empty one where it cannot be used or is gone: to be compared with what it should be. */
static bool read_spec(const struct nvb_host *host,
                      const char *path,
                      struct nvb_cdi_verdict *out,
                      struct nvb_cdi_spec **out_spec,
                      struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err fault = { 0 };
    size_t len = 0;

    if (out->is_ours && !nvb_host_exists(host, path)) {
        nvb_strv_add(&out->reasons, "it is gone");
    } else if (!nvb_read_in_root(host->root_fd, path, FILE_MAX, &text, &len, err)) {
        return false;
    } else if (nvb_cdi_spec_parse(text, len, path, out_spec, &fault)) {
        return true;
    } else {
        nvb_strv_addf(&out->reasons, "it cannot be used: %s", fault.lines[0]);
    }
    *out_spec = nvb_xcalloc(1, sizeof(**out_spec));
    (*out_spec)->kind = nvb_xstrdup("");
    return true;
}

bool nvb_cdi_check(const struct nvb_host *host,
                   const char *path,
                   struct nvb_cdi_verdict *out,
                   struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_cdi_stamp then = { 0 };

    *out = (struct nvb_cdi_verdict){ 0 };
    out->is_ours = read_recipe(host, path, out, &then);
    if (!read_spec(host, path, out, &spec, err))
        return false;
    check_edits(host, path, spec, out);
    if (out->is_ours) {
        nvb_auto_err none = { 0 };

        if (!compare_with_now(host, spec, &then, out, &none))
            nvb_strv_addf(&out->reasons, "it cannot be made anew: %s", none.lines[0]);
    }
    return true;
}
