/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* care.h - what a killed supervisor or command left behind is put right by the next command.
 *
 * Whoever is in charge of a container removes its place when done. A place that nobody holds is
 * therefore the mark of a death:
 *
 *   the container is alive      its supervisor died: it gets another
 *   it ended, unseen            its exit status is unknown; cgroups go; then as its policy says
 *   it waited to start again    it is started
 *   it never started            the command that made it died: it is removed
 *   it was in the foreground    its place is removed
 *
 * After a boot there are no places, so nothing is started again by this. */
#pragma once

#include "life/places.h"

/* Of one container; true when something was done. */
bool nvb_care(const struct nvb_places *places, const char *id);

/* Of all that need it. */
void nvb_care_all(const struct nvb_places *places);
