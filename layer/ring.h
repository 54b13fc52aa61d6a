/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ring.h - the shared file through which games tell their frame times to the host.
 *
 * Writer: the Vulkan layer in each game process, in the container. Reader: the supervisor on
 * the host, which must treat every byte as hostile: it reads by pread(), never maps, and never
 * trusts a count. The file is made by the engine in the container's own tmpfs and found through
 * the variable GHOSTFORGE_FRAMES_FILE, default NVB_RING_PATH.
 *
 * Layout, little-endian, all fields naturally aligned, the same for 32- and 64-bit processes:
 *   offset 0                      struct nvb_ring_header
 *   NVB_RING_FIRST + i * NVB_RING_SLOT_SIZE   slot i: struct nvb_ring_slot, then the frames
 * A process takes slot i by an open-file-description write lock on the slot's first byte, which
 * it keeps, and then by writing slot.pid where it found 0; slots are never given back within a
 * run, so a crashed game's frames stay readable. Frames reach the file in bunches, at most 50 ms
 * late while the game presents; the frames first, then the head. */
#pragma once

#include <stdint.h>

#define NVB_RING_MAGIC    0x31535246424e564eULL /* "NVNBFRS1" as little-endian bytes */
#define NVB_RING_PATH     "/run/nvbind/frames"
#define NVB_RING_FILE_ENV "GHOSTFORGE_FRAMES_FILE"

enum {
    NVB_RING_VERSION = 1,
    NVB_RING_SLOTS = 16,    /* processes a run that may present frames */
    NVB_RING_FRAMES = 4096, /* a slot; a power of two */
    NVB_RING_BUNCH = 64,    /* at most so many frames are written before the head follows */
    NVB_RING_FIRST = 4096,  /* offset of slot 0 */
    NVB_RING_SLOT_HEADER = 128,
    NVB_RING_SLOT_SIZE = NVB_RING_SLOT_HEADER + NVB_RING_FRAMES * 16,
    NVB_RING_FILE_SIZE = NVB_RING_FIRST + NVB_RING_SLOTS * NVB_RING_SLOT_SIZE,
};

/* Written once by the host before the container runs; the two limiter fields may change later. */
struct nvb_ring_header {
    uint64_t magic;
    uint32_t version;
    uint32_t n_slots;
    uint32_t n_frames;
    uint32_t slot_size;
    /* host -> game: frame cap in thousandths of a frame a second; 0 = none, below 1000 is 1000 */
    uint32_t frame_limit_mhz;
    uint32_t reserved[9];
};

enum nvb_ring_api {
    NVB_RING_API_VULKAN = 1,
};

struct nvb_ring_slot {
    uint32_t pid;   /* of the game, in its own pid namespace; 0 = free */
    uint32_t api;   /* enum nvb_ring_api */
    uint32_t width; /* of the newest swapchain, pixels */
    uint32_t height;
    uint32_t present_mode; /* VkPresentModeKHR */
    uint32_t n_swapchains; /* made so far */
    uint64_t head;         /* frames written since the start; frame k is at index k % n_frames */
    uint8_t program[64];   /* name of the program, NUL-padded, maybe without a NUL */
    uint8_t reserved[32];
};

struct nvb_ring_frame {
    uint64_t end_ns;     /* CLOCK_MONOTONIC when vkQueuePresentKHR returned */
    uint32_t present_ns; /* time spent inside vkQueuePresentKHR */
    uint32_t flags;      /* 0 for now */
};

_Static_assert(sizeof(struct nvb_ring_header) == 64, "the file format is fixed");
_Static_assert(sizeof(struct nvb_ring_slot) == NVB_RING_SLOT_HEADER, "the file format is fixed");
_Static_assert(sizeof(struct nvb_ring_frame) == 16, "the file format is fixed");
