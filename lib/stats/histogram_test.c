/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/histogram.h"

#include "test.h"

static bool is_near(double got, double want)
{
    return got >= want * 0.999 && got <= want * 1.001;
}

TEST(an_empty_one_gives_zero)
{
    nvb_autoptr(nvb_histogram) h = nvb_histogram_new();

    EXPECT(nvb_histogram_count(h) == 0 && nvb_histogram_sum_ns(h) == 0);
    EXPECT(nvb_histogram_max_ns(h) == 0);
    EXPECT(nvb_histogram_percentile_ns(h, 99) == 0.0);
    EXPECT(nvb_histogram_mean_longest_ns(h, 1) == 0.0);
}

TEST(ranks_a_row_of_durations)
{
    nvb_autoptr(nvb_histogram) h = nvb_histogram_new();

    for (uint64_t i = 1; i <= 1000; i++)
        nvb_histogram_add(h, i * 10000);
    EXPECT(nvb_histogram_count(h) == 1000 && nvb_histogram_max_ns(h) == 10000000);
    EXPECT(nvb_histogram_sum_ns(h) == 10000ULL * 500500);
    EXPECT(is_near(nvb_histogram_percentile_ns(h, 50), 5000000));
    EXPECT(is_near(nvb_histogram_percentile_ns(h, 99), 9900000));
    EXPECT(is_near(nvb_histogram_percentile_ns(h, 100), 10000000));
    EXPECT(is_near(nvb_histogram_percentile_ns(h, 0), 10000));
    EXPECT(is_near(nvb_histogram_mean_longest_ns(h, 10), 9955000));
    EXPECT(is_near(nvb_histogram_mean_longest_ns(h, UINT64_MAX), 5005000));
}

TEST(keeps_every_value_within_a_thousandth)
{
    for (uint64_t ns = 1; ns <= NVB_HISTOGRAM_MAX_NS / 3; ns = ns * 3 + 1) {
        nvb_autoptr(nvb_histogram) h = nvb_histogram_new();

        nvb_histogram_add(h, ns);
        nvb_histogram_add(h, ns + ns / 500 + 1); /* just too far away to share a bucket */
        EXPECT(nvb_histogram_percentile_ns(h, 50) == (double)ns);
    }
}

TEST(takes_the_ends_of_the_range)
{
    nvb_autoptr(nvb_histogram) h = nvb_histogram_new();

    nvb_histogram_add(h, 0);
    nvb_histogram_add(h, NVB_HISTOGRAM_MAX_NS);
    nvb_histogram_add(h, UINT64_MAX);
    EXPECT(nvb_histogram_max_ns(h) == NVB_HISTOGRAM_MAX_NS);
    EXPECT(nvb_histogram_percentile_ns(h, 1) == 0.0);
    EXPECT(nvb_histogram_mean_longest_ns(h, 2) == (double)NVB_HISTOGRAM_MAX_NS);
}
