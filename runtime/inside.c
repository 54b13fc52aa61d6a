/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "console.h"
#include "hook.h"
#include "message.h"
#include "program.h"
#include "root.h"

/* What is opened on the way and needed later. */
struct way {
    int root_fd;
    int terminal_fd;
    int label_fd;
    char *program; /* owned */
};

static bool wait_for(int fd, struct nvb_err *err)
{
    char letter = 0;

    return message_receive(fd, "the runtime is gone", &letter, err);
}

static bool become_namespace_root(const struct spec *spec, struct nvb_err *err)
{
    if (!spec->namespaces[SPEC_USER].is_listed)
        return true;
    /* A map without id 0 has no root; then the process stays what it is. */
    if ((setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) && errno != EINVAL)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot become root of the user namespace");
    (void)syscall(SYS_setgroups, (size_t)0, NULL);
    return true;
}

static bool is_new(const struct spec *spec, enum spec_namespace_kind kind)
{
    return spec->namespaces[kind].is_listed && !spec->namespaces[kind].path;
}

static void bring_loopback_up(void)
{
    struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
    nvb_autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
    if (fd >= 0)
        (void)ioctl(fd, SIOCSIFFLAGS, &request);
}

static bool set_names(const struct spec *spec, struct nvb_err *err)
{
    if (spec->hostname && sethostname(spec->hostname, strlen(spec->hostname)) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot set the host name '%s'", spec->hostname);
    if (spec->domainname && setdomainname(spec->domainname, strlen(spec->domainname)) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot set the domain name '%s'", spec->domainname);
    return true;
}

/* "net.ipv4.ip_forward" is a file; a key with a slash has dots in its names. */
static bool set_sysctl(const char *key, const char *value, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/sys/%s", key);
    nvb_autoclose int fd = -1;

    if (!strchr(key, '/')) {
        for (char *p = path + strlen("/proc/sys/"); *p; p++)
            *p = *p == '.' ? '/' : *p;
    }
    fd = open(path, O_WRONLY | O_CLOEXEC);
    return (fd >= 0 && nvb_write_all(fd, value, strlen(value))) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot set '%s' to '%s'", key, value);
}

static bool set_sysctls(const struct spec *spec, struct nvb_err *err)
{
    if (!spec->sysctl)
        return true;
    nvb_json_foreach(it, spec->sysctl) {
        if (!set_sysctl(it.key, nvb_json_str(it.value), err))
            return false;
    }
    return true;
}

static bool settle(const struct inside *in, struct nvb_err *err)
{
    const struct spec *spec = in->spec;

    if (!wait_for(in->sync_fd, err) || !become_namespace_root(spec, err))
        return false;
    if (setsid() < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a session");
    if (in->has_keyring) /* KEYCTL_JOIN_SESSION_KEYRING; not every kernel has keys */
        (void)syscall(SYS_keyctl, 1, NULL);
    /* Only now, so that the cgroup it is in is the root of what it sees. */
    if (is_new(spec, SPEC_CGROUP) && unshare(CLONE_NEWCGROUP) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a cgroup namespace");
    if (is_new(spec, SPEC_NETWORK))
        bring_loopback_up();
    return set_names(spec, err) && set_sysctls(spec, err);
}

static bool build(const struct inside *in, struct way *way, struct nvb_err *err)
{
    const struct spec *spec = in->spec;

    if (!root_build(spec, in->root_path, &way->root_fd, err))
        return false;
    if (in->console_fd >= 0 &&
        !console_make(&spec->process, way->root_fd, in->console_fd, true, &way->terminal_fd, err))
        return false;
    way->label_fd = program_open_label(&spec->process);
    return true;
}

static bool run_hooks(const struct inside *in,
                      enum spec_hook_moment moment,
                      enum record_status status,
                      struct nvb_err *err)
{
    nvb_autoptr(nvb_json) state = NULL;

    if (in->spec->hooks[moment].n == 0)
        return true;
    state = record_to_state(in->record, status);
    nvb_json_set_u64(state, "pid", (uint64_t)getpid());
    return hook_run_all(in->spec, moment, state, err);
}

/* Up to the state "created". */
static bool create(const struct inside *in, struct way *way, struct nvb_err *err)
{
    const struct spec *spec = in->spec;

    if (!settle(in, err) || !build(in, way, err))
        return false;
    if (!message_send(in->sync_fd, MESSAGE_MOUNTED) || !wait_for(in->sync_fd, err))
        return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the runtime is gone");
    if (!run_hooks(in, SPEC_CREATE_CONTAINER, RECORD_CREATING, err) ||
        !root_enter(spec, way->root_fd, in->may_pivot, err))
        return false;
    if (way->terminal_fd >= 0 && !console_take(way->terminal_fd, err))
        return false;
    return !spec->process.is_there || program_find(&spec->process, &way->program, err);
}

static bool start(const struct inside *in, const struct way *way, struct nvb_err *err)
{
    struct program program = {
        .process = &in->spec->process,
        .filter = &in->filter,
        .path = way->program,
        .label_fd = way->label_fd,
        .n_kept_fds = in->n_kept_fds,
    };

    if (!run_hooks(in, SPEC_START_CONTAINER, RECORD_CREATED, err))
        return false;
    if (!in->spec->process.is_there)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "config.json has no process to start");
    return program_execute(&program, err);
}

/* Somebody who went away before saying anything did not start it. */
static int wait_for_start(const struct inside *in)
{
    for (;;) {
        nvb_auto_err ignored = { 0 };
        char letter = 0;
        int fd = accept4(in->start_fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
            return -1;
        if (fd < 0)
            continue;
        if (message_receive(fd, NULL, &letter, &ignored) && letter == MESSAGE_GO_ON)
            return fd;
        (void)close(fd);
    }
}

int inside_main(void *data)
{
    const struct inside *in = data;
    struct way way = { .root_fd = -1, .terminal_fd = -1, .label_fd = -1 };
    nvb_auto_err err = { 0 };
    int fd = -1;

    if (!create(in, &way, &err)) {
        message_send_error(in->sync_fd, &err);
        return 125;
    }
    (void)message_send(in->sync_fd, MESSAGE_CREATED);
    (void)close(in->sync_fd);
    if (way.root_fd >= 0)
        (void)close(way.root_fd);
    fd = wait_for_start(in);
    if (fd < 0)
        return 125;
    if (!start(in, &way, &err))
        message_send_error(fd, &err);
    return 125;
}
