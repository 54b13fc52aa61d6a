/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_files.h - the specification files that the commands of `nvbind cdi` read and write. */
#pragma once

#include "host/host.h"

/* The words given (NULL-terminated, or NULL), or, when there is none, every .json and .yaml file of /etc/cdi
 * and /run/cdi. Paths are below the host's root; on this machine they may be typed relative to the
 * working directory. */
void cdi_files_find(const struct nvb_host *host, char *const *words, struct nvb_strv *out_paths);

/* Write a specification and, in FILE.nvbind beside it, how it was asked for: `cdi check` and `cdi
 * refresh` read that. Makes the directory when its own is there. */
bool cdi_files_write(const char *path, const char *text, const char *recipe, struct nvb_err *err);
