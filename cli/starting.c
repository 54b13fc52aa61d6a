/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "starting.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "duration.h"
#include "life/ending.h"
#include "life/event.h"
#include "life/lease.h"
#include "life/start.h"
#include "life/state.h"
#include "preparation.h"
#include "run/cgroup.h"
#include "run/scope.h"

/* One start of a recorded container. */
struct again {
    struct nvb_record *record;
    struct preparation preparation;
    char *leased; /* owned */
};

static void clear(struct again *a)
{
    preparation_clear(&a->preparation);
    nvb_record_free(a->record);
    a->record = NULL;
    free(a->leased);
    a->leased = NULL;
}

/* It keeps its id: what stands on the disk is under it. */
static bool
make_again(const struct nvb_places *places, const char *id, struct again *a, struct nvb_err *err)
{
    const char *image = NULL;

    if (!nvb_record_read(places->containers_fd, id, &a->record, err))
        return false;
    image = a->record->request->image;
    a->leased = strcmp(image, "host") == 0 ? NULL : nvb_lease_dup_image(id, image);
    a->preparation.leased = a->leased;
    if (!preparation_make(&a->preparation, a->record->request, NULL, err))
        return false;
    free(a->preparation.container->id);
    a->preparation.container->id = nvb_xstrdup(id);
    return true;
}

static struct nvb_start describe(const struct nvb_places *places,
                                 const struct nvb_presence *presence,
                                 const struct again *a)
{
    const struct preparation *p = &a->preparation;

    return (struct nvb_start){
        .places = places,
        .record = a->record,
        .presence = presence,
        .container = p->container,
        .held_fds = {p->driver.view_fd, p->driver.layer_fd},
    };
}

/* So that one can see later why it does not run, and that no policy tries forever. */
static void
write_failure(const struct nvb_places *places, const char *id, const struct nvb_err *err)
{
    nvb_autoclose int dir_fd = nvb_record_open_dir(places->containers_fd, id);
    const struct nvb_event event = {
        .what = "exit",
        .id = id,
        .has_status = true,
        .is_known = true,
        .status = (unsigned)start_status_of(err),
    };
    nvb_auto_ending ending = {
        .is_known = true,
        .status = event.status,
        .finished_ns = moment_now_ns(),
        .error = nvb_xstrdup(err->n_lines ? err->lines[0] : "it did not start"),
    };
    nvb_auto_err ignored = { 0 };

    nvb_event_write(places->run_fd, &event);
    if (dir_fd >= 0)
        (void)nvb_ending_write(dir_fd, &ending, &ignored);
}

static bool wants_scope(const struct again *a, char *const *args, struct nvb_strv *out_line)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[len > 0 ? len : 0] = '\0';
    return len > 0 && nvb_cgroup_wants_scope(&a->preparation.container->limits) &&
           nvb_scope_make_line(&a->preparation.container->limits, self, args, out_line);
}

/* A scope of systemd's for each: `nvbind start ID` once more, which tells its own errors. */
static bool start_in_scope(const struct nvb_strv *line, const char *id, struct nvb_err *err)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        nvb_auto_err own = { 0 };
        int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        (void)dup2(null_fd, STDOUT_FILENO);
        (void)nvb_scope_execute(line, &own);
        _exit(EXIT_ENGINE);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot start a process");
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           nvb_fail(err, NVB_D_RUN, NVB_E_IO, "'%s' did not start in a scope of its own", id);
}

static bool start_locked(const struct nvb_places *places,
                         struct nvb_presence *presence,
                         struct again *a,
                         struct nvb_err *err)
{
    nvb_autoclose int dir_fd = nvb_record_open_dir(places->containers_fd, a->record->id);
    nvb_auto_strv warnings = { 0 };
    struct nvb_start start;

    if (!nvb_record_set_stopped(dir_fd, false, err) || !preparation_finish(&a->preparation, err))
        return false;
    start = describe(places, presence, a);
    if (!nvb_start_detached(&start, &warnings, err)) {
        write_failure(places, a->record->id, err);
        nvb_presence_leave(presence);
        return false;
    }
    print_warnings(&warnings);
    return true;
}

static bool is_up(const struct nvb_places *places, const char *id)
{
    nvb_auto_status status = { 0 };

    nvb_status_look(places, id, &status);
    return nvb_state_is_up(status.state) || status.state == NVB_STATE_RESTARTING;
}

bool starting(const struct nvb_places *places, const char *id, struct nvb_err *err)
{
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_strv line = { 0 };
    struct again a = { .preparation = PREPARATION_INIT };
    char *args[] = { nvb_xstrdup("start"), nvb_xstrdup(id), NULL };
    bool ok = false;

    if (is_up(places, id)) {
        ok = true;
    } else if (make_again(places, id, &a, err)) {
        if (wants_scope(&a, args, &line)) {
            ok = start_in_scope(&line, id, err);
        } else {
            ok = nvb_presence_take(places->run_fd, id, &presence, err) &&
                 start_locked(places, &presence, &a, err);
        }
    }
    free(args[0]);
    free(args[1]);
    clear(&a);
    return ok || nvb_while(err, "cannot start '%s'", id);
}

static bool start_here(const struct nvb_places *places,
                       struct nvb_presence *presence,
                       char **argv,
                       struct nvb_err *err)
{
    nvb_autoclose int dir_fd = nvb_record_open_dir(places->containers_fd, presence->id);
    nvb_auto_ending ending = { 0 };
    nvb_auto_strv line = { 0 };
    struct again a = { .preparation = PREPARATION_INIT };
    struct nvb_start start;
    bool ok = dir_fd >= 0 && !nvb_record_is_stopped(dir_fd);

    (void)nvb_ending_read(dir_fd, &ending);
    ok = ok && make_again(places, presence->id, &a, err);
    if (ok && wants_scope(&a, argv, &line)) {
        nvb_supervision_bequeath(presence);
        ok = nvb_scope_execute(&line, err);
    }
    ok = ok && preparation_finish(&a.preparation, err);
    if (ok) {
        start = describe(places, presence, &a);
        start.count = ending.count;
        (void)nvb_start_in_place(&start, err);
    }
    clear(&a);
    return false;
}

bool starting_in_place(const struct nvb_places *places,
                       struct nvb_presence *presence,
                       char **argv,
                       struct nvb_err *err)
{
    (void)start_here(places, presence, argv, err);
    if (err->n_lines > 0)
        write_failure(places, presence->id, err);
    nvb_presence_leave(presence);
    return false;
}
