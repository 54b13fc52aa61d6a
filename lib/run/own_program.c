/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/own_program.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
    N_SCRIPTS = 6,    /* as many as the kernel follows, and one */
    SCRIPT_HEAD = 256 /* BINPRM_BUF_SIZE */
};

static bool look(int dir_fd, const char *path, int flags, struct statx *out)
{
    return statx(dir_fd, path, flags, STATX_TYPE | STATX_INO | STATX_MNT_ID, out) == 0;
}

/* The mount counts, too: the same file may be bound into the container. */
static bool is_same(const struct statx *a, const struct statx *b)
{
    return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
           a->stx_dev_minor == b->stx_dev_minor &&
           (!(a->stx_mask & b->stx_mask & STATX_MNT_ID) || a->stx_mnt_id == b->stx_mnt_id);
}

/* "#! /bin/sh -e" -> "/bin/sh" */
static bool read_interpreter(int fd, char out[SCRIPT_HEAD + 1])
{
    char head[SCRIPT_HEAD + 1] = "";
    ssize_t got = pread(fd, head, SCRIPT_HEAD, 0);
    const char *start = head + 2;
    size_t len = 0;

    if (got < 2 || memcmp(head, "#!", 2) != 0)
        return false;
    start += strspn(start, " \t");
    len = strcspn(start, " \t\n");
    memcpy(out, start, len);
    out[len] = '\0';
    return len > 0;
}

bool nvb_own_program_is_at(const char *path)
{
    char next[SCRIPT_HEAD + 1];
    struct statx own;

    if (!look(AT_FDCWD, "/proc/self/exe", 0, &own))
        return false;
    for (int i = 0; i < N_SCRIPTS; i++) {
        nvb_autoclose int fd = -1;
        struct statx seen;

        if (!look(AT_FDCWD, path, 0, &seen) || !S_ISREG(seen.stx_mode))
            return false;
        if (is_same(&own, &seen))
            return true;
        fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 || !read_interpreter(fd, next))
            return false;
        path = next;
    }
    return false;
}
