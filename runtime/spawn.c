/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

/* The order in which namespaces are joined: the mounts late, since paths mean something else
 * behind them, and the user last, since the rights over the others may be given up with it. */
static const enum spec_namespace_kind join_order[] = {
    SPEC_IPC, SPEC_UTS, SPEC_NETWORK, SPEC_PID, SPEC_CGROUP, SPEC_TIME, SPEC_MOUNT, SPEC_USER,
};

/* What is to be joined, opened, and what is to be made. */
struct plan {
    int fds[SPEC_NAMESPACES]; /* -1: not to be joined */
    uint64_t new_flags;
    bool joins;
};

/* What the process between tells: the child's pid, or what went wrong. */
struct told {
    pid_t pid;
    int sys_errno;
    unsigned kind; /* enum spec_namespace_kind; SPEC_NAMESPACES: the child itself */
};

static void plan_clear(struct plan *plan)
{
    for (size_t i = 0; i < SPEC_NAMESPACES; i++) {
        if (plan->fds[i] >= 0)
            (void)close(plan->fds[i]);
    }
}

static pid_t
make_child(const struct plan *plan, uint64_t more_flags, int (*run)(void *), void *data)
{
    struct clone_args args = {
        .flags = plan->new_flags | more_flags,
        .exit_signal = more_flags & CLONE_PARENT ? 0 : SIGCHLD,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

    if (pid == 0)
        _exit(run(data));
    return pid;
}

static void
join_and_make(const struct plan *plan, int (*run)(void *), void *data, struct told *told)
{
    for (size_t i = 0; i < SPEC_NAMESPACES; i++) {
        enum spec_namespace_kind kind = join_order[i];

        if (plan->fds[kind] < 0 || setns(plan->fds[kind], spec_namespace_names[kind].flag) == 0)
            continue;
        told->sys_errno = errno;
        told->kind = kind;
        return;
    }
    told->pid = make_child(plan, CLONE_PARENT, run, data);
    if (told->pid < 0) {
        told->sys_errno = errno;
        told->kind = SPEC_NAMESPACES;
    }
}

static bool take_told(const struct told *told, pid_t *out_pid, struct nvb_err *err)
{
    if (told->sys_errno == 0 && told->pid > 0) {
        *out_pid = told->pid;
        return true;
    }
    errno = told->sys_errno ? told->sys_errno : ECHILD;
    if (told->kind < SPEC_NAMESPACES)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot join the %s namespace",
                              spec_namespace_names[told->kind].name);
    return nvb_fail_errno(err, NVB_D_RUN, "cannot make the container's namespaces");
}

/* A process between joins, so that this one stays where it is; its child is ours all the same. */
static bool spawn_through(const struct plan *plan,
                          int (*run)(void *),
                          void *data,
                          pid_t *out_pid,
                          struct nvb_err *err)
{
    struct told told = { .kind = SPEC_NAMESPACES };
    int ends[2] = { -1, -1 };
    pid_t between = 0;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a pipe");
    between = fork();
    if (between == 0) {
        join_and_make(plan, run, data, &told);
        (void)nvb_write_all(ends[1], &told, sizeof(told));
        _exit(0);
    }
    (void)close(ends[1]);
    if (between > 0) {
        if (read(ends[0], &told, sizeof(told)) != (ssize_t)sizeof(told))
            told.sys_errno = EPIPE;
        while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
            continue;
    } else {
        told.sys_errno = errno;
    }
    (void)close(ends[0]);
    return take_told(&told, out_pid, err);
}

static bool carry_out(const struct plan *plan,
                      int (*run)(void *),
                      void *data,
                      pid_t *out_pid,
                      struct nvb_err *err)
{
    if (plan->joins)
        return spawn_through(plan, run, data, out_pid, err);
    *out_pid = make_child(plan, 0, run, data);
    if (*out_pid > 0)
        return true;
    *out_pid = 0;
    nvb_fail_errno(err, NVB_D_RUN, "cannot make the container's namespaces");
    return nvb_hint(err, "nvbind doctor looks for the reason");
}

static bool open_namespace(struct plan *plan, size_t i, const char *path, struct nvb_err *err)
{
    plan->fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    plan->joins = true;
    return plan->fds[i] >= 0 || nvb_fail_errno(err, NVB_D_RUN, "cannot open the %s namespace '%s'",
                                               spec_namespace_names[i].name, path);
}

bool spawn(const struct spec *spec,
           int (*run)(void *data),
           void *data,
           pid_t *out_pid,
           struct nvb_err *err)
{
    struct plan plan = { 0 };
    bool ok = true;

    for (size_t i = 0; i < SPEC_NAMESPACES; i++)
        plan.fds[i] = -1;
    for (size_t i = 0; ok && i < SPEC_NAMESPACES; i++) {
        const struct spec_namespace *ns = &spec->namespaces[i];

        if (ns->is_listed && ns->path)
            ok = open_namespace(&plan, i, ns->path, err);
        else if (ns->is_listed && i != SPEC_CGROUP)
            plan.new_flags |= (unsigned)spec_namespace_names[i].flag;
    }
    ok = ok && carry_out(&plan, run, data, out_pid, err);
    plan_clear(&plan);
    return ok;
}

/* Those that differ from our own. A user namespace that is our own cannot be joined. */
static bool open_other(struct plan *plan, size_t i, pid_t pid, struct nvb_err *err)
{
    const char *file = spec_namespace_names[i].file;
    nvb_autofree char *theirs = nvb_xasprintf("/proc/%d/ns/%s", (int)pid, file);
    nvb_autofree char *ours = nvb_xasprintf("/proc/self/ns/%s", file);
    struct stat a;
    struct stat b;

    if (stat(theirs, &a) < 0) {
        if (errno == ENOENT && stat(ours, &b) < 0)
            return true; /* an older kernel */
        return nvb_fail_errno(err, NVB_D_RUN, "cannot find '%s'", theirs);
    }
    if (stat(ours, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev)
        return true;
    return open_namespace(plan, i, theirs, err);
}

bool spawn_beside(pid_t pid,
                  int (*run)(void *data),
                  void *data,
                  pid_t *out_pid,
                  struct nvb_err *err)
{
    struct plan plan = { 0 };
    bool ok = true;

    for (size_t i = 0; i < SPEC_NAMESPACES; i++)
        plan.fds[i] = -1;
    for (size_t i = 0; ok && i < SPEC_NAMESPACES; i++)
        ok = open_other(&plan, i, pid, err);
    ok = ok && carry_out(&plan, run, data, out_pid, err);
    plan_clear(&plan);
    return ok;
}

static void add_arguments(const struct spec_id_map *maps, size_t n, struct nvb_strv *out)
{
    for (size_t i = 0; i < n; i++) {
        nvb_strv_addf(out, "%u", maps[i].inside);
        nvb_strv_addf(out, "%u", maps[i].outside);
        nvb_strv_addf(out, "%u", maps[i].count);
    }
}

/* The helper of the machine that may write what the caller's subordinate ids allow. */
static bool map_by_helper(const char *helper,
                          pid_t pid,
                          const struct spec_id_map *maps,
                          size_t n,
                          struct nvb_err *err)
{
    nvb_auto_strv args = { 0 };
    int status = 0;
    pid_t child = 0;

    nvb_strv_add(&args, helper);
    nvb_strv_addf(&args, "%d", (int)pid);
    add_arguments(maps, n, &args);
    child = fork();
    if (child == 0) {
        (void)execvp(helper, args.items);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_DENIED, "%s refuses the ids of the container", helper);
    return nvb_hint(err, "they must be among the caller's in /etc/subuid and /etc/subgid");
}

static bool write_proc(pid_t pid, const char *file, const char *text)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/%s", (int)pid, file);
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && nvb_write_all(fd, text, strlen(text));
}

static bool
write_map(pid_t pid, bool is_uid, const struct spec_id_map *maps, size_t n, struct nvb_err *err)
{
    const char *file = is_uid ? "uid_map" : "gid_map";
    nvb_auto_buf text = { 0 };

    for (size_t i = 0; i < n; i++)
        nvb_buf_addf(&text, "%u %u %u\n", maps[i].inside, maps[i].outside, maps[i].count);
    if (n == 0 || write_proc(pid, file, text.data))
        return true;
    if (errno != EPERM)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot write the %s of the container", file);
    /* An ordinary user may map the own group only when groups cannot be changed any more. */
    if (n == 1 && maps[0].count == 1 && write_proc(pid, "setgroups", "deny") &&
        write_proc(pid, file, text.data))
        return true;
    return map_by_helper(is_uid ? "newuidmap" : "newgidmap", pid, maps, n, err);
}

bool spawn_write_maps(const struct spec *spec, pid_t pid, struct nvb_err *err)
{
    return write_map(pid, true, spec->uid_maps, spec->n_uid_maps, err) &&
           write_map(pid, false, spec->gid_maps, spec->n_gid_maps, err);
}
