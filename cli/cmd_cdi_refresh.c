/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cdi_files.h"
#include "cdi_watch.h"
#include "cmd.h"
#include "resolve/cdi_check.h"

enum {
    LITTER_S = 600, /* no write takes that long */
};

struct refresh_options {
    bool has_watch;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "watch", NULL, "go on, and mend whenever devices or files change",
     offsetof(struct refresh_options, has_watch), NULL },
    { .type = OPT_END},
};

static bool write_both(const char *path, const struct nvb_cdi_verdict *verdict, struct nvb_err *err)
{
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", path);

    nvb_sweep_writes(AT_FDCWD, path, LITTER_S);
    nvb_sweep_writes(AT_FDCWD, beside, LITTER_S);
    return nvb_write_file(AT_FDCWD, path, verdict->text, strlen(verdict->text), 0644, err) &&
           nvb_write_file(AT_FDCWD, beside, verdict->stamp, strlen(verdict->stamp), 0644, err);
}

/* Who is told to stop while writing stops afterwards, and leaves no temporary file. */
static bool write_anew(const char *path, const struct nvb_cdi_verdict *verdict, struct nvb_err *err)
{
    sigset_t stops;
    sigset_t before;
    bool ok = true;

    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &stops, &before);
    ok = write_both(path, verdict, err);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
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

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct refresh_options o = { 0 };
    nvb_auto_err err = { 0 };
    int rest = 0;
    int status = EXIT_SUCCESS;
    bool ok = true;

    if (!cmd_parse(cmd, argc, argv, &o, &rest, &status))
        return status;
    ok = o.has_watch ? cdi_watch(argc - rest, argv + rest, &err)
                     : refresh_all(argc - rest, argv + rest, &err);
    if (ok)
        return EXIT_SUCCESS;
    nvb_while(&err, "a specification could not be refreshed");
    return cmd_complain(&err, false);
}

const struct cmd cmd_cdi_refresh = {
    .name = "refresh",
    .synopsis = "cdi refresh [--watch] [FILE]...",
    .summary = "make stale specifications of ours anew",
    .details =
        "Looks at every file of /etc/cdi and /run/cdi, or at those named, and replaces those that\n"
        "nvbind cdi generate --output wrote and that are stale, each at once: a reader sees the old one\n"
        "or the new one. One that is gone is made again as long as FILE.nvbind stands beside it; remove\n"
        "both to be rid of it. With --watch it goes on: it hears GPUs, modules, nodes and driver files\n"
        "come and go, looks every 30 seconds besides (5 where MIG is possible), and wakes no GPU for\n"
        "that; only when something has changed it finds out what.",
    .opts = opts,
    .run = run,
};
