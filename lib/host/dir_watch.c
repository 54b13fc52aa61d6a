/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/dir_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF,
};

bool nvb_dir_watch_open(struct nvb_dir_watch *watch, struct nvb_err *err)
{
    *watch = (struct nvb_dir_watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
    if (watch->fd >= 0)
        return true;
    nvb_fail_errno(err, NVB_D_HOST, "directories cannot be watched");
    return nvb_hint(err, "raise the limit: sysctl fs.inotify.max_user_instances");
}

/* The same directory may be wanted twice, for some names and for all of them. */
static bool has_row(const struct nvb_dir_watch *watch, int wd, const char *const *prefixes)
{
    for (size_t i = 0; i < watch->n_rows; i++) {
        if (watch->rows[i].wd == wd && watch->rows[i].prefixes == prefixes)
            return true;
    }
    return false;
}

bool nvb_dir_watch_add(struct nvb_dir_watch *watch, const char *path, const char *const *prefixes)
{
    bool is_dev = strcmp(path, "/dev") == 0 || nvb_has_prefix(path, "/dev/");
    uint32_t mask = NAMES | IN_ONLYDIR | IN_MASK_ADD | (is_dev || prefixes ? 0 : IN_CLOSE_WRITE);
    int wd = watch->fd < 0 ? -1 : inotify_add_watch(watch->fd, path, mask);

    if (wd < 0 || has_row(watch, wd, prefixes))
        return false;
    watch->rows = nvb_xrealloc(watch->rows, watch->n_rows + 1, sizeof(*watch->rows));
    watch->rows[watch->n_rows++] = (struct nvb_dir_watch_row){ .wd = wd, .prefixes = prefixes };
    return true;
}

static bool has_any_prefix(const char *name, const char *const *prefixes)
{
    for (; *prefixes; prefixes++) {
        if (nvb_has_prefix(name, *prefixes))
            return true;
    }
    return false;
}

/* The directory is gone, and with it its watch. */
static void forget(struct nvb_dir_watch *watch, int wd)
{
    size_t n = 0;

    for (size_t i = 0; i < watch->n_rows; i++) {
        if (watch->rows[i].wd != wd)
            watch->rows[n++] = watch->rows[i];
    }
    watch->n_rows = n;
}

static bool is_wanted(const struct nvb_dir_watch *watch, const struct inotify_event *event)
{
    if (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
        return true;
    for (size_t i = 0; event->len > 0 && i < watch->n_rows; i++) {
        const struct nvb_dir_watch_row *row = &watch->rows[i];

        if (row->wd == event->wd && (!row->prefixes || has_any_prefix(event->name, row->prefixes)))
            return true;
    }
    return false;
}

bool nvb_dir_watch_drain(struct nvb_dir_watch *watch)
{
    char data[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool is_found = false;
    ssize_t len = 0;

    while ((len = read(watch->fd, data, sizeof(data))) > 0 || (len < 0 && errno == EINTR)) {
        for (const char *p = data; p < data + len;) {
            const struct inotify_event *event = (const void *)p; /* the kernel pads names */

            is_found = is_found || is_wanted(watch, event);
            if (event->mask & IN_IGNORED)
                forget(watch, event->wd);
            p += sizeof(*event) + event->len;
        }
    }
    return is_found;
}

void nvb_dir_watch_clear(struct nvb_dir_watch *watch)
{
    if (watch->fd >= 0)
        (void)close(watch->fd);
    free(watch->rows);
    *watch = (struct nvb_dir_watch)NVB_DIR_WATCH_INIT;
}
