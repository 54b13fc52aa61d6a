/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* place.h - where the place of a mount is made that the image does not have. Private to lib/run.
 *
 * In an overlay over directories of the host's root, which has no number in the container, nothing
 * can be made: the place must be in the writable layer before the overlay is mounted. A directory
 * of the layer hides a link of the image, so the path is followed as far as the image has it. */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* `rest` is below `source`, a directory. True with the path to make in the layer, relative to it;
 * false when the image has it, or when it cannot be told. Async-signal-safe. */
bool nvb_place_find(const char *source, const char *rest, char out[PATH_MAX]);
