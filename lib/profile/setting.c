/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/setting.h"

#include <stdlib.h>
#include <string.h>

static const char env_section[] = "env";

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static const struct nvb_setting *find_own(const char *section, const char *key)
{
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_same(s->section, section) && strcmp(s->key, key) == 0)
            return s;
    }
    return NULL;
}

const struct nvb_setting *nvb_setting_find(const char *section, const char *key)
{
    const struct nvb_setting *own = find_own(section, key);

    for (const struct nvb_setting_alias *a = nvb_setting_aliases; a->key && !own; a++) {
        if (is_same(a->section, section) && strcmp(a->key, key) == 0)
            return find_own(a->of_section, a->of_key);
    }
    return own;
}

const struct nvb_setting *nvb_setting_find_name(const char *name)
{
    const char *dot = strchr(name, '.');
    nvb_autofree char *section = dot ? nvb_xstrndup(name, (size_t)(dot - name)) : NULL;

    return nvb_setting_find(section, dot ? dot + 1 : name);
}

bool nvb_setting_is_section(const char *name)
{
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_same(s->section, name))
            return true;
    }
    for (const struct nvb_setting_alias *a = nvb_setting_aliases; a->key; a++) {
        if (is_same(a->section, name))
            return true;
    }
    return strcmp(name, env_section) == 0;
}

bool nvb_setting_fail_name(const char *name, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    const char *near = NULL;

    for (const struct nvb_setting *s = nvb_settings; s->key; s++)
        nvb_strv_take(&names, nvb_setting_dup_name(s));
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no setting '%s'", name);
    near = nvb_nearest(name, (const char *const *)names.items);
    for (size_t i = 0; i < names.n && !near; i++) {
        const char *dot = strchr(names.items[i], '.');

        near = dot && strcmp(dot + 1, name) == 0 ? names.items[i] : NULL;
    }
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err, "nvbind profile keys lists the settings; env.NAME is a variable");
}

bool nvb_setting_is_variable(const char *name, size_t len)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

    return len > 0 && strchr(first, *name) && *name &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == len;
}

const char *nvb_setting_variable(const char *name)
{
    if (!nvb_has_prefix(name, "env."))
        return NULL;
    name += strlen("env.");
    return nvb_setting_is_variable(name, strlen(name)) ? name : NULL;
}

char *nvb_setting_dup_name(const struct nvb_setting *setting)
{
    return setting->section ? nvb_xasprintf("%s.%s", setting->section, setting->key)
                            : nvb_xstrdup(setting->key);
}

static const struct nvb_setting_word *chosen_word(const struct nvb_setting *s,
                                                  const struct nvb_profile *profile)
{
    const void *field = (const char *)profile + s->offset;
    unsigned value = 0;

    if (s->type == NVB_SETTING_BOOL) {
        value = *(const bool *)field;
    } else {
        memcpy(&value, field, sizeof(value));
    }
    for (const struct nvb_setting_word *w = s->words; w->word; w++) {
        if (w->value == value)
            return w;
    }
    return NULL;
}

char *nvb_setting_dup_value(const struct nvb_setting *setting, const struct nvb_profile *profile)
{
    const void *field = (const char *)profile + setting->offset;
    const struct nvb_setting_word *word = setting->words ? chosen_word(setting, profile) : NULL;
    const char *text = NULL;

    if (word)
        return nvb_xstrdup(word->word);
    if (setting->type == NVB_SETTING_COUNT)
        return nvb_xasprintf("%llu", (unsigned long long)*(const uint64_t *)field);
    text = setting->type == NVB_SETTING_TEXT ? *(char *const *)field : NULL;
    return nvb_xstrdup(text ? text : "");
}

const char *nvb_setting_effect(const struct nvb_setting *setting, const struct nvb_profile *profile)
{
    const struct nvb_setting_word *word = setting->words ? chosen_word(setting, profile) : NULL;

    return word ? word->effect : setting->effect;
}

struct nvb_origin *nvb_setting_origin(const struct nvb_setting *setting,
                                      const struct nvb_profile *profile)
{
    return profile->origins ? &profile->origins[setting - nvb_settings] : NULL;
}

bool nvb_setting_is_said(const struct nvb_setting *setting, const struct nvb_profile *profile)
{
    const struct nvb_origin *origin = nvb_setting_origin(setting, profile);

    return origin && origin->layer != NVB_LAYER_DEFAULT;
}
