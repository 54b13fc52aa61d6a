/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "each.h"
#include "life/supervision.h"
#include "starting.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static bool start(const struct nvb_places *places,
                  const char *id,
                  const char *word,
                  void *data,
                  struct nvb_err *err)
{
    (void)word;
    (void)data;
    return starting(places, id, err);
}

/* Behind a supervisor whose policy starts the container again. True when this is such a call. */
static bool go_on(const char *id, char **argv)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_err err = { 0 };

    if (!getenv(NVB_SUPERVISION_VARIABLE))
        return false;
    if (nvb_is_id(id) && nvb_places_open(&places, &err) &&
        nvb_supervision_inherit(&places, id, &presence, &err))
        (void)starting_in_place(&places, &presence, argv, &err);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct each each = { .act = start };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (go_on(words[0], argv))
        return EXIT_FAILURE;
    each.as_json = o.as_json;
    return each_container(&each, words);
}

const struct cmd cmd_start = {
    .name = "nvbind start",
    .operands = "CONTAINER...",
    .summary = "start a stopped container again, with what it wrote",
    .details = "It is resolved anew: GPUs, driver and profile are what the machine has now.",
    .opts = opts,
    .run = run,
};
