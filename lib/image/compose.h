/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* compose.h - the texts of an image that is made here: of a root file system, or of layers whose
 * manifest nobody kept.
 *
 * The same parts give the same bytes, hence the same digests. */
#pragma once

#include "image/image.h"

/* A manifest of OCI's; only digest, size and media type of the descriptors count. */
char *nvb_compose_dup_manifest(const struct nvb_descriptor *config,
                               const struct nvb_descriptor *layers,
                               size_t n_layers);

/* A configuration; `created` and the variant may be NULL, every list empty. */
char *nvb_compose_dup_config(const struct nvb_image_config *config);

/* "ENV A=b", "CMD [\"/bin/sh\"]", "WORKDIR /srv": one line of a Dockerfile as `docker import
 * --change` takes them: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR. */
bool nvb_compose_change(struct nvb_image_config *config, const char *line, struct nvb_err *err);
