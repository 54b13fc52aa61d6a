/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* amdgpu's gpu_metrics: nothing is read past its end, and there are words for what it says. */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "stats/gpu_metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_auto_strv reasons = { 0 };
    uint64_t throttle = 0;

    if (!nvb_gpu_metrics_parse(data, size, &throttle))
        return 0;
    nvb_gpu_metrics_explain(throttle, &reasons);
    if ((throttle != 0) != (reasons.n > 0))
        abort();
    return 0;
}
