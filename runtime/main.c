/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "verb.h"
#include "warning.h"

static const char *const log_formats[] = { "text", "json", NULL };

/* Before the verb. What is only for other runtimes is taken and has no effect. */
static const struct opt opts[] = {
    {OPT_STRING,                           0, "root", "DIR", "where the containers are recorded",
     offsetof(struct options, root), NULL },
    { OPT_STRING,                              0, "log", "FILE", "write errors and warnings there, too",
     offsetof(struct options, log), NULL },
    { OPT_STRING, 0, "log-format", "FORMAT", "text or json", offsetof(struct options, log_format),
     log_formats },
    { OPT_STRING,                               0, "log-level", "LEVEL", "taken and passed over",
     offsetof(struct options, log_level), NULL },
    { OPT_FLAG,                                   0, "debug", NULL, "taken and passed over", offsetof(struct options, has_debug),
     NULL },
    { OPT_STRING,      0, "delegate", "NAME", "the runtime for bundles that are unusual",
     offsetof(struct options, delegate), NULL },
    { OPT_STRING,                              0, "cgroup-manager", "NAME", "cgroupfs, systemd or disabled",
     offsetof(struct options, cgroup_manager), NULL },
    { OPT_FLAG,              0, "systemd-cgroup", NULL, "cgroupsPath is SLICE:PREFIX:NAME",
     offsetof(struct options, is_systemd), NULL },
    { OPT_STRING,                                0, "rootless", "WORD", "taken and passed over",
     offsetof(struct options, rootless), NULL },
    { OPT_FLAG,                          'v', "version", NULL, "print the version and stop",
     offsetof(struct options, wants_version), NULL },
    { .type = OPT_END                       },
};

/* In the order of the help. */
static const struct verb *const verbs[] = {
    &verb_create, &verb_start, &verb_state, &verb_kill,   &verb_delete, &verb_run,      &verb_exec,
    &verb_list,   &verb_ps,    &verb_pause, &verb_resume, &verb_update, &verb_features, NULL,
};

static const struct cmd *const commands[] = {
    &verb_create.cmd, &verb_start.cmd,  &verb_state.cmd,    &verb_kill.cmd, &verb_delete.cmd,
    &verb_run.cmd,    &verb_exec.cmd,   &verb_list.cmd,     &verb_ps.cmd,   &verb_pause.cmd,
    &verb_resume.cmd, &verb_update.cmd, &verb_features.cmd, NULL,
};

const struct cmd cmd_top = {
    .name = "nvbind-runtime",
    .summary = "an OCI runtime: containers of bundles, for podman, containerd and docker",
    .opts = opts,
    .subcommands = commands,
};

static int complain_usage(const struct nvb_err *err)
{
    nvb_err_print(err, "nvbind-runtime", stderr);
    return EXIT_USAGE;
}

static const struct verb *find_verb(const char *word)
{
    for (const struct verb *const *v = verbs; *v; v++) {
        if (strcmp(cmd_get_word(&(*v)->cmd), word) == 0)
            return *v;
    }
    return NULL;
}

static int run_verb(const struct verb *verb, int argc, char **argv, struct options *o)
{
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(&verb->cmd, argc, argv, o, &words, &status))
        return status;
    o->root_path = record_dup_root(o->root);
    status = verb->run(o, words, &err);
    if (status >= 0)
        return status;
    warning_complain(&err);
    return verb == &verb_exec || verb == &verb_run ? err.kind == NVB_E_NO_COMMAND ? EXIT_NO_COMMAND
                                                     : err.kind == NVB_E_NOT_EXECUTABLE
                                                         ? EXIT_NOT_EXECUTABLE
                                                         : EXIT_FAILURE
                                                   : EXIT_FAILURE;
}

static int run(int argc, char **argv, struct options *o)
{
    nvb_auto_err err = { 0 };
    const struct verb *verb = NULL;
    int rest = 0;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cmd_print_help(&cmd_top, stdout);
        return EXIT_SUCCESS;
    }
    if (!opt_parse(opts, argv, false, o, &rest, &err))
        return complain_usage(&err);
    if (o->wants_version) {
        (void)puts("nvbind-runtime version " NVB_VERSION "\nspec: 1.2.0");
        return EXIT_SUCCESS;
    }
    warning_open_log(o->log, o->log_format && strcmp(o->log_format, "json") == 0);
    if (o->cgroup_manager && strcmp(o->cgroup_manager, "systemd") == 0)
        o->is_systemd = true;
    verb = argv[rest] ? find_verb(argv[rest]) : NULL;
    if (!verb) {
        (void)nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "there is no command '%s'",
                       argv[rest] ? argv[rest] : "");
        (void)nvb_hint(&err, "nvbind-runtime --help lists them");
        return complain_usage(&err);
    }
    return run_verb(verb, argc - rest, argv + rest, o);
}

int main(int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_strv all = { 0 };
    int status = 0;

    /* Parsing puts the words in another order. */
    for (int i = 0; i < argc; i++)
        nvb_strv_add(&all, argv[i]);
    o.all_words = all.items;
    status = run(argc, argv, &o);
    nvb_strv_clear(&o.env);
    nvb_strv_clear(&o.capabilities);
    free(o.root_path);
    return status;
}
