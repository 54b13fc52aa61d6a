/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/mountinfo.h"

#include <string.h>

#include "test.h"
#include "tree.h"

static struct nvb_strv read_points(const char *text)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = NULL;
    struct nvb_strv points = { 0 };
    nvb_auto_err err = { 0 };

    tree_put(tree, "proc/self/mountinfo", text);
    EXPECT(nvb_host_open(tree, &host, &err));
    nvb_mount_points(host, &points);
    return points;
}

TEST(reads_the_fifth_field)
{
    nvb_auto_strv points =
        read_points("22 1 0:21 / / rw shared:5 - ext4 /dev/sda1 rw\n"
                    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n");

    EXPECT(points.n == 2);
    EXPECT_STR(points.items[0], "/");
    EXPECT_STR(points.items[1], "/mnt2");
}

TEST(decodes_octal_escapes)
{
    nvb_auto_strv points = read_points("1 1 0:1 / /a\\040b\\011c\\012d\\134e rw - x x rw\n"
                                       "1 1 0:1 / /\\303\\251 rw - x x rw\n");

    EXPECT(points.n == 2);
    EXPECT_STR(points.items[0], "/a b\tc\nd\\e");
    EXPECT_STR(points.items[1], "/\xc3\xa9");
}

TEST(leaves_what_is_no_escape_alone)
{
    nvb_auto_strv points = read_points("1 1 0:1 / /a\\04 rw - x\n"
                                       "1 1 0:1 / /b\\ rw - x\n"
                                       "1 1 0:1 / /c\\400\\088\\xff rw - x\n"
                                       "1 1 0:1 / /d\\\\134 rw - x\n");

    EXPECT(points.n == 4);
    EXPECT_STR(points.items[0], "/a\\04");
    EXPECT_STR(points.items[1], "/b\\");
    EXPECT_STR(points.items[2], "/c\\400\\088\\xff");
    EXPECT_STR(points.items[3], "/d\\\\");
}

TEST(survives_hostile_lines)
{
    nvb_auto_strv points = read_points("\n\n   \n1\n1 2 3 4\n1 2 3 4 \n1 2 3 4 /cut\n"
                                       "no fields at all here ok\n"
                                       "1 2 3 4 /nul\\000hidden rw\n"
                                       "1 2 3 4 /good rw");

    EXPECT(nvb_strv_has(&points, "/good") && nvb_strv_has(&points, "/nul"));
    EXPECT(!nvb_strv_has(&points, "/cut"));
}

TEST(an_absent_file_has_no_mounts)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_strv points = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree_new(), &host, &err));
    nvb_mount_points(host, &points);
    EXPECT(points.n == 0);
}

/* A machine with thousands of overlays, whose lines are long: none may be lost, or /etc would be
 * taken for a place without mounts. */
TEST(reads_a_long_table)
{
    nvb_auto_buf text = { 0 };
    nvb_auto_strv points = { 0 };

    for (int i = 0; i < 6000; i++)
        nvb_buf_addf(&text, "%d 1 0:1 / /docker/%0500d rw - overlay overlay rw\n", i, i);
    nvb_buf_add_str(&text, "9 1 0:1 / /etc/hosts rw - ext4 x rw\n");
    points = read_points(text.data);
    EXPECT(points.n == 6001 && nvb_has_mounts_below(&points, "/etc"));
}

TEST(the_live_table_names_the_root)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_strv points = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open("/", &host, &err));
    nvb_mount_points(host, &points);
    EXPECT(nvb_strv_has(&points, "/"));
}

TEST(below_is_strict_and_by_components)
{
    nvb_auto_strv points = { 0 };

    nvb_strv_add(&points, "/");
    EXPECT(!nvb_has_mounts_below(&points, "/"));
    nvb_strv_add(&points, "/etcetera/x");
    nvb_strv_add(&points, "/usr");
    nvb_strv_add(&points, "/opt/a/b");
    EXPECT(!nvb_has_mounts_below(&points, "/etc") && !nvb_has_mounts_below(&points, "/usr"));
    EXPECT(nvb_has_mounts_below(&points, "/opt") && nvb_has_mounts_below(&points, "/opt/a"));
    EXPECT(!nvb_has_mounts_below(&points, "/opt/a/b") && nvb_has_mounts_below(&points, "/"));
}
