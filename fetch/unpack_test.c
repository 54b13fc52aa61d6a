/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "unpack.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "tar_bed.h"
#include "test.h"
#include "tree.h"

/* Bytes given out in pieces of a size. */
struct bytes {
    const char *data;
    size_t len;
    size_t piece;
};

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct bytes *b = data;

    (void)err;
    *out_bytes = b->data;
    *out_len = b->piece && b->piece < b->len ? b->piece : b->len;
    b->data += *out_len;
    b->len -= *out_len;
    return true;
}

static void add_path(struct nvb_buf *archive, const char *path, size_t len)
{
    nvb_auto_buf records = { 0 };

    tar_pax_record(&records, "path", path, len);
    tar_add_pax(archive, &records);
}

struct bed {
    const char *tree;
    int fd;
    struct nvb_store_ids ids;
    struct unpack_limits limits;
    const char *digest;
    const char *diff_id;
    uint64_t size_bytes;
    size_t piece;
    struct unpack_result result;
    struct nvb_err err;
};

/* As root all ids are mapped, as somebody else the own one. */
static struct bed bed_new(void)
{
    struct bed bed = { .tree = tree_new(), .limits = unpack_limits_default() };
    struct nvb_id_extent all = { 0, 0, UINT32_MAX };

    bed.fd = open(bed.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(bed.fd >= 0 && fchmod(bed.fd, 0755) == 0);
    bed.ids.kind = geteuid() == 0 ? NVB_IDS_RANGE : NVB_IDS_SINGLE;
    bed.ids.uids[0] = bed.ids.gids[0] = all;
    bed.ids.n_uids = bed.ids.n_gids = 1;
    return bed;
}

static void bed_clear(struct bed *bed)
{
    (void)close(bed->fd);
    unpack_result_clear(&bed->result);
    nvb_err_clear(&bed->err);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static bool unpack_bytes(struct bed *bed, const void *data, size_t len)
{
    struct bytes bytes = { .data = data, .len = len, .piece = bed->piece };
    struct source source = { .next = next, .data = &bytes };
    struct unpack_job job = {
        .name = "the layer",
        .digest = bed->digest,
        .diff_id = bed->diff_id,
        .size_bytes = bed->size_bytes,
        .diff_fd = bed->fd,
        .ids = &bed->ids,
        .limits = bed->limits,
    };

    unpack_result_clear(&bed->result);
    nvb_err_clear(&bed->err);
    return unpack(&job, &source, &bed->result, &bed->err);
}

static bool unpack_entries(struct bed *bed, const struct tar_entry *entries, size_t n)
{
    nvb_auto_buf archive = { 0 };

    for (size_t i = 0; i < n; i++)
        tar_add(&archive, &entries[i]);
    tar_end(&archive);
    return unpack_bytes(bed, archive.data, archive.len);
}

#define ENTRY(...)  \
    {               \
        __VA_ARGS__ \
    }
#define UNPACK(bed, entries) unpack_entries(bed, entries, sizeof(entries) / sizeof((entries)[0]))

static struct stat look(const struct bed *bed, const char *path)
{
    struct stat st = { 0 };

    (void)fstatat(bed->fd, path, &st, AT_SYMLINK_NOFOLLOW);
    return st;
}

static bool is_absent(const struct bed *bed, const char *path)
{
    return look(bed, path).st_mode == 0;
}

static void expect_content(const struct bed *bed, const char *path, const char *want)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_read_in_root(bed->fd, path, 1 << 20, &text, NULL, &err));
    EXPECT_STR(text, want);
}

static bool is_whiteout(const struct bed *bed, const char *path)
{
    struct stat st = look(bed, path);

    return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

static bool is_opaque(const struct bed *bed, const char *path)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", bed->tree, path);
    char value[8] = "";

    return lgetxattr(full, "user.overlay.opaque", value, sizeof(value)) == 1 && *value == 'y';
}

TEST(writes_every_kind_of_file)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '5', .name = "./", .mode = 0711, .mtime = 1000),
        ENTRY(.type = '5', .name = "bin/", .mode = 0750, .mtime = 1001),
        ENTRY(.type = '0', .name = "bin/sh", .content = "#!", .mode = 0755, .mtime = 1002),
        ENTRY(.type = '1', .name = "bin/dash", .link = "bin/sh"),
        ENTRY(.type = '2', .name = "sh", .link = "bin/sh", .mtime = 1003),
        ENTRY(.type = '6', .name = "fifo", .mode = 0600, .mtime = 1004),
        ENTRY(.type = '0', .name = "empty", .mtime = 1005),
        ENTRY(.type = '5', .name = "tmp", .mode = 01777, .mtime = 1006),
        ENTRY(.type = '0', .name = "tmp/x", .content = "y"),
    };
    auto_bed bed = bed_new();
    char target[16] = "";

    EXPECT(UNPACK(&bed, entries));
    expect_content(&bed, "bin/sh", "#!");
    EXPECT(look(&bed, ".").st_mode == (S_IFDIR | 0711) && look(&bed, ".").st_mtime == 1000);
    EXPECT(look(&bed, "bin").st_mode == (S_IFDIR | 0750) && look(&bed, "bin").st_mtime == 1001);
    EXPECT(look(&bed, "bin/sh").st_mode == (S_IFREG | 0755));
    EXPECT(look(&bed, "bin/sh").st_mtime == 1002 && look(&bed, "bin/sh").st_nlink == 2);
    EXPECT(look(&bed, "bin/dash").st_ino == look(&bed, "bin/sh").st_ino);
    EXPECT(S_ISLNK(look(&bed, "sh").st_mode) && look(&bed, "sh").st_mtime == 1003);
    EXPECT(readlinkat(bed.fd, "sh", target, sizeof(target) - 1) == 6);
    EXPECT_STR(target, "bin/sh");
    EXPECT(look(&bed, "fifo").st_mode == (S_IFIFO | 0600));
    EXPECT(look(&bed, "empty").st_size == 0 && look(&bed, "empty").st_mtime == 1005);
    EXPECT(look(&bed, "tmp").st_mode == (S_IFDIR | 01777) && look(&bed, "tmp").st_mtime == 1006);
    EXPECT(bed.result.n_entries == 9 && bed.result.file_bytes == 3);
    EXPECT(bed.result.implied.n == 0);
}

TEST(an_empty_archive_is_an_empty_layer)
{
    auto_bed bed = bed_new();
    nvb_auto_buf zeros = { 0 };

    EXPECT(unpack_bytes(&bed, "", 0) && bed.result.n_entries == 0);
    EXPECT_STR(bed.result.diff_id,
               "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    tar_end(&zeros);
    EXPECT(unpack_bytes(&bed, zeros.data, zeros.len) && bed.result.n_entries == 0);
    EXPECT(bed.result.implied.n == 1);
}

TEST(owners_are_those_of_the_archive)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '5', .name = "d", .uid = 33, .gid = 34, .mode = 02775),
        ENTRY(.type = '0', .name = "d/f", .uid = 1, .gid = 2, .mode = 06755),
        ENTRY(.type = '0', .name = "d/r"),
        ENTRY(.type = '5', .name = "d/e"),
        ENTRY(.type = '2', .name = "d/l", .link = "x", .uid = 5, .gid = 6),
        ENTRY(.type = '6', .name = "d/p", .uid = 7, .gid = 8),
    };
    auto_bed bed = bed_new();

    if (geteuid() != 0)
        SKIP("not root");
    EXPECT(UNPACK(&bed, entries));
    EXPECT(look(&bed, "d").st_uid == 33 && look(&bed, "d").st_gid == 34);
    EXPECT(look(&bed, "d").st_mode == (S_IFDIR | 02775));
    EXPECT(look(&bed, "d/f").st_uid == 1 && look(&bed, "d/f").st_gid == 2);
    EXPECT(look(&bed, "d/f").st_mode == (S_IFREG | 06755));
    /* The bit of the directory above gives neither its group nor itself. */
    EXPECT(look(&bed, "d/r").st_gid == 0 && look(&bed, "d/e").st_gid == 0);
    EXPECT(look(&bed, "d/e").st_mode == (S_IFDIR | 0755));
    EXPECT(look(&bed, "d/l").st_uid == 5 && look(&bed, "d/p").st_gid == 8);
}

TEST(with_one_id_everything_is_ones_own)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "su", .uid = 0, .mode = 04755),
        ENTRY(.type = '0', .name = "mail", .uid = 8, .gid = 8, .mode = 02755),
        ENTRY(.type = '5', .name = "d", .uid = 33, .mode = 02775),
    };
    auto_bed bed = bed_new();

    bed.ids.kind = NVB_IDS_SINGLE;
    EXPECT(UNPACK(&bed, entries));
    EXPECT(look(&bed, "su").st_mode == (S_IFREG | 0755));
    EXPECT(look(&bed, "mail").st_mode == (S_IFREG | 0755));
    EXPECT(look(&bed, "mail").st_uid == geteuid() && look(&bed, "d").st_mode == (S_IFDIR | 02775));
    EXPECT(bed.result.losses.n_setuid == 2 && bed.result.losses.n_owners == 2);
}

TEST(owners_beyond_the_mapping_become_nobody)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "a", .uid = 70000, .gid = 1),
        ENTRY(.type = '0', .name = "b", .uid = 65535, .gid = 65535),
    };
    auto_bed bed = bed_new();

    if (geteuid() != 0)
        SKIP("not root");
    bed.ids.uids[0].count = bed.ids.gids[0].count = 65536;
    EXPECT(UNPACK(&bed, entries));
    EXPECT(look(&bed, "a").st_uid == 65534 && look(&bed, "a").st_gid == 1);
    EXPECT(look(&bed, "b").st_uid == 65535 && bed.result.losses.n_unmapped == 1);
}

TEST(devices_are_left_out)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '3', .name = "dev/mem", .mode = 0666),
        ENTRY(.type = '4', .name = "dev/sda", .mode = 0666),
        ENTRY(.type = '3', .name = "zero", .mode = 0), /* 0:0 would be a whiteout */
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    EXPECT(is_absent(&bed, "dev/mem") && is_absent(&bed, "dev/sda") && is_absent(&bed, "zero"));
    EXPECT(bed.result.losses.n_devices == 3);
}

TEST(whiteouts_become_those_of_overlayfs)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "etc/.wh.passwd"),
        ENTRY(.type = '0', .name = ".wh.usr"),
        ENTRY(.type = '0', .name = "var/.wh..wh..opq"),
        ENTRY(.type = '0', .name = "var/new", .content = "n"),
        ENTRY(.type = '0', .name = ".wh..wh.plnk", .content = "aufs"),
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    EXPECT(is_whiteout(&bed, "etc/passwd") && is_whiteout(&bed, "usr"));
    EXPECT(is_opaque(&bed, "var") && !is_opaque(&bed, "etc"));
    expect_content(&bed, "var/new", "n");
    EXPECT(is_absent(&bed, ".wh..wh.plnk") && is_absent(&bed, "etc/.wh.passwd"));
    EXPECT(bed.result.implied.n == 3); /* the root, etc, var */
}

/* A layer that takes something away and has it, too: its own stays, in either order. */
TEST(a_whiteout_does_not_touch_its_own_layer)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = ".wh.file"),
        ENTRY(.type = '0', .name = "file", .content = "new"),
        ENTRY(.type = '0', .name = "late", .content = "new"),
        ENTRY(.type = '0', .name = ".wh.late"),
        ENTRY(.type = '0', .name = ".wh.dir"),
        ENTRY(.type = '5', .name = "dir"),
        ENTRY(.type = '5', .name = "dir2"),
        ENTRY(.type = '0', .name = ".wh.dir2"),
        ENTRY(.type = '0', .name = ".wh.dir3"),
        ENTRY(.type = '0', .name = "dir3/x", .content = "new"),
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    expect_content(&bed, "file", "new");
    expect_content(&bed, "late", "new");
    expect_content(&bed, "dir3/x", "new");
    EXPECT(is_opaque(&bed, "dir") && is_opaque(&bed, "dir2") && is_opaque(&bed, "dir3"));
}

TEST(later_entries_replace_earlier_ones)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "a", .content = "1", .mode = 0600),
        ENTRY(.type = '0', .name = "a", .content = "22", .mode = 0644),
        ENTRY(.type = '0', .name = "b/c/d", .content = "1"),
        ENTRY(.type = '0', .name = "b", .content = "file"),
        ENTRY(.type = '2', .name = "e", .link = "a"),
        ENTRY(.type = '5', .name = "e", .mode = 0700, .mtime = 7),
        ENTRY(.type = '5', .name = "f", .mode = 0700, .mtime = 8),
        ENTRY(.type = '0', .name = "f/keep", .content = "k"),
        ENTRY(.type = '5', .name = "f", .mode = 0711, .mtime = 9),
        ENTRY(.type = '1', .name = "g", .link = "a"),
        ENTRY(.type = '1', .name = "g", .link = "a"),
        ENTRY(.type = '0', .name = "g", .content = "own"),
        ENTRY(.type = '1', .name = "a", .link = "a"),
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    expect_content(&bed, "a", "22");
    expect_content(&bed, "b", "file");
    expect_content(&bed, "g", "own");
    expect_content(&bed, "f/keep", "k");
    EXPECT(look(&bed, "a").st_mode == (S_IFREG | 0644) && look(&bed, "a").st_nlink == 1);
    EXPECT(look(&bed, "e").st_mode == (S_IFDIR | 0700) && look(&bed, "e").st_mtime == 7);
    EXPECT(look(&bed, "f").st_mode == (S_IFDIR | 0711) && look(&bed, "f").st_mtime == 9);
}

/* Written through a link of the archive: inside, never through its target of the host. */
TEST(links_never_lead_out)
{
    const char *outside = tree_new();
    nvb_autofree char *up = nvb_xasprintf("../../../../../../../../..%s", outside);
    const struct tar_entry entries[] = {
        ENTRY(.type = '2', .name = "abs", .link = outside),
        ENTRY(.type = '0', .name = "abs/a", .content = "x"),
        ENTRY(.type = '2', .name = "rel", .link = up),
        ENTRY(.type = '0', .name = "rel/b", .content = "x"),
        ENTRY(.type = '2', .name = "dir/up", .link = "../.."),
        ENTRY(.type = '0', .name = "dir/up/c", .content = "x"),
        ENTRY(.type = '2', .name = "chain", .link = "abs"),
        ENTRY(.type = '5', .name = "chain/d"),
        ENTRY(.type = '1', .name = "chain/hard", .link = "dir/up/c"),
        ENTRY(.type = '2', .name = "root", .link = "/"),
        ENTRY(.type = '0', .name = "root/e", .content = "x"),
        ENTRY(.type = '0', .name = "root/.wh.gone"),
        ENTRY(.type = '0', .name = "root/.wh..wh..opq"),
    };
    auto_bed bed = bed_new();
    nvb_auto_strv names = { 0 };
    nvb_autoclose int fd = open(outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_err err = { 0 };

    tree_mkdir(bed.tree, outside + 1); /* what the links name, inside */
    EXPECT(UNPACK(&bed, entries));
    EXPECT(nvb_list_in_root(fd, ".", &names, &err) && names.n == 0);
    EXPECT(!is_absent(&bed, "c") && !is_absent(&bed, "e") && is_whiteout(&bed, "gone"));
}

TEST(a_file_is_never_written_through_a_link)
{
    const char *outside = tree_new();
    nvb_autofree char *target = nvb_xasprintf("%s/victim", outside);
    const struct tar_entry entries[] = {
        ENTRY(.type = '2', .name = "x", .link = target),
        ENTRY(.type = '0', .name = "x", .content = "owned"),
        ENTRY(.type = '2', .name = "y", .link = target),
        ENTRY(.type = '1', .name = "z", .link = "y"),
        ENTRY(.type = '0', .name = "z", .content = "owned"),
        ENTRY(.type = '2', .name = "w", .link = outside),
        ENTRY(.type = '5', .name = "w", .mode = 0700),
    };
    auto_bed bed = bed_new();
    nvb_autofree char *text = NULL;
    struct stat st;
    nvb_auto_err err = { 0 };

    tree_put(outside, "victim", "safe");
    EXPECT(UNPACK(&bed, entries));
    EXPECT(nvb_read_file(AT_FDCWD, target, 100, &text, NULL, &err));
    EXPECT_STR(text, "safe");
    expect_content(&bed, "x", "owned");
    expect_content(&bed, "z", "owned");
    EXPECT(S_ISLNK(look(&bed, "y").st_mode) && S_ISDIR(look(&bed, "w").st_mode));
    EXPECT(stat(outside, &st) == 0 && (st.st_mode & 07777) != 0700);
}

TEST(refuses_what_cannot_be_meant)
{
    static const struct {
        char type;
        const char *name;
        const char *link;
        const char *cause;
    } rows[] = {
        {'0',  "../x",      NULL,           "a path with '..': '../x'"                                },
        { '0', "a/../../x", NULL,           "a path with '..': 'a/../../x'"                           },
        { '0', "/..",       NULL,           "a path with '..': '/..'"                                 },
        { '1', "x",         "../../shadow", "a path with '..': '../../shadow'"                        },
        { '1', "x",         "/etc/shadow",
         "'x' is a hard link to 'etc/shadow', which is not in this layer"                             },
        { '1', "x",         "dir",          "'x' is a hard link to directory 'dir'"                   },
        { '1', "x",         "gone",         "'x' is a hard link to 'gone', which is not in this layer"},
        { '0', ".",         NULL,           "its root is not a directory"                             },
        { '2', "/",         "/etc",         "its root is not a directory"                             },
        { '0', ".wh.",      NULL,           "'.wh.' takes nothing away"                               },
        { '0', "a/.wh...",  NULL,           "'a/.wh...' takes nothing away"                           },
        { '0', "dir/.wh..", NULL,           "'dir/.wh..' takes nothing away"                          },
        { '0', "file/x",    NULL,           "cannot make the directory of 'file/x': Not a directory"  },
        { '0', "loop/x",    NULL,
         "cannot make the directory of 'loop/x': Too many levels of symbolic links"                   },
        { '2', "x",         "",             "cannot make link 'x': No such file or directory"         },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct tar_entry entries[] = {
            ENTRY(.type = '5', .name = "dir"),
            ENTRY(.type = '0', .name = "file"),
            ENTRY(.type = '2', .name = "loop", .link = "loop"),
            ENTRY(.type = '0', .name = ".wh.gone"),
            ENTRY(.type = rows[i].type, .name = rows[i].name, .link = rows[i].link),
        };
        auto_bed bed = bed_new();

        EXPECT(!UNPACK(&bed, entries));
        EXPECT_STR(bed.err.lines[0], rows[i].cause);
        EXPECT_STR(bed.err.lines[1], "cannot unpack the layer");
    }
}

TEST(an_archive_that_ends_early_is_refused)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "x", .size = 1ULL << 32, .content = "x"),
    };
    auto_bed bed = bed_new();

    EXPECT(!UNPACK(&bed, entries));
    EXPECT(nvb_has_prefix(bed.err.lines[0], "the archive is damaged: Truncated"));
}

TEST(a_link_may_come_before_its_target)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '2', .name = "lib", .link = "usr/lib"),
        ENTRY(.type = '0', .name = "lib/a", .content = "a"),
        ENTRY(.type = '2', .name = "x/y", .link = "../../../etc/deep"),
        ENTRY(.type = '0', .name = "x/y/b", .content = "b"),
        ENTRY(.type = '2', .name = "out", .link = "/nowhere/at/all"),
        ENTRY(.type = '0', .name = "out/c/d", .content = "c"),
        ENTRY(.type = '5', .name = "usr/lib", .mode = 0700),
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    expect_content(&bed, "usr/lib/a", "a");
    expect_content(&bed, "etc/deep/b", "b");
    expect_content(&bed, "nowhere/at/all/c/d", "c");
    EXPECT(look(&bed, "usr/lib").st_mode == (S_IFDIR | 0700));
}

TEST(absolute_paths_are_inside)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "/etc/x", .content = "x"),
        ENTRY(.type = '0', .name = "//a//./b", .content = "y"),
    };
    auto_bed bed = bed_new();

    EXPECT(UNPACK(&bed, entries));
    expect_content(&bed, "etc/x", "x");
    EXPECT(bed.result.implied.n == 3);
}

TEST(names_are_bytes)
{
    static const char *const names[] = {
        "caf\xc3\xa9", "caf\x65\xcc\x81", "latin\xe9", "\xff\xfe", "new\nline", "esc\x1b[m", " ",
    };
    auto_bed bed = bed_new();
    nvb_auto_buf archive = { 0 };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        nvb_autofree char *pax = nvb_xasprintf("pax/%s", names[i]);

        tar_add(&archive, &(struct tar_entry){ .type = '0', .name = names[i], .content = "u" });
        add_path(&archive, pax, strlen(pax));
        tar_add(&archive, &(struct tar_entry){ .type = '0', .name = "short", .content = "p" });
    }
    tar_end(&archive);
    EXPECT(unpack_bytes(&bed, archive.data, archive.len));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        nvb_autofree char *pax = nvb_xasprintf("pax/%s", names[i]);

        expect_content(&bed, names[i], "u");
        expect_content(&bed, pax, "p");
    }
}

TEST(long_paths_have_limits)
{
    char name[300];
    auto_bed bed = bed_new();
    nvb_auto_buf good = { 0 };
    nvb_auto_buf component = { 0 };
    nvb_auto_buf whole = { 0 };
    nvb_auto_buf path = { 0 };

    memset(name, 'n', sizeof(name));
    add_path(&good, name, 255);
    tar_add(&good, &(struct tar_entry){ .type = '0', .name = "x" });
    tar_end(&good);
    EXPECT(unpack_bytes(&bed, good.data, good.len));
    add_path(&component, name, 256);
    tar_add(&component, &(struct tar_entry){ .type = '0', .name = "x" });
    tar_end(&component);
    EXPECT(!unpack_bytes(&bed, component.data, component.len));
    EXPECT(strstr(bed.err.lines[0], "File name too long"));
    while (path.len <= PATH_MAX)
        nvb_buf_add_str(&path, "directory/");
    add_path(&whole, path.data, path.len);
    tar_add(&whole, &(struct tar_entry){ .type = '5', .name = "x" });
    tar_end(&whole);
    EXPECT(!unpack_bytes(&bed, whole.data, whole.len));
    EXPECT(strstr(bed.err.lines[0], "a path of 4100 bytes"));
}

#define XATTR "SCHILY.xattr."

TEST(attributes_that_are_safe_are_kept)
{
    /* cap_net_raw+ep, as setcap(8) writes it (revision 2) */
    static const unsigned char capability[20] = { 1, 0, 0, 2, 0, 0x20 };
    auto_bed bed = bed_new();
    nvb_auto_buf records = { 0 };
    nvb_auto_buf archive = { 0 };
    nvb_autofree char *file = nvb_xasprintf("%s/file", bed.tree);
    char value[64];

    tar_pax_record(&records, XATTR "user.note", "a\0b", 3);
    tar_pax_record(&records, XATTR "user.overlay.redirect", "/etc", 4);
    tar_pax_record(&records, XATTR "trusted.overlay.opaque", "y", 1);
    tar_pax_record(&records, XATTR "security.selinux", "x", 1);
    tar_add_pax(&archive, &records);
    tar_add(&archive, &(struct tar_entry){ .type = '0', .name = "file" });
    records.len = 0;
    tar_pax_record(&records, XATTR "security.capability", capability, sizeof(capability));
    tar_add_pax(&archive, &records);
    tar_add(&archive, &(struct tar_entry){ .type = '0', .name = "ping", .uid = 3 });
    tar_end(&archive);
    EXPECT(unpack_bytes(&bed, archive.data, archive.len));
    EXPECT(getxattr(file, "user.note", value, sizeof(value)) == 3 && memcmp(value, "a\0b", 3) == 0);
    EXPECT(getxattr(file, "user.overlay.redirect", value, sizeof(value)) < 0);
    EXPECT(getxattr(file, "trusted.overlay.opaque", value, sizeof(value)) < 0);
    if (geteuid() != 0) {
        EXPECT(bed.result.losses.n_xattrs == 4);
        return;
    }
    free(file);
    file = nvb_xasprintf("%s/ping", bed.tree);
    EXPECT(getxattr(file, "security.capability", value, sizeof(value)) == sizeof(capability));
    EXPECT(bed.result.losses.n_xattrs == 3);
}

TEST(limits_are_kept)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "a", .content = "aaaaaaaaaa"),
        ENTRY(.type = '0', .name = "b", .content = "bbbbbbbbbb"),
    };
    auto_bed bed = bed_new();

    bed.limits.n_entries = 1;
    EXPECT(!UNPACK(&bed, entries));
    EXPECT_STR(bed.err.lines[0], "it has more than 1 entries");
    bed.limits = unpack_limits_default();
    bed.limits.size_bytes = 3071;
    EXPECT(!UNPACK(&bed, entries));
    EXPECT_STR(bed.err.lines[0], "it unpacks to more than 3071 bytes");
}

/* Holes that claim more than any disk has. */
TEST(a_sparse_file_counts_with_its_holes)
{
    auto_bed bed = bed_new();
    nvb_auto_buf records = { 0 };
    nvb_auto_buf archive = { 0 };

    tar_pax_record(&records, "GNU.sparse.major", "1", 1);
    tar_pax_record(&records, "GNU.sparse.minor", "0", 1);
    tar_pax_record(&records, "GNU.sparse.name", "huge", 4);
    tar_pax_record(&records, "GNU.sparse.realsize", "8796093022208", 13);
    tar_add_pax(&archive, &records);
    tar_add(&archive,
            &(struct tar_entry){ .type = '0', .name = "x", .content = "1\n0\n0\n", .size = 512 });
    tar_end(&archive);
    EXPECT(!unpack_bytes(&bed, archive.data, archive.len));
    EXPECT_STR(bed.err.lines[0], "it unpacks to more than 549755813888 bytes");
}

static void pack_gzip(struct nvb_buf *out, const struct nvb_buf *in)
{
    z_stream z = { 0 };
    size_t start = out->len;

    EXPECT(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    nvb_buf_add(out, in->data, in->len); /* room enough */
    nvb_buf_add(out, in->data, in->len);
    z.next_in = (unsigned char *)in->data;
    z.avail_in = (unsigned)in->len;
    z.next_out = (unsigned char *)out->data + start;
    z.avail_out = (unsigned)(out->len - start);
    EXPECT(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out->len = start + z.total_out;
    (void)deflateEnd(&z);
}

static void pack_zstd(struct nvb_buf *out, const struct nvb_buf *in)
{
    size_t start = out->len;
    size_t made = 0;

    nvb_buf_add(out, in->data, in->len);
    nvb_buf_add(out, in->data, in->len);
    made = ZSTD_compress(out->data + start, out->len - start, in->data, in->len, 3);
    EXPECT(!ZSTD_isError(made));
    out->len = start + made;
}

static void make_archive(struct nvb_buf *archive)
{
    for (int i = 0; i < 200; i++) {
        nvb_autofree char *name = nvb_xasprintf("dir/%d", i);
        nvb_autofree char *content = nvb_xasprintf("%d %d %d", i, i * i, i * 77);

        tar_add(archive, &(struct tar_entry){ .type = '0', .name = name, .content = content });
    }
    tar_end(archive);
}

TEST(both_digests_are_told_and_checked)
{
    static void (*const packers[])(struct nvb_buf *, const struct nvb_buf *) = { pack_gzip,
                                                                                 pack_zstd };
    nvb_auto_buf archive = { 0 };
    char diff_id[NVB_DIGEST_SIZE];

    make_archive(&archive);
    nvb_digest_of(archive.data, archive.len, diff_id);
    for (size_t i = 0; i < 2; i++) {
        nvb_auto_buf packed = { 0 };
        char digest[NVB_DIGEST_SIZE];
        auto_bed bed = bed_new();

        packers[i](&packed, &archive);
        nvb_digest_of(packed.data, packed.len, digest);
        bed.digest = digest;
        bed.diff_id = diff_id;
        bed.size_bytes = packed.len;
        EXPECT(unpack_bytes(&bed, packed.data, packed.len));
        EXPECT_STR(bed.result.digest, digest);
        EXPECT_STR(bed.result.diff_id, diff_id);
        EXPECT(bed.result.archive_bytes == archive.len && bed.result.packed_bytes == packed.len);
        expect_content(&bed, "dir/199", "199 39601 15323");
        bed.size_bytes = packed.len - 1;
        EXPECT(!unpack_bytes(&bed, packed.data, packed.len));
        bed.size_bytes = packed.len + 1;
        EXPECT(!unpack_bytes(&bed, packed.data, packed.len));
        bed.size_bytes = 0;
        bed.digest = diff_id;
        EXPECT(!unpack_bytes(&bed, packed.data, packed.len));
        EXPECT(nvb_has_prefix(bed.err.lines[0], "its digest is 'sha256:"));
        bed.digest = NULL;
        bed.diff_id = digest;
        EXPECT(!unpack_bytes(&bed, packed.data, packed.len));
        EXPECT(nvb_has_prefix(bed.err.lines[0], "the digest of the archive in it is 'sha256:"));
    }
}

TEST(bytes_come_in_any_pieces)
{
    static const size_t pieces[] = { 1, 3, 511, 513, 100000 };
    nvb_auto_buf archive = { 0 };
    nvb_auto_buf gzip = { 0 };
    nvb_auto_buf zstd = { 0 };
    const struct nvb_buf *all[] = { &archive, &gzip, &zstd };

    make_archive(&archive);
    pack_gzip(&gzip, &archive);
    pack_zstd(&zstd, &archive);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        for (size_t k = 0; k < 3; k++) {
            auto_bed bed = bed_new();

            bed.piece = pieces[i];
            EXPECT(unpack_bytes(&bed, all[k]->data, all[k]->len));
            expect_content(&bed, "dir/150", "150 22500 11550");
        }
    }
}

TEST(what_is_cut_off_is_noticed)
{
    static void (*const packers[])(struct nvb_buf *, const struct nvb_buf *) = { pack_gzip,
                                                                                 pack_zstd };
    nvb_auto_buf archive = { 0 };

    make_archive(&archive);
    for (size_t i = 0; i < 2; i++) {
        nvb_auto_buf packed = { 0 };

        packers[i](&packed, &archive);
        for (size_t cut = 1; cut + 6 < packed.len; cut += packed.len / 7) {
            auto_bed bed = bed_new();

            EXPECT(!unpack_bytes(&bed, packed.data, packed.len - cut));
            EXPECT_STR(bed.err.lines[0], "it is cut off");
        }
    }
}

TEST(several_members_are_one_archive)
{
    static void (*const packers[])(struct nvb_buf *, const struct nvb_buf *) = { pack_gzip,
                                                                                 pack_zstd };
    nvb_auto_buf archive = { 0 };

    make_archive(&archive);
    for (size_t i = 0; i < 2; i++) {
        nvb_auto_buf packed = { 0 };
        auto_bed bed = bed_new();

        for (size_t at = 0; at < archive.len; at += 10000) {
            struct nvb_buf part = {
                .data = archive.data + at,
                .len = archive.len - at < 10000 ? archive.len - at : 10000,
            };

            packers[i](&packed, &part);
        }
        bed.piece = 4097;
        EXPECT(unpack_bytes(&bed, packed.data, packed.len));
        expect_content(&bed, "dir/199", "199 39601 15323");
    }
}

TEST(junk_behind_the_end_counts_for_the_digest)
{
    auto_bed bed = bed_new();
    nvb_auto_buf archive = { 0 };
    char diff_id[NVB_DIGEST_SIZE];

    make_archive(&archive);
    tar_add(&archive, &(struct tar_entry){ .type = '0', .name = "behind", .content = "x" });
    nvb_buf_add_str(&archive, "junk");
    nvb_digest_of(archive.data, archive.len, diff_id);
    bed.diff_id = diff_id;
    EXPECT(unpack_bytes(&bed, archive.data, archive.len));
    EXPECT(is_absent(&bed, "behind") && !is_absent(&bed, "dir/199"));
}

TEST(a_bomb_is_stopped)
{
    auto_bed bed = bed_new();
    nvb_auto_buf packed = { 0 };
    nvb_auto_buf archive = { 0 };
    nvb_autofree char *block = nvb_xcalloc(1 << 20, 1);

    tar_add(&archive, &(struct tar_entry){ .type = '0', .name = "x", .size = 8 << 20 });
    for (int i = 0; i < 9; i++)
        nvb_buf_add(&archive, block, 1 << 20);
    pack_zstd(&packed, &archive);
    bed.limits.ratio_from_bytes = 2 << 20;
    EXPECT(!unpack_bytes(&bed, packed.data, packed.len));
    EXPECT_STR(bed.err.lines[0], "it unpacks to more than 250 times its size");
    bed.limits = unpack_limits_default();
    EXPECT(unpack_bytes(&bed, packed.data, packed.len));
}

TEST(says_which_packing_it_does_not_know)
{
    static const char xz[] = "\xfd"
                             "7zXZ\0and more";
    auto_bed bed = bed_new();

    EXPECT(!unpack_bytes(&bed, xz, sizeof(xz)));
    EXPECT_STR(bed.err.lines[0], "it is packed with xz");
    EXPECT(!unpack_bytes(&bed, "no archive at all, only words", 29));
    EXPECT(nvb_has_prefix(bed.err.lines[0], "the archive is damaged: "));
}

TEST(directories_that_nobody_describes_are_told)
{
    static const struct tar_entry entries[] = {
        ENTRY(.type = '0', .name = "usr/share/doc/x"),
        ENTRY(.type = '5', .name = "usr/share"),
        ENTRY(.type = '5', .name = "opt/a/b"),
    };
    auto_bed bed = bed_new();
    nvb_autofree char *list = NULL;

    EXPECT(UNPACK(&bed, entries));
    list = nvb_strv_join(&bed.result.implied, ":");
    EXPECT_STR(list, ":opt:opt/a:usr:usr/share/doc");
    EXPECT(look(&bed, "usr").st_mode == (S_IFDIR | 0755));
}
