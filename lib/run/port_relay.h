/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* port_relay.h - published ports: passes on what comes to the machine's sockets to the container's
 * servers. Private to lib/run.
 *
 *   client ── machine's socket ── relay ── socket in the container's network ── server
 *
 * The caller is in the container's network namespace and was forked from a program that may have
 * threads: no memory is allocated but by mmap(2). A server sees the container's own address as its
 * client, never a loopback one, since many trust who comes from there (CVE-2021-20199). One that
 * listens on loopback alone is reached nevertheless. */
#pragma once

#include "run/listener.h"

/* Until `stop_fd` can be read. */
void nvb_port_relay_run(const struct nvb_listeners *listeners, int stop_fd);
