/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KERNEL_READ = 4096,
};

static bool is_machine_root(int root_fd)
{
    struct stat given;
    struct stat live;

    return fstat(root_fd, &given) == 0 && stat("/", &live) == 0 && given.st_dev == live.st_dev &&
           given.st_ino == live.st_ino;
}

bool nvb_host_open(const char *root, struct nvb_host **out_host, struct nvb_err *err)
{
    struct nvb_host *host = NULL;
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        nvb_fail_errno(err, NVB_D_HOST, "cannot look at the machine below '%s'", root);
        return nvb_hint(err, "name a directory that holds the machine's proc, sys, dev and etc");
    }
    host = nvb_xcalloc(1, sizeof(*host));
    host->root_fd = fd;
    host->root = nvb_xstrdup(root);
    host->is_live = is_machine_root(fd);
    *out_host = host;
    return true;
}

void nvb_host_free(struct nvb_host *host)
{
    if (!host)
        return;
    (void)close(host->root_fd);
    free(host->root);
    free(host);
}

static char *make_printable(char *text)
{
    for (char *p = text; *p; p++) {
        if (*p == '\t') {
            *p = ' ';
        } else if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
    return text;
}

/* A copy of the trimmed bytes up to the line's end, or NULL when nothing is left. */
static char *dup_clean(const char *text, size_t len)
{
    nvb_autofree char *copy = nvb_xstrndup(text, len);
    const char *line = nvb_trim(copy);

    return *line ? make_printable(nvb_xstrdup(line)) : NULL;
}

/* Of the kernel's own file systems on the live machine: they hold no node and no FIFO whose opening
 * acts, and nothing in them leads out of the root. */
static bool is_kernel_file(const struct nvb_host *host, const char *path)
{
    return host->is_live && (nvb_has_prefix(path, "/sys/") || nvb_has_prefix(path, "/proc/"));
}

/* Three calls a file instead of five, and no message about one that is not there: a start reads
 * some ten of them. An attribute of sysfs comes whole with the first read, being one page at most
 * (Documentation/filesystems/sysfs.rst). */
static char *dup_kernel_text(const char *path, size_t max)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool is_attribute = nvb_has_prefix(path, "/sys/");
    nvb_auto_buf b = { 0 };
    ssize_t got = 0;

    do {
        nvb_buf_reserve(&b, KERNEL_READ);
        got = fd < 0 ? -1 : read(fd, b.data + b.len, KERNEL_READ);
        b.len += got > 0 ? (size_t)got : 0;
    } while ((got < 0 && fd >= 0 && errno == EINTR) ||
             (got > 0 && b.len <= max && !(is_attribute && got < KERNEL_READ)));
    if (got < 0 || b.len > max)
        return NULL;
    b.data[b.len] = '\0';
    return nvb_steal(&b.data);
}

char *nvb_host_dup_text(const struct nvb_host *host, const char *path, size_t max)
{
    nvb_auto_err err = { 0 };
    char *text = NULL;

    if (is_kernel_file(host, path))
        return dup_kernel_text(path, max);
    return nvb_read_in_root(host->root_fd, path, max, &text, NULL, &err) ? text : NULL;
}

char *nvb_host_dup_line(const struct nvb_host *host, const char *path)
{
    nvb_autofree char *text = nvb_host_dup_text(host, path, NVB_HOST_FILE_MAX);
    const char *start = text ? text + strspn(text, " \t\r\n") : NULL;

    return start ? dup_clean(start, strcspn(start, "\n")) : NULL;
}

bool nvb_host_read_u64(const struct nvb_host *host, const char *path, uint64_t *out)
{
    nvb_autofree char *line = nvb_host_dup_line(host, path);

    return line && nvb_parse_u64(line, UINT64_MAX, out);
}

char *nvb_host_dup_link(const struct nvb_host *host, const char *path)
{
    char target[PATH_MAX];
    nvb_autoclose int fd = -1;
    ssize_t len = -1;

    if (host->is_live) {
        len = readlink(path, target, sizeof(target));
    } else {
        fd = nvb_open_in_root(host->root_fd, path, O_PATH | O_NOFOLLOW);
        len = fd >= 0 ? readlinkat(fd, "", target, sizeof(target)) : -1;
    }
    return len > 0 ? make_printable(nvb_xstrndup(target, (size_t)len)) : NULL;
}

char *nvb_host_dup_link_name(const struct nvb_host *host, const char *path)
{
    nvb_autofree char *target = nvb_host_dup_link(host, path);
    const char *slash = target ? strrchr(target, '/') : NULL;

    if (!target)
        return NULL;
    return nvb_xstrdup(slash ? slash + 1 : target);
}

int nvb_host_lstat(const struct nvb_host *host, const char *path, struct stat *out)
{
    nvb_autoclose int fd = -1;

    if (host->is_live)
        return lstat(path, out);
    fd = nvb_open_in_root(host->root_fd, path, O_PATH | O_NOFOLLOW);
    return fd < 0 ? -1 : fstat(fd, out);
}

/* Links are followed; on the live machine by one system call, since nothing leads out of "/". */
static int stat_in_root(const struct nvb_host *host, const char *path, struct stat *out)
{
    nvb_autoclose int fd = -1;

    if (host->is_live)
        return stat(path, out);
    fd = nvb_open_in_root(host->root_fd, path, O_PATH);
    return fd < 0 ? -1 : fstat(fd, out);
}

bool nvb_host_exists(const struct nvb_host *host, const char *path)
{
    struct stat st;

    return stat_in_root(host, path, &st) == 0;
}

bool nvb_host_is_node(const struct nvb_host *host, const char *path)
{
    struct stat st;

    if (stat_in_root(host, path, &st) < 0)
        return false;
    return S_ISCHR(st.st_mode) || (!host->is_live && S_ISREG(st.st_mode));
}

char *nvb_field_dup(const char *text, const char *key)
{
    size_t key_len = strlen(key);

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t len = strcspn(line, "\n");

        if (len > key_len && strncmp(line, key, key_len) == 0 && line[key_len] == ':')
            return dup_clean(line + key_len + 1, len - key_len - 1);
    }
    return NULL;
}
