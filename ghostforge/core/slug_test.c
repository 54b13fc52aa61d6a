/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/slug.h"

#include "test.h"

TEST(makes_names_that_can_be_typed)
{
    static const char *const rows[][2] = {
        {"Portal 2",                    "portal-2"               },
        { "The Witcher® 3: Wild Hunt", "the-witcher-3-wild-hunt"},
        { "Tom Clancy's Größe™",    "tom-clancys-grosse"     },
        { "  --  ",                     "game"                   },
        { "日本語",                  "game"                   },
        { "1942",                       "game-1942"              },
        { "",                           "game"                   },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *slug = gf_slug_dup(rows[i][0]);

        EXPECT_STR(slug, rows[i][1]);
    }
}

TEST(gives_each_game_a_name_of_its_own)
{
    GfStored none = { .games = g_ptr_array_new() };
    g_autoptr(GfSlugs) slugs = gf_slugs_new(&none);
    static const char *const rows[][2] = {
        {"Portal 2", "portal-2"},
        { "Portal",  "portal"  },
        { "Portal",  "portal-3"}, /* portal-2 is another game's */
        { "Portal",  "portal-4"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *slug = gf_slugs_dup_new(slugs, rows[i][0]);

        EXPECT_STR(slug, rows[i][1]);
    }
    g_ptr_array_unref(none.games);
}
