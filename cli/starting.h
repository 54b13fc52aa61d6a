/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* starting.h - a recorded container is started again: resolved anew, with what it wrote still there. */
#pragma once

#include "life/presence.h"

/* True as well when it runs already. */
bool starting(const struct nvb_places *places, const char *id, struct nvb_err *err);

/* In a supervisor's place, whose lock is ours: this process becomes the next supervisor. False when
 * nothing was started, with the error unless a user stopped the container meanwhile. */
bool starting_in_place(const struct nvb_places *places,
                       struct nvb_presence *presence,
                       char **argv,
                       struct nvb_err *err);
