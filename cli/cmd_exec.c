/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "each.h"
#include "life/entry.h"
#include "life/roster.h"
#include "preparation.h"
#include "run/enter.h"

struct options {
    bool is_detached;
    struct nvb_strv env;
    bool is_interactive;
    bool has_tty;
    const char *workdir;
};

#define AT(field) offsetof(struct options, field)

static const struct opt opts[] = {
    {OPT_FLAG,                                           'd', "detach", NULL, "do not wait for its end; what it writes is lost",
     AT(is_detached), NULL },
    { OPT_LIST,                                          'e', "env", "NAME[=VALUE]", "set a variable, or pass your own value on", AT(env),
     NULL },
    { OPT_FLAG, 'i', "interactive", NULL, "pass standard input on", AT(is_interactive), NULL },
    { OPT_FLAG,                                              't', "tty", NULL, "give the command a terminal", AT(has_tty), NULL },
    { OPT_STRING,                                          'w', "workdir", "DIR", "start it in this directory", AT(workdir), NULL },
    { .type = OPT_END                                            },
};

static bool check(const struct options *o, struct nvb_err *err)
{
    if (o->is_detached && (o->has_tty || o->is_interactive))
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "--detach excludes --tty and --interactive");
    if (o->workdir && *o->workdir != '/') {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--workdir '%s' is not a path from /",
                 o->workdir);
        return nvb_hint(err, "write it as /DIRECTORY");
    }
    return true;
}

static bool add_env(struct nvb_container *c, const char *text, struct nvb_err *err)
{
    nvb_autofree char *name = nvb_xstrndup(text, strcspn(text, "="));
    const char *value = text[strlen(name)] ? text + strlen(name) + 1 : getenv(name);

    if (!*name) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a variable", text);
        return nvb_hint(err, "write NAME=VALUE, or NAME for your own value");
    }
    if (value)
        nvb_env_set(&c->env, name, value);
    return true;
}

/* The container's own place for its commands, changed as the options say. */
static bool
describe(struct nvb_container *c, const struct options *o, char **command, struct nvb_err *err)
{
    const char *term = getenv("TERM");

    command += strcmp(*command, "--") == 0; /* it says that options end here */
    if (!*command) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "a COMMAND is missing");
        return nvb_hint(err, "name it behind the dashes");
    }
    for (; *command; command++)
        nvb_strv_add(&c->args, *command);
    if (o->has_tty)
        nvb_env_set(&c->env, "TERM", term && *term ? term : "xterm");
    for (size_t i = 0; i < o->env.n; i++) {
        if (!add_env(c, o->env.items[i], err))
            return false;
    }
    if (o->workdir) {
        free(c->cwd);
        c->cwd = nvb_xstrdup(o->workdir);
    }
    c->has_tty = o->has_tty;
    c->is_interactive = o->is_interactive;
    c->is_detached = o->is_detached;
    return true;
}

static bool enter(const struct nvb_listed *listed,
                  const struct nvb_container *c,
                  bool has_own_groups,
                  int *out_status,
                  struct nvb_err *err)
{
    nvb_autoclose int pid_fd = nvb_process_open(&listed->status.sight.process);
    const struct nvb_entrance entrance = {
        .container = c,
        .pid = listed->status.sight.process.pid,
        .pid_fd = pid_fd,
        .cgroups = listed->face.cgroups.items,
        .n_cgroups = listed->face.cgroups.n,
        .has_own_groups = has_own_groups,
    };
    nvb_auto_strv warnings = { 0 };
    bool ok = false;

    if (pid_fd < 0)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' has ended", listed->id);
    ok = nvb_enter(&entrance, out_status, &warnings, err);
    if (ok)
        print_warnings(&warnings);
    return ok;
}

static bool fail_not_running(const char *word, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' does not run", word);
    return nvb_hint(err, "start it first: nvbind start %s", word);
}

/* The dead are not cared for here: whoever has time does that, and this shall be quick. */
static bool execute(const struct options *o, char **words, int *out_status, struct nvb_err *err)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_listed listed = { 0 };
    nvb_autoptr(nvb_container) container = NULL;
    bool has_own = false;
    char id[NVB_ID_SIZE];

    if (!nvb_places_open(&places, err) || !nvb_roster_find(&places, words[0], id, err) ||
        !nvb_listed_look(&places, id, &listed, err))
        return false;
    if (!nvb_state_is_up(listed.status.state))
        return fail_not_running(words[0], err);
    return nvb_entry_read(places.run_fd, id, &container, &has_own, err) &&
           describe(container, o, words + 1, err) &&
           enter(&listed, container, has_own, out_status, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status)) {
        nvb_strv_clear(&o.env);
        return status;
    }
    if (!check(&o, &err)) {
        status = cmd_complain_usage(cmd, &err, false);
    } else if (!execute(&o, words, &status, &err)) {
        nvb_while(&err, "cannot run '%s' in '%s'", words[1], words[0]);
        (void)cmd_complain(&err, false);
        status = start_status_of(&err);
    }
    nvb_strv_clear(&o.env);
    return status;
}

const struct cmd cmd_exec = {
    .name = "nvbind exec",
    .operands = "CONTAINER COMMAND [ARGUMENT]...",
    .summary = "run a further command in a running container",
    .details =
        "It has the container's user, environment, file systems, network, system call filter and\n"
        "limits, and ends with the container. Its exit status is passed on; 125 to 127 are those of\n"
        "nvbind run.",
    .opts = opts,
    .has_foreign_words = true,
    .run = run,
};
