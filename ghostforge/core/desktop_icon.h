/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* desktop_icon.h - the file of a desktop entry's icon. */
#pragma once

#include "base/text.h"

/* `dirs` are those that have icons/ and pixmaps/. NULL when none is found. Caller frees. */
char *gf_desktop_icon_dup(const struct nvb_strv *dirs, const char *icon);
