/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdi_files.h"
#include "cdi_watch.h"
#include "cmd.h"
#include "resolve/cdi_check.h"
#include "say.h"

struct options {
    bool has_watch;
};

static const struct opt opts[] = {
    {OPT_FLAG, 0, "watch", NULL, "go on, and mend whenever devices or files change",
     offsetof(struct options, has_watch), NULL },
    { .type = OPT_END},
};

static bool write_anew(const struct nvb_host *host,
                       const char *path,
                       const struct nvb_cdi_verdict *verdict,
                       struct nvb_err *err)
{
    const struct nvb_cdi_file_text file = { .path = path,
                                            .spec = verdict->text,
                                            .told = verdict->stamp };

    return cdi_files_write(host, &file, &verdict->view, err);
}

/* A view of the same name whose files were changed would be taken for good. */
static bool
mend_view(const struct nvb_host *host, struct nvb_cdi_verdict *verdict, struct nvb_err *err)
{
    if (!verdict->is_ours || !verdict->view.name || verdict->reasons.n > 0)
        return true;
    cdi_files_check_view(verdict);
    return verdict->reasons.n == 0 || nvb_cdi_view_replace(host, &verdict->view, err);
}

static bool refresh_one(const struct nvb_host *host, const char *path, struct nvb_err *err)
{
    nvb_auto_cdi_verdict verdict = { 0 };

    if (!nvb_cdi_check(host, path, &verdict, err) || !mend_view(host, &verdict, err))
        return false;
    if (!verdict.is_ours || verdict.reasons.n == 0)
        return true;
    if (!verdict.text) {
        return nvb_fail(err, NVB_D_CDI, NVB_E_CONFLICT, "'%s' is stale and %s", path,
                        verdict.reasons.items[verdict.reasons.n - 1]);
    }
    if (!write_anew(host, path, &verdict, err))
        return false;
    say(stdout, "refreshed %s: %s", path, verdict.reasons.items[0]);
    (void)fflush(stdout);
    for (size_t i = 0; i < verdict.notes.n; i++)
        say(stderr, "nvbind: %s", verdict.notes.items[i]);
    return true;
}

/* Every file, also when one fails; the first failure is told. */
static bool refresh_all(char *const *words, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_strv paths = { 0 };
    bool ok = true;

    if (!nvb_host_open("/", &host, err))
        return false;
    cdi_files_find(host, words, &paths);
    for (size_t i = 0; i < paths.n; i++) {
        nvb_auto_err one = { 0 };

        if (!refresh_one(host, paths.items[i], ok ? err : &one))
            ok = false;
    }
    return ok;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = EXIT_SUCCESS;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (o.has_watch ? cdi_watch(words, &err) : refresh_all(words, &err))
        return EXIT_SUCCESS;
    nvb_while(&err, "a specification could not be refreshed");
    return cmd_complain(&err, false);
}

const struct cmd cmd_cdi_refresh = {
    .name = "nvbind cdi refresh",
    .operands = "[FILE]...",
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
