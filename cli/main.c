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
    &cmd_run,     &cmd_exec, &cmd_ps,  &cmd_logs,        &cmd_stop,   &cmd_start,  &cmd_restart,
    &cmd_kill,    &cmd_wait, &cmd_rm,  &cmd_pull,        &cmd_images, &cmd_import, &cmd_export,
    &cmd_cp,      &cmd_tag,  &cmd_rmi, &cmd_prune,       &cmd_store,  &cmd_info,   &cmd_doctor,
    &cmd_profile, &cmd_game, &cmd_cdi, &cmd_completions, &cmd_help,   NULL,
};

const struct cmd cmd_top = {
    .name = "nvbind",
    .summary = "GPU containers in milliseconds, without a daemon",
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
        (void)puts("nvbind " NVB_VERSION);
        return EXIT_SUCCESS;
    }
    return cmd_top.run(&cmd_top, argc, argv);
}
