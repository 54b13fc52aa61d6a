/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/id_map.h"

#include <stdlib.h>

#include "test.h"
#include "tree.h"

TEST(finds_what_an_id_is_outside)
{
    const struct nvb_id_extent extents[] = {
        {0,  1000,   1 },
        { 1, 100000, 10},
    };
    uint32_t outside = 0;

    EXPECT(nvb_id_map_find(extents, 2, 0, &outside) && outside == 1000);
    EXPECT(nvb_id_map_find(extents, 2, 10, &outside) && outside == 100009);
    EXPECT(!nvb_id_map_find(extents, 2, 11, &outside));
    EXPECT(!nvb_id_map_find(extents, 0, 0, &outside));
}

/* The programs that map subordinate ids are asked at the same time and told apart. */
TEST(a_refusal_names_the_program_and_what_it_said)
{
    const struct nvb_id_map map = {
        .uids = { { 0, 1000, 1 } },
        .n_uids = 1,
        .gids = { { 0, 1000, 1 } },
        .n_gids = 1,
        .is_helped = true,
    };
    struct nvb_id_map_work work = NVB_ID_MAP_WORK_INIT;
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s:/usr/bin:/bin", tree);
    nvb_autofree char *program = nvb_xasprintf("chmod +x %s/*", tree);
    nvb_auto_err err = { 0 };

    tree_put(tree, "newuidmap", "#!/bin/sh\nexit 0\n");
    tree_put(tree, "newgidmap", "#!/bin/sh\necho \"not yours: $*\"\nexit 1\n");
    EXPECT(system(program) == 0); // NOLINT(cert-env33-c): a test
    (void)setenv("PATH", path, 1);
    EXPECT(nvb_id_map_begin(&map, 77, &work, &err));
    EXPECT(!nvb_id_map_end(&work, &err));
    EXPECT(err.kind == NVB_E_DENIED);
    EXPECT_STR(err.lines[0], "not yours: 77 0 1000 1");
    EXPECT_STR(err.lines[1], "newgidmap refused the subordinate ids");
}

TEST(without_the_programs_the_package_is_named)
{
    const struct nvb_id_map map = { .n_uids = 1, .n_gids = 1, .is_helped = true };
    struct nvb_id_map_work work = NVB_ID_MAP_WORK_INIT;
    nvb_auto_err err = { 0 };

    (void)setenv("PATH", tree_new(), 1);
    EXPECT(!nvb_id_map_begin(&map, 77, &work, &err));
    EXPECT(!nvb_id_map_end(&work, &err));
    EXPECT_STR(err.hint, "install uidmap (Debian, Ubuntu) or shadow (Arch)");
}
