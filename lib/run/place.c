/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Where `fd` is, as seen from `source`: "" or "/lib/x"; NULL when it is outside. */
static const char *where(int fd, const char *source, char real[PATH_MAX])
{
    size_t len = strlen(source);
    char link[32];
    ssize_t got = 0;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    got = readlink(link, real, PATH_MAX - 1);
    if (got < 0)
        return NULL;
    real[got] = '\0';
    if (strncmp(real, source, len) != 0 || (real[len] != '/' && real[len] != '\0'))
        return NULL;
    return real + len;
}

/* The deepest directory of `path` that is there, cut off it; `end` is where `source` ends. */
static int open_deepest(char *path, size_t end)
{
    int fd = -1;

    do {
        char *slash = strrchr(path, '/');

        if (!slash || (size_t)(slash - path) < end)
            return -1;
        *slash = '\0';
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    } while (fd < 0 && errno == ENOENT);
    return fd;
}

bool nvb_place_find(const char *source, const char *rest, char out[PATH_MAX])
{
    nvb_autoclose int fd = -1;
    size_t end = strlen(source);
    char path[PATH_MAX];
    char real[PATH_MAX];
    const char *above = NULL;
    const char *missing = NULL;

    if (strstr(rest, "..") ||
        snprintf(path, sizeof(path), "%s/%s", source, rest) >= (int)sizeof(path))
        return false;
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT)
        return false;
    fd = open_deepest(path, end);
    above = fd < 0 ? NULL : where(fd, source, real);
    if (!above)
        return false;
    missing = rest + strlen(path) - end;
    missing += strspn(missing, "/");
    return snprintf(out, PATH_MAX, "%s%s%s", above + (*above == '/'), *above ? "/" : "", missing) <
           PATH_MAX;
}
