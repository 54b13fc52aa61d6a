/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The schedule is a row of absolute moments one period apart, so that a sleep which ends late
 * (timer slack is 50 us by default) delays its own frame but not the rate. A game that falls
 * more than a period behind starts a new row instead of racing to catch up. */
#include "layer/frame_limit.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "layer/clock.h"
#include "layer/ring_writer.h"

enum {
    LIMIT_MIN_MHZ = 1000,        /* one frame a second: below, a game would look dead */
    SLICE_NS = 50 * 1000 * 1000, /* a long sleep looks at the limit this often */
};

/* When the next frame may be presented. */
static _Atomic uint64_t due_ns;

static uint64_t period_of(uint32_t mhz)
{
    return LAYER_NS_PER_S * 1000 / (mhz < LIMIT_MIN_MHZ ? LIMIT_MIN_MHZ : mhz);
}

/* Take the next moment of the row and move the row on. A moment more than a period away on
 * either side belongs to another row: to an old limit, or to before a pause. */
static uint64_t take_turn(uint64_t now, uint64_t period)
{
    uint64_t next = atomic_load(&due_ns);
    uint64_t turn = 0;

    do {
        turn = next + period < now || next > now + period ? now : next;
    } while (!atomic_compare_exchange_weak(&due_ns, &next, turn + period));
    return turn;
}

static void sleep_until(uint64_t moment_ns)
{
    struct timespec moment = {
        .tv_sec = (time_t)(moment_ns / LAYER_NS_PER_S),
        .tv_nsec = (long)(moment_ns % LAYER_NS_PER_S),
    };

    /* A signal ends the sleep early; the caller looks at the clock and comes again. */
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
}

static void wait_for_turn(uint32_t mhz)
{
    uint64_t now = clock_now_ns();
    uint64_t turn = take_turn(now, period_of(mhz));

    while (now < turn) {
        bool is_long = turn - now > SLICE_NS;

        sleep_until(is_long ? now + SLICE_NS : turn);
        if (is_long && ring_writer_poll_limit() != mhz)
            return;
        now = clock_now_ns();
    }
}

void frame_limit_wait(void)
{
    uint32_t mhz = ring_writer_limit_mhz();

    if (mhz)
        wait_for_turn(mhz);
}

void frame_limit_reset(void)
{
    atomic_store(&due_ns, 0);
}
