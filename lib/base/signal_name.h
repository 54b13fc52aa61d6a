/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* signal_name.h - signals as people write them: "TERM", "SIGTERM", "15", "RTMIN+3". */
#pragma once

#include <stdbool.h>

#include "nvbind/error.h"

/* Upper or lower case; 1 to SIGRTMAX. */
bool nvb_signal_parse(const char *text, unsigned *out_number, struct nvb_err *err);

/* "TERM"; yours. */
char *nvb_signal_dup_name(unsigned number);
