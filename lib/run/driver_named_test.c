/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_named.h"

#include <sys/stat.h>
#include <unistd.h>

#include "run/driver_store.h"
#include "test.h"
#include "tree.h"

/* An old view of which only the manifest is left: enough to be one. */
static void put_view(const char *tree, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("store/%s/" NVB_VIEW_MANIFEST, name);

    tree_put(tree, path, "{}");
}

static bool has_view(const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("/store/%s/" NVB_VIEW_MANIFEST, name);

    return access(path, F_OK) == 0;
}

#define OLD     "535.1-3f-0000000000000001"
#define OLDER   "525.1-3f-0000000000000002"
#define NOBODYS "515.1-3f-0000000000000003"
#define RUNNING "550.1-3f-0000000000000004"

static void sweep(void)
{
    nvb_auto_strv keep = { 0 };

    nvb_strv_add(&keep, "550.1");
    nvb_driver_store_sweep("/store", &keep);
}

TEST(a_view_that_a_specification_names_is_never_swept_away)
{
    const char *tree = tree_new();

    put_view(tree, OLD);
    put_view(tree, OLDER);
    put_view(tree, NOBODYS);
    put_view(tree, RUNNING);
    tree_put(tree, "etc/cdi/a.json", "{\"hostPath\":\"\\/store\\/" OLD "\"}");
    tree_put(tree, "run/cdi/b.yaml", "- hostPath: >-\n    /store/" OLDER "\n");
    tree_enter(tree);
    sweep();
    EXPECT(has_view(OLD) && has_view(OLDER) && has_view(RUNNING) && !has_view(NOBODYS));
    EXPECT(unlink("/etc/cdi/a.json") == 0);
    sweep();
    EXPECT(!has_view(OLD) && has_view(OLDER) && has_view(RUNNING));
    EXPECT(unlink("/run/cdi/b.yaml") == 0 && rmdir("/run/cdi") == 0);
    sweep();
    EXPECT(!has_view(OLDER) && has_view(RUNNING));
}

/* On purpose, to make it anew. */
TEST(it_can_be_removed_by_name_all_the_same)
{
    const char *tree = tree_new();

    put_view(tree, OLD);
    tree_put(tree, "etc/cdi/a.json", OLD);
    tree_enter(tree);
    nvb_driver_store_remove("/store", OLD);
    EXPECT(!has_view(OLD));
}

TEST(what_cannot_be_read_may_name_it)
{
    const char *tree = tree_new();

    tree_put(tree, "etc/cdi/a.json", "x");
    tree_mkdir(tree, "etc/cdi/directory");
    tree_fifo(tree, "etc/cdi/fifo");
    tree_enter(tree);
    EXPECT(!nvb_driver_is_named(OLD));
    EXPECT(symlink("a.json", "/etc/cdi/link") == 0 && symlink("gone", "/etc/cdi/dangling") == 0);
    EXPECT(!nvb_driver_is_named(OLD));
    EXPECT(symlink("loop", "/etc/cdi/loop") == 0);
    EXPECT(nvb_driver_is_named(OLD));
    EXPECT(unlink("/etc/cdi/loop") == 0 && chmod("/etc/cdi/a.json", 0) == 0);
    if (geteuid() == 0)
        SKIP("root reads everything");
    EXPECT(nvb_driver_is_named(OLD));
}

TEST(without_directories_nothing_is_named)
{
    tree_enter(tree_new());
    EXPECT(!nvb_driver_is_named(OLD));
}
