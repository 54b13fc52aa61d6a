/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_path.h - names of an archive's entries as paths below one directory. */
#pragma once

#include "base/text.h"

/* "./a//b/" -> "a/b", "" for the root itself. A path with ".." or longer than the kernel takes is
 * refused. Yours to free. */
char *tree_path_clean(const char *path, struct nvb_err *err);
