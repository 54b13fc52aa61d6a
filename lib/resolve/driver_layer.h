/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_layer.h - what a driver's view needs in the image's own directories, as one directory to
 * be laid over them: an ld.so.cache that has the driver's libraries, links from where programs
 * look for manifests and plugins, the place where the view is mounted.
 *
 * It is kept in the store beside the view and becomes one more lower layer of the container's
 * overlays, which costs about 10 us; to make its links and files at every start took 150. Where
 * no overlay can use it the same edits are carried out one by one, so nothing depends on it. */
#pragma once

#include "resolve/driver_view.h"

/* `links` as "CONTAINER_PATH TARGET"; `ldcache` may be empty. Fills an empty plan. */
void nvb_driver_layer_plan(const char *version,
                           const struct nvb_strv *links,
                           const struct nvb_buf *ldcache,
                           struct nvb_view_plan *out);
