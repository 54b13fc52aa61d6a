/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_root.h - the root of an image's container: its layers below a writable one, and in that
 * what every container gets of us.
 *
 * What we put into the writable layer lies upon whatever the image has there, a link or a FIFO
 * too. The directories around it keep the image's mode and owner, and a parent that is a link is
 * written through: its real place is found here, in the image's own files. */
#pragma once

#include "image/stored_image.h"

/* Fill the steps of a container whose ids are known, and move its edits to their real places. */
bool nvb_image_root_compose(const struct nvb_stored_image *image,
                            const struct nvb_plan *plan,
                            const struct nvb_host *host,
                            struct nvb_container *c,
                            struct nvb_err *err);
