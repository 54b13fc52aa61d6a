/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cmd.h"
#include "image_sweep.h"

struct options {
    bool is_all;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'a', "all", NULL, "also the images that no container uses",
     offsetof(struct options, is_all), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END  },
};

/* *out_is_there: there is a store at all. */
static bool untag(bool is_all, struct nvb_strv *names, bool *out_is_there, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;

    if (!nvb_store_open(NULL, NVB_STORE_READ, &store, err))
        return false;
    *out_is_there = nvb_store_fd(store) >= 0;
    return !is_all || nvb_image_untag_unused(store, names, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };
    bool is_there = false;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    if (!untag(o.is_all, &names, &is_there, &err))
        return cmd_complain(&err, o.as_json);
    return is_there ? image_sweep(&names, true, o.as_json) : EXIT_SUCCESS;
}

const struct cmd cmd_prune = {
    .name = "nvbind prune",
    .summary = "remove layers that no image has any longer, and what crashes left behind",
    .details = "Waits for others who work in the store. What a container uses is never removed.",
    .opts = opts,
    .run = run,
};
