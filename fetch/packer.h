/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* packer.h - a directory of the caller's as a stream that is read inside of the jail.
 *
 *   a process of its own, with the caller's ids ── pipe ──> frames ──> the jail
 *
 * The jail's ids could not read a directory of root's. A frame is a length and so many bytes; length 0
 * is the end of a whole archive, PACKER_FAILED has the reason behind it. */
#pragma once

#include "image/store_ids.h"
#include "source.h"

/* Start packing `take_dir_fd`; *out_fd is where the frames come. `name` is what errors call it. */
bool packer_start(int take_dir_fd,
                  const char *name,
                  const struct nvb_store_ids *ids,
                  int *out_fd,
                  struct nvb_err *err);

/* What the frames hold. The descriptor is borrowed. */
struct packer_source;
struct packer_source *packer_source_new(int fd);
struct source packer_source_get(struct packer_source *packer);
void packer_source_free(struct packer_source *packer);
NVB_DEFINE_AUTOPTR(packer_source, packer_source_free)
