/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_choice.h - devices that are named as in CDI: "--gpu nvidia.com/gpu=0".
 *
 * The name is looked for in the specifications of /etc/cdi and /run/cdi, and what they say becomes
 * edits of the plan. bolt does not do all that a specification may ask for, and a container that
 * lacks what its device needs is worse than none: hooks, network devices, Intel RDT, file systems
 * and nodes with narrowed permissions are refused, as are files that somebody else can write.
 *
 * For a kind that is ours (nvidia.com/gpu, amd.com/gpu, intel.com/gpu) and that no specification
 * has any device of, the GPUs that we find ourselves answer. Where one has, the files decide: who
 * left a GPU out may have meant it. */
#pragma once

#include "resolve/plan.h"

/* Not an index, a UUID, a PCI address or a vendor's name. */
bool nvb_cdi_is_name(const char *word);

/* Edits for those names that specifications have; the others, which our own discovery is to
 * answer for, are appended to `out_own`. */
bool nvb_cdi_choose(struct nvb_plan *plan,
                    const struct nvb_host *host,
                    const struct nvb_strv *names,
                    struct nvb_strv *out_own,
                    struct nvb_err *err);
