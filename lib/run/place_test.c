/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/place.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"
#include "tree.h"

/* "" for nothing to make. */
static void expect_place(const char *tree, const char *rest, const char *want)
{
    nvb_autofree char *source = nvb_xasprintf("%s/usr", tree);
    char got[PATH_MAX] = "";

    if (!nvb_place_find(source, rest, got))
        got[0] = '\0';
    EXPECT_STR(got, want);
}

TEST(what_the_image_has_needs_no_place)
{
    const char *tree = tree_new();

    tree_put(tree, "usr/lib/a.so", "");
    tree_link(tree, "usr/lib64", "lib");
    expect_place(tree, "lib", "");
    expect_place(tree, "lib/a.so", "");
    expect_place(tree, "lib64/a.so", "");
}

TEST(what_it_lacks_is_made_where_its_links_lead)
{
    const char *tree = tree_new();

    tree_put(tree, "usr/lib/a.so", "");
    tree_put(tree, "usr/share/x/y/z", "");
    tree_link(tree, "usr/lib64", "lib");
    tree_link(tree, "usr/share/deep", "x/y");
    expect_place(tree, "lib/b.so", "lib/b.so");
    expect_place(tree, "lib64/b.so", "lib/b.so");
    expect_place(tree, "lib64/c/d/e", "lib/c/d/e");
    expect_place(tree, "share/deep/w", "share/x/y/w");
    expect_place(tree, "new", "new");
    expect_place(tree, "new/er/est", "new/er/est");
    expect_place(tree, "lib//b", "lib/b");
}

TEST(links_that_lead_elsewhere_and_paths_that_climb_are_left_alone)
{
    const char *tree = tree_new();

    tree_put(tree, "usr/lib/a.so", "");
    tree_mkdir(tree, "etc/x");
    tree_mkdir(tree, "usrlocal");
    tree_link(tree, "usr/etc", "../etc/x");
    tree_link(tree, "usr/near", "../usrlocal");
    expect_place(tree, "etc/new", "");
    expect_place(tree, "near/new", "");
    expect_place(tree, "../etc/new", "");
    expect_place(tree, "lib/../../etc/new", "");
    expect_place(tree, "lib/a.so/new", "");
}

TEST(a_directory_that_is_closed_to_the_caller_is_not_one_that_is_missing)
{
    const char *tree = tree_new();
    nvb_autofree char *closed = nvb_xasprintf("%s/usr/closed", tree);

    tree_mkdir(tree, "usr/closed/in");
    EXPECT(chmod(closed, 0) == 0);
    if (geteuid() == 0)
        EXPECT(chmod(tree, 0755) == 0 && setresuid(65534, 65534, 65534) == 0);
    expect_place(tree, "closed/in/new", "");
    expect_place(tree, "open", access(tree, X_OK) == 0 ? "open" : "");
}
