/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "life/ending.h"
#include "life_bed.h"
#include "test.h"
#include "tree.h"

#define ID "0123456789ab"

TEST(a_record_comes_back_and_is_nobody_elses)
{
    struct life_bed bed;
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_err err = { 0 };
    struct stat st;

    life_bed_open(&bed);
    life_bed_record(&bed, ID, "web");
    EXPECT(nvb_record_read(bed.places.containers_fd, ID, &record, &err));
    EXPECT_STR(record->id, ID);
    EXPECT_STR(record->request->name, "web");
    EXPECT(record->created_ns == 1 && record->request->is_detached);
    EXPECT(fstatat(bed.places.containers_fd, ID "/container.json", &st, 0) == 0);
    EXPECT((st.st_mode & 0777) == 0600);
    EXPECT(fstatat(bed.places.containers_fd, ID, &st, 0) == 0 && (st.st_mode & 0777) == 0700);
}

static void expect_refused(const char *text, enum nvb_kind kind, const char *line)
{
    struct life_bed bed;
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    tree_put(bed.tree, "store/containers/" ID "/container.json", text);
    EXPECT(!nvb_record_read(bed.places.containers_fd, ID, &record, &err));
    EXPECT(err.kind == kind && record == NULL);
    if (line)
        EXPECT_STR(err.lines[0], line);
}

TEST(records_that_cannot_be_read_are_refused)
{
    expect_refused("", NVB_E_INVALID, NULL);
    expect_refused("[]", NVB_E_IO, "the record of '" ID "' is damaged");
    expect_refused("{\"format\":0}", NVB_E_IO, "the record of '" ID "' is damaged");
    expect_refused("{\"format\":2}", NVB_E_UNSUPPORTED, "the record of '" ID "' has format 2");
    expect_refused("{\"format\":1}", NVB_E_IO, ID "/container.json: 'image' is damaged");
}

TEST(an_absent_record_is_not_found)
{
    struct life_bed bed;
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_err err = { 0 };
    nvb_auto_err never = { 0 };

    life_bed_open(&bed);
    EXPECT(!nvb_record_read(bed.places.containers_fd, ID, &record, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    EXPECT(!nvb_record_read(-1, ID, &record, &never) && never.kind == NVB_E_NOT_FOUND);
}

TEST(an_ending_comes_back_as_it_was)
{
    struct life_bed bed;
    struct nvb_ending ending = {
        .is_known = true, .status = 137, .started_ns = 1, .finished_ns = 2
    };
    nvb_auto_ending back = { 0 };
    nvb_auto_ending unknown = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoclose int fd = -1;

    life_bed_open(&bed);
    life_bed_record(&bed, ID, NULL);
    fd = nvb_record_open_dir(bed.places.containers_fd, ID);
    EXPECT(!nvb_ending_read(fd, &back));
    ending.count = (struct nvb_restart_count){ .failures = 3, .delay_ms = 400 };
    EXPECT(nvb_ending_write(fd, &ending, &err));
    EXPECT(nvb_ending_read(fd, &back));
    EXPECT(back.is_known && back.status == 137 && back.started_ns == 1 && back.finished_ns == 2);
    EXPECT(back.count.failures == 3 && back.count.delay_ms == 400 && !back.error);
    ending.is_known = false;
    ending.error = nvb_xstrdup("no \"such\" \xff file");
    EXPECT(nvb_ending_write(fd, &ending, &err));
    nvb_ending_clear(&ending);
    EXPECT(nvb_ending_read(fd, &unknown));
    EXPECT(!unknown.is_known);
    EXPECT_STR(unknown.error, "no \"such\" ? file");
}
