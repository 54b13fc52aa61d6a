/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* say.h - lines of an answer that hold foreign words: names of files, what stands in them. */
#pragma once

#include "base/text.h"

/* One line, its end added; control characters of the words never reach the terminal. */
void say(FILE *out, const char *fmt, ...) NVB_PRINTF(2, 3);
