/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/bolt.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "run/cgroup.h"
#include "run/channel.h"
#include "run/clone_failure.h"
#include "run/connection.h"
#include "run/idmap.h"
#include "run/launch.h"
#include "run/lowers.h"
#include "run/seccomp.h"
#include "run/sources.h"
#include "run/supervise.h"

enum {
    GROUPS_MAX = 64,
    START_PATIENCE_MS = 200,
};

/* The parent's side; all of it is released by bolt_free(). */
struct nvb_bolt {
    struct nvb_launch launch;
    const struct nvb_run_watch *watch; /* borrowed */
    struct nvb_run_result result;
    struct nvb_phases *shared; /* mapped */
    int control[2];            /* ours, the child's */
    int signal_fd;
    int pid_fd;
    pid_t pid;      /* 0 = none or reaped */
    int master;     /* of the container's terminal, until the supervisor has it */
    int stopped_by; /* signal that came before the command ran */
    sigset_t caller_mask;
    struct nvb_cgroup cgroup;
    gid_t groups[GROUPS_MAX]; /* the caller's, to be put back */
    int n_groups;             /* -1 = untouched */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void bolt_free(struct nvb_bolt *s)
{
    if (s->pid > 0) {
        (void)kill(s->pid, SIGKILL);
        (void)waitpid(s->pid, NULL, 0);
    }
    nvb_cgroup_remove(&s->cgroup);
    nvb_connection_end(s->launch.connection);
    nvb_sources_clear(&s->launch);
    nvb_lowers_clear(&s->launch);
    close_fd(&s->control[0]);
    close_fd(&s->control[1]);
    close_fd(&s->signal_fd);
    close_fd(&s->pid_fd);
    close_fd(&s->master);
    close_fd(&s->launch.null_fd);
    free(s->launch.filter.filter);
    if (s->shared)
        (void)munmap(s->shared, sizeof(*s->shared));
    (void)sigprocmask(SIG_SETMASK, &s->caller_mask, NULL);
    nvb_run_result_clear(&s->result);
    free(s);
}

static bool make_sources(const struct nvb_edits *edits, struct nvb_err *err)
{
    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (edits->mounts[i].is_made && !nvb_mkdirs(edits->mounts[i].host_path, err))
            return false;
    }
    return true;
}

/* What a foreign specification may want and bolt does not do: better no container than one
 * without what its device needs. */
static bool check_edits(const struct nvb_edits *edits, struct nvb_err *err)
{
    const char *what = edits->n_hooks > 0         ? "hooks"
                       : edits->n_net_devices > 0 ? "network devices"
                       : edits->intel_rdt         ? "Intel RDT"
                                                  : NULL;

    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (edits->mounts[i].kind == NVB_MOUNT_FS)
            what = "file systems other than binds";
    }
    if (!what)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "bolt cannot give a container %s", what);
    return nvb_hint(err, "use a device whose specification does without");
}

/* Root only: the directory belongs to root of the container's namespace, who writes to it. */
static bool give_kept(const struct nvb_bolt *s, struct nvb_err *err)
{
    const struct nvb_launch *l = &s->launch;
    const char *path = l->container->kept;
    uint32_t uid = 0;
    uint32_t gid = 0;

    if (!path || !l->is_range)
        return true;
    if (nvb_id_map_find(l->map.uids, l->map.n_uids, l->root_uid, &uid) &&
        nvb_id_map_find(l->map.gids, l->map.n_gids, l->root_gid, &gid) &&
        lchown(path, uid, gid) == 0)
        return true;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot give '%s' to the container", path);
}

/* What the user may not expect of the ports is told before the command talks. */
static bool prepare_connection(struct nvb_bolt *s, struct nvb_err *err)
{
    nvb_auto_strv notices = { 0 };
    bool ok = nvb_connection_prepare(s->launch.container, s->launch.is_range, &notices,
                                     &s->launch.connection, err);

    for (size_t i = 0; ok && s->watch && s->watch->notice && i < notices.n; i++)
        s->watch->notice(s->watch->data, notices.items[i]);
    return ok;
}

static bool prepare(struct nvb_bolt *s, struct nvb_err *err)
{
    struct nvb_launch *l = &s->launch;
    const struct nvb_container *c = l->container;

    s->shared =
        mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s->shared == MAP_FAILED) {
        s->shared = NULL;
        return nvb_fail_errno(err, NVB_D_RUN, "cannot map a page");
    }
    nvb_phase_mark(s->shared, NVB_PHASE_BEGIN);
    l->phases = s->shared;
    if (!nvb_idmap_choose(l, err))
        return false;
    if (!prepare_connection(s, err))
        return false;
    l->n_sources = c->edits.n_nodes + c->edits.n_mounts;
    l->source_fds = nvb_xcalloc(l->n_sources, sizeof(*l->source_fds));
    for (size_t i = 0; i < l->n_sources; i++)
        l->source_fds[i] = NVB_SOURCE_NONE;
    if (!check_edits(&c->edits, err) || !nvb_supervise_signals(&s->signal_fd, err) ||
        !nvb_seccomp_load(c->sandbox, c->openings, &l->filter, err) ||
        !make_sources(&c->edits, err))
        return false;
    if (!give_kept(s, err) || !nvb_lowers_open(l, err) ||
        (l->is_range && !nvb_sources_open(l, err)))
        return false;
    if (!c->is_interactive)
        l->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (!nvb_cgroup_make(&c->limits, &s->cgroup, err))
        return false;
    if (!nvb_channel_open(s->control, err))
        return false;
    nvb_phase_mark(s->shared, NVB_PHASE_PREPARED);
    return true;
}

/* Root only: the container's user must open the device nodes, so the child keeps the groups that
 * own them and those that a specification names, no other. Afterwards it may not change them: they
 * have no number in its namespace. */
static void set_node_groups(struct nvb_bolt *s)
{
    const struct nvb_edits *edits = &s->launch.container->edits;
    gid_t groups[GROUPS_MAX];
    size_t n = 0;

    if (!s->launch.is_range)
        return;
    s->n_groups = getgroups(GROUPS_MAX, s->groups);
    for (size_t i = 0; i < edits->n_nodes && n < GROUPS_MAX; i++) {
        struct stat st;

        if (nvb_source_stat(&s->launch, i, &st) == 0 && st.st_gid != 0)
            groups[n++] = st.st_gid;
    }
    for (size_t i = 0; i < edits->n_gids && n < GROUPS_MAX; i++) {
        if (edits->gids[i] != 0)
            groups[n++] = edits->gids[i];
    }
    (void)syscall(SYS_setgroups, n, groups);
}

static void restore_groups(const struct nvb_bolt *s)
{
    if (s->n_groups >= 0)
        (void)syscall(SYS_setgroups, (size_t)s->n_groups, s->groups);
}

/* The keeper of a network opens it as soon as the ids are mapped: then it is there from the start. */
int nvb_late_namespaces(const struct nvb_launch *launch)
{
    bool is_late = launch->container->network != NVB_NETWORK_HOST && !launch->connection;

    if (!launch->map.is_helped)
        return 0;
    return CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (is_late ? CLONE_NEWNET : 0);
}

static bool clone_child(struct nvb_bolt *s, struct nvb_err *err)
{
    bool has_own_network = s->launch.container->network != NVB_NETWORK_HOST;
    int all = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (has_own_network ? CLONE_NEWNET : 0);
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD |
                 (unsigned)(all & ~nvb_late_namespaces(&s->launch)),
        .pidfd = (uint64_t)(uintptr_t)&s->pid_fd,
        .exit_signal = SIGCHLD,
    };

    set_node_groups(s);
    s->pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (s->pid == 0) {
        (void)close(s->control[0]);
        s->launch.control = s->control[1];
        nvb_child_main(&s->launch);
    }
    if (s->pid < 0) {
        int saved = errno;

        s->pid = 0;
        restore_groups(s);
        errno = saved;
        return nvb_fail_clone(err);
    }
    restore_groups(s);
    close_fd(&s->control[1]);
    nvb_phase_mark(s->shared, NVB_PHASE_CLONED);
    return true;
}

/* The descriptors come in the order of nvb_child_hand_over(). */
static bool take_fds(struct nvb_bolt *s, const int *fds, struct nvb_err *err)
{
    const struct nvb_container *c = s->launch.container;
    size_t n = 0;

    if (c->has_frame_ring) {
        int ring = fds[n++];

        if (ring >= 0 && s->watch && s->watch->ring) {
            if (!s->watch->ring(s->watch->data, ring, err))
                return false;
        } else {
            close_fd(&ring);
        }
    }
    if (c->has_tty)
        s->master = fds[n];
    return nvb_channel_go_on(s->control[0], err);
}

static bool read_message(struct nvb_bolt *s, bool *out_done, struct nvb_err *err)
{
    int fds[NVB_CHANNEL_FDS] = { -1, -1 };
    size_t n = 0;

    return nvb_channel_read(s->control[0], fds, &n, out_done, err) &&
           (n == 0 || take_fds(s, fds, err));
}

/* A signal that would end us and is waiting; it is left waiting. 0 = none. */
static int waiting_end_signal(void)
{
    static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
    sigset_t set;

    if (sigpending(&set) < 0)
        return 0;
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        if (sigismember(&set, ending[i]) == 1)
            return ending[i];
    }
    return 0;
}

/* Until the command runs or failed. A signal that comes meanwhile is for the command and waits
 * for it; only when the start hangs (a dead network file system, say) it is for us. */
static bool wait_for_start(struct nvb_bolt *s, struct nvb_err *err)
{
    bool is_done = false;

    while (!is_done) {
        struct pollfd polled = { .fd = s->control[0], .events = POLLIN };
        int n = poll(&polled, 1, START_PATIENCE_MS);

        if (n < 0 && errno != EINTR)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot wait for the container");
        if (n == 0)
            s->stopped_by = waiting_end_signal();
        if (s->stopped_by)
            return true;
        if (n > 0 && !read_message(s, &is_done, err))
            return false;
    }
    nvb_phase_mark(s->shared, NVB_PHASE_EXECUTED);
    return true;
}

/* While the child is at work, since it costs the caller a few system calls. */
static bool tell_birth(const struct nvb_bolt *s, struct nvb_err *err)
{
    struct nvb_birth birth = {
        .pid = s->pid,
        .cgroups = s->cgroup.dirs,
        .n_cgroups = s->cgroup.n_dirs,
    };

    if (s->watch && s->watch->born && !s->watch->born(s->watch->birth_data, &birth, err))
        return false;
    return !s->launch.container->is_detached || nvb_channel_go_on(s->control[0], err);
}

static bool check_not_stopped(const struct nvb_bolt *s, struct nvb_err *err)
{
    if (!s->stopped_by || !s->launch.container->is_detached)
        return true;
    return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the start was stopped by signal %d", s->stopped_by);
}

/* It may have failed already, and have said why. */
static bool begin(struct nvb_bolt *s, struct nvb_err *err)
{
    nvb_auto_err gone = { 0 };
    bool is_done = false;

    if (nvb_channel_go_on(s->control[0], &gone))
        return true;
    return read_message(s, &is_done, err) ? nvb_channel_go_on(s->control[0], err) : false;
}

static bool map_ids(struct nvb_bolt *s, struct nvb_err *err)
{
    struct nvb_id_map_work work = NVB_ID_MAP_WORK_INIT;
    bool is_begun = nvb_id_map_begin(&s->launch.map, s->pid, &work, err);

    /* Meanwhile, since the programs that do it take their time. */
    if (is_begun && !nvb_cgroup_enter(&s->cgroup, s->pid, err))
        is_begun = false;
    return nvb_id_map_end(&work, err) && is_begun;
}

static bool launch(struct nvb_bolt *s, struct nvb_err *err)
{
    if (!prepare(s, err) || !clone_child(s, err) || !map_ids(s, err))
        return false;
    nvb_phase_mark(s->shared, NVB_PHASE_MAPPED);
    if (!nvb_connection_start(s->launch.connection, s->pid, s->pid_fd, err))
        return false;
    if (s->launch.is_range && !nvb_sources_map(&s->launch, &s->result.warnings, err))
        return false;
    return begin(s, err) && tell_birth(s, err) && wait_for_start(s, err) &&
           check_not_stopped(s, err);
}

static int stay(struct nvb_bolt *s)
{
    struct nvb_supervisor supervisor = {
        .pid_fd = s->pid_fd,
        .signal_fd = s->signal_fd,
        .watch = s->watch,
        .terminal = {.master = -1, .input = -1},
    };

    if (s->stopped_by)
        return 128 + s->stopped_by;
    if (s->master >= 0) {
        nvb_terminal_open(&supervisor.terminal, s->master, s->launch.container->is_interactive);
        s->master = -1;
    }
    return nvb_supervise(&supervisor);
}

bool nvb_bolt_start(const struct nvb_container *container,
                    const struct nvb_run_watch *watch,
                    struct nvb_bolt **out_bolt,
                    struct nvb_err *err)
{
    struct nvb_bolt *s = nvb_xcalloc(1, sizeof(*s));

    *s = (struct nvb_bolt){
        .launch = {.container = container,
                   .control = -1,
                   .layer_fd = -1,
                   .kept_fd = -1,
                   .null_fd = -1,
                   .terminal_fd = -1,
                   .master_fd = -1 },
        .watch = watch,
        .control = { -1,          -1},
        .signal_fd = -1,
        .pid_fd = -1,
        .master = -1,
        .n_groups = -1,
    };
    (void)sigprocmask(SIG_SETMASK, NULL, &s->caller_mask);
    if (!launch(s, err)) {
        bolt_free(s);
        return false;
    }
    *out_bolt = s;
    return true;
}

void nvb_bolt_wait(struct nvb_bolt *s, struct nvb_run_result *out_result)
{
    s->result.exit_status = stay(s);
    if (!s->stopped_by)
        s->pid = 0;
    nvb_phase_mark(s->shared, NVB_PHASE_EXITED);
    nvb_cgroup_remove(&s->cgroup);
    nvb_phase_mark(s->shared, NVB_PHASE_CLEANED);
    s->result.phases = *s->shared;
    *out_result = s->result;
    s->result = (struct nvb_run_result){ 0 };
    bolt_free(s);
}

const struct nvb_strv *nvb_bolt_get_warnings(const struct nvb_bolt *bolt)
{
    return &bolt->result.warnings;
}

int nvb_bolt_let_go(struct nvb_bolt *s)
{
    int pid_fd = s->pid_fd;

    s->pid_fd = -1;
    s->pid = 0;
    nvb_cgroup_forget(&s->cgroup);
    nvb_connection_let_go(s->launch.connection);
    s->launch.connection = NULL;
    (void)sigprocmask(SIG_SETMASK, NULL, &s->caller_mask);
    bolt_free(s);
    return pid_fd;
}

bool nvb_bolt_run(const struct nvb_container *container,
                  const struct nvb_run_watch *watch,
                  struct nvb_run_result *out_result,
                  struct nvb_err *err)
{
    struct nvb_bolt *bolt = NULL;

    if (!nvb_bolt_start(container, watch, &bolt, err))
        return false;
    nvb_bolt_wait(bolt, out_result);
    return true;
}

void nvb_run_result_clear(struct nvb_run_result *result)
{
    nvb_strv_clear(&result->warnings);
}

bool nvb_bolt_host_ids(const struct nvb_container *container,
                       unsigned *out_uid,
                       unsigned *out_gid,
                       struct nvb_err *err)
{
    struct nvb_launch launch = { .container = container };
    const struct nvb_id_map *map = &launch.map;

    if (!nvb_idmap_choose(&launch, err))
        return false;
    if (nvb_id_map_find(map->uids, map->n_uids, container->uid, out_uid) &&
        nvb_id_map_find(map->gids, map->n_gids, container->gid, out_gid))
        return true;
    return nvb_fail(err, NVB_D_RUN, NVB_E_INVALID, "user %u:%u has no ids on this host",
                    container->uid, container->gid);
}
