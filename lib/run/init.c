/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/init.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/own_program.h"
#include "run/relay.h"

#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

enum {
    KERNEL_SIGNALS = 65, /* _NSIG + 1 */
};

#if defined(__aarch64__)
#define NVB_OWN_MACHINE EM_AARCH64
#elif defined(__x86_64__)
#define NVB_OWN_MACHINE EM_X86_64
#else
#define NVB_OWN_MACHINE EM_NONE
#endif

void nvb_reset_signals(void)
{
    static const struct {
        void *handler; /* struct kernel_sigaction, asm-generic/signal.h; all zero is SIG_DFL */
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } by_default = { 0 };

    /* By the bare system call: glibc keeps signals 32 and 33 to itself, but inherits them, too. */
    for (int sig = 1; sig < KERNEL_SIGNALS; sig++)
        (void)syscall(SYS_rt_sigaction, sig, &by_default, NULL, sizeof(by_default.mask));
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &by_default.mask, NULL, sizeof(by_default.mask));
}

/* The soft limit stays low, as select() needs; the hard one is for programs that ask (esync). */
static void raise_nofile(const struct nvb_launch *launch)
{
    struct rlimit limit;
    uint64_t wish = launch->container->nofile;

    if (wish == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_cur < 1024 ? limit.rlim_cur : 1024;
    limit.rlim_cur = limit.rlim_cur < wish ? limit.rlim_cur : wish;
    if (wish > limit.rlim_max) {
        struct rlimit higher = { .rlim_cur = limit.rlim_cur, .rlim_max = wish };

        if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
            return;
    }
    limit.rlim_max = wish < limit.rlim_max ? wish : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void take_terminal(const struct nvb_launch *launch)
{
    if (launch->terminal_fd >= 0) {
        (void)ioctl(launch->terminal_fd, TIOCSCTTY, 0);
        for (int fd = 0; fd <= 2; fd++)
            (void)dup2(launch->terminal_fd, fd);
    } else if (launch->null_fd >= 0) {
        (void)dup2(launch->null_fd, STDIN_FILENO);
    }
}

/* Returns only when it cannot be. */
static void try_to_execute(const struct nvb_launch *launch, const char *path)
{
    if (nvb_own_program_is_at(path)) {
        nvb_child_die_kind(launch, NVB_E_NOT_EXECUTABLE, NULL,
                           "'%s' leads out of the container, to nvbind itself", path);
    }
    (void)execve(path, launch->container->args.items, launch->container->env.items);
}

/* execve() along the container's own PATH; returns the errno that tells most, and whose it is. */
static int execute(const struct nvb_launch *launch, char out_path[PATH_MAX])
{
    const struct nvb_container *c = launch->container;
    const char *name = c->args.items[0];
    const char *path = nvb_env_get(&c->env, "PATH");
    char full[PATH_MAX];
    int first = ENOENT;

    (void)snprintf(out_path, PATH_MAX, "%s", name);
    if (strchr(name, '/')) {
        try_to_execute(launch, name);
        return errno;
    }
    while (path && *name) {
        size_t len = strcspn(path, ":");

        if (snprintf(full, sizeof(full), "%.*s/%s", (int)len, len ? path : ".", name) <
            (int)sizeof(full)) {
            try_to_execute(launch, full);
            if (errno != ENOENT && errno != ENOTDIR && first == ENOENT) {
                first = errno;
                (void)snprintf(out_path, PATH_MAX, "%s", full);
            }
        }
        path = path[len] ? path + len + 1 : NULL;
    }
    return first;
}

/* Whose processor a program is for; NULL when it is this one's, or no program. */
static const char *find_machine(const char *path)
{
    static const struct {
        unsigned number;
        const char *name;
    } machines[] = {
        {EM_386,      "386"    },
        { EM_X86_64,  "amd64"  },
        { EM_ARM,     "arm"    },
        { EM_AARCH64, "arm64"  },
        { EM_RISCV,   "riscv64"},
        { EM_PPC64,   "ppc64"  },
        { EM_S390,    "s390x"  },
        { EM_MIPS,    "mips"   },
        { 258,        "loong64"}, /* EM_LOONGARCH */
    };

    unsigned char header[20];
    nvb_autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    unsigned number = 0;

    if (fd < 0 || read(fd, header, sizeof(header)) != (ssize_t)sizeof(header) ||
        memcmp(header, ELFMAG, SELFMAG) != 0)
        return NULL;
    number = header[EI_DATA] == ELFDATA2MSB ? header[18] * 256U + header[19]
                                            : header[19] * 256U + header[18];
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (machines[i].number == number)
            return number == NVB_OWN_MACHINE ? NULL : machines[i].name;
    }
    return "another processor";
}

_Noreturn static void fail_command(const struct nvb_launch *launch, int e, const char *path)
{
    const char *name = launch->container->args.items[0];
    const char *hint = launch->container->foreign_hint;
    const char *machine = e == ENOEXEC ? find_machine(path) : NULL;
    struct stat st;

    if (e == ENOENT && strchr(name, '/') && stat(name, &st) == 0) {
        nvb_child_die_kind(launch, NVB_E_NO_COMMAND, "see its first line, or file(1) on it",
                           "'%s' needs an interpreter that is not in the container", name);
    }
    if (e == ENOENT || e == ENOTDIR) {
        nvb_child_die_kind(launch, NVB_E_NO_COMMAND, NULL,
                           "there is no command '%s' in the container", name);
    }
    if (machine) {
        nvb_child_die_kind(launch, NVB_E_NOT_EXECUTABLE,
                           hint ? hint : "run it on such a machine, or install an emulator",
                           "'%s' is a program for %s, which this machine is not", name, machine);
    }
    nvb_child_die_kind(launch, NVB_E_NOT_EXECUTABLE, NULL, "'%s' cannot be executed: %s", name,
                       strerrordesc_np(e));
}

_Noreturn static void run_command(const struct nvb_launch *launch)
{
    char path[PATH_MAX];
    int e = 0;

    (void)umask(022); /* what every image was made for; ours was 0 while we built the root */
    (void)setsid();
    take_terminal(launch);
    raise_nofile(launch);
    nvb_reset_signals();
    e = execute(launch, path);
    fail_command(launch, e, path);
}

static int exit_status_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Reap whatever died; ends this process when the command did. */
static void reap(pid_t command, const struct nvb_relay *relay)
{
    int status = 0;
    pid_t pid = 0;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != command)
            continue;
        while (nvb_relay_carry(relay))
            continue;
        _exit(exit_status_of(status));
    }
}

static void close_from_to(unsigned first, unsigned last)
{
    if (first <= last)
        (void)syscall(SYS_close_range, first, last, 0U);
}

/* Close every descriptor from `first` on that is not in the list, in which -1 means none. */
static void close_all_others(unsigned first, const int *keep, size_t n)
{
    for (;;) {
        unsigned next = ~0U;

        for (size_t i = 0; i < n; i++) {
            unsigned fd = (unsigned)keep[i];

            next = fd >= first && fd < next ? fd : next; /* -1 is the largest */
        }
        if (next == ~0U)
            break;
        close_from_to(first, next - 1);
        first = next + 1;
    }
    close_from_to(first, ~0U);
}

/* What the caller had open, directories of the host among them, must not be reachable through
 * /proc/self/fd from here on (CVE-2024-21626). What stays is close-on-exec. */
static void close_for_command(const struct nvb_launch *launch)
{
    int keep[] = { launch->control, launch->null_fd, launch->terminal_fd, launch->master_fd };

    close_all_others(3, keep, sizeof(keep) / sizeof(keep[0]));
}

/* What pid 1 itself still needs when the command runs. The terminal stays open with its other
 * side, which would be at its end whenever nobody else has it open. */
static void
close_for_waiting(const struct nvb_launch *launch, int signal_fd, const struct nvb_relay *relay)
{
    int keep[4 + NVB_RELAY_MAX] = { signal_fd, -1, -1, -1, -1, -1 };

    if (relay->n > 0) {
        keep[1] = STDOUT_FILENO;
        keep[2] = STDERR_FILENO;
        keep[3] = launch->terminal_fd;
    }
    for (size_t i = 0; i < relay->n; i++)
        keep[4 + i] = relay->from[i];
    close_all_others(0, keep, sizeof(keep) / sizeof(keep[0]));
}

/* The kernel marks a directory outside of the root: then getcwd(2) does not begin with '/'. */
static void enter_workdir(const struct nvb_launch *launch)
{
    const char *cwd = launch->container->cwd;
    char path[PATH_MAX];

    if (chdir(cwd) < 0)
        nvb_child_die(launch, errno, "cannot enter the working directory '%s'", cwd);
    if (syscall(SYS_getcwd, path, sizeof(path)) < 0 || path[0] != '/')
        nvb_child_die(launch, 0, "the working directory '%s' is not in the container", cwd);
}

/* Not before the parent has written down where we are: nobody could find us. */
static void become_independent(const struct nvb_launch *launch)
{
    if (!launch->container->is_detached)
        return;
    nvb_child_wait_for_parent(launch);
    (void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static void pass_signal_on(int signal_fd, pid_t command, const struct nvb_relay *relay)
{
    struct signalfd_siginfo info;

    if (read(signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    if (info.ssi_signo == SIGCHLD) {
        reap(command, relay);
    } else if (info.ssi_pid == 0) { /* from outside of the container */
        (void)kill(command, (int)info.ssi_signo);
    }
}

_Noreturn static void wait_for_end(int signal_fd, pid_t command, const struct nvb_relay *relay)
{
    struct pollfd polled[1 + NVB_RELAY_MAX] = {
        {.fd = signal_fd, .events = POLLIN},
    };

    for (size_t i = 0; i < relay->n; i++)
        polled[1 + i] = (struct pollfd){ .fd = relay->from[i], .events = POLLIN };
    for (;;) {
        if (poll(polled, 1 + relay->n, -1) < 0)
            continue;
        (void)nvb_relay_carry(relay);
        if (polled[0].revents)
            pass_signal_on(signal_fd, command, relay);
    }
}

_Noreturn void nvb_init_main(const struct nvb_launch *launch)
{
    struct nvb_relay relay;
    sigset_t all;
    pid_t command = 0;
    int signal_fd = -1;

    close_for_command(launch);
    enter_workdir(launch);
    nvb_relay_open(launch, &relay);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    signal_fd = signalfd(-1, &all, SFD_CLOEXEC);
    if (signal_fd < 0)
        nvb_child_die(launch, errno, "cannot wait for signals");
    command = vfork(); // NOLINT: shares memory on purpose, a copy of it costs 0.1 ms
    if (command == 0)
        run_command(launch); // NOLINT(clang-analyzer-unix.Vfork): writes nothing that we read
    if (command < 0) {
        nvb_child_die_kind(launch, NVB_E_IO, "allow more processes: a higher --pids or ulimit -u",
                           "cannot start a process: %s", strerrordesc_np(errno));
    }
    become_independent(launch);
    close_for_waiting(launch, signal_fd, &relay); /* the channel's end of file: it runs */
    wait_for_end(signal_fd, command, &relay);
}

_Noreturn void nvb_init_command(const struct nvb_launch *launch)
{
    close_for_command(launch);
    enter_workdir(launch);
    run_command(launch);
}
