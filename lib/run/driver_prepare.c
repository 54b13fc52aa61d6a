/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_prepare.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "resolve/driver_choice.h"
#include "run/driver_store.h"

enum {
    LEFTOVER_S = 3600, /* another start may be about to mount what it was just told of */
};

static bool hold(const struct nvb_driver_work *work,
                 const struct nvb_host *host,
                 int *out_fd,
                 struct nvb_err *err)
{
    *out_fd = nvb_driver_store_hold(work->dir, work->name);
    if (*out_fd >= 0)
        return true;
    if (work->has_build)
        return nvb_driver_store_build(work->dir, host, &work->build, out_fd, err);
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "the driver's view '%s' vanished from '%s'",
             work->name, work->dir);
    return nvb_hint(err, "try again");
}

/* Merged caches of a view or an ld.so.cache that is no more, and answers about other drivers. */
static void remove_leftovers(const char *directory, const struct nvb_driver_work *work)
{
    nvb_autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        struct stat st;

        if (!nvb_has_prefix(name, "ldcache-") && !nvb_has_prefix(name, "start-"))
            continue;
        if ((work->ldcache_path && nvb_has_suffix(work->ldcache_path, name)) ||
            nvb_has_suffix(work->start_path, name))
            continue;
        if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_mtim.tv_sec < time(NULL) - LEFTOVER_S)
            (void)unlinkat(fd, name, 0);
    }
}

static bool write_merged(const struct nvb_driver_work *work, struct nvb_err *err)
{
    return !work->ldcache_path || access(work->ldcache_path, R_OK) == 0 ||
           nvb_write_file(AT_FDCWD, work->ldcache_path, work->ldcache.data, work->ldcache.len, 0444,
                          err);
}

/* An answer that cannot be kept costs time at the next start, no more. */
static bool keep(const struct nvb_driver_work *work, struct nvb_err *err)
{
    nvb_autofree char *directory =
        nvb_xstrndup(work->start_path, (size_t)(strrchr(work->start_path, '/') - work->start_path));
    nvb_auto_err ignored = { 0 };

    if (!nvb_mkdirs(directory, work->ldcache_path ? err : &ignored))
        return !work->ldcache_path;
    if (!write_merged(work, err))
        return nvb_while(err, "cannot prepare the driver's ld.so.cache");
    if (nvb_write_file(AT_FDCWD, work->start_path, work->start_text, strlen(work->start_text), 0444,
                       &ignored))
        remove_leftovers(directory, work);
    return true;
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

bool nvb_driver_prepare(const struct nvb_plan *plan,
                        const struct nvb_host *host,
                        int *out_fd,
                        struct nvb_err *err)
{
    const struct nvb_driver_work *work = plan->driver;

    *out_fd = -1;
    if (!work)
        return true;
    if (work->name && !hold(work, host, out_fd, err))
        return false;
    if (work->has_build)
        sweep(plan, work);
    if (work->start_path && !keep(work, err)) {
        if (*out_fd >= 0)
            (void)close(*out_fd);
        *out_fd = -1;
        return false;
    }
    return true;
}
