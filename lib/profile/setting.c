/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/setting.h"

#include <stddef.h>
#include <string.h>

enum {
    N_KEYS_MAX = 64,      /* in one section; for "did you mean" */
    NOFILE_MAX = 1 << 30, /* the kernel's own ceiling, fs.nr_open, cannot be set above it */
};

/* The second words are those of the integration brief, and of the enums in its example code. */
static const struct nvb_setting_word levels[] = {
    {"balanced",           NVB_LEVEL_BALANCED,          "no preference between speed and power"           },
    { "Balanced",          NVB_LEVEL_BALANCED,          NULL                                              },
    { "ultra-low-latency", NVB_LEVEL_ULTRA_LOW_LATENCY,
     "prefers short delays; a wish, no setting by itself"                                                 },
    { "UltraLowLatency",   NVB_LEVEL_ULTRA_LOW_LATENCY, NULL                                              },
    { "performance",       NVB_LEVEL_PERFORMANCE,       "prefers frame rate; a wish, no setting by itself"},
    { "MaxPerformance",    NVB_LEVEL_PERFORMANCE,       NULL                                              },
    { "efficiency",        NVB_LEVEL_EFFICIENCY,        "prefers low power; a wish, no setting by itself" },
    { "PowerEfficient",    NVB_LEVEL_EFFICIENCY,        NULL                                              },
    { NULL,                0,                           NULL                                              },
};

static const struct nvb_setting_word sandboxes[] = {
    {"strict", NVB_SANDBOX_STRICT,
     "parts of /proc are hidden; making namespaces and mounts is refused"             },
    { "steam", NVB_SANDBOX_STEAM,
     "user namespaces are allowed and /proc is whole, as Steam's own sandbox needs it"},
    { NULL,    0,                  NULL                                               },
};

static const struct nvb_setting_word displays[] = {
    {"none",     NVB_DISPLAY_WISH_NONE,    "no window system is reachable"                     },
    { "auto",    NVB_DISPLAY_WISH_AUTO,    "the Wayland socket, else the X11 socket and cookie"},
    { "x11",     NVB_DISPLAY_WISH_X11,
     "the X11 socket and cookie; X11 lets programs watch each other's keys and windows"        },
    { "wayland", NVB_DISPLAY_WISH_WAYLAND, "the Wayland socket"                                },
    { NULL,      0,                        NULL                                                },
};

static const struct nvb_setting_word measures[] = {
    {"false", false, "frames are not counted"                            },
    { "true", true,  "a small Vulkan layer counts frames and their times"},
    { NULL,   0,     NULL                                                },
};

static const struct nvb_setting_word caches[] = {
    {"false", false, "compiled shaders are lost with the container"                    },
    { "true", true,  "compiled shaders stay in the container's home for the next start"},
    { NULL,   0,     NULL                                                              },
};

#define FIELD(name) offsetof(struct nvb_profile, name)

const struct nvb_setting nvb_settings[] = {
    {.key = "description",
     .type = NVB_SETTING_TEXT,
     .offset = FIELD(description),
     .effect = "what the profile is for" },
    { .key = "performance_level",
     .type = NVB_SETTING_WORD,
     .offset = FIELD(level),
     .words = levels },
    { .section = "sandbox",
     .key = "profile",
     .type = NVB_SETTING_WORD,
     .offset = FIELD(sandbox),
     .words = sandboxes },
    { .section = "display",
     .key = "use",
     .type = NVB_SETTING_WORD,
     .offset = FIELD(display),
     .words = displays },
    { .section = "frames",
     .key = "measure",
     .type = NVB_SETTING_BOOL,
     .offset = FIELD(has_frame_times),
     .words = measures },
    { .section = "cache",
     .key = "shaders",
     .type = NVB_SETTING_BOOL,
     .offset = FIELD(has_shader_cache),
     .words = caches },
    { .section = "limits",
     .key = "nofile",
     .type = NVB_SETTING_COUNT,
     .offset = FIELD(nofile),
     .max = NOFILE_MAX,
     .effect =
          "open files a process may have, as far as the caller's own limit goes; 0 keeps that" },
    { .key = NULL          },
};

static const char env_section[] = "env";

static bool is_in_section(const struct nvb_setting *s, const char *section)
{
    return section && s->section ? strcmp(s->section, section) == 0 : section == s->section;
}

static const struct nvb_setting *find_setting(const char *section, const char *key)
{
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_in_section(s, section) && strcmp(s->key, key) == 0)
            return s;
    }
    return NULL;
}

static bool is_section(const char *name)
{
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_in_section(s, name))
            return true;
    }
    return strcmp(name, env_section) == 0;
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

static bool fail_unknown(const struct nvb_toml *doc,
                         const char *section,
                         const char *key,
                         const struct nvb_toml_value *value,
                         struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        if (is_in_section(s, section))
            nvb_strv_add(&names, s->key);
        if (!section && s->section && !nvb_strv_has(&names, s->section))
            nvb_strv_add(&names, s->section);
    }
    if (!section)
        nvb_strv_add(&names, env_section);
    nvb_toml_fail_at_key(doc, value, NVB_D_PROFILE, err, "a profile has no %s '%s'%s%s%s",
                         value->type == NVB_TOML_TABLE ? "table" : "setting", key,
                         section ? " in [" : "", section ? section : "", section ? "]" : "");
    return hint_names(key, &names, err);
}

static bool fail_type(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      const char *want,
                      struct nvb_err *err)
{
    return nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "expected %s, not %s %s", want,
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

static bool read_text(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      char **field,
                      struct nvb_err *err)
{
    if (value->type != NVB_TOML_STRING)
        return fail_type(doc, value, "a string", err);
    if (!is_one_line(value))
        return nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "expected text of one line");
    free(*field);
    *field = nvb_xstrdup(value->string.text);
    return true;
}

static bool read_word(const struct nvb_toml *doc,
                      const struct nvb_toml_value *value,
                      const struct nvb_setting_word *words,
                      void *field,
                      struct nvb_err *err)
{
    nvb_auto_strv legal = { 0 };

    if (value->type != NVB_TOML_STRING)
        return fail_type(doc, value, "a string", err);
    for (const struct nvb_setting_word *w = words; w->word; w++) {
        if (strcmp(w->word, value->string.text) == 0 && strlen(w->word) == value->string.len) {
            memcpy(field, &w->value, sizeof(w->value));
            return true;
        }
        if (w->effect)
            nvb_strv_add(&legal, w->word);
    }
    nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "'%s' is not a word for this setting",
                     is_one_line(value) ? value->string.text : "...");
    return hint_names(value->string.text, &legal, err);
}

static bool read_setting(const struct nvb_toml *doc,
                         const struct nvb_toml_value *value,
                         const struct nvb_setting *s,
                         struct nvb_profile *profile,
                         struct nvb_err *err)
{
    void *field = (char *)profile + s->offset;

    switch (s->type) {
    case NVB_SETTING_TEXT:
        return read_text(doc, value, field, err);
    case NVB_SETTING_WORD:
        return read_word(doc, value, s->words, field, err);
    case NVB_SETTING_BOOL:
        if (value->type != NVB_TOML_BOOL)
            return fail_type(doc, value, "true or false", err);
        *(bool *)field = value->boolean;
        return true;
    case NVB_SETTING_COUNT:
        if (value->type != NVB_TOML_INTEGER)
            return fail_type(doc, value, "a whole number", err);
        if (value->integer < 0 || (uint64_t)value->integer > s->max) {
            return nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err,
                                    "expected a number from 0 to %llu", (unsigned long long)s->max);
        }
        *(uint64_t *)field = (uint64_t)value->integer;
        return true;
    }
    return false;
}

static bool is_variable_name(const char *name, size_t len)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

    return len > 0 && strchr(first, *name) && *name &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == len;
}

static bool read_env(const struct nvb_toml *doc,
                     const struct nvb_toml_value *env,
                     struct nvb_profile *profile,
                     struct nvb_err *err)
{
    for (size_t i = 0; i < env->table.n; i++) {
        const struct nvb_toml_value *value = env->table.values[i];
        struct nvb_profile_env *entry = NULL;

        if (!is_variable_name(env->table.keys[i], env->table.key_lens[i])) {
            return nvb_toml_fail_at_key(doc, value, NVB_D_PROFILE, err,
                                        "not the name of an environment variable");
        }
        if (value->type != NVB_TOML_STRING) {
            fail_type(doc, value, "a string", err);
            return nvb_hint(err, "put quotes around the value");
        }
        if (strlen(value->string.text) != value->string.len)
            return nvb_toml_fail_at(doc, value, NVB_D_PROFILE, err, "a variable cannot hold a NUL");
        profile->env = nvb_xrealloc(profile->env, profile->n_env + 1, sizeof(*profile->env));
        entry = &profile->env[profile->n_env++];
        entry->name = nvb_xstrdup(env->table.keys[i]);
        entry->value = nvb_xstrdup(value->string.text);
    }
    return true;
}

static bool read_section(const struct nvb_toml *doc,
                         const char *section,
                         const struct nvb_toml_value *table,
                         struct nvb_profile *profile,
                         struct nvb_err *err)
{
    for (size_t i = 0; i < table->table.n; i++) {
        const char *key = table->table.keys[i];
        const struct nvb_toml_value *value = table->table.values[i];
        const struct nvb_setting *s = find_setting(section, key);

        if (s) {
            if (!read_setting(doc, value, s, profile, err))
                return false;
        } else if (section || !is_section(key)) {
            return fail_unknown(doc, section, key, value, err);
        } else if (value->type != NVB_TOML_TABLE) {
            return fail_type(doc, value, "a table", err);
        } else if (strcmp(key, env_section) == 0 ? !read_env(doc, value, profile, err)
                                                 : !read_section(doc, key, value, profile, err)) {
            return false;
        }
    }
    return true;
}

bool nvb_settings_read(const struct nvb_toml *doc, struct nvb_profile *profile, struct nvb_err *err)
{
    return read_section(doc, NULL, nvb_toml_root(doc), profile, err);
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

_Static_assert(sizeof(enum nvb_level) == sizeof(unsigned), "words are stored as unsigned");
_Static_assert(sizeof(enum nvb_sandbox_profile) == sizeof(unsigned), "the same");
_Static_assert(sizeof(enum nvb_display_wish) == sizeof(unsigned), "the same");
