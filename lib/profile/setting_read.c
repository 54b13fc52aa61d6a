/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "profile/setting.h"

/* What one table says, while it is read. */
struct reader {
    const struct nvb_toml *doc;
    const struct nvb_setting_place *place;
    struct nvb_profile *profile;
    unsigned *lines; /* owned; where each setting was said, or 0 */
    struct nvb_err *err;
};

static const char env_section[] = "env";

struct nvb_profile *nvb_profile_new(const char *name, const char *source)
{
    struct nvb_profile *profile = nvb_xcalloc(1, sizeof(*profile));

    profile->name = nvb_xstrdup(name);
    profile->description = nvb_xstrdup("");
    profile->source = nvb_xstrdup(source);
    profile->origins = nvb_xcalloc(nvb_n_settings, sizeof(*profile->origins));
    return profile;
}

void nvb_origin_set(struct nvb_origin *origin, const struct nvb_setting_place *place, unsigned line)
{
    free(origin->source);
    origin->layer = place->layer;
    origin->source = place->source ? nvb_xstrdup(place->source) : NULL;
    origin->line = line;
}

/* A name that the table does not have: the nearest one, or all, as advice. */
static bool hint_names(const char *wrong, const struct nvb_strv *names, struct nvb_err *err)
{
    const char *near = names->n ? nvb_nearest(wrong, (const char *const *)names->items) : NULL;
    nvb_autofree char *list = nvb_strv_join(names, ", ");

    if (near)
        return nvb_hint(err, "did you mean '%s'?", near);
    return nvb_hint(err, "use one of: %s", list);
}

/* Other spellings are found when they are near, but only our own are offered as a list. */
static bool fail_unknown(const struct reader *r,
                         const char *section,
                         const char *key,
                         const struct nvb_toml_value *value)
{
    nvb_auto_strv names = { 0 };
    const char *near = NULL;

    nvb_toml_fail_at_key(r->doc, value, NVB_D_PROFILE, r->err, "a profile has no %s '%s'%s%s%s",
                         value->type == NVB_TOML_TABLE ? "table" : "setting", key,
                         section ? " in [" : "", section ? section : "", section ? "]" : "");
    for (const struct nvb_setting_alias *a = nvb_setting_aliases; a->key; a++) {
        if (section ? a->section && strcmp(section, a->section) == 0 : !a->section)
            nvb_strv_add(&names, a->key);
    }
    near = names.n ? nvb_nearest(key, (const char *const *)names.items) : NULL;
    if (near)
        return nvb_hint(r->err, "did you mean '%s'?", near);
    nvb_strv_clear(&names);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (section ? s->section && strcmp(section, s->section) == 0 : !s->section)
            nvb_strv_add(&names, s->key);
        if (!section && s->section && !nvb_strv_has(&names, s->section))
            nvb_strv_add(&names, s->section);
    }
    if (!section)
        nvb_strv_add(&names, env_section);
    return hint_names(key, &names, r->err);
}

static bool fail_type(const struct nvb_toml_value *value, const char *want, struct nvb_err *err)
{
    return nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "expected %s, not %s %s", want,
                    strchr("ai", *nvb_toml_type_name(value->type)) ? "an" : "a",
                    nvb_toml_type_name(value->type));
}

/* Text that is printed and becomes C strings: one line, nothing that moves a cursor. */
static bool is_one_line(const struct nvb_toml_value *value)
{
    for (size_t i = 0; i < value->string.len; i++) {
        unsigned char c = (unsigned char)value->string.text[i];

        if (c < 0x20 || c == 0x7f)
            return false;
    }
    return true;
}

static bool assign_text(const struct nvb_setting *s,
                        const struct nvb_toml_value *value,
                        char **field,
                        struct nvb_err *err)
{
    if (value->type != NVB_TOML_STRING)
        return fail_type(value, "a string", err);
    if (!is_one_line(value))
        return nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "expected text of one line");
    if (s->accepts && !s->accepts(value->string.text)) {
        nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "'%s' is no value for this setting",
                 value->string.text);
        return nvb_hint(err, "write %s", s->form);
    }
    free(*field);
    *field = nvb_xstrdup(value->string.text);
    return true;
}

static bool assign_word(const struct nvb_setting_word *words,
                        const struct nvb_toml_value *value,
                        void *field,
                        struct nvb_err *err)
{
    nvb_auto_strv legal = { 0 };

    if (value->type != NVB_TOML_STRING)
        return fail_type(value, "a string", err);
    for (const struct nvb_setting_word *w = words; w->word; w++) {
        if (strcmp(w->word, value->string.text) == 0 && strlen(w->word) == value->string.len) {
            memcpy(field, &w->value, sizeof(w->value));
            return true;
        }
        if (w->effect)
            nvb_strv_add(&legal, w->word);
    }
    nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "'%s' is not a word for this setting",
             is_one_line(value) ? value->string.text : "...");
    return hint_names(value->string.text, &legal, err);
}

static bool assign_bool(const struct nvb_setting *s,
                        const struct nvb_toml_value *value,
                        void *field,
                        struct nvb_err *err)
{
    enum nvb_wish wish = NVB_WISH_NONE;

    if (value->type != NVB_TOML_BOOL) {
        fail_type(value, "true or false", err);
        if (value->type == NVB_TOML_STRING &&
            (strcmp(value->string.text, "true") == 0 || strcmp(value->string.text, "false") == 0))
            return nvb_hint(err, "write it without quotes");
        return false;
    }
    if (s->type == NVB_SETTING_BOOL) {
        *(bool *)field = value->boolean;
    } else {
        wish = value->boolean ? NVB_WISH_ON : NVB_WISH_OFF;
        memcpy(field, &wish, sizeof(wish));
    }
    return true;
}

bool nvb_setting_assign(const struct nvb_setting *s,
                        const struct nvb_toml_value *value,
                        struct nvb_profile *profile,
                        struct nvb_err *err)
{
    void *field = (char *)profile + s->offset;

    switch (s->type) {
    case NVB_SETTING_TEXT:
        return assign_text(s, value, field, err);
    case NVB_SETTING_WORD:
        return assign_word(s->words, value, field, err);
    case NVB_SETTING_BOOL:
    case NVB_SETTING_WISH:
        return assign_bool(s, value, field, err);
    case NVB_SETTING_COUNT:
        if (value->type != NVB_TOML_INTEGER)
            return fail_type(value, "a whole number", err);
        if (value->integer < 0 || (uint64_t)value->integer > s->max) {
            return nvb_fail(err, NVB_D_PROFILE, NVB_E_INVALID, "expected a number from 0 to %llu",
                            (unsigned long long)s->max);
        }
        *(uint64_t *)field = (uint64_t)value->integer;
        return true;
    }
    return false;
}

/* The fault that was found, at its place. */
static bool
place_fault(const struct reader *r, const struct nvb_toml_value *value, const struct nvb_err *fault)
{
    nvb_toml_fail_at(r->doc, value, NVB_D_PROFILE, r->err, "%s", fault->lines[0]);
    return fault->hint ? nvb_hint(r->err, "%s", fault->hint) : false;
}

static bool read_setting(const struct reader *r,
                         const struct nvb_toml_value *value,
                         const struct nvb_setting *s)
{
    unsigned *line = &r->lines[s - nvb_settings];
    nvb_auto_err fault = { 0 };

    if (*line > 0) {
        nvb_autofree char *name = nvb_setting_dup_name(s);

        nvb_toml_fail_at_key(r->doc, value, NVB_D_PROFILE, r->err,
                             "the setting '%s' is said in line %u already", name, *line);
        return nvb_hint(r->err, "keep one of the two");
    }
    if (!nvb_setting_assign(s, value, r->profile, &fault))
        return place_fault(r, value, &fault);
    *line = value->line;
    nvb_origin_set(nvb_setting_origin(s, r->profile), r->place, value->line);
    return true;
}

static void set_variable(const struct nvb_setting_place *place,
                         unsigned line,
                         const char *name,
                         const char *value,
                         struct nvb_profile *profile)
{
    struct nvb_profile_env *entry = NULL;

    for (size_t i = 0; i < profile->n_env && !entry; i++) {
        if (strcmp(profile->env[i].name, name) == 0)
            entry = &profile->env[i];
    }
    if (!entry) {
        profile->env = nvb_xrealloc(profile->env, profile->n_env + 1, sizeof(*profile->env));
        entry = &profile->env[profile->n_env++];
        *entry = (struct nvb_profile_env){ .name = nvb_xstrdup(name) };
    }
    free(entry->value);
    entry->value = nvb_xstrdup(value);
    nvb_origin_set(&entry->origin, place, line);
}

static bool read_env(const struct reader *r, const struct nvb_toml_value *env)
{
    for (size_t i = 0; i < env->table.n; i++) {
        const struct nvb_toml_value *value = env->table.values[i];
        nvb_auto_err fault = { 0 };

        if (!nvb_setting_is_variable(env->table.keys[i], env->table.key_lens[i])) {
            return nvb_toml_fail_at_key(r->doc, value, NVB_D_PROFILE, r->err,
                                        "not the name of an environment variable");
        }
        if (value->type != NVB_TOML_STRING) {
            fail_type(value, "a string", &fault);
            place_fault(r, value, &fault);
            return nvb_hint(r->err, "put quotes around the value");
        }
        if (strlen(value->string.text) != value->string.len)
            return nvb_toml_fail_at(r->doc, value, NVB_D_PROFILE, r->err,
                                    "a variable cannot hold a NUL");
        set_variable(r->place, value->line, env->table.keys[i], value->string.text, r->profile);
    }
    return true;
}

static bool
read_section(const struct reader *r, const char *section, const struct nvb_toml_value *table)
{
    for (size_t i = 0; i < table->table.n; i++) {
        const char *key = table->table.keys[i];
        const struct nvb_toml_value *value = table->table.values[i];
        const struct nvb_setting *s = nvb_setting_find(section, key);
        bool is_section = !section && nvb_setting_is_section(key);

        if (s && !(is_section && value->type == NVB_TOML_TABLE)) {
            if (!read_setting(r, value, s))
                return false;
        } else if (!is_section) {
            return fail_unknown(r, section, key, value);
        } else if (value->type != NVB_TOML_TABLE) {
            nvb_auto_err fault = { 0 };

            fail_type(value, "a table", &fault);
            return place_fault(r, value, &fault);
        } else if (strcmp(key, env_section) == 0 ? !read_env(r, value)
                                                 : !read_section(r, key, value)) {
            return false;
        }
    }
    return true;
}

bool nvb_settings_read(const struct nvb_toml *doc,
                       const struct nvb_toml_value *table,
                       const struct nvb_setting_place *place,
                       struct nvb_profile *profile,
                       struct nvb_err *err)
{
    nvb_autofree unsigned *lines = nvb_xcalloc(nvb_n_settings, sizeof(*lines));
    const struct reader r = {
        .doc = doc, .place = place, .profile = profile, .lines = lines, .err = err
    };

    return read_section(&r, NULL, table);
}

/* What was typed, as the type that is wanted if it can be that. */
static struct nvb_toml_value typed_value(const struct nvb_setting *s, const char *text)
{
    struct nvb_toml_value value = { .type = NVB_TOML_STRING };
    uint64_t number = 0;

    value.string.text = text;
    value.string.len = strlen(text);
    if (s->type == NVB_SETTING_COUNT && nvb_parse_u64(text, INT64_MAX, &number)) {
        value = (struct nvb_toml_value){ .type = NVB_TOML_INTEGER };
        value.integer = (int64_t)number;
    } else if ((s->type == NVB_SETTING_BOOL || s->type == NVB_SETTING_WISH) &&
               (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        value = (struct nvb_toml_value){ .type = NVB_TOML_BOOL };
        value.boolean = strcmp(text, "true") == 0;
    }
    return value;
}

/* "expected a whole number, not a string": what is typed is a string anyway. */
static bool hint_expected(const char *fault, struct nvb_err *err)
{
    static const char expected[] = "expected ";
    const char *end = strstr(fault, ", not ");

    if (!nvb_has_prefix(fault, expected))
        return false;
    fault += strlen(expected);
    return nvb_hint(err, "write %.*s", (int)(end ? (size_t)(end - fault) : strlen(fault)), fault);
}

bool nvb_setting_assign_text(const char *name,
                             const char *text,
                             const struct nvb_setting_place *place,
                             struct nvb_profile *profile,
                             struct nvb_err *err)
{
    const struct nvb_setting *s = nvb_setting_find_name(name);
    const char *variable = nvb_setting_variable(name);
    nvb_auto_err fault = { 0 };
    struct nvb_toml_value value;

    if (variable) {
        set_variable(place, 0, variable, text, profile);
        return true;
    }
    if (!s)
        return nvb_setting_fail_name(name, err);
    value = typed_value(s, text);
    if (nvb_setting_assign(s, &value, profile, &fault)) {
        nvb_origin_set(nvb_setting_origin(s, profile), place, 0);
        return true;
    }
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is no value for '%s'", text, name);
    if (fault.hint)
        return nvb_hint(err, "%s", fault.hint);
    return hint_expected(fault.lines[0], err);
}
