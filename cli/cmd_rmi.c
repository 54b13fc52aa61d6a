/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "image_sweep.h"
#include "say.h"

struct options {
    bool is_forced;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'f', "force", NULL, "also what a container uses, and all names of an id",
     offsetof(struct options, is_forced), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static bool untag(char *const *words, bool is_forced, struct nvb_strv *names, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;

    if (!nvb_store_open(NULL, NVB_STORE_READ, &store, err))
        return false;
    for (char *const *word = words; *word; word++) {
        if (!nvb_image_untag(store, *word, is_forced, names, err))
            return nvb_while(err, "cannot remove '%s'", *word);
    }
    return true;
}

/* What was named before the first that failed is gone all the same, and its room given back. */
static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };
    bool ok = false;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    ok = untag(words, o.is_forced, &names, &err);
    status = names.n > 0 ? image_sweep(&names, false, o.as_json) : EXIT_SUCCESS;
    return ok ? status : cmd_complain(&err, o.as_json);
}

const struct cmd cmd_rmi = {
    .name = "nvbind rmi",
    .operands = "IMAGE [IMAGE]...",
    .summary = "remove images",
    .details =
        "IMAGE is a name, or at least 4 digits of an id. The files of an image go with its last\n"
        "name, unless other images have the same layers or a container uses it.",
    .opts = opts,
    .run = run,
};
