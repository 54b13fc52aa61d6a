/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/engine.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[] = { "crun", "runc", "podman", "docker" };

static const char usual_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool is_program(const struct nvb_host *host, const char *path)
{
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, path, O_PATH);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static char *dup_found(const struct nvb_host *host, const char *search_path, const char *name)
{
    for (const char *p = search_path; *p; p += *p == ':') {
        size_t len = strcspn(p, ":");
        nvb_autofree char *path = nvb_xasprintf("%.*s/%s", (int)len, p, name);

        /* A relative directory would mean something else after the next cd. */
        if (*p == '/' && is_program(host, path))
            return nvb_steal(&path);
        p += len;
    }
    return NULL;
}

void nvb_engines_find(const struct nvb_host *host, const char *search_path, struct nvb_engines *out)
{
    struct nvb_engines found = { 0 };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = dup_found(host, search_path ? search_path : usual_path, names[i]);

        if (!path)
            continue;
        found.items = nvb_xrealloc(found.items, found.n + 1, sizeof(*found.items));
        found.items[found.n++] = (struct nvb_engine){ names[i], path };
    }
    *out = found;
}

void nvb_engines_clear(struct nvb_engines *engines)
{
    for (size_t i = 0; i < engines->n; i++)
        free(engines->items[i].path);
    free(engines->items);
    *engines = (struct nvb_engines){ 0 };
}
