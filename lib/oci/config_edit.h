/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* config_edit.h - container edits applied to an OCI config.json, losslessly.
 *
 * What the edits do not touch stays: fields nobody here knows, the order of keys, numbers of 64
 * bits, floats as they were written. A config that could not be kept (a key twice, half a
 * surrogate, a number beyond 64 bits) is refused rather than altered.
 *
 * Meaning, as CDI's own library applies edits: a variable replaces one of its name; a device
 * node replaces one of its path and gets a rule for the cgroup; a mount replaces one of its
 * destination, and all mounts are sorted by depth; groups are added once; hooks are appended.
 * A second time the same edits change nothing. */
#pragma once

#include "cdi/edits.h"

/* `host_fd` is the root in which device nodes are looked up for what a specification left out:
 * type, numbers, mode. On failure the config may have been changed in part. */
bool nvb_config_apply(struct nvb_json *config,
                      const struct nvb_edits *edits,
                      int host_fd,
                      struct nvb_err *err);

/* The same on text, which errors call config.json. Pretty when the text was, else one line. */
bool nvb_config_edit(const char *text,
                     size_t len,
                     const struct nvb_edits *edits,
                     int host_fd,
                     char **out_text,
                     struct nvb_err *err);
