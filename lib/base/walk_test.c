/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

static const char *make_tree(void)
{
    const char *tree = tree_new();

    tree_put(tree, "a/b/file", "inside\n");
    tree_put(tree, "etc/passwd", "inside\n");
    tree_put(tree, "top", "inside\n");
    tree_link(tree, "absolute", "/a/b");
    tree_link(tree, "out", "../../../../../../etc/passwd");
    tree_link(tree, "a/up", "../../../a/./b/../b");
    tree_link(tree, "a/b/slashes", "//a///b//");
    tree_link(tree, "a/dangling", "nowhere");
    tree_link(tree, "round", "about");
    tree_link(tree, "about", "round");
    tree_link(tree, "chain", "absolute/slashes/../up/file");
    return tree;
}

static bool is_same_file(int one, int other)
{
    struct stat a;
    struct stat b;

    return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

TEST(agrees_with_the_kernel)
{
    static const char *const paths[] = {
        "/",
        ".",
        "..",
        "a",
        "/a/b/file",
        "a/b/",
        "a/b/file/",
        "a/b/file/x",
        "absolute/file",
        "out",
        "/../out",
        "a/up/file",
        "a/up",
        "a/b/slashes/file",
        "a/dangling",
        "a/dangling/x",
        "round",
        "chain",
        "etc/passwd",
        "absent",
        "absent/x",
        "a/../top",
        "top/..",
        "absolute/..",
        "",
        "a//b",
        "absolute/",
        "out/",
        "../../etc/passwd",
        "a/up/../../top",
    };
    static const int flags[] = { O_PATH, O_RDONLY, O_PATH | O_DIRECTORY, O_PATH | O_NOFOLLOW,
                                 O_RDONLY | O_NOFOLLOW };
    nvb_autoclose int root = open(make_tree(), O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (size_t j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
            nvb_autoclose int kernel = nvb_open_in_root(root, paths[i], flags[j]);
            int kernel_errno = errno;
            nvb_autoclose int walked = nvb_walk_in_root(root, paths[i], flags[j], 0);
            bool is_same = kernel < 0 ? walked < 0 && errno == kernel_errno
                                      : walked >= 0 && is_same_file(kernel, walked);

            if (!is_same) {
                printf("# '%s' flags %#o: kernel %d, walked %d\n", paths[i], (unsigned)flags[j],
                       kernel < 0 ? -kernel_errno : kernel, walked < 0 ? -errno : walked);
            }
            EXPECT(is_same);
        }
    }
}

TEST(makes_new_files_only)
{
    const char *tree = make_tree();
    nvb_autoclose int root = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
    nvb_autoclose int made = nvb_walk_in_root(root, "absolute/new", flags, 0600);
    nvb_autoclose int found = nvb_walk_in_root(root, "a/b/new", O_RDONLY, 0);

    EXPECT(made >= 0 && found >= 0 && is_same_file(made, found));
    EXPECT(nvb_walk_in_root(root, "a/b/file", flags, 0600) < 0 && errno == EEXIST);
    EXPECT(nvb_walk_in_root(root, "a/dangling", flags, 0600) < 0 && errno == EEXIST);
    EXPECT(nvb_walk_in_root(root, "..", flags, 0600) < 0);
}

TEST(leaves_no_descriptor_open)
{
    nvb_autoclose int root = open(make_tree(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_autoclose int before = dup(root);
    int after = -1;

    for (int i = 0; i < 100; i++) {
        nvb_autoclose int fd = nvb_walk_in_root(root, "chain", O_RDONLY, 0);

        EXPECT(fd >= 0);
        EXPECT(nvb_walk_in_root(root, "a/b/file/x", O_RDONLY, 0) < 0);
        EXPECT(nvb_walk_in_root(root, "round", O_RDONLY, 0) < 0);
    }
    after = dup(root);
    EXPECT(after == before + 1);
    (void)close(after);
}
