/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* detach.h - `nvbind run -d`: a container is recorded, named and started. */
#pragma once

#include "preparation.h"

/* *out_id is the container's. When it does not start, nothing of it is left. */
bool detach(struct preparation *p, char **out_id, struct nvb_err *err);
