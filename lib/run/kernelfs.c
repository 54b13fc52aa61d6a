/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/kernelfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "run/attach.h"
#include "run/layer.h"
#include "run/mount_api.h"
#include "run/relay.h"

#define IN_ROOT(path) NVB_SCRATCH_ROOT path

enum {
    KERNEL_FLAGS = MS_NOSUID | MS_NOEXEC | MS_NODEV,
};

static void mount_or_die(const struct nvb_launch *launch,
                         const char *type,
                         const char *path,
                         unsigned long flags,
                         const char *options)
{
    if (mount(type, path, type, flags, options) < 0)
        nvb_child_die(launch, errno, "cannot mount %s", type);
}

static void mount_proc(const struct nvb_launch *launch)
{
    if (mount("proc", IN_ROOT("/proc"), "proc", KERNEL_FLAGS, NULL) == 0)
        return;
    if (errno == EPERM) {
        nvb_child_die_kind(launch, NVB_E_DENIED,
                           "another container hides parts of /proc here; start that one with "
                           "--security-opt unmask=ALL (podman) or systempaths=unconfined (docker)",
                           "the kernel refuses a /proc of our own");
    }
    nvb_child_die(launch, errno, "cannot mount /proc");
}

/* Of the host's devices only these six exist, by bind mounts: a user namespace may not make any. */
static void bind_nodes(const struct nvb_launch *launch)
{
    static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        char from[32];
        char to[64];

        (void)snprintf(from, sizeof(from), "/dev/%s", nodes[i]);
        (void)snprintf(to, sizeof(to), IN_ROOT("/dev/%s"), nodes[i]);
        if (mknod(to, S_IFREG | 0666, 0) < 0 || mount(from, to, NULL, MS_BIND, NULL) < 0)
            nvb_child_die(launch, errno, "cannot place '%s'", from);
    }
}

static void link_nodes(const struct nvb_launch *launch)
{
    static const char *const links[][2] = {
        {"/proc/self/fd",    IN_ROOT("/dev/fd")    },
        { "/proc/self/fd/0", IN_ROOT("/dev/stdin") },
        { "pts/ptmx",        IN_ROOT("/dev/ptmx")  },
        { "/proc/self/fd/1", IN_ROOT("/dev/stdout")},
        { "/proc/self/fd/2", IN_ROOT("/dev/stderr")},
    };
    bool has_pipes = launch->container->is_detached && !launch->container->has_tty;
    size_t n = sizeof(links) / sizeof(links[0]) - (has_pipes ? NVB_RELAY_MAX : 0);

    if (has_pipes)
        nvb_relay_make_pipes(launch);
    for (size_t i = 0; i < n; i++) {
        if (symlink(links[i][0], links[i][1]) < 0)
            nvb_child_die(launch, errno, "cannot make a link in /dev");
    }
}

static void mount_dev(const struct nvb_launch *launch)
{
    mount_or_die(launch, "tmpfs", IN_ROOT("/dev"), MS_NOSUID | MS_NOEXEC, "mode=755,size=65536k");
    bind_nodes(launch);
    link_nodes(launch);
    if (mkdir(IN_ROOT("/dev/pts"), 0755) < 0 || mkdir(IN_ROOT("/dev/shm"), 01777) < 0 ||
        mkdir(IN_ROOT("/dev/mqueue"), 01777) < 0)
        nvb_child_die(launch, errno, "cannot make a directory in /dev");
    mount_or_die(launch, "devpts", IN_ROOT("/dev/pts"), MS_NOSUID | MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=0620");
    /* Half of the memory, not docker's 64 MB: browsers in games and MIT-SHM need more. */
    mount_or_die(launch, "tmpfs", IN_ROOT("/dev/shm"), KERNEL_FLAGS, "mode=1777");
    mount_or_die(launch, "mqueue", IN_ROOT("/dev/mqueue"), KERNEL_FLAGS, NULL);
}

static void mount_sys(const struct nvb_launch *launch, int root_fd)
{
    struct mount_attr attr = {
        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    };
    nvb_autoclose int tree = -1;
    nvb_autoclose int place = -1;

    /* A sysfs shows the network of its namespace, so with the host's network it is the host's. It
     * is also where the kernel refuses a sysfs of our own, since something covers parts of the
     * host's ("mount too revealing"): those parts stay covered. */
    if (launch->container->network != NVB_NETWORK_HOST) {
        if (mount("sysfs", IN_ROOT("/sys"), "sysfs", KERNEL_FLAGS | MS_RDONLY, NULL) == 0)
            return;
        if (errno != EPERM)
            nvb_child_die(launch, errno, "cannot mount sysfs");
    }
    tree = nvb_open_tree(AT_FDCWD, "/sys", AT_RECURSIVE);
    place = nvb_child_target(launch, root_fd, "/sys", true);
    if (tree < 0 || nvb_mount_setattr(tree, AT_RECURSIVE, &attr) < 0 ||
        nvb_move_mount(tree, place) < 0)
        nvb_child_die(launch, errno, "cannot place /sys");
}

/* An absent path needs no mask. */
static void mask(const struct nvb_launch *launch, const char *path)
{
    char inside[256];
    struct stat st;
    int done = 0;

    (void)snprintf(inside, sizeof(inside), NVB_SCRATCH_ROOT "%s", path);
    if (lstat(inside, &st) < 0)
        return;
    if (S_ISDIR(st.st_mode)) {
        done = mount("tmpfs", inside, "tmpfs", KERNEL_FLAGS | MS_RDONLY, "size=0,nr_inodes=2");
    } else {
        done = mount("/dev/null", inside, NULL, MS_BIND, NULL);
    }
    if (done < 0)
        nvb_child_die(launch, errno, "cannot mask '%s'", path);
}

static void make_readonly(const struct nvb_launch *launch, const char *path)
{
    char inside[256];

    (void)snprintf(inside, sizeof(inside), NVB_SCRATCH_ROOT "%s", path);
    if (mount(inside, inside, NULL, MS_BIND | MS_REC, NULL) < 0) {
        if (errno == ENOENT)
            return;
        nvb_child_die(launch, errno, "cannot protect '%s'", path);
    }
    if (mount(NULL, inside, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | KERNEL_FLAGS, NULL) < 0)
        nvb_child_die(launch, errno, "cannot protect '%s'", path);
}

void nvb_child_mount_kernel_filesystems(const struct nvb_launch *launch, int root_fd)
{
    const struct nvb_container *c = launch->container;

    mount_proc(launch);
    mount_dev(launch);
    mount_sys(launch, root_fd);
    for (size_t i = 0; i < c->masked_paths.n; i++)
        mask(launch, c->masked_paths.items[i]);
    for (size_t i = 0; i < c->readonly_paths.n; i++)
        make_readonly(launch, c->readonly_paths.items[i]);
}
