/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* hook.h - the programs that a bundle wants to be run at certain moments. */
#pragma once

#include "base/json.h"
#include "spec.h"

/* Each of them in its order, with the state as JSON on its standard input; the first that fails
 * ends it. */
bool hook_run_all(const struct spec *spec,
                  enum spec_hook_moment moment,
                  const struct nvb_json *state,
                  struct nvb_err *err);

/* All of them, whatever becomes of each; failures are told on stderr. */
void hook_try_all(const struct spec *spec,
                  enum spec_hook_moment moment,
                  const struct nvb_json *state);
