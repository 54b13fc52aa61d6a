/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_copy.h - what a directory holds, once more in another: files, directories and links with
 * their owners and modes. */
#pragma once

#include "nvbind/error.h"

bool tree_copy(int from_fd, int to_fd, struct nvb_err *err);
