/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/device_name.h"

#include <string.h>

#include "test.h"

TEST(parses_and_prints_back)
{
    static const char *const good[] = { "nvidia.com/gpu=GPU-1f:0", "nvidia.com/gpu=0", "a/b=c",
                                        "a.b-c_d/gpu.coherent=0:1", "runtime.nvidia.com/gpu=all" };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        nvb_autoptr(nvb_device_name) name = NULL;
        nvb_autofree char *text = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(nvb_device_name_parse(good[i], &name, &err));
        text = nvb_device_name_dup_text(name);
        EXPECT_STR(text, good[i]);
    }
}

TEST(tells_the_parts)
{
    nvb_autoptr(nvb_device_name) name = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_device_name_parse("nvidia.com/gpu=0:1", &name, &err));
    EXPECT_STR(name->vendor, "nvidia.com");
    EXPECT_STR(name->class, "gpu");
    EXPECT_STR(name->name, "0:1");
}

TEST(refuses_malformed_names)
{
    static const char *const bad[] = {
        "",        "gpu",     "/=",        "a/b",     "a/=0",    "/gpu=0",       "a b/gpu=0",
        "a/gpu=-", "0a/b=c",  "a/0b=c",    "a./b=c",  "a/b-=c",  "a/b=c/d",      "a/b=c=d",
        "a/b=",    "a/b=c\n", "a/b=../..", "a/b=c,d", "a/b/c=d", "a/b=\xc3\xa4",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autoptr(nvb_device_name) name = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_device_name_parse(bad[i], &name, &err));
        EXPECT(name == NULL && err.kind == NVB_E_INVALID);
    }
}

TEST(says_what_to_try)
{
    nvb_autoptr(nvb_device_name) name = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_device_name_parse("gpu0", &name, &err));
    EXPECT_STR(err.lines[0], "'gpu0' is not a device name");
    EXPECT(err.hint != NULL);
}
