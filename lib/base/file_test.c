/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

enum {
    FILE_MAX = 1 << 20,
};

static int open_root(const char *tree)
{
    int fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);

    EXPECT(fd >= 0);
    return fd;
}

/* The text of a file below the root, or NULL and the error's kind in *out_kind. */
static char *read_in(int root_fd, const char *path, enum nvb_kind *out_kind)
{
    nvb_auto_err err = { 0 };
    char *text = NULL;
    bool ok = nvb_read_in_root(root_fd, path, FILE_MAX, &text, NULL, &err);

    EXPECT(ok == (err.kind == 0) && ok == (text != NULL));
    *out_kind = err.kind;
    return text;
}

TEST(a_link_cannot_lead_out_of_the_root)
{
    static const char *const inside[] = {
        "/absolute", "dots", "far/up", "/chain/a", "/../../../secret", "secret", "//secret",
    };
    const char *outer = tree_new();
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);

    tree_put(outer, "secret", "outside");
    tree_put(tree, "secret", "inside");
    tree_link(tree, "absolute", "/secret");
    tree_link(tree, "dots", "../../../../../../secret");
    tree_link(tree, "far/up", "../../../../../../../../../../secret");
    tree_link(tree, "chain/a", "/chain/b");
    tree_link(tree, "chain/b", "../../absolute");
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        enum nvb_kind kind = 0;
        nvb_autofree char *text = read_in(root, inside[i], &kind);

        EXPECT_STR(text, "inside");
    }
}

TEST(a_link_to_the_outside_by_its_full_path_finds_nothing)
{
    const char *outer = tree_new();
    const char *tree = tree_new();
    nvb_autofree char *full = nvb_xasprintf("%s/secret", outer);
    nvb_autoclose int root = open_root(tree);
    enum nvb_kind kind = 0;

    tree_put(outer, "secret", "outside");
    tree_link(tree, "out", full);
    EXPECT(read_in(root, "out", &kind) == NULL && kind == NVB_E_NOT_FOUND);
    EXPECT(read_in(root, full, &kind) == NULL && kind == NVB_E_NOT_FOUND);
}

TEST(links_in_a_circle_end)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);
    nvb_auto_err err = { 0 };
    char *text = NULL;

    tree_link(tree, "a", "b");
    tree_link(tree, "b", "/a");
    tree_link(tree, "self", "self");
    EXPECT(!nvb_read_in_root(root, "a", 10, &text, NULL, &err) && err.sys_errno == ELOOP);
    nvb_err_clear(&err);
    EXPECT(!nvb_read_in_root(root, "self", 10, &text, NULL, &err) && err.sys_errno == ELOOP);
}

TEST(magic_links_are_not_followed)
{
    nvb_autoclose int root = open_root("/");
    nvb_autoclose int fd = -1;

    fd = nvb_open_in_root(root, "/proc/self/exe", O_PATH);
    EXPECT(fd < 0 && errno == ELOOP);
    fd = nvb_open_in_root(root, "/proc/self/root/etc", O_PATH);
    EXPECT(fd < 0 && errno == ELOOP);
}

TEST(only_regular_files_are_read)
{
    static const char *const odd[] = { "fifo", "socket", "directory", "link-to-fifo", "/" };
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);

    tree_fifo(tree, "fifo");
    tree_socket(tree, "socket");
    tree_mkdir(tree, "directory");
    tree_link(tree, "link-to-fifo", "/fifo");
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        enum nvb_kind kind = 0;

        EXPECT(read_in(root, odd[i], &kind) == NULL && kind == NVB_E_INVALID);
    }
}

/* A writer's open of a FIFO in non-blocking mode succeeds only while a reader has it open: so a
 * FIFO tells that it was opened, which only looking at it must not do. */
TEST(what_is_not_regular_is_not_even_opened)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/fifo", tree);
    nvb_autoclose int root = open_root(tree);
    int told[2] = { -1, -1 };
    char byte = 0;
    pid_t pid = 0;

    tree_fifo(tree, "fifo");
    EXPECT(pipe2(told, O_CLOEXEC) == 0);
    pid = fork();
    if (pid == 0) {
        int fd = open(path, O_WRONLY); /* waits for a reader */

        _exit(fd >= 0 && write(told[1], "!", 1) == 1 ? 0 : 1);
    }
    (void)close(told[1]);
    (void)usleep(50000); /* let it wait */
    for (int i = 0; i < 100; i++) {
        enum nvb_kind kind = 0;

        EXPECT(read_in(root, "fifo", &kind) == NULL && kind == NVB_E_INVALID);
    }
    (void)usleep(50000);
    EXPECT(waitpid(pid, NULL, WNOHANG) == 0);
    EXPECT(fcntl(told[0], F_SETFL, O_NONBLOCK) == 0 && read(told[0], &byte, 1) < 0);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

TEST(a_device_node_is_refused)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);
    enum nvb_kind kind = 0;

    if (geteuid() != 0)
        SKIP("only root makes device nodes");
    tree_node(tree, "zero", 1, 5);
    tree_node(tree, "nobody", 4095, 4095); /* has no driver: opening would say ENXIO */
    EXPECT(read_in(root, "zero", &kind) == NULL && kind == NVB_E_INVALID);
    EXPECT(read_in(root, "nobody", &kind) == NULL && kind == NVB_E_INVALID);
}

TEST(a_longer_file_is_refused_and_bytes_are_kept)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;
    size_t len = 0;

    tree_put(tree, "five", "12345");
    EXPECT(nvb_read_in_root(root, "five", 5, &text, &len, &err) && len == 5);
    EXPECT_STR(text, "12345");
    EXPECT(!nvb_read_in_root(root, "five", 4, &text, &len, &err) && err.kind == NVB_E_INVALID);
}

TEST(a_file_of_proc_is_read_whole)
{
    nvb_autoclose int root = open_root("/");
    enum nvb_kind kind = 0;
    nvb_autofree char *text = read_in(root, "/proc/cpuinfo", &kind);

    EXPECT(text && strlen(text) > 0);
}

TEST(a_closed_file_is_denied)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/closed", tree);
    nvb_autoclose int root = open_root(tree);
    enum nvb_kind kind = 0;

    tree_put(tree, "closed", "x");
    EXPECT(chmod(path, 0) == 0);
    if (geteuid() == 0)
        EXPECT(chmod(tree, 0755) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
    EXPECT(read_in(root, "closed", &kind) == NULL && kind == NVB_E_DENIED);
}

TEST(makes_directories_inside_the_root_only)
{
    const char *outer = tree_new();
    const char *tree = tree_new();
    nvb_autofree char *wanted = nvb_xasprintf("%s/a/b/c", tree);
    nvb_autofree char *not_wanted = nvb_xasprintf("%s/new", outer);
    nvb_autoclose int root = open_root(tree);
    nvb_auto_err err = { 0 };

    EXPECT(nvb_mkdirs_in_root(root, "/a//b/c/", 0755, &err));
    EXPECT(nvb_mkdirs_in_root(root, "a/b/c", 0755, &err));
    EXPECT(access(wanted, F_OK) == 0);
    tree_link(tree, "out", outer);
    tree_put(tree, "file", "");
    EXPECT(!nvb_mkdirs_in_root(root, "out/new", 0755, &err) && access(not_wanted, F_OK) < 0);
    nvb_err_clear(&err);
    EXPECT(!nvb_mkdirs_in_root(root, "file/new", 0755, &err));
    nvb_err_clear(&err);
    EXPECT(!nvb_mkdirs_in_root(root, "file", 0755, &err));
}

TEST(a_new_file_follows_no_link)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);
    nvb_autoclose int fd = -1;

    tree_link(tree, "link", "target");
    EXPECT(nvb_create_in_root(root, "link", O_WRONLY, 0600) < 0 && errno == EEXIST);
    fd = nvb_create_in_root(root, "new", O_WRONLY, 0600);
    EXPECT(fd >= 0 && nvb_create_in_root(root, "new", O_WRONLY, 0600) < 0 && errno == EEXIST);
}

TEST(lists_names_in_order)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open_root(tree);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    tree_put(tree, "d/b", "");
    tree_put(tree, "d/.a", "");
    tree_put(tree, "d/c", "");
    EXPECT(nvb_list_in_root(root, "d", &names, &err) && names.n == 3);
    EXPECT_STR(names.items[0], ".a");
    EXPECT_STR(names.items[2], "c");
    EXPECT(nvb_list_in_root(root, "absent", &names, &err) && names.n == 3);
    EXPECT(!nvb_list_in_root(root, "d/b", &names, &err) && err.sys_errno == ENOTDIR);
}

TEST(a_write_replaces_a_link_not_its_target)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_err err = { 0 };
    enum nvb_kind kind = 0;
    nvb_autofree char *old = NULL;
    nvb_autofree char *new = NULL;

    tree_put(tree, "target", "old");
    tree_link(tree, "link", "target");
    EXPECT(nvb_write_file(root, "link", "new", 3, 0640, &err));
    old = read_in(root, "target", &kind);
    new = read_in(root, "link", &kind);
    EXPECT_STR(old, "old");
    EXPECT_STR(new, "new");
}

TEST(a_write_that_fails_leaves_nothing)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    tree_mkdir(tree, "taken");
    EXPECT(!nvb_write_file(root, "taken", "x", 1, 0600, &err));
    nvb_err_clear(&err);
    EXPECT(!nvb_write_file(root, "no/such/file", "x", 1, 0600, &err) &&
           err.kind == NVB_E_NOT_FOUND);
    EXPECT(nvb_list_in_root(root, ".", &names, &err) && names.n == 1);
}

enum {
    WHOLE = 200000,
    ROUNDS = 60,
};

_Noreturn static void write_for_ever(int dir_fd)
{
    nvb_autofree char *data = nvb_xcalloc(WHOLE, 1);

    for (unsigned i = 0;; i++) {
        nvb_auto_err err = { 0 };

        memset(data, 'a' + (int)(i % 26), WHOLE);
        if (!nvb_write_file(dir_fd, "state", data, WHOLE, 0600, &err))
            _exit(1);
    }
}

TEST(a_killed_write_leaves_the_old_file_or_the_new_one)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unsigned seed = (unsigned)getpid();

    for (int round = 0; round < ROUNDS; round++) {
        enum nvb_kind kind = 0;
        nvb_autofree char *text = NULL;
        int status = 0;
        pid_t pid = fork();

        if (pid == 0)
            write_for_ever(root);
        (void)usleep((unsigned)rand_r(&seed) % 8000);
        (void)kill(pid, SIGKILL);
        EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        text = read_in(root, "state", &kind);
        if (!text)
            continue; /* killed before the first was whole */
        EXPECT(strlen(text) == WHOLE && text[strspn(text, (char[]){ text[0], '\0' })] == '\0');
    }
}

TEST(a_temporary_file_of_our_number_is_somebody_elses)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_autofree char *name = nvb_xasprintf(".state.%d.tmp", (int)gettid());
    nvb_autofree char *theirs = NULL;
    nvb_autofree char *ours = NULL;
    nvb_auto_strv names = { 0 };
    enum nvb_kind kind = 0;
    nvb_auto_err err = { 0 };

    tree_put(tree, name, "half of");
    EXPECT(nvb_write_file(root, "state", "whole", 5, 0644, &err));
    theirs = read_in(root, name, &kind);
    ours = read_in(root, "state", &kind);
    EXPECT_STR(theirs, "half of");
    EXPECT_STR(ours, "whole");
    EXPECT(nvb_list_in_root(root, ".", &names, &err) && names.n == 2);
}

TEST(what_killed_writes_left_is_swept_when_old)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    static const char *const names[] = { ".state.12.tmp", ".state.tmp",    ".state.1x.tmp",
                                         ".other.12.tmp", "state.12.tmp",  ".state.13.tmp",
                                         ".state..tmp",   ".state.12.tmpx" };
    const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    struct stat st;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        tree_put(tree, names[i], "");
        EXPECT(i == 5 || utimensat(root, names[i], old, 0) == 0);
    }
    nvb_sweep_writes(root, "state", 600);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        EXPECT((fstatat(root, names[i], &st, 0) == 0) == (i > 0));
    nvb_sweep_writes(root, "state", 0);
    EXPECT(fstatat(root, ".state.13.tmp", &st, 0) < 0);
    nvb_sweep_writes(root, "absent/state", 0);
}

struct writer {
    int dir_fd;
    char letter;
};

static void *write_often(void *data)
{
    const struct writer *w = data;
    nvb_autofree char *text = nvb_xcalloc(WHOLE, 1);

    memset(text, w->letter, WHOLE);
    for (int i = 0; i < 20; i++) {
        nvb_auto_err err = { 0 };

        if (!nvb_write_file(w->dir_fd, "state", text, WHOLE, 0600, &err))
            return data;
    }
    return NULL;
}

/* The library may be called from any thread: each has a temporary file of its own. */
TEST(threads_that_write_one_file_do_not_mix)
{
    const char *tree = tree_new();
    nvb_autoclose int root = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct writer writers[] = {
        {root,  'x'},
        { root, 'y'},
        { root, 'z'}
    };
    pthread_t threads[3];
    enum nvb_kind kind = 0;
    nvb_autofree char *text = NULL;

    for (size_t i = 0; i < 3; i++)
        EXPECT(pthread_create(&threads[i], NULL, write_often, &writers[i]) == 0);
    for (size_t i = 0; i < 3; i++) {
        void *failed = NULL;

        EXPECT(pthread_join(threads[i], &failed) == 0 && !failed);
    }
    text = read_in(root, "state", &kind);
    EXPECT(text && strlen(text) == WHOLE && text[strspn(text, (char[]){ text[0], '\0' })] == '\0');
}
