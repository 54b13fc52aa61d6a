/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The rest of the writer is proved through unpack_test.c. */
#include "tree_writer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

static const struct tree_attributes plain = { .mode = 04755, .uid = 7, .gid = 7 };
static const struct tree_xattrs none = { 0 };

struct bed {
    const char *tree;
    int fd;
    struct nvb_store_ids ids;
    struct tree_writer *writer;
    struct nvb_err err;
};

static struct bed bed_new(void)
{
    struct bed bed = { .tree = tree_new(), .ids = { .kind = NVB_IDS_SINGLE } };

    bed.fd = open(bed.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return bed;
}

static struct tree_writer *start(struct bed *bed)
{
    tree_writer_free(bed->writer);
    bed->writer = tree_writer_new(bed->fd, &bed->ids);
    tree_writer_set_careful(bed->writer);
    nvb_err_clear(&bed->err);
    return bed->writer;
}

static void bed_clear(struct bed *bed)
{
    (void)close(bed->fd);
    tree_writer_free(bed->writer);
    nvb_err_clear(&bed->err);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static bool write_file(struct bed *bed, const char *path, const struct tree_xattrs *xattrs)
{
    struct tree_writer *w = start(bed);
    int fd = -1;

    return tree_begin_file(w, path, &plain, &fd, &bed->err) &&
           tree_write_piece(fd, "new", 3, 0, path, &bed->err) &&
           tree_end_file(w, fd, path, &plain, xattrs, NULL, &bed->err);
}

static void expect_text(const struct bed *bed, const char *path, const char *want)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_read_file(bed->fd, path, 100, &text, NULL, &err));
    EXPECT_STR(text, want);
}

TEST(a_careful_writer_replaces_files_only)
{
    auto_bed bed = bed_new();

    tree_put(bed.tree, "file", "old");
    tree_put(bed.tree, "dir/keep", "old");
    EXPECT(write_file(&bed, "file", &none));
    expect_text(&bed, "file", "new");
    EXPECT(!write_file(&bed, "dir", &none));
    EXPECT_STR(bed.err.lines[0], "'dir' is a directory here and none there");
    EXPECT(!tree_write_link(start(&bed), "dir", "x", &plain, &bed.err));
    EXPECT(!tree_write_fifo(start(&bed), "dir", &plain, &bed.err));
    EXPECT(!tree_write_hardlink(start(&bed), "dir", "file", &bed.err));
    EXPECT(!tree_write_directory(start(&bed), "file", &plain, &none, &bed.err));
    EXPECT_STR(bed.err.lines[0], "'file' is no directory here and one there");
    expect_text(&bed, "dir/keep", "old");
    expect_text(&bed, "file", "new");
}

TEST(a_careful_writer_gives_no_rights)
{
    static const char capability[20] = { 1, 0, 0, 2, 1 };
    struct tree_xattr items[] = {
        {"security.capability", capability, sizeof(capability)}
    };
    const struct tree_xattrs xattrs = { .items = items, .n = 1 };
    auto_bed bed = bed_new();
    struct stat st;
    char value[64];

    EXPECT(write_file(&bed, "file", &xattrs));
    EXPECT(fstatat(bed.fd, "file", &st, 0) == 0 && (st.st_mode & 07777) == 0755);
    EXPECT(st.st_uid == geteuid() && st.st_gid == getegid());
    EXPECT(fgetxattr(open(bed.tree, O_RDONLY | O_CLOEXEC), "security.capability", value, 64) < 0);
    EXPECT(tree_writer_get_losses(bed.writer)->n_xattrs == 1);
}

TEST(the_directory_itself_stays_as_it_is)
{
    const struct tree_attributes closed = { .mode = 0 };
    auto_bed bed = bed_new();
    struct stat before;
    struct stat after;

    EXPECT(fstat(bed.fd, &before) == 0);
    EXPECT(tree_write_directory(start(&bed), "", &closed, &none, &bed.err));
    EXPECT(tree_writer_finish(bed.writer, &bed.err));
    EXPECT(fstat(bed.fd, &after) == 0);
    EXPECT(before.st_mode == after.st_mode && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}
