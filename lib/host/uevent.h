/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* uevent.h - the kernel's own events, of which those about GPUs matter.
 *
 * Every user may listen (netlink(7), NETLINK_KOBJECT_UEVENT, group 1), and no udev is needed. What
 * sends no event: nodes in /dev that a program makes (NVIDIA's), MIG devices, files.
 * Only root can send to that group, and an event does no more here than that somebody looks, so
 * the sender is not asked for. */
#pragma once

#include "base/text.h"

/* A descriptor to poll for reading, or -1 with the error set: a sandbox may refuse the socket. */
int nvb_uevents_open(struct nvb_err *err);

/* Read all events that wait: is one of them about a GPU, or were some lost? */
bool nvb_uevents_drain(int fd);

/* "ACTION@/devices/..." and then "NAME=value" strings, each with a NUL behind; data[len] is 0. */
bool nvb_uevent_is_of_gpu(const char *data, size_t len);
