/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "container_row.h"
#include "each.h"
#include "filter.h"
#include "life/roster.h"
#include "say.h"

struct options {
    bool is_all;
    struct nvb_strv filters;
    bool is_quiet;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG,                         'a', "all", NULL, "those that do not run as well", offsetof(struct options, is_all),
     NULL },
    { OPT_LIST,                           'f', "filter", "KEY=VALUE",
     "only with this name, id, image, label, status or exited", offsetof(struct options, filters),
     NULL },
    { OPT_FLAG, 'q', "quiet", NULL, "only their ids", offsetof(struct options, is_quiet), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END                        },
};

static void tell(const struct nvb_roster *roster, const struct options *o)
{
    nvb_autoptr(nvb_json) rows = nvb_json_new_array();
    struct container_rows table = { 0 };

    for (size_t i = 0; i < roster->n; i++) {
        const struct nvb_listed *item = &roster->items[i];

        if (!filter_takes(&o->filters, item))
            continue;
        if (o->as_json) {
            nvb_json_append(rows, container_row_to_json(item));
        } else if (o->is_quiet) {
            (void)puts(item->id);
        } else {
            container_rows_add(&table, item);
        }
    }
    if (o->as_json) {
        nvb_json_print(rows, stdout);
    } else if (!o->is_quiet) {
        container_rows_print(&table, stdout);
    }
    container_rows_clear(&table);
}

static int list(const struct options *o)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_roster roster = { 0 };
    nvb_auto_err err = { 0 };

    if (!open_places(&places, &err))
        return cmd_complain(&err, o->as_json);
    nvb_roster_look(&places, o->is_all || filter_wants_all(&o->filters), &roster);
    tell(&roster, o);
    (void)fflush(stdout);
    for (size_t i = 0; i < roster.faults.n; i++)
        say(stderr, "nvbind: %s", roster.faults.items[i]);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, NULL, &status))
        status =
            filter_check(&o.filters, &err) ? list(&o) : cmd_complain_usage(cmd, &err, o.as_json);
    nvb_strv_clear(&o.filters);
    return status;
}

const struct cmd cmd_ps = {
    .name = "nvbind ps",
    .summary = "list containers",
    .details =
        "--filter may be given several times: of one key any may hold, of several keys each must.\n"
        "name= takes part of a name, id= the beginning of an id, label= NAME or NAME=VALUE, status=\n"
        "created, running, restarting or exited, exited= an exit status or unknown.",
    .opts = opts,
    .run = run,
};
