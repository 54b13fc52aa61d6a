/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/wine_path.h"

#include <glib.h>

#include "test.h"
#include "tree.h"

TEST(finds_the_files_of_drives)
{
    static const char *const rows[][2] = {
        {"C:\\a\\b.exe", "/p/drive_c/a/b.exe"},
        { "c:/a",        "/p/drive_c/a"      },
        { "Z:\\opt\\x",  "/opt/x"            },
        { "E:\\x",       "/p/dosdevices/e:/x"},
        { "/unix",       NULL                },
        { "C:relative",  NULL                },
        { "",            NULL                },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = gf_wine_path_dup_unix("/p", rows[i][0]);

        EXPECT(g_strcmp0(path, rows[i][1]) == 0);
    }
    EXPECT(gf_wine_path_dup_unix(NULL, "C:\\a") == NULL);
}

TEST(writes_a_path_in_the_letters_of_the_file_system)
{
    const char *dir = tree_new();
    g_autofree char *asked = g_build_filename(dir, "program files/GRÖSSE.EXE", NULL);
    g_autofree char *there = g_build_filename(dir, "Program Files/Größe.exe", NULL);
    g_autofree char *absent = g_build_filename(dir, "program files/none.exe", NULL);
    g_autofree char *got = NULL;
    g_autofree char *same = NULL;

    tree_put(dir, "Program Files/Größe.exe", "");
    got = gf_wine_path_dup_case(asked);
    EXPECT_STR(got, there);
    same = gf_wine_path_dup_case(absent);
    EXPECT_STR(same, absent);
}

TEST(finds_the_prefix_around_an_executable)
{
    const char *dir = tree_new();
    g_autofree char *inside = g_build_filename(dir, "a/drive_c/x/y.exe", NULL);
    g_autofree char *prefix = g_build_filename(dir, "a", NULL);
    g_autofree char *beside = g_build_filename(dir, "b/game/y.exe", NULL);
    g_autofree char *pfx = g_build_filename(dir, "b/pfx", NULL);
    g_autofree char *got = NULL;

    tree_put(dir, "a/user.reg", "");
    tree_put(dir, "a/drive_c/x/y.exe", "");
    tree_put(dir, "b/pfx/user.reg", "");
    tree_mkdir(dir, "b/pfx/drive_c");
    got = gf_wine_path_dup_prefix(inside);
    EXPECT_STR(got, prefix);
    g_free(got);
    got = gf_wine_path_dup_prefix(beside);
    EXPECT_STR(got, pfx);
    EXPECT(gf_wine_path_dup_prefix("/nowhere/x.exe") == NULL);
}
