/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "attend.h"
#include "create.h"
#include "delegate.h"
#include "ending.h"
#include "own_copy.h"
#include "verb.h"

bool verb_read_number(const char *word, const char *option, unsigned *out, struct nvb_err *err)
{
    uint64_t number = 0;

    if (word && !nvb_parse_u64(word, 4096, &number))
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a number for %s", word,
                        option);
    *out = (unsigned)number;
    return true;
}

#define CREATE_OPTIONS                                                            \
    { OPT_STRING,                                                                 \
      'b',                                                                        \
      "bundle",                                                                   \
      "DIR",                                                                      \
      "where config.json is; the working directory by default",                   \
      offsetof(struct options, bundle),                                           \
      NULL },                                                                     \
        { OPT_STRING,                                                             \
          0,                                                                      \
          "console-socket",                                                       \
          "PATH",                                                                 \
          "the socket that takes the terminal",                                   \
          offsetof(struct options, console_socket),                               \
          NULL },                                                                 \
        { OPT_STRING,                                                             \
          0,                                                                      \
          "pid-file",                                                             \
          "FILE",                                                                 \
          "write the process's id there",                                         \
          offsetof(struct options, pid_file),                                     \
          NULL },                                                                 \
        { OPT_FLAG,                                                               \
          0,                                                                      \
          "no-pivot",                                                             \
          NULL,                                                                   \
          "move the root instead of exchanging it",                               \
          offsetof(struct options, has_no_pivot),                                 \
          NULL },                                                                 \
        { OPT_FLAG,                                                               \
          0,                                                                      \
          "no-new-keyring",                                                       \
          NULL,                                                                   \
          "keep the caller's session keyring",                                    \
          offsetof(struct options, has_no_keyring),                               \
          NULL },                                                                 \
    {                                                                             \
        OPT_STRING, 0, "preserve-fds", "N", "let it have N descriptors behind 2", \
            offsetof(struct options, kept_fds), NULL                              \
    }

static bool make(const struct options *o,
                 const char *id,
                 int console_fd,
                 struct record **out_record,
                 struct spec **out_spec,
                 struct nvb_err *err)
{
    struct create_options create = {
        .root = o->root_path,
        .id = id,
        .pid_file = o->pid_file,
        .console_socket = o->console_socket,
        .console_fd = console_fd,
        .has_no_pivot = o->has_no_pivot,
        .has_no_keyring = o->has_no_keyring,
        .is_systemd = o->is_systemd,
    };
    nvb_autofree char *bundle = NULL;

    /* NOLINTNEXTLINE: read once more by the caller, who may need to know about the terminal */
    if (!*out_spec && !create_read_bundle(o->bundle ? o->bundle : ".", &bundle, out_spec, err))
        return false;
    if (!bundle)
        bundle = realpath(o->bundle ? o->bundle : ".", NULL);
    return bundle && verb_read_number(o->kept_fds, "--preserve-fds", &create.n_kept_fds, err) &&
           create_container(&create, bundle, *out_spec, out_record, err);
}

/* The bundle as it is; another runtime takes over when this one cannot do it all. */
static bool read_bundle(const struct options *o, struct spec **out_spec, struct nvb_err *err)
{
    nvb_autofree char *bundle = NULL;
    const char *unusual = NULL;

    if (!create_read_bundle(o->bundle ? o->bundle : ".", &bundle, out_spec, err))
        return false;
    unusual = spec_find_unusual(*out_spec);
    if (!unusual)
        return true;
    if (o->delegate)
        return delegate_execute(o->delegate, o->all_words, err);
    nvb_fail(err, NVB_D_OCI, NVB_E_UNSUPPORTED, "%s of config.json cannot be done by this runtime",
             unusual);
    return nvb_hint(err, "hand such bundles on: --delegate crun, or --delegate runc");
}

static int run_create(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(spec) spec = NULL;

    return own_copy_enter(o->all_words, err) && read_bundle(o, &spec, err) &&
                   make(o, words[0], -1, &record, &spec, err)
               ? 0
               : -1;
}

static const struct opt create_opts[] = {
    CREATE_OPTIONS,
    { .type = OPT_END },
};

const struct verb verb_create = {
    .cmd = {.name = "nvbind-runtime create",
            .operands = "ID",
            .summary = "make a container of a bundle, up to its program",
            .opts = create_opts},
    .run = run_create,
};

static bool
open_for(const struct options *o, const char *id, struct record **out, struct nvb_err *err)
{
    return delegate_open(o->delegate, o->all_words, o->root_path, id, out, err);
}

static int run_start(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(spec) spec = NULL;

    return open_for(o, words[0], &record, err) && record_load_config(record, &spec, err) &&
                   create_start(record, spec, err)
               ? 0
               : -1;
}

const struct verb verb_start = {
    .cmd = {.name = "nvbind-runtime start",
            .operands = "ID",
            .summary = "run the program of a container that was created",
            .opts = opt_none},
    .run = run_start,
};

/* In the foreground, or only until it runs. */
static int
attend_or_leave(const struct options *o, const char *id, struct spec *spec, struct nvb_err *err)
{
    bool is_ours = spec->process.has_terminal && !o->is_detached && !o->console_socket;
    nvb_autoptr(record) record = NULL;
    struct attend attend;
    int status = -1;

    if (!attend_prepare(is_ours, &attend, err))
        return -1;
    if (make(o, id, attend.console[1], &record, &spec, err)) {
        if (!create_start(record, spec, err))
            (void)ending_delete(record, true, err);
        else if (o->is_detached)
            status = 0;
        else
            status = attend_process(&attend, record->pid);
        if (status >= 0 && !o->is_detached && !o->keeps)
            ending_clean(record, spec);
    }
    attend_clear(&attend);
    return status;
}

static int run_run(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(spec) spec = NULL;

    if (!own_copy_enter(o->all_words, err) || !read_bundle(o, &spec, err))
        return -1;
    if (!spec->process.is_there) {
        (void)nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "config.json has no process to start");
        return -1;
    }
    return attend_or_leave(o, words[0], spec, err);
}

static const struct opt run_opts[] = {
    CREATE_OPTIONS,
    {OPT_FLAG,                   'd', "detach", NULL, "do not wait for its end",
      offsetof(struct options, is_detached), NULL },
    { OPT_FLAG,                  0, "keep", NULL, "keep the container after its end",
      offsetof(struct options, keeps), NULL },
    { .type = OPT_END},
};

const struct verb verb_run = {
    .cmd = {.name = "nvbind-runtime run",
            .operands = "ID",
            .summary = "create a container, start it, and wait for its end",
            .opts = run_opts},
    .run = run_run,
};

static int run_kill(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    int signal = 0;

    return ending_read_signal(words[1] ? words[1] : "TERM", &signal, err) &&
                   open_for(o, words[0], &record, err) &&
                   ending_kill(record, signal, o->is_all, err)
               ? 0
               : -1;
}

static const struct opt kill_opts[] = {
    {OPT_FLAG, 'a', "all", NULL, "to every process in it", offsetof(struct options, is_all),
     NULL },
    { .type = OPT_END  },
};

const struct verb verb_kill = {
    .cmd = {.name = "nvbind-runtime kill",
            .operands = "ID [SIGNAL]",
            .summary = "send a signal, TERM by default, to a container",
            .opts = kill_opts},
    .run = run_kill,
};

static int run_delete(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;

    if (!open_for(o, words[0], &record, err)) {
        if (!o->is_forced || err->kind != NVB_E_NOT_FOUND)
            return -1;
        nvb_err_clear(err);
        return 0;
    }
    return ending_delete(record, o->is_forced, err) ? 0 : -1;
}

static const struct opt delete_opts[] = {
    {OPT_FLAG, 'f', "force", NULL, "kill it when it runs", offsetof(struct options, is_forced),
     NULL },
    { .type = OPT_END},
};

const struct verb verb_delete = {
    .cmd = {.name = "nvbind-runtime delete",
            .operands = "ID",
            .summary = "remove what is left of a container that ended",
            .opts = delete_opts},
    .run = run_delete,
};
