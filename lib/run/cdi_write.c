/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cdi_write.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/file.h"
#include "host/nvidia.h"
#include "run/driver_store.h"

enum {
    LITTER_S = 600, /* no write takes that long */
};

static bool
hold(const struct nvb_host *host, const struct nvb_cdi_view *view, int *out_fd, struct nvb_err *err)
{
    if (view->has_plan)
        return nvb_driver_store_build(view->dir, host, &view->plan, out_fd, err);
    *out_fd = nvb_driver_store_hold(view->dir, view->name);
    if (*out_fd >= 0)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "the driver view '%s/%s' vanished", view->dir,
             view->name);
    return nvb_hint(err, "try again");
}

/* The running driver's views are bolt's, too. */
static void sweep(const struct nvb_host *host, const struct nvb_cdi_view *view)
{
    nvb_autofree char *running = nvb_nvidia_dup_kernel_version(host);
    nvb_auto_strv keep_versions = { 0 };

    if (running)
        nvb_strv_add(&keep_versions, running);
    nvb_strv_take(&keep_versions, nvb_xstrndup(view->name, strcspn(view->name, "-")));
    nvb_driver_store_sweep(view->dir, &keep_versions);
}

static bool write_both(const struct nvb_cdi_file_text *file, struct nvb_err *err)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", file->path);

    nvb_sweep_writes(AT_FDCWD, file->path, LITTER_S);
    nvb_sweep_writes(AT_FDCWD, beside, LITTER_S);
    return nvb_write_file(AT_FDCWD, file->path, file->spec, strlen(file->spec), 0644, err) &&
           nvb_write_file(AT_FDCWD, beside, file->told, strlen(file->told), 0644, err);
}

/* Who is told to stop while writing stops afterwards, and leaves no temporary file. */
static bool write_files(const struct nvb_cdi_file_text *file, struct nvb_err *err)
{
    sigset_t stops;
    sigset_t before;
    bool ok = true;

    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &stops, &before);
    ok = write_both(file, err);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}

bool nvb_cdi_write(const struct nvb_host *host,
                   const struct nvb_cdi_file_text *file,
                   const struct nvb_cdi_view *view,
                   struct nvb_err *err)
{
    nvb_autoclose int fd = -1; /* until the file names it, nobody may sweep it away */

    if (!view->name)
        return write_files(file, err);
    if (!hold(host, view, &fd, err) || !write_files(file, err))
        return false;
    sweep(host, view);
    return true;
}

/* "DIR/NAME" apart; `out_dir` is the caller's. */
static const char *split(const char *path, char **out_dir)
{
    const char *slash = strrchr(path, '/');

    *out_dir = nvb_xstrndup(path, slash ? (size_t)(slash - path) : 0);
    return slash ? slash + 1 : path;
}

void nvb_cdi_view_check(const char *path, struct nvb_strv *out_faults)
{
    nvb_autofree char *dir = NULL;
    const char *name = split(path, &dir);
    nvb_auto_err err = { 0 };

    if (!nvb_driver_store_check(dir, name, out_faults, &err))
        nvb_strv_add(out_faults, err.lines[0]);
}

bool nvb_cdi_view_replace(const struct nvb_host *host,
                          const struct nvb_cdi_view *view,
                          struct nvb_err *err)
{
    nvb_autoclose int fd = -1;

    if (!view->has_plan) {
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND,
                        "the files that '%s/%s' was made of are gone", view->dir, view->name);
    }
    nvb_driver_store_remove(view->dir, view->name);
    fd = nvb_driver_store_hold(view->dir, view->name);
    if (fd < 0)
        return hold(host, view, &fd, err);
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "the driver view '%s/%s' is in use by a container",
             view->dir, view->name);
    return nvb_hint(err, "stop the containers that use the GPU, then: nvbind cdi refresh");
}
