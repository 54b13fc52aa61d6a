/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* run_elsewhere.h - `nvbind run --runtime podman|docker`: the same words, another engine. */
#pragma once

#include "nvbind/request.h"

/* Returns only when the engine could not be started: false, and the error says why. */
bool run_elsewhere(const char *engine, const struct nvb_request *request, struct nvb_err *err);
