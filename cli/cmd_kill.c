/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>

#include "base/signal_name.h"
#include "cmd.h"
#include "each.h"
#include "life/event.h"
#include "life/halt.h"
#include "life/roster.h"

struct options {
    const char *signal;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_STRING, 's', "signal", "SIGNAL", "send this, not KILL", offsetof(struct options, signal),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

/* Of these two the user means that it shall end. */
static bool is_final(unsigned number, const struct nvb_listed *listed)
{
    unsigned own = listed->face.stop_signal ? listed->face.stop_signal : SIGTERM;

    return number == SIGKILL || number == own;
}

static bool signal_one(const struct nvb_places *places,
                       const char *id,
                       const char *word,
                       void *data,
                       struct nvb_err *err)
{
    unsigned number = *(const unsigned *)data;
    nvb_auto_listed listed = { 0 };
    nvb_auto_err absent = { 0 };
    struct nvb_event event = { .what = "kill", .id = id };

    (void)word;
    if (nvb_listed_look(places, id, &listed, &absent)) {
        event.name = listed.face.name;
        if (is_final(number, &listed) && nvb_state_is_up(listed.status.state) &&
            !nvb_halt_note(places, id, err))
            return false;
    }
    if (!nvb_halt_signal(places, id, number, err))
        return false;
    nvb_event_write(places->run_fd, &event);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct each each = { .act = signal_one };
    nvb_auto_err err = { 0 };
    unsigned number = SIGKILL;
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (o.signal && !nvb_signal_parse(o.signal, &number, &err))
        return cmd_complain_usage(cmd, &err, o.as_json);
    each.data = &number;
    each.as_json = o.as_json;
    return each_container(&each, words);
}

const struct cmd cmd_kill = {
    .name = "nvbind kill",
    .operands = "CONTAINER...",
    .summary = "send a signal to a container's command",
    .details =
        "It does not wait. After KILL or the container's own stop signal no restart policy starts it\n"
        "again.",
    .opts = opts,
    .run = run,
};
