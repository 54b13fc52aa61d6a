/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "completions.h"

/* fish knows two escapes between single quotes. */
static void print_text(const char *text, FILE *out)
{
    (void)fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
    (void)fputc('\'', out);
}

static void print_start(const struct cmd *cmd, FILE *out)
{
    (void)fprintf(out, "complete -c nvbind -n '__fish_seen_subcommand_from %s'", cmd->name);
}

static void print_option(const struct cmd *cmd, const struct opt *o, FILE *out)
{
    nvb_autofree char *words = completions_dup_words(o);

    print_start(cmd, out);
    if (o->letter)
        (void)fprintf(out, " -s %c", o->letter);
    (void)fprintf(out, " -l %s", o->name);
    if (words) {
        (void)fprintf(out, " %s -a ", o->type == OPT_OPTIONAL ? "-f" : "-x");
        print_text(words, out);
    } else if (completions_wants_dir(o)) {
        (void)fputs(" -x -a '(__fish_complete_directories)'", out);
    } else if (completions_wants_file(o)) {
        (void)fputs(o->type == OPT_OPTIONAL ? " -F" : " -r -F", out);
    } else if (o->type == OPT_STRING || o->type == OPT_LIST) {
        (void)fputs(" -x", out);
    }
    (void)fputs(" -d ", out);
    print_text(o->help, out);
    (void)fputc('\n', out);
}

static void print_command(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *words = completions_dup_arguments(cmd);

    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        print_option(cmd, o, out);
    print_start(cmd, out);
    (void)fputs(" -s h -l help -d 'print the help and stop'\n", out);
    if (words && !*words)
        return;
    print_start(cmd, out);
    if (words) {
        (void)fputs(" -a ", out);
        print_text(words, out);
    } else {
        (void)fputs(" -F", out);
    }
    (void)fputc('\n', out);
}

void completions_print_fish(FILE *out)
{
    (void)fputs("# fish completion for nvbind, made by: nvbind completions fish\n"
                "complete -c nvbind -f\n",
                out);
    for (const struct cmd *const *c = cmds; *c; c++) {
        (void)fprintf(out, "complete -c nvbind -n __fish_use_subcommand -a %s -d ", (*c)->name);
        print_text((*c)->summary, out);
        (void)fputc('\n', out);
    }
    (void)fputs("complete -c nvbind -n __fish_use_subcommand -l version -d 'print the version'\n",
                out);
    for (const struct cmd *const *c = cmds; *c; c++)
        print_command(*c, out);
}
