/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/idmap.h"

#include <string.h>

#include "test.h"

enum {
    BASE = 0x70000000,
    ALL = NVB_ID_RANGE,
};

/* The map of a volume as text: "DISK>CONTAINER+COUNT ...", container ids without the range's base. */
static char *dup_map(unsigned disk, unsigned user, bool is_images)
{
    struct nvb_container c = { .uid = user, .gid = user };
    struct nvb_launch launch = {
        .container = &c,
        .map = {.uids = { { 0, BASE, ALL } },
                .n_uids = 1,
                .gids = { { 0, BASE, ALL } },
                .n_gids = 1},
    };
    nvb_auto_buf text = { 0 };
    struct nvb_id_map map;

    if (is_images)
        c.map = launch.map;
    map = nvb_idmap_of_volume(&launch, disk, disk);
    for (size_t i = 0; i < map.n_uids; i++) {
        nvb_buf_addf(&text, "%s%u>%u+%u", i > 0 ? " " : "", map.uids[i].inside,
                     map.uids[i].outside - BASE, map.uids[i].count);
    }
    EXPECT(map.n_gids == map.n_uids);
    EXPECT(memcmp(map.gids, map.uids, map.n_uids * sizeof(map.uids[0])) == 0);
    return nvb_steal(&text.data);
}

static void expect_map(unsigned disk, unsigned user, bool is_images, const char *want)
{
    nvb_autofree char *got = dup_map(disk, user, is_images);

    EXPECT_STR(got, want);
}

TEST(without_users_of_its_own_a_container_knows_one_id_of_a_volume)
{
    expect_map(0, 1000, false, "0>1000+1");
    expect_map(4242, 1000, false, "4242>1000+1");
}

TEST(an_images_users_are_the_same_on_the_disk_but_for_the_owner)
{
    expect_map(0, 0, true, "0>0+65536");
    expect_map(999, 999, true, "0>0+65536");
    expect_map(0, 1000, true, "0>1000+1 1>1+999 1000>0+1 1001>1001+64535");
    expect_map(1000, 0, true, "0>1000+1 1>1+999 1000>0+1 1001>1001+64535");
    expect_map(65535, 65534, true, "0>0+65534 65534>65535+1 65535>65534+1");
}

TEST(an_owner_beyond_the_range_takes_the_users_place)
{
    expect_map(100000, 0, true, "1>1+65535 100000>0+1");
    expect_map(100000, 33, true, "0>0+33 34>34+65502 100000>33+1");
}
