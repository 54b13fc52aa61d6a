/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_profile.c - whatever a profile file says, reading it ends in a profile or an error with a
 * cause; and a profile's settings, written as they are printed, read back as the same profile. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "profile/effect.h"
#include "profile/setting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static struct nvb_profile *read_profile(const struct nvb_toml *doc)
{
    const struct nvb_setting_place place = { NVB_LAYER_PROFILE, "fuzz" };
    nvb_autoptr(nvb_profile) profile = nvb_profile_new("fuzz", "fuzz");
    nvb_auto_effects effects = { 0 };
    nvb_auto_err err = { 0 };

    if (nvb_settings_read(doc, nvb_toml_root(doc), &place, profile, &err)) {
        nvb_effects_make(profile, profile->has_frame_times, &effects);
        return nvb_steal(&profile);
    }
    if (err.n_lines == 0 || !strstr(err.lines[0], "fuzz:") || err.kind != NVB_E_INVALID)
        abort();
    return NULL;
}

/* A document with the printed value of each setting. */
static struct nvb_toml *write_profile(const struct nvb_profile *profile)
{
    struct nvb_toml *doc = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_toml_parse("", 0, "fuzz", &doc, &err))
        abort();
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        const char *path[] = { s->section ? s->section : s->key, s->section ? s->key : NULL, NULL };
        nvb_autofree char *value = nvb_setting_dup_value(s, profile);
        bool is_ok = false;

        if (!nvb_setting_is_said(s, profile))
            continue;
        if (s->type == NVB_SETTING_BOOL || s->type == NVB_SETTING_WISH) {
            is_ok = nvb_toml_set_bool(doc, path, strcmp(value, "true") == 0, &err);
        } else if (s->type == NVB_SETTING_COUNT) {
            is_ok = nvb_toml_set_integer(doc, path, strtoll(value, NULL, 10), &err);
        } else {
            is_ok = nvb_toml_set_str(doc, path, value, &err);
        }
        if (!is_ok)
            abort();
    }
    return doc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autoptr(nvb_toml) doc = NULL;
    nvb_autoptr(nvb_toml) written = NULL;
    nvb_autoptr(nvb_profile) profile = NULL;
    nvb_autoptr(nvb_profile) again = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_toml_parse((const char *)data, size, "fuzz", &doc, &err))
        return 0;
    profile = read_profile(doc);
    if (!profile)
        return 0;
    written = write_profile(profile);
    again = read_profile(written);
    if (!again)
        abort();
    for (const struct nvb_setting *s = nvb_settings; s->key; s++) {
        nvb_autofree char *a = nvb_setting_dup_value(s, profile);
        nvb_autofree char *b = nvb_setting_dup_value(s, again);

        if (strcmp(a, b) != 0)
            abort();
    }
    return 0;
}
