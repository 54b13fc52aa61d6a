/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* layer.c - what the Vulkan layer costs a frame.
 * usage: NVB_LAYER=.../libVkLayer_GHOSTFORGE_frames.so bench-layer [--output FILE]
 *
 * The layer's vkQueuePresentKHR is called with a driver below it that does nothing, so that
 * nothing but the layer is measured. Two ways, for two questions:
 *   tight   blocks of calls without a pause, with and without the layer in turn; the difference
 *           of a pair, divided by the calls, is what a frame costs on a busy core.
 *   paced   single calls with 4 ms of work between them that goes through 16 MiB of memory, as
 *           a game at 250 frames a second makes them: caches are cold, and about every sixth
 *           call of the layer writes to the ring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "fake_next.h"
#include "layer/clock.h"
#include "layer/ring.h"
#include "stats/frames.h"

enum {
    N_BLOCKS = 400,
    N_CALLS = 2000, /* a block */
    N_PACED = 1000,
    PACE_NS = 4 * 1000 * 1000,
    N_WORDS = 2 << 20, /* 16 MiB */
};

static double present_block(PFN_vkQueuePresentKHR present, VkQueue queue)
{
    const VkPresentInfoKHR info = { .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR };
    uint64_t start = clock_now_ns();

    for (int i = 0; i < N_CALLS; i++)
        (void)present(queue, &info);
    return (double)(clock_now_ns() - start) / N_CALLS;
}

/* Play the game between two frames: push everything else out of the caches. */
static void work(void)
{
    static volatile uint64_t words[N_WORDS];
    static size_t at;
    uint64_t end_ns = clock_now_ns() + PACE_NS;

    while (clock_now_ns() < end_ns) {
        for (int i = 0; i < 64; i++, at = (at + 509) % N_WORDS)
            words[at]++;
    }
}

static double present_once(PFN_vkQueuePresentKHR present, VkQueue queue)
{
    const VkPresentInfoKHR info = { .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR };
    uint64_t start = 0;

    work();
    start = clock_now_ns();
    (void)present(queue, &info);
    return (double)(clock_now_ns() - start);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static struct nvb_json *to_array(const double *values, size_t n)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < n; i++)
        nvb_json_append(array, nvb_json_new_double(values[i]));
    return array;
}

/* {"median": ..., "p99": ..., "worst": ..., "raw": [...]} in nanoseconds. */
static struct nvb_json *sum_up(const double *values, size_t n)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_autofree double *sorted = nvb_xcalloc(n, sizeof(*sorted));

    memcpy(sorted, values, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_value);
    nvb_json_set_double(json, "median", sorted[n / 2]);
    nvb_json_set_double(json, "p99", sorted[n * 99 / 100]);
    nvb_json_set_double(json, "worst", sorted[n - 1]);
    nvb_json_set(json, "raw", to_array(values, n));
    return json;
}

static struct nvb_json *measure(const struct fake_game *game, bool is_paced)
{
    double (*call)(PFN_vkQueuePresentKHR, VkQueue) = is_paced ? present_once : present_block;
    size_t n = is_paced ? N_PACED : N_BLOCKS;
    nvb_autofree double *without = nvb_xcalloc(n, sizeof(*without));
    nvb_autofree double *with = nvb_xcalloc(n, sizeof(*with));
    nvb_autofree double *added = nvb_xcalloc(n, sizeof(*added));
    struct nvb_json *json = nvb_json_new_object();

    for (size_t i = 0; i < n; i++) {
        without[i] = call(fake_present, game->queue);
        with[i] = call(game->present, game->queue);
        added[i] = with[i] - without[i];
    }
    nvb_json_set(json, "added_ns", sum_up(added, n));
    nvb_json_set(json, "without_ns", sum_up(without, n));
    nvb_json_set(json, "with_ns", sum_up(with, n));
    return json;
}

/* The value of the first line of /proc/cpuinfo that starts with "model name", or "unknown". */
static char *dup_cpu_model(void)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };
    char *line = NULL;

    if (!nvb_read_file(AT_FDCWD, "/proc/cpuinfo", 1 << 20, &text, NULL, &err))
        return nvb_xstrdup("unknown");
    line = strstr(text, "model name");
    line = line ? strchr(line, ':') : NULL;
    return line ? nvb_xstrndup(line + 2, strcspn(line + 2, "\n")) : nvb_xstrdup("unknown");
}

static struct nvb_json *describe_machine(void)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_autofree char *cpu = dup_cpu_model();
    struct utsname name;

    (void)uname(&name);
    nvb_json_set_str(json, "cpu", cpu);
    nvb_json_set_i64(json, "cpus_online", sysconf(_SC_NPROCESSORS_ONLN));
    nvb_json_set_str(json, "kernel", name.release);
    nvb_json_set_str(json, "machine", name.machine);
    return json;
}

static struct nvb_json *describe_versions(void)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "nvbind", NVB_VERSION);
    nvb_json_set_str(json, "compiler", __VERSION__);
    nvb_json_set_u64(json, "ring", NVB_RING_VERSION);
    return json;
}

static int make_ring(struct nvb_err *err)
{
    int fd = memfd_create("ring", MFD_CLOEXEC);
    nvb_autofree char *path = nvb_xasprintf("/proc/self/fd/%d", fd);

    if (fd < 0 || !nvb_ring_prepare(fd, err) || setenv(NVB_RING_FILE_ENV, path, 1) < 0)
        return -1;
    return fd;
}

/* A bench of a layer that writes nothing would be a lie. */
static bool all_frames_arrived(int ring)
{
    uint64_t head = 0;

    return pread(ring, &head, sizeof(head),
                 NVB_RING_FIRST + offsetof(struct nvb_ring_slot, head)) == sizeof(head) &&
           head == (uint64_t)N_BLOCKS * N_CALLS + N_PACED;
}

int main(int argc, char **argv)
{
    const char *output = argc == 3 && strcmp(argv[1], "--output") == 0 ? argv[2] : NULL;
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_auto_err err = { 0 };
    struct fake_game game;
    nvb_autoclose int ring = make_ring(&err);
    FILE *out = output ? fopen(output, "we") : stdout;

    if ((argc > 1 && !output) || ring < 0 || !out || !fake_start(&game)) {
        (void)fprintf(stderr, "usage: NVB_LAYER=LIBRARY bench-layer [--output FILE]\n");
        return 2;
    }
    (void)fake_make_swapchain(&game, 1920, 1080);
    nvb_json_set_str(json, "claim", "the layer adds less than 300 ns to a frame (median)");
    nvb_json_set(json, "hardware", describe_machine());
    nvb_json_set(json, "versions", describe_versions());
    nvb_json_set_u64(json, "pointer_bits", sizeof(void *) * 8);
    nvb_json_set(json, "tight", measure(&game, false));
    nvb_json_set(json, "paced", measure(&game, true));
    fake_stop(&game);
    if (!all_frames_arrived(ring)) {
        (void)fprintf(stderr, "bench-layer: frames are missing in the ring\n");
        return EXIT_FAILURE;
    }
    nvb_json_print(json, out);
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
