/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/lowers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "oci/container.h"
#include "test.h"
#include "tree.h"

enum {
    LAYERS_MAX = 300,
};

static void write_own(const char *path, const char *text)
{
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    EXPECT(fd >= 0 && nvb_write_all(fd, text, strlen(text)));
}

/* Namespaces of our own, as a container's child has them. */
static void enter_namespaces(void)
{
    nvb_autofree char *uids = nvb_xasprintf("0 %u 1", geteuid());
    nvb_autofree char *gids = nvb_xasprintf("0 %u 1", getegid());

    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        SKIP("no user namespaces here: %s", strerror(errno));
    write_own("/proc/self/uid_map", uids);
    write_own("/proc/self/setgroups", "deny");
    write_own("/proc/self/gid_map", gids);
    EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

struct bed {
    int fds[LAYERS_MAX];
    char upper[256];
    char work[256];
    char place[256];
    struct nvb_overlay_parts parts;
};

/* Layer N has a file "N", and all of them have "top", which says whose it is. */
static void make_bed(struct bed *bed, size_t n)
{
    const char *tree = tree_new();

    for (size_t i = 0; i < n; i++) {
        nvb_autofree char *name = nvb_xasprintf("%zu", i);
        nvb_autofree char *dir = nvb_xasprintf("%s/%zu", tree, i);
        nvb_autofree char *file = nvb_xasprintf("%zu/%zu", i, i);
        nvb_autofree char *top = nvb_xasprintf("%zu/top", i);

        tree_put(tree, file, name);
        tree_put(tree, top, name);
        bed->fds[i] = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        EXPECT(bed->fds[i] >= 0);
    }
    tree_mkdir(tree, "place");
    (void)snprintf(bed->place, sizeof(bed->place), "%s/place", tree);
    EXPECT(mount("tmpfs", bed->place, "tmpfs", 0, NULL) == 0);
    (void)snprintf(bed->upper, sizeof(bed->upper), "%s/place/upper", tree);
    (void)snprintf(bed->work, sizeof(bed->work), "%s/place/work", tree);
    (void)snprintf(bed->place, sizeof(bed->place), "%s/place/root", tree);
    EXPECT(mkdir(bed->upper, 0755) == 0 && mkdir(bed->work, 0755) == 0 &&
           mkdir(bed->place, 0755) == 0);
    bed->parts = (struct nvb_overlay_parts){ .lower_fds = bed->fds,
                                             .n_lowers = n,
                                             .upper = bed->upper,
                                             .work = bed->work,
                                             .is_volatile = true };
}

static void expect_all(const struct bed *bed, size_t n)
{
    nvb_autoclose int fd = open(bed->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_autofree char *top = NULL;
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_list_in_root(fd, ".", &names, &err) && names.n == n + 1);
    EXPECT(nvb_read_in_root(fd, "top", 16, &top, NULL, &err));
    EXPECT_STR(top, "0");
    EXPECT(nvb_write_file(fd, "new", "x", 1, 0644, &err));
}

static void try_with(int (*how)(const struct nvb_overlay_parts *, int), size_t n)
{
    nvb_autofree struct bed *bed = nvb_xcalloc(1, sizeof(*bed));
    nvb_autoclose int place = -1;

    enter_namespaces();
    make_bed(bed, n);
    place = open(bed->place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    EXPECT(how(&bed->parts, place) == 0);
    expect_all(bed, n);
}

TEST(one_layer)
{
    try_with(nvb_overlay_mount, 1);
}

TEST(more_layers_than_a_page_has_room_for_paths)
{
    try_with(nvb_overlay_mount, LAYERS_MAX);
}

TEST(as_many_by_the_old_call)
{
    try_with(nvb_overlay_mount_old, LAYERS_MAX);
}

TEST(what_is_not_there_is_passed_over)
{
    nvb_autofree struct bed *bed = nvb_xcalloc(1, sizeof(*bed));
    nvb_autoclose int place = -1;

    enter_namespaces();
    make_bed(bed, 3);
    bed->fds[1] = -1;
    place = open(bed->place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    EXPECT(nvb_overlay_mount(&bed->parts, place) == 0);
    expect_all(bed, 2);
}

TEST(too_many_layers_are_refused_with_the_number)
{
    nvb_autoptr(nvb_container) c = nvb_xcalloc(1, sizeof(*c));
    struct nvb_launch launch = { .container = c, .layer_fd = -1, .kept_fd = -1 };
    nvb_auto_err err = { 0 };

    for (int i = 0; i < 501; i++)
        nvb_strv_add(&c->lowers, "/nowhere");
    EXPECT(!nvb_lowers_open(&launch, &err));
    EXPECT_STR(err.lines[0],
               "the image has 501 layers, and the kernel's overlays take no more than 500");
    nvb_lowers_clear(&launch);
}
