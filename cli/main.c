/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

const struct cmd *const cmds[] = {
    &cmd_run, &cmd_info, &cmd_doctor, &cmd_profile, &cmd_cdi, &cmd_completions, &cmd_help, NULL,
};

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "help";

    if (strcmp(word, "--version") == 0) {
        (void)puts("nvbind " NVB_VERSION);
        return EXIT_SUCCESS;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    for (const struct cmd *const *c = cmds; *c; c++) {
        if (strcmp((*c)->name, word) == 0)
            return (*c)->run(*c, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
    }
    return cmd_complain_unknown(word);
}
