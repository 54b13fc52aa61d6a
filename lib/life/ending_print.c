/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "life/ending.h"

size_t nvb_ending_print(const struct nvb_ending *ending, char out[NVB_ENDING_TEXT])
{
    char status[16] = "null";

    if (ending->is_known)
        (void)snprintf(status, sizeof(status), "%u", ending->status);
    return (size_t)snprintf(out, NVB_ENDING_TEXT,
                            "{\"status\":%s,\"started_ns\":%" PRIu64 ",\"finished_ns\":%" PRIu64
                            ",\"failures\":%u,\"delay_ms\":%u}\n",
                            status, ending->started_ns, ending->finished_ns, ending->count.failures,
                            ending->count.delay_ms);
}
