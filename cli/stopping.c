/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stopping.h"

#include <signal.h>

#include "life/event.h"
#include "life/halt.h"
#include "life/roster.h"

bool stopping(const struct nvb_places *places,
              const char *id,
              const unsigned *timeout_s,
              struct nvb_err *err)
{
    nvb_auto_listed listed = { 0 };
    nvb_auto_err absent = { 0 };
    struct nvb_event event = { .what = "stop", .id = id };

    if (!nvb_listed_look(places, id, &listed, &absent))
        return true; /* removed meanwhile */
    event.name = listed.face.name;
    if (nvb_state_is_up(listed.status.state))
        nvb_event_write(places->run_fd, &event);
    return nvb_halt_stop(places, id, listed.face.stop_signal ? listed.face.stop_signal : SIGTERM,
                         timeout_s ? *timeout_s : listed.face.stop_timeout_s, err);
}
