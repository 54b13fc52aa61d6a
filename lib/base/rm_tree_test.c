/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/rm_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"
#include "tree.h"

enum {
    SOME_UID = 54321, /* of nobody */
    DEEP = 3000,      /* 12 KB of path, and more levels than there are descriptors */
};

static bool is_there(int dir_fd, const char *path)
{
    return faccessat(dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_tree_of(const char *tree)
{
    return open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

TEST(files_links_and_directories_go_and_what_links_mean_stays)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open_tree_of(tree);

    tree_put(tree, "victim/file", "x");
    tree_put(tree, "top/a/b/c/file", "x");
    tree_put(tree, "top/~0/file", "x"); /* like what moves up */
    tree_put(tree, "top/~1", "x");
    tree_link(tree, "top/a/out", "../../victim");
    tree_link(tree, "top/a/b/dangling", "/no/such");
    tree_fifo(tree, "top/a/fifo");
    EXPECT(nvb_rm_tree(fd, "top"));
    EXPECT(!is_there(fd, "top") && is_there(fd, "victim/file"));
}

TEST(a_file_a_link_and_nothing_are_trees_too)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open_tree_of(tree);

    tree_put(tree, "file", "x");
    tree_put(tree, "victim/file", "x");
    tree_link(tree, "link", "victim");
    EXPECT(nvb_rm_tree(fd, "file") && nvb_rm_tree(fd, "link") && nvb_rm_tree(fd, "absent"));
    EXPECT(!is_there(fd, "file") && !is_there(fd, "link") && is_there(fd, "victim/file"));
}

TEST(no_depth_is_too_deep)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open_tree_of(tree);
    int at = dup(fd);

    for (int i = 0; i < DEEP; i++) {
        int next = 0;

        EXPECT(mkdirat(at, "deep", 0700) == 0);
        next = openat(at, "deep", O_RDONLY | O_DIRECTORY);
        EXPECT(next >= 0);
        (void)close(at);
        at = next;
    }
    (void)close(at);
    EXPECT(nvb_rm_tree(fd, "deep"));
    EXPECT(!is_there(fd, "deep"));
}

TEST(modes_of_their_owner_do_not_keep_directories)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = -1;

    if (getuid() == 0 &&
        (chown(tree, SOME_UID, SOME_UID) < 0 || setresuid(SOME_UID, SOME_UID, SOME_UID) < 0))
        SKIP("cannot become another user");
    fd = open_tree_of(tree);
    tree_put(tree, "top/a/b/file", "x");
    tree_put(tree, "top/c/d/e/file", "x");
    EXPECT(fchmodat(fd, "top/a/b", 0, 0) == 0 && fchmodat(fd, "top/a", 0500, 0) == 0);
    EXPECT(fchmodat(fd, "top/c/d/e", 0300, 0) == 0 && fchmodat(fd, "top/c/d", 0, 0) == 0);
    EXPECT(fchmodat(fd, "top", 0500, 0) == 0);
    EXPECT(nvb_rm_tree(fd, "top"));
    EXPECT(!is_there(fd, "top"));
}

TEST(what_belongs_to_others_stays_and_is_told)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open_tree_of(tree);

    if (getuid() != 0)
        SKIP("needs root, to make somebody else's file");
    tree_put(tree, "top/ours/file", "x");
    tree_put(tree, "top/theirs/file", "x");
    EXPECT(fchownat(fd, "top", SOME_UID, SOME_UID, 0) == 0);
    EXPECT(fchownat(fd, "top/ours", SOME_UID, SOME_UID, 0) == 0);
    EXPECT(fchownat(fd, "top/ours/file", SOME_UID, SOME_UID, 0) == 0);
    EXPECT(fchmod(fd, 0777) == 0 && setresuid(SOME_UID, SOME_UID, SOME_UID) == 0);
    EXPECT(!nvb_rm_tree(fd, "top"));
    EXPECT(errno == EACCES || errno == EPERM);
    EXPECT(!is_there(fd, "top/ours") && is_there(fd, "top/theirs/file"));
}
