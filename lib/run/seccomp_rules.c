/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What the two sandbox profiles refuse. A change here changes the cache's key by itself: the
 * build hashes this file. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "oci/container.h"
#include "run/seccomp.h"
#include "run/seccomp_library.h"

enum {
    STEAM = 1 << 30, /* the rule holds under `steam`, too; the other bits are enum nvb_opening */
    TMPFILE = O_TMPFILE & ~O_DIRECTORY,
};

/* One system call refused whole, with EPERM or, where programs have a fallback for kernels
 * without it, ENOSYS. */
static const struct {
    const char *name;
    int answer;
    unsigned flags;
} refused[] = {
  /* privileged or about the whole machine */
    {"acct",                     EPERM,  STEAM                        },
    { "bpf",                     EPERM,  STEAM                        },
    { "clock_adjtime",           EPERM,  STEAM                        },
    { "clock_adjtime64",         EPERM,  STEAM                        },
    { "clock_settime",           EPERM,  STEAM                        },
    { "clock_settime64",         EPERM,  STEAM                        },
    { "delete_module",           EPERM,  STEAM                        },
    { "fanotify_init",           EPERM,  STEAM                        },
    { "finit_module",            EPERM,  STEAM                        },
    { "init_module",             EPERM,  STEAM                        },
    { "ioperm",                  EPERM,  STEAM                        },
    { "iopl",                    EPERM,  STEAM                        },
    { "kexec_file_load",         EPERM,  STEAM                        },
    { "kexec_load",              EPERM,  STEAM                        },
    { "nfsservctl",              EPERM,  STEAM                        },
    { "open_by_handle_at",       EPERM,  STEAM                        },
    { "perf_event_open",         EPERM,  STEAM                        },
    { "quotactl",                EPERM,  STEAM                        },
    { "quotactl_fd",             EPERM,  STEAM                        },
    { "reboot",                  EPERM,  STEAM                        },
    { "settimeofday",            EPERM,  STEAM                        },
    { "stime",                   EPERM,  STEAM                        },
    { "swapoff",                 EPERM,  STEAM                        },
    { "swapon",                  EPERM,  STEAM                        },
    { "syslog",                  EPERM,  STEAM                        },
    { "uselib",                  EPERM,  STEAM                        },
    { "userfaultfd",             EPERM,  STEAM                        },
    { "vhangup",                 EPERM,  STEAM                        },
    { "vm86",                    EPERM,  STEAM                        },
    { "vm86old",                 EPERM,  STEAM                        },
 /* one's own namespaces may be named under steam; the kernel lets nobody name another */
    { "setdomainname",           EPERM,  NVB_OPEN_MOUNTS              },
    { "sethostname",             EPERM,  NVB_OPEN_MOUNTS              },
 /* the kernel's key rings know no namespaces */
    { "add_key",                 EPERM,  STEAM                        },
    { "keyctl",                  EPERM,  STEAM                        },
    { "request_key",             EPERM,  STEAM                        },
 /* into other processes */
    { "kcmp",                    EPERM,  STEAM                        },
    { "pidfd_getfd",             EPERM,  STEAM                        },
    { "ptrace",                  EPERM,  NVB_OPEN_PTRACE              },
 /* other programs' memory placement; single-user machines lose nothing */
    { "get_mempolicy",           EPERM,  NVB_OPEN_PLACEMENT           },
    { "mbind",                   EPERM,  NVB_OPEN_PLACEMENT           },
    { "migrate_pages",           EPERM,  STEAM                        },
    { "move_pages",              EPERM,  NVB_OPEN_PLACEMENT           },
    { "set_mempolicy",           EPERM,  NVB_OPEN_PLACEMENT           },
    { "set_mempolicy_home_node", EPERM,  NVB_OPEN_PLACEMENT           },
 /* a second, unfiltered door to many system calls */
    { "io_uring_enter",          ENOSYS, STEAM                        },
    { "io_uring_register",       ENOSYS, STEAM                        },
    { "io_uring_setup",          ENOSYS, STEAM                        },
 /* new namespaces and mounts: where most escapes of the last years began */
    { "chroot",                  EPERM,  NVB_OPEN_CHROOT              },
    { "clone3",                  ENOSYS,
     NVB_OPEN_MOUNTS                                                  }, /* its flags lie behind a pointer; glibc falls back to clone */
    { "fsconfig",                ENOSYS, NVB_OPEN_MOUNTS              },
    { "fsmount",                 ENOSYS, NVB_OPEN_MOUNTS              },
    { "fsopen",                  ENOSYS, NVB_OPEN_MOUNTS              },
    { "fspick",                  ENOSYS, NVB_OPEN_MOUNTS              },
    { "mount",                   EPERM,  NVB_OPEN_MOUNTS              },
    { "mount_setattr",           ENOSYS, NVB_OPEN_MOUNTS              },
    { "move_mount",              ENOSYS, NVB_OPEN_MOUNTS              },
    { "open_tree",               ENOSYS, NVB_OPEN_MOUNTS              },
    { "open_tree_attr",          ENOSYS, NVB_OPEN_MOUNTS              },
    { "pivot_root",              EPERM,  NVB_OPEN_MOUNTS              },
    { "setns",                   EPERM,  NVB_OPEN_MOUNTS              },
    { "umount",                  EPERM,  NVB_OPEN_MOUNTS              },
    { "umount2",                 EPERM,  NVB_OPEN_MOUNTS              },
    { "unshare",                 EPERM,  NVB_OPEN_MOUNTS              },
 /* its mode lies behind a pointer, see refuse_setuid_files() */
    { "openat2",                 ENOSYS, STEAM | NVB_OPEN_SETUID_FILES},
};

/* Calls that this or that libseccomp in use does not know yet (2.5.3 none of them), while the
 * kernel may have them. Since Linux 5.1 a new call has one number on every architecture, so the
 * filter can name it without the library; all have a fallback, so the answer is ENOSYS. */
static const struct {
    const char *name;
    unsigned number;
} newer[] = {
    {"quotactl_fd",              443},
    { "set_mempolicy_home_node", 450},
    { "fchmodat2",               452},
    { "open_tree_attr",          467},
};

enum {
    N_NEWER = sizeof(newer) / sizeof(newer[0]),
};

struct builder {
    struct nvb_seccomp_library library;
    scmp_filter_ctx context;
    bool is_unknown[N_NEWER]; /* wanted, but the library cannot name it */
    struct nvb_err *err;
};

static bool add_newer(struct builder *b, const char *name)
{
    for (size_t i = 0; i < N_NEWER; i++) {
        if (strcmp(newer[i].name, name) == 0)
            b->is_unknown[i] = true;
    }
    return true; /* any other: of an architecture or a kernel that is not here */
}

static bool
add(struct builder *b, int answer, const char *name, unsigned n, const struct scmp_arg_cmp *args)
{
    int number = b->library.syscall_resolve_name(name);
    int e = 0;

    if (number == __NR_SCMP_ERROR)
        return add_newer(b, name);
    e = b->library.rule_add_array(b->context, SCMP_ACT_ERRNO((unsigned)answer), number, n, args);
    if (e < 0 && e != -EDOM) { /* -EDOM: not on this architecture */
        errno = -e;
        return nvb_fail_errno(b->err, NVB_D_RUN, "cannot filter system call '%s'", name);
    }
    return true;
}

static bool refuse_masked(struct builder *b, const char *name, unsigned argument, uint64_t bits)
{
    const struct scmp_arg_cmp cmp = {
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = bits
    };

    return add(b, EPERM, name, 1, &cmp);
}

/* Input put into the caller's terminal (CVE-2017-5226); the kernel reads only 32 bits. */
static bool refuse_terminal_input(struct builder *b)
{
    static const unsigned long requests[] = { TIOCSTI, TIOCLINUX };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        const struct scmp_arg_cmp cmp = {
            .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = requests[i]
        };

        if (!add(b, EPERM, "ioctl", 1, &cmp))
            return false;
    }
    return true;
}

/* Unix, IPv4, IPv6 and netlink sockets only. AF_VSOCK and others have no network namespace, so
 * "no network" would not be true with them. (32-bit programs reach them through socketcall.) */
static bool refuse_odd_sockets(struct builder *b)
{
    static const int allowed[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
    struct scmp_arg_cmp cmp = { .arg = 0, .op = SCMP_CMP_EQ };

    for (int family = 1; family < AF_NETLINK; family++) {
        bool is_allowed = false;

        for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
            is_allowed = is_allowed || allowed[i] == family;
        cmp.datum_a = (uint64_t)family;
        if (!is_allowed && !add(b, EAFNOSUPPORT, "socket", 1, &cmp))
            return false;
    }
    cmp.op = SCMP_CMP_GT;
    cmp.datum_a = AF_NETLINK;
    return add(b, EAFNOSUPPORT, "socket", 1, &cmp);
}

/* A volume of root's is written with root's id behind an idmapped mount: a setuid file in it
 * would be a way out. So nobody in a container makes one. */
static bool refuse_setuid_files(struct builder *b)
{
    static const struct {
        const char *name;
        unsigned mode_argument;
        uint64_t flags; /* the mode counts only with these in the argument before it; 0 = always */
    } calls[] = {
        {"chmod",      1, 0      },
        { "fchmod",    1, 0      },
        { "fchmodat",  2, 0      },
        { "fchmodat2", 2, 0      },
        { "mknod",     1, 0      },
        { "mknodat",   2, 0      },
        { "creat",     1, 0      },
        { "open",      2, O_CREAT},
        { "openat",    3, O_CREAT},
        { "open",      2, TMPFILE},
        { "openat",    3, TMPFILE},
    };

    static const uint64_t bits[] = { S_ISUID, S_ISGID };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        for (size_t k = 0; k < sizeof(bits) / sizeof(bits[0]); k++) {
            const struct scmp_arg_cmp cmp[] = {
                {.arg = calls[i].mode_argument,
                 .op = SCMP_CMP_MASKED_EQ,
                 .datum_a = bits[k],
                 .datum_b = bits[k]       },
                { .arg = calls[i].mode_argument - 1,
                 .op = SCMP_CMP_MASKED_EQ,
                 .datum_a = calls[i].flags,
                 .datum_b = calls[i].flags},
            };

            if (!add(b, EPERM, calls[i].name, calls[i].flags ? 2 : 1, cmp))
                return false;
        }
    }
    return true;
}

static bool is_refused(unsigned flags, enum nvb_sandbox_profile profile, unsigned openings)
{
    return (profile == NVB_SANDBOX_STRICT || flags & STEAM) && !(flags & openings);
}

static bool add_rules(struct builder *b, enum nvb_sandbox_profile profile, unsigned openings)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (is_refused(refused[i].flags, profile, openings) &&
            !add(b, refused[i].answer, refused[i].name, 0, NULL))
            return false;
    }
    if (is_refused(NVB_OPEN_MOUNTS, profile, openings) &&
        !refuse_masked(b, "clone", 0, CLONE_NEWUSER))
        return false;
    return (openings & NVB_OPEN_SETUID_FILES || refuse_setuid_files(b)) && refuse_odd_sockets(b) &&
           refuse_terminal_input(b);
}

/* 32-bit games run on the same kernel, so their calls are filtered, too. Any third
 * architecture's call (x32) is answered as if the kernel did not have it. */
static bool prepare_context(const struct builder *b)
{
    int e = 0;

#ifdef __x86_64__
    e = b->library.arch_add(b->context, SCMP_ARCH_X86);
#endif
    if (e == 0)
        e = b->library.attr_set(b->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    if (e == 0)
        e = b->library.attr_set(b->context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* binary search */
    if (e < 0) {
        errno = -e;
        return nvb_fail_errno(b->err, NVB_D_RUN, "cannot prepare the system call filter");
    }
    return true;
}

enum {
    PREFIX_MAX = 1 + 2 * N_NEWER,
};

/* What stands before libseccomp's program, which begins by loading the architecture: each unknown
 * call's number is answered, any other falls through. */
static size_t fill_prefix(const struct builder *b, struct sock_filter *out)
{
    size_t n = 0;

    out[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N_NEWER; i++) {
        if (!b->is_unknown[i])
            continue;
        out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, newer[i].number, 0, 1);
        out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    }
    return n > 1 ? n : 0;
}

/* Take the program out of libseccomp: it only writes to a descriptor. */
static bool export_program(const struct builder *b, struct sock_fprog *out_program)
{
    nvb_autoclose int fd = memfd_create("seccomp", MFD_CLOEXEC);
    int e = fd < 0 ? -errno : b->library.export_bpf(b->context, fd);
    off_t size = e < 0 ? 0 : lseek(fd, 0, SEEK_END);
    struct sock_filter *filter = NULL;
    size_t n = 0;

    if (e < 0 || size <= 0 ||
        (size_t)size > (NVB_SECCOMP_PROGRAM_MAX - PREFIX_MAX) * sizeof(*filter)) {
        errno = e < 0 ? -e : E2BIG;
        return nvb_fail_errno(b->err, NVB_D_RUN, "cannot compile the system call filter");
    }
    filter = nvb_xcalloc((size_t)size / sizeof(*filter) + PREFIX_MAX, sizeof(*filter));
    n = fill_prefix(b, filter);
    if (pread(fd, filter + n, (size_t)size, 0) != size) {
        free(filter);
        return nvb_fail_errno(b->err, NVB_D_RUN, "cannot read the system call filter");
    }
    n += (size_t)size / sizeof(*filter);
    *out_program = (struct sock_fprog){ .len = (unsigned short)n, .filter = filter };
    return true;
}

bool nvb_seccomp_build(enum nvb_sandbox_profile profile,
                       unsigned openings,
                       struct sock_fprog *out_program,
                       struct nvb_err *err)
{
    struct builder b = { .err = err };
    bool ok = false;

    if (!nvb_seccomp_library_open(&b.library, err))
        return false;
    b.context = b.library.init(SCMP_ACT_ALLOW);
    ok = b.context
             ? prepare_context(&b) && add_rules(&b, profile, openings) &&
                   export_program(&b, out_program)
             : nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "libseccomp cannot make a filter here");
    if (b.context)
        b.library.release(b.context);
    nvb_seccomp_library_close(&b.library);
    return ok;
}
