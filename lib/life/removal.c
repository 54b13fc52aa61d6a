/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/removal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/rm_tree.h"
#include "life/event.h"
#include "life/lease.h"
#include "life/name.h"
#include "life/record.h"

/* By its record, which goes last but for the directory: who is interrupted can begin again. */
static void release(const struct nvb_places *places, const char *dir, const char *id)
{
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_err ignored = { 0 };

    if (!nvb_record_read(places->containers_fd, dir, &record, &ignored))
        return;
    if (record->request->name)
        nvb_name_release(places->names_fd, record->request->name, id);
    if (strcmp(record->request->image, "host") != 0)
        nvb_lease_drop(id);
}

static bool remove_files(const struct nvb_places *places, const char *gone, struct nvb_err *err)
{
    const char *id = gone + strlen(NVB_GONE_PREFIX);
    nvb_autofree char *store = NULL;

    release(places, gone, id);
    if (nvb_rm_tree(places->containers_fd, gone))
        return true;
    store = nvb_dir_dup_store();
    nvb_fail_errno(err, NVB_D_RUN, "cannot remove all files of '%s'", id);
    return nvb_hint(err, "see what is left in %s/containers/%s", store, gone);
}

bool nvb_removal(const struct nvb_places *places,
                 struct nvb_presence *presence,
                 struct nvb_err *err)
{
    const struct nvb_event event = { .what = "remove", .id = presence->id };
    char gone[NVB_ID_SIZE + sizeof(NVB_GONE_PREFIX)];
    bool ok = true;

    (void)snprintf(gone, sizeof(gone), NVB_GONE_PREFIX "%s", presence->id);
    if (places->containers_fd >= 0 &&
        renameat(places->containers_fd, presence->id, places->containers_fd, gone) < 0 &&
        errno != ENOENT)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot remove '%s'", presence->id);
    ok = places->containers_fd < 0 || remove_files(places, gone, err);
    nvb_event_write(places->run_fd, &event);
    nvb_presence_leave(presence);
    return ok;
}

/* Without the lock: two who remove the same files do each other no harm. */
void nvb_removal_finish(const struct nvb_places *places, const char *gone)
{
    nvb_auto_sight sight = { 0 };
    nvb_auto_err ignored = { 0 };

    nvb_sight_look(places->run_fd, gone + strlen(NVB_GONE_PREFIX), &sight);
    if (!sight.is_locked) /* by who is at it */
        (void)remove_files(places, gone, &ignored);
}
