/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "jail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Inside, a claim that fails ends with its line's number: the harness's own words reach nobody. */
#define MUST(cond)                     \
    do {                               \
        if (!(cond))                   \
            return __LINE__ % 251 + 1; \
    } while (0)

/* A tree that is the store, one that is another view, and one that is nobody's business. */
struct bed {
    const char *store;
    const char *view;
    const char *outside;
    struct jail jail;
};

static int open_directory(const char *path)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    EXPECT(fd >= 0);
    return fd;
}

static struct bed bed_new(void)
{
    struct bed bed = { .store = tree_new(), .view = tree_new(), .outside = tree_new() };
    nvb_auto_err err = { 0 };

    tree_put(bed.view, "file", "seen");
    tree_put(bed.outside, "secret", "hidden");
    EXPECT(nvb_store_ids_choose(&bed.jail.ids, &err));
    if (bed.jail.ids.kind == NVB_IDS_RANGE)
        EXPECT(chown(bed.store, bed.jail.ids.uids[0].outside, bed.jail.ids.gids[0].outside) == 0);
    jail_add(&bed.jail, open_directory(bed.store), "/store", true);
    jail_add(&bed.jail, open_directory(bed.view), "/a/deep/view", false);
    return bed;
}

static int run(struct bed *bed, int (*work)(void *data))
{
    nvb_auto_err err = { 0 };
    int status = -1;

    if (!jail_run(&bed->jail, work, bed, &status, &err)) {
        nvb_err_print(&err, "#", stdout);
        SKIP("no jail can be built here: %s", err.lines[0]);
    }
    jail_clear(&bed->jail);
    return status;
}

static int see_the_views(void *data)
{
    nvb_autoclose int fd = open("/a/deep/view/file", O_RDONLY | O_CLOEXEC);
    char text[8] = "";

    (void)data;
    MUST(fd >= 0 && read(fd, text, sizeof(text)) == 4 && strcmp(text, "seen") == 0);
    MUST(open("/a/deep/view/new", O_WRONLY | O_CREAT, 0600) < 0 && errno == EROFS);
    MUST(open("/a/deep/view/file", O_WRONLY) < 0);
    MUST(open("/new", O_WRONLY | O_CREAT, 0600) < 0 && errno == EROFS);
    MUST(mkdir("/store/dir", 0755) == 0);
    return 0;
}

TEST(what_it_shows_is_there)
{
    struct bed bed = bed_new();
    nvb_autofree char *made = nvb_xasprintf("%s/dir", bed.store);

    EXPECT(run(&bed, see_the_views) == 0);
    EXPECT(access(made, F_OK) == 0);
}

static int look_outside(void *data)
{
    const struct bed *bed = data;
    nvb_autofree char *secret = nvb_xasprintf("%s/secret", bed->outside);
    nvb_autofree char *up = nvb_xasprintf("/store/../../../../../../..%s", secret);

    MUST(open(secret, O_RDONLY) < 0 && errno == ENOENT);
    MUST(open(up, O_RDONLY) < 0 && errno == ENOENT);
    MUST(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
    MUST(open("/proc/self/status", O_RDONLY) < 0 && errno == ENOENT);
    MUST(open("/dev/null", O_RDONLY) < 0 && errno == ENOENT);
    MUST(open("/a/deep/view/../../../../etc/passwd", O_RDONLY) < 0);
    MUST(symlink("/etc", "/store/link") == 0 || errno == ENOSYS);
    MUST(open("/store/link/passwd", O_RDONLY) < 0);
    return 0;
}

TEST(nothing_else_is)
{
    struct bed bed = bed_new();

    EXPECT(run(&bed, look_outside) == 0);
}

/* A directory of outside that is open would be a way out. */
static int use_old_directories(void *data)
{
    (void)data;
    for (int fd = 0; fd < 100; fd++) {
        struct stat st;

        if (fstat(fd, &st) == 0)
            MUST(!S_ISDIR(st.st_mode));
    }
    return 0;
}

TEST(no_directory_of_outside_stays_open)
{
    struct bed bed = bed_new();
    nvb_autoclose int leaked = open_directory(bed.outside);

    EXPECT(leaked >= 0);
    EXPECT(run(&bed, use_old_directories) == 0);
}

static int be_nobody(void *data)
{
    struct stat st;

    (void)data;
    MUST(getpid() == 1 && geteuid() == 0 && getegid() == 0);
    MUST(stat("/store", &st) == 0 && st.st_uid == 0);
    MUST(mknodat(AT_FDCWD, "/store/whiteout", S_IFCHR, makedev(0, 0)) == 0);
    MUST(mknodat(AT_FDCWD, "/store/mem", S_IFCHR | 0666, makedev(1, 1)) < 0 && errno == EPERM);
    return 0;
}

TEST(its_root_is_nobody_of_the_host)
{
    struct bed bed = bed_new();
    nvb_autofree char *node = nvb_xasprintf("%s/whiteout", bed.store);
    uint32_t owner = bed.jail.ids.uids[0].outside;
    struct stat st;

    EXPECT(run(&bed, be_nobody) == 0);
    EXPECT(stat(node, &st) == 0 && S_ISCHR(st.st_mode) && st.st_uid == owner);
}

static int use_the_network(void *data)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };

    (void)data;
    MUST(socket(AF_INET, SOCK_STREAM, 0) < 0 || IS_SANITIZED);
    if (IS_SANITIZED) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        MUST(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0);
    }
    return 0;
}

TEST(there_is_no_network)
{
    struct bed bed = bed_new();

    EXPECT(run(&bed, use_the_network) == 0);
}

static void *be_a_thread(void *data)
{
    return data;
}

static int call_what_is_needed(void *data)
{
    pthread_t thread;
    void *result = NULL;
    void *memory = NULL;

    MUST(pthread_create(&thread, NULL, be_a_thread, data) == 0);
    MUST(pthread_join(thread, &result) == 0 && result == data);
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(memory != MAP_FAILED);
    MUST(IS_SANITIZED || mprotect(memory, 4096, PROT_READ | PROT_EXEC) < 0);
    return 0;
}

TEST(threads_run_and_memory_is_never_code)
{
    struct bed bed = bed_new();

    EXPECT(run(&bed, call_what_is_needed) == 0);
}

static int call_forbidden(void *data)
{
    const int *number = data;

    (void)syscall((long)*number, 0, 0, 0, 0, 0);
    return 0;
}

/* Each ends the process: an exploit's next step is its last. */
TEST(what_harms_ends_it)
{
    static const int numbers[] = {
        SYS_execve,         SYS_ptrace,    SYS_mount,  SYS_unshare,
        SYS_setns,          SYS_bpf,       SYS_keyctl, SYS_process_vm_writev,
        SYS_io_uring_setup, SYS_open_tree, SYS_chroot, SYS_capset,
    };

    if (IS_SANITIZED)
        SKIP("the sanitizers' own calls are not on the list");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct jail jail = { 0 };
        nvb_auto_err err = { 0 };
        int number = numbers[i];
        int status = 0;

        EXPECT(nvb_store_ids_choose(&jail.ids, &err));
        if (!jail_run(&jail, call_forbidden, &number, &status, &err))
            SKIP("no jail can be built here: %s", err.lines[0]);
        EXPECT(status == 128 + SIGSYS);
    }
}

static int start_a_child(void *data)
{
    (void)data;
    return fork() < 0 && errno == ENOSYS ? 0 : 1;
}

TEST(it_has_no_children)
{
    struct bed bed = bed_new();

    if (IS_SANITIZED)
        SKIP("the sanitizers' own calls are not on the list");
    EXPECT(run(&bed, start_a_child) == 0);
}

static int sleep_long(void *data)
{
    const struct timespec long_time = { .tv_sec = 60 };

    (void)data;
    (void)nanosleep(&long_time, NULL);
    return 0;
}

/* Started by a process that is then killed. */
TEST(it_ends_with_its_maker)
{
    struct bed bed = bed_new();
    int ends[2];
    pid_t pid = 0;
    char c = 0;

    EXPECT(pipe(ends) == 0);
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        (void)close(ends[0]);
        (void)run(&bed, sleep_long); /* its process keeps ends[1] open */
        _exit(0);
    }
    (void)close(ends[1]);
    (void)usleep(200000);
    EXPECT(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
    /* The end of file comes when the last one that had the other end is gone. */
    EXPECT(read(ends[0], &c, 1) == 0);
}

TEST(a_signal_reaches_who_works)
{
    struct bed bed = bed_new();
    pid_t pid = fork();
    int status = 0;

    EXPECT(pid >= 0);
    if (pid == 0) {
        int end = run(&bed, sleep_long);

        _exit(end == 128 + SIGTERM ? 42 : 1);
    }
    (void)usleep(200000);
    EXPECT(kill(pid, SIGTERM) == 0 && waitpid(pid, &status, 0) == pid);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

TEST(a_view_that_is_gone_is_an_error)
{
    struct bed bed = bed_new();
    nvb_autofree char *file = nvb_xasprintf("%s/file", bed.view);
    nvb_auto_err err = { 0 };
    int status = 0;

    if (bed.jail.ids.kind == NVB_IDS_RANGE)
        SKIP("root takes its views by descriptor");
    EXPECT(unlink(file) == 0 && rmdir(bed.view) == 0);
    EXPECT(!jail_run(&bed.jail, see_the_views, &bed, &status, &err));
    EXPECT_STR(err.lines[1], "cannot lock away what reads the image");
    jail_clear(&bed.jail);
}
