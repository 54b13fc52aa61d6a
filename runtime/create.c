/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "console.h"
#include "device_request.h"
#include "ending.h"
#include "group.h"
#include "hook.h"
#include "inside.h"
#include "message.h"
#include "program.h"
#include "spawn.h"
#include "warning.h"

enum {
    CONFIG_SIZE_MAX = 16 << 20,
    WAITING_MAX = 4, /* at the start socket */
};

/* One creation; all of it is released by creation_clear(). */
struct creation {
    const struct create_options *options; /* borrowed */
    struct inside inside;
    struct record *record; /* owned */
    char *root_path;       /* owned */
    int sync[2];           /* ours, the child's */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void creation_clear(struct creation *c)
{
    close_fd(&c->sync[0]);
    close_fd(&c->sync[1]);
    close_fd(&c->inside.start_fd);
    if (c->inside.console_fd != c->options->console_fd)
        close_fd(&c->inside.console_fd);
    filter_clear(&c->inside.filter);
    record_free(c->record);
    free(c->root_path);
}

bool create_read_bundle(const char *bundle,
                        char **out_bundle,
                        struct spec **out_spec,
                        struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/config.json", bundle);
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    size_t len = 0;

    *out_bundle = realpath(bundle, NULL);
    if (!*out_bundle)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot find the bundle '%s'", bundle);
    if (!nvb_read_file(AT_FDCWD, path, CONFIG_SIZE_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, "config.json", &json, err) || !device_request_apply(json, err))
        return nvb_while(err, "cannot use the bundle '%s'", bundle);
    return spec_read(nvb_steal(&json), out_spec, err) ||
           nvb_while(err, "cannot use the bundle '%s'", bundle);
}

static bool find_root(struct creation *c, const char *bundle, struct nvb_err *err)
{
    const char *path = c->inside.spec->root_path;
    nvb_autofree char *joined =
        path[0] == '/' ? nvb_xstrdup(path) : nvb_xasprintf("%s/%s", bundle, path);

    c->root_path = realpath(joined, NULL);
    c->inside.root_path = c->root_path;
    return c->root_path || nvb_fail_errno(err, NVB_D_RUN, "cannot find the root '%s'", joined);
}

/* A name that stays below its length whatever the record's directory is called. */
static void name_socket(const struct record *record, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    (void)snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/start", record->dir_fd);
}

static bool listen_for_start(struct creation *c, struct nvb_err *err)
{
    struct sockaddr_un address;

    name_socket(c->record, &address);
    c->inside.start_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return (c->inside.start_fd >= 0 &&
            bind(c->inside.start_fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
            listen(c->inside.start_fd, WAITING_MAX) == 0) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot make the socket for 'start'");
}

static bool find_console(struct creation *c, struct nvb_err *err)
{
    const struct create_options *o = c->options;
    bool wants = c->inside.spec->process.has_terminal;

    if (wants && o->console_fd >= 0) {
        c->inside.console_fd = o->console_fd;
        return true;
    }
    if (wants && !o->console_socket) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "the container wants a terminal");
        return nvb_hint(err, "say with --console-socket where it shall go");
    }
    if (!wants && o->console_socket)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "--console-socket is for a container with 'process.terminal'");
    return !wants || console_connect(o->console_socket, &c->inside.console_fd, err);
}

static bool prepare(struct creation *c, const char *bundle, struct nvb_err *err)
{
    const struct spec *spec = c->inside.spec;

    if (!find_root(c, bundle, err) ||
        !record_create(c->options->root, c->options->id, &c->record, err))
        return false;
    c->inside.record = c->record;
    c->record->bundle = nvb_xstrdup(bundle);
    if (spec->annotations)
        c->record->annotations = nvb_json_get(spec->json, "annotations");
    if (c->record->annotations)
        (void)nvb_json_ref(c->record->annotations);
    if (!record_save(c->record, err) || !record_save_config(c->record, spec->json, err) ||
        !find_console(c, err) || !filter_compile(spec->seccomp, &c->inside.filter, err) ||
        !listen_for_start(c, err))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->sync) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a channel to the container");
    c->inside.sync_fd = c->sync[1];
    return group_make(spec, c->record->id, c->options->is_systemd, &c->record->cgroups, err);
}

static bool await(const struct creation *c, char letter, struct nvb_err *err)
{
    char got = 0;

    return message_receive(c->sync[0], "the container's first process broke off", &got, err) &&
           (got == letter || nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the container spoke out of turn"));
}

static bool run_hooks(const struct creation *c, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) state = record_to_state(c->record, RECORD_CREATING);

    return hook_run_all(c->inside.spec, SPEC_PRESTART, state, err) &&
           hook_run_all(c->inside.spec, SPEC_CREATE_RUNTIME, state, err);
}

static int run_inside(void *data)
{
    struct creation *c = data;

    (void)close(c->sync[0]);
    return inside_main(&c->inside);
}

static bool write_pid_file(const struct creation *c, struct nvb_err *err)
{
    char text[16];

    if (!c->options->pid_file)
        return true;
    (void)snprintf(text, sizeof(text), "%d", (int)c->record->pid);
    return nvb_write_file(AT_FDCWD, c->options->pid_file, text, strlen(text), 0644, err);
}

static bool carry_out(struct creation *c, struct nvb_err *err)
{
    struct record *record = c->record;

    if (!spawn(c->inside.spec, run_inside, c, &record->pid, err))
        return false;
    close_fd(&c->sync[1]);
    record->start_time = record_start_time(record->pid);
    if (!spawn_write_maps(c->inside.spec, record->pid, err) ||
        !program_limit(&c->inside.spec->process, record->pid, err) ||
        !group_enter(&record->cgroups, record->pid, err) ||
        !message_send(c->sync[0], MESSAGE_GO_ON) || !await(c, MESSAGE_MOUNTED, err) ||
        !run_hooks(c, err) || !message_send(c->sync[0], MESSAGE_GO_ON) ||
        !await(c, MESSAGE_CREATED, err))
        return err->n_lines ? false : nvb_fail_errno(err, NVB_D_RUN, "the container is gone");
    return record_save(record, err) && write_pid_file(c, err);
}

/* Its hooks for the end run, too: what the first ones made must be unmade. */
static void undo(struct creation *c)
{
    if (!c->record)
        return;
    if (c->record->pid > 0) {
        (void)kill(c->record->pid, SIGKILL);
        (void)waitpid(c->record->pid, NULL, 0);
    }
    ending_clean(c->record, c->inside.spec);
}

bool create_container(const struct create_options *options,
                      const char *bundle,
                      const struct spec *spec,
                      struct record **out_record,
                      struct nvb_err *err)
{
    struct creation c = {
        .options = options,
        .inside = {.spec = spec,
                   .sync_fd = -1,
                   .start_fd = -1,
                   .console_fd = -1,
                   .n_kept_fds = options->n_kept_fds,
                   .may_pivot = !options->has_no_pivot,
                   .has_keyring = !options->has_no_keyring },
        .sync = { -1, -1},
    };
    bool ok = prepare(&c, bundle, err) && carry_out(&c, err);

    if (ok)
        *out_record = nvb_steal(&c.record);
    else
        undo(&c);
    creation_clear(&c);
    return ok;
}

static bool connect_to_start(const struct record *record, int *out_fd, struct nvb_err *err)
{
    struct sockaddr_un address;
    nvb_autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    name_socket(record, &address);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot reach the container's first process");
    *out_fd = nvb_steal_fd(&fd);
    return true;
}

bool create_start(const struct record *record, const struct spec *spec, struct nvb_err *err)
{
    enum record_status status = record_status(record);
    nvb_autoptr(nvb_json) state = NULL;
    nvb_autoclose int fd = -1;
    char ignored = 0;
    bool ok = false;

    if (status != RECORD_CREATED)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT,
                        "container '%s' is %s and cannot be started", record->id,
                        record_status_name(status));
    if (!spec->process.is_there)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "config.json has no process to start");
    if (!connect_to_start(record, &fd, err) || unlinkat(record->dir_fd, "start", 0) < 0 ||
        !message_send(fd, MESSAGE_GO_ON))
        return err->n_lines ? false : nvb_fail_errno(err, NVB_D_RUN, "cannot start the container");
    /* The end of the channel is the beginning of the program. */
    ok = message_receive(fd, NULL, &ignored, err);
    if (!ok)
        return false;
    state = record_to_state(record, RECORD_RUNNING);
    hook_try_all(spec, SPEC_POSTSTART, state);
    return true;
}
