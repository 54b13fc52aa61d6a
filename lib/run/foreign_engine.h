/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* foreign_engine.h - other container engines behind nvbind's own words: a request as the command
 * line of podman or docker. Their exit statuses are ours: 125, 126 and 127 mean the same. */
#pragma once

#include "cdi/edits.h"
#include "nvbind/request.h"

struct nvb_foreign_engine;

/* "podman" or "docker"; NULL for any other. */
const struct nvb_foreign_engine *nvb_foreign_engine_find(const char *name);

/* What the request wants of the engine that it cannot do is an error, what it does otherwise a
 * warning. `cdi_names` are devices that the engine shall look up itself; `edits`, plain nodes,
 * mounts and variables, are for all others. */
bool nvb_foreign_engine_make_line(const struct nvb_foreign_engine *engine,
                                  const struct nvb_request *request,
                                  const struct nvb_strv *cdi_names,
                                  const struct nvb_edits *edits,
                                  struct nvb_strv *out_line,
                                  struct nvb_strv *out_warnings,
                                  struct nvb_err *err);
