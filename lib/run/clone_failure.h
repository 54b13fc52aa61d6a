/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* clone_failure.h - why the kernel refused the container's namespaces, and what helps. */
#pragma once

#include "nvbind/error.h"

/* By errno of clone3(2); returns false. */
bool nvb_fail_clone(struct nvb_err *err);
