/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/supervision.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/dirs.h"

#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

static char *dup_program(void)
{
    nvb_autofree char *dir = nvb_dir_dup_supervisor();

    return nvb_xasprintf("%s/nvbind-supervisor", dir);
}

/* Before there is a container that nobody could stay with. */
bool nvb_supervision_check(struct nvb_err *err)
{
    nvb_autofree char *program = dup_program();

    if (access(program, X_OK) == 0)
        return true;
    nvb_fail_errno(err, NVB_D_RUN, "'%s' cannot be executed", program);
    return nvb_hint(err, "install nvbind again, or name its directory: NVBIND_LIBEXECDIR");
}

static void add_words(const struct nvb_supervision *s, struct nvb_strv *out)
{
    const struct nvb_request *request = s->record->request;
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[len > 0 ? len : 0] = '\0';
    nvb_strv_add(out, "nvbind-supervisor");
    nvb_strv_addf(out, "id=%s", s->record->id);
    if (request->name)
        nvb_strv_addf(out, "name=%s", request->name);
    nvb_strv_addf(out, "nvbind=%s", len > 0 ? self : "nvbind");
    nvb_strv_addf(out, "record=%d", s->record_fd);
    nvb_strv_addf(out, "run=%d", s->places->run_fd);
    nvb_strv_addf(out, "lock=%d", s->lock_fd);
    nvb_strv_addf(out, "process=%d", s->pid_fd);
    nvb_strv_addf(out, "started=%llu", (unsigned long long)s->started_ns);
    nvb_strv_addf(out, "begun=%llu", (unsigned long long)s->begun_ms);
    nvb_strv_addf(out, "restart=%u", (unsigned)request->restart);
    nvb_strv_addf(out, "restart-max=%u", request->restart_max);
    nvb_strv_addf(out, "failures=%u", s->count.failures);
    nvb_strv_addf(out, "delay=%u", s->count.delay_ms);
    if (request->is_auto_removed)
        nvb_strv_add(out, "rm=1");
    if (s->is_adopted)
        nvb_strv_add(out, "adopted=1");
    for (size_t i = 0; i < s->cgroups->n; i++)
        nvb_strv_addf(out, "cgroup=%s", s->cgroups->items[i]);
}

static void keep_open(int fd)
{
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, 0);
}

/* Only what it needs goes over: who waits for the end of a pipe of ours would wait for that of the
 * container. */
bool nvb_supervision_begin(const struct nvb_supervision *s, struct nvb_err *err)
{
    nvb_autofree char *program = dup_program();
    nvb_auto_strv words = { 0 };

    add_words(s, &words);
    (void)syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    keep_open(s->record_fd);
    keep_open(s->places->run_fd);
    keep_open(s->lock_fd);
    keep_open(s->pid_fd);
    for (size_t i = 0; i < NVB_HELD_MAX; i++)
        keep_open(s->held_fds[i]);
    (void)execv(program, words.items);
    return nvb_fail_errno(err, NVB_D_RUN, "'%s' cannot be executed", program);
}

/* Driver views that the last run held, say: everything but the lock and what is open anyway. */
static void close_inherited(int lock_fd)
{
    for (int fd = 3; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);

        if (fd != lock_fd && flags >= 0 && !(flags & FD_CLOEXEC))
            (void)close(fd);
    }
}

bool nvb_supervision_inherit(const struct nvb_places *places,
                             const char *id,
                             struct nvb_presence *out,
                             struct nvb_err *err)
{
    const char *text = getenv(NVB_SUPERVISION_VARIABLE);
    uint64_t lock_fd = 0;

    if (!text || !nvb_parse_u64(text, INT32_MAX, &lock_fd))
        return false;
    (void)unsetenv(NVB_SUPERVISION_VARIABLE);
    close_inherited((int)lock_fd);
    return nvb_presence_inherit(places->run_fd, id, (int)lock_fd, out, err);
}

void nvb_supervision_bequeath(const struct nvb_presence *presence)
{
    nvb_autofree char *lock = nvb_xasprintf("%d", presence->lock_fd);

    keep_open(presence->lock_fd);
    (void)setenv(NVB_SUPERVISION_VARIABLE, lock, 1);
}

static void become_nvbind(const struct nvb_presence *presence, const char *command)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)setsid();
    for (int fd = 0; fd <= 2 && null_fd >= 0; fd++)
        (void)dup2(null_fd, fd);
    (void)syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    nvb_supervision_bequeath(presence);
    (void)execl("/proc/self/exe", "nvbind", command, presence->id, (char *)NULL);
}

void nvb_supervision_hand_over(struct nvb_presence *presence, const char *command)
{
    pid_t pid = fork();

    if (pid == 0) {
        become_nvbind(presence, command);
        _exit(EXIT_FAILURE);
    }
    nvb_presence_clear(presence);
}
