/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cdi_write.h"

#include <string.h>
#include <sys/stat.h>

#include "run/driver_store.h"
#include "test.h"
#include "tree.h"

#define NAME "550.1-3f-0000000000000001"

/* A host with one file, a view of it, and what is to be written. */
struct bed {
    const char *root;
    struct nvb_host *host;
    struct nvb_cdi_view view;
    char *path;
    struct nvb_cdi_file_text file;
};

static void make_bed(struct bed *bed)
{
    struct nvb_view_plan *plan = &bed->view.plan;
    nvb_auto_err err = { 0 };

    *bed = (struct bed){ .root = tree_new() };
    tree_put(bed->root, "lib/libcuda.so", "library");
    tree_mkdir(bed->root, "etc");
    EXPECT(nvb_host_open(bed->root, &bed->host, &err));
    bed->view.dir = nvb_xasprintf("%s/store", bed->root);
    bed->view.name = nvb_xstrdup(NAME);
    bed->view.has_plan = true;
    plan->name = nvb_xstrdup(NAME);
    plan->version = nvb_xstrdup("550.1");
    plan->items = nvb_xcalloc(1, sizeof(*plan->items));
    plan->items[plan->n++] = (struct nvb_view_entry){ .kind = NVB_VIEW_FILE,
                                                      .path = nvb_xstrdup("lib64/libcuda.so"),
                                                      .host_path = nvb_xstrdup("/lib/libcuda.so"),
                                                      .mode = 0444 };
    bed->path = nvb_xasprintf("%s/etc/nvidia.json", bed->root);
    bed->file = (struct nvb_cdi_file_text){ .path = bed->path, .spec = "spec\n", .told = "told\n" };
}

static void clear_bed(struct bed *bed)
{
    if (bed->view.dir)
        nvb_driver_store_remove(bed->view.dir, NAME); /* its directories are read-only to rm */
    nvb_cdi_view_clear(&bed->view);
    nvb_host_free(bed->host);
    free(bed->path);
}

#define auto_bed __attribute__((cleanup(clear_bed))) struct bed

static void expect_text(const struct bed *bed, const char *path, const char *want)
{
    nvb_autofree char *text = nvb_host_dup_text(bed->host, path, 100);

    EXPECT_STR(text ? text : "", want);
}

static char *dup_in_view(const struct bed *bed, const char *path)
{
    return nvb_xasprintf("%s/" NAME "/%s", bed->view.dir, path);
}

TEST(the_view_is_there_when_the_file_is)
{
    auto_bed bed = { 0 };
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *view = NULL;

    make_bed(&bed);
    EXPECT(nvb_cdi_write(bed.host, &bed.file, &bed.view, &err));
    expect_text(&bed, "/etc/nvidia.json", "spec\n");
    expect_text(&bed, "/etc/nvidia.json.nvbind", "told\n");
    expect_text(&bed, "/store/" NAME "/lib64/libcuda.so", "library");
    view = dup_in_view(&bed, "");
    view[strlen(view) - 1] = '\0';
    nvb_cdi_view_check(view, &faults);
    EXPECT(faults.n == 0);
    EXPECT(nvb_cdi_write(bed.host, &bed.file, &bed.view, &err)); /* again: it stands */
}

TEST(without_the_view_no_file_is_written)
{
    auto_bed bed = { 0 };
    nvb_auto_err err = { 0 };

    make_bed(&bed);
    tree_put(bed.root, "store", "in the way");
    EXPECT(!nvb_cdi_write(bed.host, &bed.file, &bed.view, &err));
    EXPECT(strstr(err.hint, "cache directory") != NULL);
    expect_text(&bed, "/etc/nvidia.json", "");
    expect_text(&bed, "/etc/nvidia.json.nvbind", "");
}

TEST(a_view_that_stood_ready_and_vanished_is_an_error)
{
    auto_bed bed = { 0 };
    nvb_auto_err err = { 0 };

    make_bed(&bed);
    bed.view.has_plan = false;
    EXPECT(!nvb_cdi_write(bed.host, &bed.file, &bed.view, &err) && err.kind == NVB_E_NOT_FOUND);
    expect_text(&bed, "/etc/nvidia.json", "");
    EXPECT(!nvb_cdi_view_replace(bed.host, &bed.view, &err));
}

TEST(without_a_view_the_files_are_just_written)
{
    auto_bed bed = { 0 };
    const struct nvb_cdi_view none = { 0 };
    nvb_auto_err err = { 0 };

    make_bed(&bed);
    EXPECT(nvb_cdi_write(bed.host, &bed.file, &none, &err));
    expect_text(&bed, "/etc/nvidia.json", "spec\n");
    EXPECT(access(bed.view.dir, F_OK) < 0);
}

TEST(changed_contents_are_found_and_replaced_unless_in_use)
{
    auto_bed bed = { 0 };
    nvb_auto_strv faults = { 0 };
    nvb_auto_strv none = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *file = NULL;
    nvb_autofree char *dir = NULL;
    nvb_autofree char *view = NULL;
    int held = -1;

    make_bed(&bed);
    /* a copy, not a second name of the host's file: root's own would be linked */
    EXPECT(fchmodat(bed.host->root_fd, "lib/libcuda.so", 0664, 0) == 0);
    EXPECT(nvb_cdi_write(bed.host, &bed.file, &bed.view, &err));
    file = dup_in_view(&bed, "lib64/libcuda.so");
    dir = dup_in_view(&bed, "lib64");
    view = nvb_xstrndup(dir, strlen(dir) - strlen("/lib64"));
    EXPECT(chmod(dir, 0755) == 0 && unlink(file) == 0);
    tree_put(dir, "libcuda.so", "evil");
    nvb_cdi_view_check(view, &faults);
    EXPECT(faults.n >= 1 && strstr(faults.items[faults.n - 1], "libcuda.so"));
    held = nvb_driver_store_hold(bed.view.dir, NAME);
    EXPECT(!nvb_cdi_view_replace(bed.host, &bed.view, &err) && err.kind == NVB_E_CONFLICT);
    (void)close(held);
    EXPECT(nvb_cdi_view_replace(bed.host, &bed.view, &err));
    nvb_cdi_view_check(view, &none);
    EXPECT(none.n == 0);
}
