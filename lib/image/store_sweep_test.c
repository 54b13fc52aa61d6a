/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store_internal.h"
#include "store_bed.h"
#include "test.h"
#include "tree.h"

static size_t count(const struct nvb_store *store, const char *part)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_list_in_root(nvb_store_fd(store), part, &names, &err));
    return names.n;
}

static void sweep(const struct nvb_store *store, size_t n_layers, size_t n_blobs)
{
    struct nvb_sweep_result result;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_store_sweep(store, true, &result, &err));
    EXPECT(result.n_layers == n_layers && result.n_blobs == n_blobs);
}

static void remove_name(const struct nvb_store *store, const char *text)
{
    nvb_auto_reference name = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_reference_parse(text, &name, &err) && nvb_store_remove_ref(store, &name, &err));
}

TEST(what_a_name_or_a_lease_leads_to_stays)
{
    static const int common[] = { 1, 2 };
    static const int other[] = { 1, 3 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char a[NVB_DIGEST_SIZE];
    char b[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };

    store_bed_put(store, "a", common, 2, a);
    store_bed_put(store, "b", other, 2, b);
    EXPECT(count(store, "layers") == 3 && count(store, "blobs/sha256") == 4);
    sweep(store, 0, 0);
    EXPECT(nvb_store_add_lease(store, "c1", b, &err));
    remove_name(store, "b");
    sweep(store, 0, 0);
    EXPECT(nvb_store_remove_lease(store, "c1", &err));
    sweep(store, 1, 2);
    EXPECT(count(store, "layers") == 2 && count(store, "tmp") == 0);
    remove_name(store, "a");
    sweep(store, 2, 2);
    EXPECT(count(store, "layers") == 0 && count(store, "blobs/sha256") == 0);
}

TEST(a_held_layer_stays_until_it_is_let_go)
{
    static const int layers[] = { 1, 2 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char chain[NVB_DIGEST_SIZE];
    char digest[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };
    int fd = -1;

    store_bed_put(store, "a", layers, 2, digest);
    store_bed_chain(layers, 2, chain);
    fd = nvb_store_hold_layer(store, chain, &err);
    EXPECT(fd >= 0);
    remove_name(store, "a");
    sweep(store, 1, 2);
    EXPECT(nvb_store_has_layer(store, chain));
    (void)close(fd);
    sweep(store, 1, 0);
}

TEST(it_never_takes_from_those_who_work)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autofree char *self = nvb_xasprintf("/proc/self/fd/%d", nvb_store_fd(store));
    nvb_autoptr(nvb_store) other = NULL;
    struct nvb_sweep_result result;
    nvb_auto_err err = { 0 };
    nvb_auto_err busy = { 0 };

    EXPECT(nvb_store_open(self, NVB_STORE_WRITE, &other, &err));
    EXPECT(!nvb_store_sweep(store, false, &result, &busy) && busy.kind == NVB_E_CONFLICT);
    nvb_store_free(other);
    other = NULL;
    EXPECT(nvb_store_sweep(store, false, &result, &err));
}

TEST(an_image_that_cannot_be_read_stops_it)
{
    static const int layers[] = { 1 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    nvb_autofree char *path = NULL;
    struct nvb_sweep_result result;
    nvb_auto_err err = { 0 };
    nvb_auto_err stopped = { 0 };

    store_bed_put(store, "app", layers, 1, digest);
    path = nvb_xasprintf("blobs/sha256/%s", nvb_digest_hex(digest));
    EXPECT(nvb_write_file(nvb_store_fd(store), path, "{}", 2, 0644, &err));
    EXPECT(!nvb_store_sweep(store, true, &result, &stopped));
    EXPECT_STR(stopped.hint, "run: nvbind store check --repair");
    EXPECT(count(store, "layers") == 1);
}

TEST(the_beginnings_of_downloads_are_removed)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_auto_err err = { 0 };

    EXPECT(nvb_write_file(nvb_store_fd(store), "partial/0123", "half", 4, 0644, &err));
    sweep(store, 0, 1);
    EXPECT(count(store, "partial") == 0);
}

/* Work areas, locks and half-written files of processes that were killed. */
TEST(leftovers_of_the_dead_are_removed)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autoptr(nvb_work) mine = NULL;
    nvb_auto_err err = { 0 };
    char id[NVB_DIGEST_SIZE];
    pid_t pid = 0;

    nvb_digest_of("layer", 5, id);
    EXPECT(nvb_work_begin(store, &mine, &err));
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        struct nvb_work *work = NULL;
        struct nvb_layer_draft *draft = NULL;
        enum nvb_layer_turn turn = 0;

        (void)(nvb_work_begin(store, &work, &err) &&
               nvb_layer_begin(store, work, id, &turn, &draft, &err));
        (void)raise(SIGKILL);
    }
    EXPECT(waitpid(pid, NULL, 0) == pid);
    EXPECT(count(store, "tmp") == 2 && count(store, "making") == 1);
    nvb_work_sweep(store);
    EXPECT(count(store, "tmp") == 1);
    nvb_work_free(mine);
    mine = NULL;
    sweep(store, 0, 0);
    EXPECT(count(store, "tmp") == 0 && count(store, "making") == 0);
}

TEST(removes_trees_deeper_than_descriptors_reach)
{
    enum {
        DEPTH = 3000
    };

    const char *tree = tree_new();
    nvb_autoclose int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dup(top);

    for (int i = 0; i < DEPTH; i++) {
        int next = -1;

        EXPECT(mkdirat(fd, "dir", 0700) == 0 && symlinkat("/", fd, "out") == 0);
        next = openat(fd, "dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        EXPECT(next >= 0 && close(fd) == 0);
        fd = next;
    }
    EXPECT(close(fd) == 0);
    EXPECT(nvb_remove_tree(top, "dir") && faccessat(top, "dir", F_OK, 0) < 0);
    EXPECT(faccessat(top, "out", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
}

TEST(removes_trees_that_are_closed)
{
    const char *tree = tree_new();
    nvb_autoclose int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    tree_put(tree, "a/b/file", "x");
    EXPECT(fchownat(top, "a", 65534, 65534, 0) == 0 || geteuid() != 0);
    EXPECT(fchownat(top, "a/b", 65534, 65534, 0) == 0 || geteuid() != 0);
    EXPECT(fchmodat(top, "a/b", 0, 0) == 0 && fchmodat(top, "a", 0500, 0) == 0);
    EXPECT(fchmod(top, 0777) == 0 && (geteuid() != 0 || setuid(65534) == 0));
    EXPECT(nvb_remove_tree(top, "a") && faccessat(top, "a", F_OK, 0) < 0);
}
