/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "test.h"
#include "tree.h"

enum {
    N_FILES = 12,
    FILE_SIZE = 200000,
};

/* A host with some files and a plan of a view of them. */
struct bed {
    struct nvb_host *host;
    char *store;
    struct nvb_view_plan plan;
};

static void put_big(const char *root, const char *path, char fill)
{
    static char text[FILE_SIZE];

    memset(text, fill, sizeof(text) - 1);
    tree_put(root, path, text);
}

static void add_entry(struct nvb_view_plan *plan, struct nvb_view_entry entry)
{
    plan->items = nvb_xrealloc(plan->items, plan->n + 1, sizeof(*plan->items));
    plan->items[plan->n++] = entry;
}

static void make_bed(struct bed *bed)
{
    const char *root = tree_new();
    nvb_auto_err err = { 0 };

    *bed = (struct bed){ .store = nvb_xasprintf("%s/cache/driver", root) };
    if (!nvb_host_open(root, &bed->host, &err))
        abort();
    bed->plan.name = nvb_xstrdup("550.1-7f-0000000000000001");
    bed->plan.version = nvb_xstrdup("550.1");
    for (int i = 0; i < N_FILES; i++) {
        nvb_autofree char *path = nvb_xasprintf("/lib/lib%02d.so", i);

        put_big(root, path, (char)('a' + i));
        add_entry(&bed->plan, (struct nvb_view_entry){ .kind = NVB_VIEW_FILE,
                                                       .path = nvb_xasprintf("lib64/%02d.so", i),
                                                       .host_path = nvb_steal(&path),
                                                       .mode = 0555 });
    }
    add_entry(&bed->plan, (struct nvb_view_entry){ .kind = NVB_VIEW_LINK,
                                                   .path = nvb_xstrdup("lib64/link.so"),
                                                   .text = nvb_xstrdup("00.so"),
                                                   .text_len = 5 });
    add_entry(&bed->plan, (struct nvb_view_entry){ .kind = NVB_VIEW_TEXT,
                                                   .path = nvb_xstrdup("share/a/text"),
                                                   .text = nvb_xstrdup("words"),
                                                   .text_len = 5,
                                                   .mode = 0444 });
}

/* Only hard links can be told by their number; root's files alone become some. */
static void refuse_hard_links(const struct bed *bed)
{
    for (size_t i = 0; i < bed->plan.n; i++) {
        if (bed->plan.items[i].host_path)
            EXPECT(fchmodat(bed->host->root_fd, bed->plan.items[i].host_path + 1, 0775, 0) == 0);
    }
}

static void clear_bed(struct bed *bed)
{
    nvb_auto_strv none = { 0 };

    nvb_driver_store_sweep(bed->store, &none); /* its directories are read-only to rm */
    nvb_view_plan_clear(&bed->plan);
    nvb_host_free(bed->host);
    free(bed->store);
}

#define auto_bed __attribute__((cleanup(clear_bed))) struct bed

static bool build(const struct bed *bed)
{
    nvb_auto_err err = { 0 };
    nvb_autoclose int fd = -1;
    bool ok = nvb_driver_store_build(bed->store, bed->host, &bed->plan, &fd, &err);

    if (!ok)
        nvb_err_print(&err, "build", stdout);
    return ok && fd >= 0;
}

static size_t count_faults(const struct bed *bed)
{
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_driver_store_check(bed->store, bed->plan.name, &faults, &err))
        return SIZE_MAX;
    for (size_t i = 0; i < faults.n; i++)
        printf("# %s\n", faults.items[i]);
    return faults.n;
}

static size_t count_prefixed(const char *dir, const char *prefix)
{
    DIR *d = opendir(dir);
    size_t n = 0;

    if (!d)
        return 0;
    for (const struct dirent *e = NULL; (e = readdir(d));)
        n += nvb_has_prefix(e->d_name, prefix);
    (void)closedir(d);
    return n;
}

static char *dup_inside(const struct bed *bed, const char *path)
{
    return nvb_xasprintf("%s/%s/%s", bed->store, bed->plan.name, path);
}

TEST(a_view_holds_what_the_plan_says)
{
    auto_bed bed = { 0 };
    nvb_autofree char *file = NULL;
    nvb_autofree char *dir = NULL;
    struct stat st;

    make_bed(&bed);
    EXPECT(nvb_driver_store_hold(bed.store, bed.plan.name) < 0);
    EXPECT(build(&bed));
    EXPECT(count_faults(&bed) == 0);
    file = dup_inside(&bed, "share/a/text");
    dir = dup_inside(&bed, "lib64");
    EXPECT(stat(file, &st) == 0 && (st.st_mode & 07777) == 0444 && st.st_size == 5);
    EXPECT(stat(dir, &st) == 0 && (st.st_mode & 07777) == 0555);
    EXPECT(count_prefixed(bed.store, ".new-") == 0);
}

TEST(a_second_build_uses_the_first)
{
    auto_bed bed = { 0 };
    nvb_autofree char *manifest = NULL;
    struct stat before;
    struct stat after;

    make_bed(&bed);
    EXPECT(build(&bed));
    manifest = dup_inside(&bed, NVB_VIEW_MANIFEST);
    EXPECT(stat(manifest, &before) == 0);
    EXPECT(build(&bed));
    EXPECT(stat(manifest, &after) == 0 && before.st_ino == after.st_ino);
}

TEST(copies_outlive_a_changed_source)
{
    auto_bed bed = { 0 };

    make_bed(&bed);
    refuse_hard_links(&bed);
    EXPECT(build(&bed));
    put_big(bed.host->root, "/lib/lib00.so", 'Z');
    EXPECT(count_faults(&bed) == 0);
}

TEST(a_replaced_source_leaves_links_alone)
{
    auto_bed bed = { 0 };

    make_bed(&bed);
    EXPECT(build(&bed));
    EXPECT(unlinkat(bed.host->root_fd, "lib/lib00.so", 0) == 0); /* as package managers do */
    put_big(bed.host->root, "/lib/lib00.so", 'Z');
    EXPECT(count_faults(&bed) == 0);
}

TEST(the_check_names_what_is_changed_missing_or_foreign)
{
    auto_bed bed = { 0 };
    nvb_autofree char *text = NULL;
    nvb_autofree char *link = NULL;
    nvb_autofree char *stranger = NULL;
    nvb_autofree char *dir = NULL;
    int fd = -1;

    make_bed(&bed);
    EXPECT(build(&bed));
    text = dup_inside(&bed, "share/a/text");
    link = dup_inside(&bed, "lib64/link.so");
    stranger = dup_inside(&bed, "lib64/stranger.so");
    dir = dup_inside(&bed, "lib64");
    EXPECT(chmod(text, 0644) == 0 && chmod(dir, 0755) == 0);
    fd = open(text, O_WRONLY | O_CLOEXEC);
    EXPECT(write(fd, "Words", 5) == 5); /* of the same size */
    (void)close(fd);
    EXPECT(unlink(link) == 0);
    EXPECT(symlink("x", stranger) == 0);
    EXPECT(count_faults(&bed) == 3);
}

TEST(a_source_that_is_no_file_is_an_error_and_leaves_nothing)
{
    auto_bed bed = { 0 };
    nvb_auto_err err = { 0 };
    int fd = -1;

    make_bed(&bed);
    tree_fifo(bed.host->root, "/lib/fifo.so");
    free(bed.plan.items[3].host_path);
    bed.plan.items[3].host_path = nvb_xstrdup("/lib/fifo.so");
    EXPECT(!nvb_driver_store_build(bed.store, bed.host, &bed.plan, &fd, &err));
    EXPECT(err.kind == NVB_E_INVALID && fd < 0 && err.hint);
    EXPECT(count_prefixed(bed.store, ".new-") == 0);
    EXPECT(count_faults(&bed) == SIZE_MAX);
}

TEST(a_set_user_id_program_is_never_linked)
{
    auto_bed bed = { 0 };
    nvb_autofree char *inside = NULL;
    struct stat st;

    make_bed(&bed);
    EXPECT(fchmodat(bed.host->root_fd, "lib/lib00.so", 04755, 0) == 0);
    EXPECT(build(&bed));
    inside = dup_inside(&bed, "lib64/00.so");
    EXPECT(stat(inside, &st) == 0 && (st.st_mode & 07777) == 0555 && st.st_nlink == 1);
}

static pid_t start_builder(const struct bed *bed)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(build(bed) ? 0 : 1);
    return pid;
}

TEST(builders_at_once_make_one_view)
{
    auto_bed bed = { 0 };
    pid_t pids[4];

    make_bed(&bed);
    refuse_hard_links(&bed);
    for (size_t i = 0; i < 4; i++)
        pids[i] = start_builder(&bed);
    for (size_t i = 0; i < 4; i++) {
        int status = 0;

        EXPECT(waitpid(pids[i], &status, 0) == pids[i] && status == 0);
    }
    EXPECT(count_faults(&bed) == 0);
    EXPECT(count_prefixed(bed.store, ".new-") == 0);
    EXPECT(count_prefixed(bed.store, "550.1-") == 1);
}

/* xorshift: the same moments each time, as far as a scheduler allows. */
static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* How long a process takes for a view; it is gone again afterwards. */
static uint64_t time_build(const struct bed *bed)
{
    nvb_auto_strv none = { 0 };
    struct timespec from;
    struct timespec to;
    int64_t ns = 0;
    int status = 0;
    pid_t pid = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    pid = start_builder(bed);
    EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    nvb_driver_store_sweep(bed->store, &none);
    ns = (int64_t)(to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
    return (uint64_t)ns / 1000;
}

TEST(a_builder_killed_at_any_moment_leaves_no_half_view)
{
    auto_bed bed = { 0 };
    unsigned state = 2463534242U;
    uint64_t whole_us = 0;
    size_t n_before = 0;
    size_t n_after = 0;

    make_bed(&bed);
    refuse_hard_links(&bed);
    whole_us = time_build(&bed);
    for (int i = 0; i < 100; i++) {
        uint64_t us = next_random(&state) % (whole_us * 3 / 2);
        const struct timespec pause = { .tv_sec = (time_t)(us / 1000000),
                                        .tv_nsec = (long)(us % 1000000) * 1000 };
        pid_t pid = start_builder(&bed);
        size_t faults = 0;

        (void)nanosleep(&pause, NULL);
        (void)kill(pid, SIGKILL);
        EXPECT(waitpid(pid, NULL, 0) == pid);
        faults = count_faults(&bed);
        EXPECT(faults == SIZE_MAX || faults == 0);
        n_before += faults == SIZE_MAX;
        n_after += faults == 0;
        /* Away with a finished one, so that the next has work. */
        if (faults == 0) {
            nvb_auto_strv none = { 0 };

            nvb_driver_store_sweep(bed.store, &none);
            EXPECT(count_prefixed(bed.store, "550.1-") == 0);
        }
    }
    printf("# killed before the end %zu times, after it %zu times\n", n_before, n_after);
    EXPECT(n_before > 0);
    EXPECT(build(&bed));
    EXPECT(count_faults(&bed) == 0);
    EXPECT(count_prefixed(bed.store, ".new-") == 0);
    EXPECT(count_prefixed(bed.store, ".old-") == 0);
}

TEST(a_stuck_builder_is_not_waited_for_for_ever)
{
    auto_bed bed = { 0 };
    nvb_autofree char *path = NULL;
    nvb_autoclose int lock = -1;

    make_bed(&bed);
    tree_mkdir(bed.host->root, "/cache/driver");
    path = nvb_xasprintf("%s/.lock", bed.store);
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT(flock(lock, LOCK_EX) == 0);
    EXPECT(build(&bed));
    EXPECT(count_faults(&bed) == 0);
}

TEST(a_full_disk_is_an_error_and_leaves_nothing)
{
    auto_bed bed = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err ignored = { 0 };
    int fd = -1;

    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        SKIP("needs a mount namespace of its own");
    make_bed(&bed);
    EXPECT(nvb_mkdirs(bed.store, &ignored));
    EXPECT(mount("none", bed.store, "tmpfs", 0, "size=1m") == 0);
    EXPECT(!nvb_driver_store_build(bed.store, bed.host, &bed.plan, &fd, &err));
    EXPECT(err.sys_errno == ENOSPC && err.hint);
    EXPECT(count_prefixed(bed.store, ".new-") == 0);
    EXPECT(umount(bed.store) == 0);
}

TEST(a_held_view_is_not_swept_and_a_free_one_is)
{
    auto_bed bed = { 0 };
    nvb_auto_strv keep = { 0 };
    int held = -1;

    make_bed(&bed);
    EXPECT(build(&bed));
    held = nvb_driver_store_hold(bed.store, bed.plan.name);
    EXPECT(held >= 0);
    nvb_strv_add(&keep, "560.2");
    nvb_driver_store_sweep(bed.store, &keep);
    EXPECT(count_faults(&bed) == 0);
    (void)close(held);
    nvb_strv_add(&keep, "550.1");
    nvb_driver_store_sweep(bed.store, &keep);
    EXPECT(count_faults(&bed) == 0);
    nvb_strv_clear(&keep);
    nvb_strv_add(&keep, "560.2");
    nvb_driver_store_sweep(bed.store, &keep);
    EXPECT(count_faults(&bed) == SIZE_MAX);
    EXPECT(count_prefixed(bed.store, "550.1-") == 0);
    EXPECT(count_prefixed(bed.store, ".old-") == 0);
}
