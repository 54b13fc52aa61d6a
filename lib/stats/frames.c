/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/frames.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "layer/ring.h"
#include "stats/histogram.h"

enum {
    /* Raw frame times kept, over all slots together, for the JSON form: 4.6 hours at 60 frames
     * a second, 8 MB. Later ones still count in every figure, which come from the histograms. */
    RAW_MAX = 1000 * 1000,
    /* A head that moves further than this between two reads is nonsense, not a fast game. */
    JUMP_MAX = 1 << 20,
    /* The oldest frames may be in the middle of being overwritten. */
    READABLE = NVB_RING_FRAMES - NVB_RING_BUNCH,
    SIZE_MAX_PX = 1 << 16,
};

/* What one process presented. */
struct slot {
    uint64_t next;   /* frames up to here were read or given up */
    uint64_t end_ns; /* of the frame before, 0 after a break: no interval leads over it */
    uint64_t n_frames;
    uint64_t n_lost;
    uint64_t present_ns;             /* sum */
    struct nvb_histogram *intervals; /* owned; NULL until the first frame */
    uint64_t *raw_ns;                /* owned */
    size_t n_raw;
    size_t raw_size;
    struct nvb_ring_slot info; /* as last read, unchecked */
};

struct nvb_frames {
    int fd; /* owned */
    size_t n_raw;
    struct slot slots[NVB_RING_SLOTS];
};

bool nvb_ring_prepare(int fd, struct nvb_err *err)
{
    const struct nvb_ring_header header = {
        .magic = NVB_RING_MAGIC,
        .version = NVB_RING_VERSION,
        .n_slots = NVB_RING_SLOTS,
        .n_frames = NVB_RING_FRAMES,
        .slot_size = NVB_RING_SLOT_SIZE,
    };

    /* To nothing first: that frees the slots of an earlier run. */
    if (ftruncate(fd, 0) < 0 || ftruncate(fd, NVB_RING_FILE_SIZE) < 0)
        return nvb_fail_errno(err, NVB_D_STATS, "cannot size the file of frame times");
    if (pwrite(fd, &header, sizeof(header), 0) != sizeof(header))
        return nvb_fail_errno(err, NVB_D_STATS, "cannot write the file of frame times");
    return true;
}

bool nvb_ring_set_limit(int fd, double fps, struct nvb_err *err)
{
    const off_t at = offsetof(struct nvb_ring_header, frame_limit_mhz);
    uint32_t mhz = 0;

    if (!(fps == 0.0 || (fps >= 1.0 && fps <= 100000.0))) {
        nvb_fail(err, NVB_D_STATS, NVB_E_INVALID, "%g is not a frame limit", fps);
        return nvb_hint(err, "give 0 for no limit, or 1 to 100000 frames a second");
    }
    mhz = (uint32_t)(fps * 1000.0 + 0.5);
    if (pwrite(fd, &mhz, sizeof(mhz), at) != sizeof(mhz))
        return nvb_fail_errno(err, NVB_D_STATS, "cannot set the frame limit");
    return true;
}

struct nvb_frames *nvb_frames_new(int take_ring_fd)
{
    struct nvb_frames *frames = nvb_xcalloc(1, sizeof(*frames));

    frames->fd = take_ring_fd;
    return frames;
}

void nvb_frames_free(struct nvb_frames *frames)
{
    if (!frames)
        return;
    for (size_t i = 0; i < NVB_RING_SLOTS; i++) {
        nvb_histogram_free(frames->slots[i].intervals);
        free(frames->slots[i].raw_ns);
    }
    if (frames->fd >= 0)
        (void)close(frames->fd);
    free(frames);
}

static void keep_raw(struct nvb_frames *frames, struct slot *slot, uint64_t interval_ns)
{
    if (frames->n_raw == RAW_MAX)
        return;
    if (slot->n_raw == slot->raw_size) {
        slot->raw_size = slot->raw_size ? slot->raw_size * 2 : 1024;
        slot->raw_ns = nvb_xrealloc(slot->raw_ns, slot->raw_size, sizeof(*slot->raw_ns));
    }
    slot->raw_ns[slot->n_raw++] = interval_ns;
    frames->n_raw++;
}

/* Time that runs backwards (threads that present at once, or a lie) and a pause beyond the
 * histogram's range are breaks: the frame counts, but no interval leads to it. */
static void
add_frame(struct nvb_frames *frames, struct slot *slot, const struct nvb_ring_frame *frame)
{
    uint64_t before = slot->end_ns;

    if (!slot->intervals)
        slot->intervals = nvb_histogram_new();
    slot->n_frames++;
    slot->present_ns += frame->present_ns;
    slot->end_ns = frame->end_ns;
    if (before == 0 || frame->end_ns < before || frame->end_ns - before > NVB_HISTOGRAM_MAX_NS)
        return;
    nvb_histogram_add(slot->intervals, frame->end_ns - before);
    keep_raw(frames, slot, frame->end_ns - before);
}

static off_t offset_of(size_t i)
{
    return NVB_RING_FIRST + (off_t)i * NVB_RING_SLOT_SIZE;
}

/* Whole frames from `number` on, at most n and not past the end of the ring; 0 when the file
 * is too short. */
static size_t read_frames(int fd, size_t i, uint64_t number, struct nvb_ring_frame *out, size_t n)
{
    size_t at = (size_t)(number % NVB_RING_FRAMES);
    size_t wanted = n < NVB_RING_FRAMES - at ? n : NVB_RING_FRAMES - at;
    off_t offset = offset_of(i) + NVB_RING_SLOT_HEADER + (off_t)(at * sizeof(*out));
    ssize_t got = pread(fd, out, wanted * sizeof(*out), offset);

    return got < 0 ? 0 : (size_t)got / sizeof(*out);
}

static void lose(struct slot *slot, uint64_t n)
{
    slot->n_lost += n;
    slot->next += n;
    slot->end_ns = 0;
}

/* False when there is nothing to read: a head that went back or leapt starts the slot afresh. */
static bool follow_head(struct slot *slot, uint64_t head)
{
    if (head < slot->next || head - slot->next > JUMP_MAX) {
        slot->next = head;
        slot->end_ns = 0;
        return false;
    }
    if (head - slot->next > READABLE)
        lose(slot, head - slot->next - READABLE);
    return head > slot->next;
}

/* The frames were copied while the game wrote: those that it had overtaken by the time that
 * the copy was done are not what they seem. Returns how many at the front are spoilt. */
static size_t count_spoilt(int fd, size_t i, uint64_t number, size_t n)
{
    uint64_t head = 0;
    off_t at = offset_of(i) + (off_t)offsetof(struct nvb_ring_slot, head);

    if (pread(fd, &head, sizeof(head), at) != sizeof(head) || head < number ||
        head - number <= READABLE)
        return 0;
    return head - number - READABLE < n ? (size_t)(head - number - READABLE) : n;
}

static void drain_slot(struct nvb_frames *frames, size_t i)
{
    struct slot *slot = &frames->slots[i];
    struct nvb_ring_frame batch[256];
    struct nvb_ring_slot info = { 0 };

    if (pread(frames->fd, &info, sizeof(info), offset_of(i)) != sizeof(info) || info.pid == 0)
        return;
    slot->info = info;
    if (!follow_head(slot, info.head))
        return;
    while (slot->next < info.head) {
        uint64_t left = info.head - slot->next;
        size_t n = left < sizeof(batch) / sizeof(batch[0]) ? (size_t)left
                                                           : sizeof(batch) / sizeof(batch[0]);
        size_t spoilt = 0;

        n = read_frames(frames->fd, i, slot->next, batch, n);
        if (n == 0)
            return;
        spoilt = count_spoilt(frames->fd, i, slot->next, n);
        if (spoilt > 0)
            lose(slot, spoilt);
        for (size_t k = spoilt; k < n; k++)
            add_frame(frames, slot, &batch[k]);
        slot->next += n - spoilt;
    }
}

void nvb_frames_drain(struct nvb_frames *frames)
{
    for (size_t i = 0; i < NVB_RING_SLOTS; i++)
        drain_slot(frames, i);
}

/* NULL when nobody presented. */
static const struct slot *find_busiest(const struct nvb_frames *frames)
{
    const struct slot *busiest = NULL;

    for (size_t i = 0; i < NVB_RING_SLOTS; i++) {
        const struct slot *slot = &frames->slots[i];

        if (slot->n_frames > 0 && (!busiest || slot->n_frames > busiest->n_frames))
            busiest = slot;
    }
    return busiest;
}

static unsigned count_processes(const struct nvb_frames *frames)
{
    unsigned n = 0;

    for (size_t i = 0; i < NVB_RING_SLOTS; i++)
        n += frames->slots[i].n_frames > 0;
    return n;
}

/* The name goes to terminals and into JSON, so nothing but ASCII that prints. */
static void copy_program(char *out, const uint8_t *name, size_t size)
{
    size_t len = strnlen((const char *)name, size);

    for (size_t i = 0; i < len; i++)
        out[i] = (char)(name[i] >= 0x20 && name[i] < 0x7f ? name[i] : '?');
    out[len] = '\0';
}

static unsigned checked_size(uint32_t pixels)
{
    return pixels <= SIZE_MAX_PX ? pixels : 0;
}

static double per_second(double interval_ns)
{
    return interval_ns > 0 ? 1e9 / interval_ns : 0;
}

static void fill_times(const struct nvb_histogram *intervals, struct nvb_frame_stats *out)
{
    uint64_t n = nvb_histogram_count(intervals);
    uint64_t n_low = n / 100 ? n / 100 : 1;

    out->n_frames = n + 1;
    out->seconds = (double)nvb_histogram_sum_ns(intervals) / 1e9;
    out->fps_avg = out->seconds > 0 ? (double)n / out->seconds : 0;
    out->fps_low_1pct = per_second(nvb_histogram_mean_longest_ns(intervals, n_low));
    out->frame_ms_median = nvb_histogram_percentile_ns(intervals, 50) / 1e6;
    out->frame_ms_p99 = nvb_histogram_percentile_ns(intervals, 99) / 1e6;
    out->frame_ms_worst = (double)nvb_histogram_max_ns(intervals) / 1e6;
}

void nvb_frames_stats(const struct nvb_frames *frames, struct nvb_frame_stats *out)
{
    const struct slot *slot = find_busiest(frames);

    *out = (struct nvb_frame_stats){ .n_processes = count_processes(frames) };
    if (!slot)
        return;
    fill_times(slot->intervals, out);
    out->n_lost = slot->n_lost;
    out->present_us_mean = (double)slot->present_ns / (double)slot->n_frames / 1e3;
    out->width = checked_size(slot->info.width);
    out->height = checked_size(slot->info.height);
    copy_program(out->program, slot->info.program, sizeof(slot->info.program));
}

static void set_raw(const struct nvb_frames *frames, struct nvb_json *json)
{
    const struct slot *slot = find_busiest(frames);
    struct nvb_json *raw = nvb_json_new_array();
    size_t n_raw = slot ? slot->n_raw : 0;

    for (size_t i = 0; i < n_raw; i++)
        nvb_json_append(raw, nvb_json_new_u64(slot->raw_ns[i]));
    nvb_json_set(json, "raw_frame_ns", raw);
    nvb_json_set_u64(json, "raw_left_out", slot ? nvb_histogram_count(slot->intervals) - n_raw : 0);
}

struct nvb_json *nvb_frames_to_json(const struct nvb_frames *frames, bool with_raw)
{
    struct nvb_json *json = nvb_json_new_object();
    struct nvb_json *fps = nvb_json_new_object();
    struct nvb_json *frame_ms = nvb_json_new_object();
    struct nvb_json *present_us = nvb_json_new_object();
    struct nvb_frame_stats stats = { 0 };

    nvb_frames_stats(frames, &stats);
    nvb_json_set_double(fps, "average", stats.fps_avg);
    nvb_json_set_double(fps, "low_1pct", stats.fps_low_1pct);
    nvb_json_set_double(frame_ms, "median", stats.frame_ms_median);
    nvb_json_set_double(frame_ms, "p99", stats.frame_ms_p99);
    nvb_json_set_double(frame_ms, "worst", stats.frame_ms_worst);
    nvb_json_set_double(present_us, "mean", stats.present_us_mean);
    nvb_json_set_u64(json, "frames", stats.n_frames);
    nvb_json_set_u64(json, "lost", stats.n_lost);
    nvb_json_set_double(json, "seconds", stats.seconds);
    nvb_json_set(json, "fps", fps);
    nvb_json_set(json, "frame_ms", frame_ms);
    nvb_json_set(json, "present_us", present_us);
    nvb_json_set_u64(json, "width", stats.width);
    nvb_json_set_u64(json, "height", stats.height);
    nvb_json_set_u64(json, "processes", stats.n_processes);
    nvb_json_set_str(json, "program", stats.program);
    if (with_raw)
        set_raw(frames, json);
    return json;
}
