/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "group.h"

/* Acted on in main(). */
static const struct opt opts[] = {
    {OPT_FLAG,   0, "version", NULL, "print the version and stop", 0, NULL },
    { .type = OPT_END},
};

/* In the order of the help. */
static const struct cmd *const subcommands[] = {
    &cmd_import, &cmd_list,   &cmd_show,        &cmd_add,  &cmd_remove,
    &cmd_hide,   &cmd_unhide, &cmd_completions, &cmd_help, NULL,
};

const struct cmd cmd_top = {
    .name = "ghostforge",
    .summary = "one library for the games of Steam, Lutris, Heroic, Bottles and the desktop",
    .opts = opts,
    .run = group_run,
    .subcommands = subcommands,
};

int main(int argc, char **argv)
{
    if (argc < 2) {
        cmd_print_help(&cmd_top, stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("ghostforge " NVB_VERSION);
        return EXIT_SUCCESS;
    }
    return cmd_top.run(&cmd_top, argc, argv);
}
