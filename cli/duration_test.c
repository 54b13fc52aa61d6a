/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "duration.h"

#include <stdlib.h>

#include "base/text.h"
#include "test.h"

TEST(durations_are_said_in_their_largest_unit)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {
        {-5,             "less than a second"},
        { 0.9,           "less than a second"},
        { 1,             "1 second"          },
        { 59.9,          "59 seconds"        },
        { 60,            "1 minute"          },
        { 3599,          "59 minutes"        },
        { 7200,          "2 hours"           },
        { 86400,         "1 day"             },
        { 86400 * 364.0, "364 days"          },
        { 86400 * 800.0, "2 years"           },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *text = duration_dup_text(rows[i].seconds);

        EXPECT_STR(text, rows[i].text);
    }
}

TEST(moments_are_written_in_universal_time)
{
    nvb_autofree char *text = moment_dup_text(1795371439529521997);
    nvb_autofree char *unknown = moment_dup_text(0);

    EXPECT_STR(text, "2026-11-22T18:17:19.529521997Z");
    EXPECT(unknown == NULL);
}

TEST(reads_moments_as_people_write_them)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } rows[] = {
        {"2026-11-22T18:17:19.529521997Z", 1795371439529521997},
        { "2026-11-22T18:17:19Z",          1795371439000000000},
        { "2026-11-22T20:17:19.5+02:00",   1795371439500000000},
        { "2026-11-22T13:17:19-05:00",     1795371439000000000},
        { "2026-11-22 18:17:19",           1795371439000000000},
        { "2026-11-22T18:17",              1795371420000000000},
        { "2026-11-22",                    1795305600000000000},
        { "1795371439",                    1795371439000000000},
        { "1795371439.25",                 1795371439250000000},
        { "0",                             0                  },
    };

    (void)setenv("TZ", "UTC", 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t ns = 1;

        EXPECT(moment_parse(rows[i].text, &ns));
        EXPECT(ns == rows[i].ns);
    }
}

TEST(reads_how_long_ago)
{
    uint64_t now = moment_now_ns();
    uint64_t ns = 0;

    EXPECT(moment_parse("90s", &ns) && now - ns <= UINT64_C(90000000000));
    EXPECT(now - ns > UINT64_C(89000000000));
    EXPECT(moment_parse("2h", &ns) && now - ns > UINT64_C(7199000000000));
    EXPECT(moment_parse("99999999d", &ns) && ns == 0);
}

TEST(refuses_what_is_no_moment)
{
    static const char *const bad[] = {
        "", "s", "soon", "-5m", "5y", "2026-13-01", "2026-11-22T18:17:19+2", "1.5m", "12:30"
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t ns = 0;

        EXPECT(!moment_parse(bad[i], &ns));
    }
}
