/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "packer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/file.h"
#include "tree_pack.h"

enum {
    FRAME_MAX = 256 << 10,
    ERROR_MAX = 8 << 10,
};

static const uint32_t failed = UINT32_MAX; /* instead of a length: an error's text follows */

/* The writing side. */
struct packing {
    int fd;
    const struct nvb_store_ids *ids; /* borrowed */
    struct nvb_buf frame;            /* small pieces together */
};

static bool send_frame(struct packing *p, uint32_t head, struct nvb_err *err)
{
    if (!nvb_write_all(p->fd, &head, sizeof(head)) ||
        !nvb_write_all(p->fd, p->frame.data, p->frame.len))
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot hand the archive on");
    p->frame.len = 0;
    return true;
}

static bool on_write(void *data, const void *bytes, size_t len, struct nvb_err *err)
{
    struct packing *p = data;

    nvb_buf_add(&p->frame, bytes, len);
    return p->frame.len < FRAME_MAX || send_frame(p, (uint32_t)p->frame.len, err);
}

static bool
to_inside(const struct nvb_id_extent *extents, size_t n, uint32_t outside, uint32_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (outside >= extents[i].outside && outside - extents[i].outside < extents[i].count) {
            *out = extents[i].inside + (outside - extents[i].outside);
            return true;
        }
    }
    return false;
}

/* Ids that stand for those of images become these; others (root's trees have the images' own
 * numbers) stay. */
static void on_own(void *data, uid_t uid, gid_t gid, uint32_t *out_uid, uint32_t *out_gid)
{
    const struct packing *p = data;

    if (!to_inside(p->ids->uids, p->ids->n_uids, uid, out_uid))
        *out_uid = uid;
    if (!to_inside(p->ids->gids, p->ids->n_gids, gid, out_gid))
        *out_gid = gid;
}

/* As much of the error as one line holds. */
static void send_error(struct packing *p, const struct nvb_err *err)
{
    nvb_auto_err ignored = { 0 };
    uint32_t len = 0;

    p->frame.len = 0;
    nvb_buf_add(&p->frame, &len, sizeof(len));
    nvb_buf_addf(&p->frame, "%.*s", ERROR_MAX, err->lines[0]);
    len = (uint32_t)(p->frame.len - sizeof(len));
    memcpy(p->frame.data, &len, sizeof(len));
    (void)send_frame(p, failed, &ignored);
}

_Noreturn static void run(int dir_fd, const char *name, struct packing *p)
{
    const struct tree_pack_options options = { .own = on_own, .own_data = p, .name = name };
    const struct tar_out out = { .write = on_write, .data = p };
    nvb_auto_err err = { 0 };

    if (tree_pack(dir_fd, &options, &out, &err) &&
        (p->frame.len == 0 || send_frame(p, (uint32_t)p->frame.len, &err))) {
        (void)send_frame(p, 0, &err);
        _exit(EXIT_SUCCESS);
    }
    send_error(p, &err);
    _exit(EXIT_FAILURE);
}

bool packer_start(int take_dir_fd,
                  const char *name,
                  const struct nvb_store_ids *ids,
                  int *out_fd,
                  struct nvb_err *err)
{
    nvb_autoclose int dir_fd = take_dir_fd;
    int ends[2] = { -1, -1 };
    pid_t parent = getpid();
    pid_t pid = -1;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a pipe");
    pid = fork();
    if (pid == 0) {
        struct packing packing = { .fd = ends[1], .ids = ids };

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        (void)close(ends[0]);
        (void)close(STDOUT_FILENO); /* whoever reads the report shall not wait for us */
        run(dir_fd, name, &packing);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot start a process");
    }
    *out_fd = ends[0];
    return true;
}

struct packer_source {
    int fd;      /* borrowed */
    char *frame; /* owned */
    uint32_t size;
    bool is_ended;
};

struct packer_source *packer_source_new(int fd)
{
    struct packer_source *p = nvb_xcalloc(1, sizeof(*p));

    p->fd = fd;
    return p;
}

void packer_source_free(struct packer_source *packer)
{
    if (!packer)
        return;
    free(packer->frame);
    free(packer);
}

static bool read_exactly(int fd, void *out, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = read(fd, (char *)out + done, len - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static bool fail_as_told(struct packer_source *p, struct nvb_err *err)
{
    char text[ERROR_MAX + 1] = "";
    uint32_t len = 0;

    if (!read_exactly(p->fd, &len, sizeof(len)) || len > ERROR_MAX ||
        !read_exactly(p->fd, text, len))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "the directory could not be read");
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "%s", text);
}

/* Frames are as large as their writer likes: one piece of his may be longer than the usual frame. */
static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    enum {
        SIZE_MAX_TAKEN = 64 << 20
    };

    struct packer_source *p = data;
    uint32_t len = 0;

    *out_bytes = p->frame;
    *out_len = 0;
    if (p->is_ended)
        return true;
    if (!read_exactly(p->fd, &len, sizeof(len)))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "whoever reads the directory was ended");
    if (len == failed)
        return fail_as_told(p, err);
    p->is_ended = len == 0;
    if (len > SIZE_MAX_TAKEN)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "whoever reads the directory talks nonsense");
    if (len > p->size) {
        p->frame = nvb_xrealloc(p->frame, len, 1);
        p->size = len;
    }
    if (!read_exactly(p->fd, p->frame, len))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "whoever reads the directory was ended");
    *out_bytes = p->frame;
    *out_len = len;
    return true;
}

struct source packer_source_get(struct packer_source *packer)
{
    return (struct source){ .next = next, .data = packer };
}
