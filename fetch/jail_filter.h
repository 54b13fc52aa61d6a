/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* jail_filter.h - the system calls that are left inside of the jail.
 *
 * A list of what unpacking and downloading need. Anything else does not exist there (ENOSYS, so
 * that the C library falls back to older calls); what has no use but harm ends the process. */
#pragma once

#include <linux/filter.h>

#include "nvbind/error.h"

/* The program's instructions are the caller's to free. */
bool jail_filter_build(bool has_network, struct sock_fprog *out_program, struct nvb_err *err);
