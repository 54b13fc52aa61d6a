/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/care.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rm_tree.h"
#include "life/adopt.h"
#include "life/event.h"
#include "life/face.h"
#include "life/lease.h"
#include "life/name.h"
#include "life/record.h"
#include "life/removal.h"
#include "life/state.h"
#include "life/supervision.h"

static void remove_cgroups(const struct nvb_face *face)
{
    for (size_t i = 0; i < face->cgroups.n; i++)
        (void)rmdir(face->cgroups.items[i]);
}

/* Of one in the foreground, or whose making was interrupted. */
static void remove_rest(const struct nvb_places *places,
                        struct nvb_presence *presence,
                        const struct nvb_face *face)
{
    if (face->name) {
        nvb_name_release(places->names_fd, face->name, presence->id);
    } else if (!face->image) {
        nvb_name_release_all(places->names_fd, presence->id);
    }
    if (places->containers_fd >= 0)
        (void)nvb_rm_tree(places->containers_fd, presence->id);
    nvb_lease_drop(presence->id);
    nvb_presence_leave(presence);
}

static void tell_unseen(const struct nvb_places *places, const struct nvb_record *record)
{
    const struct nvb_event event = {
        .what = "exit",
        .id = record->id,
        .name = record->request->name,
        .has_status = true,
    };

    nvb_event_write(places->run_fd, &event);
}

/* Nobody saw it end. */
static void write_unknown(const struct nvb_places *places,
                          const struct nvb_record *record,
                          int dir_fd,
                          const struct nvb_face *face,
                          struct nvb_ending *ending)
{
    nvb_auto_err ignored = { 0 };

    *ending = (struct nvb_ending){ .count = face->count };
    nvb_restart_count_end(&ending->count, true, 0);
    (void)nvb_ending_write(dir_fd, ending, &ignored);
    tell_unseen(places, record);
}

static bool is_due(const struct nvb_record *record, int dir_fd, const struct nvb_ending *ending)
{
    return !ending->error && !nvb_record_is_stopped(dir_fd) &&
           nvb_restart_is_due(record->request->restart, record->request->restart_max,
                              &ending->count);
}

/* As its supervisor would have gone on. */
static void finish(const struct nvb_places *places,
                   const struct nvb_record *record,
                   struct nvb_presence *presence,
                   const struct nvb_face *face)
{
    nvb_autoclose int dir_fd = nvb_record_open_dir(places->containers_fd, record->id);
    nvb_auto_ending ending = { 0 };
    nvb_auto_err ignored = { 0 };

    if (dir_fd < 0)
        return;
    if (!nvb_ending_read(dir_fd, &ending))
        write_unknown(places, record, dir_fd, face, &ending);
    if (record->request->is_auto_removed) {
        (void)nvb_removal(places, presence, &ignored);
    } else if (is_due(record, dir_fd, &ending)) {
        nvb_presence_forget(presence);
        nvb_supervision_hand_over(presence, "start");
    } else {
        nvb_presence_leave(presence);
    }
}

/* Under its lock; it may have come to life again before that was ours. */
static void settle(const struct nvb_places *places, struct nvb_presence *presence)
{
    nvb_autoclose int dir_fd = -1;
    nvb_autoclose int pid_fd = -1;
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_sight sight = { 0 };
    nvb_auto_face face = { 0 };
    nvb_auto_err err = { 0 };

    nvb_sight_look(places->run_fd, presence->id, &sight);
    pid_fd = sight.process.pid > 0 ? nvb_process_open(&sight.process) : -1;
    if (pid_fd >= 0)
        return;
    if (sight.face)
        (void)nvb_face_parse(sight.face, &face);
    remove_cgroups(&face);
    if (nvb_record_read(places->containers_fd, presence->id, &record, &err)) {
        dir_fd = nvb_record_open_dir(places->containers_fd, presence->id);
        if (dir_fd >= 0 && nvb_record_has_started(dir_fd)) {
            finish(places, record, presence, &face);
        } else {
            (void)nvb_removal(places, presence, &err);
        }
    } else if (err.kind == NVB_E_NOT_FOUND) {
        remove_rest(places, presence, &face);
    }
}

static bool has_record(const struct nvb_places *places, const char *id)
{
    nvb_autoclose int dir_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);

    return dir_fd >= 0;
}

bool nvb_care(const struct nvb_places *places, const char *id)
{
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_status status = { 0 };
    nvb_auto_err ignored = { 0 };

    nvb_status_look(places, id, &status);
    if (status.sight.is_locked)
        return false;
    if (status.state == NVB_STATE_LOST) /* without a record it was in the foreground and is dying */
        return has_record(places, id) && nvb_adopt(places, id, &ignored);
    if (!nvb_presence_take(places->run_fd, id, &presence, &ignored))
        return false;
    settle(places, &presence);
    return true;
}

static void care_for_places(const struct nvb_places *places)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (places->run_fd < 0 || !nvb_list_in_root(places->run_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_is_id(names.items[i]) && !nvb_presence_is_held(places->run_fd, names.items[i]))
            (void)nvb_care(places, names.items[i]);
    }
}

static void care_for_removals(const struct nvb_places *places)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (places->containers_fd < 0 ||
        !nvb_list_in_root(places->containers_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_has_prefix(names.items[i], NVB_GONE_PREFIX))
            nvb_removal_finish(places, names.items[i]);
    }
}

void nvb_care_all(const struct nvb_places *places)
{
    care_for_places(places);
    care_for_removals(places);
}
