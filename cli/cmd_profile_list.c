/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "nvbind/profile.h"
#include "say.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool has_names;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "names", NULL, "only the names, one a line", offsetof(struct options, has_names),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

/* A broken profile is told and does not hide the others. */
static int list_one(const char *name, struct nvb_json *rows, bool as_json)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    struct nvb_json *row = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_load(name, &profile, &err)) {
        (void)fflush(stdout);
        return cmd_complain(&err, as_json);
    }
    if (!as_json) {
        say(stdout, "%-22s %s", name, profile->description);
        return EXIT_SUCCESS;
    }
    row = nvb_json_new_object();
    nvb_json_set_str(row, "name", name);
    nvb_json_set_str(row, "description", profile->description);
    nvb_json_set_str(row, "source", profile->source);
    nvb_json_append(rows, row);
    return EXIT_SUCCESS;
}

/* For completion: nothing is read but the folders. */
static int list_names(void)
{
    char **names = nvb_profile_list();

    for (size_t i = 0; names[i]; i++) {
        say(stdout, "%s", names[i]);
        free(names[i]);
    }
    free((void *)names);
    return EXIT_SUCCESS;
}

static int list(bool as_json)
{
    nvb_autoptr(nvb_json) rows = nvb_json_new_array();
    char **names = nvb_profile_list();
    int status = EXIT_SUCCESS;

    for (size_t i = 0; names[i]; i++) {
        if (list_one(names[i], rows, as_json) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
        free(names[i]);
    }
    free((void *)names);
    if (as_json)
        nvb_json_print(rows, stdout);
    return status;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    return o.has_names && !o.as_json ? list_names() : list(o.as_json);
}

const struct cmd cmd_profile_list = {
    .name = "nvbind profile list",
    .summary = "list the profiles there are",
    .opts = opts,
    .run = run,
};
