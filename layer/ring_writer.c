/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "layer/ring_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "layer/frame_limit.h"
#include "layer/program.h"
#include "layer/ring.h"

enum {
    FD_CLOSED = -1, /* not looked for yet, or by a forked child not yet again */
    FD_OFF = -2,    /* none, or no longer sound */
    FD_MIN = 512,   /* out of the way of programs that count on low numbers */
    SLOT_UNCLAIMED = -1,
    SLOT_NONE = -2, /* all taken */
    N_CELLS = 256,  /* frames kept in memory; a power of two */
    FLUSH_NS = 50 * 1000 * 1000,
};

/* A frame on its way to the file. `number` is the frame's plus 1 once the rest is whole. */
struct cell {
    _Atomic uint64_t number;
    _Atomic uint64_t end_ns;
    _Atomic uint32_t present_ns;
};

/* The one piece of state a process has; a library loaded into a foreign program has nowhere
 * else to keep it. */
static struct {
    _Alignas(64) _Atomic int fd; /* what every frame reads, in one cache line */
    _Atomic uint32_t limit_mhz;
    _Atomic uint64_t n_taken;   /* frames that got a cell */
    _Atomic uint64_t n_flushed; /* frames that left their cell; moved by the flusher only */
    _Atomic uint64_t flushed_at_ns;
    struct cell cells[N_CELLS];

    /* of the newest swapchain */
    _Atomic uint32_t width;
    _Atomic uint32_t height;
    _Atomic uint32_t present_mode;
    _Atomic uint32_t n_swapchains;
    atomic_bool is_info_new;

    /* Who sets it flushes; who finds it set leaves its frames to that thread. Guards the rest. */
    atomic_flag is_flushing;
    int slot;
    uint64_t head; /* frames in the file */
} ring = { .fd = FD_CLOSED, .slot = SLOT_UNCLAIMED, .is_flushing = ATOMIC_FLAG_INIT };

/* The child shares the parent's open file description, and with it the lock on the parent's
 * slot, so it must open the file anew. The descriptor is left alone rather than closed: its
 * number may have become another file. Async-signal-safe. */
static void forget_in_child(void)
{
    if (atomic_load(&ring.fd) != FD_OFF)
        atomic_store(&ring.fd, FD_CLOSED);
    atomic_store(&ring.n_flushed, atomic_load(&ring.n_taken));
    atomic_store(&ring.flushed_at_ns, 0);
    atomic_store(&ring.is_info_new, false);
    ring.slot = SLOT_UNCLAIMED;
    ring.head = 0;
    atomic_flag_clear(&ring.is_flushing);
    frame_limit_reset();
}

static bool read_limit(int fd, uint32_t *out_mhz)
{
    struct nvb_ring_header header = { 0 };

    if (pread(fd, &header, sizeof(header), 0) != sizeof(header))
        return false;
    if (header.magic != NVB_RING_MAGIC || header.version != NVB_RING_VERSION ||
        header.n_slots != NVB_RING_SLOTS || header.n_frames != NVB_RING_FRAMES ||
        header.slot_size != NVB_RING_SLOT_SIZE)
        return false;
    *out_mhz = header.frame_limit_mhz;
    return true;
}

/* Writing past RLIMIT_FSIZE is a deadly signal, so such a process goes without. */
static bool is_sound(int fd)
{
    struct rlimit limit = { 0 };
    uint32_t mhz = 0;
    char last = 0;

    return read_limit(fd, &mhz) && pread(fd, &last, 1, NVB_RING_FILE_SIZE - 1) == 1 &&
           getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= NVB_RING_FILE_SIZE;
}

static int open_file(void)
{
    const char *path = secure_getenv(NVB_RING_FILE_ENV);
    int low = -1;
    int high = -1;

    low = open(path && *path ? path : NVB_RING_PATH, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (low < 0)
        return -1;
    high = fcntl(low, F_DUPFD_CLOEXEC, FD_MIN);
    if (high >= 0) {
        (void)close(low);
        low = high;
    }
    if (is_sound(low))
        return low;
    (void)close(low);
    return -1;
}

static void watch_forks(void)
{
    static atomic_flag is_watching = ATOMIC_FLAG_INIT;

    if (!atomic_flag_test_and_set(&is_watching))
        (void)pthread_atfork(NULL, NULL, forget_in_child);
}

void ring_writer_open(void)
{
    int now = atomic_load(&ring.fd);
    int fd = now >= 0 ? -1 : open_file();

    if (now >= 0)
        return;
    watch_forks();
    if (!atomic_compare_exchange_strong(&ring.fd, &now, fd < 0 ? FD_OFF : fd)) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    (void)ring_writer_poll_limit();
}

static void turn_off(void)
{
    atomic_store(&ring.fd, FD_OFF);
    atomic_store(&ring.limit_mhz, 0);
}

uint32_t ring_writer_poll_limit(void)
{
    int fd = atomic_load(&ring.fd);
    uint32_t mhz = 0;

    if (fd < 0)
        return 0;
    if (read_limit(fd, &mhz)) {
        atomic_store_explicit(&ring.limit_mhz, mhz, memory_order_relaxed);
    } else {
        turn_off();
    }
    return mhz;
}

uint32_t ring_writer_limit_mhz(void)
{
    return atomic_load_explicit(&ring.limit_mhz, memory_order_relaxed);
}

bool ring_writer_is_on(void)
{
    return atomic_load_explicit(&ring.fd, memory_order_relaxed) != FD_OFF;
}

static off_t slot_offset(int slot)
{
    return NVB_RING_FIRST + (off_t)slot * NVB_RING_SLOT_SIZE;
}

static bool write_at(int fd, const void *data, size_t len, off_t offset)
{
    return pwrite(fd, data, len, offset) == (ssize_t)len;
}

static struct nvb_ring_slot describe(void)
{
    struct nvb_ring_slot info = {
        .pid = (uint32_t)getpid(),
        .api = NVB_RING_API_VULKAN,
        .width = atomic_load(&ring.width),
        .height = atomic_load(&ring.height),
        .present_mode = atomic_load(&ring.present_mode),
        .n_swapchains = atomic_load(&ring.n_swapchains),
    };

    return info;
}

/* The lock stays for as long as the file is open: another process that finds the slot locked
 * need not wait to see whether it will be taken. A dead owner's pid keeps the slot taken. */
static bool claim(int fd, int slot)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot_offset(slot), .l_len = 1
    };
    struct nvb_ring_slot info = { 0 };

    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return false;
    if (pread(fd, &info.pid, sizeof(info.pid), slot_offset(slot)) == sizeof(info.pid) &&
        info.pid == 0) {
        info = describe();
        program_get_name((char *)info.program, sizeof(info.program));
        if (write_at(fd, &info, sizeof(info), slot_offset(slot)))
            return true;
    }
    lock.l_type = F_UNLCK;
    (void)fcntl(fd, F_OFD_SETLK, &lock);
    return false;
}

static void claim_any(int fd)
{
    ring.slot = SLOT_NONE;
    for (int slot = 0; slot < NVB_RING_SLOTS && ring.slot < 0; slot++) {
        if (claim(fd, slot))
            ring.slot = slot;
    }
}

static bool write_info(int fd)
{
    const size_t from = offsetof(struct nvb_ring_slot, api);
    struct nvb_ring_slot info = describe();

    return write_at(fd, (const char *)&info + from, offsetof(struct nvb_ring_slot, head) - from,
                    slot_offset(ring.slot) + (off_t)from);
}

static bool read_cell(uint64_t frame, struct nvb_ring_frame *out)
{
    struct cell *cell = &ring.cells[frame % N_CELLS];

    if (atomic_load_explicit(&cell->number, memory_order_acquire) != frame + 1)
        return false;
    out->end_ns = atomic_load_explicit(&cell->end_ns, memory_order_relaxed);
    out->present_ns = atomic_load_explicit(&cell->present_ns, memory_order_relaxed);
    out->flags = 0;
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&cell->number, memory_order_relaxed) == frame + 1;
}

/* At most NVB_RING_BUNCH of the frames that wait, without a gap. Presenting threads may have run
 * once around the cells while the flusher was off the CPU: what they overwrote is dropped. */
static size_t collect(struct nvb_ring_frame *batch)
{
    uint64_t from = atomic_load(&ring.n_flushed);
    uint64_t n_taken = atomic_load(&ring.n_taken);
    size_t n = 0;

    if (n_taken - from > N_CELLS)
        from = n_taken - N_CELLS / 2;
    while (n < NVB_RING_BUNCH && from + n < n_taken && read_cell(from + n, &batch[n]))
        n++;
    atomic_store(&ring.n_flushed, from + n);
    return n;
}

static bool write_frames(int fd, const struct nvb_ring_frame *batch, size_t n)
{
    const off_t frames = slot_offset(ring.slot) + NVB_RING_SLOT_HEADER;
    size_t at = (size_t)(ring.head % NVB_RING_FRAMES);
    size_t n_first = n < NVB_RING_FRAMES - at ? n : NVB_RING_FRAMES - at;

    if (!write_at(fd, batch, n_first * sizeof(*batch), frames + (off_t)(at * sizeof(*batch))))
        return false;
    if (n > n_first && !write_at(fd, batch + n_first, (n - n_first) * sizeof(*batch), frames))
        return false;
    ring.head += n;
    return write_at(fd, &ring.head, sizeof(ring.head),
                    slot_offset(ring.slot) + (off_t)offsetof(struct nvb_ring_slot, head));
}

static bool flush_to(int fd)
{
    struct nvb_ring_frame batch[NVB_RING_BUNCH];

    if (ring.slot == SLOT_UNCLAIMED) {
        claim_any(fd);
    } else if (ring.slot >= 0 && atomic_exchange(&ring.is_info_new, false) && !write_info(fd)) {
        return false;
    }
    if (ring.slot < 0) {
        atomic_store(&ring.n_flushed, atomic_load(&ring.n_taken));
        return true;
    }
    for (size_t n = collect(batch); n > 0; n = collect(batch)) {
        if (!write_frames(fd, batch, n))
            return false;
    }
    return true;
}

static bool has_news(void)
{
    return atomic_load(&ring.n_taken) != atomic_load(&ring.n_flushed) ||
           atomic_load(&ring.is_info_new);
}

void ring_writer_flush(void)
{
    int saved_errno = errno;

    if (!has_news() || atomic_flag_test_and_set(&ring.is_flushing))
        return;
    if (atomic_load(&ring.fd) == FD_CLOSED)
        ring_writer_open();
    (void)ring_writer_poll_limit();
    if (atomic_load(&ring.fd) >= 0 && !flush_to(atomic_load(&ring.fd)))
        turn_off();
    atomic_flag_clear(&ring.is_flushing);
    errno = saved_errno;
}

void ring_writer_note_swapchain(uint32_t width, uint32_t height, uint32_t present_mode)
{
    atomic_store(&ring.width, width);
    atomic_store(&ring.height, height);
    atomic_store(&ring.present_mode, present_mode);
    atomic_fetch_add(&ring.n_swapchains, 1);
    atomic_store(&ring.is_info_new, true);
    ring_writer_flush();
}

void ring_writer_add_frame(uint64_t end_ns, uint32_t present_ns)
{
    uint64_t frame = atomic_fetch_add_explicit(&ring.n_taken, 1, memory_order_relaxed);
    struct cell *cell = &ring.cells[frame % N_CELLS];

    atomic_store_explicit(&cell->number, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&cell->end_ns, end_ns, memory_order_relaxed);
    atomic_store_explicit(&cell->present_ns, present_ns, memory_order_relaxed);
    atomic_store_explicit(&cell->number, frame + 1, memory_order_release);
    if (end_ns - atomic_load_explicit(&ring.flushed_at_ns, memory_order_relaxed) < FLUSH_NS &&
        frame + 1 - atomic_load_explicit(&ring.n_flushed, memory_order_relaxed) < NVB_RING_BUNCH)
        return;
    atomic_store_explicit(&ring.flushed_at_ns, end_ns, memory_order_relaxed);
    ring_writer_flush();
}

/* Programs that end by exit() without destroying their device. */
__attribute__((destructor)) static void flush_at_exit(void)
{
    ring_writer_flush();
}
