/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* network.h - the network that a request wishes for: its name and the ports to publish. */
#pragma once

#include "base/json.h"
#include "nvbind/request.h"

const char *nvb_network_name(enum nvb_network network); /* "none" "host" "internet" "lan" */

/* Reaches the outside through a helper, from an interface of its own? */
bool nvb_network_has_uplink(enum nvb_network network);

/* Where the machine listens: "127.0.0.1" and "::1" when no address was given; at most 2. */
size_t nvb_port_addresses(const struct nvb_port *port, const char *out_addresses[2]);

/* "127.0.0.1:8000-8010:80-90/udp", as nvb_request_add_port() reads it; yours. */
char *nvb_port_dup_text(const struct nvb_port *port);

void nvb_ports_copy(struct nvb_port **ports,
                    size_t *n_ports,
                    const struct nvb_port *from,
                    size_t n_from);
void nvb_ports_clear(struct nvb_port **ports, size_t *n_ports);
struct nvb_json *nvb_ports_to_json(const struct nvb_port *ports, size_t n_ports);
