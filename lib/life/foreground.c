/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/foreground.h"

#include <sys/resource.h>
#include <time.h>

#include "life/entry.h"
#include "life/name.h"

enum {
    FILES_MIN = 32,
    FILE_SIZE_MIN = 65536,
};

/* Under tight limits the start needs for itself what there is. */
static bool has_room(void)
{
    struct rlimit files;
    struct rlimit size;

    return getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= FILES_MIN &&
           getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur >= FILE_SIZE_MIN;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool nvb_foreground_begin(struct nvb_foreground *f,
                          const struct nvb_request *request,
                          const struct nvb_container *container,
                          struct nvb_err *err)
{
    const char *id = container->id;
    bool has_name = request->name != NULL;

    if (!has_name && !has_room())
        return true;
    if (!nvb_places_make(&f->places, false, has_name, err) ||
        !nvb_presence_take(f->places.run_fd, id, &f->presence, err)) {
        if (has_name)
            return false;
        nvb_err_clear(err);
        return true;
    }
    f->container = container;
    nvb_face_fill(&f->face, request, now_ns());
    return !has_name || nvb_name_take(&f->places, request->name, id, err);
}

bool nvb_foreground_tell(void *data, const struct nvb_birth *birth, struct nvb_err *err)
{
    struct nvb_foreground *f = data;
    struct nvb_process process;
    nvb_autofree char *face = NULL;
    nvb_auto_err ignored = { 0 };

    (void)err;
    if (f->presence.dir_fd < 0 || !nvb_process_read(birth->pid, &process))
        return true;
    for (size_t i = 0; i < birth->n_cgroups; i++)
        nvb_strv_add(&f->face.cgroups, birth->cgroups[i]);
    face = nvb_face_dup_text(&f->face);
    (void)nvb_entry_write(&f->presence, f->container, &ignored);
    (void)nvb_presence_tell(&f->presence, &process, face, &ignored);
    return true;
}

void nvb_foreground_end(struct nvb_foreground *f)
{
    if (f->face.name && f->presence.dir_fd >= 0)
        nvb_name_release(f->places.names_fd, f->face.name, f->presence.id);
    nvb_presence_leave(&f->presence);
    nvb_places_clear(&f->places);
    nvb_face_clear(&f->face);
}
