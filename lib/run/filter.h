/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* filter.h - a packet filter of the kernel's nf_tables in the caller's network namespace: what may
 * not leave. Private to lib/run; async-signal-safe. */
#pragma once

#include "host/interfaces.h"

/* Drop whatever a program here sends to one of the prefixes, but for: what stays inside, questions
 * to the helper's name server, and IPv6's search for neighbours. 0, or -1 with errno. */
int nvb_filter_load(const struct nvb_address *denied, size_t n_denied, unsigned open_interface);
