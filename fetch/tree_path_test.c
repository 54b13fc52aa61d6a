/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_path.h"

#include "test.h"

TEST(takes_away_what_means_nothing)
{
    static const char *const rows[][2] = {
        {"a/b",      "a/b"    },
        { "./a//b/", "a/b"    },
        { "/a/./b",  "a/b"    },
        { "",        ""       },
        { "./",      ""       },
        { "///",     ""       },
        { "..a/b..", "..a/b.."},
        { "...",     "..."    },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };
        nvb_autofree char *got = tree_path_clean(rows[i][0], &err);

        EXPECT_STR(got, rows[i][1]);
    }
}

TEST(refuses_the_way_up)
{
    static const char *const rows[] = { "..", "../a", "a/..", "a/../b", "/..", "./../a" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(tree_path_clean(rows[i], &err) == NULL && err.kind == NVB_E_INVALID);
    }
}
