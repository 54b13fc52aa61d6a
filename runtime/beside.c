/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "beside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "console.h"
#include "group.h"
#include "message.h"
#include "program.h"
#include "spawn.h"

struct beside {
    const struct beside_options *options; /* borrowed */
    struct filter filter;
    int console_fd;
    int sync[2]; /* ours, the child's */
};

static bool become(const struct beside *b, struct nvb_err *err)
{
    const struct spec_process *process = b->options->process;
    struct program program = {
        .process = process,
        .filter = &b->filter,
        .label_fd = program_open_label(process),
        .n_kept_fds = b->options->n_kept_fds,
    };
    nvb_autofree char *path = NULL;
    int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int terminal_fd = -1;
    char letter = 0;

    if (!message_receive(b->sync[1], "the runtime is gone", &letter, err))
        return false;
    if (setsid() < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a session");
    if (process->has_terminal &&
        (!console_make(process, root_fd, b->console_fd, false, &terminal_fd, err) ||
         !console_take(terminal_fd, err)))
        return false;
    if (!program_find(process, &path, err))
        return false;
    program.path = path;
    return program_execute(&program, err);
}

static int run_beside(void *data)
{
    const struct beside *b = data;
    nvb_auto_err err = { 0 };

    (void)close(b->sync[0]);
    if (!become(b, &err))
        message_send_error(b->sync[1], &err);
    return 125;
}

static bool find_console(struct beside *b, struct nvb_err *err)
{
    const struct beside_options *o = b->options;

    b->console_fd = o->console_fd;
    if (!o->process->has_terminal || o->console_fd >= 0)
        return true;
    if (!o->console_socket)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "a terminal needs --console-socket when nobody waits for its end");
    return console_connect(o->console_socket, &b->console_fd, err);
}

static bool write_pid(const struct beside_options *o, pid_t pid, struct nvb_err *err)
{
    char text[16];

    if (!o->pid_file)
        return true;
    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    return nvb_write_file(AT_FDCWD, o->pid_file, text, strlen(text), 0644, err);
}

static bool
carry_out(struct beside *b, const struct record *record, pid_t *pid, struct nvb_err *err)
{
    char letter = 0;

    if (!find_console(b, err) || !filter_compile(b->options->seccomp, &b->filter, err))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->sync) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel to the process");
    if (!spawn_beside(record->pid, run_beside, b, pid, err))
        return false;
    (void)close(b->sync[1]);
    b->sync[1] = -1;
    if (!group_enter(&record->cgroups, *pid, err) ||
        !program_limit(b->options->process, *pid, err) || !message_send(b->sync[0], MESSAGE_GO_ON))
        return err->n_lines ? false : nvb_fail_errno(err, NVB_D_RUN, "the process is gone");
    return message_receive(b->sync[0], NULL, &letter, err) && write_pid(b->options, *pid, err);
}

bool beside_start(const struct record *record,
                  const struct beside_options *options,
                  pid_t *out_pid,
                  struct nvb_err *err)
{
    struct beside b = {
        .options = options, .console_fd = -1, .sync = {-1, -1}
    };
    enum record_status status = record_status(record);
    pid_t pid = 0;
    bool ok = false;

    if (status != RECORD_RUNNING && status != RECORD_CREATED)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is %s", record->id,
                        record_status_name(status));
    ok = carry_out(&b, record, &pid, err);
    if (!ok && pid > 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        if (b.sync[i] >= 0)
            (void)close(b.sync[i]);
    }
    if (b.console_fd >= 0 && b.console_fd != options->console_fd)
        (void)close(b.console_fd);
    filter_clear(&b.filter);
    *out_pid = pid;
    return ok;
}
