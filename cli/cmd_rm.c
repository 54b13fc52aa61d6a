/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>

#include "cmd.h"
#include "each.h"
#include "life/halt.h"
#include "life/removal.h"
#include "life/supervision.h"

struct options {
    bool is_forced;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'f', "force", NULL, "kill it first if it runs", offsetof(struct options, is_forced),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static bool
check_still(const struct nvb_places *places, const char *id, const char *word, struct nvb_err *err)
{
    nvb_auto_status status = { 0 };

    nvb_status_look(places, id, &status);
    if (!nvb_state_is_up(status.state) && status.state != NVB_STATE_RESTARTING)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is %s", word,
             nvb_state_name(status.state));
    return nvb_hint(err, "stop it first: nvbind stop %s, or kill and remove it: nvbind rm -f %s",
                    word, word);
}

static bool remove_one(const struct nvb_places *places,
                       const char *id,
                       const char *word,
                       void *data,
                       struct nvb_err *err)
{
    bool is_forced = *(const bool *)data;
    nvb_auto_presence presence = NVB_PRESENCE_INIT;

    if (is_forced ? !nvb_halt_stop(places, id, SIGKILL, 0, err)
                  : !check_still(places, id, word, err))
        return false;
    return nvb_presence_take(places->run_fd, id, &presence, err) &&
           nvb_removal(places, &presence, err);
}

/* Behind a supervisor whose container was started with --rm. True when this is such a call. */
static bool go_on(const char *id)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_err err = { 0 };

    if (!getenv(NVB_SUPERVISION_VARIABLE))
        return false;
    if (nvb_is_id(id) && nvb_places_open(&places, &err) &&
        nvb_supervision_inherit(&places, id, &presence, &err))
        (void)nvb_removal(&places, &presence, &err);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct each each = { .act = remove_one };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (go_on(words[0]))
        return EXIT_SUCCESS;
    each.data = &o.is_forced;
    each.as_json = o.as_json;
    return each_container(&each, words);
}

const struct cmd cmd_rm = {
    .name = "nvbind rm",
    .operands = "CONTAINER...",
    .summary = "remove a container with what it wrote and its log",
    .opts = opts,
    .run = run,
};
