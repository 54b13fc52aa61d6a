/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/mountinfo.h"

#include <string.h>

enum {
    MOUNTINFO_MAX = 16 << 20, /* a docker host has thousands of overlays with long lines */
};

/* mountinfo writes space, tab, line end and backslash as \ooo. */
static void decode_octal(char *s)
{
    char *to = s;

    for (; *s; s++) {
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
            s[3] >= '0' && s[3] <= '7') {
            *to++ = (char)(((s[1] - '0') << 6) | ((s[2] - '0') << 3) | (s[3] - '0'));
            s += 3;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

/* The fifth field of a line: "36 35 98:0 /mnt1 /mnt2 rw,noatime ..." */
static char *mount_point_of(char *line)
{
    char *rest = NULL;

    for (int field = 1; field < 5; field++) {
        line = strchr(line, ' ');
        if (!line)
            return NULL;
        line++;
    }
    rest = strchr(line, ' ');
    if (!rest)
        return NULL;
    *rest = '\0';
    decode_octal(line);
    return line;
}

void nvb_mount_points(const struct nvb_host *host, struct nvb_strv *out_paths)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    char *next = NULL;

    /* Through the live /proc a magic link would be refused by openat2: name the process. */
    if (host->is_live) {
        if (!nvb_read_file(-1, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL, &ignored))
            return;
    } else if (!nvb_read_in_root(host->root_fd, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL,
                                 &ignored)) {
        return;
    }
    for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
        const char *path = mount_point_of(line);

        if (path)
            nvb_strv_add(out_paths, path);
    }
}

bool nvb_has_mounts_below(const struct nvb_strv *mount_points, const char *path)
{
    size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);

    for (size_t i = 0; i < mount_points->n; i++) {
        const char *point = mount_points->items[i];

        if (strncmp(point, path, len) == 0 && point[len] == '/' && point[len + 1])
            return true;
    }
    return false;
}
