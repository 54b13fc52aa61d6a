/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "cdi_files.h"
#include "cmd.h"
#include "resolve/cdi_check.h"

enum {
    LOOK_AGAIN_MS = 30000, /* an update of packages sends no event */
    SETTLE_MS = 500,       /* a driver that loads makes its nodes one by one */
};

struct refresh_options {
    bool has_watch;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "watch", NULL, "go on, and mend whenever devices or files change",
     offsetof(struct refresh_options, has_watch), NULL },
    { .type = OPT_END},
};

static bool write_anew(const char *path, const struct nvb_cdi_verdict *verdict, struct nvb_err *err)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", path);

    return nvb_write_file(AT_FDCWD, path, verdict->text, strlen(verdict->text), 0644, err) &&
           nvb_write_file(AT_FDCWD, beside, verdict->stamp, strlen(verdict->stamp), 0644, err);
}

static bool refresh_one(const struct nvb_host *host, const char *path, struct nvb_err *err)
{
    nvb_auto_cdi_verdict verdict = { 0 };

    if (!nvb_cdi_check(host, path, &verdict, err))
        return false;
    if (!verdict.is_ours || verdict.reasons.n == 0)
        return true;
    if (!verdict.text) {
        return nvb_fail(err, NVB_D_CDI, NVB_E_CONFLICT, "'%s' is stale and %s", path,
                        verdict.reasons.items[verdict.reasons.n - 1]);
    }
    if (!write_anew(path, &verdict, err))
        return false;
    printf("refreshed %s: %s\n", path, verdict.reasons.items[0]);
    (void)fflush(stdout);
    for (size_t i = 0; i < verdict.notes.n; i++)
        (void)fprintf(stderr, "nvbind: %s\n", verdict.notes.items[i]);
    return true;
}

/* Every file, also when one fails; the first failure is told. */
static bool refresh_all(int n_words, char *const *words, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_strv paths = { 0 };
    bool ok = true;

    if (!nvb_host_open("/", &host, err))
        return false;
    cdi_files_find(host, n_words, words, &paths);
    for (size_t i = 0; i < paths.n; i++) {
        nvb_auto_err one = { 0 };

        if (!refresh_one(host, paths.items[i], ok ? err : &one))
            ok = false;
    }
    return ok;
}

/* The kernel's own events: every user may listen (netlink(7), NETLINK_KOBJECT_UEVENT, group 1). */
static int open_events(void)
{
    struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* Does a waiting event touch GPUs: "ACTION@/devices/..." and then "NAME=value" strings? */
static bool has_gpu_event(int fd)
{
    static const char *const words[] = { "/drm/",        "nvidia",     "/module/amdgpu",
                                         "/module/i915", "/module/xe", "kfd" };
    bool is_found = false;
    char event[8192];
    ssize_t len = 0;

    while ((len = recv(fd, event, sizeof(event) - 1, 0)) > 0) {
        event[len] = '\0';
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            is_found = is_found || strstr(event, words[i]);
    }
    return is_found;
}

_Noreturn static void watch(int n_words, char *const *words)
{
    nvb_autoclose int fd = open_events();

    for (;;) {
        struct pollfd polled = { .fd = fd, .events = POLLIN };
        nvb_auto_err err = { 0 };
        int n = poll(&polled, fd >= 0, LOOK_AGAIN_MS);

        if (n > 0 && !has_gpu_event(fd))
            continue;
        if (n > 0)
            (void)usleep(SETTLE_MS * 1000);
        if (!refresh_all(n_words, words, &err)) {
            nvb_while(&err, "a specification could not be refreshed");
            (void)cmd_complain(&err, false);
        }
    }
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct refresh_options o = { 0 };
    nvb_auto_err err = { 0 };
    int rest = 0;
    int status = EXIT_SUCCESS;

    if (!cmd_parse(cmd, argc, argv, &o, &rest, &status))
        return status;
    if (!refresh_all(argc - rest, argv + rest, &err)) {
        nvb_while(&err, "a specification could not be refreshed");
        status = cmd_complain(&err, false);
    }
    if (o.has_watch)
        watch(argc - rest, argv + rest);
    return status;
}

const struct cmd cmd_cdi_refresh = {
    .name = "refresh",
    .synopsis = "cdi refresh [--watch] [FILE]...",
    .summary = "make stale specifications of ours anew",
    .details =
        "Looks at every file of /etc/cdi and /run/cdi, or at those named, and replaces those that\n"
        "nvbind cdi generate --output wrote and that are stale, each at once: a reader sees the old one\n"
        "or the new one. With --watch it goes on: it listens to the kernel's events and looks again\n"
        "every 30 seconds.",
    .opts = opts,
    .run = run,
};
