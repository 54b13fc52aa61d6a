/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

void cmd_print_help(const struct cmd *cmd, FILE *out)
{
    (void)fprintf(out, "usage: nvbind %s\n\n%s\n", cmd->synopsis, cmd->summary);
    if (cmd->details)
        (void)fprintf(out, "\n%s\n", cmd->details);
    (void)fprintf(out, "\noptions:\n");
    opt_print_help(cmd->opts, out);
    (void)fprintf(out, "  -h, %-22s %s\n", "--help", "print this and stop");
}

/* Only words before the first non-option are ours: `nvbind run host ls --help` is for ls. */
static bool asks_for_help(const struct cmd *cmd, int argc, char **argv)
{
    for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
        for (const struct opt *o = cmd->opts; o->type != OPT_END; o++) {
            bool takes_next = o->type == OPT_STRING || o->type == OPT_LIST;
            bool is_long = nvb_has_prefix(argv[i], "--") && strcmp(argv[i] + 2, o->name) == 0;
            bool is_letter = argv[i][1] == o->letter && o->letter && !argv[i][2];

            if (takes_next && (is_long || is_letter)) {
                i++;
                break;
            }
        }
    }
    return false;
}

bool cmd_parse(const struct cmd *cmd,
               int argc,
               char **argv,
               void *out,
               int *out_rest,
               int *out_status)
{
    nvb_auto_err err = { 0 };

    if (asks_for_help(cmd, argc, argv)) {
        cmd_print_help(cmd, stdout);
        *out_status = EXIT_SUCCESS;
        return false;
    }
    if (!opt_parse(cmd->opts, argc, argv, false, out, out_rest, &err)) {
        *out_status = cmd_complain_usage(cmd, &err);
        return false;
    }
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

int cmd_complain(const struct nvb_err *err, bool as_json)
{
    if (as_json) {
        print_json(err);
    } else {
        nvb_err_print(err, "nvbind", stderr);
    }
    return err->kind == NVB_E_INVALID ? EXIT_USAGE : EXIT_FAILURE;
}

int cmd_complain_usage(const struct cmd *cmd, const struct nvb_err *err)
{
    nvb_autofree char *program = nvb_xasprintf("nvbind %s", cmd->name);

    nvb_err_print(err, program, stderr);
    return EXIT_USAGE;
}

int cmd_complain_unknown(const char *word)
{
    const char *names[64] = { 0 };
    nvb_auto_err err = { 0 };
    const char *near = NULL;

    for (size_t n = 0; cmds[n] && n + 1 < sizeof(names) / sizeof(names[0]); n++)
        names[n] = cmds[n]->name;
    near = nvb_nearest(word, names);
    nvb_fail(&err, NVB_D_REQUEST, NVB_E_INVALID, "unknown command '%s'", word);
    if (near) {
        nvb_hint(&err, "did you mean 'nvbind %s'?", near);
    } else {
        nvb_hint(&err, "nvbind help lists the commands");
    }
    return cmd_complain(&err, false);
}
