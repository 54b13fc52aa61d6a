/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* root_mount.h - one of the spec's mounts in the container's root. Private to root. */
#pragma once

#include "spec.h"

bool root_mount(const struct spec *spec,
                const struct spec_mount *m,
                int root_fd,
                struct nvb_err *err);
