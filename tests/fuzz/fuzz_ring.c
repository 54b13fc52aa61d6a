/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The input is a row of orders by which a hostile game changes the ring between drains:
 *   'd'                                   drain
 *   't' u32                               truncate (or stretch) to that size
 *   's' u8 slot, u32 pid, u64 head        write these fields of a slot
 *   'f' u8 slot, u16 index, u64 end_ns    write a frame
 *   'w' u32 offset, u8 n, n bytes         write anything anywhere
 * Whatever they do, the figures are finite and bounded by what was read, and the JSON parses. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layer/ring.h"
#include "stats/frames.h"

enum {
    DRAINS_MAX = 16,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t left;
};

/* Not assert(): the corpus is replayed in release builds too. */
static void must(bool is_so)
{
    if (!is_so)
        abort();
}

/* Zeros behind the end. */
static uint64_t take(struct input *in, size_t n)
{
    uint64_t value = 0;
    size_t have = n < in->left ? n : in->left;

    memcpy(&value, in->data, have);
    in->data += have;
    in->left -= have;
    return value;
}

static off_t slot_at(uint64_t slot)
{
    return NVB_RING_FIRST + (off_t)(slot % NVB_RING_SLOTS) * NVB_RING_SLOT_SIZE;
}

static void put(int fd, const void *data, size_t len, off_t at)
{
    must(pwrite(fd, data, len, at) == (ssize_t)len);
}

static void put_slot(int fd, struct input *in)
{
    off_t at = slot_at(take(in, 1));
    uint32_t pid = (uint32_t)take(in, 4);
    uint64_t head = take(in, 8);

    put(fd, &pid, sizeof(pid), at + (off_t)offsetof(struct nvb_ring_slot, pid));
    put(fd, &head, sizeof(head), at + (off_t)offsetof(struct nvb_ring_slot, head));
}

static void put_frame(int fd, struct input *in)
{
    off_t at = slot_at(take(in, 1)) + NVB_RING_SLOT_HEADER;
    uint64_t index = take(in, 2) % NVB_RING_FRAMES;
    struct nvb_ring_frame frame = { .end_ns = take(in, 8), .present_ns = 1000 };

    put(fd, &frame, sizeof(frame), at + (off_t)(index * sizeof(frame)));
}

static void put_bytes(int fd, struct input *in)
{
    off_t at = (off_t)(take(in, 4) % NVB_RING_FILE_SIZE);
    size_t n = (size_t)take(in, 1);

    n = n < in->left ? n : in->left;
    put(fd, in->data, n, at);
    in->data += n;
    in->left -= n;
}

static bool is_sane(double x)
{
    return isfinite(x) && x >= 0;
}

static void check(const struct nvb_frames *frames, unsigned n_drains)
{
    nvb_autoptr(nvb_json) json = nvb_frames_to_json(frames, true);
    nvb_autofree char *text = nvb_json_dup_text(json, false);
    nvb_autoptr(nvb_json) again = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_frame_stats s;

    nvb_frames_stats(frames, &s);
    must(s.n_frames <= (uint64_t)n_drains * NVB_RING_FRAMES + 1);
    must(s.n_lost <= (uint64_t)n_drains << 20);
    must(s.n_processes <= NVB_RING_SLOTS && (s.n_processes > 0 || s.n_frames == 0));
    must(is_sane(s.seconds) && is_sane(s.fps_avg) && is_sane(s.fps_low_1pct));
    must(is_sane(s.frame_ms_median) && is_sane(s.frame_ms_p99) && is_sane(s.present_us_mean));
    must(s.frame_ms_median <= s.frame_ms_p99 * 1.001 && s.frame_ms_worst < 1.1e6);
    must(s.width <= 65536 && s.height <= 65536);
    for (size_t i = 0; s.program[i]; i++)
        must(s.program[i] >= 0x20 && s.program[i] < 0x7f);
    must(nvb_json_parse(text, strlen(text), "frames", &again, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    int fd = memfd_create("ring", MFD_CLOEXEC);
    nvb_auto_err err = { 0 };
    struct nvb_frames *frames = NULL;
    unsigned n_drains = 1;

    if (fd < 0 || !nvb_ring_prepare(fd, &err))
        return 0;
    frames = nvb_frames_new(fd);
    while (in.left > 0) {
        uint64_t order = take(&in, 1);

        if (order == 'd' && n_drains < DRAINS_MAX) {
            nvb_frames_drain(frames);
            n_drains++;
        }
        if (order == 't')
            must(ftruncate(fd, (off_t)(take(&in, 4) % (2UL * NVB_RING_FILE_SIZE))) == 0);
        if (order == 's')
            put_slot(fd, &in);
        if (order == 'f')
            put_frame(fd, &in);
        if (order == 'w')
            put_bytes(fd, &in);
    }
    nvb_frames_drain(frames);
    check(frames, n_drains);
    nvb_frames_free(frames);
    return 0;
}
