/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/saved_list.h"

#include <string.h>

#include "test.h"

static bool parse(const char *text, struct nvb_saved_list *out, struct nvb_err *err)
{
    return nvb_saved_list_parse(text, strlen(text), "manifest.json", out, err);
}

TEST(lists_saved_images)
{
    nvb_auto_saved_list list = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(parse("[{\"Config\":\"a.json\",\"RepoTags\":[\"app:1\",\"app:2\"],"
                 "\"Layers\":[\"1/layer.tar\",\"2/layer.tar\"]},"
                 "{\"Config\":\"b.json\",\"RepoTags\":null,\"Layers\":[]}]",
                 &list, &err));
    EXPECT(list.n == 2 && list.items[0].tags.n == 2 && list.items[0].layers.n == 2);
    EXPECT_STR(list.items[0].config, "a.json");
    EXPECT_STR(list.items[0].layers.items[1], "2/layer.tar");
    EXPECT(list.items[1].tags.n == 0 && list.items[1].layers.n == 0);
}

TEST(refuses_what_is_no_such_list)
{
    static const struct {
        const char *text;
        const char *cause;
    } rows[] = {
        {"{}",                                    "manifest.json:1: this is an object, not a list"      },
        { "[1]",                                  "manifest.json:1: an image is a number, not an object"},
        { "[{}]",                                 "manifest.json:1: an image has no 'Config'"           },
        { "[{\"Config\":1}]",                     "manifest.json:1: 'Config' is a number, not text"     },
        { "[{\"Config\":\"x\",\"Layers\":[{}]}]",
         "manifest.json:1: an entry of 'Layers' is an object, not text"                                 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_saved_list list = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!parse(rows[i].text, &list, &err) && list.n == 0);
        EXPECT_STR(err.lines[0], rows[i].cause);
    }
}
