/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/id_range.h"

#include <string.h>

#include "test.h"

enum {
    FIRST = 0x70000000, /* where the search begins */
};

/* The range that is found beside this one line of subuid(5) or passwd(5). */
static unsigned choose(const char *line, unsigned field, bool is_range)
{
    nvb_autofree char *text = nvb_xstrdup(line);
    const struct nvb_id_file file = { .text = text, .field = field, .is_range = is_range };
    nvb_auto_err err = { 0 };
    unsigned base = 0;

    EXPECT(nvb_id_range_choose(&file, 1, &base, &err));
    return base;
}

TEST(the_first_range_is_taken_when_nobody_has_it)
{
    nvb_auto_err err = { 0 };
    const struct nvb_id_file absent = { .field = 2 };
    unsigned base = 0;

    EXPECT(nvb_id_range_choose(NULL, 0, &base, &err) && base == FIRST);
    EXPECT(nvb_id_range_choose(&absent, 1, &base, &err) && base == FIRST);
    EXPECT(choose("", 1, true) == FIRST && choose("\n\n", 1, true) == FIRST);
    EXPECT(choose("alice:100000:65536\nbob:165536:65536\n", 1, true) == FIRST);
    EXPECT(choose("root:x:0:0::/root:/bin/sh\n", 2, false) == FIRST);
}

TEST(a_range_that_touches_is_passed_over)
{
    static const struct {
        const char *line;
        unsigned n_ranges; /* passed over */
    } rows[] = {
        {"a:1879048192:65536",                                      1}, /* the same */
        { "a:1879048192:1",                                         1}, /* its first id */
        { "a:1879113727:1",                                         1}, /* its last id */
        { "a:1879113728:1",                                         0}, /* the one behind it */
        { "a:1879048191:1",                                         0}, /* the one before it */
        { "a:1879048191:2",                                         1}, /* reaches into it */
        { "a:1879048192:65537",                                     2}, /* reaches into the next */
        { "a:0:1879048192",                                         0}, /* ends before it */
        { "a:0:1879048193",                                         1},
        { "a:1879048192:0",                                         0}, /* empty */
        { "x\n# :\na:1879048192:65536\n",                           1},
        { "a:1879048192:65536\nb:1879113728:65536\nc:1879179264:9", 3},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EXPECT(choose(rows[i].line, 1, true) == FIRST + rows[i].n_ranges * NVB_ID_RANGE);
}

TEST(an_account_counts_by_its_id)
{
    EXPECT(choose("a:x:1879048200:100::/:/bin/sh\n", 2, false) == FIRST + NVB_ID_RANGE);
    EXPECT(choose("a:x:5:1879048200::/:/bin/sh\n", 2, false) == FIRST);
    EXPECT(choose("g:x:1879048192", 2, false) == FIRST + NVB_ID_RANGE);
}

/* A line is never read into the next one, nor a number beyond what an id can be. */
TEST(broken_lines_touch_nothing)
{
    static const char *const lines[] = {
        "a\n1879048192:65536\n",    "a:\n1879048192:65536\n",
        "a:1879048192\n:65536\n",   "a:-1:65536",
        "a:1879048192:-1",          "a: 1879048192:65536",
        "a:0x70000000:65536",       "a:18446744073709551615:18446744073709551615",
        "a:99999999999999999999:1", "::::",
        "a:1879048192:65536x",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        EXPECT(choose(lines[i], 1, true) == FIRST);
}

TEST(a_full_host_is_refused_with_advice)
{
    char text[] = "greedy:0:4294967295\n";
    const struct nvb_id_file file = { .text = text, .field = 1, .is_range = true };
    nvb_auto_err err = { 0 };
    unsigned base = 7;

    EXPECT(!nvb_id_range_choose(&file, 1, &base, &err) && base == 7);
    EXPECT(err.kind == NVB_E_CONFLICT && strstr(err.hint, "/etc/subuid"));
}

TEST(every_file_counts)
{
    char first[] = "a:1879048192:65536\n";
    char second[] = "b:1879113728:65536\n";
    const struct nvb_id_file files[] = {
        {.text = first, .field = 1,       .is_range = true},
        { .text = NULL, .field = 2      },
        { .text = second,   .field = 1, .is_range = true                },
    };
    nvb_auto_err err = { 0 };
    unsigned base = 0;

    EXPECT(nvb_id_range_choose(files, 3, &base, &err) && base == FIRST + 2 * NVB_ID_RANGE);
}

TEST(subordinate_ids_belong_to_a_name_or_a_number)
{
    static const char text[] = "alice:100000:65536\n1000:300000:10\nbob:165536:65536\n"
                               "10001:1:1\nalice:500000:5\n";
    struct nvb_id_extent got[4];

    EXPECT(nvb_id_range_subordinate(text, "alice", 1000, got, 4) == 3);
    EXPECT(got[0].inside == 1 && got[0].outside == 100000 && got[0].count == 65536);
    EXPECT(got[1].inside == 65537 && got[1].outside == 300000 && got[1].count == 10);
    EXPECT(got[2].inside == 65547 && got[2].outside == 500000 && got[2].count == 5);
    EXPECT(nvb_id_range_subordinate(text, "alice", 1000, got, 1) == 1);
    EXPECT(nvb_id_range_subordinate(text, NULL, 1000, got, 4) == 1 && got[0].outside == 300000);
    EXPECT(nvb_id_range_subordinate(text, "ali", 100, got, 4) == 0);
    EXPECT(nvb_id_range_subordinate("", "alice", 1000, got, 4) == 0);
}

TEST(broken_subordinate_lines_give_nothing)
{
    static const char
        *const
            lines[] = {
                "alice",
                "alice:",
                "alice:1",
                "alice:1:",
                "alice:x:1",
                "alice:1:x",
                "alice:1:0",
                "alice:1:2:3",
                "alice:4294967295:2",
                "alice:4294967295:1",
                "alice:-1:5",
                "alice\n:1:2",
                "alice:0:10", /* root's own: such a line is a mistake or an attack */
            };
    struct nvb_id_extent got[4];

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        EXPECT(nvb_id_range_subordinate(lines[i], "alice", 1000, got, 4) == 0);
}
