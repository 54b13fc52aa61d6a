/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "host/id_range.h"
#include "run/channel.h"
#include "run/join.h"
#include "run/seccomp.h"
#include "run/supervise.h"

enum {
    NUMBERS_NEAR = 64,
};

/* The caller's side. */
struct entering {
    const struct nvb_entrance *entrance; /* borrowed */
    struct nvb_launch launch;
    struct nvb_join join;
    int control[2]; /* ours, the child's */
    int signal_fd;
    int pid_fd; /* the command's */
    int master;
    sigset_t caller_mask;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void clear(struct entering *s)
{
    close_fd(&s->control[0]);
    close_fd(&s->control[1]);
    close_fd(&s->signal_fd);
    close_fd(&s->pid_fd);
    close_fd(&s->master);
    close_fd(&s->launch.null_fd);
    close_fd(&s->join.namespaces_fd);
    free(s->launch.filter.filter);
    (void)sigprocmask(SIG_SETMASK, &s->caller_mask, NULL);
}

/* 0 when it is gone. */
static pid_t parent_of(pid_t pid)
{
    char path[32];
    char text[512] = "";
    nvb_autoclose int fd = -1;
    const char *behind_name = NULL;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    behind_name = strrchr(text, ')');
    return behind_name && strlen(behind_name) > 4 ? (pid_t)strtol(behind_name + 4, NULL, 10) : 0;
}

/* It was started right after its parent, so its number mostly is one of the next. */
static pid_t search_child(pid_t parent)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int proc_fd = -1;

    for (pid_t pid = parent + 1; pid < parent + NUMBERS_NEAR; pid++) {
        if (parent_of(pid) == parent)
            return pid;
    }
    proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc_fd < 0 || !nvb_list_in_root(proc_fd, ".", &names, &ignored))
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        uint64_t number = 0;

        if (nvb_parse_u64(names.items[i], INT32_MAX, &number) && parent_of((pid_t)number) == parent)
            return (pid_t)number;
    }
    return 0;
}

/* The oldest child is the command: what is orphaned later comes behind it. Not every kernel lists
 * them (CONFIG_PROC_CHILDREN). */
static pid_t first_child(pid_t pid)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);
    nvb_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[32] = "";
    uint64_t number = 0;

    if (fd < 0)
        return search_child(pid);
    if (read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    text[strcspn(text, " \n")] = '\0';
    return nvb_parse_u64(text, INT32_MAX, &number) ? (pid_t)number : 0;
}

static bool find_namespaces(struct entering *s, struct nvb_err *err)
{
    pid_t pid = s->launch.is_range ? s->entrance->pid : first_child(s->entrance->pid);
    struct pollfd ended = { .fd = s->entrance->pid_fd, .events = POLLIN };

    s->join.namespaces_fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    /* Had it ended before that, the number might be another's by now. */
    if (s->join.namespaces_fd >= 0 && poll(&ended, 1, 0) == 0 &&
        (s->launch.is_range || parent_of(pid) == s->entrance->pid))
        return true;
    return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "the container has ended");
}

/* Those that own the nodes of its devices: root's containers have them from their start. */
static void read_groups(struct entering *s)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/status", (int)s->entrance->pid);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *at = NULL;
    size_t len = 0;

    if (!s->launch.is_range || !nvb_read_file(AT_FDCWD, path, 65536, &text, &len, &ignored))
        return;
    at = strstr(text, "\nGroups:");
    if (!at)
        return;
    at += strlen("\nGroups:");
    at[strcspn(at, "\n")] = '\0';
    for (char *word = strtok_r(at, " \t", &at); word && s->join.n_groups < NVB_JOIN_GROUPS;
         word = strtok_r(NULL, " \t", &at)) {
        uint64_t gid = 0;

        if (nvb_parse_u64(word, UINT32_MAX, &gid))
            s->join.groups[s->join.n_groups++] = (gid_t)gid;
    }
}

/* More than one id means that the first of them is root's. */
static void read_map(struct entering *s)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/uid_map", (int)s->entrance->pid);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *word = NULL;
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, 65536, &text, &len, &ignored))
        return;
    nvb_trim(text);
    word = strrchr(text, ' ');
    s->launch.has_many_ids = strchr(text, '\n') || (word && strcmp(word, " 1") != 0);
}

static bool prepare(struct entering *s, struct nvb_err *err)
{
    const struct nvb_container *c = s->launch.container;

    if (!nvb_id_range_has(&s->launch.is_range, err))
        return false;
    if (!find_namespaces(s, err) ||
        !nvb_seccomp_load(c->sandbox, c->openings, &s->launch.filter, err))
        return false;
    read_map(s);
    read_groups(s);
    if (!c->is_interactive)
        s->launch.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return nvb_supervise_signals(&s->signal_fd, err) && nvb_channel_open(s->control, err);
}

static bool enter_cgroups(const struct nvb_entrance *e, pid_t pid)
{
    char text[16];
    bool ok = true;

    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    for (size_t i = 0; i < e->n_cgroups; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/cgroup.procs", e->cgroups[i]);
        nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

        ok = fd >= 0 && nvb_write_all(fd, text, strlen(text)) && ok;
    }
    return ok;
}

/* Before it goes on: the guide's number, and what it became. */
static bool
guide_on(struct entering *s, pid_t guide, struct nvb_strv *warnings, struct nvb_err *err)
{
    if (!enter_cgroups(s->entrance, guide))
        nvb_strv_add(warnings,
                     "the command is not held by the container's limits: this session may "
                     "not move a process into its group");
    return nvb_channel_go_on(s->control[0], err);
}

static bool take_command(struct entering *s, int number_fd, struct nvb_err *err)
{
    int number = 0;
    int fds[NVB_CHANNEL_FDS] = { -1, -1 };
    size_t n = 0;
    bool is_done = false;
    ssize_t got = 0;

    do {
        got = read(number_fd, &number, sizeof(number));
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(number)) /* it has told why */
        return nvb_channel_read(s->control[0], fds, &n, &is_done, err) &&
               nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the way into the container broke off");
    s->pid_fd = (int)syscall(SYS_pidfd_open, number, 0); /* our child: nobody else's number */
    if (s->pid_fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "the command is gone");
    return nvb_channel_go_on(s->control[0], err);
}

static bool start(struct entering *s, struct nvb_strv *warnings, struct nvb_err *err)
{
    int number[2] = { -1, -1 };
    pid_t guide = -1;
    bool ok = false;

    if (pipe2(number, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a pipe");
    guide = fork();
    if (guide == 0) {
        (void)close(s->control[0]);
        s->launch.control = s->control[1];
        nvb_child_guide(&s->launch, &s->join, number[1]);
    }
    (void)close(number[1]);
    close_fd(&s->control[1]);
    if (guide < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot start a process");
    } else {
        ok = guide_on(s, guide, warnings, err) && take_command(s, number[0], err);
        (void)waitpid(guide, NULL, 0);
    }
    (void)close(number[0]);
    return ok;
}

static bool wait_for_start(struct entering *s, struct nvb_err *err)
{
    bool is_done = false;

    while (!is_done) {
        int fds[NVB_CHANNEL_FDS] = { -1, -1 };
        size_t n = 0;

        if (!nvb_channel_read(s->control[0], fds, &n, &is_done, err))
            return false;
        if (n == 0)
            continue;
        s->master = fds[0];
        if (!nvb_channel_go_on(s->control[0], err))
            return false;
    }
    return true;
}

static int stay(struct entering *s)
{
    struct nvb_supervisor supervisor = {
        .pid_fd = s->pid_fd,
        .signal_fd = s->signal_fd,
        .terminal = {.master = -1, .input = -1},
    };

    if (s->master >= 0) {
        nvb_terminal_open(&supervisor.terminal, s->master, s->launch.container->is_interactive);
        s->master = -1;
    }
    return nvb_supervise(&supervisor);
}

static void end_command(const struct entering *s)
{
    if (s->pid_fd < 0)
        return;
    (void)syscall(SYS_pidfd_send_signal, s->pid_fd, SIGKILL, NULL, 0);
    (void)waitid(P_PIDFD, (id_t)s->pid_fd, NULL, WEXITED);
}

bool nvb_enter(const struct nvb_entrance *entrance,
               int *out_status,
               struct nvb_strv *out_warnings,
               struct nvb_err *err)
{
    struct entering s = {
        .entrance = entrance,
        .launch = {.container = entrance->container,
                   .control = -1,
                   .layer_fd = -1,
                   .kept_fd = -1,
                   .null_fd = -1,
                   .terminal_fd = -1,
                   .master_fd = -1 },
        .join = { .namespaces_fd = -1                   },
        .control = { -1,                  -1},
        .signal_fd = -1,
        .pid_fd = -1,
        .master = -1,
    };
    bool ok = false;

    (void)sigprocmask(SIG_SETMASK, NULL, &s.caller_mask);
    ok = prepare(&s, err) && start(&s, out_warnings, err) && wait_for_start(&s, err);
    if (!ok) {
        end_command(&s);
    } else {
        *out_status = entrance->container->is_detached ? 0 : stay(&s);
    }
    clear(&s);
    return ok;
}
