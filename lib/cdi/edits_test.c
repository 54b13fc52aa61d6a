/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/edits.h"

#include <string.h>

#include "test.h"

static char *dup_text(const struct nvb_edits *edits)
{
    nvb_autoptr(nvb_json) json = nvb_edits_to_json(edits);

    return nvb_json_dup_text(json, false);
}

TEST(empty_edits_are_empty_lists)
{
    nvb_auto_edits edits = { 0 };
    nvb_autofree char *text = dup_text(&edits);

    EXPECT_STR(text, "{\"env\":[],\"deviceNodes\":[],\"mounts\":[]}\n");
    nvb_edits_clear(&edits);
}

TEST(a_node_stands_once)
{
    nvb_auto_edits edits = { 0 };

    nvb_edits_add_node(&edits, "/dev/a");
    nvb_edits_add_node(&edits, "/dev/b");
    nvb_edits_add_node(&edits, "/dev/a");
    EXPECT(edits.n_nodes == 2);
    EXPECT_STR(edits.nodes[0].permissions, "rw");
}

TEST(a_bind_is_read_only_until_changed)
{
    nvb_auto_edits edits = { 0 };
    nvb_autofree char *text = NULL;
    struct nvb_mount *mount = nvb_edits_add_bind(&edits, "/host", "/inside");

    EXPECT(!mount->is_writable && !mount->is_recursive && !mount->is_mapped && !mount->is_made);
    mount = nvb_edits_add_bind(&edits, "/data", "/data");
    mount->is_writable = true;
    mount->is_recursive = true;
    mount->is_mapped = true;
    text = dup_text(&edits);
    EXPECT(strstr(text, "\"containerPath\":\"/inside\",\"hostPath\":\"/host\","
                        "\"options\":[\"ro\",\"nosuid\",\"nodev\",\"bind\"]"));
    EXPECT(strstr(text, "\"options\":[\"rw\",\"nosuid\",\"nodev\",\"rbind\",\"idmap\"]"));
}

TEST(contents_of_files_are_not_told)
{
    static const char cookie[] = "\0secret\xff";
    nvb_auto_edits edits = { 0 };
    nvb_autofree char *text = NULL;

    nvb_edits_add_file(&edits, "/run/cookie", cookie, sizeof(cookie), 0600);
    EXPECT(edits.mounts[0].content.len == sizeof(cookie) && edits.mounts[0].mode == 0600);
    EXPECT(memcmp(edits.mounts[0].content.data, cookie, sizeof(cookie)) == 0);
    text = dup_text(&edits);
    EXPECT(strstr(text, "\"type\":\"nvbind-file\",\"size\":9") && !strstr(text, "secret"));
}
