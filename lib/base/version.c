/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/nvbind.h"

const char *nvb_version(void)
{
    return NVB_VERSION;
}
