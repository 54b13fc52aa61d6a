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

static enum nvb_state judge_free(const struct nvb_status *s, int dir_fd, bool has_ended)
{
    if (is_alive(&s->sight.process))
        return NVB_STATE_LOST;
    if (!s->has_record)
        return NVB_STATE_GONE;
    return has_ended || nvb_record_has_started(dir_fd) ? NVB_STATE_EXITED : NVB_STATE_CREATED;
}

void nvb_status_look(const struct nvb_places *places, const char *id, struct nvb_status *out)
{
    nvb_autoclose int dir_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);
    bool has_ended = false;

    *out = (struct nvb_status){ 0 };
    nvb_sight_look(places->run_fd, id, &out->sight);
    out->has_record = dir_fd >= 0 && faccessat(dir_fd, NVB_RECORD_FILE, F_OK, 0) == 0;
    has_ended = out->has_record && nvb_ending_read(dir_fd, &out->ending);
    if (!out->sight.is_locked) {
        out->state = judge_free(out, dir_fd, has_ended);
    } else if (has_ended) {
        out->state = NVB_STATE_RESTARTING;
    } else if (out->sight.process.pid > 0) {
        out->state = NVB_STATE_RUNNING;
    } else {
        out->state = out->has_record ? NVB_STATE_CREATED : NVB_STATE_GONE;
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
