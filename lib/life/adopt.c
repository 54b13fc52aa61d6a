/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/adopt.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "life/event.h"
#include "life/face.h"
#include "life/presence.h"
#include "life/supervision.h"
#include "run/driver_store.h"

static double now_s(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What the container uses stays locked with its new supervisor. */
static void hold_again(const struct nvb_face *face, int out_fds[NVB_HELD_MAX])
{
    for (size_t i = 0; i < NVB_HELD_MAX; i++) {
        const char *slash = i < face->held.n ? strrchr(face->held.items[i], '/') : NULL;
        nvb_autofree char *dir =
            slash ? nvb_xstrndup(face->held.items[i], (size_t)(slash - face->held.items[i])) : NULL;

        out_fds[i] = dir ? nvb_driver_store_hold(dir, slash + 1) : -1;
    }
}

static void leave_caller(void)
{
    nvb_autoclose int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)setsid();
    for (int fd = 0; fd <= 2 && null_fd >= 0; fd++)
        (void)dup2(null_fd, fd);
}

static void tell_event(const struct nvb_places *places, const struct nvb_record *record)
{
    const struct nvb_event event = {
        .what = "adopt",
        .id = record->id,
        .name = record->request->name,
    };

    nvb_event_write(places->run_fd, &event);
}

static bool supervise(const struct nvb_places *places,
                      const struct nvb_record *record,
                      const struct nvb_presence *presence,
                      const struct nvb_sight *sight,
                      struct nvb_err *err)
{
    double age_s = nvb_process_age_s(&sight->process);
    nvb_auto_face face = { 0 };
    int held_fds[NVB_HELD_MAX];
    struct nvb_supervision s = {
        .places = places,
        .record = record,
        .record_fd = nvb_record_open_dir(places->containers_fd, record->id),
        .lock_fd = presence->lock_fd,
        .pid_fd = nvb_process_open(&sight->process),
        .started_ns = (uint64_t)((now_s(CLOCK_REALTIME) - age_s) * 1e9),
        .begun_ms = (uint64_t)((now_s(CLOCK_BOOTTIME) - age_s) * 1e3),
        .is_adopted = true,
        .cgroups = &face.cgroups,
        .held_fds = held_fds,
    };

    if (s.pid_fd < 0 || s.record_fd < 0)
        return true; /* it has ended in this moment */
    if (sight->face)
        (void)nvb_face_parse(sight->face, &face);
    s.count = face.count;
    hold_again(&face, held_fds);
    tell_event(places, record);
    return nvb_supervision_begin(&s, err);
}

static bool take_over(const struct nvb_places *places, const char *id, struct nvb_err *err)
{
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_sight sight = { 0 };

    if (!nvb_presence_take(places->run_fd, id, &presence, err))
        return err->kind == NVB_E_CONFLICT; /* it has another by now */
    nvb_sight_look(places->run_fd, id, &sight);
    leave_caller();
    return nvb_record_read(places->containers_fd, id, &record, err) &&
           supervise(places, record, &presence, &sight, err);
}

/* Wait for the exec, so that the container has a supervisor when the caller goes on. */
bool nvb_adopt(const struct nvb_places *places, const char *id, struct nvb_err *err)
{
    int gate[2];
    pid_t pid = 0;
    char c = 0;
    bool has_failed = false;

    if (!nvb_supervision_check(err))
        return false;
    if (pipe2(gate, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a pipe");
    pid = fork();
    if (pid == 0) {
        nvb_auto_err ignored = { 0 };
        bool ok = take_over(places, id, &ignored);

        if (!ok)
            (void)!write(gate[1], "x", 1);
        _exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    (void)close(gate[1]);
    has_failed = pid < 0 || read(gate[0], &c, 1) == 1;
    (void)close(gate[0]);
    if (has_failed && pid > 0)
        (void)waitpid(pid, NULL, 0);
    return !has_failed || nvb_fail(err, NVB_D_RUN, NVB_E_IO, "'%s' has lost its supervisor", id);
}
