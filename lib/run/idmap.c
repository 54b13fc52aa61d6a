/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum {
    /* Above systemd's container range (524288-1879048191), below 2^31, where some tools end. */
    RANGE_FIRST = 0x70000000,
    RANGE_LAST = 0x7fff0000,
    ACCOUNTS_MAX = 16 << 20,
};

/* The decimal number at the start of a field, or false when there is none that ends with it. */
static bool parse_id(const char *field, uint64_t *out)
{
    nvb_autofree char *digits = nvb_xstrndup(field, strcspn(field, ":"));

    return nvb_parse_u64(digits, UINT32_MAX, out);
}

/* Does a line's id, or the range that starts with it, touch [base, base + NVB_ID_RANGE)? What
 * cannot be read touches nothing: no tool will use it either. */
static bool line_touches(const char *line, const struct nvb_id_file *file, uint64_t base)
{
    const char *p = line;
    uint64_t start = 0;
    uint64_t count = 1;

    for (unsigned field = 0; field < file->field; field++) {
        p = strchr(p, ':');
        if (!p)
            return false;
        p++;
    }
    if (!parse_id(p, &start))
        return false;
    p = strchr(p, ':');
    if (file->is_range && (!p || !parse_id(p + 1, &count)))
        return false;
    return start < base + NVB_ID_RANGE && start + count > base;
}

static bool file_touches(const struct nvb_id_file *file, uint64_t base)
{
    const char *text = file->text ? file->text : "";

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        nvb_autofree char *copy = nvb_xstrndup(line, strcspn(line, "\n"));

        if (line_touches(copy, file, base))
            return true;
    }
    return false;
}

bool nvb_idmap_choose_range(const struct nvb_id_file *files,
                            size_t n,
                            unsigned *out_base,
                            struct nvb_err *err)
{
    for (uint64_t base = RANGE_FIRST; base <= RANGE_LAST; base += NVB_ID_RANGE) {
        bool is_free = true;

        for (size_t i = 0; i < n && is_free; i++)
            is_free = !file_touches(&files[i], base);
        if (is_free) {
            *out_base = (unsigned)base;
            return true;
        }
    }
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "no range of %d ids is free on this host",
             NVB_ID_RANGE);
    return nvb_hint(err, "free one between %d and %d in /etc/subuid and /etc/subgid", RANGE_FIRST,
                    RANGE_LAST);
}

bool nvb_idmap_find_range(unsigned *out_base, struct nvb_err *err)
{
    static const char *const paths[] = { "/etc/passwd", "/etc/group", "/etc/subuid",
                                         "/etc/subgid" };
    struct nvb_id_file files[] = {
        {.field = 2},
        {          .field = 2        },
        { .field = 1,         .is_range = true },
        {        .field = 1,         .is_range = true },
    };
    size_t n = sizeof(files) / sizeof(files[0]);
    bool ok = false;

    for (size_t i = 0; i < n; i++) {
        nvb_auto_err absent = { 0 };

        (void)nvb_read_file(AT_FDCWD, paths[i], ACCOUNTS_MAX, &files[i].text, NULL, &absent);
    }
    ok = nvb_idmap_choose_range(files, n, out_base, err);
    for (size_t i = 0; i < n; i++)
        free(files[i].text);
    return ok;
}

/* The lines of uid_map: first id here, first id outside, how many. */
bool nvb_idmap_has_range(bool *out_is_range, struct nvb_err *err)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    bool is_machines = false;

    *out_is_range = geteuid() == 0;
    if (!*out_is_range ||
        !nvb_read_file(AT_FDCWD, "/proc/self/uid_map", ACCOUNTS_MAX, &text, NULL, &ignored))
        return true;
    for (char *p = text; *p; p += *p == '\n') {
        unsigned long long inside = strtoull(p, &p, 10);
        unsigned long long outside = strtoull(p, &p, 10);
        unsigned long long count = strtoull(p, &p, 10);

        if (inside <= RANGE_FIRST &&
            inside + count >= (unsigned long long)RANGE_LAST + NVB_ID_RANGE)
            return true;
        is_machines = is_machines || (inside == 0 && outside == 0);
        p += strcspn(p, "\n");
    }
    *out_is_range = false;
    if (!is_machines)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
             "root is the machine's own here but has none of the ids above %d", RANGE_FIRST);
    return nvb_hint(err, "start as another user, or outside of this container");
}

static bool write_proc(pid_t pid, const char *file, const char *text, struct nvb_err *err)
{
    char path[64];
    nvb_autoclose int fd = -1;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || !nvb_write_all(fd, text, strlen(text))) {
        int saved = errno;

        nvb_fail_errno(err, NVB_D_RUN, "cannot write the container's %s", file);
        if (saved == ENOENT && access("/proc/self", F_OK) < 0)
            return nvb_hint(err, "mount -t proc proc /proc");
        if (saved == EPERM && geteuid() == 0) {
            return nvb_hint(err, "root lacks CAP_SETUID or CAP_SETGID here: give both to the "
                                 "outer container, as with --cap-add SETUID --cap-add SETGID");
        }
        return false;
    }
    return true;
}

static bool write_one(pid_t pid,
                      const char *file,
                      unsigned inside,
                      unsigned outside,
                      unsigned count,
                      struct nvb_err *err)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%u %u %u\n", inside, outside, count);
    return write_proc(pid, file, text, err);
}

bool nvb_idmap_write(const struct nvb_launch *launch, pid_t pid, struct nvb_err *err)
{
    const struct nvb_container *c = launch->container;

    if (launch->is_range) {
        return write_one(pid, "uid_map", 0, launch->range_base, NVB_ID_RANGE, err) &&
               write_one(pid, "gid_map", 0, launch->range_base, NVB_ID_RANGE, err);
    }
    /* An ordinary user may map a group only after giving up setgroups(2). */
    return write_one(pid, "uid_map", c->uid, geteuid(), 1, err) &&
           write_proc(pid, "setgroups", "deny", err) &&
           write_one(pid, "gid_map", c->gid, getegid(), 1, err);
}

/* It only keeps the namespace alive until that is open; no longer than its parent lives. */
_Noreturn static void hold_namespace(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    for (;;)
        (void)pause();
}

int nvb_idmap_open_namespace(unsigned disk_uid,
                             unsigned shown_uid,
                             unsigned disk_gid,
                             unsigned shown_gid,
                             struct nvb_err *err)
{
    struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    pid_t parent = getpid();
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    char path[64];
    int fd = -1;

    if (pid == 0)
        hold_namespace(parent);
    if (pid < 0) {
        nvb_fail_errno(err, NVB_D_RUN, "cannot make a user namespace for a volume");
        return -1;
    }
    if (write_one(pid, "uid_map", disk_uid, shown_uid, 1, err) &&
        write_one(pid, "gid_map", disk_gid, shown_gid, 1, err)) {
        (void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            nvb_fail_errno(err, NVB_D_RUN, "cannot open the user namespace of a volume");
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return fd;
}
