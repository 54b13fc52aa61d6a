/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cdi/registry.h"
#include "cmd.h"
#include "host/host.h"
#include "say.h"

struct options {
    bool as_json;
    const char *root;
    struct nvb_strv dirs;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    OPT_ROOT(offsetof(struct options, root)),
    {OPT_LIST, 0, "dir", "DIR", "this instead of /etc/cdi and /run/cdi; a later one wins",
                                      offsetof(struct options, dirs), NULL },
    { .type = OPT_END  },
};

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

        say(stdout, "%-*s  %s%s", width < 64 ? width : 64, entry->name, entry->file->path,
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
            say(stderr, "nvbind: %s", registry->files[i]->problems.items[k]);
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

static int list(const struct options *o)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_cdi_registry) registry = NULL;
    const char *const *dirs =
        o->dirs.n > 0 ? (const char *const *)o->dirs.items : nvb_cdi_default_dirs;
    nvb_auto_err err = { 0 };

    if (!nvb_host_open(o->root ? o->root : "/", &host, &err))
        return cmd_complain(&err, o->as_json);
    if (!nvb_cdi_registry_load(host->root_fd, dirs, &registry, &err)) {
        nvb_while(&err, "cannot list devices");
        return cmd_complain(&err, o->as_json);
    }
    if (o->as_json) {
        nvb_autoptr(nvb_json) json = registry_to_json(registry);

        nvb_json_print(json, stdout);
    } else {
        print_registry(registry);
    }
    return has_trouble(registry) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, NULL, &status))
        status = list(&o);
    nvb_strv_clear(&o.dirs);
    return status;
}

const struct cmd cmd_cdi_list = {
    .name = "nvbind cdi list",
    .summary = "list the devices that specifications describe",
    .details = "Of a device that two directories have, the later one's is used (/run/cdi's before\n"
               "/etc/cdi's); one that two files of a directory have cannot be used. Exit status 1\n"
               "when there is one of these, or a file with faults.",
    .opts = opts,
    .run = run,
};
