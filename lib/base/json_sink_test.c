/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/json_sink.h"

#include <string.h>

#include "test.h"

static struct nvb_json *tell(struct nvb_sink *sink)
{
    nvb_autoptr(nvb_json) inner = nvb_json_new_object();

    nvb_json_set_str(inner, "deep", "er");
    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "text", "a \"b\" \\ / \b\f\n\r\t \x01\x1f\x7f \xc3\xa4 \xff");
    nvb_sink_str(sink, "empty", "");
    nvb_sink_str(sink, "null", NULL);
    nvb_sink_u64(sink, "number", UINT64_MAX);
    nvb_sink_u64(sink, "none", 0);
    nvb_sink_bool(sink, "yes", true);
    nvb_sink_bool(sink, "no", false);
    nvb_sink_open(sink, "list", '[');
    nvb_sink_str(sink, NULL, "one");
    nvb_sink_u64(sink, NULL, 2);
    nvb_sink_open(sink, NULL, '{');
    (void)nvb_sink_close(sink);
    nvb_sink_open(sink, NULL, '[');
    (void)nvb_sink_close(sink);
    (void)nvb_sink_close(sink);
    nvb_sink_json(sink, "inner", inner);
    nvb_sink_str(sink, "k\"ey", "last");
    return nvb_sink_close(sink);
}

TEST(the_text_is_what_the_tree_prints)
{
    nvb_auto_buf text = { 0 };
    struct nvb_sink as_text = { .text = &text };
    struct nvb_sink as_tree = { 0 };
    nvb_autoptr(nvb_json) tree = tell(&as_tree);
    nvb_autofree char *printed = nvb_json_dup_text(tree, false);

    EXPECT(tell(&as_text) == NULL);
    nvb_buf_add_str(&text, "\n");
    EXPECT_STR(text.data, printed);
    EXPECT(strstr(text.data, "\\u001f") && strstr(text.data, "\"list\":[\"one\",2,{},[]]"));
}

TEST(a_list_can_be_the_outermost)
{
    nvb_auto_buf text = { 0 };
    struct nvb_sink sink = { .text = &text };

    nvb_sink_open(&sink, NULL, '[');
    nvb_sink_str(&sink, NULL, "a");
    (void)nvb_sink_close(&sink);
    EXPECT_STR(text.data, "[\"a\"]");
}
