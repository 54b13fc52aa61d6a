/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* device_request.h - GPUs for a bundle that asks for them, and for no other.
 *
 * Asked is by an annotation "cdi.k8s.io/..." (names of devices, divided by commas, as container
 * engines write it), by the annotation "nvbind.gpu", and by the variable NVIDIA_VISIBLE_DEVICES of
 * the container's process, but that only when the runtime itself has NVBIND_RUNTIME_ENV=1: a
 * variable comes from the image, and an image shall not choose what it gets of the host. */
#pragma once

#include "base/json.h"

/* The names that are asked for. */
bool device_request_read(const struct nvb_json *config,
                         bool reads_env,
                         struct nvb_strv *out_names,
                         struct nvb_err *err);

/* Add what the specifications of /etc/cdi and /run/cdi say for them to the config. */
bool device_request_apply(struct nvb_json *config, struct nvb_err *err);
