/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* name_service.h - what /etc/hosts and /etc/resolv.conf of a container say, whatever image it has. */
#pragma once

#include "host/host.h"
#include "oci/container.h"

/* Loopback, the container's own name and, where the network reaches it, the machine. */
char *nvb_name_service_dup_hosts(const struct nvb_host *host, const struct nvb_container *c);

/* The machine's own file with its network; with a helper's, the helper as name server in place of
 * the machine's, which may listen on its loopback (127.0.0.53), and search domains and options as
 * the machine has them. NULL: none is needed. */
char *nvb_name_service_dup_resolver(const struct nvb_host *host, const struct nvb_container *c);
