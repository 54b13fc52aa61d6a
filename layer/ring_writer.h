/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ring_writer.h - this process's side of the ring file (layer/ring.h).
 *
 * The file is reached by pread and pwrite, never mapped: whoever shortens a mapped file kills
 * its users with SIGBUS, and no game may die of its frame counter. Instead frames gather in
 * memory and go out together, every 50 ms or 64 frames, so that most frames cost no system
 * call. Each flush reads the header first: that tells the frame limit, and that the descriptor
 * still is the ring and not a file of a game that closed all descriptors it did not know.
 *
 * Every function may be called from any thread at any time and never waits. When something is
 * wrong with the ring, all of them do nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Find and check the file. Called while a device is made; opening it twice is fine. */
void ring_writer_open(void);

/* False when frames would go nowhere, so that no time need be spent on them. */
bool ring_writer_is_on(void);

/* Tell of a new swapchain; this is what claims the process's slot. */
void ring_writer_note_swapchain(uint32_t width, uint32_t height, uint32_t present_mode);

void ring_writer_add_frame(uint64_t end_ns, uint32_t present_ns);
void ring_writer_flush(void);

/* The frame limit as of the newest look at the header; poll looks now. */
uint32_t ring_writer_limit_mhz(void);
uint32_t ring_writer_poll_limit(void);
