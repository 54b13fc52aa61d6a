/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <stdlib.h>

#include "test.h"

TEST(finds_functions)
{
    int (*absolute)(int) = NULL;
    const struct nvb_symbol symbols[] = {
        {"abs", &absolute},
        { NULL, NULL     }
    };
    nvb_auto_err err = { 0 };
    void *handle = NULL;

    EXPECT(nvb_library_open("libc.so.6", "install it", symbols, &handle, &err));
    EXPECT(absolute != NULL && absolute(-3) == 3);
    nvb_library_close(&handle);
    EXPECT(handle == NULL);
    nvb_library_close(&handle);
}

TEST(says_what_is_missing_and_how_to_get_it)
{
    void (*nothing)(void) = NULL;
    const struct nvb_symbol symbols[] = {
        {"nvb_there_is_no_such_thing", &nothing},
        { NULL,                        NULL    }
    };
    nvb_auto_err err = { 0 };
    void *handle = NULL;

    EXPECT(!nvb_library_open("libnvb-absent.so.9", "install it", symbols, &handle, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND && handle == NULL);
    EXPECT_STR(err.hint, "install it");
    nvb_err_clear(&err);
    EXPECT(!nvb_library_open("libc.so.6", "update it", symbols, &handle, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED && handle == NULL && nothing == NULL);
}
