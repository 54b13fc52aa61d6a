/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "layer/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_windows_program(const char *arg)
{
    size_t len = strlen(arg);

    return len > 4 && strcasecmp(arg + len - 4, ".exe") == 0;
}

static const char *last_part(const char *path)
{
    const char *part = path;

    for (const char *p = path; *p; p++) {
        if (*p == '/' || *p == '\\')
            part = p + 1;
    }
    return part;
}

/* The first word of the command line that names a Windows program: under Wine the process's
 * own program is only the preloader. NULL when there is none. */
static const char *find_windows_program(const char *words, size_t len)
{
    for (const char *p = words; p < words + len; p += strlen(p) + 1) {
        if (is_windows_program(p))
            return last_part(p);
    }
    return NULL;
}

void program_get_name(char *out, size_t size)
{
    char words[4096] = { 0 };
    const char *name = NULL;
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;

    if (fd >= 0) {
        got = read(fd, words, sizeof(words) - 1);
        (void)close(fd);
    }
    name = got > 0 ? find_windows_program(words, (size_t)got) : NULL;
    if (!name)
        name = program_invocation_short_name;
    memset(out, 0, size);
    memcpy(out, name, strnlen(name, size));
}
