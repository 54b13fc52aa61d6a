/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

enum {
    START_FIELD = 22, /* proc(5) */
    STAT_MAX = 1024,
};

/* Without the heap: also called between fork and exec. */
static ssize_t read_small(const char *path, char *out, size_t size)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, size - 1);

    out[len > 0 ? len : 0] = '\0';
    return len;
}

uint64_t nvb_process_start_ticks(pid_t pid)
{
    char path[32];
    char text[STAT_MAX];
    char *p = NULL;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (read_small(path, text, sizeof(text)) <= 0)
        return 0;
    p = strrchr(text, ')'); /* the command's name, which may hold anything, ends there */
    for (int field = 2; p && field < START_FIELD; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

void nvb_boot_id(char out[NVB_BOOT_ID])
{
    (void)read_small("/proc/sys/kernel/random/boot_id", out, NVB_BOOT_ID);
    out[strcspn(out, "\n")] = '\0';
}

bool nvb_process_read(pid_t pid, struct nvb_process *out)
{
    *out = (struct nvb_process){ .pid = pid, .start_ticks = nvb_process_start_ticks(pid) };
    nvb_boot_id(out->boot_id);
    return out->start_ticks != 0;
}

void nvb_process_print(const struct nvb_process *process, char out[NVB_PROCESS_TEXT])
{
    (void)snprintf(out, NVB_PROCESS_TEXT, "%d %" PRIu64 " %s", (int)process->pid,
                   process->start_ticks, process->boot_id);
}

bool nvb_process_parse(const char *text, struct nvb_process *out)
{
    char *end = NULL;
    unsigned long pid = strtoul(text, &end, 10);

    *out = (struct nvb_process){ .pid = (pid_t)pid };
    if (end == text || *end != ' ' || pid == 0 || pid > INT32_MAX)
        return false;
    text = end + 1;
    out->start_ticks = strtoull(text, &end, 10);
    if (end == text || *end != ' ' || out->start_ticks == 0 || strlen(end + 1) >= NVB_BOOT_ID)
        return false;
    (void)snprintf(out->boot_id, sizeof(out->boot_id), "%s", end + 1);
    return true;
}

bool nvb_process_has_ended(int pid_fd)
{
    struct pollfd polled = { .fd = pid_fd, .events = POLLIN };

    return poll(&polled, 1, 0) != 0;
}

/* The descriptor first: what is compared afterwards cannot become another process any more. */
int nvb_process_open(const struct nvb_process *process)
{
    char boot_id[NVB_BOOT_ID];
    int fd = (int)syscall(SYS_pidfd_open, process->pid, 0);

    if (fd < 0)
        return -1;
    nvb_boot_id(boot_id);
    if (strcmp(boot_id, process->boot_id) == 0 &&
        nvb_process_start_ticks(process->pid) == process->start_ticks && !nvb_process_has_ended(fd))
        return fd;
    (void)close(fd);
    return -1;
}

double nvb_process_age_s(const struct nvb_process *process)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9 -
           (double)process->start_ticks / (double)sysconf(_SC_CLK_TCK);
}
