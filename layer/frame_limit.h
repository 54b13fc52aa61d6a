/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* frame_limit.h - holds frames back to the rate that the host asks for in the ring's header. */
#pragma once

/* Sleep until the next frame is due; returns at once when no limit is set. The limit is the
 * process's, so several threads that present share it. */
void frame_limit_wait(void);

/* In a forked child: forget the parent's schedule. */
void frame_limit_reset(void);
