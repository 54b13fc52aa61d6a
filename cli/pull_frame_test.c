/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "pull_frame.h"

#include <string.h>

#include "test.h"

#define D "sha256:9cb31e2e37ea48390f9b9b4f3e1d2c1a0f00000000000000000000000000abcd"

static struct nvb_pull_layer layers[] = {
    {D,  50000000,  0,         NVB_PULL_HAVE,    true },
    { D, 100000000, 100000000, NVB_PULL_HAVE,    false},
    { D, 75200000,  37600000,  NVB_PULL_COMING,  false},
    { D, 1000,      1000,      NVB_PULL_COMING,  false},
    { D, 1000,      0,         NVB_PULL_WAITING, false},
    { D, 300000000, 0,         NVB_PULL_TODO,    false},
};

static char *draw(const char *name, unsigned width, unsigned height, uint64_t rate)
{
    static char platform[] = "linux/amd64";
    nvb_autofree char *copy = name ? nvb_xstrdup(name) : NULL;
    const struct nvb_pull_state state = { copy, platform, layers, 6 };
    const struct pull_frame frame = { &state, rate, width, height };
    nvb_auto_strv lines = { 0 };

    pull_frame_draw(&frame, &lines);
    for (size_t i = 0; i < lines.n; i++)
        EXPECT(strlen(lines.items[i]) < width || width < 2);
    EXPECT(lines.n < height || height < 2);
    return nvb_strv_join(&lines, "\n");
}

TEST(draws_all_of_it_and_what_comes)
{
    static const char name[] = "ubuntu:24.04";
    nvb_autofree char *text = draw(name, 80, 24, 20000000);

    EXPECT_STR(text,
               "ubuntu:24.04 (linux/amd64)  2/6 layers  137.6/475.2 MB  20.0 MB/s  17 s left\n"
               "  9cb31e2e37ea [====================>                   ]      37.6/75.2 MB\n"
               "  9cb31e2e37ea unpacking\n"
               "  9cb31e2e37ea waiting for another pull");
}

TEST(fits_every_terminal)
{
    static const char name[] =
        "registry.example.com:5000/a/very/long/path/of/an/image/that/goes/on:and-on";

    for (unsigned width = 0; width < 200; width++) {
        for (unsigned height = 0; height < 6; height++) {
            nvb_autofree char *text = draw(name, width, height, 20000000);

            EXPECT(text != NULL);
        }
    }
}

TEST(a_name_cannot_move_the_cursor)
{
    static const char name[] = "x\x1b[2J\n\xc3\xa4";
    nvb_autofree char *text = draw(name, 80, 2, 0);

    EXPECT_STR(text, "x?[2J??? (linux/amd64)  2/6 layers  137.6/475.2 MB");
}

TEST(nothing_is_drawn_before_the_image_is_known)
{
    nvb_autofree char *text = draw(NULL, 80, 24, 0);

    EXPECT_STR(text, "");
}

TEST(the_pace_is_that_of_the_last_seconds)
{
    struct pull_pace pace = { 0 };

    EXPECT(pull_pace_rate(&pace) == 0);
    pull_pace_note(&pace, 1000, 0);
    EXPECT(pull_pace_rate(&pace) == 0);
    for (uint64_t i = 1; i <= 100; i++)
        pull_pace_note(&pace, 1000 + i * 10, i * 1000);
    EXPECT(pull_pace_rate(&pace) == 100000);
    for (uint64_t i = 1; i <= 100; i++) /* it stands still */
        pull_pace_note(&pace, 2000 + i * 250, 100000);
    EXPECT(pull_pace_rate(&pace) == 0);
}

TEST(writes_times)
{
    static const struct {
        uint64_t seconds;
        const char *text;
    } times[] = {
        {0,     "0 s"       },
        { 59,   "59 s"      },
        { 250,  "4 min 10 s"},
        { 7260, "2 h 1 min" }
    };

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        nvb_autofree char *text = pull_dup_duration(times[i].seconds);

        EXPECT_STR(text, times[i].text);
    }
}
