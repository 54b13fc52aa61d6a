/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/overlay.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "test.h"
#include "tree.h"

static void add(struct nvb_overlay *overlay, const char *tree)
{
    int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    EXPECT(fd >= 0);
    nvb_overlay_add(overlay, fd);
}

/* What a file says; NULL when it cannot be read. */
static char *dup_text(const struct nvb_overlay *overlay, const char *path)
{
    nvb_auto_err err = { 0 };
    char *text = NULL;

    return nvb_overlay_read(overlay, path, 64, &text, NULL, &err) ? text : NULL;
}

static void expect(const struct nvb_overlay *overlay, const char *path, const char *want)
{
    nvb_autofree char *text = dup_text(overlay, path);

    EXPECT((text == NULL) == (want == NULL));
    if (want)
        EXPECT_STR(text, want);
}

static void expect_real(const struct nvb_overlay *overlay, const char *path, const char *want)
{
    nvb_autofree char *real = nvb_overlay_dup_real_path(overlay, path);

    EXPECT((real == NULL) == (want == NULL));
    if (want)
        EXPECT_STR(real, want);
}

TEST(the_upper_file_is_seen_and_directories_are_merged)
{
    struct nvb_overlay o = { 0 };
    const char *upper = tree_new();
    const char *lower = tree_new();

    tree_put(upper, "etc/passwd", "upper");
    tree_put(lower, "etc/passwd", "lower");
    tree_put(lower, "etc/group", "group");
    tree_put(lower, "usr/lib/x", "x");
    add(&o, upper);
    add(&o, lower);
    expect(&o, "/etc/passwd", "upper");
    expect(&o, "etc//group", "group");
    expect(&o, "/usr/./lib/../lib/x", "x");
    expect(&o, "/etc/none", NULL);
    expect(&o, "/etc", NULL);
    nvb_overlay_clear(&o);
    expect(&o, "/etc/passwd", NULL);
}

TEST(what_is_whited_out_or_below_something_opaque_is_not_seen)
{
    struct nvb_overlay o = { 0 };
    const char *upper = tree_new();
    const char *lower = tree_new();
    nvb_autofree char *opaque = nvb_xasprintf("%s/opaque", upper);

    tree_put(upper, "opaque/new", "new");
    tree_put(lower, "opaque/old", "old");
    tree_put(lower, "gone/file", "file");
    tree_put(lower, "file", "lower");
    if (setxattr(opaque, "user.overlay.opaque", "y", 1, 0) < 0)
        SKIP("no extended attributes here");
    tree_node(upper, "gone", 0, 0);
    tree_mkdir(upper, "file"); /* a directory over a file */
    add(&o, upper);
    add(&o, lower);
    expect(&o, "/opaque/new", "new");
    expect(&o, "/opaque/old", NULL);
    expect(&o, "/gone/file", NULL);
    expect(&o, "/file", NULL);
    nvb_overlay_clear(&o);
}

TEST(links_stay_inside)
{
    struct nvb_overlay o = { 0 };
    const char *upper = tree_new();
    const char *lower = tree_new();

    tree_put(lower, "usr/lib/libc.so.6", "libc");
    tree_put(lower, "etc/hostname", "ours");
    tree_link(upper, "lib", "usr/lib");
    tree_link(upper, "absolute", "/etc/hostname");
    tree_link(upper, "climbs", "../../../../etc/hostname");
    tree_link(upper, "usr/up", "../etc/../lib/libc.so.6");
    tree_link(upper, "loop", "loop");
    tree_link(upper, "outside", "/proc/self/environ");
    add(&o, upper);
    add(&o, lower);
    expect_real(&o, "/lib/libc.so.6", "/usr/lib/libc.so.6");
    expect_real(&o, "/", "/");
    expect_real(&o, "/../..", "/");
    expect_real(&o, "/lib", "/usr/lib");
    expect_real(&o, "/lib/libc.so.6/x", NULL);
    expect_real(&o, "/loop", NULL);
    expect(&o, "/absolute", "ours");
    expect(&o, "/climbs", "ours");
    expect(&o, "/usr/up", "libc");
    expect(&o, "/outside", NULL);
    nvb_overlay_clear(&o);
}

TEST(only_small_regular_files_are_read)
{
    struct nvb_overlay o = { 0 };
    const char *tree = tree_new();
    char large[80];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    tree_put(tree, "large", large);
    tree_fifo(tree, "fifo");
    add(&o, tree);
    expect(&o, "/large", NULL);
    expect(&o, "/fifo", NULL);
    nvb_overlay_clear(&o);
}
