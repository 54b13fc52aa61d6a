/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/request_json.h"

#include <string.h>

#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

static struct nvb_request *read_back(const char *text, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;
    struct nvb_request *request = NULL;

    EXPECT(nvb_json_parse(text, strlen(text), "test", &json, err));
    return nvb_request_from_json(json, "c.json", &request, err) ? request : NULL;
}

static void fill(struct nvb_request *r)
{
    static const char *const command[] = { "sh", "-c", "caf\xe9 \x01 \"q\"", NULL };
    nvb_auto_err err = { 0 };

    r->image = nvb_xstrdup("host");
    r->command = nvb_xcalloc(4, sizeof(*r->command));
    for (; command[r->n_command]; r->n_command++)
        r->command[r->n_command] = nvb_xstrdup(command[r->n_command]);
    r->profile = nvb_xstrdup("gaming");
    nvb_request_add_gpu(r, "all");
    EXPECT(nvb_request_add_env(r, "TOKEN=secret\n=x", &err));
    EXPECT(nvb_request_add_volume(r, "/a\xff:/b:ro", &err));
    EXPECT(nvb_request_add_volume(r, "/c:/d", &err));
    EXPECT(nvb_request_set_name(r, "web-1", &err));
    EXPECT(nvb_request_set_restart(r, "on-failure:7", &err));
    EXPECT(nvb_request_set_stop_signal(r, "INT", &err));
    EXPECT(nvb_request_add_label(r, "a.b=c", &err));
    r->network = NVB_NETWORK_LAN;
    EXPECT(nvb_request_add_port(r, "8000-8001:80-81/udp", &err));
    EXPECT(nvb_request_add_port(r, "[::1]::22", &err));
    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_WAYLAND;
    r->has_sandbox = true;
    r->sandbox = NVB_SANDBOX_STEAM;
    r->memory_bytes = UINT64_C(1) << 40;
    r->is_detached = true;
    r->has_stop_timeout = true;
}

TEST(a_request_comes_back_as_it_was)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autoptr(nvb_json) again = NULL;
    nvb_autoptr(nvb_request) back = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    fill(r);
    json = nvb_request_to_json(r);
    text = nvb_json_dup_text(json, true);
    back = read_back(text, &err);
    EXPECT(back != NULL);
    again = nvb_request_to_json(back);
    EXPECT(nvb_json_is_equal(json, again));
    EXPECT_STR(back->command[2], "caf\xe9 \x01 \"q\"");
    EXPECT_STR(back->env[0], "TOKEN=secret\n=x");
    EXPECT_STR(back->volumes[0].source, "/a\xff");
    EXPECT(back->volumes[0].is_ro && !back->volumes[1].is_ro && back->n_volumes == 2);
    EXPECT(back->restart == NVB_RESTART_ON_FAILURE && back->restart_max == 7);
    EXPECT(back->stop_signal == 2 && back->has_stop_timeout && back->stop_timeout_s == 0);
    EXPECT(back->network == NVB_NETWORK_LAN && back->n_ports == 2 &&
           back->sandbox == NVB_SANDBOX_STEAM);
    EXPECT(back->display == NVB_DISPLAY_WISH_WAYLAND && back->memory_bytes == UINT64_C(1) << 40);
    EXPECT(!back->is_read_only && !back->hostname && back->is_detached);
}

TEST(what_is_unset_is_not_written)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;

    r->image = nvb_xstrdup("host");
    json = nvb_request_to_json(r);
    text = nvb_json_dup_text(json, false);
    EXPECT_STR(text, "{\"image\":\"host\"}\n");
}

TEST(damage_is_told_with_its_place)
{
    static const char *const bad[][2] = {
        {"{}",                                                   "c.json: 'image' is damaged"  },
        { "{\"image\":1}",                                       "c.json: 'image' is damaged"  },
        { "{\"image\":{\"hex\":\"0\"}}",                         "c.json: 'image' is damaged"  },
        { "{\"image\":{\"hex\":\"00\"}}",                        "c.json: 'image' is damaged"  },
        { "{\"image\":\"h\",\"env\":\"A=b\"}",                   "c.json: 'env' is damaged"    },
        { "{\"image\":\"h\",\"command\":[\"a\",2]}",             "c.json: 'command' is damaged"},
        { "{\"image\":\"h\",\"restart\":\"often\"}",             "c.json: 'restart' is damaged"},
        { "{\"image\":\"h\",\"pids\":-1}",                       "c.json: 'pids' is damaged"   },
        { "{\"image\":\"h\",\"volumes\":{}}",                    "c.json: 'volumes' is damaged"},
        { "{\"image\":\"h\",\"volumes\":[{\"source\":\"/a\"}]}", "c.json: 'volumes' is damaged"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(read_back(bad[i][0], &err) == NULL);
        EXPECT_STR(err.lines[0], bad[i][1]);
    }
}

TEST(keys_of_a_later_version_are_passed_over)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_request) r = read_back("{\"image\":\"host\",\"later\":{\"a\":1}}", &err);

    EXPECT(r != NULL);
}
