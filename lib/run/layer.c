/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "run/place.h"

/* File systems of the kernel's cover these in every root. */
static bool is_kernels(const char *path)
{
    return nvb_has_prefix(path, "/dev/") || nvb_has_prefix(path, "/proc/") ||
           nvb_has_prefix(path, "/sys/");
}

/* The innermost overlay that covers `path`, counted among the overlays; SIZE_MAX for none. */
static size_t index_of(const struct nvb_container *c,
                       const char *path,
                       const char **out_rest,
                       const struct nvb_root_step **out_step)
{
    size_t n = 0;
    size_t found = SIZE_MAX;
    size_t longest = 0;

    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];
        size_t len = 0;

        if (step->kind != NVB_ROOT_OVERLAY)
            continue;
        len = strcmp(step->path, "/") == 0 ? 0 : strlen(step->path);
        if ((found == SIZE_MAX || len > longest) && strncmp(path, step->path, len) == 0 &&
            path[len] == '/' && (len > 0 || !is_kernels(path))) {
            longest = len;
            found = n;
            *out_rest = path + len + 1;
            if (out_step)
                *out_step = step;
        }
        n++;
    }
    return found;
}

bool nvb_layer_covers(const struct nvb_container *container, const char *path)
{
    const char *rest = NULL;

    return index_of(container, path, &rest, NULL) != SIZE_MAX;
}

bool nvb_layer_is_ready(const struct nvb_container *container, const struct nvb_mount *mount)
{
    const struct nvb_root_step *step = NULL;
    const char *rest = NULL;

    return mount && mount->is_layered &&
           index_of(container, mount->container_path, &rest, &step) != SIZE_MAX && step->has_layer;
}

void nvb_child_open_layer(struct nvb_launch *launch)
{
    const char *path = launch->container->layer;

    if (!path || launch->layer_fd >= 0)
        return;
    launch->layer_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (launch->layer_fd < 0)
        nvb_child_die(launch, errno, "cannot use '%s'", path);
}

void nvb_child_make_parents(const struct nvb_launch *launch, int dir_fd, const char *path)
{
    char part[PATH_MAX];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);

        if (len == 0 || len >= sizeof(part))
            continue;
        memcpy(part, path, len);
        part[len] = '\0';
        if (mkdirat(dir_fd, part, 0755) < 0 && errno != EEXIST)
            nvb_child_die(launch, errno, "cannot make '%s' in the container", part);
    }
}

void nvb_child_write_file(const struct nvb_launch *launch,
                          int dir_fd,
                          const char *path,
                          const void *data,
                          size_t len,
                          unsigned mode)
{
    nvb_autoclose int fd =
        openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0 || !nvb_write_all(fd, data, len))
        nvb_child_die(launch, errno, "cannot write '%s' in the container", path);
}

/* `path` as a path below the scratch directory: "upper/1/ssl/private"; false when no overlay
 * covers it. Missing parents are made: only a path with a directory in it can have some. */
static bool place_in_layer(const struct nvb_launch *launch,
                           int scratch_fd,
                           const char *path,
                           char out[PATH_MAX])
{
    const char *rest = NULL;
    size_t i = index_of(launch->container, path, &rest, NULL);

    if (i == SIZE_MAX || snprintf(out, PATH_MAX, "upper/%zu/%s", i, rest) >= PATH_MAX)
        return false;
    if (strchr(rest, '/'))
        nvb_child_make_parents(launch, scratch_fd, out);
    return true;
}

/* A directory as the image has it, or one of ours. */
static void
make_dir_in_layer(const struct nvb_launch *launch, int scratch_fd, const struct nvb_root_step *step)
{
    char path[PATH_MAX];

    if (!place_in_layer(launch, scratch_fd, step->path, path))
        return;
    if (mkdirat(scratch_fd, path, step->mode) < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make '%s'", step->path);
    if ((step->uid != launch->root_uid || step->gid != launch->root_gid) &&
        fchownat(scratch_fd, path, step->uid, step->gid, AT_SYMLINK_NOFOLLOW) < 0)
        nvb_child_die(launch, errno, "cannot give '%s' to its owner", step->path);
}

static void
fill_from_step(const struct nvb_launch *launch, int scratch_fd, const struct nvb_root_step *step)
{
    char path[PATH_MAX];

    if (step->kind == NVB_ROOT_DIR) {
        if (step->is_layered)
            make_dir_in_layer(launch, scratch_fd, step);
        return;
    }
    if (!place_in_layer(launch, scratch_fd, step->path, path))
        return;
    if (step->kind == NVB_ROOT_FILE) {
        nvb_child_write_file(launch, scratch_fd, path, step->content, strlen(step->content),
                             step->mode);
    } else if (mknodat(scratch_fd, path, S_IFCHR, 0) < 0) { /* 0:0 is overlayfs's whiteout */
        nvb_child_die(launch, errno, "cannot hide '%s'", step->path);
    }
}

/* From the inside out, since mostly only the last one or two are missing. */
static int make_missing_parents(int dir_fd, char *path)
{
    char *slash = strrchr(path, '/');
    int made = 0;

    if (!slash)
        return 0;
    *slash = '\0';
    made = mkdirat(dir_fd, path, 0755);
    if (made < 0 && errno == ENOENT && make_missing_parents(dir_fd, path) == 0)
        made = mkdirat(dir_fd, path, 0755);
    *slash = '/';
    return made < 0 && errno == EEXIST ? 0 : made;
}

static void
link_in_layer(const struct nvb_launch *launch, int scratch_fd, const struct nvb_mount *m)
{
    char path[PATH_MAX];
    const char *rest = NULL;
    size_t i = index_of(launch->container, m->container_path, &rest, NULL);

    if (i == SIZE_MAX)
        return;
    (void)snprintf(path, sizeof(path), "upper/%zu/%s", i, rest);
    if (symlinkat(m->host_path, scratch_fd, path) == 0)
        return;
    if (errno != ENOENT || make_missing_parents(scratch_fd, path) < 0 ||
        symlinkat(m->host_path, scratch_fd, path) < 0)
        nvb_child_die(launch, errno, "cannot make the link '%s'", m->container_path);
}

static bool make_place(int scratch_fd, char *path, bool is_directory)
{
    if (make_missing_parents(scratch_fd, path) < 0)
        return false;
    if (is_directory ? mkdirat(scratch_fd, path, 0755) == 0
                     : mknodat(scratch_fd, path, S_IFREG | 0644, 0) == 0)
        return true;
    return errno == EEXIST;
}

/* "/lib/x" as "/usr/lib/x" where the root has /lib as a link. */
static const char *behind_links(const struct nvb_container *c, const char *path, char out[PATH_MAX])
{
    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];
        size_t len = strlen(step->path);

        if (step->kind != NVB_ROOT_LINK || strncmp(path, step->path, len) != 0 || path[len] != '/')
            continue;
        if (snprintf(out, PATH_MAX, "/%s%s", step->source + strspn(step->source, "/"), path + len) <
            PATH_MAX)
            return out;
    }
    return path;
}

/* A mount point in the layer. In our own directory, where no image has anything, it is made
 * without a look: making it in the overlay would cost more. */
static void make_place_in_layer(const struct nvb_launch *launch,
                                int scratch_fd,
                                const char *container_path,
                                int source_fd)
{
    char path[PATH_MAX];
    char real[PATH_MAX];
    char found[PATH_MAX];
    const char *rest = NULL;
    const struct nvb_root_step *step = NULL;
    size_t i = index_of(launch->container, behind_links(launch->container, container_path, real),
                        &rest, &step);
    struct stat st;

    if (i == SIZE_MAX)
        return;
    if (!nvb_has_prefix(container_path, NVB_OWN_DIR)) {
        /* The root of a stored image has a number in the container: made in the overlay. */
        if (!step->source || !nvb_place_find(step->source, rest, found))
            return;
        rest = found;
    }
    if (snprintf(path, sizeof(path), "upper/%zu/%s", i, rest) >= PATH_MAX)
        return;
    if (fstat(source_fd, &st) < 0 || !make_place(scratch_fd, path, S_ISDIR(st.st_mode)))
        nvb_child_die(launch, errno, "cannot make '%s'", container_path);
}

static void fill_from_mount(const struct nvb_launch *launch, int scratch_fd, size_t i)
{
    const struct nvb_edits *edits = &launch->container->edits;
    const struct nvb_mount *m = &edits->mounts[i];
    char path[PATH_MAX];

    switch (m->kind) {
    case NVB_MOUNT_LINK:
        link_in_layer(launch, scratch_fd, m);
        break;
    case NVB_MOUNT_FS: /* refused before the start */
        break;
    case NVB_MOUNT_BIND:
        make_place_in_layer(launch, scratch_fd, m->container_path,
                            launch->source_fds[edits->n_nodes + i]);
        break;
    case NVB_MOUNT_FILE:
        if (!place_in_layer(launch, scratch_fd, m->container_path, path))
            break;
        nvb_child_write_file(launch, scratch_fd, path, m->content.data, m->content.len,
                             m->mode ? m->mode : 0644);
        /* A secret is for the container's user alone. */
        if (m->mode && !(m->mode & S_IROTH) &&
            fchownat(scratch_fd, path, launch->container->uid, launch->container->gid, 0) < 0)
            nvb_child_die(launch, errno, "cannot give '%s' to the user", m->container_path);
        break;
    }
}

static void make_layer(const struct nvb_launch *launch, int scratch_fd, size_t i)
{
    char upper[32];
    char work[32];

    (void)snprintf(upper, sizeof(upper), "upper/%zu", i);
    (void)snprintf(work, sizeof(work), "work/%zu", i);
    if (mkdirat(scratch_fd, upper, 0755) < 0 || mkdirat(scratch_fd, work, 0700) < 0)
        nvb_child_die(launch, errno, "cannot make a layer");
}

void nvb_child_fill_layers(const struct nvb_launch *launch, int scratch_fd)
{
    const struct nvb_container *c = launch->container;
    const struct nvb_edits *edits = &c->edits;
    size_t n = 0;

    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].kind == NVB_ROOT_OVERLAY)
            make_layer(launch, scratch_fd, n++);
    }
    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].kind == NVB_ROOT_FILE || c->steps[i].kind == NVB_ROOT_HIDE ||
            c->steps[i].kind == NVB_ROOT_DIR)
            fill_from_step(launch, scratch_fd, &c->steps[i]);
    }
    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (!nvb_layer_is_ready(c, &edits->mounts[i]))
            fill_from_mount(launch, scratch_fd, i);
    }
}

/* A file of ours on the host, copied; no larger than an ld.so.cache is. */
static void
copy_into_layer(const struct nvb_launch *launch, int scratch_fd, const struct nvb_mount *m)
{
    nvb_autoclose int from =
        openat(launch->layer_fd, m->container_path + 1, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    nvb_autoclose int to = -1;
    char path[PATH_MAX];
    char chunk[4096];
    ssize_t got = 0;

    if (!place_in_layer(launch, scratch_fd, m->container_path, path))
        return;
    to = openat(scratch_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    while (from >= 0 && to >= 0 && (got = read(from, chunk, sizeof(chunk))) > 0) {
        if (!nvb_write_all(to, chunk, (size_t)got))
            got = -1;
    }
    if (from < 0 || to < 0 || got < 0)
        nvb_child_die(launch, errno, "cannot copy '%s' into the container", m->host_path);
}

void nvb_child_fill_instead(const struct nvb_launch *launch,
                            int scratch_fd,
                            const struct nvb_root_step *overlay)
{
    const struct nvb_edits *edits = &launch->container->edits;

    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *m = &edits->mounts[i];
        const struct nvb_root_step *step = NULL;
        const char *rest = NULL;

        if (!m->is_layered)
            continue;
        (void)index_of(launch->container, m->container_path, &rest, &step);
        if (step != overlay)
            continue;
        if (m->kind == NVB_MOUNT_BIND) {
            copy_into_layer(launch, scratch_fd, m);
        } else {
            fill_from_mount(launch, scratch_fd, i);
        }
    }
}
