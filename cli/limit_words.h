/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* limit_words.h - what --memory, --cpus and --pids say. */
#pragma once

#include "nvbind/request.h"

/* Words that were not given are NULL. */
bool limit_words_fill(struct nvb_request *request,
                      const char *memory,
                      const char *cpus,
                      const char *pids,
                      struct nvb_err *err);
