/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/display.h"
#include "test.h"

/* family, address, number, "MIT-MAGIC-COOKIE-1" shortened to "M", cookie */
#define ENTRY(family, address, number, cookie) family address number "\0\001M" cookie

static const char file[] = ENTRY("\001\000", "\0\004here", "\0\00299", "\0\001a")
    ENTRY("\001\000", "\0\005there", "\0\00299", "\0\001b")
        ENTRY("\001\000", "\0\004here", "\0\00210", "\0\001c")
            ENTRY("\0\0", "\0\004\012\0\0\001", "\0\00299", "\0\001d")
                ENTRY("\377\377", "\0\0", "\0\0", "\0\001e");

static size_t filter(unsigned number, const char *hostname, struct nvb_buf *out)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_xauthority_filter(file, sizeof(file) - 1, number, hostname, out, &err));
    return out->len;
}

TEST(keeps_this_display_of_this_machine_only)
{
    static const char wanted[] = ENTRY("\377\377", "\0\0", "\0\00299", "\0\001a")
        ENTRY("\377\377", "\0\0", "\0\0", "\0\001e");
    nvb_auto_buf out = { 0 };

    EXPECT(filter(99, "here", &out) == sizeof(wanted) - 1);
    EXPECT(memcmp(out.data, wanted, out.len) == 0);
}

TEST(cookies_of_other_displays_and_machines_stay_out)
{
    nvb_auto_buf out = { 0 };
    nvb_auto_buf any = { 0 };

    filter(99, "here", &out);
    for (size_t i = 0; i < out.len; i++)
        EXPECT(out.data[i] != 'b' && out.data[i] != 'c' && out.data[i] != 'd');
    filter(99, NULL, &any);
    EXPECT(memchr(any.data, 'b', any.len) && !memchr(any.data, 'd', any.len));
}

TEST(an_entry_without_a_number_is_for_every_display)
{
    nvb_auto_buf out = { 0 };

    EXPECT(filter(5, "here", &out) > 0);
    EXPECT(out.data[out.len - 1] == 'e');
}

TEST(refuses_every_torn_file)
{
    for (size_t len = 1; len < 13; len++) {
        nvb_auto_buf out = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_xauthority_filter(file, len, 99, NULL, &out, &err));
        EXPECT(err.kind == NVB_E_INVALID && out.len == 0);
    }
}

TEST(a_count_beyond_the_end_is_a_lie)
{
    nvb_auto_buf out = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_xauthority_filter("\001\000\377\377here", 8, 99, NULL, &out, &err));
    EXPECT(nvb_xauthority_filter("", 0, 99, NULL, &out, &err));
    EXPECT(out.len == 0);
}
