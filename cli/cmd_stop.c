/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cmd.h"
#include "each.h"
#include "seconds.h"
#include "stopping.h"

struct options {
    const char *time;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_STRING, 't', "time", "SECONDS", "wait so long before KILL, not as the container wants",
     offsetof(struct options, time), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END   },
};

static bool stop(const struct nvb_places *places,
                 const char *id,
                 const char *word,
                 void *data,
                 struct nvb_err *err)
{
    (void)word;
    return stopping(places, id, data, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct each each = { .act = stop };
    nvb_auto_err err = { 0 };
    unsigned timeout_s = 0;
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (!seconds_parse(o.time, "time", &timeout_s, &err))
        return cmd_complain_usage(cmd, &err, o.as_json);
    each.data = o.time ? &timeout_s : NULL;
    each.as_json = o.as_json;
    return each_container(&each, words);
}

const struct cmd cmd_stop = {
    .name = "nvbind stop",
    .operands = "CONTAINER...",
    .summary = "end a container: TERM, and after ten seconds KILL",
    .details =
        "The signal and the time are the container's own where run was told others. What it wrote\n"
        "stays until nvbind rm; no restart policy starts it again.",
    .opts = opts,
    .run = run,
};
