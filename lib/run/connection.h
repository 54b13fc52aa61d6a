/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* connection.h - a container's network, from the side of who starts it. Private to lib/run.
 *
 * The host's network needs nothing, a network of loopback alone is made by the container's pid 1.
 * For the rest there is a keeper (keeper.h), which works while the root is built; pid 1 waits for it
 * only before the command. */
#pragma once

#include "run/launch.h"

/* Before anything is started: open the published ports, find the helper, read what the fence must
 * deny. *out is NULL when no keeper is needed. */
bool nvb_connection_prepare(const struct nvb_container *container,
                            bool is_range,
                            struct nvb_strv *notices,
                            struct nvb_connection **out,
                            struct nvb_err *err);

/* When the container's ids are mapped: start the keeper. */
bool nvb_connection_start(struct nvb_connection *connection,
                          pid_t pid,
                          int pid_fd,
                          struct nvb_err *err);

/* Child: the loopback interface, or all that the keeper makes. */
void nvb_child_connect(const struct nvb_launch *launch);

/* Its keeper stays with the container, whoever else ends. */
void nvb_connection_let_go(struct nvb_connection *connection);

/* When the container has ended or never began: its ports are free when this returns. */
void nvb_connection_end(struct nvb_connection *connection);
