/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "image/fetcher.h"
#include "image/store.h"
#include "say.h"

struct options {
    bool is_quick;
    bool may_repair;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_FLAG,                             'q', "quick", NULL, "do not read the contents of files",
     offsetof(struct options, is_quick), NULL },
    { OPT_FLAG,                             'r', "repair", NULL, "remove what is broken", offsetof(struct options, may_repair),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static bool is_there(bool *out_is_there, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;

    if (!nvb_store_open(NULL, NVB_STORE_READ, &store, err))
        return false;
    *out_is_there = nvb_store_fd(store) >= 0;
    return true;
}

static uint64_t get_count(const struct nvb_json *done, const char *key)
{
    uint64_t n = 0;

    (void)nvb_json_read_u64(nvb_json_get(done, key), &n);
    return n;
}

/* How many faults are still there. */
static size_t count_left(const struct nvb_json *done)
{
    const struct nvb_json *faults = nvb_json_get(done, "faults");
    size_t n = 0;

    for (size_t i = 0; i < nvb_json_length(faults); i++)
        n += !nvb_json_get_bool(nvb_json_at(faults, i), "repaired");
    return n;
}

static void print_text(const struct nvb_json *done)
{
    const struct nvb_json *faults = nvb_json_get(done, "faults");

    for (size_t i = 0; i < nvb_json_length(faults); i++) {
        const struct nvb_json *row = nvb_json_at(faults, i);
        const char *text = nvb_json_get_str(row, "text");

        say(stdout, "%s%s",
            nvb_json_get_bool(row, "repaired") ? "repaired: " : "fault: ", text ? text : "?");
    }
    printf("images: %llu, layers: %llu, blobs: %llu, faults: %zu\n",
           (unsigned long long)get_count(done, "images"),
           (unsigned long long)get_count(done, "layers"),
           (unsigned long long)get_count(done, "blobs"), nvb_json_length(faults));
    if (get_count(done, "unused") + get_count(done, "leftovers") > 0) {
        printf(
            "unused layers: %llu, leftovers of ended processes: %llu; 'nvbind prune' removes them\n",
            (unsigned long long)get_count(done, "unused"),
            (unsigned long long)get_count(done, "leftovers"));
    }
}

static int check(const struct options *o)
{
    nvb_autoptr(nvb_json) request = nvb_json_new_object();
    nvb_autoptr(nvb_json) done = NULL;
    nvb_auto_err err = { 0 };
    bool has_store = false;

    nvb_json_set_bool(request, "quick", o->is_quick);
    if (!is_there(&has_store, &err))
        return cmd_complain(&err, o->as_json);
    if (!has_store) {
        done = nvb_json_new_object();
    } else if (!nvb_fetcher_run(o->may_repair ? "repair" : "check", request, NULL, &done, &err)) {
        (void)cmd_complain(&err, o->as_json);
        return EXIT_FAILURE;
    }
    if (o->as_json) {
        nvb_json_print(done, stdout);
    } else {
        print_text(done);
    }
    return count_left(done) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    return cmd_parse(cmd, argc, argv, &o, NULL, &status) ? check(&o) : status;
}

const struct cmd cmd_store_check = {
    .name = "nvbind store check",
    .summary = "prove that all images are what was pulled or imported",
    .details =
        "Reads every file of every layer and holds it against what was unpacked; --quick looks at\n"
        "names, manifests and marks alone. Exit status 1 when something is broken; --repair removes\n"
        "it, so that it can be pulled or imported again.",
    .opts = opts,
    .run = run,
};
