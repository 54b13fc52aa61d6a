/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "each.h"
#include "life/halt.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static void append(struct nvb_json *rows, const char *id, const struct nvb_ending *ending)
{
    struct nvb_json *row = nvb_json_new_object();

    nvb_json_set_str(row, "id", id);
    nvb_json_set(row, "status", ending->is_known ? nvb_json_new_u64(ending->status) : NULL);
    nvb_json_append(rows, row);
}

static bool wait_for(const struct nvb_places *places,
                     const char *id,
                     const char *word,
                     void *data,
                     struct nvb_err *err)
{
    nvb_auto_ending ending = { 0 };

    if (!nvb_halt_wait(places, id, &ending, err))
        return false;
    if (data) {
        append(data, id, &ending);
    } else if (ending.is_known) {
        (void)printf("%u\n", ending.status);
    } else {
        (void)puts("unknown");
    }
    (void)fflush(stdout);
    if (ending.is_known)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "nobody saw how '%s' ended", word);
    return nvb_hint(err, "its supervisor was killed; from Linux 6.15 on the kernel still knows");
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct each each = { .act = wait_for, .is_silent = true };
    nvb_autoptr(nvb_json) rows = NULL;
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    rows = nvb_json_new_array();
    each.data = o.as_json ? rows : NULL;
    each.as_json = o.as_json;
    status = each_container(&each, words);
    if (o.as_json)
        nvb_json_print(rows, stdout);
    return status;
}

const struct cmd cmd_wait = {
    .name = "nvbind wait",
    .operands = "CONTAINER...",
    .summary = "wait for a container's end and print its exit status",
    .opts = opts,
    .run = run,
};
