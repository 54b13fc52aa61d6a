/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/node.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A number in front of `end` at *p, which is moved behind it. */
static bool take(const char **p, unsigned base, char end, uint64_t max, unsigned *out)
{
    uint64_t value = 0;
    const char *start = *p;

    for (; **p >= '0' && **p < '0' + (char)base && value <= max; (*p)++)
        value = value * base + (unsigned)(**p - '0');
    if (*p == start || value > max || **p != end)
        return false;
    *p += end != '\0';
    *out = (unsigned)value;
    return true;
}

bool nvb_node_parse(const char *line, struct nvb_node *out)
{
    struct nvb_node node = { 0 };
    const char *p = line;

    if (!nvb_has_prefix(p, "c "))
        return false;
    p += 2;
    if (!take(&p, 10, ':', 0xfff, &node.major) || !take(&p, 10, ' ', 0xfffff, &node.minor) ||
        !take(&p, 8, ' ', 07777, &node.mode) || !take(&p, 10, ':', UINT32_MAX, &node.uid) ||
        !take(&p, 10, '\0', UINT32_MAX, &node.gid))
        return false;
    *out = node;
    return true;
}

bool nvb_node_read(const struct nvb_host *host, const char *path, struct nvb_node *out)
{
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_PATH);
    nvb_autofree char *line = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return false;
    if (S_ISCHR(st.st_mode)) {
        *out = (struct nvb_node){ .major = major(st.st_rdev),
                                  .minor = minor(st.st_rdev),
                                  .mode = st.st_mode & 07777,
                                  .uid = st.st_uid,
                                  .gid = st.st_gid };
        return true;
    }
    line = host->is_live ? NULL : nvb_host_dup_line(host, path);
    return line && nvb_node_parse(line, out);
}
