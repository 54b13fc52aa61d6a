/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static bool write_proc(pid_t pid, const char *file, const char *text, struct nvb_err *err)
{
    char path[64];
    nvb_autoclose int fd = -1;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || !nvb_write_all(fd, text, strlen(text))) {
        int saved = errno;

        nvb_fail_errno(err, NVB_D_RUN, "cannot write the container's %s", file);
        if (saved == ENOENT && access("/proc/self", F_OK) < 0)
            return nvb_hint(err, "mount -t proc proc /proc");
        if (saved == EPERM && geteuid() == 0) {
            return nvb_hint(err, "root lacks CAP_SETUID or CAP_SETGID here: give both to the "
                                 "outer container, as with --cap-add SETUID --cap-add SETGID");
        }
        return false;
    }
    return true;
}

static bool write_one(pid_t pid,
                      const char *file,
                      unsigned inside,
                      unsigned outside,
                      unsigned count,
                      struct nvb_err *err)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%u %u %u\n", inside, outside, count);
    return write_proc(pid, file, text, err);
}

bool nvb_idmap_write(const struct nvb_launch *launch, pid_t pid, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;

    if (launch->is_range) {
        return write_one(pid, "uid_map", 0, launch->range_base, NVB_ID_RANGE, err) &&
               write_one(pid, "gid_map", 0, launch->range_base, NVB_ID_RANGE, err);
    }
    /* An ordinary user may map a group only after giving up setgroups(2). */
    return write_one(pid, "uid_map", c->uid, geteuid(), 1, err) &&
           write_proc(pid, "setgroups", "deny", err) &&
           write_one(pid, "gid_map", c->gid, getegid(), 1, err);
}

/* It only keeps the namespace alive until that is open; no longer than its parent lives. */
_Noreturn static void hold_namespace(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    for (;;)
        (void)pause();
}

int nvb_idmap_open_namespace(unsigned disk_uid,
                             unsigned shown_uid,
                             unsigned disk_gid,
                             unsigned shown_gid,
                             struct nvb_err *err)
{
    struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    pid_t parent = getpid();
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    char path[64];
    int fd = -1;

    if (pid == 0)
        hold_namespace(parent);
    if (pid < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot make a user namespace for a volume");
        return -1;
    }
    if (write_one(pid, "uid_map", disk_uid, shown_uid, 1, err) &&
        write_one(pid, "gid_map", disk_gid, shown_gid, 1, err)) {
        (void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            nvb_fail_errno(err, NVB_D_RUN, "cannot open the user namespace of a volume");
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return fd;
}
