/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* refusal.h - a registry that answers and does not give: why, and what can be done. */
#pragma once

#include "endpoint.h"

/* Status 401 or 403 in the end. */
void refusal_of_login(struct nvb_err *err, const struct endpoint *endpoint, const struct ask *ask);

/* Any other status than 200; reads what the registry says about it. */
enum outcome refusal_of_status(struct nvb_err *err,
                               const struct endpoint *endpoint,
                               const struct ask *ask,
                               struct http *http);

/* The first message of a registry's error document, cut and without line ends; NULL when there is
 * none. */
char *refusal_dup_message(const char *text, size_t len);
