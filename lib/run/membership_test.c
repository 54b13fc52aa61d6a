/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/membership.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

static struct nvb_membership take(const char *network, const char *name)
{
    struct nvb_membership m = NVB_MEMBERSHIP_INIT;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    if (name)
        nvb_strv_add(&names, name);
    EXPECT(nvb_membership_take(network, &names, false, &m, &err));
    return m;
}

static const char *enter(void)
{
    const char *tree = tree_new();

    EXPECT(setenv("NVBIND_RUN", tree, 1) == 0);
    return tree;
}

TEST(members_get_numbers_and_find_each_other)
{
    struct nvb_membership one;
    struct nvb_membership two;
    struct nvb_membership other;

    (void)enter();
    one = take("app", "Web");
    two = take("app", "db");
    other = take("elsewhere", "db");
    EXPECT(one.number == 1 && two.number == 2 && other.number == 1);
    EXPECT(nvb_membership_find(two.dir_fd, "web") == 1);
    EXPECT(nvb_membership_find(one.dir_fd, "db") == 2);
    EXPECT(nvb_membership_find(other.dir_fd, "db") == 1);
    EXPECT(nvb_membership_find(other.dir_fd, "web") == 0);
    EXPECT(nvb_membership_find(one.dir_fd, "../names/db") == 0);
    EXPECT(nvb_membership_find(one.dir_fd, "") == 0);
    nvb_membership_end(&one);
    EXPECT(nvb_membership_find(two.dir_fd, "web") == 0);
    nvb_membership_end(&two);
    nvb_membership_end(&other);
}

TEST(a_name_has_one_member)
{
    struct nvb_membership one;
    struct nvb_membership second = NVB_MEMBERSHIP_INIT;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    (void)enter();
    one = take("app", "web");
    nvb_strv_add(&names, "web");
    EXPECT(!nvb_membership_take("app", &names, false, &second, &err));
    EXPECT(err.kind == NVB_E_CONFLICT && err.hint && second.dir_fd == -1);
    nvb_membership_end(&one);
}

TEST(who_was_killed_leaves_the_place_to_the_next)
{
    struct nvb_membership killed;
    struct nvb_membership second;
    struct nvb_membership third;

    (void)enter();
    killed = take("app", "web");
    second = take("app", NULL);
    nvb_membership_let_go(&killed); /* as the kernel does it */
    EXPECT(nvb_membership_find(second.dir_fd, "web") == 0);
    third = take("app", "web");
    EXPECT(third.number == 1 && nvb_membership_find(second.dir_fd, "web") == 1);
    nvb_membership_end(&third);
    nvb_membership_end(&second);
}

TEST(the_last_one_leaves_nothing)
{
    const char *tree = enter();
    nvb_autofree char *path = nvb_xasprintf("%s/networks/app", tree);
    struct nvb_membership one = take("app", "web");
    struct stat st;

    EXPECT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
    nvb_membership_end(&one);
    EXPECT(stat(path, &st) < 0);
}

TEST(a_network_has_an_end)
{
    struct nvb_membership members[254];
    struct nvb_membership more = NVB_MEMBERSHIP_INIT;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    (void)enter();
    for (unsigned i = 0; i < 254; i++) {
        members[i] = take("app", NULL);
        EXPECT(members[i].number == i + 1);
    }
    EXPECT(!nvb_membership_take("app", &names, false, &more, &err));
    EXPECT(err.kind == NVB_E_CONFLICT);
    for (unsigned i = 0; i < 254; i++)
        nvb_membership_end(&members[i]);
}
