/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* every_kind.c - completions of one made-up command that has an option of every kind, and texts
 * with every character that some shell takes apart. */
#include <stdlib.h>
#include <string.h>

#include "command/completions.h"

static const char *const words[] = { "wayland", "x11", NULL };

static const struct opt opts[] = {
    {OPT_FLAG,                              't', "tty", NULL, "it's a [flag]: $HOME `ls` \\ \"x\"", 0, NULL },
    { OPT_STRING,                                'd', "display", "KIND", "pick: one", 0, words },
    { OPT_LIST, 'e', "env", "NAME[=VALUE]", "may repeat", 0, NULL },
    { OPT_OPTIONAL,                                 0, "timing", "FILE", "value behind = only", 0, NULL },
    { OPT_OPTIONAL,                           0, "colour", "WHEN", "words behind = only", 0, words },
    { OPT_STRING,                            0, "report", "FILE", "a file", 0, NULL },
    { OPT_STRING,                          0, "store", "DIR", "a directory", 0, NULL },
    { .type = OPT_END                               },
};

static const struct cmd cmd_every = { .name = "nvbind every",
                                      .operands = "FILE...",
                                      .summary = "has it's own [kind]: $x `y` \\",
                                      .opts = opts };

static const struct cmd cmd_inner = { .name = "nvbind group nest inner",
                                      .operands = "on|off NAME",
                                      .summary = "three deep",
                                      .opts = opts };

static const struct cmd *const nested[] = { &cmd_inner, NULL };
static const struct cmd cmd_nest = { .name = "nvbind group nest",
                                     .summary = "a group of a group",
                                     .opts = opt_none,
                                     .subcommands = nested };

static const struct cmd cmd_leaf = { .name = "nvbind group leaf",
                                     .summary = "it's two deep",
                                     .opts = opt_none };

static const struct cmd *const grouped[] = { &cmd_nest, &cmd_leaf, NULL };
static const struct cmd cmd_group = { .name = "nvbind group",
                                      .summary = "has others",
                                      .opts = opt_none,
                                      .subcommands = grouped };

const struct cmd cmd_help = { .name = "nvbind help",
                              .operands = "[COMMAND]...",
                              .summary = "help",
                              .opts = opt_none };

static const struct cmd *const all[] = { &cmd_every, &cmd_group, &cmd_help, NULL };
const struct cmd cmd_top = { .name = "nvbind",
                             .summary = "all",
                             .opts = opt_none,
                             .subcommands = all };

int main(int argc, char **argv)
{
    const char *shell = argc == 2 ? argv[1] : "";

    if (strcmp(shell, "bash") == 0) {
        completions_print_bash(stdout);
    } else if (strcmp(shell, "zsh") == 0) {
        completions_print_zsh(stdout);
    } else {
        completions_print_fish(stdout);
    }
    return EXIT_SUCCESS;
}
