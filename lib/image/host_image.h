/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* host_image.h - the built-in image `host`: the machine's own files, read-only below a writable
 * layer.
 *
 * The root is a small tmpfs with an overlay for each part of the machine that programs need,
 * since an ordinary user cannot use `/` itself as an overlay's lower directory (its locked child
 * mounts: "failed to clone lowerpath"; kernel 6.18). A part with mounts below it becomes a
 * recursive read-only bind. Not visible: homes, /root, /run, /tmp, and the secrets of /etc. */
#pragma once

#include "host/host.h"
#include "oci/container.h"

/* Append the steps that make the root. */
bool nvb_host_image_compose(const struct nvb_host *host,
                            struct nvb_container *container,
                            struct nvb_err *err);
