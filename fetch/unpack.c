/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "expand.h"
#include "hash.h"
#include "tree_path.h"

#define WHITEOUT      ".wh."
#define WHITEOUT_META ".wh..wh."
#define WHITEOUT_ALL  ".wh..wh..opq"

enum {
    XATTRS_MAX = 256, /* of one entry */
};

/* One layer on its way. */
struct unpack {
    const struct unpack_job *job; /* borrowed */
    const struct source *source;  /* borrowed */
    struct unpack_result *result; /* borrowed */
    struct source packed;         /* the source, counted and hashed */
    struct source plain;          /* the archive, counted and hashed */
    struct hash *packed_hash;     /* owned, as all below */
    struct hash *plain_hash;
    struct expand *expand;
    struct tree_writer *writer;
    struct archive *archive;
    struct nvb_err err; /* of a callback, whose own words libarchive cannot carry */
};

struct unpack_limits unpack_limits_default(void)
{
    return (struct unpack_limits){
        .size_bytes = 512ULL << 30,
        .n_entries = 8000000,
        .ratio = 250,
        .ratio_from_bytes = 16ULL << 30,
    };
}

void unpack_result_clear(struct unpack_result *result)
{
    nvb_strv_clear(&result->implied);
    tree_sums_clear(&result->sums);
    *result = (struct unpack_result){ 0 };
}

static bool next_packed(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct unpack *u = data;
    uint64_t declared = u->job->size_bytes;

    if (!u->source->next(u->source->data, out_bytes, out_len, err))
        return false;
    u->result->packed_bytes += *out_len;
    hash_add(u->packed_hash, *out_bytes, *out_len);
    return declared == 0 || u->result->packed_bytes <= declared ||
           nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "more came than the %llu bytes declared",
                    (unsigned long long)declared);
}

static bool check_size(const struct unpack *u, struct nvb_err *err)
{
    const struct unpack_limits *limits = &u->job->limits;
    const struct unpack_result *r = u->result;

    if (r->archive_bytes > limits->size_bytes || r->file_bytes > limits->size_bytes) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "it unpacks to more than %llu bytes",
                 (unsigned long long)limits->size_bytes);
        return nvb_hint(err, "this may be a bomb; do you know who made the image?");
    }
    if (r->archive_bytes > limits->ratio_from_bytes &&
        r->archive_bytes / limits->ratio > r->packed_bytes) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "it unpacks to more than %llu times its size",
                 (unsigned long long)limits->ratio);
        return nvb_hint(err, "this may be a bomb; do you know who made the image?");
    }
    return true;
}

static bool next_plain(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct unpack *u = data;
    const struct source expanded = expand_get(u->expand);

    if (!expanded.next(expanded.data, out_bytes, out_len, err))
        return false;
    u->result->archive_bytes += *out_len;
    hash_add(u->plain_hash, *out_bytes, *out_len);
    if (u->job->progress)
        u->job->progress(u->job->progress_data, u->result->packed_bytes, u->result->archive_bytes);
    return check_size(u, err);
}

static la_ssize_t on_read(struct archive *archive, void *data, const void **out_bytes)
{
    struct unpack *u = data;
    size_t len = 0;

    if (u->plain.next(u->plain.data, out_bytes, &len, &u->err))
        return (la_ssize_t)len;
    archive_set_error(archive, EIO, "its source failed");
    return ARCHIVE_FATAL;
}

static bool fail_archive(struct unpack *u, struct nvb_err *err)
{
    const char *why = archive_error_string(u->archive);

    if (u->err.n_lines > 0) {
        *err = u->err;
        u->err = (struct nvb_err){ 0 };
        return false;
    }
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "the archive is damaged: %s",
                    why ? why : "libarchive does not say how");
}

/* Beyond what an id can be: the largest, which is never mapped. */
static uint32_t to_id(int64_t number)
{
    return number < 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static struct tree_attributes get_attributes(struct archive_entry *entry)
{
    return (struct tree_attributes){
        .mode = archive_entry_perm(entry) & 07777,
        .uid = to_id(archive_entry_uid(entry)),
        .gid = to_id(archive_entry_gid(entry)),
        .mtime = {.tv_sec = archive_entry_mtime(entry),
                  .tv_nsec = archive_entry_mtime_nsec(entry)},
    };
}

static struct tree_xattrs get_xattrs(struct archive_entry *entry,
                                     struct tree_xattr storage[XATTRS_MAX])
{
    struct tree_xattrs xattrs = { .items = storage };

    (void)archive_entry_xattr_reset(entry);
    while (xattrs.n < XATTRS_MAX) {
        struct tree_xattr *x = &storage[xattrs.n];

        if (archive_entry_xattr_next(entry, &x->name, &x->value, &x->len) != ARCHIVE_OK)
            break;
        xattrs.n++;
    }
    return xattrs;
}

/* What was written of a file. */
struct written {
    int64_t end;
    bool has_holes;
    uint32_t sum;
};

static bool write_piece(int fd,
                        const void *bytes,
                        size_t len,
                        int64_t at,
                        const char *path,
                        struct written *w,
                        struct nvb_err *err)
{
    w->has_holes = w->has_holes || at != w->end;
    w->sum = (uint32_t)crc32_z(w->sum, bytes, len);
    w->end = at + (int64_t)len;
    return tree_write_piece(fd, bytes, len, at, path, err);
}

/* Pieces with holes between them; a last hole is made by the length. */
static bool write_contents(struct unpack *u,
                           int fd,
                           const char *path,
                           int64_t size,
                           struct written *w,
                           struct nvb_err *err)
{
    for (;;) {
        const void *bytes = NULL;
        size_t len = 0;
        la_int64_t at = 0;
        int done = archive_read_data_block(u->archive, &bytes, &len, &at);

        if (done == ARCHIVE_EOF) {
            w->has_holes = w->has_holes || w->end != size;
            return w->end == size || tree_set_size(fd, size, path, err);
        }
        if (done != ARCHIVE_OK)
            return fail_archive(u, err);
        if (at < 0 || at > size || (int64_t)len > size - at)
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' is longer than it says", path);
        if (len > 0 && !write_piece(fd, bytes, len, at, path, w, err))
            return false;
    }
}

static bool write_file(struct unpack *u,
                       struct archive_entry *entry,
                       const char *path,
                       const struct tree_attributes *attributes,
                       const struct tree_xattrs *xattrs,
                       struct nvb_err *err)
{
    int64_t size = archive_entry_size(entry);
    struct written w = { .sum = (uint32_t)crc32_z(0, NULL, 0) };
    nvb_autoclose int fd = -1;

    if (size < 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' has a size below zero", path);
    u->result->file_bytes += (uint64_t)size;
    return check_size(u, err) && tree_begin_file(u->writer, path, attributes, &fd, err) &&
           write_contents(u, fd, path, size, &w, err) &&
           tree_end_file(u->writer, nvb_steal_fd(&fd), path, attributes, xattrs,
                         w.has_holes ? NULL : &w.sum, err);
}

/* ".wh.NAME" of directory "a" takes "a/NAME" away. *out_is_done: the entry was one of these. */
static bool
write_whiteout(struct unpack *u, const char *path, bool *out_is_done, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    nvb_autofree char *directory = nvb_xstrndup(path, slash ? (size_t)(slash - path) : 0);
    nvb_autofree char *taken = NULL;

    *out_is_done = nvb_has_prefix(name, WHITEOUT);
    if (!*out_is_done)
        return true;
    if (strcmp(name, WHITEOUT_ALL) == 0)
        return tree_write_opaque(u->writer, directory, err);
    /* Of AUFS, for itself. */
    if (nvb_has_prefix(name, WHITEOUT_META))
        return true;
    name += strlen(WHITEOUT);
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' takes nothing away", path);
    taken = nvb_xasprintf("%s%s%s", directory, slash ? "/" : "", name);
    return tree_write_whiteout(u->writer, taken, err);
}

static bool write_hardlink(struct unpack *u, const char *path, const char *to, struct nvb_err *err)
{
    nvb_autofree char *target = tree_path_clean(to, err);

    return target && tree_write_hardlink(u->writer, path, target, err);
}

static bool
write_entry(struct unpack *u, struct archive_entry *entry, const char *path, struct nvb_err *err)
{
    struct tree_xattr storage[XATTRS_MAX];
    struct tree_attributes attributes = get_attributes(entry);
    struct tree_xattrs xattrs = get_xattrs(entry, storage);
    const char *hardlink = archive_entry_hardlink(entry);
    const char *target = archive_entry_symlink(entry);
    unsigned type = archive_entry_filetype(entry);

    if (!*path && (hardlink || type != AE_IFDIR))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "its root is not a directory");
    if (hardlink)
        return write_hardlink(u, path, hardlink, err);
    if (type == AE_IFREG)
        return write_file(u, entry, path, &attributes, &xattrs, err);
    if (type == AE_IFDIR)
        return tree_write_directory(u->writer, path, &attributes, &xattrs, err);
    if (type == AE_IFLNK)
        return tree_write_link(u->writer, path, target ? target : "", &attributes, err);
    if (type == AE_IFIFO)
        return tree_write_fifo(u->writer, path, &attributes, err);
    if (type == AE_IFCHR || type == AE_IFBLK) {
        tree_note_device(u->writer);
        return true;
    }
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "'%s' is of a kind that nothing unpacks",
                    path);
}

static bool take_entry(struct unpack *u, struct archive_entry *entry, struct nvb_err *err)
{
    const char *name = archive_entry_pathname(entry);
    nvb_autofree char *path = NULL;
    bool is_whiteout = false;

    if (!name)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "an entry has no name");
    if (++u->result->n_entries > u->job->limits.n_entries)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "it has more than %llu entries",
                        (unsigned long long)u->job->limits.n_entries);
    path = tree_path_clean(name, err);
    if (!path || (!u->job->is_copy && !write_whiteout(u, path, &is_whiteout, err)))
        return false;
    return is_whiteout || write_entry(u, entry, path, err);
}

static bool read_archive(struct unpack *u, struct nvb_err *err)
{
    if (archive_read_open2(u->archive, u, NULL, on_read, NULL, NULL) != ARCHIVE_OK)
        return fail_archive(u, err);
    for (;;) {
        struct archive_entry *entry = NULL;
        int done = archive_read_next_header(u->archive, &entry);

        if (done == ARCHIVE_EOF)
            return true;
        /* A warning is about names that are not UTF-8: they are bytes. */
        if (done != ARCHIVE_OK && done != ARCHIVE_WARN)
            return fail_archive(u, err);
        if (!take_entry(u, entry, err))
            return false;
    }
}

/* What stands behind the end of the archive belongs to both digests. */
static bool drain(struct unpack *u, struct nvb_err *err)
{
    const void *bytes = NULL;
    size_t len = 0;

    do {
        if (!u->plain.next(u->plain.data, &bytes, &len, err))
            return false;
    } while (len > 0);
    do {
        if (!u->packed.next(u->packed.data, &bytes, &len, err))
            return false;
    } while (len > 0);
    return true;
}

static bool check_digest(const char *got, const char *want, const char *of, struct nvb_err *err)
{
    return !want || strcmp(got, want) == 0 ||
           nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%s is '%s', not '%s' as declared", of, got,
                    want);
}

static bool verify(struct unpack *u, struct nvb_err *err)
{
    const struct unpack_job *job = u->job;
    struct unpack_result *r = u->result;

    hash_end(u->packed_hash, r->digest);
    hash_end(u->plain_hash, r->diff_id);
    if (job->size_bytes > 0 && r->packed_bytes != job->size_bytes)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "%llu bytes came, not %llu as declared",
                        (unsigned long long)r->packed_bytes, (unsigned long long)job->size_bytes);
    return check_digest(r->digest, job->digest, "its digest", err) &&
           check_digest(r->diff_id, job->diff_id, "the digest of the archive in it", err);
}

static void start(struct unpack *u)
{
    u->packed = (struct source){ .next = next_packed, .data = u };
    u->plain = (struct source){ .next = next_plain, .data = u };
    u->packed_hash = hash_new();
    u->plain_hash = hash_new();
    u->expand = expand_new(&u->packed, "it");
    u->writer = tree_writer_new(u->job->diff_fd, u->job->ids);
    if (u->job->is_copy)
        tree_writer_set_careful(u->writer);
    u->archive = archive_read_new();
    if (!u->archive || archive_read_support_format_tar(u->archive) != ARCHIVE_OK ||
        archive_read_support_format_empty(u->archive) != ARCHIVE_OK)
        abort(); /* no memory */
}

static void stop(struct unpack *u)
{
    (void)archive_read_free(u->archive);
    tree_writer_free(u->writer);
    expand_free(u->expand);
    hash_free(u->plain_hash);
    hash_free(u->packed_hash);
    nvb_err_clear(&u->err);
}

bool unpack(const struct unpack_job *job,
            const struct source *source,
            struct unpack_result *out,
            struct nvb_err *err)
{
    struct unpack u = { .job = job, .source = source, .result = out };
    bool ok = false;

    *out = (struct unpack_result){ 0 };
    start(&u);
    ok = read_archive(&u, err) && tree_writer_finish(u.writer, err) && drain(&u, err) &&
         verify(&u, err);
    if (ok) {
        tree_writer_list_implied(u.writer, &out->implied);
        out->losses = *tree_writer_get_losses(u.writer);
        out->sums = tree_writer_steal_sums(u.writer);
    } else {
        nvb_while(err, "cannot unpack %s", job->name);
    }
    stop(&u);
    return ok;
}
