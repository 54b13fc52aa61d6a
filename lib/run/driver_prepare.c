/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_prepare.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "resolve/driver_choice.h"
#include "resolve/driver_start.h"
#include "run/driver_store.h"

enum {
    LEFTOVER_S = 3600, /* another start may be about to mount what it was just told of */
};

static bool hold(const char *dir,
                 const char *name,
                 const struct nvb_view_plan *build, /* NULL: it must be there */
                 const struct nvb_host *host,
                 int *out_fd,
                 struct nvb_err *err)
{
    *out_fd = nvb_driver_store_hold(dir, name);
    if (*out_fd >= 0)
        return true;
    if (build)
        return nvb_driver_store_build(dir, host, build, out_fd, err);
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "the driver's view '%s' vanished from '%s'", name,
             dir);
    return nvb_hint(err, "try again");
}

static bool hold_both(const struct nvb_driver_work *work,
                      const struct nvb_host *host,
                      struct nvb_driver_held *held,
                      struct nvb_err *err)
{
    if (work->name && !hold(work->dir, work->name, work->has_build ? &work->build : NULL, host,
                            &held->view_fd, err))
        return false;
    return !work->layer_name ||
           hold(work->layer_dir, work->layer_name, work->has_layer_build ? &work->layer : NULL,
                host, &held->layer_fd, err);
}

static bool is_old(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           st.st_mtim.tv_sec < time(NULL) - LEFTOVER_S;
}

/* An answer of an earlier start: the layer that it names stays as long as it holds. */
static void judge_answer(int dir_fd, const char *path, const char *name, struct nvb_strv *layers)
{
    nvb_auto_driver_start start = { 0 };
    const char *slash = NULL;

    if (nvb_driver_start_read(path, &start)) {
        slash = start.layer ? strrchr(start.layer, '/') : NULL;
        if (slash)
            nvb_strv_add(layers, slash + 1);
    } else if (is_old(dir_fd, name)) {
        (void)unlinkat(dir_fd, name, 0);
    }
}

/* Answers that no longer hold, and layers that no answer names. */
static void remove_leftovers(const char *directory)
{
    nvb_autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_strv layers = { 0 };
    nvb_auto_err ignored = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", directory, names.items[i]);

        if (nvb_has_prefix(names.items[i], "start-"))
            judge_answer(fd, path, names.items[i], &layers);
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];

        if (strstr(name, "-layer-") && !nvb_strv_has(&layers, name) && is_old(fd, name))
            nvb_driver_store_remove(directory, name);
    }
}

/* An answer that cannot be kept costs time at the next start, no more. */
static void keep(const struct nvb_driver_work *work)
{
    nvb_autofree char *directory =
        nvb_xstrndup(work->start_path, (size_t)(strrchr(work->start_path, '/') - work->start_path));
    nvb_auto_err ignored = { 0 };

    if (nvb_mkdirs(directory, &ignored) &&
        nvb_write_file(AT_FDCWD, work->start_path, work->start_text, strlen(work->start_text), 0444,
                       &ignored))
        remove_leftovers(directory);
}

/* Views of a driver that neither runs nor is installed. */
static void sweep(const struct nvb_plan *plan, const struct nvb_driver_work *work)
{
    nvb_auto_strv keep_versions = { 0 };

    for (size_t i = 0; i < plan->gpus.n; i++) {
        if (plan->gpus.items[i].driver_version)
            nvb_strv_add(&keep_versions, plan->gpus.items[i].driver_version);
    }
    nvb_strv_add(&keep_versions, work->build.version);
    nvb_driver_store_sweep(work->dir, &keep_versions);
}

void nvb_driver_let_go(struct nvb_driver_held *held)
{
    if (held->view_fd >= 0)
        (void)close(held->view_fd);
    if (held->layer_fd >= 0)
        (void)close(held->layer_fd);
    *held = (struct nvb_driver_held)NVB_DRIVER_HELD_INIT;
}

bool nvb_driver_prepare(const struct nvb_plan *plan,
                        const struct nvb_host *host,
                        struct nvb_driver_held *out_held,
                        struct nvb_err *err)
{
    const struct nvb_driver_work *work = plan->driver;
    struct nvb_driver_held held = NVB_DRIVER_HELD_INIT;

    if (work && !hold_both(work, host, &held, err)) {
        nvb_driver_let_go(&held);
        return false;
    }
    if (work && work->has_build)
        sweep(plan, work);
    if (work && work->start_path)
        keep(work);
    *out_held = held;
    return true;
}
