/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "jail_filter.h"

#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "run/seccomp_library.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Not known to every architecture: those are passed over. */
static const char *const allowed[] = {
    /* memory, threads, time */
    "brk",
    "munmap",
    "mremap",
    "madvise",
    "futex",
    "futex_time64",
    "set_robust_list",
    "rseq",
    "sched_yield",
    "sched_getaffinity",
    "getcpu",
    "gettid",
    "getpid",
    "exit",
    "exit_group",
    "clock_gettime",
    "clock_getres",
    "clock_nanosleep",
    "nanosleep",
    "gettimeofday",
    "time",
    "getrandom",
    "restart_syscall",
    "membarrier",
    "sysinfo",
    "uname",
    "alarm",
    "setitimer",
    /* signals */
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "tgkill",
    /* files by descriptor */
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "lseek",
    "close",
    "close_range",
    "dup",
    "dup3",
    "fcntl",
    "fstat",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "syncfs",
    "flock",
    "getdents64",
    "fchmod",
    "fchown",
    "fstatfs",
    "fsetxattr",
    "fgetxattr",
    "flistxattr",
    "fadvise64",
    "pipe2",
    "eventfd2",
    "poll",
    "ppoll",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    /* files by name */
    "open",
    "openat",
    "openat2",
    "newfstatat",
    "stat",
    "lstat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "mkdir",
    "mkdirat",
    "mknodat",
    "linkat",
    "symlinkat",
    "unlinkat",
    "unlink",
    "rename",
    "renameat",
    "renameat2",
    "fchmodat",
    "fchownat",
    "utimensat",
    "getcwd",
    "statfs",
    /* who we are */
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
};

static const char *const allowed_network[] = {
    "connect",  "bind",    "getsockname", "getpeername", "setsockopt", "getsockopt", "sendto",
    "recvfrom", "sendmsg", "recvmsg",     "sendmmsg",    "recvmmsg",   "shutdown",   "socketpair",
};

static const char *const deadly[] = {
    "execve",
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fspick",
    "setns",
    "unshare",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "keyctl",
    "add_key",
    "request_key",
    "init_module",
    "finit_module",
    "kexec_load",
    "open_by_handle_at",
    "io_uring_setup",
    "fork",
    "vfork",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "capset",
};

struct builder {
    struct nvb_seccomp_library library;
    scmp_filter_ctx context;
    struct nvb_err *err;
};

static bool add(struct builder *b,
                uint32_t action,
                const char *name,
                unsigned n,
                const struct scmp_arg_cmp *cmp)
{
    int number = b->library.syscall_resolve_name(name);
    int e = number < 0 ? 0 : b->library.rule_add_array(b->context, action, number, n, cmp);

    if (e == 0)
        return true;
    errno = -e;
    return nvb_fail_errno(b->err, NVB_D_IMAGE, "cannot filter system call '%s'", name);
}

static bool add_all(struct builder *b, uint32_t action, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!add(b, action, names[i], 0, NULL))
            return false;
    }
    return true;
}

/* Allowed when all bits of `mask` in the argument are `value`. */
static bool
allow_masked(struct builder *b, const char *name, unsigned argument, uint64_t mask, uint64_t value)
{
    const struct scmp_arg_cmp cmp = {
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value
    };

    return add(b, SCMP_ACT_ALLOW, name, 1, &cmp);
}

static bool allow_equal(struct builder *b, const char *name, unsigned argument, uint64_t value)
{
    const struct scmp_arg_cmp cmp = { .arg = argument, .op = SCMP_CMP_EQ, .datum_a = value };

    return add(b, SCMP_ACT_ALLOW, name, 1, &cmp);
}

/* Threads but no processes; memory that is never code; limits read, never set. */
static bool add_conditional(struct builder *b)
{
    return allow_masked(b, "clone", 0, CLONE_THREAD, CLONE_THREAD) &&
           allow_masked(b, "mmap", 2, PROT_EXEC, 0) &&
           allow_masked(b, "mprotect", 2, PROT_EXEC, 0) && allow_equal(b, "prlimit64", 2, 0) &&
           allow_equal(b, "prctl", 0, PR_SET_NAME) && allow_equal(b, "ioctl", 1, TCGETS) &&
           allow_equal(b, "ioctl", 1, FIONREAD) && allow_equal(b, "ioctl", 1, FIONBIO);
}

static bool add_network(struct builder *b)
{
    static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

    for (size_t i = 0; i < N_OF(families); i++) {
        if (!allow_equal(b, "socket", 0, (uint64_t)families[i]))
            return false;
    }
    return add_all(b, SCMP_ACT_ALLOW, allowed_network, N_OF(allowed_network));
}

static bool export_program(struct builder *b, struct sock_fprog *out_program)
{
    nvb_autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
    int e = fd < 0 ? -errno : b->library.export_bpf(b->context, fd);
    off_t size = e < 0 ? 0 : lseek(fd, 0, SEEK_END);
    nvb_autofree struct sock_filter *filter = NULL;

    if (e < 0 || size <= 0 || (size_t)size / sizeof(*filter) > BPF_MAXINSNS) {
        errno = e < 0 ? -e : E2BIG;
        return nvb_fail_errno(b->err, NVB_D_IMAGE, "cannot compile the system call filter");
    }
    filter = nvb_xcalloc((size_t)size / sizeof(*filter), sizeof(*filter));
    if (pread(fd, filter, (size_t)size, 0) != size)
        return nvb_fail_errno(b->err, NVB_D_IMAGE, "cannot read the system call filter");
    out_program->len = (unsigned short)((size_t)size / sizeof(*filter));
    out_program->filter = nvb_steal(&filter);
    return true;
}

bool jail_filter_build(bool has_network, struct sock_fprog *out_program, struct nvb_err *err)
{
    struct builder b = { .err = err };
    bool ok = false;

    if (!nvb_seccomp_library_open(&b.library, err))
        return false;
    b.context = b.library.init(SCMP_ACT_ERRNO(ENOSYS));
    ok = b.context != NULL && b.library.attr_set(b.context, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0;
    if (!ok)
        nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "libseccomp cannot make a filter here");
    ok = ok && add_all(&b, SCMP_ACT_ALLOW, allowed, N_OF(allowed)) && add_conditional(&b) &&
         add_all(&b, SCMP_ACT_KILL_PROCESS, deadly, N_OF(deadly)) &&
         (!has_network || add_network(&b)) && export_program(&b, out_program);
    if (b.context)
        b.library.release(b.context);
    nvb_seccomp_library_close(&b.library);
    return ok;
}
