/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "profile/setting.h"
#include "say.h"

struct options {
    bool has_names;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "names", NULL, "only the names, one a line", offsetof(struct options, has_names),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

/* "true or false", "x11, wayland", "0 to 1000". */
static char *dup_values(const struct nvb_setting *s)
{
    nvb_auto_strv words = { 0 };

    if (s->type == NVB_SETTING_BOOL || s->type == NVB_SETTING_WISH)
        return nvb_xstrdup("true or false");
    if (s->type == NVB_SETTING_COUNT)
        return nvb_xasprintf("0 to %llu", (unsigned long long)s->max);
    if (s->type == NVB_SETTING_TEXT)
        return nvb_xstrdup(s->form ? s->form : "text of one line");
    for (const struct nvb_setting_word *w = s->words; w->word; w++) {
        if (w->effect)
            nvb_strv_add(&words, w->word);
    }
    return nvb_strv_join(&words, ", ");
}

static void print_one(const struct nvb_setting *s, struct nvb_json *rows, const struct options *o)
{
    nvb_autofree char *name = nvb_setting_dup_name(s);
    nvb_autofree char *values = dup_values(s);
    struct nvb_json *row = NULL;

    if (!o->as_json) {
        if (o->has_names) {
            say(stdout, "%s", name);
        } else {
            say(stdout, "%-24s %s", name, values);
        }
        return;
    }
    row = nvb_json_new_object();
    nvb_json_set_str(row, "name", name);
    nvb_json_set_str(row, "values", values);
    nvb_json_append(rows, row);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    nvb_autoptr(nvb_json) rows = nvb_json_new_array();
    struct options o = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    for (const struct nvb_setting *s = nvb_settings; s->key; s++)
        print_one(s, rows, &o);
    if (o.as_json) {
        nvb_json_print(rows, stdout);
    } else if (!o.has_names) {
        say(stdout, "%-24s %s", "env.NAME", "any text: a variable of the container's");
    }
    return EXIT_SUCCESS;
}

const struct cmd cmd_profile_keys = {
    .name = "nvbind profile keys",
    .summary = "list the settings that a profile may have, and their values",
    .opts = opts,
    .run = run,
};
