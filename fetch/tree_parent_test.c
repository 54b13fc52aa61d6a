/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

struct bed {
    const char *tree;
    int fd;
    struct tree_parent parent;
};

static struct bed bed_new(void)
{
    struct bed bed = { .tree = tree_new() };

    bed.fd = open(bed.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tree_parent_init(&bed.parent, bed.fd);
    return bed;
}

static void bed_clear(struct bed *bed)
{
    tree_parent_clear(&bed->parent);
    (void)close(bed->fd);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static bool is_directory(const struct bed *bed, const char *path)
{
    struct stat st;

    return fstatat(bed->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

TEST(makes_what_is_missing_and_remembers_it)
{
    auto_bed bed = bed_new();
    nvb_auto_strv implied = { 0 };
    const char *name = NULL;
    nvb_auto_err err = { 0 };
    int fd = -1;

    tree_mkdir(bed.tree, "there");
    fd = tree_parent_open(&bed.parent, "there/a/b/file", &name, &err);
    EXPECT(fd >= 0);
    EXPECT_STR(name, "file");
    EXPECT(tree_parent_open(&bed.parent, "there/a/b/other", &name, &err) == fd);
    EXPECT(is_directory(&bed, "there/a/b"));
    path_set_list(&bed.parent.implied, &implied);
    EXPECT(implied.n == 3 && strcmp(implied.items[1], "there/a") == 0);
}

TEST(links_stay_inside_also_where_they_lead_nowhere_yet)
{
    const char *outside = tree_new();
    nvb_autofree char *target = nvb_xasprintf("../../../..%s/deep", outside);
    auto_bed bed = bed_new();
    const char *name = NULL;
    nvb_auto_err err = { 0 };
    struct stat st;

    tree_link(bed.tree, "link", target);
    EXPECT(tree_parent_open(&bed.parent, "link/x/file", &name, &err) >= 0);
    EXPECT(is_directory(&bed, outside + 1));
    EXPECT(fstatat(AT_FDCWD, outside, &st, 0) == 0 && st.st_nlink == 2);
}

TEST(a_loop_or_a_file_on_the_way_is_told)
{
    auto_bed bed = bed_new();
    const char *name = NULL;
    nvb_auto_err loop = { 0 };
    nvb_auto_err file = { 0 };

    tree_link(bed.tree, "a", "b");
    tree_link(bed.tree, "b", "a");
    tree_put(bed.tree, "file", "x");
    EXPECT(tree_parent_open(&bed.parent, "a/x", &name, &loop) < 0);
    EXPECT(loop.sys_errno == ELOOP);
    EXPECT(tree_parent_open(&bed.parent, "file/x", &name, &file) < 0);
    EXPECT(file.sys_errno == ENOTDIR);
    EXPECT(bed.parent.path == NULL && bed.parent.fd < 0);
}
