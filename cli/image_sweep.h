/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_sweep.h - the end of `rmi` and `prune`: room is given back, and told. */
#pragma once

#include "image/remove.h"

/* `names` are those that were taken away. Gives the command's exit status. */
int image_sweep(const struct nvb_strv *names, bool may_wait, bool as_json);
