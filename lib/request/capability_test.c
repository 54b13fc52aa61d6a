/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/capability.h"

#include <linux/capability.h>
#include <string.h>

#include "test.h"

static const uint64_t one = 1;

static uint64_t choose(const char *added, const char *dropped)
{
    nvb_autofree char *a = nvb_xstrdup(added);
    nvb_autofree char *d = nvb_xstrdup(dropped);
    nvb_auto_err err = { 0 };
    uint64_t set = 0;

    EXPECT(nvb_capabilities_choose(&a, *a ? 1 : 0, &d, *d ? 1 : 0, &set, &err));
    return set;
}

TEST(names_are_taken_as_people_write_them)
{
    static const char *const good[] = { "NET_ADMIN", "net_admin", "CAP_NET_ADMIN",
                                        "cap_Net_Admin" };
    nvb_auto_err err = { 0 };
    unsigned number = 0;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        EXPECT(nvb_capability_parse(good[i], &number, &err) && number == CAP_NET_ADMIN);
    EXPECT(!nvb_capability_parse("NET_ADMNI", &number, &err));
    EXPECT_STR(err.hint, "did you mean 'NET_ADMIN'?");
    EXPECT(!nvb_capability_parse("", &number, &err) && err.kind == NVB_E_INVALID);
}

TEST(every_number_of_the_kernel_has_its_name)
{
    nvb_auto_err err = { 0 };

    for (unsigned i = 0; i <= CAP_LAST_CAP; i++) {
        unsigned number = 99;

        EXPECT(nvb_capability_parse(nvb_capability_name(i), &number, &err) && number == i);
    }
    EXPECT(nvb_capability_name(64) == NULL);
    EXPECT(strcmp(nvb_capability_name(CAP_SYS_ADMIN), "CAP_SYS_ADMIN") == 0);
}

TEST(added_and_dropped_ones_count_from_the_usual_set)
{
    uint64_t usual = nvb_capabilities_usual();

    EXPECT(choose("", "") == usual);
    EXPECT(choose("SYS_ADMIN", "") == (usual | one << CAP_SYS_ADMIN));
    EXPECT(choose("", "chown") == (usual & ~(one << CAP_CHOWN)));
    EXPECT(choose("CHOWN", "CHOWN") == (usual & ~(one << CAP_CHOWN)));
    EXPECT(choose("NET_ADMIN", "all") == one << CAP_NET_ADMIN);
    EXPECT(choose("", "ALL") == 0);
    EXPECT(choose("ALL", "MKNOD") == ((one << (CAP_LAST_CAP + 1)) - 1 - (one << CAP_MKNOD)));
}
