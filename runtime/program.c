/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "capability.h"

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode) && (st.st_mode & 0111);
}

bool program_find(const struct spec_process *process, char **out_path, struct nvb_err *err)
{
    const char *name = process->args.items[0];
    const char *path = nvb_env_get(&process->env, "PATH");

    if (strchr(name, '/')) {
        *out_path = nvb_xstrdup(name);
        if (is_program(name))
            return true;
        if (access(name, F_OK) == 0)
            return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_EXECUTABLE, "'%s' cannot be executed", name);
        path = NULL;
    }
    while (path) {
        size_t len = strcspn(path, ":");

        free(*out_path);
        *out_path = nvb_xasprintf("%.*s/%s", (int)len, len ? path : ".", name);
        if (is_program(*out_path))
            return true;
        path = path[len] ? path + len + 1 : NULL;
    }
    return nvb_fail(err, NVB_D_RUN, NVB_E_NO_COMMAND,
                    "there is no command '%s' in the container: no such file or directory", name);
}

bool program_limit(const struct spec_process *process, pid_t pid, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/oom_score_adj", (int)pid);
    char text[24];

    for (size_t i = 0; i < process->n_rlimits; i++) {
        const struct spec_rlimit *r = &process->rlimits[i];

        if (syscall(SYS_prlimit64, pid, r->resource, &r->limit, NULL) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot set resource limit %d of the process",
                                  r->resource);
    }
    if (process->has_oom_score) {
        nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

        (void)snprintf(text, sizeof(text), "%lld", (long long)process->oom_score);
        /* An ordinary user may not lower it. */
        if ((fd < 0 || !nvb_write_all(fd, text, strlen(text))) &&
            !((errno == EACCES || errno == EPERM) && geteuid() != 0))
            return nvb_fail_errno(err, NVB_D_RUN, "cannot set 'process.oomScoreAdj'");
    }
    return true;
}

int program_open_label(const struct spec_process *process)
{
    int fd = -1;

    if (process->apparmor)
        fd = open("/proc/thread-self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
    if (fd < 0 && (process->apparmor || process->selinux))
        fd = open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
    return fd;
}

static bool write_label(const struct program *p, struct nvb_err *err)
{
    const struct spec_process *process = p->process;
    nvb_autofree char *text = NULL;

    if (process->apparmor && access("/sys/module/apparmor", F_OK) == 0)
        text = nvb_xasprintf("exec %s", process->apparmor);
    else if (process->selinux && p->label_fd >= 0)
        text = nvb_xstrdup(process->selinux);
    return !text || nvb_write_all(p->label_fd, text, strlen(text)) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot set the label '%s'", text);
}

static bool get_capabilities(struct __user_cap_data_struct out[_LINUX_CAPABILITY_U32S_3])
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

    return syscall(SYS_capget, &header, out) == 0;
}

/* Those that cannot be given are left out, as the specification wants. */
static bool set_capabilities(const struct spec_process *process, struct nvb_err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
    const uint64_t *wished = process->capabilities;

    if (!get_capabilities(data))
        return nvb_fail_errno(err, NVB_D_RUN, "cannot read the capabilities");
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t permitted = (uint32_t)(wished[SPEC_PERMITTED] >> (32 * i)) & data[i].permitted;

        data[i] = (struct __user_cap_data_struct){
            .permitted = permitted,
            .effective = (uint32_t)(wished[SPEC_EFFECTIVE] >> (32 * i)) & permitted,
            .inheritable = (uint32_t)(wished[SPEC_INHERITABLE] >> (32 * i)),
        };
    }
    if (syscall(SYS_capset, &header, data) < 0) {
        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
            data[i].inheritable &= data[i].permitted;
        if (syscall(SYS_capset, &header, data) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot set the capabilities");
    }
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long i = 0; i < 64; i++) {
        if (wished[SPEC_AMBIENT] >> i & 1)
            (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0);
    }
    return true;
}

static bool drop_bounding(const struct spec_process *process, struct nvb_err *err)
{
    uint64_t known = capability_of_kernel();

    for (unsigned long i = 0; i < 64; i++) {
        if (known >> i & 1 && !(process->capabilities[SPEC_BOUNDING] >> i & 1) &&
            prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0 && errno != EPERM)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot drop capability %lu", i);
    }
    return true;
}

/* In a user namespace of one id the groups cannot be changed; then none may be asked for. */
static bool set_groups(const struct spec_process *process, struct nvb_err *err)
{
    return syscall(SYS_setgroups, process->n_gids, process->gids) == 0 ||
           (process->n_gids == 0 && errno == EPERM) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot set the additional groups");
}

static bool become_user(const struct spec_process *process, struct nvb_err *err)
{
    if (!drop_bounding(process, err))
        return false;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot keep the capabilities");
    if (!set_groups(process, err))
        return false;
    if (setresgid(process->gid, process->gid, process->gid) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot become group %u", process->gid);
    if (setresuid(process->uid, process->uid, process->uid) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot become user %u", process->uid);
    (void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    return set_capabilities(process, err);
}

static void reset_signals(void)
{
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &by_default, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The kernel marks a directory outside of the root: then getcwd(2) does not begin with '/'. */
static bool enter_workdir(const struct spec_process *process, struct nvb_err *err)
{
    char path[PATH_MAX];

    if (chdir(process->cwd) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot enter the working directory '%s'",
                              process->cwd);
    if (syscall(SYS_getcwd, path, sizeof(path)) < 0 || path[0] != '/')
        return nvb_fail(err, NVB_D_RUN, NVB_E_DENIED,
                        "the working directory '%s' is not in the container", process->cwd);
    return true;
}

bool program_execute(const struct program *p, struct nvb_err *err)
{
    const struct spec_process *process = p->process;
    static char *const no_env[] = { NULL };
    int e = 0;

    if (!write_label(p, err))
        return false;
    (void)umask(process->has_umask ? process->umask : 022);
    /* Without no_new_privs only the privileged may load a filter. */
    if (!process->no_new_privileges && !filter_load(p->filter, err))
        return false;
    if (chdir(process->cwd) < 0 && errno != EACCES)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot enter the working directory '%s'",
                              process->cwd);
    if (!become_user(process, err) || !enter_workdir(process, err))
        return false;
    reset_signals();
    (void)syscall(SYS_close_range, 3 + p->n_kept_fds, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    if (process->no_new_privileges) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot set no_new_privs");
        if (!filter_load(p->filter, err))
            return false;
    }
    (void)execve(p->path, process->args.items, process->env.n ? process->env.items : no_env);
    e = errno;
    return nvb_fail(err, NVB_D_RUN, e == ENOENT ? NVB_E_NO_COMMAND : NVB_E_NOT_EXECUTABLE,
                    "'%s' cannot be executed: %s", p->path, strerrordesc_np(e));
}
