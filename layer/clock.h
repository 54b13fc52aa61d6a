/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* clock.h - the one clock of the layer; the ring's timestamps are of this clock. */
#pragma once

#include <stdint.h>
#include <time.h>

#define LAYER_NS_PER_S 1000000000ULL

static inline uint64_t clock_now_ns(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * LAYER_NS_PER_S + (uint64_t)now.tv_nsec;
}
