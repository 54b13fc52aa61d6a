/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "hook.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "warning.h"

enum {
    TOLD_MAX = 400, /* of what a failing hook printed */
};

static int make_memory(const char *text)
{
    int fd = memfd_create("hook", MFD_CLOEXEC);

    if (fd >= 0 && (!nvb_write_all(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) < 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

_Noreturn static void become_hook(const struct spec_hook *hook, int input_fd, int output_fd)
{
    static char *const none[] = { NULL };
    nvb_auto_strv args = { 0 };
    sigset_t mask;

    (void)sigemptyset(&mask);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)dup2(input_fd, STDIN_FILENO);
    (void)dup2(output_fd, STDOUT_FILENO);
    (void)dup2(output_fd, STDERR_FILENO);
    nvb_strv_copy(&args, &hook->args);
    if (args.n == 0)
        nvb_strv_add(&args, hook->path);
    (void)syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    (void)execve(hook->path, args.items, hook->env.n > 0 ? hook->env.items : none);
    (void)dprintf(STDERR_FILENO, "cannot be executed: %s", strerrordesc_np(errno));
    _exit(127);
}

/* What it printed, cut short. */
static char *dup_output(int fd)
{
    char text[TOLD_MAX + 1] = "";
    ssize_t n = pread(fd, text, TOLD_MAX, 0);

    text[n > 0 ? n : 0] = '\0';
    return nvb_xstrdup(nvb_trim(text));
}

/* False with *out_status untouched when its time was over. */
static bool wait_for(pid_t pid, uint32_t timeout_s, int *out_status)
{
    int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd polled = { .fd = pid_fd, .events = POLLIN };
    bool is_over = timeout_s > 0 && pid_fd >= 0 &&
                   poll(&polled, 1, timeout_s > 86400 ? -1 : (int)timeout_s * 1000) == 0;

    if (is_over)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, out_status, 0) < 0 && errno == EINTR)
        continue;
    if (pid_fd >= 0)
        (void)close(pid_fd);
    return !is_over;
}

static bool run(const struct spec_hook *hook, const char *state, struct nvb_err *err)
{
    nvb_autoclose int input_fd = make_memory(state);
    nvb_autoclose int output_fd = make_memory("");
    nvb_autofree char *told = NULL;
    int status = 0;
    pid_t pid = input_fd >= 0 && output_fd >= 0 ? fork() : -1;

    if (pid < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot run hook '%s'", hook->path);
    if (pid == 0)
        become_hook(hook, input_fd, output_fd);
    if (!wait_for(pid, hook->timeout_s, &status))
        return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "hook '%s' did not end in %u seconds", hook->path,
                        hook->timeout_s);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    told = dup_output(output_fd);
    return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "hook '%s' failed with status %d%s%s", hook->path,
                    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                    *told ? ": " : "", told);
}

bool hook_run_all(const struct spec *spec,
                  enum spec_hook_moment moment,
                  const struct nvb_json *state,
                  struct nvb_err *err)
{
    const struct spec_hooks *hooks = &spec->hooks[moment];
    nvb_autofree char *text = nvb_json_dup_text(state, false);

    for (size_t i = 0; i < hooks->n; i++) {
        if (!run(&hooks->items[i], text, err))
            return nvb_while(err, "cannot run the %s hooks", spec_hook_names[moment]);
    }
    return true;
}

void hook_try_all(const struct spec *spec,
                  enum spec_hook_moment moment,
                  const struct nvb_json *state)
{
    const struct spec_hooks *hooks = &spec->hooks[moment];
    nvb_autofree char *text = nvb_json_dup_text(state, false);

    for (size_t i = 0; i < hooks->n; i++) {
        nvb_auto_err err = { 0 };

        if (!run(&hooks->items[i], text, &err))
            warning("%s", err.lines[0]);
    }
}
