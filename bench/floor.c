/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* floor.c - the least work for a container start with the isolation of `nvbind run host`.
 *
 * It is what an engine is measured against, not an engine: no options, no profile, no GPU, no
 * state, no signals passed on, no clear errors. But the kernel does the same work as for bolt:
 *
 *   clone3 into user, mount, pid, ipc, uts, net and cgroup namespaces
 *   id maps: 1000 <- the caller; for root 65536 ids that belong to nobody on the host
 *   a tmpfs as root, one overlay of /usr on it, the usual links, proc, dev, sysfs, masks
 *   pivot_root, loopback up, no capabilities, no new privileges, a system call filter
 *   execve, wait, exit with its status
 *
 * usage: floor [-l LOWER] COMMAND [ARG...]        (LOWER: a directory laid out as /usr) */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/sched.h cannot be included beside sched.h of glibc 2.36, so only what is needed. */
struct clone_request {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

enum {
    ID_INSIDE = 1000,
    FIRST_ID = 0x70000000, /* far above users, subordinate ranges and systemd's dynamic ones */
    N_IDS = 65536,
    N_DENIED_MAX = 128,
};

/* What bolt denies and a bit more: the filter's length is what costs. */
static const uint16_t denied[] = {
    SYS_acct,
    SYS_add_key,
    SYS_bpf,
    SYS_clock_adjtime,
    SYS_clock_settime,
    SYS_create_module,
    SYS_delete_module,
    SYS_fanotify_init,
    SYS_finit_module,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fsopen,
    SYS_fspick,
    SYS_get_kernel_syms,
    SYS_init_module,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_io_uring_setup,
    SYS_ioperm,
    SYS_iopl,
    SYS_kexec_file_load,
    SYS_kexec_load,
    SYS_keyctl,
    SYS_lookup_dcookie,
    SYS_mbind,
    SYS_migrate_pages,
    SYS_mount,
    SYS_mount_setattr,
    SYS_move_mount,
    SYS_move_pages,
    SYS_name_to_handle_at,
    SYS_nfsservctl,
    SYS_open_by_handle_at,
    SYS_open_tree,
    SYS_perf_event_open,
    SYS_pivot_root,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_ptrace,
    SYS_query_module,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_reboot,
    SYS_request_key,
    SYS_set_mempolicy,
    SYS_setns,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS__sysctl,
    SYS_sysfs,
    SYS_umount2,
    SYS_unshare,
    SYS_uselib,
    SYS_userfaultfd,
    SYS_ustat,
    SYS_vhangup,
    SYS_vmsplice,
};

enum {
    N_DENIED = sizeof(denied) / sizeof(denied[0])
};

_Static_assert(sizeof(denied) / sizeof(denied[0]) <= N_DENIED_MAX,
               "a jump reaches 255 instructions");

static void __attribute__((format(printf, 1, 2), noreturn)) die(const char *fmt, ...)
{
    int saved = errno;
    va_list args;

    va_start(args, fmt);
    (void)fputs("floor: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fprintf(stderr, ": %s\n", strerror(saved));
    _exit(125);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        die("write '%s'", path);
    (void)close(fd);
}

static void write_map(pid_t pid, const char *which, unsigned id)
{
    char path[64];
    char text[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/%s_map", pid, which);
    if (getuid() == 0) {
        (void)snprintf(text, sizeof(text), "0 %u %u\n", (unsigned)FIRST_ID, (unsigned)N_IDS);
    } else {
        (void)snprintf(text, sizeof(text), "%u %u 1\n", (unsigned)ID_INSIDE, id);
    }
    write_file(path, text);
}

static void map_ids(pid_t pid)
{
    char path[64];

    write_map(pid, "uid", getuid());
    if (getuid() != 0) {
        (void)snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
        write_file(path, "deny");
    }
    write_map(pid, "gid", getgid());
}

static void mount_at(const char *type, const char *where, unsigned long flags, const char *options)
{
    if (mount(type, where, type, flags, options) != 0)
        die("mount %s on '%s'", type, where);
}

static void make_dir(const char *path)
{
    if (mkdir(path, 0755) != 0)
        die("make '%s'", path);
}

/* The new mount API: what bolt uses, and free of the old one's escaping of commas. */
static void mount_usr(const char *lower)
{
    int fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    int fd;

    make_dir(".upper");
    make_dir(".upper/files");
    make_dir(".upper/work");
    make_dir("usr");
    if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir", lower, 0) != 0 ||
        syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "upperdir", ".upper/files", 0) != 0 ||
        syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "workdir", ".upper/work", 0) != 0 ||
        syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) != 0 ||
        syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        die("overlay of '%s'", lower);
    fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
    if (fd < 0 || syscall(SYS_move_mount, fd, "", AT_FDCWD, "usr", MOVE_MOUNT_F_EMPTY_PATH) != 0)
        die("mount the overlay");
    (void)close(fd);
    (void)close(fs);
}

static void bind_node(const char *name)
{
    char from[32];
    int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);

    (void)snprintf(from, sizeof(from), "/dev/%s", name);
    if (fd < 0 || mount(from, name, NULL, MS_BIND, NULL) != 0)
        die("bind '%s'", from);
    (void)close(fd);
}

static void make_dev(void)
{
    static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
    static const char *const links[][2] = {
        {"/proc/self/fd",    "fd"    },
        { "/proc/self/fd/0", "stdin" },
        { "/proc/self/fd/1", "stdout"},
        { "/proc/self/fd/2", "stderr"},
        { "pts/ptmx",        "ptmx"  },
    };

    make_dir("dev");
    mount_at("tmpfs", "dev", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k");
    if (chdir("dev") != 0)
        die("enter dev");
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        bind_node(nodes[i]);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (symlink(links[i][0], links[i][1]) != 0)
            die("link '%s'", links[i][1]);
    }
    make_dir("pts");
    mount_at("devpts", "pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
    make_dir("shm");
    mount_at("tmpfs", "shm", MS_NOSUID | MS_NODEV, "mode=1777");
    make_dir("mqueue");
    mount_at("mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    if (chdir("..") != 0)
        die("leave dev");
}

static void mask_paths(void)
{
    static const char *const masked[] = { "proc/acpi",       "proc/kcore",        "proc/keys",
                                          "proc/timer_list", "proc/scsi",         "sys/firmware",
                                          "proc/asound",     "proc/latency_stats" };
    static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                             "proc/sysrq-trigger" };

    for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
        struct stat st;

        if (stat(masked[i], &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            mount_at("tmpfs", masked[i], MS_RDONLY, "size=0k,nr_inodes=2");
        } else if (mount("/dev/null", masked[i], NULL, MS_BIND, NULL) != 0) {
            die("mask '%s'", masked[i]);
        }
    }
    for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
        if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) != 0)
            continue; /* not every kernel has every one */
        if (mount(NULL, read_only[i], NULL,
                  MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) != 0)
            die("make '%s' read-only", read_only[i]);
    }
}

static void make_root(const char *lower)
{
    static const char *const links[] = { "bin", "sbin", "lib", "lib64" };
    static const char *const dirs[] = { "proc", "sys", "tmp", "etc", "run" };

    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
        die("cut the mounts off");
    mount_at("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=755");
    if (chdir("/tmp") != 0)
        die("enter the root");
    mount_usr(lower);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        char target[16];

        (void)snprintf(target, sizeof(target), "usr/%s", links[i]);
        if (symlink(target, links[i]) != 0)
            die("link '%s'", links[i]);
    }
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        make_dir(dirs[i]);
    mount_at("proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
    make_dev();
    mount_at("sysfs", "sys", MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
    mask_paths();
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        die("change the root");
}

static void raise_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        die("raise loopback");
    (void)close(fd);
}

static void drop_powers(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };

    for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
        ;
    if (getuid() != ID_INSIDE &&
        (setgroups(0, NULL) != 0 || setresgid(ID_INSIDE, ID_INSIDE, ID_INSIDE) != 0 ||
         setresuid(ID_INSIDE, ID_INSIDE, ID_INSIDE) != 0))
        die("become user %d", ID_INSIDE);
    if (syscall(SYS_capset, &header, none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        die("drop capabilities");
}

/* arch, x32, one comparison a call, allow, deny: as straight as libseccomp writes it. */
static void load_filter(void)
{
    struct sock_filter code[N_DENIED_MAX + 7] = { 0 };
    struct sock_fprog program = { .filter = code };
    unsigned short n = 0;

    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, N_DENIED + 3);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, N_DENIED + 1, 0);
    for (unsigned i = 0; i < N_DENIED; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i],
                                                 (uint8_t)(N_DENIED - i), 0);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    program.len = n;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        die("load the filter");
}

static void __attribute__((noreturn)) child(const char *lower, char **command, int go_fd)
{
    static char path[] = "PATH=/usr/bin:/bin";
    static char *env[] = { path, NULL };
    char c;

    if (read(go_fd, &c, 1) != 1)
        _exit(125);
    (void)close(go_fd);
    /* Root's range: until its own ids are set it is nobody in the new namespace. */
    if (getuid() != ID_INSIDE && (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0))
        die("take the first id");
    make_root(lower);
    raise_loopback();
    if (sethostname("floor", 5) != 0)
        die("set the host name");
    drop_powers();
    load_filter();
    (void)execve(command[0], command, env);
    die("execute '%s'", command[0]);
}

int main(int argc, char **argv)
{
    struct clone_request request = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                 CLONE_NEWNET | CLONE_NEWCGROUP,
        .exit_signal = SIGCHLD,
    };
    const char *lower = "/usr";
    int first = 1;
    int go[2];
    int status;
    pid_t pid;

    if (argc > 2 && strcmp(argv[1], "-l") == 0) {
        lower = argv[2];
        first = 3;
    }
    if (first >= argc) {
        (void)fputs("usage: floor [-l LOWER] COMMAND [ARG...]\n", stderr);
        return 2;
    }
    if (pipe2(go, O_CLOEXEC) != 0)
        die("make a pipe");
    pid = (pid_t)syscall(SYS_clone3, &request, sizeof(request));
    if (pid < 0)
        die("clone3");
    if (pid == 0) {
        (void)close(go[1]);
        child(lower, argv + first, go[0]);
    }
    map_ids(pid);
    if (write(go[1], "", 1) != 1 || waitpid(pid, &status, 0) != pid)
        die("start the child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
