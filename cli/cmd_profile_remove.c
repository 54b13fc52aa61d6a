/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "cmd.h"
#include "profile_talk.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct nvb_profile_change change = { 0 };
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;
    bool ok = false;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    ok = nvb_profile_remove(words[0], &change, &err);
    return profile_tell(ok, "removed", &change, &err, o.as_json);
}

const struct cmd cmd_profile_remove = {
    .name = "nvbind profile remove",
    .operands = "PROFILE",
    .summary = "remove a profile of yours",
    .opts = opts,
    .run = run,
};
