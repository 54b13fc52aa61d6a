/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_index.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "path_set.h"
#include "tree_walk.h"
#include "whiteout.h"

#define INDEX_FILE "index"

enum {
    FLUSH_AT = 256 << 10,
    INDEX_MAX = 1 << 30,
    PIECE = 256 << 10,
};

void tree_sums_add(struct tree_sums *sums, ino_t number, bool has_sum, uint32_t sum)
{
    if (sums->n == sums->n_allocated) {
        sums->n_allocated = sums->n_allocated ? sums->n_allocated * 2 : 256;
        sums->items = nvb_xrealloc(sums->items, sums->n_allocated, sizeof(*sums->items));
    }
    sums->items[sums->n] = (struct tree_sum){ number, sums->n, sum, has_sum };
    sums->n++;
}

void tree_sums_clear(struct tree_sums *sums)
{
    free(sums->items);
    *sums = (struct tree_sums){ 0 };
}

static int by_number(const void *a, const void *b)
{
    const struct tree_sum *x = a;
    const struct tree_sum *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Sorted; of several the last. */
static const struct tree_sum *find_sum(const struct tree_sums *sums, ino_t number)
{
    size_t low = 0;
    size_t high = sums->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sums->items[middle].number <= number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && sums->items[low - 1].number == number ? &sums->items[low - 1] : NULL;
}

static char type_of(const struct stat *st)
{
    if (whiteout_is(st))
        return 'w';
    return S_ISREG(st->st_mode)    ? 'f'
           : S_ISDIR(st->st_mode)  ? 'd'
           : S_ISLNK(st->st_mode)  ? 'l'
           : S_ISFIFO(st->st_mode) ? 'p'
                                   : '?';
}

static bool sum_link(int parent_fd, const char *name, uint32_t *out)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(parent_fd, name, target, sizeof(target));

    if (len < 0)
        return false;
    *out = (uint32_t)crc32(0, (const unsigned char *)target, (unsigned)len);
    return true;
}

/* The index while it is written. */
struct writing {
    int fd;
    struct nvb_buf text;
    const struct tree_sums *sums; /* borrowed */
    struct path_set implied;
};

static bool flush(struct writing *w, struct nvb_err *err)
{
    bool ok = nvb_write_all(w->fd, w->text.data, w->text.len);

    w->text.len = 0;
    return ok || nvb_fail_errno(err, NVB_D_IMAGE, "cannot write a layer's index");
}

static bool write_record(void *data,
                         int parent_fd,
                         const char *name,
                         const char *path,
                         const struct stat *st,
                         struct nvb_err *err)
{
    struct writing *w = data;
    const struct tree_sum *sum = S_ISREG(st->st_mode) ? find_sum(w->sums, st->st_ino) : NULL;
    char type = type_of(st);
    uint32_t value = sum ? sum->sum : 0;
    bool has_sum = sum && sum->has_sum;

    if (type == 'd' && path_set_has(&w->implied, path))
        type = 'i';
    if (type == 'l')
        has_sum = sum_link(parent_fd, name, &value);
    nvb_buf_addf(&w->text, "%c %o %u %u %llu ", type, (unsigned)(st->st_mode & 07777), st->st_uid,
                 st->st_gid, S_ISREG(st->st_mode) ? (unsigned long long)st->st_size : 0);
    if (has_sum) {
        nvb_buf_addf(&w->text, "%08x %s", value, path);
    } else {
        nvb_buf_addf(&w->text, "- %s", path);
    }
    nvb_buf_add(&w->text, "", 1);
    return w->text.len < FLUSH_AT || flush(w, err);
}

bool tree_index_write(int dir_fd,
                      int diff_fd,
                      struct tree_sums *sums,
                      const struct nvb_strv *implied,
                      struct nvb_err *err)
{
    nvb_autoclose int fd =
        openat(dir_fd, INDEX_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    struct writing w = { .fd = fd, .sums = sums };
    bool ok = false;

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot write a layer's index");
    if (sums->n > 1)
        qsort(sums->items, sums->n, sizeof(*sums->items), by_number);
    for (size_t i = 0; i < implied->n; i++)
        path_set_add(&w.implied, implied->items[i]);
    nvb_buf_add(&w.text, "", 0);
    ok = tree_walk(diff_fd, write_record, &w, err) && flush(&w, err);
    path_set_clear(&w.implied);
    nvb_buf_clear(&w.text);
    return ok;
}

/* One record, as it was read. */
struct record {
    char type;
    unsigned mode;
    unsigned uid;
    unsigned gid;
    uint64_t size;
    bool has_sum;
    uint32_t sum;
    const char *path; /* borrowed from the text */
};

static bool parse_record(const char *text, struct record *out)
{
    unsigned long long size = 0;
    char sum[16] = "";
    int at = 0;

    if (sscanf(text, "%c %o %u %u %llu %15s%n", &out->type, &out->mode, &out->uid, &out->gid, &size,
               sum, &at) != 6 ||
        text[at] != ' ')
        return false;
    out->size = size;
    out->has_sum = strcmp(sum, "-") != 0;
    out->sum = out->has_sum ? (uint32_t)strtoul(sum, NULL, 16) : 0;
    out->path = text + at + 1;
    return strchr("fdilpw", out->type) != NULL;
}

struct verifying {
    int diff_fd; /* borrowed */
    size_t max_faults;
    struct nvb_strv *faults; /* borrowed */
    struct path_set known;
    char *piece; /* owned */
};

static void fault(struct verifying *v, const char *path, const char *what)
{
    if (v->faults->n < v->max_faults)
        nvb_strv_addf(v->faults, "'/%s' %s", path, what);
}

static bool has_sum(struct verifying *v, const struct record *r, bool *out_read)
{
    nvb_autoclose int fd = nvb_open_in_root(v->diff_fd, r->path, O_RDONLY | O_NOFOLLOW);
    uint32_t sum = (uint32_t)crc32(0, NULL, 0);
    ssize_t got = 0;

    while (fd >= 0 && ((got = read(fd, v->piece, PIECE)) > 0 || (got < 0 && errno == EINTR))) {
        if (got > 0)
            sum = (uint32_t)crc32(sum, (const unsigned char *)v->piece, (unsigned)got);
    }
    *out_read = fd >= 0 && got == 0;
    return sum == r->sum;
}

static void verify_content(struct verifying *v, const struct record *r)
{
    bool is_read = false;

    if (r->type == 'f' && r->has_sum && !has_sum(v, r, &is_read))
        fault(v, r->path, is_read ? "has other contents" : "cannot be read");
}

static void verify_link(struct verifying *v, const struct record *r)
{
    const char *slash = strrchr(r->path, '/');
    nvb_autofree char *parent = nvb_xstrndup(r->path, slash ? (size_t)(slash - r->path) : 0);
    nvb_autoclose int fd =
        nvb_open_in_root(v->diff_fd, *parent ? parent : ".", O_PATH | O_DIRECTORY);
    uint32_t sum = 0;

    if (fd < 0 || !sum_link(fd, slash ? slash + 1 : r->path, &sum) || sum != r->sum)
        fault(v, r->path, "points elsewhere");
}

static void verify_record(struct verifying *v, const struct record *r)
{
    nvb_autoclose int fd =
        nvb_open_in_root(v->diff_fd, *r->path ? r->path : ".", O_PATH | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        fault(v, r->path, "is missing");
    } else if (type_of(&st) != (r->type == 'i' ? 'd' : r->type)) {
        fault(v, r->path, "is of another kind");
    } else if (r->type == 'f' && (uint64_t)st.st_size != r->size) {
        fault(v, r->path, "has another size");
    } else if (r->type != 'i' && r->type != 'w' &&
               ((r->type != 'l' && (st.st_mode & 07777) != r->mode) || st.st_uid != r->uid ||
                st.st_gid != r->gid)) {
        fault(v, r->path, "has another mode or owner");
    } else if (r->type == 'l') {
        verify_link(v, r);
    } else {
        verify_content(v, r);
    }
}

static bool find_extra(void *data,
                       int parent_fd,
                       const char *name,
                       const char *path,
                       const struct stat *st,
                       struct nvb_err *err)
{
    struct verifying *v = data;

    (void)parent_fd;
    (void)name;
    (void)st;
    (void)err;
    if (!path_set_has(&v->known, path))
        fault(v, path, "does not belong to it");
    return true;
}

static bool verify(struct verifying *v, const char *text, size_t len, struct nvb_err *err)
{
    for (const char *p = text; p < text + len; p += strlen(p) + 1) {
        struct record record = { 0 };

        if (!parse_record(p, &record))
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "its index is damaged");
        path_set_add(&v->known, record.path);
        verify_record(v, &record);
    }
    return tree_walk(v->diff_fd, find_extra, v, err);
}

bool tree_index_verify(int dir_fd,
                       int diff_fd,
                       size_t max_faults,
                       struct nvb_strv *out_faults,
                       struct nvb_err *err)
{
    struct verifying v = { .diff_fd = diff_fd, .max_faults = max_faults, .faults = out_faults };
    nvb_autofree char *text = NULL;
    size_t len = 0;
    bool ok = false;

    if (!nvb_read_in_root(dir_fd, INDEX_FILE, INDEX_MAX, &text, &len, err))
        return false;
    if (len == 0 || text[len - 1] != '\0')
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "its index is damaged");
    v.piece = nvb_xcalloc(1, PIECE);
    ok = verify(&v, text, len, err);
    path_set_clear(&v.known);
    free(v.piece);
    return ok;
}
