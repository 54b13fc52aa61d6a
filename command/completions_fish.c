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

static const char walk[] =
    "# The words before the cursor lead to the command $argv[1]; with $argv[2],\n"
    "# no other word stands behind it.\n"
    "function __%1$s_at\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    set -l at %1$s\n"
    "    set -l stray\n"
    "    for word in $words\n"
    "        switch \"$at $word\"\n"
    "            case %2$s\n"
    "                set at \"$at $word\"\n"
    "                set stray\n"
    "            case '* -*'\n"
    "            case '*'\n"
    "                set stray yes\n"
    "        end\n"
    "    end\n"
    "    test \"$at\" = \"$argv[1]\"; and test -z \"$stray\" -o -z "
    "\"$argv[2]\"\n"
    "end\n";

static void print_start(const char *name, bool is_alone, FILE *out)
{
    (void)fprintf(out, "complete -c %1$s -n '__%1$s_at \"%2$s\"%3$s'", cmd_top.name, name,
                  is_alone ? " alone" : "");
}

static void print_option(const struct cmd *cmd, const struct opt *o, FILE *out)
{
    nvb_autofree char *words = completions_dup_words(o);

    print_start(cmd->name, cmd->subcommands != NULL, out);
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

/* The commands of a group, where `name` stands. */
static void print_commands(const char *name, const struct cmd *group, FILE *out)
{
    for (const struct cmd *const *c = group->subcommands; c && *c; c++) {
        print_start(name, true, out);
        (void)fprintf(out, " -a %s -d ", cmd_get_word(*c));
        print_text((*c)->summary, out);
        (void)fputc('\n', out);
    }
}

static void print_arguments(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *words = completions_dup_arguments(cmd);

    if (words && !*words)
        return;
    print_start(cmd->name, false, out);
    if (words) {
        (void)fputs(" -a ", out);
        print_text(words, out);
    } else {
        (void)fputs(" -F", out);
    }
    (void)fputc('\n', out);
}

static void print_command(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *help = completions_dup_help_name(cmd);

    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        print_option(cmd, o, out);
    print_start(cmd->name, cmd->subcommands != NULL, out);
    (void)fputs(" -s h -l help -d 'print the help and stop'\n", out);
    if (cmd->subcommands) {
        print_commands(cmd->name, cmd, out);
        print_commands(help, cmd, out);
    } else {
        print_arguments(cmd, out);
    }
}

void completions_print_fish(FILE *out)
{
    nvb_autofree char *names = completions_dup_names(" ");

    (void)fprintf(out, "# fish completion for %1$s, made by: %1$s completions fish\n",
                  cmd_top.name);
    (void)fprintf(out, walk, cmd_top.name, names);
    (void)fprintf(out, "complete -c %s -f\n", cmd_top.name);
    completions_each(&cmd_top, print_command, out);
}
