/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tar_index.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tar_bed.h"
#include "test.h"
#include "tree.h"

static int open_with(const void *data, size_t len)
{
    nvb_autofree char *path = nvb_xasprintf("%s/archive", tree_new());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    EXPECT(fd >= 0 && nvb_write_all(fd, data, len));
    return fd;
}

static bool read_index(const struct nvb_buf *archive, struct tar_index *out, struct nvb_err *err)
{
    nvb_autoclose int fd = open_with(archive->data, archive->len);

    return tar_index_read(fd, "archive", out, err);
}

static void expect_content(const struct nvb_buf *archive,
                           const struct tar_index *index,
                           const char *name,
                           const char *want)
{
    const struct tar_member *member = tar_index_find(index, name);
    nvb_autofree char *got = NULL;

    EXPECT(member != NULL && member->at + member->size_bytes <= archive->len);
    got = nvb_xstrndup(archive->data + member->at, member->size_bytes);
    EXPECT_STR(got, want);
}

#define ADD(archive, ...) tar_add((archive), &(struct tar_entry){ __VA_ARGS__ })

TEST(finds_files_where_they_stand)
{
    nvb_auto_buf archive = { 0 };
    auto_tar_index index = { 0 };
    nvb_auto_err err = { 0 };

    ADD(&archive, .type = '5', .name = "./");
    ADD(&archive, .type = '0', .name = "./a//one", .content = "1");
    ADD(&archive, .type = '0', .name = "b/two", .content = "22");
    ADD(&archive, .type = '0', .name = "a/one", .content = "later");
    ADD(&archive, .type = '2', .name = "b/link", .link = "../a/one");
    ADD(&archive, .type = '1', .name = "hard", .link = "b/link");
    ADD(&archive, .type = '2', .name = "loop", .link = "loop");
    ADD(&archive, .type = '2', .name = "out", .link = "../../etc/passwd");
    ADD(&archive, .type = '0', .name = "../up", .content = "no");
    tar_end(&archive);
    EXPECT(read_index(&archive, &index, &err));
    expect_content(&archive, &index, "b/two", "22");
    expect_content(&archive, &index, "a/one", "later");
    expect_content(&archive, &index, "b/link", "later");
    expect_content(&archive, &index, "hard", "later");
    EXPECT(!tar_index_find(&index, "loop") && !tar_index_find(&index, "out"));
    EXPECT(!tar_index_find(&index, "up") && !tar_index_find(&index, "none"));
}

TEST(reads_extensions)
{
    nvb_auto_buf archive = { 0 };
    nvb_auto_buf records = { 0 };
    auto_tar_index index = { 0 };
    nvb_auto_err err = { 0 };

    tar_pax_record(&records, "path", "from/pax", 8);
    tar_pax_record(&records, "size", "3", 1);
    tar_add_pax(&archive, &records);
    ADD(&archive, .type = '0', .name = "x", .content = "pax");
    ADD(&archive, .type = 'L', .name = "././@LongLink", .content = "from/gnu");
    ADD(&archive, .type = '0', .name = "x", .content = "gnu");
    ADD(&archive, .type = 'g', .name = "pax_global_header", .content = "11 comment=");
    ADD(&archive, .type = '0', .name = "y", .content = "after");
    tar_end(&archive);
    EXPECT(read_index(&archive, &index, &err));
    expect_content(&archive, &index, "from/pax", "pax");
    expect_content(&archive, &index, "from/gnu", "gnu");
    expect_content(&archive, &index, "y", "after");
}

TEST(refuses_what_is_no_archive)
{
    static const char junk[600] = "no archive at all";
    nvb_auto_buf text = { 0 };
    nvb_auto_buf broken = { 0 };
    nvb_auto_buf pax = { 0 };
    nvb_auto_buf huge = { 0 };
    auto_tar_index index = { 0 };
    struct nvb_err err[5] = { 0 };

    EXPECT(!read_index(&text, &index, &err[0]));
    nvb_buf_add(&text, junk, sizeof(junk));
    EXPECT(!read_index(&text, &index, &err[1]));
    ADD(&broken, .type = '0', .name = "a", .content = "1");
    broken.data[0] = 'b';
    EXPECT(!read_index(&broken, &index, &err[2]));
    EXPECT(strstr(err[2].lines[0], "no header at 0"));
    ADD(&pax, .type = 'x', .name = "pax", .content = "99 path=x\n");
    EXPECT(!read_index(&pax, &index, &err[3]));
    ADD(&huge, .type = '0', .name = "a", .size = 0x7fffffffffffULL);
    EXPECT(read_index(&huge, &index, &err[4]) || err[4].n_lines > 0);
    for (size_t i = 0; i < 5; i++)
        nvb_err_clear(&err[i]);
}
