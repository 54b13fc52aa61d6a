/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_metrics.h"

#include <string.h>

#include "base/text.h"
#include "test.h"

/* A file of that layout whose reasons are all `bits` at `offset`. */
static size_t
make_file(unsigned format, unsigned content, size_t size, size_t offset, uint64_t bits, char *out)
{
    memset(out, 0, size);
    out[0] = (char)(size & 0xff);
    out[1] = (char)(size >> 8);
    out[2] = (char)format;
    out[3] = (char)content;
    memcpy(out + offset, &bits, sizeof(bits));
    return size;
}

TEST(reads_the_layouts_that_mean_the_same_on_every_chip)
{
    static const struct {
        unsigned format, content;
        size_t size, offset;
    } layouts[] = {
        {1,  3, 120, 112},
        { 2, 2, 128, 120},
        { 2, 3, 152, 120},
        { 2, 4, 168, 120}
    };

    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        char file[256];
        uint64_t throttle = 0;
        size_t size = make_file(layouts[i].format, layouts[i].content, layouts[i].size,
                                layouts[i].offset, 0x1000000001, file);

        EXPECT(nvb_gpu_metrics_parse(file, size, &throttle) && throttle == 0x1000000001);
    }
}

TEST(other_layouts_and_short_files_do_not_tell)
{
    char file[256];
    uint64_t throttle = 42;

    EXPECT(!nvb_gpu_metrics_parse("", 0, &throttle));
    EXPECT(!nvb_gpu_metrics_parse("\x78\x00\x01", 3, &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(1, 2, 120, 112, 1, file), &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(1, 4, 200, 112, 1, file), &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(2, 1, 120, 112, 1, file), &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(3, 0, 200, 112, 1, file), &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(1, 3, 120, 112, 1, file) - 1, &throttle));
    EXPECT(!nvb_gpu_metrics_parse(file, make_file(1, 3, 120, 112, UINT64_MAX, file), &throttle));
    (void)make_file(1, 3, 120, 112, 1, file);
    file[0] = 119; /* says of itself that it ends before */
    EXPECT(!nvb_gpu_metrics_parse(file, 120, &throttle));
    EXPECT(throttle == 42);
}

TEST(each_reason_is_told_once)
{
    nvb_auto_strv none = { 0 };
    nvb_auto_strv reasons = { 0 };
    nvb_auto_strv unnamed = { 0 };

    nvb_gpu_metrics_explain(0, &none);
    nvb_gpu_metrics_explain(1 | 2 | 1ULL << 36 | 1ULL << 38 | 1ULL << 41 | 1ULL << 44, &reasons);
    nvb_gpu_metrics_explain(1ULL << 63, &unnamed);
    EXPECT(none.n == 0 && reasons.n == 3 && unnamed.n == 1);
    EXPECT_STR(reasons.items[0], "power limit");
    EXPECT_STR(reasons.items[1], "too hot (hotspot)");
    EXPECT_STR(reasons.items[2], "voltage regulator too hot");
}
