/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/entry.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "life_bed.h"
#include "test.h"

#define ID "000000000001"

static void open_bed(struct life_bed *bed, struct nvb_presence *presence)
{
    nvb_auto_err err = { 0 };

    life_bed_open(bed);
    EXPECT(nvb_presence_take(bed->places.run_fd, ID, presence, &err));
}

TEST(an_entry_comes_back_as_it_was)
{
    struct life_bed bed;
    struct nvb_presence presence;
    nvb_autoptr(nvb_container) back = NULL;
    bool has_own = false;
    struct nvb_container c = {
        .uid = 1000,
        .gid = 100,
        .sandbox = NVB_SANDBOX_STEAM,
        .network = NVB_NETWORK_LAN,
        .nofile = 1 << 20,
        .openings = NVB_OPEN_PTRACE,
        .capabilities = UINT64_MAX,
        .ambient = 3,
        .groups = (unsigned[]){5,  70000 },
        .n_groups = 2,
        .cwd = (char[]){ "/a b"},
        .home = (char[]){ "/home/user" },
    };
    nvb_auto_err err = { 0 };

    open_bed(&bed, &presence);
    nvb_strv_add(&c.env, "A=caf\xe9\n");
    nvb_strv_add(&c.env, "B=");
    nvb_strv_add(&c.lowers, "/layer");
    EXPECT(nvb_entry_write(&presence, &c, &err));
    EXPECT(nvb_entry_read(bed.places.run_fd, ID, &back, &has_own, &err));
    EXPECT(back->uid == 1000 && back->gid == 100 && back->sandbox == NVB_SANDBOX_STEAM);
    EXPECT(back->network == NVB_NETWORK_LAN && back->nofile == 1 << 20 && back->env.n == 2);
    EXPECT(back->openings == NVB_OPEN_PTRACE && back->capabilities == UINT64_MAX);
    EXPECT(has_own && back->ambient == 3 && back->n_groups == 2 && back->groups[1] == 70000);
    EXPECT_STR(back->cwd, "/a b");
    EXPECT_STR(back->home, "/home/user");
    EXPECT_STR(back->env.items[0], "A=caf\xe9\n");
    EXPECT_STR(back->env.items[1], "B=");
    nvb_strv_clear(&c.env);
    nvb_strv_clear(&c.lowers);
}

TEST(an_entry_ends_with_the_process)
{
    struct life_bed bed;
    struct nvb_presence presence;
    nvb_autoptr(nvb_container) back = NULL;
    bool has_own = false;
    struct nvb_container c = { .cwd = (char[]){ "/" }, .home = (char[]){ "/" } };
    nvb_auto_err err = { 0 };

    open_bed(&bed, &presence);
    EXPECT(nvb_entry_write(&presence, &c, &err));
    nvb_presence_forget(&presence);
    EXPECT(!nvb_entry_read(bed.places.run_fd, ID, &back, &has_own, &err));
    EXPECT(err.kind == NVB_E_CONFLICT);
    EXPECT(nvb_entry_write(&presence, &c, &err));
    nvb_presence_leave(&presence);
    EXPECT(faccessat(bed.places.run_fd, ID, F_OK, 0) < 0);
}

TEST(a_damaged_entry_is_none)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"",                                 0 },
        { "1000 100 0 0",                    13},
        { "1000 100 9 0 0 0 0 0\0\0/\0/\0",  26},
        { "1000 100 0 9 0 0 0 0\0\0/\0/\0",  26},
        { "1000 100 0 0 0 0 0\0\0/\0/\0",    24},
        { "1000 100 0 0 0 0 0 0\0x\0/\0/\0", 27},
        { "1000 100 0 0 0 0 0 0\0\0/\0",     24},
        { "1000 100 0 0 0 0 0 0\0\0/\0/",    25},
    };
    struct life_bed bed;
    struct nvb_presence presence;

    open_bed(&bed, &presence);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_container) back = NULL;
        bool has_own = false;
        nvb_auto_err err = { 0 };

        EXPECT(
            nvb_write_file(presence.dir_fd, NVB_ENTRY_FILE, bad[i].text, bad[i].len, 0600, &err));
        EXPECT(!nvb_entry_read(bed.places.run_fd, ID, &back, &has_own, &err) && back == NULL);
    }
}
