/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "oci/container.h"
#include "run/seccomp_library.h"
#include "test.h"
#include "tree.h"

/* A system call with its first four arguments and what the filter must answer; 0 = anything but
 * a refusal. */
struct call {
    long number;
    long arguments[4];
    int answer;
};

static struct sock_fprog build_with(enum nvb_sandbox_profile profile, unsigned openings)
{
    struct sock_fprog program = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_seccomp_build(profile, openings, &program, &err));
    EXPECT(program.len > 10 && program.len <= NVB_SECCOMP_PROGRAM_MAX);
    return program;
}

static struct sock_fprog build(enum nvb_sandbox_profile profile)
{
    return build_with(profile, 0);
}

static bool is_answered(const struct call *c)
{
    long rc = 0;

    errno = 0;
    rc = syscall(c->number, c->arguments[0], c->arguments[1], c->arguments[2], c->arguments[3], -1L,
                 -1L);
    if (c->answer)
        return rc < 0 && errno == c->answer;
    return rc >= 0 || (errno != EPERM && errno != ENOSYS && errno != EAFNOSUPPORT);
}

/* In a process of its own that has loaded the program: does the call get its answer? */
static bool has_answer(const struct sock_fprog *program, const struct call *c)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        (void)setsid(); /* vhangup() must not reach our terminal if the filter lets it through */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) < 0)
            _exit(2);
        _exit(is_answered(c) ? 0 : 1);
    }
    EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) != 2);
    return WEXITSTATUS(status) == 0;
}

static void expect_answers(enum nvb_sandbox_profile profile, const struct call *calls, size_t n)
{
    struct sock_fprog program = build(profile);

    for (size_t i = 0; i < n; i++) {
        bool ok = has_answer(&program, &calls[i]);

        if (!ok) {
            printf("# row %zu: call %ld is not answered with %d\n", i, calls[i].number,
                   calls[i].answer);
        }
        EXPECT(ok);
    }
    free(program.filter);
}

#define EXPECT_ANSWERS(profile_, calls_) \
    expect_answers((profile_), (calls_), sizeof(calls_) / sizeof((calls_)[0]))

/* Names, since not every architecture has every call. All arguments are -1, which no call takes
 * for anything, should the filter let one through. */
static void expect_names(enum nvb_sandbox_profile profile, const char *names, int answer)
{
    struct nvb_seccomp_library library;
    struct sock_fprog program = build(profile);
    nvb_autofree char *copy = nvb_xstrdup(names);
    nvb_auto_err err = { 0 };
    char *next = NULL;

    EXPECT(nvb_seccomp_library_open(&library, &err));
    for (char *name = strtok_r(copy, " ", &next); name; name = strtok_r(NULL, " ", &next)) {
        const struct call c = {
            .number = library.syscall_resolve_name(name),
            .arguments = {-1, -1, -1, -1},
            .answer = answer
        };
        bool ok = c.number < 0 || has_answer(&program, &c);

        if (!ok)
            printf("# %s is not answered with %d\n", name, answer);
        EXPECT(ok);
    }
    nvb_seccomp_library_close(&library);
    free(program.filter);
}

static const char always[] =
    "acct bpf clock_adjtime clock_settime delete_module fanotify_init finit_module init_module "
    "ioperm iopl kexec_file_load kexec_load open_by_handle_at perf_event_open quotactl quotactl_fd "
    "reboot settimeofday swapoff swapon syslog uselib userfaultfd vhangup "
    "add_key keyctl request_key kcmp pidfd_getfd migrate_pages";
static const char always_absent[] = "io_uring_enter io_uring_register io_uring_setup openat2";
static const char strict_only[] =
    "ptrace get_mempolicy mbind move_pages set_mempolicy chroot mount pivot_root setdomainname "
    "sethostname setns umount2 unshare";
static const char strict_absent[] =
    "clone3 fsconfig fsmount fsopen fspick mount_setattr move_mount open_tree";

TEST(strict_refuses_each_call)
{
    expect_names(NVB_SANDBOX_STRICT, always, EPERM);
    expect_names(NVB_SANDBOX_STRICT, strict_only, EPERM);
    expect_names(NVB_SANDBOX_STRICT, always_absent, ENOSYS);
    expect_names(NVB_SANDBOX_STRICT, strict_absent, ENOSYS);
}

TEST(steam_refuses_what_is_about_the_machine)
{
    expect_names(NVB_SANDBOX_STEAM, always, EPERM);
    expect_names(NVB_SANDBOX_STEAM, always_absent, ENOSYS);
}

TEST(steam_allows_containers_of_its_own)
{
    static const struct call calls[] = {
        {SYS_ptrace,   { 0 },      0}, /* PTRACE_TRACEME */
        { SYS_unshare, { 0 },      0},
        { SYS_chroot,  { -1 },     0},
        { SYS_umount2, { -1 },     0},
        { SYS_clone3,  { -1, -1 }, 0},
        { SYS_setns,   { -1, -1 }, 0},
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STEAM, calls);
}

/* Whatever the installed libseccomp can name. */
TEST(calls_newer_than_the_library_are_refused)
{
    static const struct call strict[] = {
        {467,         { -1, -1, -1, -1 }, ENOSYS}, /* open_tree_attr */
        { 443,        { -1, -1, -1, -1 }, EPERM }, /* quotactl_fd */
        { SYS_getpid, { 0 },              0     },
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, strict);
}

TEST(strict_refuses_a_user_namespace_by_clone)
{
    static const struct call calls[] = {
        {SYS_clone,  { CLONE_NEWUSER | SIGCHLD },                             EPERM},
        { SYS_clone, { (long)(0x100000000UL | CLONE_NEWUSER | CLONE_NEWNS) }, EPERM},
        { SYS_clone, { CLONE_THREAD },                                        0    }, /* EINVAL: without CLONE_SIGHAND */
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, calls);
}

TEST(nothing_is_typed_into_a_terminal)
{
    static const struct call calls[] = {
        {SYS_ioctl,  { -1, TIOCSTI },               EPERM},
        { SYS_ioctl, { -1, TIOCLINUX },             EPERM},
        { SYS_ioctl, { -1, 0x100000000 | TIOCSTI }, EPERM}, /* the kernel reads 32 bits */
        { SYS_ioctl, { -1, TIOCGWINSZ },            0    },
        { SYS_ioctl, { -1, TIOCSTI + 1 },           0    },
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, calls);
    EXPECT_ANSWERS(NVB_SANDBOX_STEAM, calls);
}

TEST(only_four_families_of_sockets)
{
    static const struct call calls[] = {
        {SYS_socket,  { AF_UNIX, SOCK_STREAM, 0 },                0           },
        { SYS_socket, { AF_INET, SOCK_DGRAM, 0 },                 0           },
        { SYS_socket, { AF_INET6, -1, 0 },                        0           }, /* a machine may lack IPv6 */
        { SYS_socket, { AF_NETLINK, SOCK_RAW, 0 },                0           },
        { SYS_socket, { AF_PACKET, SOCK_RAW, 0 },                 EAFNOSUPPORT},
        { SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 },               EAFNOSUPPORT},
        { SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 },              EAFNOSUPPORT},
        { SYS_socket, { AF_AX25, SOCK_DGRAM, 0 },                 EAFNOSUPPORT},
        { SYS_socket, { AF_BLUETOOTH, SOCK_RAW, 0 },              EAFNOSUPPORT},
        { SYS_socket, { AF_XDP, SOCK_RAW, 0 },                    EAFNOSUPPORT},
        { SYS_socket, { 0x100000000 | AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT},
        { SYS_socket, { -1, SOCK_STREAM, 0 },                     EAFNOSUPPORT},
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, calls);
    EXPECT_ANSWERS(NVB_SANDBOX_STEAM, calls);
}

TEST(no_setuid_file_is_made)
{
    static const struct call calls[] = {
#ifdef SYS_chmod
        {SYS_chmod,     { -1, 04755 },                             EPERM},
        { SYS_chmod,    { -1, 0755 },                              0    },
        { SYS_creat,    { -1, 02755 },                             EPERM},
        { SYS_mknod,    { -1, S_IFREG | 04755, 0 },                EPERM},
        { SYS_open,     { -1, O_CREAT, 04755 },                    EPERM},
        { SYS_open,     { -1, O_TMPFILE | O_RDWR, 02755 },         EPERM},
        { SYS_open,     { -1, O_RDONLY, 04755 },                   0    }, /* whatever stands there is not read */
#endif
        { SYS_fchmod,   { -1, 02755 },                             EPERM},
        { SYS_fchmod,   { -1, 01777 },                             0    },
        { SYS_fchmodat, { -1, -1, 06755 },                         EPERM},
        { SYS_mknodat,  { -1, -1, S_IFREG | 02755, 0 },            EPERM},
        { SYS_openat,   { -1, -1, O_CREAT | O_WRONLY, 04755 },     EPERM},
        { SYS_openat,   { -1, -1, O_TMPFILE | O_RDWR, 04755 },     EPERM},
        { SYS_openat,   { -1, -1, O_RDONLY | O_DIRECTORY, 04755 }, 0    },
        { SYS_openat,   { -1, -1, O_CREAT, 0100000644 },           0    },
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, calls);
    EXPECT_ANSWERS(NVB_SANDBOX_STEAM, calls);
}

static void expect_opened(unsigned openings,
                          const struct call *calls,
                          size_t n,
                          const struct call *still,
                          size_t n_still)
{
    struct sock_fprog program = build_with(NVB_SANDBOX_STRICT, openings);

    for (size_t i = 0; i < n; i++)
        EXPECT(has_answer(&program, &calls[i]));
    for (size_t i = 0; i < n_still; i++)
        EXPECT(has_answer(&program, &still[i]));
    free(program.filter);
}

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

TEST(an_opening_lets_its_own_calls_pass_and_no_other)
{
    static const struct call roots[] = {
        {SYS_fchmod,   { -1, 04755 },                  0},
        { SYS_mknodat, { -1, -1, S_IFREG | 02755, 0 }, 0},
        { SYS_chroot,  { -1 },                         0},
        { 437,         { -1, -1, -1, 24 },             0}, /* openat2 */
    };
    static const struct call mounts[] = {
        {SYS_umount2,  { -1 },                           0},
        { SYS_setns,   { -1, -1 },                       0},
        { SYS_unshare, { 0 },                            0},
        { SYS_clone3,  { -1, -1 },                       0},
        { SYS_clone,   { CLONE_NEWUSER | CLONE_THREAD }, 0}, /* EINVAL */
    };
    static const struct call others[] = {
        {SYS_ptrace,         { 0 },          0},
        { SYS_set_mempolicy, { -1, -1, -1 }, 0},
    };
    static const struct call closed[] = {
        {SYS_umount2,        { -1 },                       EPERM       },
        { SYS_ptrace,        { 0 },                        EPERM       },
        { SYS_set_mempolicy, { -1, -1, -1 },               EPERM       },
        { SYS_clone3,        { -1, -1 },                   ENOSYS      },
        { SYS_bpf,           { -1, -1, -1 },               EPERM       },
        { SYS_keyctl,        { -1, -1, -1 },               EPERM       },
        { SYS_ioctl,         { -1, TIOCSTI },              EPERM       },
        { SYS_socket,        { AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT},
    };
    static const struct call no_setuid[] = {
        {SYS_fchmod,  { -1, 04755 },      EPERM },
        { SYS_chroot, { -1 },             EPERM },
        { 437,        { -1, -1, -1, 24 }, ENOSYS},
    };

    expect_opened(NVB_OPEN_SETUID_FILES | NVB_OPEN_CHROOT, roots, N_OF(roots), closed,
                  N_OF(closed));
    expect_opened(NVB_OPEN_MOUNTS, mounts, N_OF(mounts), no_setuid, N_OF(no_setuid));
    expect_opened(NVB_OPEN_PTRACE | NVB_OPEN_PLACEMENT, others, N_OF(others), no_setuid,
                  N_OF(no_setuid));
}

#ifdef __x86_64__
static long call_as_32_bit(long number, long first)
{
    long rc = 0;

    __asm__ volatile("int $0x80" : "=a"(rc) : "a"(number), "b"(first), "c"(0L), "d"(0L) : "memory");
    return rc;
}

static bool has_32_bit_answer(const struct sock_fprog *program, long number, long answer)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) < 0)
            _exit(2);
        _exit(call_as_32_bit(number, -1) == answer ? 0 : 1);
    }
    EXPECT(waitpid(pid, &status, 0) == pid);
    if (WIFSIGNALED(status))
        SKIP("this kernel runs no 32-bit calls");
    return WEXITSTATUS(status) == 0;
}

TEST(the_32_bit_door_is_watched_too)
{
    enum {
        ADD_KEY_32 = 286,
        PTRACE_32 = 26,
        MOUNT_32 = 21,
        IO_URING_SETUP = 425,
        OPEN_TREE_ATTR = 467,
        CLOSE_32 = 6,
    };

    struct sock_fprog strict = build(NVB_SANDBOX_STRICT);
    struct sock_fprog steam = build(NVB_SANDBOX_STEAM);

    EXPECT(has_32_bit_answer(&strict, ADD_KEY_32, -EPERM));
    EXPECT(has_32_bit_answer(&strict, PTRACE_32, -EPERM));
    EXPECT(has_32_bit_answer(&strict, MOUNT_32, -EPERM));
    EXPECT(has_32_bit_answer(&strict, IO_URING_SETUP, -ENOSYS));
    EXPECT(has_32_bit_answer(&strict, OPEN_TREE_ATTR, -ENOSYS));
    EXPECT(has_32_bit_answer(&strict, CLOSE_32, -EBADF));
    EXPECT(has_32_bit_answer(&steam, ADD_KEY_32, -EPERM));
    free(strict.filter);
    free(steam.filter);
}

TEST(the_x32_door_is_shut)
{
    static const struct call calls[] = {
        {0x40000000 | SYS_getpid, { 0 },              ENOSYS},
        { 0x40000000 | SYS_mount, { -1, -1, -1, -1 }, ENOSYS},
    };

    EXPECT_ANSWERS(NVB_SANDBOX_STRICT, calls);
    EXPECT_ANSWERS(NVB_SANDBOX_STEAM, calls);
}
#endif

/* An ordinary user's cache directory in a tree; the directory of the filters. */
static char *be_a_user_with_a_cache(void)
{
    const char *tree = tree_new();

    if (geteuid() == 0) {
        EXPECT(chown(tree, 65534, 65534) == 0 && setgroups(0, NULL) == 0);
        EXPECT(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    }
    (void)setenv("XDG_CACHE_HOME", tree, 1);
    return nvb_xasprintf("%s/nvbind/seccomp", tree);
}

static struct nvb_strv list(const char *directory)
{
    nvb_autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct nvb_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(fd >= 0 && nvb_list_in_root(fd, ".", &names, &err));
    return names;
}

static void load_and_free(enum nvb_sandbox_profile profile, const struct sock_fprog *want)
{
    struct sock_fprog program = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_seccomp_load(profile, 0, &program, &err));
    EXPECT(program.len == want->len);
    EXPECT(memcmp(program.filter, want->filter, want->len * sizeof(*want->filter)) == 0);
    free(program.filter);
}

TEST(keeps_a_program_and_takes_it_again)
{
    nvb_autofree char *directory = be_a_user_with_a_cache();
    struct sock_fprog strict = build(NVB_SANDBOX_STRICT);
    struct sock_fprog steam = build(NVB_SANDBOX_STEAM);
    nvb_auto_strv names = { 0 };
    nvb_autofree char *path = NULL;
    nvb_auto_err err = { 0 };
    nvb_autofree char *weaker = NULL;
    struct stat before;
    struct stat after;
    static const struct sock_filter allow[] = {
        {.code = BPF_RET | BPF_K,  .k = SECCOMP_RET_ALLOW},
        { .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW},
    };

    load_and_free(NVB_SANDBOX_STRICT, &strict);
    load_and_free(NVB_SANDBOX_STEAM, &steam);
    names = list(directory);
    EXPECT(names.n == 2 && nvb_has_prefix(names.items[0], "steam-"));
    EXPECT(nvb_has_prefix(names.items[1], "strict-"));
    path = nvb_xasprintf("%s/%s", directory, names.items[1]);
    EXPECT(stat(path, &before) == 0);
    load_and_free(NVB_SANDBOX_STRICT, &strict);
    EXPECT(stat(path, &after) == 0 && after.st_ino == before.st_ino); /* else it was made anew */
    /* Changed, or the weaker program under the name of the stricter. */
    EXPECT(nvb_write_file(AT_FDCWD, path, allow, sizeof(allow), 0600, &err));
    load_and_free(NVB_SANDBOX_STRICT, &strict);
    weaker = nvb_xasprintf("%s/%s", directory, names.items[0]);
    EXPECT(rename(weaker, path) == 0);
    load_and_free(NVB_SANDBOX_STRICT, &strict);
    free(strict.filter);
    free(steam.filter);
}

/* Whoever may write the file could disarm us: each of these is not used, but made anew. */
TEST(a_file_of_another_shape_or_mode_is_not_used)
{
    static const struct {
        const char *what;
        size_t len;
        mode_t mode;
    } rows[] = {
        {"writable by the group", 8,                                   0620},
        { "writable by all",      8,                                   0602},
        { "empty",                0,                                   0600},
        { "torn",                 12,                                  0600},
        { "too long",             (NVB_SECCOMP_PROGRAM_MAX + 2UL) * 8, 0600},
    };

    nvb_autofree char *directory = be_a_user_with_a_cache();
    struct sock_fprog want = build(NVB_SANDBOX_STRICT);
    nvb_autofree char *path = NULL;
    nvb_autofree char *zeros = nvb_xcalloc(NVB_SECCOMP_PROGRAM_MAX + 2, 8);
    nvb_auto_strv names = { 0 };

    load_and_free(NVB_SANDBOX_STRICT, &want);
    names = list(directory);
    path = nvb_xasprintf("%s/%s", directory, names.items[0]);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        printf("# %s\n", rows[i].what);
        EXPECT(nvb_write_file(AT_FDCWD, path, zeros, rows[i].len, rows[i].mode, &err));
        load_and_free(NVB_SANDBOX_STRICT, &want);
    }
    EXPECT(unlink(path) == 0 && symlink("/dev/zero", path) == 0);
    load_and_free(NVB_SANDBOX_STRICT, &want);
    EXPECT(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    load_and_free(NVB_SANDBOX_STRICT, &want);
    free(want.filter);
}

TEST(a_file_of_another_owner_is_not_used)
{
    const char *tree = tree_new();
    struct sock_fprog want = build(NVB_SANDBOX_STRICT);
    nvb_autofree char *name = NULL;
    nvb_auto_err err = { 0 };
    static const struct sock_filter allow[] = {
        {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW}
    };

    if (geteuid() != 0)
        SKIP("only root gives files away");
    (void)setenv("XDG_CACHE_HOME", tree, 1);
    EXPECT(chown(tree, 65534, 65534) == 0);
    if (fork() == 0) { /* a user learns the name and has the directory */
        EXPECT(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
        load_and_free(NVB_SANDBOX_STRICT, &want);
        _exit(0);
    }
    (void)wait(NULL);
    {
        nvb_autofree char *directory = nvb_xasprintf("%s/nvbind/seccomp", tree);
        nvb_auto_strv names = list(directory);

        EXPECT(names.n == 1);
        name = nvb_xasprintf("%s/%s", directory, names.items[0]);
    }
    EXPECT(nvb_write_file(AT_FDCWD, name, allow, sizeof(allow), 0644, &err)); /* root's now */
    EXPECT(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    load_and_free(NVB_SANDBOX_STRICT, &want);
    free(want.filter);
}

TEST(older_programs_are_removed)
{
    nvb_autofree char *directory = be_a_user_with_a_cache();
    struct sock_fprog want = build(NVB_SANDBOX_STRICT);
    nvb_autofree char *old = nvb_xasprintf("%s/strict-0123-x.bpf", directory);
    nvb_autofree char *other = nvb_xasprintf("%s/steam-0123-x.bpf", directory);
    nvb_autofree char *mine = nvb_xasprintf("%s/notes", directory);
    nvb_auto_err err = { 0 };

    EXPECT(nvb_mkdirs(directory, &err));
    EXPECT(nvb_write_file(AT_FDCWD, old, "", 0, 0600, &err));
    EXPECT(nvb_write_file(AT_FDCWD, other, "", 0, 0600, &err));
    EXPECT(nvb_write_file(AT_FDCWD, mine, "", 0, 0600, &err));
    load_and_free(NVB_SANDBOX_STRICT, &want);
    EXPECT(access(old, F_OK) < 0 && access(other, F_OK) == 0 && access(mine, F_OK) == 0);
    free(want.filter);
}

TEST(without_a_writable_cache_it_still_works)
{
    nvb_autofree char *directory = be_a_user_with_a_cache();
    struct sock_fprog want = build(NVB_SANDBOX_STRICT);

    EXPECT(directory != NULL);
    (void)setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    load_and_free(NVB_SANDBOX_STRICT, &want);
    free(want.filter);
}
