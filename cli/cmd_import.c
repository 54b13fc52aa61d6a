/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "image/compose.h"
#include "image/import.h"
#include "image/reference.h"
#include "say.h"

struct options {
    bool as_json;
    const char *ref;
    const char *platform;
    struct nvb_strv changes;
};

static const struct opt opts[] = {
    {OPT_LIST,                                                        'c', "change", "LINE",
     "a line of a Dockerfile for a root file system: CMD [\"/app\"]", offsetof(struct options, changes), NULL },
    { OPT_STRING,                                                       0, "platform", "OS/ARCH", "what the image is for, when it is not this machine",
     offsetof(struct options, platform), NULL },
    { OPT_STRING, 0, "ref", "NAME", "which image of a file that has several",
     offsetof(struct options, ref), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END                                                      },
};

static void on_event(void *data, const char *name, const struct nvb_json *event)
{
    struct nvb_strv *notes = data;
    const char *text = nvb_json_get_str(event, "text");

    if (strcmp(name, "note") == 0 && text)
        nvb_strv_add(notes, text);
    if (strcmp(name, "waiting") == 0)
        say(stderr, "nvbind: waiting for another process that makes the same layer");
}

/* What is wrong with the command's words is told before any file is read. */
static bool check_words(const char *name, const struct options *o, struct nvb_err *err)
{
    nvb_auto_reference reference = { 0 };
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));
    nvb_autofree char *storage = NULL;
    struct nvb_platform platform;

    if (!nvb_reference_parse(name, &reference, err) ||
        (o->platform && !nvb_platform_parse(o->platform, &platform, &storage, err)))
        return false;
    for (size_t i = 0; i < o->changes.n; i++) {
        if (!nvb_compose_change(config, o->changes.items[i], err))
            return false;
    }
    return true;
}

static void print_as_json(const struct nvb_import_result *result, const struct nvb_strv *notes)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set_str(json, "name", result->name);
    nvb_json_set_str(json, "digest", result->digest);
    nvb_json_set_u64(json, "layers", result->n_layers);
    nvb_json_set_u64(json, "made", result->n_made);
    nvb_json_set(json, "notes", nvb_json_new_strv(notes));
    nvb_json_print(json, stdout);
}

/* A name that stays this image, as pull's answer: "docker.io/library/app@sha256:...". */
static void print_pinned(const struct nvb_import_result *result)
{
    nvb_auto_reference reference = { 0 };
    nvb_autofree char *name = NULL;
    nvb_auto_err ignored = { 0 };

    if (nvb_reference_parse(result->name, &reference, &ignored))
        name = nvb_reference_dup_name(&reference, false);
    say(stdout, "%s@%s", name ? name : result->name, result->digest);
}

static int import(const char *path, const char *name, const struct options *o)
{
    const struct nvb_import_options options = { .ref = o->ref,
                                                .platform = o->platform,
                                                .changes = o->changes };
    nvb_auto_strv notes = { 0 };
    const struct nvb_fetch_watch watch = { .event = on_event, .data = &notes };
    nvb_auto_import_result result = { 0 };
    nvb_auto_err err = { 0 };

    if (!check_words(name, o, &err)) {
        err.domain = NVB_D_REQUEST;
        return cmd_complain(&err, o->as_json);
    }
    if (!nvb_image_import(path, name, &options, &watch, &result, &err)) {
        (void)cmd_complain(&err, o->as_json); /* what stands in a file is nobody's word here */
        return EXIT_FAILURE;
    }
    if (o->as_json) {
        print_as_json(&result, &notes);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < notes.n; i++)
        say(stderr, "nvbind: %s", notes.items[i]);
    print_pinned(&result);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, &words, &status))
        status = import(words[0], words[1], &o);
    nvb_strv_clear(&o.changes);
    return status;
}

const struct cmd cmd_import = {
    .name = "nvbind import",
    .operands = "PATH NAME",
    .summary = "make an image of a file or directory",
    .details =
        "PATH is a file that `docker save`, `podman save` or `skopeo copy` wrote, an archive of an OCI\n"
        "layout, or one of a root file system; plain, or packed by gzip or zstd. Or it is a directory:\n"
        "an OCI layout or a root file system. \"-\" is standard input. A root file system becomes an\n"
        "image of one layer; --change says what it runs.\n"
        "\n"
        "Nothing that is read here is trusted: it is unpacked by a process of its own that sees\n"
        "nothing but the store. Device nodes are left out.",
    .opts = opts,
    .run = run,
};
