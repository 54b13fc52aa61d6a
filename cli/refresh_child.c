/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "refresh_child.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TEXT_MAX = 64 << 10,
};

/* The program that runs now, even when an update has put another in its place. */
static const char program[] = "/proc/self/exe";

static int
spawn(struct refresh_child *child, const struct nvb_strv *argv, const posix_spawnattr_t *attributes)
{
    posix_spawn_file_actions_t actions;
    int failure = posix_spawn_file_actions_init(&actions);

    if (failure != 0)
        return failure;
    failure = posix_spawn_file_actions_adddup2(&actions, child->out_fd, STDOUT_FILENO);
    if (failure == 0)
        failure = posix_spawn_file_actions_adddup2(&actions, child->err_fd, STDERR_FILENO);
    if (failure == 0)
        failure = posix_spawn(&child->pid, program, &actions, attributes, argv->items, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failure;
}

bool refresh_child_start(struct refresh_child *child,
                         char *const *words,
                         const sigset_t *mask,
                         struct nvb_err *err)
{
    nvb_auto_strv argv = { 0 };
    posix_spawnattr_t attributes;
    int failure = 0;

    nvb_strv_add(&argv, "nvbind");
    nvb_strv_add(&argv, "cdi");
    nvb_strv_add(&argv, "refresh");
    nvb_strv_add(&argv, "--");
    for (; *words; words++)
        nvb_strv_add(&argv, *words);
    child->out_fd = memfd_create("out", MFD_CLOEXEC);
    child->err_fd = memfd_create("err", MFD_CLOEXEC);
    if (child->out_fd < 0 || child->err_fd < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot make a file in memory");
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        (void)posix_spawnattr_setsigmask(&attributes, mask);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        failure = spawn(child, &argv, &attributes);
        (void)posix_spawnattr_destroy(&attributes);
    }
    errno = failure;
    return failure == 0 || nvb_fail_errno(err, NVB_D_BASE, "cannot start '%s'", program);
}

bool refresh_child_has_ended(const struct refresh_child *child, int *out_status)
{
    int status = 0;

    if (waitpid(child->pid, &status, WNOHANG) != child->pid)
        return false;
    *out_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

char *refresh_child_dup_text(int fd)
{
    nvb_autofree char *text = nvb_xcalloc(TEXT_MAX + 1, 1);
    ssize_t len = pread(fd, text, TEXT_MAX, 0);

    return nvb_xstrndup(text, len > 0 ? (size_t)len : 0);
}

void refresh_child_clear(struct refresh_child *child)
{
    if (child->out_fd >= 0)
        (void)close(child->out_fd);
    if (child->err_fd >= 0)
        (void)close(child->err_fd);
    *child = (struct refresh_child)REFRESH_CHILD_INIT;
}
