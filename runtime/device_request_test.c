/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "device_request.h"

#include <string.h>

#include "test.h"

static char *dup_names(const char *text, bool reads_env)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_json_parse(text, strlen(text), "test", &json, &err));
    if (!device_request_read(json, reads_env, &names, &err))
        return nvb_xstrdup("refused");
    return names.n ? nvb_strv_join(&names, " ") : nvb_xstrdup("");
}

#define ENV(value) "{\"process\": {\"env\": [\"NVIDIA_VISIBLE_DEVICES=" value "\"]}}"

TEST(asks_only_by_annotation_or_opted_in_variable)
{
    static const struct {
        const char *text;
        bool reads_env;
        const char *names;
    } rows[] = {
        {"{}",                                                                        true,  ""                                 },
        { ENV("all"),                                                                 false, ""                                 },
        { ENV("all"),                                                                 true,  "nvidia.com/gpu=all"               },
        { ENV("0,1"),                                                                 true,  "nvidia.com/gpu=0 nvidia.com/gpu=1"},
        { ENV("void"),                                                                true,  ""                                 },
        { ENV("none"),                                                                true,  ""                                 },
        { ENV(""),                                                                    true,  ""                                 },
        { "{\"annotations\": {\"cdi.k8s.io/x_1\": \"amd.com/gpu=0,amd.com/gpu=0\"}}", false,
         "amd.com/gpu=0"                                                                                                        },
        { "{\"annotations\": {\"nvbind.gpu\": \"all\"}}",                             false, "nvidia.com/gpu=all"               },
        { "{\"annotations\": {\"cdi.k8s.io/x\": \"nonsense\"}}",                      false, "refused"                          },
        { "{\"annotations\": {\"other\": \"all\"}}",                                  false, ""                                 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *names = dup_names(rows[i].text, rows[i].reads_env);

        EXPECT_STR(names, rows[i].names);
    }
}
