/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "operand.h"

enum {
    N_OPTIONS_SHOWN = 4, /* more would hide the operands */
};

const char *cmd_get_word(const struct cmd *cmd)
{
    const char *blank = strrchr(cmd->name, ' ');

    return blank ? blank + 1 : cmd->name;
}

static void add_options(const struct opt *opts, struct nvb_buf *out)
{
    size_t n = 0;

    while (opts[n].type != OPT_END)
        n++;
    if (n > N_OPTIONS_SHOWN) {
        nvb_buf_add_str(out, " [OPTION]...");
        return;
    }
    for (const struct opt *o = opts; o->type != OPT_END; o++) {
        nvb_autofree char *name = opt_dup_name(o);

        nvb_buf_addf(out, " [%s]%s", name, o->type == OPT_LIST ? "..." : "");
    }
}

char *cmd_dup_synopsis(const struct cmd *cmd)
{
    nvb_auto_buf b = { 0 };

    nvb_buf_add_str(&b, cmd->name);
    if (cmd->subcommands) {
        nvb_buf_add_str(&b, " COMMAND [OPTION]... [ARGUMENT]...");
    } else {
        add_options(cmd->opts, &b);
    }
    if (cmd->operands)
        nvb_buf_addf(&b, " %s", cmd->operands);
    return nvb_steal(&b.data);
}

void cmd_print_help(const struct cmd *cmd, FILE *out)
{
    nvb_autofree char *synopsis = cmd_dup_synopsis(cmd);

    (void)fprintf(out, "usage: %s\n\n%s\n", synopsis, cmd->summary);
    if (cmd->details)
        (void)fprintf(out, "\n%s\n", cmd->details);
    if (cmd->subcommands)
        (void)fprintf(out, "\ncommands (%s COMMAND --help tells more):\n", cmd->name);
    for (const struct cmd *const *c = cmd->subcommands; c && *c; c++)
        (void)fprintf(out, "  %-12s %s\n", cmd_get_word(*c), (*c)->summary);
    (void)fprintf(out, "\noptions:\n");
    opt_print_help(cmd->opts, out);
    (void)fprintf(out, "  -h, %-22s %s\n", "--help", "print this and stop");
}

/* Does a word of the command's own say so? What follows an option that takes a value is that, and
 * in `nvbind run host ls --help` the option is for ls. */
static bool has_word(const struct cmd *cmd, int argc, char **argv, const char *name, char letter)
{
    const char short_name[] = { '-', letter, '\0' };

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], name) == 0 || strcmp(argv[i], short_name) == 0)
            return true;
        if (cmd->has_foreign_words && !opt_is_option(argv[i]))
            return false;
        i += opt_takes_next(cmd->opts, argv[i]);
    }
    return false;
}

bool cmd_asks_for_help(const struct cmd *cmd, int argc, char **argv)
{
    return has_word(cmd, argc, argv, "--help", 'h');
}

bool cmd_asks_for_json(const struct cmd *cmd, int argc, char **argv)
{
    return has_word(cmd, argc, argv, "--json", 'j');
}

bool cmd_parse(const struct cmd *cmd,
               int argc,
               char **argv,
               void *out,
               char ***out_words,
               int *out_status)
{
    bool as_json = cmd_asks_for_json(cmd, argc, argv); /* before the words are put in order */
    nvb_autofree char *synopsis = NULL;
    nvb_auto_err err = { 0 };
    int rest = 0;

    if (cmd_asks_for_help(cmd, argc, argv)) {
        cmd_print_help(cmd, stdout);
        *out_status = EXIT_SUCCESS;
        return false;
    }
    if (!opt_parse(cmd->opts, argv, !cmd->has_foreign_words, out, &rest, &err)) {
        *out_status = cmd_complain_usage(cmd, &err, as_json);
        return false;
    }
    if (!operand_check(cmd->operands, argv + rest, &err)) {
        synopsis = cmd_dup_synopsis(cmd);
        nvb_hint(&err, "write %s", synopsis);
        *out_status = cmd_complain_usage(cmd, &err, as_json);
        return false;
    }
    if (out_words)
        *out_words = argv + rest;
    return true;
}

static void print_json(const struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *body = nvb_json_new_object();
    struct nvb_json *causes = nvb_json_new_array();

    nvb_json_set_str(body, "domain", nvb_domain_name(err->domain));
    nvb_json_set_str(body, "kind", nvb_kind_name(err->kind));
    for (unsigned i = err->n_lines; i-- > 0;)
        nvb_json_append(causes, nvb_json_new_str(err->lines[i]));
    nvb_json_set(body, "lines", causes);
    nvb_json_set_str(body, "hint", err->hint);
    nvb_json_set(json, "error", body);
    nvb_json_print(json, stderr);
}

static void print(const struct nvb_err *err, const char *program, bool as_json)
{
    if (as_json) {
        print_json(err);
    } else {
        nvb_err_print(err, program, stderr);
    }
}

int cmd_complain(const struct nvb_err *err, bool as_json)
{
    print(err, cmd_top.name, as_json);
    return err->domain == NVB_D_REQUEST && err->kind == NVB_E_INVALID ? EXIT_USAGE : EXIT_FAILURE;
}

int cmd_complain_usage(const struct cmd *cmd, const struct nvb_err *err, bool as_json)
{
    print(err, cmd->name, as_json);
    return EXIT_USAGE;
}
