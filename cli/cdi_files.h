/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_files.h - the specification files that the commands of `nvbind cdi` read and write. */
#pragma once

#include "resolve/cdi_check.h"
#include "run/cdi_write.h"

/* The words given (NULL-terminated, or NULL), or, when there is none, every .json and .yaml file of /etc/cdi
 * and /run/cdi, those of ours that are gone included. Paths are below the host's root; on this machine they may be typed relative to the
 * working directory. */
void cdi_files_find(const struct nvb_host *host, char *const *words, struct nvb_strv *out_paths);

/* Write a specification and, in FILE.nvbind beside it, how it was asked for: `cdi check` and `cdi
 * refresh` read that. Makes the directory when its own is there, and the view first. */
bool cdi_files_write(const struct nvb_host *host,
                     const struct nvb_cdi_file_text *file,
                     const struct nvb_cdi_view *view,
                     struct nvb_err *err);

/* What who writes a specification should know of the view that it mounts. */
void cdi_files_note_view(const struct nvb_host *host,
                         const struct nvb_cdi_view *view,
                         struct nvb_strv *notes);

/* The contents of the view that a specification mounts, held against what was put there; each
 * difference becomes a reason. Reads the whole driver: half a second, where it is not stale already. */
void cdi_files_check_view(struct nvb_cdi_verdict *verdict);
