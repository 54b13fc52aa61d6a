/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

/* Two directories, the upper first. */
struct bed {
    const char *upper;
    const char *lower;
    struct tree_stack stack;
};

static struct bed bed_new(void)
{
    struct bed bed = { .upper = tree_new(), .lower = tree_new() };

    tree_stack_add(&bed.stack, open(bed.upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    tree_stack_add(&bed.stack, open(bed.lower, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return bed;
}

static void bed_clear(struct bed *bed)
{
    tree_stack_clear(&bed->stack);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static void make_opaque(const char *tree, const char *name)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", tree, name);

    if (setxattr(path, "user.overlay.opaque", "y", 1, 0) < 0)
        SKIP("no extended attributes here");
}

/* The names in the archive, of its headers. */
static bool list_names(void *data, const void *bytes, size_t len, struct nvb_err *err)
{
    const char *block = bytes;

    (void)err;
    if (len == 512 && memcmp(block + 257, "ustar", 5) == 0 && block[156] != 'x')
        nvb_strv_addf(data, "%.100s", block);
    return true;
}

static char *dup_names(const struct bed *bed)
{
    const struct tree_pack_options options = { .name = "it" };
    nvb_auto_strv names = { 0 };
    const struct tar_out out = { .write = list_names, .data = &names };
    nvb_autoptr(tree_packer) packer = tree_packer_new(&options, &out);
    nvb_auto_err err = { 0 };

    EXPECT(tree_stack_pack(&bed->stack, packer, "", &err));
    return nvb_strv_join(&names, " ");
}

TEST(shows_what_lies_upon_what)
{
    auto_bed bed = bed_new();
    nvb_autofree char *names = NULL;

    tree_put(bed.lower, "both/low", "l");
    tree_put(bed.upper, "both/up", "u");
    tree_put(bed.lower, "file", "l");
    tree_put(bed.upper, "file", "u");
    tree_put(bed.lower, "was/dir", "l");
    tree_put(bed.upper, "was-not", "u");
    tree_put(bed.upper, "was2/dir", "u");
    tree_put(bed.lower, "was2", "l");
    names = dup_names(&bed);
    EXPECT_STR(names, "./ both/ both/low both/up file was/ was/dir was-not was2/ was2/dir");
}

TEST(heeds_whiteouts_and_opaque_directories)
{
    auto_bed bed = bed_new();
    nvb_autofree char *names = NULL;

    tree_put(bed.lower, "gone", "l");
    tree_put(bed.lower, "opaque/low", "l");
    tree_put(bed.upper, "opaque/up", "u");
    tree_put(bed.lower, "tree/a/b", "l");
    tree_node(bed.upper, "gone", 0, 0);
    tree_node(bed.upper, "tree", 0, 0);
    make_opaque(bed.upper, "opaque");
    names = dup_names(&bed);
    EXPECT_STR(names, "./ opaque/ opaque/up");
}

static void expect_path(const struct bed *bed, const char *path, bool follows, const char *want)
{
    nvb_autofree char *got = tree_stack_dup_path(&bed->stack, path, follows);

    EXPECT(want ? got && strcmp(got, want) == 0 : got == NULL);
}

TEST(paths_lead_through_links_and_never_out)
{
    auto_bed bed = bed_new();

    tree_put(bed.lower, "usr/lib/x", "l");
    tree_put(bed.upper, "etc/y", "u");
    tree_link(bed.upper, "lib", "usr/lib");
    tree_link(bed.lower, "etc2", "/../../etc");
    tree_link(bed.lower, "usr/up", "../../../../lib");
    tree_link(bed.upper, "loop", "loop");
    expect_path(&bed, "/lib/x", false, "usr/lib/x");
    expect_path(&bed, "lib", false, "lib");
    expect_path(&bed, "lib", true, "usr/lib");
    tree_link(bed.upper, "x", "usr/lib/x");
    expect_path(&bed, "x", true, "usr/lib/x");
    expect_path(&bed, "x/", false, NULL);
    expect_path(&bed, "lib/", false, "usr/lib");
    expect_path(&bed, "lib/.", false, "usr/lib");
    expect_path(&bed, "/etc2/y", false, "etc/y");
    expect_path(&bed, "usr/up/x", false, "usr/lib/x");
    expect_path(&bed, "../../etc/../etc/./y", false, "etc/y");
    expect_path(&bed, "/", false, "");
    expect_path(&bed, "usr/..", false, "");
    expect_path(&bed, "loop", false, "loop");
    expect_path(&bed, "loop", true, NULL);
    expect_path(&bed, "loop/x", false, NULL);
    expect_path(&bed, "nowhere", false, NULL);
    expect_path(&bed, "etc/y/z", false, NULL);
    EXPECT(errno == ENOTDIR);
}
