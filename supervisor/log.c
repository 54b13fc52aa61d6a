/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "life/places.h"

enum {
    RECORDS_AT_ONCE = 64,
    BLOCK = 4096,
};

static void apply(struct log *log, const struct nvb_log_record *r, bool has_end[NVB_LOG_STREAMS])
{
    int i = r->where & NVB_LOG_IS_ERR ? NVB_LOG_ERR : NVB_LOG_OUT;

    if (r->time_us == 0 || has_end[i])
        return;
    log->streams[i].end = r->where & NVB_LOG_END;
    has_end[i] = true;
}

/* The last record of each stream, from the index's end on. A record that was cut off by a crash is
 * dropped: the next one would stand askew behind it. */
static void read_ends(struct log *log)
{
    struct nvb_log_record records[RECORDS_AT_ONCE];
    bool has_end[NVB_LOG_STREAMS] = { 0 };
    off_t end = lseek(log->index_fd, 0, SEEK_END);
    off_t begin = lseek(log->index_fd, 0, SEEK_DATA);

    end -= end % (off_t)sizeof(records[0]);
    (void)!ftruncate(log->index_fd, end);
    begin = begin < 0 ? 0 : begin;
    while (end > begin && !(has_end[NVB_LOG_OUT] && has_end[NVB_LOG_ERR])) {
        off_t from = end - (off_t)sizeof(records) > begin ? end - (off_t)sizeof(records) : begin;
        ssize_t len = pread(log->index_fd, records, (size_t)(end - from), from);

        for (ssize_t i = len / (ssize_t)sizeof(records[0]); i-- > 0;)
            apply(log, &records[i], has_end);
        if (len <= 0)
            break;
        end = from;
    }
}

void log_open(struct log *log, int record_fd, uint64_t max)
{
    static const char *const names[NVB_LOG_STREAMS] = { NVB_LOG_STDOUT, NVB_LOG_STDERR };

    *log = (struct log){ .max = max ? max : NVB_LOG_MAX };
    log->dir_fd = openat(record_fd, NVB_LOG_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    log->index_fd = openat(log->dir_fd, NVB_LOG_INDEX,
                           O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    for (int i = 0; i < NVB_LOG_STREAMS; i++) {
        struct log_stream *s = &log->streams[i];
        off_t begin = 0;

        s->fd = openat(log->dir_fd, names[i], O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        begin = s->fd < 0 ? 0 : lseek(s->fd, 0, SEEK_DATA);
        s->begin = begin < 0 ? 0 : (uint64_t)begin;
    }
    if (log->index_fd >= 0)
        read_ends(log);
}

bool log_watch(const struct log *log)
{
    return fcntl(log->dir_fd, F_NOTIFY, DN_MODIFY | DN_MULTISHOT) == 0;
}

static void append(const struct log *log, int i, uint64_t flags)
{
    struct timespec now;
    struct nvb_log_record r = {
        .where = log->streams[i].end | (i == NVB_LOG_ERR ? NVB_LOG_IS_ERR : 0) | flags,
    };

    (void)clock_gettime(CLOCK_REALTIME, &now);
    r.time_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    /* A full disk: part of a record would put all later ones askew. */
    if (write(log->index_fd, &r, sizeof(r)) == (ssize_t)sizeof(r))
        return;
    (void)!ftruncate(log->index_fd,
                     lseek(log->index_fd, 0, SEEK_END) / (off_t)sizeof(r) * (off_t)sizeof(r));
}

static void punch(int fd, uint64_t *begin, uint64_t end, uint64_t max)
{
    uint64_t to = (end - max) / BLOCK * BLOCK;

    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)*begin,
                  (off_t)(to - *begin)) == 0)
        *begin = to;
}

/* An eighth more than may stay, so that it is not done for every line. */
static bool is_too_long(uint64_t begin, uint64_t end, uint64_t max)
{
    return end - begin > max + max / 8;
}

static void cut(struct log *log, int i)
{
    struct log_stream *s = &log->streams[i];

    if (!is_too_long(s->begin, s->end, log->max))
        return;
    punch(s->fd, &s->begin, s->end, log->max);
    if (!is_too_long(s->begin, s->end, log->max) || ftruncate(s->fd, 0) < 0)
        return;
    s->begin = 0;
    s->end = 0;
    append(log, i, NVB_LOG_IS_EMPTIED);
}

static void cut_index(const struct log *log)
{
    off_t begin = lseek(log->index_fd, 0, SEEK_DATA);
    off_t end = lseek(log->index_fd, 0, SEEK_END);
    uint64_t from = begin < 0 ? 0 : (uint64_t)begin;

    if (end > 0 && is_too_long(from, (uint64_t)end, NVB_LOG_INDEX_MAX))
        punch(log->index_fd, &from, (uint64_t)end, NVB_LOG_INDEX_MAX);
}

static bool note_stream(struct log *log, int i)
{
    struct log_stream *s = &log->streams[i];
    bool is_emptied = false;
    struct stat st;

    if (s->fd < 0 || fstat(s->fd, &st) < 0 || (uint64_t)st.st_size == s->end)
        return false;
    is_emptied = (uint64_t)st.st_size < s->end; /* by the container itself */
    s->end = (uint64_t)st.st_size;
    s->begin = is_emptied ? 0 : s->begin;
    append(log, i, is_emptied ? NVB_LOG_IS_EMPTIED : 0);
    cut(log, i);
    return true;
}

void log_note(struct log *log)
{
    bool has_noted = false;

    for (int i = 0; i < NVB_LOG_STREAMS; i++)
        has_noted = note_stream(log, i) || has_noted;
    if (has_noted)
        cut_index(log);
}
