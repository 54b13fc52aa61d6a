/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "attend.h"
#include "base/file.h"
#include "beside.h"
#include "delegate.h"
#include "group.h"
#include "own_copy.h"
#include "verb.h"
#include "warning.h"

enum {
    JSON_SIZE_MAX = 16 << 20,
};

static bool
open_record(const struct options *o, const char *id, struct record **out, struct nvb_err *err)
{
    return delegate_open(o->delegate, o->all_words, o->root_path, id, out, err);
}

static bool read_json(const char *path, struct nvb_json **out, struct nvb_err *err)
{
    nvb_auto_buf text = { 0 };
    nvb_autoclose int fd =
        strcmp(path, "-") == 0 ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
    return nvb_read_to_end(fd, path, JSON_SIZE_MAX, &text, err) &&
           nvb_json_parse(text.data, text.len, path, out, err);
}

static bool set_user(struct nvb_json *process, const char *text, struct nvb_err *err)
{
    struct nvb_json *user = nvb_json_new_object();
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *colon = strchr(copy, ':');
    uint64_t uid = 0;
    uint64_t gid = 0;

    if (colon)
        *colon++ = '\0';
    nvb_json_set(process, "user", user);
    if (!nvb_parse_u64(copy, UINT32_MAX, &uid) ||
        (colon && !nvb_parse_u64(colon, UINT32_MAX, &gid)))
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a user", text);
    nvb_json_set_u64(user, "uid", uid);
    nvb_json_set_u64(user, "gid", gid);
    return true;
}

/* The container's own process with other words. */
static bool
make_process(const struct options *o, char **words, struct nvb_json *process, struct nvb_err *err)
{
    static const char *const sets[] = { "bounding", "effective", "permitted" };
    nvb_auto_strv args = { 0 };
    nvb_auto_strv env = { 0 };
    struct nvb_json *old = nvb_json_get(process, "env");
    struct nvb_json *caps = nvb_json_get(process, "capabilities");

    for (char **word = words; *word; word++)
        nvb_strv_add(&args, *word);
    if (args.n == 0)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "no command was given");
    for (size_t i = 0; i < nvb_json_length(old); i++)
        nvb_strv_add(&env, nvb_json_str(nvb_json_at(old, i)));
    nvb_strv_copy(&env, &o->env);
    nvb_json_set(process, "args", nvb_json_new_strv(&args));
    nvb_json_set(process, "env", nvb_json_new_strv(&env));
    nvb_json_set_bool(process, "terminal", o->has_terminal);
    if (o->cwd)
        nvb_json_set_str(process, "cwd", o->cwd);
    if (o->has_no_new_privileges)
        nvb_json_set_bool(process, "noNewPrivileges", true);
    for (size_t i = 0; caps && i < sizeof(sets) / sizeof(sets[0]); i++) {
        for (size_t k = 0; k < o->capabilities.n && nvb_json_get(caps, sets[i]); k++)
            nvb_json_append(nvb_json_get(caps, sets[i]),
                            nvb_json_new_str(o->capabilities.items[k]));
    }
    return !o->user || set_user(process, o->user, err);
}

static int run_it(const struct options *o,
                  const struct record *record,
                  const struct spec_process *process,
                  const struct nvb_json *seccomp,
                  struct nvb_err *err)
{
    struct beside_options beside = {
        .process = process,
        .seccomp = seccomp,
        .pid_file = o->pid_file,
        .console_socket = o->console_socket,
    };
    struct attend attend;
    pid_t pid = 0;
    int status = -1;

    if (!attend_prepare(process->has_terminal && !o->is_detached && !o->console_socket, &attend,
                        err))
        return -1;
    beside.console_fd = attend.console[1];
    if (verb_read_number(o->kept_fds, "--preserve-fds", &beside.n_kept_fds, err) &&
        beside_start(record, &beside, &pid, err))
        status = o->is_detached ? 0 : attend_process(&attend, pid);
    attend_clear(&attend);
    return status;
}

static int run_exec(const struct options *o, char **words, struct nvb_err *err)
{
    struct spec_process process = { 0 };
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(nvb_json) read = NULL;
    nvb_autoptr(spec) spec = NULL;
    struct field_of of = { .name = "process" };
    int status = -1;

    if (!own_copy_enter(o->all_words, err) || !open_record(o, words[0], &record, err) ||
        !record_load_config(record, &spec, err))
        return -1;
    of.object = nvb_json_get(spec->json, "process");
    if (o->process) {
        if (!read_json(o->process, &read, err))
            return -1;
        of.object = read;
    } else if (!of.object) {
        (void)nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "config.json has no process to be like");
        return -1;
    } else if (!make_process(o, words + 1, nvb_json_get(spec->json, "process"), err)) {
        return -1;
    }
    if (spec_process_read(of, &process, err)) {
        if (!process.apparmor)
            process.apparmor = spec->process.apparmor;
        status = run_it(o, record, &process, spec->seccomp, err);
    }
    spec_process_clear(&process);
    return status;
}

static const struct opt exec_opts[] = {
    {OPT_STRING,                                'p', "process", "FILE", "the process as JSON, as in config.json",
     offsetof(struct options, process), NULL },
    { OPT_STRING,                                0, "cwd", "DIR", "begin there", offsetof(struct options, cwd), NULL },
    { OPT_LIST, 'e', "env", "A=B", "set a variable", offsetof(struct options, env), NULL },
    { OPT_LIST,                                 'c', "cap", "CAP_X", "add a capability", offsetof(struct options, capabilities),
     NULL },
    { OPT_STRING,                                        'u', "user", "UID[:GID]", "be this user", offsetof(struct options, user), NULL },
    { OPT_FLAG,         't', "tty", NULL, "give it a terminal", offsetof(struct options, has_terminal),
     NULL },
    { OPT_FLAG,                                    'd', "detach", NULL, "do not wait for its end",
     offsetof(struct options, is_detached), NULL },
    { OPT_STRING,                  0, "pid-file", "FILE", "write its id there", offsetof(struct options, pid_file),
     NULL },
    { OPT_STRING,                                     0, "console-socket", "PATH", "the socket that takes the terminal",
     offsetof(struct options, console_socket), NULL },
    { OPT_STRING,                                 0, "preserve-fds", "N", "let it have N descriptors behind 2",
     offsetof(struct options, kept_fds), NULL },
    { OPT_FLAG,                                    0, "no-new-privs", NULL, "let it gain no rights",
     offsetof(struct options, has_no_new_privileges), NULL },
    { .type = OPT_END                        },
};

const struct verb verb_exec = {
    .cmd = {.name = "nvbind-runtime exec",
            .operands = "ID [COMMAND [ARGUMENT]...]",
            .summary = "run one more process in a container",
            .opts = exec_opts,
            .has_foreign_words = true},
    .run = run_exec,
};

static int freeze(const struct options *o, const char *id, bool is_frozen, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    enum record_status status = RECORD_STOPPED;

    if (!open_record(o, id, &record, err))
        return -1;
    status = record_status(record);
    if (status != (is_frozen ? RECORD_RUNNING : RECORD_PAUSED)) {
        (void)nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is %s", id,
                       record_status_name(status));
        return -1;
    }
    return group_freeze(&record->cgroups, is_frozen, err) ? 0 : -1;
}

static int run_pause(const struct options *o, char **words, struct nvb_err *err)
{
    return freeze(o, words[0], true, err);
}

static int run_resume(const struct options *o, char **words, struct nvb_err *err)
{
    return freeze(o, words[0], false, err);
}

const struct verb verb_pause = {
    .cmd = {.name = "nvbind-runtime pause",
            .operands = "ID",
            .summary = "hold all processes of a container",
            .opts = opt_none},
    .run = run_pause,
};

const struct verb verb_resume = {
    .cmd = {.name = "nvbind-runtime resume",
            .operands = "ID",
            .summary = "let the processes of a container go on",
            .opts = opt_none},
    .run = run_resume,
};

static int run_update(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    struct field_of resources = { .name = "resources" };

    if (!open_record(o, words[0], &record, err) ||
        !read_json(o->resources ? o->resources : "-", &json, err))
        return -1;
    resources.object = json;
    return group_update(&record->cgroups, resources, err) ? 0 : -1;
}

static const struct opt update_opts[] = {
    {OPT_STRING,   'r', "resources", "FILE", "the limits as JSON, as in config.json; - is stdin",
     offsetof(struct options, resources), NULL },
    { .type = OPT_END},
};

const struct verb verb_update = {
    .cmd = {.name = "nvbind-runtime update",
            .operands = "ID",
            .summary = "change the limits of a container",
            .opts = update_opts},
    .run = run_update,
};
