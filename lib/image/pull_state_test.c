/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/pull_state.h"

#include <string.h>

#include "test.h"

#define D "\"sha256:0123456789012345678901234567890123456789012345678901234567890123\""
#define IMAGE                                                                      \
    "{\"name\":\"x:1\",\"platform\":\"linux/amd64\",\"layers\":[{\"digest\":" D    \
    ",\"size\":100,\"have\":true},{\"digest\":" D ",\"size\":200,\"have\":false}," \
    "{\"digest\":" D ",\"size\":0,\"have\":false}]}"

static const struct nvb_pull_layer *
apply(struct nvb_pull_state *state, const char *event, const char *text, bool *out_is_known)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_json_parse(text, strlen(text), "event", &json, &err));
    return nvb_pull_state_apply(state, event, json, out_is_known);
}

TEST(a_report_becomes_a_state)
{
    nvb_auto_pull_state state = { 0 };
    bool is_known = false;

    EXPECT(apply(&state, "image", IMAGE, &is_known) == NULL && is_known);
    EXPECT_STR(state.name, "x:1");
    EXPECT_STR(state.platform, "linux/amd64");
    EXPECT(state.n_layers == 3 && state.layers[0].step == NVB_PULL_HAVE);
    EXPECT(state.layers[0].was_there && state.layers[1].step == NVB_PULL_TODO);
    EXPECT(apply(&state, "progress", "{\"layer\":1,\"in\":50,\"out\":99}", &is_known) ==
           &state.layers[1]);
    EXPECT(state.layers[1].step == NVB_PULL_COMING && state.layers[1].n_in == 50);
    EXPECT(apply(&state, "waiting", "{\"layer\":2}", &is_known) == &state.layers[2]);
    EXPECT(state.layers[2].step == NVB_PULL_WAITING);
    EXPECT(apply(&state, "layer", "{\"layer\":1}", &is_known) == &state.layers[1]);
    EXPECT(state.layers[1].step == NVB_PULL_HAVE && !state.layers[1].was_there);
}

TEST(what_does_not_fit_changes_nothing)
{
    static const char *const events[][2] = {
        {"image",      IMAGE                       },
        { "progress",  "{\"layer\":3,\"in\":1}"    },
        { "progress",  "{\"layer\":-1,\"in\":1}"   },
        { "progress",  "{\"layer\":1,\"in\":201}"  },
        { "progress",  "{\"layer\":1,\"in\":\"1\"}"},
        { "progress",  "{\"layer\":1}"             },
        { "progress",  "[]"                        },
        { "layer",     "{}"                        },
        { "something", "{\"layer\":1}"             },
    };
    nvb_auto_pull_state state = { 0 };
    bool is_known = false;

    (void)apply(&state, "image", IMAGE, &is_known);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        EXPECT(apply(&state, events[i][0], events[i][1], &is_known) == NULL && !is_known);
        EXPECT(state.layers[1].step == NVB_PULL_TODO && state.layers[1].n_in == 0);
    }
}

TEST(an_image_that_makes_no_sense_is_none)
{
    static const char no_size[] =
        "{\"name\":\"x\",\"platform\":\"y\",\"layers\":[{\"digest\":" D ",\"size\":-1}]}";
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"name\":\"x\",\"layers\":[]}",
        "{\"name\":\"x\",\"platform\":\"y\",\"layers\":[{}]}",
        "{\"name\":\"x\",\"platform\":\"y\",\"layers\":[{\"digest\":\"sha256:x\",\"size\":1}]}",
        no_size,
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_auto_pull_state state = { 0 };
        bool is_known = true;

        EXPECT(apply(&state, "image", texts[i], &is_known) == NULL && !is_known);
        EXPECT(state.name == NULL && state.n_layers == 0);
    }
}
