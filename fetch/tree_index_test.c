/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_index.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

struct bed {
    int dir_fd;
    int diff_fd;
};

static void add_sum(struct tree_sums *sums, int diff_fd, const char *path, const char *content)
{
    struct stat st;

    EXPECT(fstatat(diff_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0);
    tree_sums_add(sums, st.st_ino, false, 0); /* of a file that is gone */
    tree_sums_add(sums, st.st_ino, true,
                  (uint32_t)crc32_z(0, (const unsigned char *)content, strlen(content)));
}

/* A layer's tree with its index. */
static struct bed bed_new(void)
{
    const char *dir = tree_new();
    const char *diff = tree_new();
    struct bed bed = { open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                       open(diff, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    struct tree_sums sums = { 0 };
    nvb_auto_strv implied = { 0 };
    nvb_auto_err err = { 0 };

    tree_put(diff, "etc/passwd", "root");
    tree_put(diff, "etc/holes", "x");
    tree_put(diff, "odd\n\xff name", "y");
    tree_link(diff, "bin", "usr/bin");
    tree_fifo(diff, "fifo");
    EXPECT(mknodat(bed.diff_fd, "gone", S_IFCHR, makedev(0, 0)) == 0);
    add_sum(&sums, bed.diff_fd, "etc/passwd", "root");
    add_sum(&sums, bed.diff_fd, "odd\n\xff name", "y");
    nvb_strv_add(&implied, "etc");
    EXPECT(tree_index_write(bed.dir_fd, bed.diff_fd, &sums, &implied, &err));
    tree_sums_clear(&sums);
    return bed;
}

static char *dup_faults(const struct bed *bed, size_t max)
{
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(tree_index_verify(bed->dir_fd, bed->diff_fd, max, &faults, &err));
    return nvb_strv_join(&faults, "; ");
}

static void expect_faults(const struct bed *bed, const char *want)
{
    nvb_autofree char *got = dup_faults(bed, 10);

    EXPECT_STR(got, want);
}

static void write_text(const struct bed *bed, const char *path, const char *text)
{
    nvb_autoclose int fd =
        openat(bed->diff_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    EXPECT(fd >= 0 && nvb_write_all(fd, text, strlen(text)));
}

TEST(what_did_not_change_has_no_faults)
{
    struct bed bed = bed_new();

    expect_faults(&bed, "");
    /* What takes its attributes from the layers below may get them later. */
    EXPECT(fchmodat(bed.diff_fd, "etc", 0700, 0) == 0);
    expect_faults(&bed, "");
}

TEST(every_change_is_found)
{
    struct bed bed = bed_new();

    write_text(&bed, "etc/passwd", "toor");
    expect_faults(&bed, "'/etc/passwd' has other contents");
    write_text(&bed, "etc/passwd", "longer");
    expect_faults(&bed, "'/etc/passwd' has another size");
    EXPECT(unlinkat(bed.diff_fd, "etc/passwd", 0) == 0);
    expect_faults(&bed, "'/etc/passwd' is missing");
    EXPECT(mkdirat(bed.diff_fd, "etc/passwd", 0755) == 0);
    expect_faults(&bed, "'/etc/passwd' is of another kind");
    EXPECT(unlinkat(bed.diff_fd, "etc/passwd", AT_REMOVEDIR) == 0);
    write_text(&bed, "etc/passwd", "root");
    expect_faults(&bed, "");
    EXPECT(fchmodat(bed.diff_fd, "etc/passwd", 0666, 0) == 0);
    expect_faults(&bed, "'/etc/passwd' has another mode or owner");
    EXPECT(fchmodat(bed.diff_fd, "etc/passwd", 0644, 0) == 0);
    write_text(&bed, "etc/new", "");
    expect_faults(&bed, "'/etc/new' does not belong to it");
    EXPECT(unlinkat(bed.diff_fd, "etc/new", 0) == 0);
    EXPECT(unlinkat(bed.diff_fd, "bin", 0) == 0 && symlinkat("/etc", bed.diff_fd, "bin") == 0);
    expect_faults(&bed, "'/bin' points elsewhere");
    EXPECT(unlinkat(bed.diff_fd, "bin", 0) == 0 && symlinkat("usr/bin", bed.diff_fd, "bin") == 0);
    EXPECT(unlinkat(bed.diff_fd, "gone", 0) == 0);
    expect_faults(&bed, "'/gone' is missing");
}

TEST(a_file_with_holes_has_a_size_alone)
{
    struct bed bed = bed_new();

    write_text(&bed, "etc/holes", "z");
    expect_faults(&bed, "");
    write_text(&bed, "etc/holes", "zz");
    expect_faults(&bed, "'/etc/holes' has another size");
}

TEST(tells_so_many_faults_and_no_more)
{
    struct bed bed = bed_new();
    nvb_autofree char *faults = NULL;

    for (int i = 0; i < 50; i++) {
        nvb_autofree char *name = nvb_xasprintf("new%d", i);

        write_text(&bed, name, "");
    }
    faults = dup_faults(&bed, 1);
    EXPECT(nvb_has_suffix(faults, "does not belong to it") && !strchr(faults, ';'));
}

TEST(a_broken_index_is_an_error)
{
    static const char *const texts[] = { "", "f", "f 644 0 0 4 xyz etc/passwd", "q 644 0 0 4 - a" };
    struct bed bed = bed_new();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_auto_strv faults = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(nvb_write_file(bed.dir_fd, "index", texts[i], strlen(texts[i]), 0644, &err));
        EXPECT(!tree_index_verify(bed.dir_fd, bed.diff_fd, 9, &faults, &err));
        EXPECT_STR(err.lines[0], "its index is damaged");
    }
}
