/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "nvbind/nvbind.h"
#include "test.h"

TEST(headers_and_library_are_of_one_version)
{
    nvb_autofree char *of_headers =
        nvb_xasprintf("%d.%d.%d", NVB_VERSION_MAJOR, NVB_VERSION_MINOR, NVB_VERSION_PATCH);

    EXPECT_STR(nvb_version(), of_headers);
}
