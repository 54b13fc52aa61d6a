/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "completions.h"

static const char head[] =
    "# bash completion for %1$s, made by: %1$s completions bash\n"
    "_%1$s()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local word at=%1$s stray=\n"
    "    COMPREPLY=()\n"
    "    # readline takes --name=value apart at the equals sign\n"
    "    if [[ $cur == '=' ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == '=' ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char walk[] = "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                           "        case \"$at $word\" in\n"
                           "        %s)\n"
                           "            at+=\" $word\" stray= ;;\n"
                           "        *' -'*) ;;\n"
                           "        *) stray=yes ;;\n"
                           "        esac\n"
                           "    done\n";

static const char tail[] = "    esac\n"
                           "}\n"
                           "complete -F _%1$s %1$s\n";

static void print_words(const char *indent, const char *words, FILE *out)
{
    (void)fprintf(out, "%smapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n", indent, words);
}

/* A row of `case $prev`: what may follow an option that takes a value. */
static void print_value(const struct opt *o, FILE *out)
{
    nvb_autofree char *words = completions_dup_words(o);

    if (o->type != OPT_STRING && o->type != OPT_LIST && !words)
        return;
    (void)fprintf(out, "        --%s", o->name);
    if (o->letter)
        (void)fprintf(out, " | -%c", o->letter);
    (void)fputs(")\n", out);
    if (words) {
        print_words("            ", words, out);
    } else if (completions_wants_dir(o)) {
        (void)fputs("            compopt -o filenames\n"
                    "            mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n",
                    out);
    } else if (completions_wants_file(o)) {
        (void)fputs("            compopt -o filenames\n"
                    "            mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n",
                    out);
    }
    (void)fputs("            return ;;\n", out);
}

static void print_arguments(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *words = completions_dup_arguments(cmd);

    if (words && *words) {
        print_words("            ", words, out);
    } else if (words) {
        (void)fputs("            :\n", out);
    } else {
        (void)fputs("            compopt -o filenames\n"
                    "            mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n",
                    out);
    }
}

/* Behind a word that is none of its commands, a group has nothing to offer. */
static void print_help_row(const struct cmd *group, FILE *out)
{
    nvb_autofree char *name = completions_dup_help_name(group);
    nvb_autofree char *words = completions_dup_arguments(group);

    (void)fprintf(out, "    '%s')\n        [[ $stray ]] && return\n", name);
    print_words("        ", words, out);
    (void)fputs("        ;;\n", out);
}

static void print_command(const struct cmd *cmd, FILE *out)
{
    nvb_auto_strv options = { 0 };
    nvb_autofree char *joined = NULL;

    if (completions_is_help(cmd))
        return;
    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        nvb_strv_addf(&options, "--%s", o->name);
    nvb_strv_add(&options, "--help");
    joined = nvb_strv_join(&options, " ");
    (void)fprintf(out, "    '%s')\n        case $prev in\n", cmd->name);
    for (const struct opt *o = cmd->opts; o->type != OPT_END; o++)
        print_value(o, out);
    (void)fputs("        esac\n", out);
    if (cmd->subcommands)
        (void)fputs("        [[ $stray ]] && return\n", out);
    (void)fputs("        if [[ $cur == -* ]]; then\n", out);
    print_words("            ", joined, out);
    (void)fputs("        else\n", out);
    print_arguments(cmd, out);
    (void)fputs("        fi ;;\n", out);
    if (cmd->subcommands)
        print_help_row(cmd, out);
}

void completions_print_bash(FILE *out)
{
    nvb_autofree char *names = completions_dup_names(" | ");

    (void)fprintf(out, head, cmd_top.name);
    (void)fprintf(out, walk, names);
    (void)fputs("    case $at in\n", out);
    completions_each(&cmd_top, print_command, out);
    (void)fprintf(out, tail, cmd_top.name);
}
