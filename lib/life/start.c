/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"
#include "life/entry.h"
#include "life/event.h"
#include "life/face.h"
#include "life/log_format.h"
#include "life/start_report.h"
#include "life/supervision.h"
#include "run/bolt.h"

static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* One more start, in the process that will be the supervisor. */
struct work {
    const struct nvb_start *start;
    struct nvb_face face;    /* owned */
    int record_fd;           /* owned */
    struct nvb_strv notices; /* owned; for who asked for the start */
};

/* Where the files are on which a running container depends, so that a later supervisor can hold
 * them as well. */
static void tell_held(const struct nvb_start *start, struct nvb_face *face)
{
    for (size_t i = 0; i < NVB_HELD_MAX; i++) {
        nvb_autofree char *link = nvb_xasprintf("/proc/self/fd/%d", start->held_fds[i]);
        char path[PATH_MAX];
        ssize_t len = start->held_fds[i] < 0 ? -1 : readlink(link, path, sizeof(path) - 1);

        if (len > 0)
            nvb_strv_take(&face->held, nvb_xstrndup(path, (size_t)len));
    }
}

static bool tell_birth(void *data, const struct nvb_birth *birth, struct nvb_err *err)
{
    struct work *work = data;
    nvb_autofree char *face = NULL;
    struct nvb_process process;

    for (size_t i = 0; i < birth->n_cgroups; i++)
        nvb_strv_add(&work->face.cgroups, birth->cgroups[i]);
    face = nvb_face_dup_text(&work->face);
    if (!nvb_process_read(birth->pid, &process))
        return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the container's first process is gone");
    return nvb_entry_write(work->start->presence, work->start->container, err) &&
           nvb_presence_tell(work->start->presence, &process, face, err);
}

static void take_notice(void *data, const char *text)
{
    struct work *work = data;

    nvb_strv_add(&work->notices, text);
}

static bool open_log(int log_fd, const char *name, int to_fd, struct nvb_err *err)
{
    nvb_autoclose int fd =
        openat(log_fd, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || dup2(fd, to_fd) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the container's log");
    return true;
}

/* Standard output and error become the log's files. */
static bool open_logs(int record_fd, struct nvb_err *err)
{
    nvb_autoclose int log_fd = -1;
    nvb_autoclose int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (mkdirat(record_fd, NVB_LOG_DIR, 0700) < 0 && errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make the container's log");
    log_fd = openat(record_fd, NVB_LOG_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open '/dev/null'");
    return open_log(log_fd, NVB_LOG_STDOUT, STDOUT_FILENO, err) &&
           open_log(log_fd, NVB_LOG_STDERR, STDERR_FILENO, err);
}

/* The container has the log; the supervisor writes nothing. */
static void leave_logs(void)
{
    nvb_autoclose int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null_fd < 0)
        return;
    (void)dup2(null_fd, STDOUT_FILENO);
    (void)dup2(null_fd, STDERR_FILENO);
}

/* The directory in which what it writes stays. What is read-only keeps nothing. */
static bool make_layer(const struct work *work, struct nvb_err *err)
{
    struct nvb_container *c = work->start->container;
    nvb_autofree char *store = NULL;

    if (c->is_read_only)
        return true;
    if (mkdirat(work->record_fd, NVB_LAYER_DIR, 0700) < 0 && errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make the container's layer");
    store = nvb_dir_dup_store();
    free(c->kept);
    c->kept = nvb_xasprintf("%s/containers/%s/" NVB_LAYER_DIR, store, work->start->record->id);
    return true;
}

static void tell_event(const struct nvb_start *start, const char *what)
{
    const struct nvb_event event = {
        .what = what,
        .id = start->record->id,
        .name = start->record->request->name,
    };

    nvb_event_write(start->places->run_fd, &event);
}

static bool start_and_become(struct work *work, int report_fd, struct nvb_err *err)
{
    const struct nvb_start *start = work->start;
    const struct nvb_run_watch watch = {
        .born = tell_birth,
        .birth_data = work,
        .notice = take_notice,
        .data = work,
    };
    struct nvb_supervision s = {
        .places = start->places,
        .record = start->record,
        .record_fd = work->record_fd,
        .lock_fd = start->presence->lock_fd,
        .started_ns = now_ns(CLOCK_REALTIME),
        .begun_ms = now_ns(CLOCK_BOOTTIME) / 1000000,
        .count = start->count,
        .cgroups = &work->face.cgroups,
        .held_fds = start->held_fds,
    };
    struct nvb_bolt *bolt = NULL;

    if (!nvb_supervision_check(err) || !open_logs(work->record_fd, err) || !make_layer(work, err))
        return false;
    (void)unlinkat(work->record_fd, NVB_EXIT_FILE, 0);
    if (!nvb_bolt_start(start->container, &watch, &bolt, err)) {
        nvb_presence_forget(start->presence);
        return false;
    }
    nvb_strv_copy(&work->notices, nvb_bolt_get_warnings(bolt));
    if (report_fd >= 0)
        nvb_start_report_success(report_fd, &work->notices);
    s.pid_fd = nvb_bolt_let_go(bolt);
    leave_logs();
    tell_event(start, "start");
    (void)nvb_supervision_begin(&s, err);
    (void)syscall(SYS_pidfd_send_signal, s.pid_fd, SIGKILL, NULL, 0);
    return false;
}

static bool begin(const struct nvb_start *start, int report_fd, struct nvb_err *err)
{
    struct work work = { .start = start };
    bool ok = false;

    work.record_fd = nvb_record_open_dir(start->places->containers_fd, start->record->id);
    if (work.record_fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the container's directory");
    nvb_face_fill(&work.face, start->record->request, start->record->created_ns);
    work.face.count = start->count;
    if (work.face.stop_signal == 0)
        work.face.stop_signal = start->container->stop_signal;
    tell_held(start, &work.face);
    ok = start_and_become(&work, report_fd, err);
    nvb_face_clear(&work.face);
    nvb_strv_clear(&work.notices);
    (void)close(work.record_fd);
    return ok;
}

bool nvb_start_in_place(const struct nvb_start *start, struct nvb_err *err)
{
    return begin(start, -1, err);
}

_Noreturn static void start_in_child(const struct nvb_start *start, int report_fd)
{
    nvb_auto_err err = { 0 };

    (void)setsid();
    (void)begin(start, report_fd, &err);
    nvb_start_report_failure(report_fd, &err);
    _exit(EXIT_FAILURE);
}

bool nvb_start_detached(const struct nvb_start *start,
                        struct nvb_strv *out_warnings,
                        struct nvb_err *err)
{
    int report[2];
    pid_t pid = 0;
    bool ok = false;

    if (pipe2(report, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a pipe");
    pid = fork();
    if (pid == 0) {
        (void)close(report[0]);
        start_in_child(start, report[1]);
    }
    (void)close(report[1]);
    if (pid < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot start a process");
    } else {
        ok = nvb_start_report_read(report[0], out_warnings, err);
    }
    (void)close(report[0]);
    if (!ok && pid > 0)
        (void)waitpid(pid, NULL, 0);
    return ok;
}
