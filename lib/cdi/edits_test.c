/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/edits.h"

#include <string.h>

#include "test.h"

static void expect_json(const struct nvb_edits *edits, const char *wanted)
{
    nvb_autoptr(nvb_json) json = nvb_edits_to_json(edits);
    nvb_autofree char *text = nvb_json_dup_text(json, false);

    text[strlen(text) - 1] = '\0';
    EXPECT_STR(text, wanted);
}

static void fill(struct nvb_edits *edits)
{
    struct nvb_mount *mount = NULL;

    nvb_strv_add(&edits->env, "A=1");
    nvb_edits_add_node(edits, "/dev/dri/renderD128");
    mount = nvb_edits_add_bind(edits, "/a", "/b");
    mount->is_recursive = true;
    mount->is_made = true;
    nvb_edits_add_file(edits, "/c", "secret", 6, 0600);
    nvb_edits_add_gid(edits, 44);
}

static const char filled[] =
    "{\"env\":[\"A=1\"],\"deviceNodes\":[{\"path\":\"/dev/dri/renderD128\",\"permissions\":\"rw\"}],"
    "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b\",\"options\":[\"ro\",\"nosuid\","
    "\"nodev\",\"rbind\",\"rprivate\"]},{\"containerPath\":\"/c\",\"type\":\"nvbind-file\","
    "\"size\":6}],\"additionalGids\":[44]}";

TEST(adds_and_prints)
{
    nvb_auto_edits edits = { 0 };

    expect_json(&edits, "{}");
    EXPECT(nvb_edits_is_empty(&edits));
    fill(&edits);
    expect_json(&edits, filled);
    EXPECT(!nvb_edits_is_empty(&edits));
    nvb_edits_add_node(&edits, "/dev/dri/renderD128");
    nvb_edits_add_gid(&edits, 44);
    nvb_edits_add_gid(&edits, 0);
    expect_json(&edits, filled);
}

TEST(appends_copies)
{
    nvb_auto_edits to = { 0 };

    {
        nvb_auto_edits from = { 0 };

        fill(&from);
        nvb_edits_append(&to, &from);
        nvb_edits_append(&to, &from); /* all is there already */
    }
    expect_json(&to, filled);
    EXPECT(to.mounts[0].is_made && to.mounts[0].is_recursive && !to.mounts[0].is_writable);
    EXPECT(to.mounts[1].kind == NVB_MOUNT_FILE && to.mounts[1].mode == 0600);
    EXPECT(memcmp(to.mounts[1].content.data, "secret", 6) == 0);
}

TEST(a_later_node_takes_the_place_of_an_earlier)
{
    nvb_auto_edits to = { 0 };
    nvb_auto_edits from = { 0 };

    nvb_edits_add_node(&to, "/dev/a");
    nvb_edits_add_node(&to, "/dev/b");
    nvb_edits_add_node(&from, "/dev/a");
    from.nodes[0].major = 7;
    nvb_edits_append(&to, &from);
    EXPECT(to.n_nodes == 2);
    EXPECT_STR(to.nodes[0].path, "/dev/a");
    EXPECT(to.nodes[0].major == 7);
}

TEST(a_mount_that_differs_in_anything_is_another)
{
    nvb_auto_edits to = { 0 };
    nvb_auto_edits from = { 0 };

    (void)nvb_edits_add_bind(&to, "/a", "/b");
    (void)nvb_edits_add_bind(&from, "/a", "/b");
    nvb_edits_append(&to, &from);
    EXPECT(to.n_mounts == 1);
    from.mounts[0].is_writable = true;
    nvb_edits_append(&to, &from);
    EXPECT(to.n_mounts == 2);
}

/* Depth as Go's path.Clean() makes it, then bytes. */
TEST(sorts_by_depth_then_bytes)
{
    static const char *const paths[] = { "/b/a/", "/c//d/e", "/b", "/", "/a/./b/c", "/B/z" };
    static const char wanted[] = "/ /b /B/z /b/a/ /a/./b/c /c//d/e";
    nvb_auto_edits edits = { 0 };
    nvb_auto_strv got = { 0 };
    nvb_autofree char *joined = NULL;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        (void)nvb_edits_add_bind(&edits, "/x", paths[i]);
    nvb_edits_normalise(&edits);
    for (size_t i = 0; i < edits.n_mounts; i++)
        nvb_strv_add(&got, edits.mounts[i].container_path);
    joined = nvb_strv_join(&got, " ");
    EXPECT_STR(joined, wanted);
}

/* Lists double their room by their length, which removing must not upset. */
TEST(grows_after_removing)
{
    nvb_auto_edits edits = { 0 };
    nvb_auto_edits common = { 0 };

    for (int i = 0; i < 9; i++) {
        nvb_autofree char *path = nvb_xasprintf("/dev/%d", i);

        nvb_edits_add_node(&edits, path);
        if (i % 3)
            nvb_edits_add_node(&common, path);
    }
    nvb_edits_subtract(&edits, &common);
    EXPECT(edits.n_nodes == 3);
    for (int i = 0; i < 9; i++) {
        nvb_autofree char *path = nvb_xasprintf("/dev/n%d", i);

        nvb_edits_add_node(&edits, path);
    }
    EXPECT(edits.n_nodes == 12);
    EXPECT_STR(edits.nodes[0].path, "/dev/0");
    EXPECT_STR(edits.nodes[11].path, "/dev/n8");
}

TEST(subtracting_leaves_something)
{
    nvb_auto_edits edits = { 0 };
    nvb_auto_edits common = { 0 };

    fill(&edits);
    fill(&common);
    nvb_edits_subtract(&edits, &common);
    expect_json(&edits, filled);
}
