/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/restart.h"

#include "test.h"

TEST(the_wait_doubles_up_to_a_minute)
{
    static const unsigned wanted[] = { 100,  200,   400,   800,   1600,  3200,
                                       6400, 12800, 25600, 51200, 60000, 60000 };
    struct nvb_restart_count count = { 0 };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        nvb_restart_count_end(&count, true, 5);
        EXPECT(count.delay_ms == wanted[i] && count.failures == i + 1);
    }
}

TEST(ten_seconds_up_make_the_wait_short_again)
{
    struct nvb_restart_count count = { .failures = 5, .delay_ms = 60000 };

    nvb_restart_count_end(&count, true, 9999);
    EXPECT(count.delay_ms == 60000);
    nvb_restart_count_end(&count, true, 10000);
    EXPECT(count.delay_ms == 100 && count.failures == 7);
}

TEST(only_failures_in_a_row_count)
{
    struct nvb_restart_count count = { 0 };

    nvb_restart_count_end(&count, true, 5);
    nvb_restart_count_end(&count, true, 5);
    nvb_restart_count_end(&count, false, 5);
    EXPECT(count.failures == 0);
    nvb_restart_count_end(&count, true, 5);
    EXPECT(count.failures == 1);
}

TEST(policies_do_what_their_names_say)
{
    static const struct {
        enum nvb_restart policy;
        unsigned max;
        unsigned failures;
        bool is_due;
    } rows[] = {
        {NVB_RESTART_NO,              0, 0,   false},
        { NVB_RESTART_NO,             0, 1,   false},
        { NVB_RESTART_ALWAYS,         0, 0,   true },
        { NVB_RESTART_ALWAYS,         0, 9,   true },
        { NVB_RESTART_UNLESS_STOPPED, 0, 0,   true },
        { NVB_RESTART_ON_FAILURE,     0, 0,   false},
        { NVB_RESTART_ON_FAILURE,     0, 999, true },
        { NVB_RESTART_ON_FAILURE,     3, 3,   true },
        { NVB_RESTART_ON_FAILURE,     3, 4,   false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nvb_restart_count count = { .failures = rows[i].failures };

        EXPECT(nvb_restart_is_due(rows[i].policy, rows[i].max, &count) == rows[i].is_due);
    }
}
