/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <stdio.h>
#include <stdlib.h>

#include "group.h"

int help_run(const struct cmd *cmd, int argc, char **argv)
{
    const struct cmd *told = &cmd_top;
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &words, &status))
        return status;
    for (; *words && told->subcommands; words++) {
        const struct cmd *next = group_find(told, *words);

        if (!next)
            return group_complain_unknown(told, *words, false);
        told = next;
    }
    if (*words) {
        nvb_auto_err err = { 0 };

        nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' has no commands, so no '%s'", told->name,
                 *words);
        return cmd_complain_usage(cmd, &err, false);
    }
    cmd_print_help(told, stdout);
    return EXIT_SUCCESS;
}
