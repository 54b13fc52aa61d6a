/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446 /* linux/magic.h, Linux 6.9 */
#endif

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

/* Of a descriptor: 0 before pidfs, whose inodes are 64 bits long. */
static uint64_t inode_of(int pid_fd)
{
    struct statfs fs;
    struct stat st;

    if (sizeof(st.st_ino) < sizeof(uint64_t) || fstatfs(pid_fd, &fs) < 0 ||
        fs.f_type != PID_FS_MAGIC || fstat(pid_fd, &st) < 0)
        return 0;
    return st.st_ino;
}

static int open_number(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool nvb_process_read(pid_t pid, struct nvb_process *out)
{
    nvb_autoclose int fd = open_number(pid);

    *out = (struct nvb_process){ .pid = pid, .start_ticks = nvb_process_start_ticks(pid) };
    nvb_boot_id(out->boot_id);
    out->inode = fd < 0 ? 0 : inode_of(fd);
    return out->start_ticks != 0 || out->inode != 0;
}

void nvb_process_print(const struct nvb_process *process, char out[NVB_PROCESS_TEXT])
{
    int len = snprintf(out, NVB_PROCESS_TEXT, "%d %" PRIu64 " %s", (int)process->pid,
                       process->start_ticks, process->boot_id);

    if (process->inode)
        (void)snprintf(out + len, NVB_PROCESS_TEXT - (size_t)len, " %" PRIu64, process->inode);
}

/* A number and the blank behind it. */
static bool take_number(const char **text, uint64_t *out)
{
    char *end = NULL;

    if (**text < '0' || **text > '9')
        return false;
    *out = strtoull(*text, &end, 10);
    *text = end + 1;
    return *end == ' ';
}

bool nvb_process_parse(const char *text, struct nvb_process *out)
{
    uint64_t pid = 0;
    size_t len = 0;

    *out = (struct nvb_process){ 0 };
    if (!take_number(&text, &pid) || pid == 0 || pid > INT32_MAX ||
        !take_number(&text, &out->start_ticks))
        return false;
    out->pid = (pid_t)pid;
    len = strcspn(text, " ");
    if (len >= NVB_BOOT_ID ||
        (text[len] && !nvb_parse_u64(text + len + 1, UINT64_MAX, &out->inode)))
        return false;
    memcpy(out->boot_id, text, len);
    return out->start_ticks != 0 || out->inode != 0;
}

bool nvb_process_has_ended(int pid_fd)
{
    struct pollfd polled = { .fd = pid_fd, .events = POLLIN };

    return poll(&polled, 1, 0) != 0;
}

/* What cannot be seen cannot be told apart: where /proc hides it, its number must do. */
static bool is_same(const struct nvb_process *process, int pid_fd)
{
    char boot_id[NVB_BOOT_ID];
    uint64_t inode = inode_of(pid_fd);
    uint64_t start_ticks = 0;

    nvb_boot_id(boot_id);
    if (strcmp(boot_id, process->boot_id) != 0)
        return false;
    if (inode && process->inode)
        return inode == process->inode;
    start_ticks = nvb_process_start_ticks(process->pid);
    return start_ticks == 0 || start_ticks == process->start_ticks;
}

/* The descriptor first: what is compared afterwards cannot become another process any more. */
int nvb_process_open(const struct nvb_process *process)
{
    int fd = open_number(process->pid);

    if (fd < 0)
        return -1;
    if (is_same(process, fd) && !nvb_process_has_ended(fd))
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
