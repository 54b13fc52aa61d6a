/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* halt.h - a running container is signalled, and waited for. */
#pragma once

#include "life/state.h"

/* Send its first process a signal, which passes it on to the command. NVB_E_CONFLICT: it does not
 * run. */
bool nvb_halt_signal(const struct nvb_places *places,
                     const char *id,
                     unsigned number,
                     struct nvb_err *err);

/* A user does not want it to run: no policy starts it again. To be said before the signal. */
bool nvb_halt_note(const struct nvb_places *places, const char *id, struct nvb_err *err);

/* Send it `number`, after `timeout_s` SIGKILL, and wait until whoever is in charge has written down
 * how it ended and lets go of it. No policy starts it again. True as well when it did not run. */
bool nvb_halt_stop(const struct nvb_places *places,
                   const char *id,
                   unsigned number,
                   unsigned timeout_s,
                   struct nvb_err *err);

/* Wait for the end of its present run; how that ended. One that does not run has ended already. */
bool nvb_halt_wait(const struct nvb_places *places,
                   const char *id,
                   struct nvb_ending *out,
                   struct nvb_err *err);
