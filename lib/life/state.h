/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* state.h - in which state a container is: found out, never written down.
 *
 *   record  lock  process  exit.json
 *   yes     free  none     no         created; exited with an unknown status if it ever started
 *   yes     free  none     yes        exited
 *   any     held  written  any        running
 *   yes     held  none     no         created: about to start
 *   yes     held  none     yes        restarting: its supervisor waits to start it again
 *   yes     free  alive    any        lost: its supervisor died; any command gives it a new one
 *   no      free  any      no         gone: what is left of one in the foreground
 *
 * An incomplete directory without a record and without a lock is gone, too. */
#pragma once

#include "life/ending.h"
#include "life/presence.h"

enum nvb_state {
    NVB_STATE_GONE = 0,
    NVB_STATE_CREATED,
    NVB_STATE_RUNNING,
    NVB_STATE_RESTARTING,
    NVB_STATE_EXITED,
    NVB_STATE_LOST,
};

struct nvb_status {
    enum nvb_state state;
    struct nvb_sight sight;
    struct nvb_ending ending; /* how it ended last, if it did and was seen */
};

void nvb_status_look(const struct nvb_places *places, const char *id, struct nvb_status *out);
void nvb_status_clear(struct nvb_status *status);
#define nvb_auto_status __attribute__((cleanup(nvb_status_clear))) struct nvb_status

/* "running"; a lost one is running, too. */
const char *nvb_state_name(enum nvb_state state);
bool nvb_state_is_up(enum nvb_state state);
