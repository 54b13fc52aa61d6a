/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const struct opt opts[] = { { .type = OPT_END } };

static int print_overview(void)
{
    printf("nvbind - GPU containers in milliseconds, without a daemon\n\n"
           "usage: nvbind COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n");
    for (const struct cmd *const *c = cmds; *c; c++)
        printf("  %-12s %s\n", (*c)->name, (*c)->summary);
    printf(
        "\nnvbind help COMMAND tells a command's options; nvbind --version prints the version\n");
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    int rest = 0;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &rest, &status))
        return status;
    if (rest == argc)
        return print_overview();
    for (const struct cmd *const *c = cmds; *c; c++) {
        if (strcmp((*c)->name, argv[rest]) == 0) {
            cmd_print_help(*c, stdout);
            return EXIT_SUCCESS;
        }
    }
    return cmd_complain_unknown(argv[rest]);
}

const struct cmd cmd_help = {
    .name = "help",
    .synopsis = "help [COMMAND]",
    .summary = "tell what a command does",
    .opts = opts,
    .run = run,
};
