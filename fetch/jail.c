/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "jail_filter.h"
#include "run/mount_api.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Where the new root is put together: a directory that is surely there. */
#define PLACE "/proc"

enum {
    MEMORY_MAX_GIB = 8, /* of addresses: threads reserve plenty and use little */
    MESSAGE_MAX = 512,
    GRACE_MS = 4000, /* to tidy up after a signal */
};

void jail_add(struct jail *jail, int take_fd, const char *at, bool is_writable)
{
    if (jail->n_views == JAIL_VIEWS_MAX)
        abort();
    jail->views[jail->n_views++] =
        (struct jail_view){ .fd = take_fd, .at = at, .is_writable = is_writable };
}

void jail_clear(struct jail *jail)
{
    for (size_t i = 0; i < jail->n_views; i++)
        (void)close(jail->views[i].fd);
    *jail = (struct jail){ 0 };
}

/* What both sides share. */
struct build {
    const struct jail *jail; /* borrowed */
    int control;             /* this side's end of the channel */
    struct sock_fprog filter;
    char *paths[JAIL_VIEWS_MAX]; /* owned; of the views, as we see them */
    int trees
        [JAIL_VIEWS_MAX]; /* the views themselves, when root could take them outside; else -1 */
};

/* Tell the first process why, and end. */
NVB_PRINTF(2, 3) _Noreturn static void die(const struct build *b, const char *fmt, ...)
{
    char text[MESSAGE_MAX] = "E";
    int saved = errno;
    size_t len = 1;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text + 1, sizeof(text) - 1, fmt, ap);
    va_end(ap);
    len = strlen(text);
    (void)snprintf(text + len, sizeof(text) - len, ": %s", strerrordesc_np(saved));
    (void)send(b->control, text, strlen(text), MSG_NOSIGNAL);
    _exit(EXIT_FAILURE);
}

/* The kernel forgets it whenever credentials change. A parent that is gone already closed its end. */
static void die_with_parent(const struct build *b)
{
    char c = 0;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        die(b, "cannot be tied to the first process");
    if (recv(b->control, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        _exit(EXIT_FAILURE);
}

/* --- inside: the root ------------------------------------------------------------------ */

/* "/etc/hosts" below the new root: a directory or an empty file to mount on. */
static int make_place(const struct build *b, int root_fd, const char *at, bool is_directory)
{
    nvb_autofree char *parent = nvb_xstrndup(at, (size_t)(strrchr(at, '/') - at));
    nvb_auto_err err = { 0 };
    int fd = -1;

    if ((*parent && !nvb_mkdirs_in_root(root_fd, parent, 0755, &err)) ||
        (is_directory && !nvb_mkdirs_in_root(root_fd, at, 0755, &err)))
        die(b, "cannot make '%s'", at);
    if (!is_directory) {
        fd = nvb_create_in_root(root_fd, at, O_WRONLY, 0444);
        if (fd >= 0)
            (void)close(fd);
    }
    fd = nvb_open_in_root(root_fd, at, O_PATH);
    if (fd < 0)
        die(b, "cannot make '%s'", at);
    return fd;
}

static bool protect(int tree, bool is_writable)
{
    struct mount_attr attr = { .attr_set =
                                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

    if (!is_writable)
        attr.attr_set |= MOUNT_ATTR_RDONLY;
    return nvb_mount_setattr(tree, 0, &attr) == 0;
}

/* By path, since the descriptor is of the mounts that we have just left; it must be the same file. */
static int take_view(const struct build *b, size_t i)
{
    const struct jail_view *view = &b->jail->views[i];
    int tree = nvb_open_tree(AT_FDCWD, b->paths[i], 0);
    struct stat meant;
    struct stat found;

    if (tree < 0 || fstat(view->fd, &meant) < 0 || fstat(tree, &found) < 0)
        die(b, "cannot show '%s'", b->paths[i]);
    if (meant.st_ino != found.st_ino || meant.st_dev != found.st_dev) {
        errno = ESTALE;
        die(b, "cannot show '%s'", b->paths[i]);
    }
    if (!protect(tree, view->is_writable))
        die(b, "cannot protect '%s'", b->paths[i]);
    return tree;
}

static int make_root(const struct build *b)
{
    nvb_autoclose int context = nvb_fsopen("tmpfs");
    int fd = -1;

    if (context < 0 || nvb_fsconfig_str(context, "mode", "0755") < 0 ||
        nvb_fsconfig_str(context, "size", "1m") < 0 || nvb_fsconfig_create(context) < 0)
        die(b, "cannot make a tmpfs");
    fd = nvb_fsmount(context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (fd < 0)
        die(b, "cannot make a tmpfs");
    return fd;
}

static void place_view(const struct build *b, int root_fd, size_t i, int take_tree)
{
    nvb_autoclose int tree = take_tree;
    const char *at = b->jail->views[i].at;
    nvb_autoclose int to = -1;
    struct stat st;

    if (fstat(tree, &st) < 0)
        die(b, "cannot show '%s'", at);
    to = make_place(b, root_fd, at, S_ISDIR(st.st_mode));
    if (nvb_move_mount(tree, to) < 0)
        die(b, "cannot show '%s'", at);
}

/* All views are taken before the new root covers any of them. */
static void build_root(const struct build *b)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
    nvb_autoclose int place = open(PLACE, O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_autoclose int root_fd = make_root(b);
    int trees[JAIL_VIEWS_MAX];

    (void)umask(0);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die(b, "cannot make the mount tree private");
    for (size_t i = 0; i < b->jail->n_views; i++)
        trees[i] = b->trees[i] >= 0 ? b->trees[i] : take_view(b, i);
    if (place < 0 || nvb_move_mount(root_fd, place) < 0)
        die(b, "cannot mount a tmpfs");
    for (size_t i = 0; i < b->jail->n_views; i++)
        place_view(b, root_fd, i, trees[i]);
    if (nvb_mount_setattr(root_fd, 0, &attr) < 0)
        die(b, "cannot make the root read-only");
    if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
        umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        die(b, "cannot change the root");
}

/* An open directory of outside would be a way out: "../../etc". */
static void close_directories(void)
{
    int end = (int)sysconf(_SC_OPEN_MAX);

    for (int fd = 0; fd < end; fd++) {
        struct stat st;

        if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
            (void)close(fd);
    }
}

/* --- inside: the rest ------------------------------------------------------------------ */

static void set_limits(const struct build *b)
{
    const struct rlimit none = { 0, 0 };
    const struct rlimit memory = { (rlim_t)MEMORY_MAX_GIB << 30, (rlim_t)MEMORY_MAX_GIB << 30 };

    if (setrlimit(RLIMIT_CORE, &none) < 0 ||
        (!IS_SANITIZED && setrlimit(RLIMIT_AS, &memory) < 0 && errno != EPERM))
        die(b, "cannot set limits");
}

/* Only what writing other ids' files needs. */
static void drop_capabilities(const struct build *b)
{
    const uint32_t kept = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER |
                          1U << CAP_FSETID | 1U << CAP_SETFCAP;
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = kept, .permitted = kept}
    };

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
        syscall(SYS_capset, &header, data) < 0)
        die(b, "cannot drop the capabilities");
}

/* The sanitizers' own calls are not on the list; their jail has every other wall. */
static void lock(const struct build *b)
{
    set_limits(b);
    drop_capabilities(b);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        die(b, "cannot set no_new_privs");
    if (!IS_SANITIZED && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &b->filter) < 0)
        die(b, "cannot load the system call filter");
}

/* Pid 1 ignores what it has no handler for. */
static void end_at_once(int sig)
{
    _exit(128 + sig);
}

static void catch_signals(void (*handler)(int))
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    const struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)sigaction(signals[i], &action, NULL);
}

_Noreturn static void run_inside(const struct build *b, int (*work)(void *data), void *data)
{
    int status = 0;

    die_with_parent(b);
    catch_signals(end_at_once);
    build_root(b);
    close_directories();
    lock(b);
    (void)close(b->control);
    status = work(data);
    (void)fflush(NULL);
    _exit(status);
}

/* --- between: makes the namespaces and waits ------------------------------------------- */

static volatile pid_t signalled; /* whom we pass signals on to */

static void pass_on(int sig)
{
    int saved = errno;

    if (signalled > 0)
        (void)kill(signalled, sig);
    errno = saved;
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void enter_namespaces(const struct build *b)
{
    int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    char c = 0;

    if (!b->jail->has_network)
        flags |= CLONE_NEWNET;
    if (unshare(flags) < 0)
        die(b, "cannot make namespaces");
    if (send(b->control, "U", 1, MSG_NOSIGNAL) != 1 || recv(b->control, &c, 1, 0) != 1)
        _exit(EXIT_FAILURE);
    /* With one id alone setgroups is denied: the groups stay, and reach nothing that is visible. */
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 ||
        (b->jail->ids.kind != NVB_IDS_SINGLE && setgroups(0, NULL) < 0))
        die(b, "cannot become the root of the images' ids");
}

_Noreturn static void run_between(const struct build *b, int (*work)(void *data), void *data)
{
    pid_t pid = 0;
    int status = 0;

    die_with_parent(b);
    enter_namespaces(b);
    die_with_parent(b);
    catch_signals(pass_on);
    pid = fork();
    if (pid < 0)
        die(b, "cannot start a process");
    if (pid == 0)
        run_inside(b, work, data);
    signalled = pid;
    (void)close(b->control);
    status = wait_for(pid);
    _exit(status);
}

/* --- outside --------------------------------------------------------------------------- */

static bool read_path(struct build *b, size_t i, struct nvb_err *err)
{
    nvb_autofree char *link = nvb_xasprintf("/proc/self/fd/%d", b->jail->views[i].fd);
    char path[PATH_MAX];
    ssize_t len = readlink(link, path, sizeof(path));

    if (len <= 0 || len == sizeof(path))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot find the path of '%s'",
                              b->jail->views[i].at);
    b->paths[i] = nvb_xstrndup(path, (size_t)len);
    return true;
}

/* Root's directories are closed to the ids inside: root takes the views itself. Anybody else may
 * make mounts only inside, where his ids go wherever he does. */
static bool find_views(struct build *b, struct nvb_err *err)
{
    for (size_t i = 0; i < b->jail->n_views; i++)
        b->trees[i] = -1;
    for (size_t i = 0; i < b->jail->n_views; i++) {
        const struct jail_view *view = &b->jail->views[i];

        if (!read_path(b, i, err))
            return false;
        if (b->jail->ids.kind != NVB_IDS_RANGE)
            continue;
        b->trees[i] = nvb_open_tree(view->fd, "", AT_EMPTY_PATH);
        if (b->trees[i] < 0 || !protect(b->trees[i], view->is_writable))
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot show '%s'", b->paths[i]);
    }
    return true;
}

/* A message of the other side: its failure, or "" when it closed the channel. */
static bool receive(int control, char text[MESSAGE_MAX], struct nvb_err *err)
{
    ssize_t got = 0;

    do {
        got = recv(control, text, MESSAGE_MAX - 1, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot hear of the jail");
    text[got] = '\0';
    return *text != 'E' || nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "%s", text + 1);
}

static bool build_jail(const struct build *b, pid_t pid, struct nvb_err *err)
{
    char text[MESSAGE_MAX];

    if (!receive(b->control, text, err))
        return false;
    if (*text != 'U')
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "it ended before it began");
    if (!nvb_store_ids_map(&b->jail->ids, pid, err))
        return false;
    if (send(b->control, "G", 1, MSG_NOSIGNAL) != 1)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot go on with it");
    return receive(b->control, text, err);
}

/* Until it ends, or nobody reads what it reports: then it is asked to stop, and made to. */
static int watch(pid_t pid)
{
    nvb_autoclose int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd fds[] = {
        {.fd = pid_fd,         .events = POLLIN},
        { .fd = STDOUT_FILENO, .events = 0     },
    };
    int timeout = -1;

    while (pid_fd >= 0 && !(fds[0].revents & POLLIN)) {
        int n = poll(fds, 2, timeout);

        if (n < 0 && errno != EINTR)
            break;
        if (n == 0) {
            (void)kill(pid, SIGKILL);
            break;
        }
        if (n > 0 && fds[1].revents & (POLLERR | POLLHUP)) {
            (void)kill(pid, SIGTERM);
            fds[1].fd = -1;
            timeout = GRACE_MS;
        }
    }
    return wait_for(pid);
}

static bool
start(struct build *b, int (*work)(void *data), void *data, pid_t *out_pid, struct nvb_err *err)
{
    int ends[2] = { -1, -1 };

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a channel");
    (void)fflush(NULL);
    *out_pid = fork();
    if (*out_pid == 0) {
        (void)close(ends[0]);
        b->control = ends[1];
        run_between(b, work, data);
    }
    (void)close(ends[1]);
    b->control = ends[0];
    return *out_pid > 0 || nvb_fail_errno(err, NVB_D_IMAGE, "cannot start a process");
}

bool jail_run(const struct jail *jail,
              int (*work)(void *data),
              void *data,
              int *out_status,
              struct nvb_err *err)
{
    struct build b = { .jail = jail, .control = -1 };
    pid_t pid = 0;
    bool ok = find_views(&b, err) && jail_filter_build(jail->has_network, &b.filter, err) &&
              start(&b, work, data, &pid, err);

    if (ok) {
        signalled = pid;
        catch_signals(pass_on);
        ok = build_jail(&b, pid, err);
        if (ok) {
            *out_status = watch(pid);
        } else {
            (void)kill(pid, SIGKILL);
            (void)wait_for(pid);
        }
        signalled = 0;
    }
    if (b.control >= 0)
        (void)close(b.control);
    for (size_t i = 0; i < jail->n_views; i++) {
        free(b.paths[i]);
        if (b.trees[i] >= 0)
            (void)close(b.trees[i]);
    }
    free(b.filter.filter);
    if (ok)
        return true;
    nvb_while(err, "cannot lock away what reads the image");
    return nvb_hint(err, "see what 'nvbind doctor' says of user namespaces");
}
