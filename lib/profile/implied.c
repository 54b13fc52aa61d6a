/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/implied.h"

#include <assert.h>
#include <string.h>

#include "profile/setting.h"

/* Where `when` is `is`, `then` is `value`. In order: a later row may build on an earlier one. */
struct rule {
    const char *when;
    const char *is;
    const char *then;
    const char *value;
};

static const struct rule rules[] = {
    {"performance_level",  "ultra-low-latency", "power_profile",         "maximum"    },
    { "performance_level", "ultra-low-latency", "frames.queue",          "1"          },
    { "performance_level", "ultra-low-latency", "frames.low_latency",    "true"       },
    { "performance_level", "ultra-low-latency", "dlss.frame_generation", "false"      },
    { "performance_level", "performance",       "power_profile",         "maximum"    },
    { "performance_level", "balanced",          "power_profile",         "balanced"   },
    { "performance_level", "efficiency",        "power_profile",         "power-saver"},
    { "performance_level", "efficiency",        "frames.cap",            "60"         },
 /* As many files as Wine's esync asks for. */
    { "wine.enabled",      "true",              "limits.nofile",         "524288"     },
    { "wine.esync",        "true",              "limits.nofile",         "524288"     },
    { "wine.enabled",      "true",              "wine.ntsync",           "true"       },
};

static void apply(const struct rule *rule, struct nvb_profile *profile)
{
    const struct nvb_setting *when = nvb_setting_find_name(rule->when);
    const struct nvb_setting *then = nvb_setting_find_name(rule->then);
    nvb_autofree char *value = nvb_setting_dup_value(when, profile);
    nvb_autofree char *source = nvb_xasprintf("%s = %s", rule->when, rule->is);
    const struct nvb_setting_place place = { NVB_LAYER_IMPLIED, source };
    nvb_auto_err err = { 0 };
    bool is_good = true;

    if (!nvb_setting_is_said(when, profile) || nvb_setting_is_said(then, profile) ||
        strcmp(value, rule->is) != 0)
        return;
    is_good = nvb_setting_assign_text(rule->then, rule->value, &place, profile, &err);
    assert(is_good);
    (void)is_good;
}

void nvb_implied_add(struct nvb_profile *profile)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        apply(&rules[i], profile);
}
