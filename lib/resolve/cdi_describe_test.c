/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "host/host.h"
#include "nvbind/cdi.h"
#include "test.h"
#include "tree.h"

TEST(says_that_there_is_no_gpu)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree_new(), &host, &err));
    EXPECT(!nvb_cdi_describe(host, NULL, &text, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND && text == NULL);
}

TEST(refuses_words_that_are_none)
{
    static const struct nvb_cdi_options rows[] = {
        { .vendor = "voodoo" },
        { .profile = "speed" },
        { .capabilities = "teleport" },
    };
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err unused = { 0 };

    EXPECT(nvb_host_open("/", &host, &unused));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *text = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_cdi_describe(host, &rows[i], &text, &err));
        EXPECT(err.kind == NVB_E_INVALID && text == NULL);
    }
}
