/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* seconds.h - a number of seconds as it is typed. */
#pragma once

#include "base/text.h"

/* NULL leaves *out as it is; `option` is named in the error. */
bool seconds_parse(const char *text, const char *option, unsigned *out, struct nvb_err *err);
