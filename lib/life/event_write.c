/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "life/event.h"

static int print(const struct nvb_event *event, char out[NVB_EVENT_TEXT])
{
    struct timespec now;
    char name[160] = "";
    char status[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (event->name && *event->name)
        (void)snprintf(name, sizeof(name), ",\"name\":\"%s\"", event->name);
    if (event->has_status && event->is_known) {
        (void)snprintf(status, sizeof(status), ",\"status\":%u", event->status);
    } else if (event->has_status) {
        (void)snprintf(status, sizeof(status), ",\"status\":null");
    }
    return snprintf(out, NVB_EVENT_TEXT,
                    "{\"time_ns\":%" PRIu64 ",\"event\":\"%s\",\"id\":\"%s\"%s%s}\n",
                    (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, event->what,
                    event->id, name, status);
}

void nvb_event_write(int run_fd, const struct nvb_event *event)
{
    char line[NVB_EVENT_TEXT];
    int len = print(event, line);
    int fd = openat(run_fd, NVB_EVENTS_FILE, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                    0600);
    struct stat st;

    if (fd < 0)
        return;
    if (len > 0 && len < NVB_EVENT_TEXT && write(fd, line, (size_t)len) == len &&
        fstat(fd, &st) == 0 && st.st_size > NVB_EVENTS_MAX)
        (void)renameat(run_fd, NVB_EVENTS_FILE, run_fd, NVB_EVENTS_OLD_FILE);
    (void)close(fd);
}
