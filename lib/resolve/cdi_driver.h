/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_driver.h - the driver's user space in a specification: what the files of cdi_generate.h share.
 * Private to lib/resolve. */
#pragma once

#include "resolve/cdi_generate.h"

/* "nvidia.com/gpu"; NULL for vendors that have none. */
const char *nvb_cdi_kind_of(enum nvb_gpu_vendor vendor);

/* A file at one place, or in one directory under every name that it has. */
void nvb_cdi_add_file(struct nvb_cdi_spec *spec,
                      const struct nvb_driver_file *file,
                      const char *container_path);
void nvb_cdi_add_names(struct nvb_cdi_spec *spec,
                       const struct nvb_driver_file *file,
                       const char *dir);

/* Variables for the container that are no wish of the user's. */
void nvb_cdi_add_void(struct nvb_cdi_spec *spec);

/* NVIDIA's driver: its files and where programs look for them. */
void nvb_cdi_add_driver(struct nvb_cdi_spec *spec,
                        const struct nvb_driver_files *files,
                        const struct nvb_cdi_wishes *wishes,
                        struct nvb_strv *out_notes);
