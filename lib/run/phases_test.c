/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/phases.h"

#include <string.h>

#include "test.h"

TEST(every_phase_has_a_name_of_its_own)
{
    for (int a = 0; a < NVB_PHASE_COUNT; a++) {
        EXPECT(nvb_phase_name((enum nvb_phase)a) && *nvb_phase_name((enum nvb_phase)a));
        for (int b = 0; b < a; b++) {
            EXPECT(strcmp(nvb_phase_name((enum nvb_phase)a), nvb_phase_name((enum nvb_phase)b)) !=
                   0);
        }
    }
}

TEST(marks_are_in_order_of_time)
{
    struct nvb_phases phases = { 0 };
    uint64_t before = nvb_clock_ns();

    for (int p = 0; p < NVB_PHASE_COUNT; p++)
        nvb_phase_mark(&phases, (enum nvb_phase)p);
    EXPECT(before > 0 && phases.at_ns[0] >= before);
    for (int p = 1; p < NVB_PHASE_COUNT; p++)
        EXPECT(phases.at_ns[p] >= phases.at_ns[p - 1]);
    EXPECT(phases.at_ns[NVB_PHASE_COUNT - 1] <= nvb_clock_ns());
}
