/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/restart.h"

void nvb_restart_count_end(struct nvb_restart_count *count, bool is_failure, uint64_t up_ms)
{
    unsigned doubled = count->delay_ms * 2;

    count->failures = is_failure ? count->failures + 1 : 0;
    if (count->delay_ms == 0 || up_ms >= NVB_RESTART_SETTLED_MS) {
        count->delay_ms = NVB_RESTART_FIRST_MS;
    } else {
        count->delay_ms = doubled < NVB_RESTART_LAST_MS ? doubled : NVB_RESTART_LAST_MS;
    }
}

bool nvb_restart_is_due(enum nvb_restart policy,
                        unsigned max,
                        const struct nvb_restart_count *count)
{
    switch (policy) {
    case NVB_RESTART_ALWAYS:
    case NVB_RESTART_UNLESS_STOPPED:
        return true;
    case NVB_RESTART_ON_FAILURE:
        return count->failures > 0 && (max == 0 || count->failures <= max);
    case NVB_RESTART_NO:
        break;
    }
    return false;
}
