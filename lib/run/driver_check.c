/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* A view held against its manifest: part of driver_store.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "run/driver_build.h"
#include "run/driver_store.h"

enum {
    MANIFEST_MAX = 1 << 22,
    DEPTH_MAX = 8,
};

struct check {
    int dir_fd;
    struct nvb_strv *faults;
    struct nvb_strv known; /* paths of the manifest */
};

static void check_link(struct check *c, const char *path, const char *target)
{
    char text[PATH_MAX];
    ssize_t len = readlinkat(c->dir_fd, path, text, sizeof(text) - 1);

    if (len < 0) {
        nvb_strv_addf(c->faults, "'%s' is missing", path);
        return;
    }
    text[len] = '\0';
    if (strcmp(text, target) != 0)
        nvb_strv_addf(c->faults, "'%s' leads to '%s' instead of '%s'", path, text, target);
}

static void check_content(struct check *c, int fd, const char *path, const char *want)
{
    nvb_auto_err err = { 0 };
    nvb_autofree char *got = NULL;
    uint64_t sum = 0;

    if (!nvb_driver_checksum(fd, path, &sum, &err)) {
        nvb_strv_add(c->faults, err.lines[0]);
        return;
    }
    got = nvb_xasprintf("%016" PRIx64, sum);
    if (!want || strcmp(got, want) != 0)
        nvb_strv_addf(c->faults, "'%s' has other contents", path);
}

static void check_file(struct check *c, const char *path, const struct nvb_json *json)
{
    nvb_autoclose int fd =
        openat(c->dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        nvb_strv_addf(c->faults, "'%s' is missing", path);
        return;
    }
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        nvb_strv_addf(c->faults, "'%s' can be written by others", path);
    check_content(c, fd, path, nvb_json_get_str(json, "checksum"));
}

static void check_entry(struct check *c, const struct nvb_json *json)
{
    const char *path = nvb_json_get_str(json, "path");
    const char *target = nvb_json_get_str(json, "target");

    if (!path)
        return;
    nvb_strv_add(&c->known, path);
    if (target) {
        check_link(c, path, target);
    } else {
        check_file(c, path, json);
    }
}

/* What the manifest does not name came later. */
static void find_strangers(struct check *c, const char *path, unsigned depth)
{
    int fd = openat(c->dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        nvb_autofree char *inner = strcmp(path, ".") == 0 ? nvb_xstrdup(e->d_name)
                                                          : nvb_xasprintf("%s/%s", path, e->d_name);
        struct stat st;

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            strcmp(inner, NVB_VIEW_MANIFEST) == 0)
            continue;
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)) {
            if (depth < DEPTH_MAX)
                find_strangers(c, inner, depth + 1);
        } else if (!nvb_strv_has(&c->known, inner)) {
            nvb_strv_addf(c->faults, "'%s' does not belong there", inner);
        }
    }
    (void)closedir(dir);
}

static bool read_manifest(int dir_fd, struct nvb_json **out, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    size_t len = 0;

    return nvb_read_file(dir_fd, NVB_VIEW_MANIFEST, MANIFEST_MAX, &text, &len, err) &&
           nvb_json_parse(text, len, NVB_VIEW_MANIFEST, out, err);
}

bool nvb_driver_store_check(const char *dir,
                            const char *name,
                            struct nvb_strv *out_faults,
                            struct nvb_err *err)
{
    nvb_autoclose int fd = nvb_driver_store_hold(dir, name);
    struct check c = { .dir_fd = fd, .faults = out_faults };
    nvb_autoptr(nvb_json) json = NULL;
    const struct nvb_json *entries = NULL;
    const char *own = NULL;

    if (fd < 0) {
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "there is no driver view '%s' in '%s'",
                        name, dir);
    }
    if (!read_manifest(fd, &json, err))
        return nvb_while(err, "cannot check driver view '%s'", name);
    own = nvb_json_get_str(json, "name");
    if (!own || strcmp(own, name) != 0)
        nvb_strv_addf(out_faults, "it was made as '%s'", own ? own : "");
    entries = nvb_json_get(json, "entries");
    for (size_t i = 0; i < nvb_json_length(entries); i++)
        check_entry(&c, nvb_json_at(entries, i));
    find_strangers(&c, ".", 0);
    nvb_strv_clear(&c.known);
    return true;
}
