/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cdi_files.h"
#include "cmd.h"
#include "resolve/cdi_check.h"
#include "say.h"

struct options {
    bool as_json;
    const char *root;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    OPT_ROOT(offsetof(struct options, root)),
    { .type = OPT_END },
};

static void tell(const char *path, const struct nvb_cdi_verdict *verdict, struct nvb_json *rows)
{
    if (rows) {
        struct nvb_json *row = nvb_json_new_object();

        nvb_json_set_str(row, "file", path);
        nvb_json_set_bool(row, "ours", verdict->is_ours);
        nvb_json_set_bool(row, "good", verdict->reasons.n == 0);
        nvb_json_set(row, "reasons", nvb_json_new_strv(&verdict->reasons));
        nvb_json_append(rows, row);
        return;
    }
    say(stdout, "%s  %s", verdict->reasons.n ? "stale" : "good ", path);
    for (size_t i = 0; i < verdict->reasons.n; i++)
        say(stdout, "       %s", verdict->reasons.items[i]);
    if (verdict->reasons.n > 0) {
        printf("       fix: %s\n",
               verdict->is_ours
                   ? "nvbind cdi refresh"
                   : "make it anew with the program that made it, or: nvbind cdi generate");
    }
}

/* True when every file is good. */
static bool check_all(const struct nvb_host *host,
                      const struct nvb_strv *paths,
                      struct nvb_json *rows,
                      struct nvb_err *err)
{
    bool is_good = true;

    for (size_t i = 0; i < paths->n; i++) {
        nvb_auto_cdi_verdict verdict = { 0 };

        if (!nvb_cdi_check(host, paths->items[i], &verdict, err))
            return false;
        if (host->is_live)
            cdi_files_check_view(&verdict);
        tell(paths->items[i], &verdict, rows);
        is_good = is_good && verdict.reasons.n == 0;
    }
    return is_good;
}

static int check(const struct options *o, char *const *words)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_json) rows = o->as_json ? nvb_json_new_array() : NULL;
    nvb_auto_strv paths = { 0 };
    nvb_auto_err err = { 0 };
    bool is_good = false;

    if (nvb_host_open(o->root ? o->root : "/", &host, &err)) {
        cdi_files_find(host, words, &paths);
        is_good = check_all(host, &paths, rows, &err);
    }
    if (err.n_lines > 0)
        return cmd_complain(&err, o->as_json);
    if (rows) {
        nvb_json_print(rows, stdout);
    } else if (paths.n == 0) {
        printf("there is no CDI specification in /etc/cdi or /run/cdi\n");
    }
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return check(&o, words);
}

const struct cmd cmd_cdi_check = {
    .name = "nvbind cdi check",
    .operands = "[FILE]...",
    .summary = "tell whether specifications are still true of this machine",
    .details =
        "Looks at every file of /etc/cdi and /run/cdi, or at those named, whoever made them: nodes\n"
        "that are gone or have other numbers, files that an update took away, a driver view that is\n"
        "gone or whose files were changed. One that nvbind wrote is made anew and compared. Exit\n"
        "status 1 when one is stale.",
    .opts = opts,
    .run = run,
};
