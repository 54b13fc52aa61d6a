/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_files.h - the specification files that `cdi check` and `cdi refresh` look at. */
#pragma once

#include "host/host.h"

/* The words given, or every .json and .yaml file of /etc/cdi and /run/cdi below the host's root, those
 * of ours that are gone included. */
void cdi_files_find(const struct nvb_host *host,
                    int n_words,
                    char *const *words,
                    struct nvb_strv *out_paths);
