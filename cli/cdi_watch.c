/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_watch.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "host/dir_watch.h"
#include "host/gpu_signs.h"
#include "host/uevent.h"
#include "kept_specs.h"
#include "refresh_child.h"
#include "service.h"

enum {
    LOOK_MS = 30000,            /* for what no event told */
    LOOK_OFTEN_MS = 5000,       /* where there are MIG devices, or no events */
    SETTLE_MS = 500,            /* a driver that loads makes its nodes one by one */
    SETTLE_MAX_MS = 5000,       /* but events without an end must not hold us off */
    SLOWER_MAX = 7,             /* doublings of SETTLE_MS: 64 s */
    RETRY_MS = 30000,           /* after a failure; doubled each time, since NVML may be asked */
    RETRY_MAX_MS = 3600 * 1000, /* and a GPU woken */
    CHILD_MS = 120000,          /* a driver that hangs keeps it, but not us */
    TOLD_MAX = 64,
};

enum waker {
    WAKER_CLOCK,
    WAKER_CHANGE, /* something that matters */
    WAKER_OTHER,
    WAKER_STOP,
};

struct watch {
    char *const *words;
    struct nvb_host *host; /* owned */
    struct kept_specs kept;
    struct nvb_dir_watch dirs;
    int event_fd;  /* owned; -1 = refused */
    int signal_fd; /* owned */
    sigset_t caller_mask;
    bool has_looked;
    char *signs;          /* owned; of the last look */
    struct nvb_strv told; /* complaints since all was well */
    unsigned n_wrote;     /* refreshes in a row that wrote: two who disagree must not race */
    int64_t retry_at_ms;
    int64_t retry_ms; /* 0 = the last refresh was good */
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void clear(struct watch *w)
{
    nvb_host_free(w->host);
    kept_specs_clear(&w->kept);
    nvb_dir_watch_clear(&w->dirs);
    if (w->event_fd >= 0)
        (void)close(w->event_fd);
    if (w->signal_fd >= 0)
        (void)close(w->signal_fd);
    free(w->signs);
    nvb_strv_clear(&w->told);
}

static bool catch_signals(struct watch *w, struct nvb_err *err)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, &w->caller_mask) < 0)
        return nvb_fail_errno(err, NVB_D_BASE, "cannot block signals");
    w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return w->signal_fd >= 0 || nvb_fail_errno(err, NVB_D_BASE, "cannot wait for signals");
}

static bool is_told_to_stop(const struct watch *w)
{
    struct signalfd_siginfo info;
    bool is_told = false;

    while (read(w->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        is_told = is_told || info.ssi_signo != SIGCHLD;
    return is_told;
}

static void tell_fallback(const struct nvb_err *err)
{
    (void)fprintf(stderr, "nvbind: %s; looking every %d seconds instead\n", err->lines[0],
                  LOOK_OFTEN_MS / 1000);
}

/* Both may be refused: a sandbox without netlink, a user at the limit of inotify. */
static void open_events(struct watch *w)
{
    nvb_auto_err err = { 0 };

    w->event_fd = nvb_uevents_open(&err);
    if (w->event_fd < 0)
        tell_fallback(&err);
    nvb_err_clear(&err);
    if (!nvb_dir_watch_open(&w->dirs, &err))
        tell_fallback(&err);
}

static bool add_dirs_of(struct watch *w, const struct nvb_strv *dirs)
{
    bool is_new = false;

    for (size_t i = 0; i < dirs->n; i++)
        is_new = nvb_dir_watch_add(&w->dirs, dirs->items[i], NULL) || is_new;
    return is_new;
}

/* True when something is watched from now on that was not before. */
static bool watch_dirs(struct watch *w)
{
    static const char *const dev[] = { "nvidia", "dri", "kfd", "dxg", NULL };
    static const char *const etc[] = { "cdi", "ld.so.cache", NULL };
    static const char *const run[] = { "cdi", "opengl-driver", "nvidia", NULL };

    static const struct {
        const char *path;
        const char *const *prefixes;
    } rows[] = {
        {"/dev",              dev },
        { "/dev/dri",         NULL},
        { "/dev/nvidia-caps", NULL},
        { "/etc",             etc },
        { "/etc/cdi",         NULL},
        { "/run",             run },
        { "/run/cdi",         NULL},
    };

    bool is_new = false;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        is_new = nvb_dir_watch_add(&w->dirs, rows[i].path, rows[i].prefixes) || is_new;
    for (size_t i = 0; i < w->kept.n; i++)
        is_new = add_dirs_of(w, &w->kept.items[i].dirs) || is_new;
    return is_new;
}

static enum waker wait_for(struct watch *w, int64_t until_ms)
{
    struct pollfd polled[] = {
        {.fd = w->signal_fd, .events = POLLIN},
        { .fd = w->event_fd, .events = POLLIN},
        { .fd = w->dirs.fd,  .events = POLLIN},
    };
    int64_t left = until_ms - now_ms();
    bool is_change = false;

    if (poll(polled, 3, left > 0 ? (int)left : 0) == 0)
        return WAKER_CLOCK;
    if (polled[0].revents && is_told_to_stop(w))
        return WAKER_STOP;
    is_change = polled[1].revents && nvb_uevents_drain(w->event_fd);
    is_change = (polled[2].revents && nvb_dir_watch_drain(&w->dirs)) || is_change;
    return is_change ? WAKER_CHANGE : WAKER_OTHER;
}

/* Until nothing has happened for a while. False when told to stop. */
static bool settle(struct watch *w)
{
    int64_t quiet_ms = (int64_t)SETTLE_MS << (w->n_wrote < SLOWER_MAX ? w->n_wrote : SLOWER_MAX);
    int64_t end = now_ms() + (quiet_ms > SETTLE_MAX_MS ? quiet_ms : SETTLE_MAX_MS);
    int64_t quiet = now_ms() + quiet_ms;

    for (;;) {
        switch (wait_for(w, quiet < end ? quiet : end)) {
        case WAKER_CLOCK:
            return true;
        case WAKER_STOP:
            return false;
        case WAKER_CHANGE:
            quiet = now_ms() + quiet_ms;
            break;
        case WAKER_OTHER:
            break;
        }
    }
}

/* Until it is time to look again. False when told to stop. */
static bool rest(struct watch *w)
{
    bool is_often = w->event_fd < 0 || w->dirs.fd < 0 || nvb_gpu_signs_has_mig(w->host);
    int64_t end = now_ms() + (is_often ? LOOK_OFTEN_MS : LOOK_MS);

    if (w->retry_ms > 0 && w->retry_at_ms < end)
        end = w->retry_at_ms;
    for (;;) {
        switch (wait_for(w, end)) {
        case WAKER_CLOCK:
            return true;
        case WAKER_STOP:
            return false;
        case WAKER_CHANGE:
            return settle(w);
        case WAKER_OTHER:
            break;
        }
    }
}

/* What stays wrong is said once. */
static void tell(struct watch *w, const char *text)
{
    if (!*text || nvb_strv_has(&w->told, text))
        return;
    if (w->told.n >= TOLD_MAX)
        nvb_strv_clear(&w->told);
    nvb_strv_add(&w->told, text);
    (void)fputs(text, stderr);
}

/* Wait for its end. False when told to stop: then it is on its own, and what it writes it writes
 * whole. */
static bool wait_for_child(struct watch *w, const struct refresh_child *child, int *out_status)
{
    int64_t end = now_ms() + CHILD_MS;

    while (!refresh_child_has_ended(child, out_status)) {
        struct pollfd polled = { .fd = w->signal_fd, .events = POLLIN };
        int64_t left = end - now_ms();

        if (poll(&polled, 1, left > 0 ? (int)left : 0) == 0) {
            (void)kill(child->pid, SIGKILL);
            *out_status = 128 + SIGKILL;
            return true;
        }
        if (is_told_to_stop(w)) {
            (void)kill(child->pid, SIGTERM);
            return false;
        }
    }
    return true;
}

static void plan_retry(struct watch *w, int status)
{
    int64_t next = w->retry_ms == 0 ? RETRY_MS : w->retry_ms * 2;

    if (status == 0)
        next = 0;
    w->retry_ms = next < RETRY_MAX_MS ? next : RETRY_MAX_MS;
    w->retry_at_ms = now_ms() + w->retry_ms;
}

/* What it wrote, and what was wrong, to those who listen to us. */
static void pass_on(struct watch *w, const struct refresh_child *child, int status)
{
    nvb_autofree char *out = refresh_child_dup_text(child->out_fd);
    nvb_autofree char *err =
        status < 128 ? refresh_child_dup_text(child->err_fd)
                     : nvb_xasprintf("nvbind: a refresh ended by signal %d\n", status - 128);

    (void)fputs(out, stdout);
    (void)fflush(stdout);
    w->n_wrote = *out ? w->n_wrote + 1 : 0;
    if (status == 0 && !*err)
        nvb_strv_clear(&w->told);
    tell(w, err);
}

/* False when told to stop. */
static bool refresh(struct watch *w)
{
    auto_refresh_child child = REFRESH_CHILD_INIT;
    nvb_auto_err err = { 0 };
    int status = EXIT_FAILURE;

    if (!refresh_child_start(&child, w->words, &w->caller_mask, &err)) {
        nvb_autofree char *line = nvb_xasprintf("nvbind: %s\n", err.lines[0]);

        tell(w, line);
    } else {
        if (!wait_for_child(w, &child, &status))
            return false;
        pass_on(w, &child, status);
    }
    plan_retry(w, status);
    return true;
}

static bool is_time_to_refresh(struct watch *w)
{
    nvb_auto_strv complaints = { 0 };
    char *signs = nvb_gpu_signs_dup(w->host);
    bool is_changed = !w->signs || strcmp(w->signs, signs) != 0;
    bool is_first = !w->has_looked;

    free(w->signs);
    w->signs = signs;
    w->has_looked = true;
    is_changed = kept_specs_look(&w->kept, w->host, w->words, &complaints) || is_changed;
    for (size_t i = 0; i < complaints.n; i++)
        tell(w, complaints.items[i]);
    if (is_first && *w->words) /* of a file that is not there, or not ours, it is told once */
        return true;
    if (w->retry_ms > 0 && now_ms() >= w->retry_at_ms)
        is_changed = true;
    /* What we wrote last may be gone again: it was not seen, so it cannot have changed. */
    return w->kept.n > 0 && (is_changed || w->n_wrote > 0);
}

/* False when told to stop. */
static bool look(struct watch *w)
{
    return !is_time_to_refresh(w) || refresh(w);
}

static void keep(struct watch *w)
{
    bool is_ready = false;

    (void)watch_dirs(w);
    do {
        do {
            if (!look(w))
                return;
            /* What happened between the look and the watch would be missed. */
        } while (watch_dirs(w));
        if (!is_ready)
            service_tell_ready();
        is_ready = true;
    } while (rest(w));
}

bool cdi_watch(char *const *words, struct nvb_err *err)
{
    struct watch w = {
        .words = words, .dirs = NVB_DIR_WATCH_INIT, .event_fd = -1, .signal_fd = -1
    };
    bool ok = nvb_host_open("/", &w.host, err) && catch_signals(&w, err);

    if (ok) {
        open_events(&w);
        keep(&w);
    }
    clear(&w);
    return ok;
}
