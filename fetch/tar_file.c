/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tar_file.h"

#include "base/file.h"

enum {
    GATHERED_MAX = 256 << 10,
};

struct tar_file {
    int fd; /* borrowed */
    struct nvb_buf gathered;
};

struct tar_file *tar_file_new(int fd)
{
    struct tar_file *file = nvb_xcalloc(1, sizeof(*file));

    file->fd = fd;
    return file;
}

void tar_file_free(struct tar_file *file)
{
    if (!file)
        return;
    nvb_buf_clear(&file->gathered);
    free(file);
}

bool tar_file_flush(struct tar_file *file, struct nvb_err *err)
{
    if (!nvb_write_all(file->fd, file->gathered.data, file->gathered.len))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot write the archive");
    file->gathered.len = 0;
    return true;
}

static bool write_to_file(void *data, const void *bytes, size_t len, struct nvb_err *err)
{
    struct tar_file *file = data;

    nvb_buf_add(&file->gathered, bytes, len);
    return file->gathered.len < GATHERED_MAX || tar_file_flush(file, err);
}

struct tar_out tar_file_out(struct tar_file *file)
{
    return (struct tar_out){ .write = write_to_file, .data = file };
}

static bool tally(void *data, const void *bytes, size_t len, struct nvb_err *err)
{
    struct tar_tally *t = data;

    hash_add(t->hash, bytes, len);
    t->n_bytes += len;
    return !t->next || t->next->write(t->next->data, bytes, len, err);
}

struct tar_out tar_tally_out(struct tar_tally *t)
{
    return (struct tar_out){ .write = tally, .data = t };
}
