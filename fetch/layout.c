/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tar_index.h"

enum {
    PIECE = 256 << 10,
};

struct layout {
    int fd; /* owned; of the directory or the archive */
    bool is_archive;
    const char *name; /* borrowed */
    struct tar_index index;
};

struct layout_file {
    int fd;     /* owned */
    char *name; /* owned */
    uint64_t at;
    uint64_t left;
    uint64_t size_bytes;
    char *piece; /* owned */
};

static struct layout *layout_new(int take_fd, const char *name, bool is_archive)
{
    struct layout *layout = nvb_xcalloc(1, sizeof(*layout));

    layout->fd = take_fd;
    layout->name = name;
    layout->is_archive = is_archive;
    return layout;
}

struct layout *layout_new_directory(int take_fd, const char *name)
{
    return layout_new(take_fd, name, false);
}

bool layout_open_archive(int take_fd, const char *name, struct layout **out, struct nvb_err *err)
{
    nvb_autoptr(layout) layout = layout_new(take_fd, name, true);

    if (!tar_index_read(layout->fd, name, &layout->index, err))
        return false;
    *out = nvb_steal(&layout);
    return true;
}

void layout_free(struct layout *layout)
{
    if (!layout)
        return;
    (void)close(layout->fd);
    tar_index_clear(&layout->index);
    free(layout);
}

bool layout_has(const struct layout *layout, const char *file)
{
    nvb_autoclose int fd = -1;

    if (layout->is_archive)
        return tar_index_find(&layout->index, file) != NULL;
    fd = nvb_open_in_root(layout->fd, file, O_PATH);
    return fd >= 0;
}

static bool fail_absent(const struct layout *layout, const char *file, struct nvb_err *err)
{
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no '%s' in '%s'", file,
                    layout->name);
}

/* What stands in the archive; the descriptor is one of our own, the offsets are given with each
 * read. */
static bool open_member(const struct layout *layout,
                        const char *file,
                        struct layout_file *out,
                        struct nvb_err *err)
{
    const struct tar_member *member = tar_index_find(&layout->index, file);

    if (!member)
        return fail_absent(layout, file, err);
    out->fd = fcntl(layout->fd, F_DUPFD_CLOEXEC, 3);
    out->at = member->at;
    out->size_bytes = out->left = member->size_bytes;
    return out->fd >= 0 || nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", file);
}

static bool open_in_directory(const struct layout *layout,
                              const char *file,
                              struct layout_file *out,
                              struct nvb_err *err)
{
    struct stat st;

    out->fd = nvb_open_in_root(layout->fd, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (out->fd < 0 && errno == ENOENT)
        return fail_absent(layout, file, err);
    if (out->fd < 0 || fstat(out->fd, &st) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", file);
    if (!S_ISREG(st.st_mode))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is not a regular file", file);
    out->size_bytes = out->left = (uint64_t)st.st_size;
    return true;
}

bool layout_open_file(const struct layout *layout,
                      const char *file,
                      struct layout_file **out,
                      struct nvb_err *err)
{
    nvb_autoptr(layout_file) opened = nvb_xcalloc(1, sizeof(*opened));

    opened->fd = -1;
    opened->name = nvb_xstrdup(file);
    if (layout->is_archive ? !open_member(layout, file, opened, err)
                           : !open_in_directory(layout, file, opened, err))
        return false;
    *out = nvb_steal(&opened);
    return true;
}

uint64_t layout_file_size(const struct layout_file *file)
{
    return file->size_bytes;
}

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct layout_file *file = data;
    size_t want = file->left < PIECE ? (size_t)file->left : PIECE;
    ssize_t got = 0;

    if (!file->piece)
        file->piece = nvb_xcalloc(1, PIECE);
    *out_bytes = file->piece;
    *out_len = 0;
    if (want == 0)
        return true;
    do {
        got = pread(file->fd, file->piece, want, (off_t)file->at);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s'", file->name);
    if (got == 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is cut off", file->name);
    file->at += (uint64_t)got;
    file->left -= (uint64_t)got;
    *out_len = (size_t)got;
    return true;
}

struct source layout_file_source(struct layout_file *file)
{
    return (struct source){ .next = next, .data = file };
}

void layout_file_free(struct layout_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->name);
    free(file->piece);
    free(file);
}

bool layout_read(const struct layout *layout,
                 const char *file,
                 size_t max,
                 char **out_text,
                 size_t *out_len,
                 struct nvb_err *err)
{
    nvb_autoptr(layout_file) opened = NULL;
    nvb_auto_buf text = { 0 };
    const void *bytes = NULL;
    size_t len = 0;

    if (!layout_open_file(layout, file, &opened, err))
        return false;
    if (opened->size_bytes > max)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is larger than %zu bytes", file,
                        max);
    nvb_buf_add(&text, "", 0);
    do {
        if (!next(opened, &bytes, &len, err))
            return false;
        nvb_buf_add(&text, bytes, len);
    } while (len > 0);
    *out_len = text.len;
    *out_text = nvb_steal(&text.data);
    return true;
}
