/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* sources.h - the host paths that a container's edits need, opened as detached mounts; but for
 * device nodes in /dev, which are bound by their names and have no descriptor.
 *
 * They are opened before the child covers /tmp or leaves the host's tree. When root runs the
 * container the parent opens them, because in its user namespace the child has no privilege over
 * the host's files and may not map their ids. */
#pragma once

#include <sys/stat.h>

#include "run/launch.h"

/* Parent, only for root: open each source; volumes become idmapped once user_ns_fd exists. */
bool nvb_sources_open(struct nvb_launch *launch, struct nvb_err *err);

/* What edit i gives, nodes first; 0, or -1 with errno. */
int nvb_source_stat(const struct nvb_launch *launch, size_t i, struct stat *out);

/* Parent, only for root: give each mapped source to the container's user by an idmapped mount
 * (Linux 5.12, file systems that support it); what cannot be mapped is a warning. */
bool nvb_sources_map(struct nvb_launch *launch, struct nvb_strv *warnings, struct nvb_err *err);

/* Child: open what is not open yet. */
void nvb_child_open_sources(struct nvb_launch *launch);

/* Parent: close what is left and free the list. */
void nvb_sources_clear(struct nvb_launch *launch);
