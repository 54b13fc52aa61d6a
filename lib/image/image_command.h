/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_command.h - what a container of an image runs: the image's configuration and the user's
 * words about it, put together as docker does. */
#pragma once

#include "image/account.h"
#include "image/stored_image.h"

/* Environment, arguments, directory and user; clear `out` either way. */
bool nvb_image_command_fill(const struct nvb_stored_image *image,
                            const struct nvb_plan *plan,
                            const struct nvb_account *user,
                            struct nvb_container_base *out,
                            struct nvb_err *err);

/* What is not of the base: the entrypoint before the user's own command, the signal that stops it,
 * what to say when it is for another processor. NVB_E_INVALID when there is no command. */
bool nvb_image_command_apply(const struct nvb_stored_image *image,
                             const struct nvb_plan *plan,
                             const struct nvb_host *host,
                             struct nvb_container *c,
                             struct nvb_err *err);
