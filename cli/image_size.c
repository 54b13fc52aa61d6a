/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image_size.h"

#include "base/text.h"

char *image_size_dup_text(uint64_t n_bytes)
{
    if (n_bytes < 1000)
        return nvb_xasprintf("%u B", (unsigned)n_bytes);
    if (n_bytes < 1000000)
        return nvb_xasprintf("%.1f kB", (double)n_bytes / 1e3);
    if (n_bytes < 10000000000)
        return nvb_xasprintf("%.1f MB", (double)n_bytes / 1e6);
    return nvb_xasprintf("%.1f GB", (double)n_bytes / 1e9);
}
