/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* scope.h - limits by way of systemd, where cgroups are its business.
 *
 * An ordinary user's login session has no group that it may change, but the user's systemd has.
 * So the program is started once more by `systemd-run --scope` with the limits as properties of
 * the scope, and marked, so that it neither does that again nor makes a group of its own. What
 * systemd cannot apply it leaves out without a word: the marked program looks (cgroup.c).
 *
 *   nvbind run --memory 1G ...  ── execve ──>  systemd-run ── execve ──>  nvbind run --memory 1G ...
 *                                                in its scope: memory.max is 1G already */
#pragma once

#include "base/text.h"
#include "oci/container.h"

/* In the environment of the program that runs in such a scope. */
#define NVB_SCOPE_VARIABLE "NVBIND_IN_SCOPE"

bool nvb_scope_is_inside(void);

/* The command line `program args...` behind systemd-run with the limits; false when there is no
 * systemd here that could: not started by it, no systemd-run in PATH, no bus. */
bool nvb_scope_make_line(const struct nvb_limits *limits,
                         const char *program,
                         char *const *args,
                         struct nvb_strv *out_line);

/* What an ordinary user can do to get one, as the beginning of a hint. */
const char *nvb_scope_advice(void);

/* Become that line; returns false only. */
bool nvb_scope_execute(const struct nvb_strv *line, struct nvb_err *err);
