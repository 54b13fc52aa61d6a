/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/frames.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layer/ring.h"
#include "test.h"

/* A prepared ring, its reader on a copy of the descriptor, and the game's part played by hand. */
struct bed {
    int fd;
    struct nvb_frames *frames;
};

static struct bed make_bed(void)
{
    struct bed bed = { .fd = memfd_create("ring", MFD_CLOEXEC) };
    nvb_auto_err err = { 0 };

    EXPECT(bed.fd >= 0);
    EXPECT(nvb_ring_prepare(bed.fd, &err));
    bed.frames = nvb_frames_new(dup(bed.fd));
    return bed;
}

static void clear_bed(struct bed *bed)
{
    nvb_frames_free(bed->frames);
    (void)close(bed->fd);
}

#define auto_bed __attribute__((cleanup(clear_bed))) struct bed

static off_t slot_at(unsigned slot)
{
    return NVB_RING_FIRST + (off_t)slot * NVB_RING_SLOT_SIZE;
}

static void put(const struct bed *bed, const void *data, size_t len, off_t at)
{
    EXPECT(pwrite(bed->fd, data, len, at) == (ssize_t)len);
}

static void put_slot(const struct bed *bed, unsigned slot, uint64_t head)
{
    struct nvb_ring_slot info = { .pid = 7,
                                  .api = NVB_RING_API_VULKAN,
                                  .width = 1920,
                                  .height = 1080,
                                  .head = head,
                                  .program = "game" };

    put(bed, &info, sizeof(info), slot_at(slot));
}

static void put_frame(const struct bed *bed, unsigned slot, uint64_t number, uint64_t end_ns)
{
    struct nvb_ring_frame frame = { .end_ns = end_ns, .present_ns = 2000 };

    put(bed, &frame, sizeof(frame),
        slot_at(slot) + NVB_RING_SLOT_HEADER + (off_t)((number % NVB_RING_FRAMES) * sizeof(frame)));
}

static struct nvb_frame_stats stats_of(const struct bed *bed)
{
    struct nvb_frame_stats stats;

    nvb_frames_stats(bed->frames, &stats);
    return stats;
}

static bool is_near(double got, double want)
{
    return got >= want * 0.999 && got <= want * 1.001;
}

TEST(prepares_a_ring_that_its_reader_finds_empty)
{
    auto_bed bed = make_bed();
    struct nvb_ring_header header = { 0 };
    struct nvb_frame_stats stats;

    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(stats.n_frames == 0 && stats.n_processes == 0 && stats.fps_avg == 0.0);
    EXPECT_STR(stats.program, "");
    EXPECT(lseek(bed.fd, 0, SEEK_END) == NVB_RING_FILE_SIZE);
    EXPECT(pread(bed.fd, &header, sizeof(header), 0) == sizeof(header));
    EXPECT(header.magic == NVB_RING_MAGIC && header.n_slots == 16 && header.frame_limit_mhz == 0);
}

TEST(preparing_again_frees_all_slots)
{
    auto_bed bed = make_bed();
    nvb_auto_err err = { 0 };
    uint32_t pid = 1;

    put_slot(&bed, 3, 9);
    EXPECT(nvb_ring_prepare(bed.fd, &err));
    EXPECT(pread(bed.fd, &pid, sizeof(pid), slot_at(3)) == sizeof(pid) && pid == 0);
}

TEST(a_ring_that_cannot_be_written_is_an_error)
{
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_ring_prepare(-1, &err));
    EXPECT(err.domain == NVB_D_STATS && err.kind == NVB_E_IO);
}

TEST(sets_the_frame_limit)
{
    auto_bed bed = make_bed();
    struct nvb_ring_header header = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_ring_set_limit(bed.fd, 59.94, &err));
    EXPECT(pread(bed.fd, &header, sizeof(header), 0) == sizeof(header));
    EXPECT(header.frame_limit_mhz == 59940 && header.magic == NVB_RING_MAGIC);
    EXPECT(nvb_ring_set_limit(bed.fd, 0, &err));
    EXPECT(pread(bed.fd, &header, sizeof(header), 0) == sizeof(header));
    EXPECT(header.frame_limit_mhz == 0);
}

TEST(refuses_a_senseless_frame_limit)
{
    static const double bad[] = { -1, 0.5, 100001, 1e300, __builtin_inf(), __builtin_nan("") };
    auto_bed bed = make_bed();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_ring_set_limit(bed.fd, bad[i], &err));
        EXPECT(err.kind == NVB_E_INVALID && err.hint != NULL);
    }
}

TEST(sums_up_a_steady_game)
{
    auto_bed bed = make_bed();
    struct nvb_frame_stats stats;

    for (uint64_t k = 0; k < 601; k++) {
        put_frame(&bed, 2, k, 1000000000 + k * 10000000);
        put_slot(&bed, 2, k + 1);
        if (k % 50 == 0)
            nvb_frames_drain(bed.frames);
    }
    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(stats.n_frames == 601 && stats.n_lost == 0 && stats.n_processes == 1);
    EXPECT(is_near(stats.seconds, 6) && is_near(stats.fps_avg, 100));
    EXPECT(is_near(stats.fps_low_1pct, 100) && is_near(stats.frame_ms_median, 10));
    EXPECT(is_near(stats.frame_ms_p99, 10) && is_near(stats.frame_ms_worst, 10));
    EXPECT(is_near(stats.present_us_mean, 2) && stats.width == 1920 && stats.height == 1080);
    EXPECT_STR(stats.program, "game");
}

TEST(one_stutter_shows_in_the_lows_and_not_in_the_median)
{
    auto_bed bed = make_bed();
    uint64_t end_ns = 5;
    struct nvb_frame_stats stats;

    for (uint64_t k = 0; k < 101; k++) {
        put_frame(&bed, 0, k, end_ns += k == 50 ? 100000000 : 10000000);
        put_slot(&bed, 0, k + 1);
    }
    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(is_near(stats.frame_ms_median, 10) && is_near(stats.frame_ms_worst, 100));
    EXPECT(is_near(stats.fps_low_1pct, 10) && is_near(stats.fps_avg, 100 / 1.09));
}

TEST(speaks_of_the_process_that_presented_most)
{
    auto_bed bed = make_bed();
    struct nvb_frame_stats stats;

    for (uint64_t k = 0; k < 30; k++)
        put_frame(&bed, 0, k, 1 + k * 1000000);
    for (uint64_t k = 0; k < 40; k++)
        put_frame(&bed, 15, k, 1 + k * 2000000);
    put_slot(&bed, 0, 30);
    put_slot(&bed, 15, 40);
    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(stats.n_processes == 2 && stats.n_frames == 40 && is_near(stats.fps_avg, 500));
}

TEST(counts_what_was_overwritten_and_bridges_no_gap)
{
    auto_bed bed = make_bed();
    const uint64_t readable = NVB_RING_FRAMES - NVB_RING_BUNCH;
    struct nvb_frame_stats stats;

    put_frame(&bed, 0, 0, 1);
    put_slot(&bed, 0, 1);
    nvb_frames_drain(bed.frames);
    for (uint64_t k = 1; k < 10000; k++)
        put_frame(&bed, 0, k, 1000000000 + k * 1000);
    put_slot(&bed, 0, 10000);
    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(stats.n_lost == 10000 - 1 - readable);
    EXPECT(stats.n_frames == readable); /* one interval less than frames after the gap, plus 1 */
    EXPECT(is_near(stats.frame_ms_worst, 0.001));
}

TEST(a_head_that_leaps_or_goes_back_counts_for_nothing)
{
    static const uint64_t heads[] = { 1ULL << 60, UINT64_MAX, 0, 5, 1ULL << 63, 4, 3 };
    auto_bed bed = make_bed();
    struct nvb_frame_stats stats;

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        put_slot(&bed, 1, heads[i]);
        nvb_frames_drain(bed.frames);
    }
    stats = stats_of(&bed);
    EXPECT(stats.n_lost == 0 && stats.n_frames <= 6);
    put_frame(&bed, 1, 3, 1000000);
    put_frame(&bed, 1, 4, 2000000);
    put_frame(&bed, 1, 5, 3000000);
    put_slot(&bed, 1, 6);
    nvb_frames_drain(bed.frames);
    EXPECT(is_near(stats_of(&bed).frame_ms_worst, 1));
}

TEST(time_that_runs_backwards_makes_no_interval)
{
    static const uint64_t ends[] = { 1000000, 3000000, 2000000, 4000000, UINT64_MAX, 1, 1000001 };
    auto_bed bed = make_bed();
    struct nvb_frame_stats stats;

    for (unsigned k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
        put_frame(&bed, 0, k, ends[k]);
    put_slot(&bed, 0, sizeof(ends) / sizeof(ends[0]));
    nvb_frames_drain(bed.frames);
    stats = stats_of(&bed);
    EXPECT(stats.n_frames == 4); /* 1-3, 2-4 and the last */
    EXPECT(is_near(stats.frame_ms_worst, 2) && is_near(stats.seconds, 0.005));
}

TEST(a_file_cut_short_gives_what_is_there)
{
    static const off_t sizes[] = { 0, 10, NVB_RING_FIRST + 8, NVB_RING_FIRST + NVB_RING_SLOT_HEADER,
                                   NVB_RING_FIRST + NVB_RING_SLOT_HEADER + 40 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        auto_bed bed = make_bed();

        for (uint64_t k = 0; k < 100; k++)
            put_frame(&bed, 0, k, 1 + k * 1000000);
        put_slot(&bed, 0, 100);
        EXPECT(ftruncate(bed.fd, sizes[i]) == 0);
        nvb_frames_drain(bed.frames);
        EXPECT(stats_of(&bed).n_frames == (i == 4 ? 2 : 0)); /* 40 bytes are two frames */
    }
}

TEST(all_sixteen_slots_may_lie)
{
    auto_bed bed = make_bed();
    struct nvb_frame_stats stats;
    nvb_autofree char *noise = malloc(NVB_RING_FILE_SIZE);
    uint64_t seed = 1;

    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < NVB_RING_FILE_SIZE; i++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            noise[i] = (char)(seed >> 56);
        }
        put(&bed, noise, NVB_RING_FILE_SIZE, 0);
        for (unsigned slot = 0; slot < NVB_RING_SLOTS; slot++) {
            uint64_t head = (uint64_t)(round + 1) * 3000;

            put(&bed, &head, sizeof(head),
                slot_at(slot) + (off_t)offsetof(struct nvb_ring_slot, head));
        }
        nvb_frames_drain(bed.frames);
    }
    stats = stats_of(&bed);
    EXPECT(stats.n_processes == NVB_RING_SLOTS && stats.n_frames <= 60001);
    EXPECT(stats.frame_ms_worst <= 1099511.7 && stats.fps_avg >= 0);
    EXPECT(stats.width <= 65536 && stats.height <= 65536);
    EXPECT(strlen(stats.program) <= 64);
}

TEST(a_name_is_cut_and_cleaned)
{
    auto_bed bed = make_bed();
    struct nvb_ring_slot info = { .pid = 1, .head = 1 };

    memset(info.program, 'x', sizeof(info.program));
    memcpy(info.program, "a\033[31m\xff\"", 8);
    put(&bed, &info, sizeof(info), slot_at(0));
    nvb_frames_drain(bed.frames);
    EXPECT(strlen(stats_of(&bed).program) == 64);
    EXPECT(strncmp(stats_of(&bed).program, "a?[31m?\"xxx", 11) == 0);
}

TEST(speaks_json)
{
    auto_bed bed = make_bed();
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;

    for (uint64_t k = 0; k < 3; k++)
        put_frame(&bed, 0, k, 1 + k * 1000000);
    put_slot(&bed, 0, 3);
    nvb_frames_drain(bed.frames);
    json = nvb_frames_to_json(bed.frames, true);
    text = nvb_json_dup_text(json, false);
    EXPECT(strstr(text, "\"frames\":3") != NULL);
    EXPECT(strstr(text, "\"raw_frame_ns\":[1000000,1000000],\"raw_left_out\":0") != NULL);
    EXPECT(strstr(text, "\"program\":\"game\"") != NULL);
}

TEST(raw_frames_stop_at_the_bound_and_figures_go_on)
{
    auto_bed bed = make_bed();
    nvb_autoptr(nvb_json) json = NULL;
    uint64_t k = 0;

    while (k < 1100000) {
        for (unsigned n = 0; n < 2000; n++, k++)
            put_frame(&bed, 0, k, 1 + k * 1000);
        put_slot(&bed, 0, k);
        nvb_frames_drain(bed.frames);
    }
    json = nvb_frames_to_json(bed.frames, true);
    EXPECT(stats_of(&bed).n_frames == 1100000);
    EXPECT(nvb_json_length(nvb_json_get(json, "raw_frame_ns")) == 1000000);
}
