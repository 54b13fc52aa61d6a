/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "profile/setting.h"
#include "say.h"
#include "variable_fate.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

struct options {
    bool has_why;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'w', "why", NULL, "tell what each setting does", offsetof(struct options, has_why),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END  },
};

static void print_variable_why(const struct nvb_profile_env *e)
{
    const struct nvb_variable *v = NULL;
    const char *fate = variable_fate(e, &v);

    if (!v) {
        printf("    no known reader; passed on as it is\n");
    } else if (strcmp(fate, "refused") == 0) {
        printf("    not emitted: %s\n", v->effect);
    } else {
        nvb_autofree char *reader = nvb_variable_dup_reader(v);

        printf("    %s\n    read by: %s\n", v->effect, reader);
    }
}

static void print_profile(const struct nvb_profile *p, const struct options *o)
{
    say(stdout, "profile '%s' from %s", p->name, p->source);
    (void)putchar('\n');
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);
        nvb_autofree char *value = nvb_setting_dup_value(s, p);

        say(stdout, "%-18s %s", name, value);
        if (o->has_why)
            printf("    %s\n", nvb_setting_effect(s, p));
    }
    for (size_t i = 0; i < p->n_env; i++) {
        say(stdout, "env.%s = %s", p->env[i].name, p->env[i].value);
        if (o->has_why)
            print_variable_why(&p->env[i]);
    }
}

static struct nvb_json *setting_to_json(const struct nvb_setting *s, const struct nvb_profile *p)
{
    nvb_autofree char *value = nvb_setting_dup_value(s, p);
    uint64_t count = 0;

    if (s->type == NVB_SETTING_BOOL)
        return nvb_json_new_bool(strcmp(value, "true") == 0);
    if (s->type == NVB_SETTING_COUNT && nvb_parse_u64(value, UINT64_MAX, &count))
        return nvb_json_new_u64(count);
    return nvb_json_new_str(value);
}

static struct nvb_json *variable_to_json(const struct nvb_profile_env *e)
{
    struct nvb_json *json = nvb_json_new_object();
    const struct nvb_variable *v = NULL;

    nvb_json_set_str(json, "fate", variable_fate(e, &v));
    if (v) {
        nvb_json_set_str(json, "effect", v->effect);
        nvb_json_set_str(json, "reader", v->reader);
        if (v->since)
            nvb_json_set_str(json, "since", v->since);
        if (v->until)
            nvb_json_set_str(json, "until", v->until);
    }
    return json;
}

static struct nvb_json *profile_to_json(const struct nvb_profile *p, const struct options *o)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    struct nvb_json *why = nvb_json_new_object();

    nvb_json_set_str(json, "name", p->name);
    nvb_json_set_str(json, "source", p->source);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);

        nvb_json_set(json, name, setting_to_json(s, p));
        nvb_json_set_str(why, name, nvb_setting_effect(s, p));
    }
    for (size_t i = 0; i < p->n_env; i++) {
        nvb_autofree char *name = nvb_xasprintf("env.%s", p->env[i].name);

        nvb_json_set_str(env, p->env[i].name, p->env[i].value);
        nvb_json_set(why, name, variable_to_json(&p->env[i]));
    }
    nvb_json_set(json, "env", env);
    if (o->has_why) {
        nvb_json_set(json, "why", why);
    } else {
        nvb_json_free(why);
    }
    return json;
}

static int show(const char *name, const struct options *o)
{
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_profile_load(name, &profile, &err)) {
        nvb_while(&err, "cannot show the profile");
        return cmd_complain(&err, o->as_json);
    }
    if (!o->as_json) {
        print_profile(profile, o);
        return EXIT_SUCCESS;
    }
    json = profile_to_json(profile, o);
    nvb_json_print(json, stdout);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return show(words[0], &o);
}

const struct cmd cmd_profile_show = {
    .name = "nvbind profile show",
    .operands = "NAME",
    .summary = "show the settings of a profile, and what they do",
    .opts = opts,
    .run = run,
};
