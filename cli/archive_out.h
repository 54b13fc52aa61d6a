/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* archive_out.h - an archive for the user: to a file that appears when it is whole, or to a pipe. */
#pragma once

#include "image/export.h"

/* `path` NULL: standard output, unless that is a terminal. */
bool archive_out(const struct nvb_export *what, const char *path, struct nvb_err *err);
