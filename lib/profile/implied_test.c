/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/implied.h"

#include "profile/setting.h"
#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_profile, nvb_profile_free)

static const struct nvb_setting_place file = { NVB_LAYER_PROFILE, "p.toml" };

static void say_so(struct nvb_profile *p, const char *name, const char *value)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_setting_assign_text(name, value, &file, p, &err));
}

TEST(a_level_means_more_than_its_word)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");
    const struct nvb_origin *origin = NULL;

    say_so(p, "performance_level", "efficiency");
    nvb_implied_add(p);
    EXPECT(p->power == NVB_POWER_SAVER && p->frame_cap == 60);
    origin = nvb_setting_origin(nvb_setting_find_name("frames.cap"), p);
    EXPECT(origin->layer == NVB_LAYER_IMPLIED && origin->line == 0);
    EXPECT_STR(origin->source, "performance_level = efficiency");
}

TEST(what_was_said_stays)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");

    say_so(p, "performance_level", "efficiency");
    say_so(p, "frames.cap", "0");
    say_so(p, "power_profile", "maximum");
    nvb_implied_add(p);
    EXPECT(p->power == NVB_POWER_MAXIMUM && p->frame_cap == 0);
}

TEST(a_level_that_nobody_said_implies_nothing)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");

    nvb_implied_add(p);
    for (const struct nvb_setting *s = nvb_settings; s->key; s++)
        EXPECT(!nvb_setting_is_said(s, p));
}

TEST(wine_makes_room_for_its_files)
{
    nvb_autoptr(nvb_profile) p = nvb_profile_new("p", "p");
    nvb_autoptr(nvb_profile) off = nvb_profile_new("p", "p");

    say_so(p, "wine.enabled", "true");
    nvb_implied_add(p);
    EXPECT(p->nofile == 524288 && p->ntsync == NVB_WISH_ON);
    say_so(off, "wine.enabled", "false");
    nvb_implied_add(off);
    EXPECT(off->nofile == 0 && off->ntsync == NVB_WISH_NONE);
}
