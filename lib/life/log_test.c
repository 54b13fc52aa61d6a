/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "test.h"
#include "tree.h"

/* A log in a directory of the test's own. */
struct bed {
    const char *tree;
    int dir_fd;
    struct nvb_log log;
};

static void append_to(const struct bed *bed, const char *name, const void *data, size_t len)
{
    nvb_autofree char *path = nvb_xasprintf("log/%s", name);
    nvb_autoclose int fd = openat(bed->dir_fd, path, O_WRONLY | O_APPEND | O_CREAT, 0600);

    EXPECT(fd >= 0 && nvb_write_all(fd, data, len));
}

static void wrote(const struct bed *bed, bool is_err, const char *text)
{
    append_to(bed, is_err ? "stderr" : "stdout", text, strlen(text));
}

static void noted(const struct bed *bed, uint64_t time_us, uint64_t where)
{
    const struct nvb_log_record record = { .time_us = time_us, .where = where };

    append_to(bed, "index", &record, sizeof(record));
}

static void open_bed(struct bed *bed)
{
    bed->tree = tree_new();
    bed->dir_fd = open(bed->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(bed->dir_fd >= 0 && mkdirat(bed->dir_fd, "log", 0700) == 0);
    wrote(bed, false, "");
    wrote(bed, true, "");
}

static void read_log(struct bed *bed)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_log_open(bed->dir_fd, &bed->log, &err));
}

/* "1:out|2!err|3:torn>" */
static void take(void *data, const struct nvb_log_part *part)
{
    nvb_buf_addf(data, "%s%llu%c%.*s%s", part->is_begin ? "" : "<",
                 (unsigned long long)(part->time_us < 1000 ? part->time_us : 999),
                 part->is_err ? '!' : ':', (int)part->len, part->text, part->is_end ? "|" : ">");
}

static void expect_shown(struct bed *bed, bool is_whole, const char *want)
{
    nvb_auto_buf got = { 0 };

    nvb_buf_add_str(&got, "");
    nvb_log_show(&bed->log, is_whole, take, &got);
    EXPECT_STR(got.data, want);
}

/* Two streams: "one" at 1, "bad" at 2, "two" and "three" at 3, and "rest" that nobody noted. */
static void fill(struct bed *bed)
{
    open_bed(bed);
    wrote(bed, false, "one\n");
    noted(bed, 1, 4);
    wrote(bed, true, "bad\n");
    noted(bed, 2, 4 | NVB_LOG_IS_ERR);
    wrote(bed, false, "two\nthree\n");
    noted(bed, 3, 14);
    wrote(bed, true, "rest");
    read_log(bed);
}

TEST(lines_come_in_the_order_of_time)
{
    struct bed bed;

    fill(&bed);
    expect_shown(&bed, true, "1:one|2!bad|3:two|3:three|999!rest>");
    nvb_log_clear(&bed.log);
}

TEST(a_line_that_is_not_whole_waits)
{
    struct bed bed;

    fill(&bed);
    expect_shown(&bed, false, "1:one|2!bad|3:two|3:three|");
    wrote(&bed, true, " of it\n");
    noted(&bed, 5, 15 | NVB_LOG_IS_ERR);
    nvb_log_look_again(&bed.log);
    expect_shown(&bed, false, "5!rest of it|");
    nvb_log_clear(&bed.log);
}

TEST(a_part_that_was_shown_is_not_shown_again)
{
    struct bed bed;

    fill(&bed);
    expect_shown(&bed, true, "1:one|2!bad|3:two|3:three|999!rest>");
    wrote(&bed, true, " of it\nnext\n");
    noted(&bed, 5, 20 | NVB_LOG_IS_ERR);
    nvb_log_look_again(&bed.log);
    expect_shown(&bed, true, "<5! of it|5!next|");
    nvb_log_clear(&bed.log);
}

TEST(a_line_in_two_pieces_belongs_to_its_end)
{
    struct bed bed;

    open_bed(&bed);
    wrote(&bed, false, "on");
    noted(&bed, 1, 2);
    wrote(&bed, true, "bad\n");
    noted(&bed, 2, 4 | NVB_LOG_IS_ERR);
    wrote(&bed, false, "e\ntwo\n");
    noted(&bed, 3, 8);
    read_log(&bed);
    expect_shown(&bed, true, "2!bad|3:one|3:two|");
    nvb_log_clear(&bed.log);
}

TEST(the_last_lines_are_counted_over_both_streams)
{
    static const char *const want[] = {
        "",
        "999!rest>",
        "3:three|999!rest>",
        "3:two|3:three|999!rest>",
        "2!bad|3:two|3:three|999!rest>",
        "1:one|2!bad|3:two|3:three|999!rest>",
        "1:one|2!bad|3:two|3:three|999!rest>",
    };

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        struct bed bed;

        fill(&bed);
        nvb_log_keep_last(&bed.log, i);
        expect_shown(&bed, true, want[i]);
        nvb_log_clear(&bed.log);
    }
}

TEST(a_window_of_time_shows_whole_lines)
{
    struct bed bed;

    fill(&bed);
    nvb_log_begin_at(&bed.log, 2);
    expect_shown(&bed, true, "2!bad|3:two|3:three|999!rest>");
    nvb_log_clear(&bed.log);
    read_log(&bed);
    nvb_log_end_at(&bed.log, 2);
    expect_shown(&bed, true, "1:one|2!bad|");
    nvb_log_clear(&bed.log);
    read_log(&bed);
    nvb_log_begin_at(&bed.log, 2);
    nvb_log_end_at(&bed.log, 3);
    nvb_log_keep_last(&bed.log, 1);
    expect_shown(&bed, true, "3:three|");
    nvb_log_clear(&bed.log);
}

TEST(what_was_emptied_is_not_shown)
{
    struct bed bed;
    nvb_autoclose int fd = -1;

    open_bed(&bed);
    noted(&bed, 1, 400);
    noted(&bed, 2, 0 | NVB_LOG_IS_EMPTIED);
    wrote(&bed, false, "new\n");
    noted(&bed, 3, 4);
    read_log(&bed);
    expect_shown(&bed, true, "3:new|");
    fd = openat(bed.dir_fd, "log/stdout", O_WRONLY | O_APPEND);
    EXPECT(ftruncate(fd, 0) == 0);
    wrote(&bed, false, "x\n");
    nvb_log_look_again(&bed.log);
    expect_shown(&bed, true, "999:x|");
    nvb_log_clear(&bed.log);
}

TEST(what_was_punched_out_is_not_shown_and_no_half_line)
{
    struct bed bed;
    nvb_autoclose int fd = -1;
    nvb_auto_buf text = { 0 };

    open_bed(&bed);
    for (unsigned i = 0; i < 4096; i++)
        nvb_buf_addf(&text, "%u\n", i);
    wrote(&bed, false, text.data);
    noted(&bed, 0, 0);
    noted(&bed, 3, text.len);
    fd = openat(bed.dir_fd, "log/stdout", O_RDWR);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 16384) < 0 ||
        lseek(fd, 0, SEEK_DATA) != 16384)
        SKIP("no holes in files here");
    read_log(&bed);
    nvb_log_keep_last(&bed.log, 2);
    expect_shown(&bed, true, "3:4094|3:4095|");
    nvb_log_clear(&bed.log);
    read_log(&bed);
    {
        nvb_auto_buf got = { 0 };

        nvb_log_show(&bed.log, true, take, &got);
        EXPECT(strncmp(got.data, "3:3499|3:3500|", 14) == 0);
    }
    nvb_log_clear(&bed.log);
}

TEST(an_endless_line_comes_in_parts)
{
    struct bed bed;
    nvb_autofree char *text = nvb_xcalloc(200001, 1);
    nvb_auto_buf got = { 0 };

    open_bed(&bed);
    memset(text, 'a', 200000);
    wrote(&bed, false, text);
    noted(&bed, 1, 200000);
    read_log(&bed);
    nvb_log_show(&bed.log, false, take, &got);
    EXPECT(got.len > 190000 && got.len < 200000);
    EXPECT(got.data[got.len - 1] == '>');
    nvb_log_clear(&bed.log);
}

TEST(a_container_that_never_ran_has_none)
{
    struct bed bed = { .tree = tree_new() };
    nvb_auto_err err = { 0 };

    bed.dir_fd = open(bed.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(!nvb_log_open(bed.dir_fd, &bed.log, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
}
