/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ring_bed.h - a ring that the layer under test will find, and looks into it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "fake_next.h"
#include "layer/ring.h"

/* A fresh ring that the layer will find; returns a descriptor for the host's side. */
int make_ring(void);
void set_limit(int ring, uint32_t mhz);

off_t slot_at(unsigned slot);
struct nvb_ring_slot get_slot(int ring, unsigned slot);
struct nvb_ring_frame get_frame(int ring, unsigned slot, unsigned number);

/* Present n times; each must give what the driver answers. */
void present(const struct fake_game *game, unsigned n);

double now_s(void);
