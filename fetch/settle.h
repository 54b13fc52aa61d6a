/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* settle.h - directories that a layer uses but does not describe.
 *
 * Overlayfs shows a directory as the uppermost layer has it. One that came into being only because
 * a path leads through it shall look as in the layers below: it gets their mode, owner, time and
 * attributes. Done when all layers of an image are there; their list waits in the layer ("implied")
 * until then. Doing it twice is harmless. */
#pragma once

#include "image/store.h"

/* Leave the list with a layer that is being made. */
bool settle_note(const struct nvb_layer_draft *draft,
                 const struct nvb_strv *implied,
                 struct nvb_err *err);

/* All layers of an image, from below. */
bool settle(const struct nvb_store *store, const struct nvb_image *image, struct nvb_err *err);
