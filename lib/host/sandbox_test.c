/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/sandbox.h"

#include <string.h>

#include "test.h"
#include "tree.h"

static struct nvb_host *open_host(const char *tree)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    return host;
}

TEST(an_empty_tree_denies_nothing_and_offers_nothing)
{
    nvb_autoptr(nvb_host) host = open_host(tree_new());
    nvb_auto_sandbox s = { 0 };
    nvb_auto_err err = { 0 };

    nvb_sandbox_read(host, &s);
    EXPECT_STR(s.kernel_release, "unknown");
    EXPECT(nvb_sandbox_check_userns(&s, &err));
    EXPECT(!s.has_overlay && !s.seccomp_actions && s.cgroup == NVB_CGROUP_NONE);
    EXPECT(s.max_user_namespaces == UINT64_MAX && s.max_map_count == 0);
}

TEST(each_of_three_settings_takes_user_namespaces_away)
{
    static const struct {
        const char *file;
        const char *value;
        const char *setting;
    } rows[] = {
        {"proc/sys/kernel/unprivileged_userns_clone",              "0\n",
         "kernel.unprivileged_userns_clone=1"                                                             },
        { "proc/sys/user/max_user_namespaces",                     "0\n", "user.max_user_namespaces=15000"},
        { "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
         "kernel.apparmor_restrict_unprivileged_userns=0"                                                 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *tree = tree_new();
        nvb_autoptr(nvb_host) host = open_host(tree);
        nvb_auto_sandbox s = { 0 };
        nvb_auto_err err = { 0 };

        tree_put(tree, rows[i].file, rows[i].value);
        nvb_sandbox_read(host, &s);
        EXPECT(!nvb_sandbox_check_userns(&s, &err));
        EXPECT(err.kind == NVB_E_DENIED && strstr(err.hint, rows[i].setting));
    }
}

TEST(tells_the_cgroup_layouts_apart)
{
    static const struct {
        const char *mounts;
        const char *name;
    } rows[] = {
        {"23 1 0:1 / /proc rw - proc proc rw\n",                                  "none"  },
        { "30 1 0:2 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n",   "v1"    },
        { "30 1 0:2 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
          "31 1 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "hybrid"},
        { "31 1 0:3 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n",         "v2"    },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *tree = tree_new();
        nvb_autoptr(nvb_host) host = open_host(tree);
        nvb_auto_sandbox s = { 0 };

        tree_put(tree, "proc/self/mountinfo", rows[i].mounts);
        nvb_sandbox_read(host, &s);
        EXPECT_STR(nvb_cgroup_kind_name(s.cgroup), rows[i].name);
    }
}

TEST(lists_the_controllers_of_the_own_group_only)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_auto_sandbox s = { 0 };

    tree_put(tree, "proc/self/mountinfo", "31 1 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    tree_put(tree, "proc/self/cgroup", "10::/no\n0::/user.slice/../../../../app\n");
    tree_put(tree, "sys/fs/cgroup/user.slice/cgroup.controllers", "io\n");
    tree_put(tree, "sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
    tree_put(tree, "app/cgroup.controllers", "memory pids\n");
    nvb_sandbox_read(host, &s);
    EXPECT(nvb_sandbox_has_controller(&s, "memory"));
    EXPECT(nvb_sandbox_has_controller(&s, "pids"));
    EXPECT(!nvb_sandbox_has_controller(&s, "cpu"));
    EXPECT(!nvb_sandbox_has_controller(&s, "mem"));
}

TEST(a_session_has_the_controllers_of_its_systemd_and_root_all)
{
    static const char *const manager = "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autofree char *file = nvb_xasprintf("%s/cgroup.controllers", manager);
    nvb_auto_sandbox s = { 0 };
    nvb_auto_sandbox of_root = { 0 };

    tree_put(tree, "proc/self/mountinfo", "31 1 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    tree_put(tree, "proc/self/cgroup", "0::/user.slice/user-1000.slice/session-1.scope\n");
    tree_put(tree, "proc/self/status",
             "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n");
    tree_put(tree, "sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope/cgroup.controllers",
             "pids\n");
    tree_put(tree, file, "memory pids\n");
    tree_put(tree, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    nvb_sandbox_read(host, &s);
    EXPECT(nvb_sandbox_has_controller(&s, "memory"));
    EXPECT(!nvb_sandbox_has_controller(&s, "cpu"));
    tree_put(tree, "proc/self/status", "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
    nvb_sandbox_read(host, &of_root);
    EXPECT(nvb_sandbox_has_controller(&of_root, "cpu"));
}

TEST(compares_kernel_versions_by_number)
{
    static const struct {
        const char *release;
        bool is_enough;
    } rows[] = {
        {"5.11.0",            true },
        { "5.10.197-1-amd64", false},
        { "6.1.0-18-amd64",   true },
        { "5.9",              false},
        { "4.19.0",           false},
        { "10.0",             true },
        { "5.11-rc1",         true },
        { "",                 false},
        { "5",                false},
        { "unknown",          false},
        { "-6.1",             false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char release[32];
        const struct nvb_sandbox s = { .kernel_release = release };

        (void)snprintf(release, sizeof(release), "%s", rows[i].release);
        EXPECT(nvb_sandbox_is_kernel_at_least(&s, 5, 11) == rows[i].is_enough);
    }
}

TEST(an_overlay_module_on_disk_counts)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_auto_sandbox s = { 0 };

    tree_put(tree, "proc/sys/kernel/osrelease", "6.12.1\n");
    tree_put(tree, "proc/filesystems", "nodev\tfakeoverlay\n\text4\n");
    nvb_sandbox_read(host, &s);
    EXPECT(!s.has_overlay);
    nvb_sandbox_clear(&s);
    tree_put(tree, "lib/modules/6.12.1/kernel/fs/overlayfs/overlay.ko.zst", "");
    nvb_sandbox_read(host, &s);
    EXPECT(s.has_overlay);
}
