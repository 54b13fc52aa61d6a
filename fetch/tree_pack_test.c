/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_pack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"
#include "unpack.h"

static bool add(void *data, const void *bytes, size_t len, struct nvb_err *err)
{
    (void)err;
    nvb_buf_add(data, bytes, len);
    return true;
}

static void pack(const char *tree, bool is_layer, struct nvb_buf *out)
{
    const struct tree_pack_options options = { .is_layer = is_layer, .name = "the tree" };
    const struct tar_out to = { .write = add, .data = out };
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_err err = { 0 };

    out->len = 0;
    if (!tree_pack(fd, &options, &to, &err))
        nvb_err_print(&err, "#", stdout);
    EXPECT(err.n_lines == 0);
}

struct bytes {
    const char *data;
    size_t len;
};

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct bytes *b = data;

    (void)err;
    *out_bytes = b->data;
    *out_len = b->len;
    b->len = 0;
    return true;
}

static void unpack_to(const char *tree, const struct nvb_buf *archive)
{
    const struct nvb_store_ids ids = {
        .kind = geteuid() == 0 ? NVB_IDS_RANGE : NVB_IDS_SINGLE,
        .uids = { { 0, 0, UINT32_MAX } },
        .n_uids = 1,
        .gids = { { 0, 0, UINT32_MAX } },
        .n_gids = 1,
    };
    struct bytes bytes = { .data = archive->data, .len = archive->len };
    const struct source source = { .next = next, .data = &bytes };
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct unpack_job job = {
        .name = "it", .diff_fd = fd, .ids = &ids, .limits = unpack_limits_default()
    };
    struct unpack_result result;
    nvb_auto_err err = { 0 };

    if (!unpack(&job, &source, &result, &err))
        nvb_err_print(&err, "#", stdout);
    EXPECT(err.n_lines == 0);
    unpack_result_clear(&result);
}

static int at(const char *tree, const char *path, struct stat *out)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);

    return lstat(full, out);
}

/* What is packed, unpacked and packed again is the same, byte for byte. */
static void expect_same_again(const char *tree, bool is_layer)
{
    const char *copy = tree_new();
    nvb_auto_buf first = { 0 };
    nvb_auto_buf second = { 0 };

    pack(tree, is_layer, &first);
    unpack_to(copy, &first);
    pack(copy, is_layer, &second);
    EXPECT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
}

TEST(packs_what_unpacks_to_the_same)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char long_name[256];
    nvb_autofree char *deep = NULL;
    /* Without a fraction: libarchive 3.6 misreads those before 1970. */
    const struct timespec old[2] = {
        {-5,  0},
        { -5, 0}
    };

    memset(long_name, 'n', 255);
    long_name[255] = '\0';
    deep = nvb_xasprintf("%.90s/%.90s/%.90s/f", long_name, long_name, long_name);
    tree_put(tree, "bin/app", "code");
    tree_put(tree, "empty", "");
    tree_put(tree, "latin\xe9", "x");
    tree_put(tree, deep, "deep");
    tree_put(tree, long_name, "long");
    tree_link(tree, "link", "bin/app");
    tree_link(tree, "long-link", deep);
    tree_fifo(tree, "fifo");
    EXPECT(linkat(fd, "bin/app", fd, "bin/same", 0) == 0);
    EXPECT(fchmodat(fd, "bin/app", 0751, 0) == 0 && fchmodat(fd, "bin", 01777, 0) == 0);
    EXPECT(utimensat(fd, "empty", old, 0) == 0);
    expect_same_again(tree, false);
}

TEST(owners_and_attributes_are_kept)
{
    const char *tree = tree_new();
    nvb_autofree char *file = nvb_xasprintf("%s/file", tree);

    tree_put(tree, "file", "x");
    EXPECT(setxattr(file, "user.note", "a\0b", 3, 0) == 0);
    EXPECT(geteuid() != 0 || (chown(file, 3000000, 77) == 0 && chmod(file, 04755) == 0));
    expect_same_again(tree, false);
}

TEST(overlayfs_marks_become_those_of_layers)
{
    const char *tree = tree_new();
    const char *copy = tree_new();
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_autofree char *dir = nvb_xasprintf("%s/opaque", tree);
    nvb_auto_buf archive = { 0 };
    struct stat st;

    tree_put(tree, "opaque/file", "x");
    EXPECT(setxattr(dir, "user.overlay.opaque", "y", 1, 0) == 0);
    EXPECT(mknodat(fd, "gone", S_IFCHR, makedev(0, 0)) == 0);
    expect_same_again(tree, true);
    pack(tree, true, &archive);
    EXPECT(memmem(archive.data, archive.len, ".wh.gone", 8) != NULL);
    EXPECT(memmem(archive.data, archive.len, "opaque/.wh..wh..opq", 19) != NULL);
    pack(tree, false, &archive);
    unpack_to(copy, &archive);
    EXPECT(at(copy, "gone", &st) < 0 && at(copy, "opaque/file", &st) == 0);
}

TEST(what_is_no_file_is_left_out)
{
    const char *tree = tree_new();
    const char *copy = tree_new();
    nvb_auto_buf archive = { 0 };
    struct stat st;

    tree_socket(tree, "socket");
    if (geteuid() == 0)
        tree_node(tree, "mem", 1, 1);
    tree_put(tree, "file", "x");
    pack(tree, false, &archive);
    unpack_to(copy, &archive);
    EXPECT(at(copy, "file", &st) == 0 && at(copy, "socket", &st) < 0 && at(copy, "mem", &st) < 0);
}

TEST(says_what_it_may_not_read)
{
    const char *tree = tree_new();
    const struct tree_pack_options options = { .name = "the tree" };
    nvb_auto_buf archive = { 0 };
    const struct tar_out to = { .write = add, .data = &archive };
    nvb_autofree char *file = nvb_xasprintf("%s/secret", tree);
    nvb_autoclose int fd = -1;
    nvb_auto_err err = { 0 };

    tree_put(tree, "secret", "x");
    EXPECT(chmod(file, 0) == 0 && chmod(tree, 0755) == 0);
    if (geteuid() == 0 && setuid(65534) < 0)
        SKIP("no other user to be");
    fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(!tree_pack(fd, &options, &to, &err));
    EXPECT_STR(err.lines[0], "cannot read 'secret' of the tree: Permission denied");
}
