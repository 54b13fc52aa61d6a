/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "life/record.h"

static bool is_alive(const struct nvb_process *process)
{
    nvb_autoclose int fd = process->pid > 0 ? nvb_process_open(process) : -1;

    return fd >= 0;
}

static enum nvb_state
judge_free(const struct nvb_sight *sight, bool has_record, bool has_ended, int dir_fd)
{
    if (is_alive(&sight->process))
        return NVB_STATE_LOST;
    if (!has_record)
        return NVB_STATE_GONE;
    return has_ended || nvb_record_has_started(dir_fd) ? NVB_STATE_EXITED : NVB_STATE_CREATED;
}

static void judge_by_record(const struct nvb_places *places, const char *id, struct nvb_status *s)
{
    nvb_autoclose int dir_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);
    bool has_record = dir_fd >= 0 && faccessat(dir_fd, NVB_RECORD_FILE, F_OK, 0) == 0;
    bool has_ended = has_record && nvb_ending_read(dir_fd, &s->ending);

    if (!s->sight.is_locked) {
        s->state = judge_free(&s->sight, has_record, has_ended, dir_fd);
    } else if (has_ended) {
        s->state = NVB_STATE_RESTARTING;
    } else {
        s->state = has_record ? NVB_STATE_CREATED : NVB_STATE_GONE;
    }
}

/* The common case needs nothing of the store: who is in charge strikes the process out when it has
 * written down how it ended. */
void nvb_status_look(const struct nvb_places *places, const char *id, struct nvb_status *out)
{
    *out = (struct nvb_status){ 0 };
    nvb_sight_look(places->run_fd, id, &out->sight);
    if (out->sight.is_locked && out->sight.process.pid > 0) {
        out->state = NVB_STATE_RUNNING;
    } else {
        judge_by_record(places, id, out);
    }
}

void nvb_status_clear(struct nvb_status *status)
{
    nvb_sight_clear(&status->sight);
    nvb_ending_clear(&status->ending);
    *status = (struct nvb_status){ 0 };
}

const char *nvb_state_name(enum nvb_state state)
{
    switch (state) {
    case NVB_STATE_CREATED:
        return "created";
    case NVB_STATE_RUNNING:
    case NVB_STATE_LOST:
        return "running";
    case NVB_STATE_RESTARTING:
        return "restarting";
    case NVB_STATE_EXITED:
        return "exited";
    case NVB_STATE_GONE:
        break;
    }
    return "gone";
}

bool nvb_state_is_up(enum nvb_state state)
{
    return state == NVB_STATE_RUNNING || state == NVB_STATE_LOST;
}
