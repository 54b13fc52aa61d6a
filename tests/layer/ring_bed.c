/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "ring_bed.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

int make_ring(void)
{
    struct nvb_ring_header header = { .magic = NVB_RING_MAGIC,
                                      .version = NVB_RING_VERSION,
                                      .n_slots = NVB_RING_SLOTS,
                                      .n_frames = NVB_RING_FRAMES,
                                      .slot_size = NVB_RING_SLOT_SIZE };
    char self[64];
    int fd = tree_open_nameless();

    EXPECT(ftruncate(fd, NVB_RING_FILE_SIZE) == 0);
    EXPECT(pwrite(fd, &header, sizeof(header), 0) == sizeof(header));
    (void)snprintf(self, sizeof(self), "/proc/%d/fd/%d", (int)getpid(), fd);
    EXPECT(setenv(NVB_RING_FILE_ENV, self, 1) == 0);
    return fd;
}

off_t slot_at(unsigned slot)
{
    return NVB_RING_FIRST + (off_t)slot * NVB_RING_SLOT_SIZE;
}

struct nvb_ring_slot get_slot(int ring, unsigned slot)
{
    struct nvb_ring_slot info = { 0 };

    EXPECT(pread(ring, &info, sizeof(info), slot_at(slot)) == sizeof(info));
    return info;
}

struct nvb_ring_frame get_frame(int ring, unsigned slot, unsigned number)
{
    struct nvb_ring_frame frame = { 0 };
    off_t at = slot_at(slot) + NVB_RING_SLOT_HEADER +
               (off_t)(number % NVB_RING_FRAMES) * (off_t)sizeof(frame);

    EXPECT(pread(ring, &frame, sizeof(frame), at) == sizeof(frame));
    return frame;
}

void set_limit(int ring, uint32_t mhz)
{
    EXPECT(pwrite(ring, &mhz, sizeof(mhz), offsetof(struct nvb_ring_header, frame_limit_mhz)) ==
           sizeof(mhz));
}

void present(const struct fake_game *game, unsigned n)
{
    const VkPresentInfoKHR info = { .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR };

    for (unsigned i = 0; i < n; i++)
        EXPECT(game->present(game->queue, &info) == fake_driver.present_result);
}

double now_s(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
