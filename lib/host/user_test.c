/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/user.h"

#include "test.h"
#include "tree.h"

static struct nvb_host *open_host(const char *tree)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    return host;
}

TEST(reads_the_effective_ids)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_auto_user user = { 0 };

    tree_put(tree, "proc/self/status",
             "Name:\tnvbind\nUid:\t1000\t1001\t1000\t1000\nGid:\t100\t101\t100\t100\n"
             "Groups:\t27 44 105 \n");
    nvb_user_read(host, &user);
    EXPECT(user.is_known && user.uid == 1001 && user.gid == 101);
    EXPECT(user.n_groups == 3 && user.groups[0] == 27 && user.groups[2] == 105);
}

TEST(a_tree_without_a_status_has_no_user)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_auto_user user = { 0 };

    nvb_user_read(host, &user);
    EXPECT(!user.is_known);
    tree_put(tree, "proc/self/status", "Uid:\t\nGid:\t99999999999\t1\n");
    nvb_user_read(host, &user);
    EXPECT(!user.is_known);
}

TEST(one_class_of_permission_bits_decides)
{
    gid_t groups[] = { 105 };
    struct nvb_user user = { .uid = 1000, .gid = 1000, .groups = groups, .n_groups = 1 };
    struct nvb_user root = { 0 };

    EXPECT(nvb_user_may_open(&user, 0660, 0, 105));
    EXPECT(!nvb_user_may_open(&user, 0660, 0, 44));
    EXPECT(!nvb_user_may_open(&user, 0640, 0, 105));
    EXPECT(!nvb_user_may_open(&user, 0606, 0, 105));
    EXPECT(nvb_user_may_open(&user, 0666, 0, 0));
    EXPECT(!nvb_user_may_open(&user, 0066, 1000, 0));
    EXPECT(nvb_user_may_open(&root, 0000, 1, 1));
}

TEST(finds_the_name_of_a_group)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *render = NULL;
    nvb_autofree char *video = NULL;

    tree_put(tree, "etc/group", "root:x:0:\nbroken\nvideo:x:44:ann,bob\nrender:x:105:\n");
    render = nvb_group_dup_name(host, 105);
    video = nvb_group_dup_name(host, 44);
    EXPECT_STR(render, "render");
    EXPECT_STR(video, "video");
    EXPECT(nvb_group_dup_name(host, 4) == NULL);
    EXPECT(nvb_user_dup_name(host, 0) == NULL);
}
