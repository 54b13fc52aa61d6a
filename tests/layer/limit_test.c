/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The frame limit, through the built layer; the times are wide, for busy machines. */
#include <pthread.h>
#include <time.h>

#include "ring_bed.h"
#include "test.h"

TEST(holds_frames_back_to_the_limit)
{
    int ring = make_ring();
    struct fake_game game;
    double start = 0;
    double took = 0;

    set_limit(ring, 200000);
    EXPECT(fake_start(&game));
    start = now_s();
    present(&game, 101);
    took = now_s() - start;
    EXPECT(took > 0.49 && took < 3); /* 100 intervals of 5 ms */
    fake_stop(&game);
}

TEST(follows_the_limit_as_it_changes)
{
    int ring = make_ring();
    struct fake_game game;
    double start = 0;

    set_limit(ring, 1);
    EXPECT(fake_start(&game));
    present(&game, 1);
    start = now_s();
    present(&game, 1); /* below one frame a second is one frame a second */
    EXPECT(now_s() - start > 0.9 && now_s() - start < 3);
    set_limit(ring, 0);
    start = now_s();
    present(&game, 5000);
    EXPECT(now_s() - start < 0.8);
    set_limit(ring, 100000);
    present(&game, NVB_RING_BUNCH);
    start = now_s();
    present(&game, 20);
    EXPECT(now_s() - start > 0.15 && now_s() - start < 0.8);
    fake_stop(&game);
}

static void *lift_limit(void *ring)
{
    const struct timespec pause = { .tv_nsec = 200000000 };

    (void)nanosleep(&pause, NULL);
    set_limit(*(int *)ring, 0);
    return NULL;
}

TEST(a_frame_that_waits_sees_the_limit_lifted)
{
    int ring = make_ring();
    struct fake_game game;
    pthread_t thread;
    double start = 0;

    set_limit(ring, 1000);
    EXPECT(fake_start(&game));
    present(&game, 1);
    start = now_s();
    EXPECT(pthread_create(&thread, NULL, lift_limit, &ring) == 0);
    present(&game, 1);
    EXPECT(now_s() - start > 0.15 && now_s() - start < 0.8);
    EXPECT(pthread_join(thread, NULL) == 0);
    fake_stop(&game);
}

TEST(does_not_race_to_catch_up_after_a_stall)
{
    const struct timespec stall = { .tv_nsec = 300000000 };
    int ring = make_ring();
    struct fake_game game;
    double start = 0;

    set_limit(ring, 100000);
    EXPECT(fake_start(&game));
    present(&game, 5);
    (void)nanosleep(&stall, NULL);
    present(&game, 1);
    start = now_s();
    present(&game, 10);
    EXPECT(now_s() - start > 0.09);
    fake_stop(&game);
}
