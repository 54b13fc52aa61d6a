/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cdi/registry.h"
#include "cmd.h"
#include "host/host.h"

enum {
    N_WORDS_MAX = 2, /* the action and its operand */
    SPEC_SIZE_MAX = 16 << 20,
};

struct options {
    bool has_json;
    const char *root;
    struct nvb_strv dirs;
};

static const struct opt opts[] = {
    {OPT_FLAG,          'j', "json", NULL, "answer in JSON", offsetof(struct options, has_json), NULL },
    { OPT_STRING,           0, "root", "DIR", "list: look below DIR, not at /",
     offsetof(struct options, root), NULL },
    { OPT_LIST, 0, "dir", "DIR", "list: this instead of /etc/cdi and /run/cdi; a later one wins",
     offsetof(struct options, dirs), NULL },
    { .type = OPT_END       },
};

/* A file's faults are failures; only what was typed wrong is a usage error. */
static int complain(const struct nvb_err *err, const struct options *o)
{
    int status = cmd_complain(err, o->has_json);

    return err->domain == NVB_D_REQUEST ? status : EXIT_FAILURE;
}

static int tell_faults(const char *path, const struct nvb_strv *faults, const struct options *o)
{
    if (o->has_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "file", path);
        nvb_json_set_bool(json, "valid", false);
        nvb_json_set(json, "faults", nvb_json_new_strv(faults));
        nvb_json_print(json, stdout);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < faults->n; i++)
        printf("%s\n", faults->items[i]);
    return EXIT_FAILURE;
}

static int tell_good(const char *path, const struct nvb_cdi_spec *spec, const struct options *o)
{
    const char *lowest = nvb_cdi_spec_lowest_version(spec);

    if (o->has_json) {
        nvb_autoptr(nvb_json) json = nvb_json_new_object();

        nvb_json_set_str(json, "file", path);
        nvb_json_set_bool(json, "valid", true);
        nvb_json_set(json, "faults", nvb_json_new_array());
        nvb_json_set_str(json, "kind", spec->kind);
        nvb_json_set_str(json, "version", spec->version);
        nvb_json_set_str(json, "lowest_version", lowest);
        nvb_json_set_u64(json, "devices", spec->n_devices);
        nvb_json_print(json, stdout);
        return EXIT_SUCCESS;
    }
    printf("'%s' is a good specification: %zu device%s of %s, version %s", path, spec->n_devices,
           spec->n_devices == 1 ? "" : "s", spec->kind, spec->version);
    if (strcmp(lowest, spec->version) != 0)
        printf(" (%s would do)", lowest);
    (void)putchar('\n');
    return EXIT_SUCCESS;
}

static int validate(const char *path, const struct options *o)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, SPEC_SIZE_MAX, &text, &len, &err)) {
        nvb_while(&err, "cannot check '%s'", path);
        return complain(&err, o);
    }
    if (!nvb_cdi_spec_validate(text, len, path, &faults))
        return tell_faults(path, &faults, o);
    if (!nvb_cdi_spec_parse(text, len, path, &spec, &err))
        return complain(&err, o);
    return tell_good(path, spec, o);
}

static const char *state_name(enum nvb_cdi_state state)
{
    switch (state) {
    case NVB_CDI_GOOD:
        return "good";
    case NVB_CDI_SHADOWED:
        return "shadowed";
    case NVB_CDI_CONFLICT:
        return "conflict";
    }
    return "unknown";
}

static struct nvb_json *registry_to_json(const struct nvb_cdi_registry *registry)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *devices = nvb_json_new_array();
    struct nvb_json *problems = nvb_json_new_array();

    for (size_t i = 0; i < registry->n_entries; i++) {
        const struct nvb_cdi_entry *entry = &registry->entries[i];
        struct nvb_json *row = nvb_json_new_object();

        nvb_json_set_str(row, "name", entry->name);
        nvb_json_set_str(row, "file", entry->file->path);
        nvb_json_set_str(row, "state", state_name(entry->state));
        nvb_json_append(devices, row);
    }
    for (size_t i = 0; i < registry->n_files; i++) {
        const struct nvb_cdi_file *file = registry->files[i];
        struct nvb_json *row = NULL;

        if (file->problems.n == 0)
            continue;
        row = nvb_json_new_object();
        nvb_json_set_str(row, "file", file->path);
        nvb_json_set(row, "faults", nvb_json_new_strv(&file->problems));
        nvb_json_append(problems, row);
    }
    nvb_json_set(json, "devices", devices);
    nvb_json_set(json, "problems", problems);
    return json;
}

static void print_registry(const struct nvb_cdi_registry *registry)
{
    int width = 0;

    for (size_t i = 0; i < registry->n_entries; i++) {
        int len = (int)strlen(registry->entries[i].name);

        width = len > width ? len : width;
    }
    for (size_t i = 0; i < registry->n_entries; i++) {
        const struct nvb_cdi_entry *entry = &registry->entries[i];

        printf("%-*s  %s%s\n", width < 64 ? width : 64, entry->name, entry->file->path,
               entry->state == NVB_CDI_SHADOWED   ? "  (not used: a later directory has it, too)"
               : entry->state == NVB_CDI_CONFLICT ? "  (cannot be used: two files of a directory "
                                                    "have it)"
                                                  : "");
    }
    (void)fflush(stdout);
    if (registry->n_files == 0)
        (void)fprintf(stderr, "nvbind: there are no specifications\n");
    for (size_t i = 0; i < registry->n_files; i++) {
        for (size_t k = 0; k < registry->files[i]->problems.n; k++)
            (void)fprintf(stderr, "nvbind: %s\n", registry->files[i]->problems.items[k]);
    }
}

/* Broken files and conflicts: an engine asked for these devices would fail. */
static bool has_trouble(const struct nvb_cdi_registry *registry)
{
    for (size_t i = 0; i < registry->n_files; i++) {
        if (registry->files[i]->problems.n > 0)
            return true;
    }
    for (size_t i = 0; i < registry->n_entries; i++) {
        if (registry->entries[i].state == NVB_CDI_CONFLICT)
            return true;
    }
    return false;
}

static int list(const char *operand, const struct options *o)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_cdi_registry) registry = NULL;
    const char *const *dirs =
        o->dirs.n > 0 ? (const char *const *)o->dirs.items : nvb_cdi_default_dirs;
    nvb_auto_err err = { 0 };

    (void)operand;
    if (!nvb_host_open(o->root ? o->root : "/", &host, &err))
        return complain(&err, o);
    if (!nvb_cdi_registry_load(host->root_fd, dirs, &registry, &err)) {
        nvb_while(&err, "cannot list devices");
        return complain(&err, o);
    }
    if (o->has_json) {
        nvb_autoptr(nvb_json) json = registry_to_json(registry);

        nvb_json_print(json, stdout);
    } else {
        print_registry(registry);
    }
    return has_trouble(registry) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const struct action {
    const char *name;
    const char *operand; /* NULL: takes none */
    int (*run)(const char *operand, const struct options *o);
} actions[] = {
    {"list",      NULL,   list    },
    { "validate", "FILE", validate},
};

enum {
    N_ACTIONS = sizeof(actions) / sizeof(actions[0]),
};

static int complain_usage(const struct cmd *cmd, const char *word, const struct options *o)
{
    const char *names[N_ACTIONS + 1] = { NULL };
    const char *near = NULL;
    nvb_auto_err err = { 0 };

    for (size_t i = 0; i < N_ACTIONS; i++)
        names[i] = actions[i].name;
    near = word ? nvb_nearest(word, names) : NULL;
    if (word) {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "unknown action '%s'", word);
    } else {
        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "'cdi' needs an action");
    }
    if (near) {
        nvb_hint(&err, "did you mean 'nvbind cdi %s'?", near);
    } else {
        nvb_hint(&err, "write nvbind %s", cmd->synopsis);
    }
    return cmd_complain(&err, o->has_json);
}

static int run_action(const struct action *a, char **words, size_t n, const struct options *o)
{
    size_t n_wanted = a->operand ? 2 : 1;
    nvb_auto_err err = { 0 };

    if (n == n_wanted)
        return a->run(words[1], o);
    nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID,
             n < n_wanted ? "'cdi %s' needs a %s" : "too many words behind 'cdi %s'", a->name,
             a->operand);
    nvb_hint(&err, "write nvbind cdi %s%s%s", a->name, a->operand ? " " : "",
             a->operand ? a->operand : "");
    return cmd_complain(&err, o->has_json);
}

static int dispatch(const struct cmd *cmd, int argc, char **argv, struct options *o)
{
    char *words[N_WORDS_MAX + 2] = { NULL };
    size_t n = 0;
    int status = 0;

    /* Options may stand before, between and behind the words. */
    while (argc > 0) {
        int rest = 0;

        if (!cmd_parse(cmd, argc, argv, o, &rest, &status))
            return status;
        argv += rest;
        argc -= rest;
        if (argc > 0 && n <= N_WORDS_MAX)
            words[n++] = argv[0];
    }
    for (size_t i = 0; n > 0 && i < N_ACTIONS; i++) {
        if (strcmp(actions[i].name, words[0]) == 0)
            return run_action(&actions[i], words, n, o);
    }
    return complain_usage(cmd, words[0], o);
}

/* Those with options of their own. */
static const struct cmd *const commands[] = { &cmd_cdi_generate, &cmd_cdi_check, &cmd_cdi_refresh };

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    }
    status = dispatch(cmd, argc, argv, &o);
    nvb_strv_clear(&o.dirs);
    return status;
}

const struct cmd cmd_cdi = {
    .name = "cdi",
    .synopsis = "cdi generate | check | refresh | list [--root DIR] [--dir DIR]... | validate FILE",
    .summary = "write, list and check the specifications of devices for containers",
    .details =
        "Specifications of the Container Device Interface (CDI) tell container engines what a\n"
        "device needs. They are JSON or YAML files in /etc/cdi and /run/cdi; of a device that\n"
        "both have, /run/cdi's is used, and one that two files of a directory have cannot be\n"
        "used. validate tells every fault with its line. generate, check and refresh have\n"
        "options of their own: see nvbind cdi generate --help.",
    .opts = opts,
    .run = run,
};
