/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* stopping.h - a container is stopped as it wants to be: by its own signal, within its own time. */
#pragma once

#include "life/places.h"

/* `timeout_s` NULL: its own. True as well when it did not run. */
bool stopping(const struct nvb_places *places,
              const char *id,
              const unsigned *timeout_s,
              struct nvb_err *err);
