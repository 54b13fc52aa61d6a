/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* node.h - the numbers and rights of a device node.
 *
 * On a captured machine a plain file stands for a node; it may say of itself, in one line,
 * "c MAJOR:MINOR MODE UID:GID" with the mode in octal, as tools/capture-machine.sh writes it. */
#pragma once

#include "host/host.h"

struct nvb_node {
    unsigned major;
    unsigned minor;
    unsigned mode; /* permission bits */
    unsigned uid;
    unsigned gid;
};

/* False when there is no such node, or a captured one does not tell its numbers. */
bool nvb_node_read(const struct nvb_host *host, const char *path, struct nvb_node *out);

/* The one line. */
bool nvb_node_parse(const char *line, struct nvb_node *out);
