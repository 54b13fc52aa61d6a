/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* service.h - what a service manager wants to hear of a program that goes on (sd_notify(3)). */
#pragma once

/* Tell whoever started us that what others wait for is done; without a NOTIFY_SOCKET, nothing. */
void service_tell_ready(void);
