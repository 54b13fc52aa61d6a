/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile_report.h"

#include <string.h>

#include "profile/effect.h"
#include "profile/setting.h"
#include "profile/variable.h"
#include "say.h"

static const char *layer_name(enum nvb_layer layer)
{
    static const char *const names[] = {
        [NVB_LAYER_DEFAULT] = "default", [NVB_LAYER_IMPLIED] = "implied",
        [NVB_LAYER_PROFILE] = "profile", [NVB_LAYER_GAME] = "game",
        [NVB_LAYER_COMMAND] = "command",
    };

    return names[layer];
}

/* What was said, and what has a meaning when nothing was. */
static bool is_shown(const struct nvb_setting *s, const struct nvb_profile *p)
{
    return nvb_setting_is_said(s, p) ||
           (s->type != NVB_SETTING_COUNT && s->words && nvb_setting_effect(s, p) != NULL);
}

/* "from FILE, line 3", "follows from performance_level = efficiency". */
static void print_origin(const struct nvb_origin *o)
{
    if (o->layer == NVB_LAYER_IMPLIED) {
        say(stdout, "    follows from %s", o->source);
    } else if (o->source && o->line > 0) {
        say(stdout, "    from %s, line %u", o->source, o->line);
    } else if (o->source) {
        say(stdout, "    from %s", o->source);
    }
}

static void print_setting(const struct nvb_setting *s, const struct nvb_profile *p, bool has_why)
{
    nvb_autofree char *name = nvb_setting_dup_name(s);
    nvb_autofree char *value = nvb_setting_dup_value(s, p);
    const struct nvb_origin *origin = nvb_setting_origin(s, p);
    const char *effect = nvb_setting_effect(s, p);

    say(stdout, "%-8s %-22s %s", layer_name(origin->layer), name, value);
    if (!has_why)
        return;
    if (effect)
        say(stdout, "    %s", effect);
    print_origin(origin);
}

static void print_variable(const struct nvb_effect *e)
{
    const struct nvb_variable *v = e->variable;
    nvb_autofree char *reader = v ? nvb_variable_dup_reader(v) : NULL;

    say(stdout, "sets %s=%s", e->name, e->value);
    if (e->vendor) {
        say(stdout, "    for %s, with %s GPUs only", e->settings, nvb_gpu_vendor_name(e->vendor));
    } else {
        say(stdout, "    for %s", e->settings);
    }
    if (v) {
        say(stdout, "    %s", v->effect);
        say(stdout, "    read by: %s", reader);
    } else {
        say(stdout, "    no known reader; passed on as it is");
    }
}

/* "dlss.enabled = true", or the variable that was wanted. */
static char *dup_wish(const struct nvb_effect *e, const struct nvb_profile *p)
{
    const struct nvb_setting *s = nvb_setting_find_name(e->settings);
    nvb_autofree char *value = s ? nvb_setting_dup_value(s, p) : NULL;

    if (e->name)
        return nvb_xasprintf("%s=%s", e->name, e->value);
    return nvb_xasprintf("%s = %s", e->settings, value ? value : "");
}

static void print_effect(const struct nvb_effect *e, const struct nvb_profile *p)
{
    nvb_autofree char *wish = dup_wish(e, p);

    switch (e->kind) {
    case NVB_EFFECT_VARIABLE:
        print_variable(e);
        return;
    case NVB_EFFECT_WORDS:
        say(stdout, "runs the command as: %s COMMAND", e->value);
        break;
    case NVB_EFFECT_ELSEWHERE:
        say(stdout, "does %s another way", wish);
        break;
    case NVB_EFFECT_NOTHING:
        say(stdout, "sets nothing for %s", wish);
        break;
    case NVB_EFFECT_REFUSED:
        say(stdout, "leaves out %s", wish);
        break;
    }
    say(stdout, "    %s", e->reason);
}

static void print_effects(const struct nvb_profile *p)
{
    nvb_auto_effects effects = { 0 };

    nvb_effects_make(p, p->has_frame_times, &effects);
    if (effects.n > 0)
        (void)putchar('\n');
    for (unsigned kind = NVB_EFFECT_VARIABLE; kind <= NVB_EFFECT_REFUSED; kind++) {
        for (size_t i = 0; i < effects.n; i++) {
            if (effects.items[i].kind == kind)
                print_effect(&effects.items[i], p);
        }
    }
}

void profile_report_print(const struct nvb_profile *p, bool has_why)
{
    say(stdout, "profile '%s' from %s", p->name, p->source);
    if (p->game)
        say(stdout, "for the game %s", p->game);
    (void)putchar('\n');
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_shown(s, p))
            print_setting(s, p, has_why);
    }
    for (size_t i = 0; i < p->n_env; i++) {
        nvb_autofree char *name = nvb_xasprintf("env.%s", p->env[i].name);

        say(stdout, "%-8s %-22s %s", layer_name(p->env[i].origin.layer), name, p->env[i].value);
        if (has_why)
            print_origin(&p->env[i].origin);
    }
    if (has_why)
        print_effects(p);
}

static struct nvb_json *setting_to_json(const struct nvb_setting *s, const struct nvb_profile *p)
{
    nvb_autofree char *value = nvb_setting_dup_value(s, p);
    uint64_t count = 0;

    if (s->type == NVB_SETTING_BOOL || s->type == NVB_SETTING_WISH)
        return nvb_json_new_bool(strcmp(value, "true") == 0);
    if (s->type == NVB_SETTING_COUNT && nvb_parse_u64(value, UINT64_MAX, &count))
        return nvb_json_new_u64(count);
    return nvb_json_new_str(value);
}

static struct nvb_json *origin_to_json(const struct nvb_origin *o, const char *effect)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "layer", layer_name(o->layer));
    if (o->source)
        nvb_json_set_str(json, "source", o->source);
    if (o->line > 0)
        nvb_json_set(json, "line", nvb_json_new_u64(o->line));
    if (effect)
        nvb_json_set_str(json, "effect", effect);
    return json;
}

static struct nvb_json *effect_to_json(const struct nvb_effect *e)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "kind", nvb_effect_kind_name(e->kind));
    nvb_json_set_str(json, "settings", e->settings);
    if (e->name)
        nvb_json_set_str(json, "name", e->name);
    if (e->value)
        nvb_json_set_str(json, "value", e->value);
    if (e->vendor)
        nvb_json_set_str(json, "vendor", nvb_gpu_vendor_name(e->vendor));
    if (e->reason)
        nvb_json_set_str(json, "reason", e->reason);
    if (!e->variable)
        return json;
    nvb_json_set_str(json, "effect", e->variable->effect);
    nvb_json_set_str(json, "reader", e->variable->reader);
    if (e->variable->since)
        nvb_json_set_str(json, "since", e->variable->since);
    if (e->variable->until)
        nvb_json_set_str(json, "until", e->variable->until);
    return json;
}

static struct nvb_json *effects_to_json(const struct nvb_profile *p)
{
    struct nvb_json *array = nvb_json_new_array();
    nvb_auto_effects effects = { 0 };

    nvb_effects_make(p, p->has_frame_times, &effects);
    for (size_t i = 0; i < effects.n; i++)
        nvb_json_append(array, effect_to_json(&effects.items[i]));
    return array;
}

struct nvb_json *profile_report_to_json(const struct nvb_profile *p, bool has_why)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *env = nvb_json_new_object();
    struct nvb_json *origins = nvb_json_new_object();

    nvb_json_set_str(json, "name", p->name);
    nvb_json_set_str(json, "source", p->source);
    if (p->game)
        nvb_json_set_str(json, "game", p->game);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *name = nvb_setting_dup_name(s);

        if (!is_shown(s, p))
            continue;
        nvb_json_set(json, name, setting_to_json(s, p));
        nvb_json_set(
            origins, name,
            origin_to_json(nvb_setting_origin(s, p), has_why ? nvb_setting_effect(s, p) : NULL));
    }
    for (size_t i = 0; i < p->n_env; i++) {
        nvb_autofree char *name = nvb_xasprintf("env.%s", p->env[i].name);

        nvb_json_set_str(env, p->env[i].name, p->env[i].value);
        nvb_json_set(origins, name, origin_to_json(&p->env[i].origin, NULL));
    }
    nvb_json_set(json, "env", env);
    nvb_json_set(json, "origins", origins);
    if (has_why)
        nvb_json_set(json, "effects", effects_to_json(p));
    return json;
}
