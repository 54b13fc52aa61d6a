/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* root_device.h - the device nodes and links that every container has, and those of its spec.
 * Private to root. */
#pragma once

#include "spec.h"

bool root_make_devices(const struct spec *spec, int root_fd, struct nvb_err *err);
