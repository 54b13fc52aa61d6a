/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* request_words.h - what a request's settings are called, and what they are when unset. */
#pragma once

#include "nvbind/request.h"

enum {
    NVB_NAME_MAX = 128,
};

/* By enum nvb_restart; ends with NULL. */
extern const char *const nvb_restart_names[];

/* "on-failure:3"; yours. */
char *nvb_request_dup_restart(const struct nvb_request *request);
unsigned nvb_request_get_stop_timeout(const struct nvb_request *request);
