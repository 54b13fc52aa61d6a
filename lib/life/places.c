/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/places.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"

static bool open_one(const char *path, bool is_made, int *out_fd, struct nvb_err *err)
{
    *out_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out_fd < 0 && errno == ENOENT && is_made) {
        if (!nvb_mkdirs(path, err))
            return false;
        *out_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (*out_fd >= 0 || (errno == ENOENT && !is_made))
        return true;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
}

static bool open_all(struct nvb_places *out,
                     bool makes_record,
                     bool makes_name,
                     bool makes_run,
                     struct nvb_err *err)
{
    nvb_autofree char *store = nvb_dir_dup_store();
    nvb_autofree char *run = nvb_dir_dup_run();
    nvb_autofree char *containers = nvb_xasprintf("%s/containers", store);
    nvb_autofree char *names = nvb_xasprintf("%s/names", store);

    *out = (struct nvb_places)NVB_PLACES_INIT;
    if (open_one(containers, makes_record, &out->containers_fd, err) &&
        open_one(names, makes_name, &out->names_fd, err) &&
        open_one(run, makes_run, &out->run_fd, err))
        return true;
    nvb_places_clear(out);
    return false;
}

/* Containers outlive the boot, RUN does not, and whoever touches one needs it. */
static bool make_run(struct nvb_places *out, struct nvb_err *err)
{
    nvb_autofree char *run = nvb_dir_dup_run();

    if (open_one(run, true, &out->run_fd, err))
        return true;
    nvb_places_clear(out);
    return false;
}

bool nvb_places_open(struct nvb_places *out, struct nvb_err *err)
{
    return open_all(out, false, false, false, err) &&
           (out->containers_fd < 0 || out->run_fd >= 0 || make_run(out, err));
}

bool nvb_places_make(struct nvb_places *out, bool has_record, bool has_name, struct nvb_err *err)
{
    return open_all(out, has_record, has_name, true, err);
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void nvb_places_clear(struct nvb_places *places)
{
    close_one(&places->containers_fd);
    close_one(&places->names_fd);
    close_one(&places->run_fd);
}

bool nvb_is_id(const char *text)
{
    return strlen(text) == NVB_ID_SIZE - 1 && strspn(text, "0123456789abcdef") == NVB_ID_SIZE - 1;
}
