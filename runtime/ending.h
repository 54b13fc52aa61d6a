/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ending.h - signals to a container, and what is done when it is over. */
#pragma once

#include "record.h"

/* "SIGTERM", "TERM" or "15". */
bool ending_read_signal(const char *word, int *out_signal, struct nvb_err *err);

/* To its first process, or to all of them. */
bool ending_kill(const struct record *record, int signal, bool all, struct nvb_err *err);

/* Of a container that has no process any more: its cgroups and its record go, and the hooks for
 * that run. `spec` may be NULL when it cannot be read any more. */
void ending_clean(const struct record *record, const struct spec *spec);

/* `delete`: only when it is stopped, or with force. */
bool ending_delete(const struct record *record, bool is_forced, struct nvb_err *err);
