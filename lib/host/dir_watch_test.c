/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/dir_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

static char *dup_in(const char *tree, const char *name)
{
    return nvb_xasprintf("%s/%s", tree, name);
}

static void open_watch(struct nvb_dir_watch *watch)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_dir_watch_open(watch, &err));
}

static void move(const char *tree, const char *from, const char *to)
{
    nvb_autofree char *old = dup_in(tree, from);
    nvb_autofree char *new = dup_in(tree, to);

    EXPECT(rename(old, new) == 0);
}

static void drop(const char *tree, const char *name)
{
    nvb_autofree char *path = dup_in(tree, name);

    EXPECT(remove(path) == 0);
}

TEST(names_that_come_and_go_are_heard)
{
    const char *tree = tree_new();
    nvb_auto_dir_watch watch = NVB_DIR_WATCH_INIT;

    open_watch(&watch);
    EXPECT(nvb_dir_watch_add(&watch, tree, NULL));
    EXPECT(!nvb_dir_watch_drain(&watch));
    tree_put(tree, "a", "1");
    EXPECT(nvb_dir_watch_drain(&watch));
    EXPECT(!nvb_dir_watch_drain(&watch));
    tree_put(tree, "a", "2"); /* in place, as an editor may */
    EXPECT(nvb_dir_watch_drain(&watch));
    move(tree, "a", "b");
    EXPECT(nvb_dir_watch_drain(&watch));
    drop(tree, "b");
    EXPECT(nvb_dir_watch_drain(&watch));
    tree_mkdir(tree, "d");
    EXPECT(nvb_dir_watch_drain(&watch));
    tree_put(tree, "d/below", "");
    EXPECT(!nvb_dir_watch_drain(&watch));
}

TEST(other_names_do_not_count)
{
    static const char *const cdi[] = { "cdi", "nvidia", NULL };
    const char *tree = tree_new();
    nvb_auto_dir_watch watch = NVB_DIR_WATCH_INIT;

    open_watch(&watch);
    EXPECT(nvb_dir_watch_add(&watch, tree, cdi));
    tree_put(tree, "utmp", "");
    tree_put(tree, "cd", "");
    EXPECT(!nvb_dir_watch_drain(&watch));
    tree_put(tree, "nvidia0", "");
    EXPECT(nvb_dir_watch_drain(&watch));
    EXPECT(nvb_dir_watch_add(&watch, tree, NULL)); /* then every name does */
    tree_put(tree, "utmp2", "");
    EXPECT(nvb_dir_watch_drain(&watch));
}

TEST(a_directory_is_new_once)
{
    const char *tree = tree_new();
    nvb_autofree char *path = dup_in(tree, "run");
    nvb_auto_dir_watch watch = NVB_DIR_WATCH_INIT;

    open_watch(&watch);
    EXPECT(!nvb_dir_watch_add(&watch, path, NULL));
    tree_put(tree, "run", "no directory");
    EXPECT(!nvb_dir_watch_add(&watch, path, NULL));
    drop(tree, "run");
    tree_mkdir(tree, "run");
    EXPECT(nvb_dir_watch_add(&watch, path, NULL));
    EXPECT(!nvb_dir_watch_add(&watch, path, NULL));
    drop(tree, "run");
    EXPECT(nvb_dir_watch_drain(&watch) && watch.n_rows == 0);
    tree_mkdir(tree, "run");
    EXPECT(nvb_dir_watch_add(&watch, path, NULL));
    tree_put(tree, "run/cdi", "");
    EXPECT(nvb_dir_watch_drain(&watch));
}

/* Anybody's write to /dev/null would wake us. */
TEST(a_write_to_a_node_is_not_heard)
{
    nvb_auto_dir_watch watch = NVB_DIR_WATCH_INIT;

    open_watch(&watch);
    if (!nvb_dir_watch_add(&watch, "/dev", NULL))
        SKIP("/dev cannot be watched here");
    for (int i = 0; i < 100; i++) {
        nvb_autoclose int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        EXPECT(fd >= 0 && write(fd, "x", 1) == 1);
    }
    EXPECT(!nvb_dir_watch_drain(&watch));
}

TEST(a_flood_that_overflows_counts)
{
    const char *tree = tree_new();
    nvb_auto_dir_watch watch = NVB_DIR_WATCH_INIT;
    static const char *const cdi[] = { "cdi", NULL };
    unsigned max = 16384;
    FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "re");

    if (limit)
        EXPECT(fscanf(limit, "%u", &max) == 1 && fclose(limit) == 0);
    if (max > 100000)
        SKIP("the kernel keeps %u events", max);
    open_watch(&watch);
    EXPECT(nvb_dir_watch_add(&watch, tree, cdi));
    tree_put(tree, "a", "");
    for (unsigned i = 0; i < max / 4 + 1; i++) {
        move(tree, "a", "b");
        move(tree, "b", "a");
    }
    EXPECT(nvb_dir_watch_drain(&watch));
}
