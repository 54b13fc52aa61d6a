/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "completions.h"

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {
    {"bash",  completions_print_bash},
    { "zsh",  completions_print_zsh },
    { "fish", completions_print_fish},
};

static int run(const struct cmd *cmd, int argc, char **argv)
{
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, NULL, &words, &status))
        return status;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, *words) == 0)
            shells[i].print(stdout);
    }
    return EXIT_SUCCESS;
}

const struct cmd cmd_completions = {
    .name = "nvbind completions",
    .operands = "bash|zsh|fish",
    .summary = "print the completion script of a shell",
    .details = "bash: nvbind completions bash > ~/.local/share/bash-completion/completions/nvbind\n"
               "zsh:  nvbind completions zsh > a directory of $fpath, as _nvbind\n"
               "fish: nvbind completions fish > ~/.config/fish/completions/nvbind.fish",
    .opts = opt_none,
    .run = run,
};
