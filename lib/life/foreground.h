/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* foreground.h - a container that ends with the command that started it is seen by the others, too:
 * it has a place among the files of this boot, and nothing on the disk but its name.
 *
 * Whoever is killed leaves the place to the next command (care.h). */
#pragma once

#include "life/face.h"
#include "life/presence.h"
#include "run/bolt.h"

struct nvb_foreground {
    struct nvb_places places;
    struct nvb_presence presence;
    struct nvb_face face;
    const struct nvb_container *container; /* borrowed */
};

#define NVB_FOREGROUND_INIT                                       \
    {                                                             \
        .places = NVB_PLACES_INIT, .presence = NVB_PRESENCE_INIT, \
    }

/* Before the start. Only for a name that was asked for can it fail: a container without a place runs
 * as well, though nobody else will find it. */
bool nvb_foreground_begin(struct nvb_foreground *foreground,
                          const struct nvb_request *request,
                          const struct nvb_container *container,
                          struct nvb_err *err);

/* For nvb_run_watch: `data` is the foreground. */
bool nvb_foreground_tell(void *data, const struct nvb_birth *birth, struct nvb_err *err);

/* After its end. */
void nvb_foreground_end(struct nvb_foreground *foreground);
