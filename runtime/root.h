/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* root.h - the container's root as the spec wants it, built by the child in its own mount
 * namespace. Every path inside is resolved in that root: no link of the image leads out. */
#pragma once

#include "spec.h"

/* The rootfs bound over itself, with all mounts, devices and links. *out_fd is the new root. */
bool root_build(const struct spec *spec, const char *path, int *out_fd, struct nvb_err *err);

/* Masks, read-only paths and the read-only root; then the root is entered for good. */
bool root_enter(const struct spec *spec, int root_fd, bool may_pivot, struct nvb_err *err);

/* A regular file, or a directory, made when absent with all that leads to it; O_PATH. */
bool root_open_place(int root_fd,
                     const char *path,
                     bool is_directory,
                     int *out_fd,
                     struct nvb_err *err);
